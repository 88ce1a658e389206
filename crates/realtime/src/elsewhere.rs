//! The sockets of other nodes: whose they are, and which rooms they listen to. Pure. How a node hears of them is in `hearsay.rs`, what they
//! mean for those who listen here in `roster.rs`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use chinwag_domain::ports::Figures;
use chinwag_proto::nodes::{FarSocket, Moves};

/// What a node says of its sockets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Learned {
    /// These are all.
    All(Vec<FarSocket>),
    Moves(Moves),
    /// The node is gone, and for so many milliseconds nothing was heard of it.
    Gone(i64),
}

/// Whom and what a change elsewhere concerns.
#[derive(Debug, Default)]
pub(crate) struct Stirred {
    pub people: BTreeSet<i64>,
    /// Rooms that others listen to now.
    pub rooms: HashSet<i64>,
    /// Who does not listen to which room any more, on no other node.
    pub parted: Vec<(i64, i64, Arc<str>)>,
    /// Sockets that are gone, by person: what they listened to.
    pub gone: Vec<(i64, Box<[i64]>)>,
}

/// A socket of another node.
struct Far {
    user_id: i64,
    username: Arc<str>,
    away: bool,
    rooms: Box<[i64]>,
}

impl Far {
    fn says(&self, said: &FarSocket) -> bool {
        let Self { user_id, username, away, rooms } = self;
        (*user_id, &**username, *away, &**rooms) == (said.user_id, &*said.username, said.away, &*said.rooms)
    }
}

/// A socket of one person on another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FarPlace {
    pub node: Arc<str>,
    pub id: u64,
}

/// Who listens to one room on other nodes.
#[derive(Default)]
struct Gathering {
    /// With how many sockets; without guests.
    people: BTreeMap<i64, usize>,
    sockets: usize,
}

#[derive(Default)]
pub(crate) struct Elsewhere {
    nodes: BTreeMap<Arc<str>, HashMap<u64, Far>>,
    /// Without guests.
    people: HashMap<i64, Vec<FarPlace>>,
    rooms: HashMap<i64, Gathering>,
}

impl Elsewhere {
    /// Takes down what a node says of its sockets.
    pub fn learn(&mut self, node: &str, learned: &Learned) -> Stirred {
        let mut stirred = Stirred::default();
        let node: Arc<str> = self.nodes.get_key_value(node).map_or_else(|| node.into(), |(name, _)| name.clone());
        match learned {
            Learned::All(sockets) => {
                let known = self.nodes.entry(node.clone()).or_default();
                let named: HashSet<u64> = sockets.iter().map(|socket| socket.id).collect();
                let gone: Vec<u64> = known.keys().copied().filter(|id| !named.contains(id)).collect();
                self.take_down(&node, sockets, &gone, &mut stirred);
            }
            Learned::Moves(moves) => self.take_down(&node, &moves.sockets, &moves.gone, &mut stirred),
            Learned::Gone(_) => {
                let gone: Vec<u64> = self.nodes.get(&node).into_iter().flat_map(HashMap::keys).copied().collect();
                self.take_down(&node, &[], &gone, &mut stirred);
                self.nodes.remove(&node);
            }
        }
        stirred
    }

    fn take_down(&mut self, node: &Arc<str>, sockets: &[FarSocket], gone: &[u64], stirred: &mut Stirred) {
        for id in gone {
            if let Some(far) = self.remove(node, *id, stirred) {
                stirred.gone.push((far.user_id, far.rooms));
            }
        }
        for said in sockets {
            let known = self.nodes.get(node).and_then(|sockets| sockets.get(&said.id));
            if !known.is_some_and(|far| far.says(said)) {
                self.remove(node, said.id, stirred);
                self.put(node, said, stirred);
            }
        }
        stirred.parted.retain(|(room_id, user_id, _)| !self.listens(*user_id, *room_id));
    }

    fn put(&mut self, node: &Arc<str>, said: &FarSocket, stirred: &mut Stirred) {
        let FarSocket { id, user_id, username, away, rooms } = said;
        for room_id in rooms {
            let room = self.rooms.entry(*room_id).or_default();
            room.sockets += 1;
            if *user_id != 0 {
                *room.people.entry(*user_id).or_default() += 1;
            }
            stirred.rooms.insert(*room_id);
        }
        if *user_id != 0 {
            self.people.entry(*user_id).or_default().push(FarPlace { node: node.clone(), id: *id });
            stirred.people.insert(*user_id);
        }
        let (username, rooms) = (username.as_str().into(), rooms.as_slice().into());
        let far = Far { user_id: *user_id, username, away: *away, rooms };
        self.nodes.entry(node.clone()).or_default().insert(*id, far);
    }

