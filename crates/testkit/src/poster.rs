//! A client that says things in one room by HTTP alone, through thick and thin: it asks again, under the same client id, until it is
//! answered, and notes all of it. It hears nothing: [`Talker`](crate::talker::Talker)s do.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    Http, Person,
    history::{Outcome, Recorder},
    talker::Phase,
};

/// A server that does not answer is left alone for so long.
const RETRY: Duration = Duration::from_millis(20);
/// How long all servers together may leave one message unanswered.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Poster {
    person: Person,
    doors: Vec<Http>,
    at: usize,
    room: i64,
    /// How long an answer may take before it looks elsewhere for one.
    patience: Duration,
    recorder: Recorder,
}

impl Poster {
    pub fn new(person: &Person, doors: &[SocketAddr], room: i64, patience: Duration, recorder: &Recorder) -> Self {
        let doors = doors.iter().map(|door| person.http.at(*door)).collect();
        Self { person: person.clone(), doors, at: 0, room, patience, recorder: recorder.clone() }
    }

    /// Says one thing after the other until the phase lets it leave.
    pub async fn run(mut self, mut phase: watch::Receiver<Phase>) -> Result<Person> {
        let mut said = 0;
        loop {
            let now = *phase.borrow_and_update();
            match now {
                Phase::Talk => {
                    said += 1;
                    self.say(said).await?;
                }
                Phase::Hush => phase.changed().await?,
                Phase::Settle | Phase::Leave { .. } => return Ok(self.person),
            }
        }
    }

    async fn say(&mut self, number: usize) -> Result<()> {
        let content = format!("{} posts {number} 你好", self.person.name);
        let client_id = format!("{}-http-{number}", self.person.name);
        let body = json!({ "type": "text", "content": content, "client_id": client_id });
        let path = format!("/api/rooms/{}/messages", self.room);
        let begun = Instant::now();
        loop {
            let door = &self.doors[self.at % self.doors.len()];
            let invocation = self.recorder.invoke(self.person.id, self.room, &client_id, &content);
            let answer = timeout(self.patience, door.post(&path, body.clone())).await;
            let outcome = match answer {
                Ok(Ok(answer)) if answer.status.is_success() => {
                    let data = &answer.body["data"];
                    let message_id = data["id"].as_i64().context("no id")?;
                    Outcome::Ok { message_id, seq: data["seq"].as_i64().context("no seq")? }
                }
                Ok(Ok(answer)) if answer.status.as_u16() < 500 => Outcome::Fail(answer.reason().to_owned()),
                _ => Outcome::Unknown,
            };
            let is_answered = outcome != Outcome::Unknown;
            self.recorder.complete(invocation, outcome);
            if is_answered {
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "nobody answered {client_id}");
            self.at += 1;
            sleep(RETRY).await;
        }
    }
}
