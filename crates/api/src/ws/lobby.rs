//! The plain text door: a nickname first, then lines, both ways as `name:content`. What a guest may do is the domain's to
//! say.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_domain::{Actor, Error, Result, lobby, messages, records::LOBBY, rooms};
use chinwag_proto::{
    CloseCode, ErrorCode,
    ws::{self, Opcode},
};
use chinwag_realtime::Sink;
use parking_lot::Mutex;

use super::{
    WsState, commands,
    session::Action,
    socket::{Conn, Door},
};

/// Guests at the same time, and how many of them one address may be.
const GUESTS: usize = 500;
const GUESTS_PER_ADDRESS: usize = 20;
/// How long a guest may take to give a name.
const NAME_PATIENCE: Duration = Duration::from_secs(10);

/// Who is in the lobby, by address.
#[derive(Debug, Default)]
pub struct Guests(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A guest's place, free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    guests: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Guests {
    /// A place for somebody from this address, if there is one.
    pub fn admit(&self, address: IpAddr) -> Option<Place> {
        let mut guests = self.0.lock();
        let here = guests.get(&address).copied().unwrap_or_default();
        if here >= GUESTS_PER_ADDRESS || guests.values().sum::<usize>() >= GUESTS {
            return None;
        }
        guests.insert(address, here + 1);
        Some(Place { guests: self.0.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut guests = self.guests.lock();
        if let Entry::Occupied(mut here) = guests.entry(self.address) {
            *here.get_mut() -= 1;
            if *here.get() == 0 {
                here.remove();
            }
        }
    }
}

/// The door of those without an account.
pub struct GuestDoor {
    state: WsState,
    _place: Place,
    /// Known from the first line on.
    guest: Option<Actor>,
    name_due: Instant,
}

impl GuestDoor {
    pub fn new(state: WsState, place: Place) -> Self {
        Self { state, _place: place, guest: None, name_due: Instant::now() + NAME_PATIENCE }
    }

    /// The first line is the name.
    async fn enter(&mut self, conn: &Arc<Conn>, name: &str) -> Result<()> {
        let guest = lobby::admit(&self.state.chat, name.trim()).await?;
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
                    say(conn, &error);
                }
            }
            None => {
                if let Err(error) = self.enter(conn, line).await {
                    say(conn, &error);
                    conn.close(CloseCode::Policy);
                }
            }
        }
    }
}

impl Door for GuestDoor {
    fn opened(&mut self, _: &Arc<Conn>) {}

    fn deadline(&self) -> Option<Instant> {
        self.guest.is_none().then_some(self.name_due)
    }

    fn spend(&self, conn: &Conn, bytes: usize) -> Result<()> {
        // Guests share one user id; each connection has a budget of its own, apart from those of people.
        self.state.budget.spend(-i64::try_from(conn.id()).unwrap_or(i64::MAX), bytes)
    }

    fn run<'a>(&'a mut self, conn: &'a Arc<Conn>, action: Action) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            match action {
                Action::Say(line) => self.heard(conn, &line).await,
                Action::Refuse(refusal) => say(conn, &refusal.error),
                Action::Run(_) | Action::Post(_) | Action::Send(_) | Action::Close(_) => {}
            }
        })
    }
}

/// A sentence for whoever sits at the terminal.
fn say(conn: &Conn, error: &Error) {
    commands::log(error);
    let sentence = error.fields.values().flatten().next().map_or(error.sentence(), String::as_str);
    conn.send(&line(sentence));
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
        let mut places: Vec<Place> = (0..GUESTS_PER_ADDRESS).filter_map(|_| guests.admit(one)).collect();
        assert_eq!(places.len(), GUESTS_PER_ADDRESS);
        assert!(guests.admit(one).is_none());
        assert!(guests.admit(other).is_some());
        places.pop();
        assert!(guests.admit(one).is_some());
        places.clear();
        assert!(guests.0.lock().is_empty());
    }

    #[test]
    fn all_addresses_together_have_so_many_places() {
        let guests = Guests::default();
        let address = |n: usize| IpAddr::from([10, 0, (n / 200) as u8, (n % 200) as u8]);
        let places: Vec<Place> = (0..GUESTS + 7).filter_map(|n| guests.admit(address(n))).collect();
        assert_eq!(places.len(), GUESTS);
    }
}