    fn remove(&mut self, node: &Arc<str>, id: u64, stirred: &mut Stirred) -> Option<Far> {
        let far = self.nodes.get_mut(node)?.remove(&id)?;
        for room_id in &far.rooms {
            let Some(room) = self.rooms.get_mut(room_id) else { continue };
            room.sockets -= 1;
            stirred.rooms.insert(*room_id);
            if let Some(sockets) = room.people.get_mut(&far.user_id) {
                *sockets -= 1;
                if *sockets == 0 {
                    room.people.remove(&far.user_id);
                    stirred.parted.push((*room_id, far.user_id, far.username.clone()));
                }
            }
            if room.sockets == 0 {
                self.rooms.remove(room_id);
            }
        }
        if far.user_id != 0 {
            stirred.people.insert(far.user_id);
            if let Some(places) = self.people.get_mut(&far.user_id) {
                places.retain(|place| place.id != id || place.node != *node);
                if places.is_empty() {
                    self.people.remove(&far.user_id);
                }
            }
        }
        Some(far)
    }

    fn socket(&self, place: &FarPlace) -> Option<&Far> {
        self.nodes.get(&place.node)?.get(&place.id)
    }

    fn sockets_of(&self, user_id: i64) -> impl Iterator<Item = &Far> {
        self.places_of(user_id).iter().filter_map(|place| self.socket(place))
    }

    /// Where the person is.
    pub fn places_of(&self, user_id: i64) -> &[FarPlace] {
        self.people.get(&user_id).map_or(&[], Vec::as_slice)
    }

    pub fn username(&self, user_id: i64) -> Option<Arc<str>> {
        self.sockets_of(user_id).next().map(|far| far.username.clone())
    }

    /// Whether all sockets of the person say that nobody is at them; true where there are none.
    pub fn is_away(&self, user_id: i64) -> bool {
        self.sockets_of(user_id).all(|far| far.away)
    }

    pub fn rooms_of(&self, user_id: i64) -> impl Iterator<Item = i64> {
        self.sockets_of(user_id).flat_map(|far| far.rooms.iter().copied())
    }

    pub fn listens(&self, user_id: i64, room_id: i64) -> bool {
        self.rooms.get(&room_id).is_some_and(|room| room.people.contains_key(&user_id))
    }

    /// Who listens to the room, by id.
    pub fn people_in(&self, room_id: i64) -> Vec<(i64, Arc<str>)> {
        let people = self.rooms.get(&room_id).into_iter().flat_map(|room| room.people.keys());
        people.filter_map(|user_id| Some((*user_id, self.username(*user_id)?))).collect()
    }

    /// How many sockets listen to the room.
    pub fn sockets_in(&self, room_id: i64) -> usize {
        self.rooms.get(&room_id).map_or(0, |room| room.sockets)
    }

    /// The rooms that somebody listens to, with the number of sockets.
    pub fn rooms(&self) -> impl Iterator<Item = (i64, usize)> {
        self.rooms.iter().map(|(room_id, room)| (*room_id, room.sockets))
    }

    /// How many sockets there are.
    pub fn sockets(&self) -> usize {
        self.nodes.values().map(HashMap::len).sum()
    }

    /// What each of the other nodes does, by name.
    pub fn figures(&self) -> impl Iterator<Item = (String, Figures)> {
        self.nodes.iter().map(|(name, sockets)| {
            let users: HashSet<i64> = sockets.values().map(|far| far.user_id).filter(|user_id| *user_id != 0).collect();
            let rooms: HashSet<i64> = sockets.values().flat_map(|far| far.rooms.iter().copied()).collect();
            let subscriptions = sockets.values().map(|far| far.rooms.len()).sum();
            let figures = Figures { sockets: sockets.len(), users: users.len(), rooms: rooms.len(), subscriptions };
            (name.to_string(), figures)
        })
    }

    /// What a node said, by the ids of its sockets.
    #[cfg(test)]
    pub fn of(&self, node: &str) -> Vec<FarSocket> {
        let sockets = self.nodes.get(node).into_iter().flatten();
        let mut said: Vec<FarSocket> = sockets
            .map(|(id, far)| FarSocket {
                id: *id,
                user_id: far.user_id,
                username: far.username.to_string(),
                away: far.away,
                rooms: far.rooms.to_vec(),
            })
            .collect();
        said.sort_by_key(|socket| socket.id);
        said
    }

    /// The tables by person and by room agree with the sockets.
    #[cfg(test)]
    pub fn assert_whole(&self) {
        let mut anew = Self::default();
        for node in self.nodes.keys() {
            anew.learn(node, &Learned::All(self.of(node)));
        }
        let people = |it: &Self| -> BTreeMap<i64, BTreeSet<(Arc<str>, u64)>> {
            let of = |places: &Vec<FarPlace>| places.iter().map(|place| (place.node.clone(), place.id)).collect();
            it.people.iter().map(|(user_id, places)| (*user_id, of(places))).collect()
        };
        assert_eq!(people(self), people(&anew));
        let rooms = |it: &Self| -> BTreeMap<i64, (BTreeMap<i64, usize>, usize)> {
            it.rooms.iter().map(|(room_id, room)| (*room_id, (room.people.clone(), room.sockets))).collect()
        };
        assert_eq!(rooms(self), rooms(&anew));
    }
}
