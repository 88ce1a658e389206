//! How a message is signed, and what is let through. Pure: no bus, no time.
//!
//! ```text
//! version 1 byte | authenticator 32 | epoch 8 | start 8 | number 8 | kind of subject 1 | its id 8 | length of the name 1 | name | payload
//! ```
//!
//! The authenticator is HMAC-SHA256 over all the rest, under the secret that the nodes share.

use std::collections::HashMap;

use bytes::{BufMut, Bytes, BytesMut};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Subject;

/// The layout above. A node of another version is not understood.
const VERSION: u8 = 2;
const AUTHENTICATOR: usize = 32;
/// What stands before the name.
const HEAD: usize = START + 8 + 8 + 1 + 8 + 1;
const EPOCH: usize = 1 + AUTHENTICATOR;
const START: usize = EPOCH + 8;
/// Characters a node's name may have; bytes, as it is plain.
pub const LONGEST_NAME: usize = 64;
/// Messages by which one may come late behind another of its node.
const LATE: u64 = 4_096;
/// Nodes whose numbers are remembered.
const NODES: usize = 1_024;

/// Who has said a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    pub node: String,
    /// Greater after each start of the node.
    pub start: u64,
    /// One more with each message since the start, whatever it is about.
    pub number: u64,
}

/// A message of another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub speaker: Speaker,
    pub subject: Subject,
    pub payload: Bytes,
}

/// Why a message is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Nothing that a node has written.
    Garbage,
    /// Of a node that is older or newer.
    Version,
    /// Signed with another secret, or changed on its way.
    Forged,
    /// Of a node of another database, which has the same secret.
    OtherEpoch,
    /// Said long before something that came already.
    Old,
    /// It came already.
    Doubled,
    /// This node's own.
    Own,
    /// Of a node of the same name, or of this one before its start.
    Twin,
}

impl Refused {
    pub fn word(self) -> &'static str {
        match self {
            Self::Garbage => "garbage",
            Self::Version => "version",
            Self::Forged => "forged",
            Self::OtherEpoch => "other_epoch",
            Self::Old => "old",
            Self::Doubled => "doubled",
            Self::Own => "own",
            Self::Twin => "twin",
        }
    }
}

/// Signs what this node says, and looks at what others have said.
pub(crate) struct Seal {
    key: Hmac<Sha256>,
    /// Absent where the nodes of all databases are heard.
    epoch: Option<i64>,
    node: String,
    /// Greater after each start of this node: what it said before is old.
    start: u64,
    number: u64,
    heard: HashMap<String, Numbers>,
    /// The latest start of another node of this one's name.
    twin: u64,
}

/// What has come of one node since one of its starts: the last [`LATE`] numbers, a bit for each.
struct Numbers {
    start: u64,
    greatest: u64,
    came: Box<[u64; WORDS]>,
}

const WORDS: usize = LATE as usize / 64;

impl Numbers {
    fn of(start: u64, number: u64) -> Self {
        let mut numbers = Self { start, greatest: number, came: Box::new([0; WORDS]) };
        numbers.set(number, true);
        numbers
    }

    fn place(number: u64) -> (usize, u64) {
        let at = (number % LATE) as usize;
        (at / 64, 1 << (at % 64))
    }

    fn set(&mut self, number: u64, has_come: bool) {
        let (word, bit) = Self::place(number);
        if has_come { self.came[word] |= bit } else { self.came[word] &= !bit }
    }

    fn take(&mut self, start: u64, number: u64) -> Result<(), Refused> {
        if start > self.start || start == self.start && number.saturating_sub(self.greatest) >= LATE {
            *self = Self::of(start, number);
            return Ok(());
        }
        if start < self.start || number.saturating_add(LATE) <= self.greatest {
            return Err(Refused::Old);
        }
        // What was remembered of the numbers between is of a round before.
        for between in self.greatest + 1..=number {
            self.set(between, false);
        }
        self.greatest = self.greatest.max(number);
        let (word, bit) = Self::place(number);
        if self.came[word] & bit != 0 {
            return Err(Refused::Doubled);
        }
        self.set(number, true);
        Ok(())
    }
}

impl Seal {
    pub fn new(secret: &str, epoch: Option<i64>, node: &str, start: u64) -> Self {
        let key = Hmac::new_from_slice(secret.as_bytes()).expect("a secret of any length");
        Self { key, epoch, node: node.to_owned(), start, number: 0, heard: HashMap::new(), twin: 0 }
    }

    /// How much longer a message is than its payload.
    pub fn overhead(&self) -> usize {
        HEAD + self.node.len()
    }

