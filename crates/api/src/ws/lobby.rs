//! The plain text lobby: a nickname first, then lines, both ways as `name:content`. What a guest may do is the domain's to
//! say.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_domain::{Actor, Error, Result, SocketId, lobby, messages, records::LOBBY, rooms, text};
use chinwag_proto::{
    CloseCode, ErrorCode, Sentence,
    ws::{self, Opcode},
};
use chinwag_realtime::Sink;
use parking_lot::Mutex;

use super::{
    WsState, log,
    serve::Handler,
    session::{Action, Refusal},
    socket::Conn,
};
use crate::limits::line_of;

/// Guests at the same time, and how many of them one address may be.
const GUESTS: usize = 500;
const GUESTS_PER_ADDRESS: usize = 20;
/// When to come back to an address that has too many guests.
const COME_BACK: Duration = Duration::from_secs(10);
/// How long a guest may take to give a name.
const NAME_PATIENCE: Duration = Duration::from_secs(10);

/// Who is in the lobby.
#[derive(Debug, Default)]
pub struct Guests(Arc<Mutex<Present>>);

#[derive(Debug, Default)]
struct Present {
    /// By the line they come over.
    places: HashMap<i64, usize>,
    /// The keys of the guests' names and looks.
    taken: HashSet<GuestKey>,
}

/// What one guest has and no other may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum GuestKey {
    Name(String),
    Look(String),
}

/// A guest's place and name, free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    guests: Arc<Mutex<Present>>,
    line: i64,
    keys: Vec<GuestKey>,
}

impl Guests {
    /// A place for somebody from this address, if there is one.
    pub fn admit(&self, address: IpAddr) -> Result<Place> {
        let mut guests = self.0.lock();
        let line = line_of(address);
        let here = guests.places.get(&line).copied().unwrap_or_default();
        if here >= GUESTS_PER_ADDRESS {
            return Err(
                Error::rate_limited(COME_BACK).with_message(Sentence::GuestsOfAddress { max: GUESTS_PER_ADDRESS })
            );
        }
        if guests.places.values().sum::<usize>() >= GUESTS {
            return Err(Error::from(ErrorCode::Unavailable).with_message(Sentence::LobbyFull));
        }
        guests.places.insert(line, here + 1);
        Ok(Place { guests: self.0.clone(), line, keys: Vec::new() })
    }
}

impl Place {
    /// Keeps the name for this guest alone, unless another one has it, or one that looks like it.
    fn take_name(&mut self, name: &str) -> Result<()> {
        let keys = [GuestKey::Name(text::name_key(name)), GuestKey::Look(text::look_key(name))];
        let mut guests = self.guests.lock();
        if keys.iter().any(|key| guests.taken.contains(key)) {
            return Err(Error::from(ErrorCode::UsernameTaken).with_message(Sentence::NameOfAGuest));
        }
        guests.taken.extend(keys.clone());
        self.keys = keys.into();
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut guests = self.guests.lock();
        for key in &self.keys {
            guests.taken.remove(key);
        }
        if let Entry::Occupied(mut here) = guests.places.entry(self.line) {
            *here.get_mut() -= 1;
            if *here.get() == 0 {
                here.remove();
            }
        }
    }
}

/// Serves those without an account.
pub struct GuestHandler {
    state: WsState,
    place: Place,
    /// Known from the first line on.
    guest: Option<Actor>,
    name_due: Instant,
}

impl GuestHandler {
    pub fn new(state: WsState, place: Place) -> Self {
        Self { state, place, guest: None, name_due: Instant::now() + NAME_PATIENCE }
    }

    /// The first line is the name.
    async fn enter(&mut self, conn: &Arc<Conn>, name: &str) -> Result<()> {
        let guest = lobby::admit(&self.state.chat, name.trim()).await?;
        let guest = Actor { socket: Some(SocketId(conn.id())), ..guest };
        self.place.take_name(&guest.username)?;
        let permit = rooms::listen(&self.state.chat, &guest, LOBBY).await?;
        let sink: Arc<dyn Sink> = conn.clone();
        if !self.state.hub.hold(&sink, &permit).await {
            return Err(ErrorCode::Unavailable.into());
        }
        let head = messages::head(&self.state.chat, &guest, LOBBY).await?;
        self.state.hub.release(conn.id(), LOBBY, head);
        self.guest = Some(guest);
        Ok(())
    }

