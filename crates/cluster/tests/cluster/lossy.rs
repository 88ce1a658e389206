//! A bus that keeps no promise: it loses, doubles, swaps and changes messages, and says things of its own. By a number that is drawn
//! from a seed, so that a failure can be had again.

use std::sync::Arc;

use bytes::Bytes;
use chinwag_bus::{Bus, BusError, Hear, Status, Subject};
use parking_lot::Mutex;
use tokio::sync::watch;

pub struct Lossy {
    bus: Arc<dyn Bus>,
    state: Mutex<State>,
}

struct State {
    number: u64,
    late: Vec<(Subject, Bytes)>,
    old: Vec<Bytes>,
}

impl Lossy {
    pub fn open(url: &str, seed: u64, hear: Hear) -> Result<Arc<dyn Bus>, BusError> {
        let bus = chinwag_bus::open(url, hear)?;
        Ok(Arc::new(Self { bus, state: Mutex::new(State { number: seed, late: Vec::new(), old: Vec::new() }) }))
    }
}

impl State {
    fn draw(&mut self, below: u64) -> u64 {
        // A linear congruence; the upper bits are good enough.
        self.number = self.number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.number >> 33) % below
    }
}

impl Bus for Lossy {
    fn publish(&self, subject: Subject, message: Bytes) -> bool {
        let mut state = self.state.lock();
        state.old.push(message.clone());
        match state.draw(6) {
            0 => {}
            1 => {
                self.bus.publish(subject, message.clone());
                self.bus.publish(subject, message);
            }
            2 => state.late.push((subject, message)),
            3 => {
                let mut changed = message.to_vec();
                let at = state.draw(changed.len() as u64) as usize;
                changed[at] ^= 1;
                self.bus.publish(subject, changed.into());
            }
            4 => {
                self.bus.publish(subject, message);
                self.bus.publish(subject, Bytes::from_static(b"\x01 what nobody has said"));
                let count = state.old.len() as u64;
                let at = state.draw(count) as usize;
                self.bus.publish(subject, state.old[at].clone());
            }
            _ => {
                self.bus.publish(subject, message);
                for (subject, late) in std::mem::take(&mut state.late).into_iter().rev() {
                    self.bus.publish(subject, late);
                }
            }
        }
        true
    }

    fn limit(&self) -> usize {
        // Some of what is said in one go is more.
        2_000
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.bus.status()
    }
}

/// A bus that carries nothing.
pub struct Dead(pub watch::Sender<Status>);

impl Dead {
    pub fn open() -> Arc<dyn Bus> {
        Arc::new(Self(watch::Sender::new(Status::Down("it is dead".into()))))
    }
}

impl Bus for Dead {
    fn publish(&self, _: Subject, _: Bytes) -> bool {
        false
    }

    fn limit(&self) -> usize {
        usize::MAX
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.0.subscribe()
    }
}