    pub fn seal(&mut self, subject: Subject, payload: &[u8]) -> Bytes {
        self.number += 1;
        let mut message = BytesMut::with_capacity(self.overhead() + payload.len());
        message.put_u8(VERSION);
        message.put_bytes(0, AUTHENTICATOR);
        message.put_i64(self.epoch.unwrap_or_default());
        message.put_u64(self.start);
        message.put_u64(self.number);
        let (kind, id) = match subject {
            Subject::Room(id) => (0, id),
            Subject::Person(id) => (1, id),
            Subject::Nodes => (2, 0),
        };
        message.put_u8(kind);
        message.put_i64(id);
        message.put_u8(u8::try_from(self.node.len()).expect("a short name"));
        message.put_slice(self.node.as_bytes());
        message.put_slice(payload);
        let authenticator = self.sign(&message).finalize().into_bytes();
        message[1..=AUTHENTICATOR].copy_from_slice(&authenticator);
        message.freeze()
    }

    /// Whether another node of this one's name began later: the others take what this one says for old.
    pub fn is_outshone(&self) -> bool {
        self.twin > self.start
    }

    /// The other one is gone. From here on this one is heard again, as after a start.
    pub fn outlive_twin(&mut self) {
        self.start = self.start.max(self.twin + 1);
    }

    pub fn open(&mut self, message: &Bytes) -> Result<Opened, Refused> {
        let version = *message.first().ok_or(Refused::Garbage)?;
        if version != VERSION {
            return Err(Refused::Version);
        }
        let name_end = message.get(HEAD - 1).map(|length| HEAD + usize::from(*length)).ok_or(Refused::Garbage)?;
        let name = message.get(HEAD..name_end).ok_or(Refused::Garbage)?;
        self.sign(message).verify_slice(&message[1..=AUTHENTICATOR]).map_err(|_| Refused::Forged)?;
        let node = std::str::from_utf8(name).map_err(|_| Refused::Garbage)?;
        let number_at = |place: usize| message[place..place + 8].try_into().map(u64::from_be_bytes).unwrap_or_default();
        if self.epoch.is_some_and(|own| own != number_at(EPOCH).cast_signed()) {
            return Err(Refused::OtherEpoch);
        }
        let (said_start, number) = (number_at(START), number_at(START + 8));
        if node == self.node {
            if said_start == self.start {
                return Err(Refused::Own);
            }
            self.twin = self.twin.max(said_start);
            return Err(Refused::Twin);
        }
        self.look(node, said_start, number)?;
        let id = number_at(START + 17).cast_signed();
        let subject = match message[START + 16] {
            0 => Subject::Room(id),
            1 => Subject::Person(id),
            2 => Subject::Nodes,
            _ => return Err(Refused::Garbage),
        };
        let speaker = Speaker { node: node.to_owned(), start: said_start, number };
        Ok(Opened { speaker, subject, payload: message.slice(name_end..) })
    }

    /// Over the version and all that follows the authenticator.
    fn sign(&self, message: &[u8]) -> Hmac<Sha256> {
        let mut key = self.key.clone();
        key.update(&message[..1]);
        key.update(&message[1 + AUTHENTICATOR..]);
        key
    }