    async fn heard(&mut self, conn: &Arc<Conn>, line: &str) {
        match &self.guest {
            Some(guest) => {
                if let Err(error) = lobby::say(&self.state.chat, guest, line).await {
                    say(conn, error);
                }
            }
            None => {
                if let Err(error) = self.enter(conn, line).await {
                    let reason = format!("name refused: {}", error.code.as_str());
                    say(conn, error);
                    conn.close_with(ws::close_frame(CloseCode::Policy as u16, &reason));
                }
            }
        }
    }
}

impl Handler for GuestHandler {
    fn greet(&self, _: &Conn) {}

    fn deadline(&self) -> Option<Instant> {
        self.guest.is_none().then_some(self.name_due)
    }

    fn spend(&self, _: &Conn, bytes: usize) -> Result<()> {
        // Guests share one user id, and connections cost nothing: whoever comes over one line has one budget.
        self.state.budget.spend(self.place.line, bytes)
    }

    fn run<'a>(&'a mut self, conn: &'a Arc<Conn>, action: Action) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            match action {
                Action::Say(line) => self.heard(conn, &line).await,
                Action::Refuse(refusal) => say(conn, refusal.error),
                Action::Run(_) | Action::Post(_) | Action::Send(_) | Action::Close(_) => {}
            }
        })
    }
}

/// A sentence for whoever sits at the terminal.
fn say(conn: &Conn, error: Error) {
    let failed = Refusal { error, client_id: None, room_id: Some(LOBBY) };
    log(conn, &failed);
    conn.send(&line(&failed.error.first_sentence(conn.language())));
}

fn line(text: &str) -> Bytes {
    ws::frame(Opcode::Text, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_every_place_and_a_place_is_free_again() {
        let guests = Guests::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let mut places: Vec<Place> = (0..GUESTS_PER_ADDRESS).filter_map(|_| guests.admit(one).ok()).collect();
        assert_eq!(places.len(), GUESTS_PER_ADDRESS);
        assert_eq!(guests.admit(one).expect_err("full").code, ErrorCode::RateLimited);
        assert!(guests.admit(other).is_ok());
        places.pop();
        assert!(guests.admit(one).is_ok());
        places.clear();
        assert!(guests.0.lock().places.is_empty());
    }

    #[test]
    fn a_line_is_one_however_many_addresses_it_has() {
        let line = |address: &str| line_of(address.parse().expect("an address"));
        assert_eq!(line("2001:db8::1"), line("2001:db8::ffff:1"));
        assert_ne!(line("2001:db8::1"), line("2001:db8:0:1::1"));
        assert_eq!(line("::ffff:10.0.0.1"), line("10.0.0.1"));
        assert!(line("0.0.0.0") < 0 && line("255.255.255.255") < 0 && line("fe80::1") < 0);
    }

    #[test]
    fn a_name_is_one_guests_at_a_time() {
        let guests = Guests::default();
        let address = IpAddr::from([10, 0, 0, 1]);
        let (mut one, mut other) = (guests.admit(address).expect("a place"), guests.admit(address).expect("a place"));
        for (name, others) in
            [("Zoë", ["zoë", "Zoe\u{308}"]), ("Carl 🎉", ["CARL 🎉", "CarI 🎉"]), ("mel", ["rnel", "MEL"])]
        {
            one.take_name(name).expect("free");
            for name in others {
                assert_eq!(other.take_name(name).expect_err("taken").code, ErrorCode::UsernameTaken, "{name}");
            }
            other.take_name("Carl").expect("another name, and so another look");
            drop(std::mem::replace(&mut one, guests.admit(address).expect("a place")));
            drop(std::mem::replace(&mut other, guests.admit(address).expect("a place")));
            for name in others {
                other.take_name(name).expect("free again");
                drop(std::mem::replace(&mut other, guests.admit(address).expect("a place")));
            }
        }
        assert!(guests.0.lock().taken.is_empty());
    }

    #[test]
    fn all_addresses_together_have_so_many_places() {
        let guests = Guests::default();
        let address = |n: usize| IpAddr::from([10, 0, (n / 200) as u8, (n % 200) as u8]);
        let places: Vec<Place> = (0..GUESTS + 7).filter_map(|n| guests.admit(address(n)).ok()).collect();
        assert_eq!(places.len(), GUESTS);
    }
}