    /// Whether this can have been said a moment ago, and has not come yet.
    fn look(&mut self, node: &str, start: u64, number: u64) -> Result<(), Refused> {
        if let Some(numbers) = self.heard.get_mut(node) {
            return numbers.take(start, number);
        }
        if self.heard.len() >= NODES {
            self.heard.clear();
        }
        self.heard.insert(node.to_owned(), Numbers::of(start, number));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "a secret of all nodes";

    fn seal(secret: &str, node: &str, start: u64) -> Seal {
        Seal::new(secret, Some(7), node, start)
    }

    fn seals() -> (Seal, Seal) {
        (seal(SECRET, "one", 1), seal(SECRET, "two", 1))
    }

    fn subject() -> impl Strategy<Value = Subject> {
        prop_oneof![any::<i64>().prop_map(Subject::Room), any::<i64>().prop_map(Subject::Person), Just(Subject::Nodes),]
    }

    proptest! {
        #[test]
        fn what_one_node_says_another_hears_and_itself_does_not(
            subject in subject(),
            payload in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let (mut one, mut two) = seals();
            let message = one.seal(subject, &payload);
            prop_assert_eq!(message.len(), one.overhead() + payload.len());
            let speaker = Speaker { node: "one".to_owned(), start: 1, number: 1 };
            prop_assert_eq!(two.open(&message), Ok(Opened { speaker, subject, payload: payload.into() }));
            prop_assert_eq!(two.open(&message), Err(Refused::Doubled));
            prop_assert_eq!(one.open(&message), Err(Refused::Own));
        }

        /// Against a set of all that came.
        #[test]
        fn each_number_is_let_through_once_whatever_the_order(steps in prop::collection::vec(-9_000_i64..9_000, 1..200)) {
            let mut numbers = Numbers::of(1, 20_000);
            let mut came = std::collections::HashSet::from([20_000]);
            let mut greatest = 20_000;
            for step in steps {
                let number = (greatest as i64 + step).max(1) as u64;
                let expected = match number {
                    _ if number + LATE <= greatest => Err(Refused::Old),
                    _ if came.contains(&number) => Err(Refused::Doubled),
                    _ => Ok(()),
                };
                prop_assert_eq!(numbers.take(1, number), expected, "{} after {}", number, greatest);
                came.insert(number);
                greatest = greatest.max(number);
            }
        }

        #[test]
        fn whatever_bit_is_changed_nothing_is_heard(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let (mut one, mut two) = seals();
            let mut message = BytesMut::from(one.seal(Subject::Room(7), b"hello").as_ref());
            let at = at.index(message.len());
            message[at] ^= 1 << bit;
            prop_assert!(two.open(&message.freeze()).is_err());
        }

        #[test]
        fn garbage_is_refused_and_harms_nothing(message in prop::collection::vec(any::<u8>(), 0..200), version: bool) {
            let (_, mut two) = seals();
            let mut message = BytesMut::from(message.as_slice());
            if version && !message.is_empty() {
                message[0] = VERSION;
            }
            prop_assert!(two.open(&message.freeze()).is_err());
        }
    }

    #[test]
    fn what_is_cut_is_refused_wherever_that_is() {
        let (mut one, mut two) = seals();
        let message = one.seal(Subject::Room(7), b"hello");
        for end in 0..message.len() {
            assert!(two.open(&message.slice(..end)).is_err(), "{end}");
        }
    }

    #[test]
    fn another_secret_another_version_and_what_is_old_are_told_apart() {
        let (mut one, mut two) = seals();
        let mut forger = seal("another secret entirely", "one", 1);
        assert_eq!(two.open(&forger.seal(Subject::Nodes, b"x")), Err(Refused::Forged));
        let first = one.seal(Subject::Nodes, b"x");
        let mut later = BytesMut::from(first.as_ref());
        later[0] += 1;
        assert_eq!(two.open(&later.freeze()), Err(Refused::Version));
        one.number = LATE - 1;
        let near = one.seal(Subject::Nodes, b"x");
        assert!(two.open(&near).is_ok());
        assert!(two.open(&first).is_ok(), "late, and not too late");
        let far = one.seal(Subject::Nodes, b"x");
        assert!(two.open(&far).is_ok());
        assert_eq!(two.open(&first), Err(Refused::Old));
        let mut again = seal(SECRET, "one", 2);
        assert!(two.open(&again.seal(Subject::Nodes, b"x")).is_ok(), "a start counts from the beginning");
        assert_eq!(two.open(&far), Err(Refused::Old), "of before the start");
        assert_eq!(again.open(&far), Err(Refused::Twin), "the name of one alone");
        assert!(!again.is_outshone(), "it was itself, before its start");
    }

    /// Nor is its node of this one's name a twin.
    #[test]
    fn another_place_that_has_the_same_secret_is_not_heard_but_by_who_belongs_to_none() {
        let (mut one, mut two) = seals();
        let mut other = Seal::new(SECRET, Some(8), "one", 9);
        let said = other.seal(Subject::Nodes, b"x");
        for here in [&mut one, &mut two] {
            assert_eq!(here.open(&said), Err(Refused::OtherEpoch));
        }
        assert!(!one.is_outshone());
        assert_eq!(other.open(&one.seal(Subject::Nodes, b"x")), Err(Refused::OtherEpoch));
        let mut moved = BytesMut::from(said.as_ref());
        moved[EPOCH..START].copy_from_slice(&7_i64.to_be_bytes());
        assert_eq!(two.open(&moved.freeze()), Err(Refused::Forged));
        assert!(Seal::new(SECRET, None, "doctor", 0).open(&said).is_ok());
    }

    #[test]
    fn who_has_outlived_another_of_its_name_is_heard_again() {
        let (mut one, mut two) = seals();
        let mut twin = seal(SECRET, "one", 9);
        let late = twin.seal(Subject::Nodes, b"x");
        assert_eq!(one.open(&late), Err(Refused::Twin));
        assert!(two.open(&late).is_ok());
        assert_eq!(two.open(&one.seal(Subject::Nodes, b"x")), Err(Refused::Old));
        assert!(one.is_outshone());
        one.outlive_twin();
        assert!(two.open(&one.seal(Subject::Nodes, b"x")).is_ok());
        assert_eq!(two.open(&twin.seal(Subject::Nodes, b"x")), Err(Refused::Old));
    }
}
