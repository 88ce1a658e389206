//! People who talk while something is broken under them, and what is checked once they are done. It breaks nothing itself.

use std::{future::Future, net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{Event, Request, Sync, id::OWN_LOG};
use chinwag_testkit::{
    Person, Process,
    history::{OwnEnd, Recorder, Row, Sighting},
    laws::assert_lawful,
    poster::Poster,
    talker::{Phase, Talker, sighting},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

/// How often a condition is looked at that nobody tells about.
const POLL: Duration = Duration::from_millis(1);
/// How long nothing may come nearer to what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Of a server that throttles nobody.
pub const SETTINGS: [(&str, &str); 2] = [("limits.frames_per_second", "10000"), ("limits.frames_burst", "10000")];

/// A server of its own process that throttles nobody.
pub fn process() -> Result<Process> {
    process_with(&[])
}

/// The same with other settings besides.
pub fn process_with(settings: &[(&str, &str)]) -> Result<Process> {
    Process::start(&[&SETTINGS, settings].concat())
}

/// Talkers in one room, and their notes.
pub struct Load {
    pub recorder: Recorder,
    /// Where the log stood when the load began.
    pub cursor: i64,
    room: i64,
    /// Changes before that which are no messages: histories do not show them.
    before: Vec<Row>,
    phase: watch::Sender<Phase>,
    talkers: JoinSet<Result<Talker>>,
    posters: JoinSet<Result<Person>>,
    /// Who has posted to the end.
    posted: Vec<Person>,
}

impl Load {
    /// Reads the log of the room as it is now; nobody talks yet.
    pub async fn begin(witness: &Person, room: i64) -> Result<Self> {
        let mut socket = witness.connect().await?;
        let epoch = socket.expect("the welcome", |event| match event {
            Event::Welcome(welcome) => Some(welcome.epoch),
            _ => None,
        });
        let epoch = epoch.await?;
        socket.send(&Request::Sync(Sync { epoch, rooms: [(room, 0)].into() })).await?;
        let mut before = Vec::new();
        let cursor = loop {
            match socket.next().await? {
                Event::Synced(synced) => break synced.to,
                event => before.extend(sighting(event)),
            }
        };
        let change = |(room, seen): (i64, Sighting)| Row {
            room,
            seq: seen.seq,
            message_id: None,
            user: 0,
            client_id: None,
            content: None,
        };
        let before = before.into_iter().filter(|(_, seen)| seen.message_id.is_none()).map(change).collect();
        let (phase, _) = watch::channel(Phase::Talk);
        Ok(Self {
            recorder: Recorder::default(),
            cursor,
            room,
            before,
            phase,
            talkers: JoinSet::new(),
            posters: JoinSet::new(),
            posted: Vec::new(),
        })
    }

    /// Begins to talk with so many sends in flight, through this door.
    pub fn add(&mut self, person: &Person, door: SocketAddr, window: usize) {
        self.start(self.talker(person, door, window));
    }

    /// One who holds what there was before.
    pub fn talker(&self, person: &Person, door: SocketAddr, window: usize) -> Talker {
        Talker::new(person, door, self.room, self.cursor, window, &self.recorder)
    }

    pub fn start(&mut self, talker: Talker) {
        self.talkers.spawn(talker.run(self.phase.subscribe()));
    }

    /// Begins to post by HTTP, through the first of these doors that answers.
    pub fn post(&mut self, person: &Person, doors: &[SocketAddr], patience: Duration) {
        let poster = Poster::new(person, doors, self.room, patience, &self.recorder);
        self.posters.spawn(poster.run(self.phase.subscribe()));
    }

    /// Nobody says anything new until [`Load::talk`]; returns once everything that was said is answered.
    pub async fn hush(&mut self) -> Result<()> {
        self.phase.send(Phase::Hush)?;
        self.answered().await
    }

    pub fn talk(&self) -> Result<()> {
        Ok(self.phase.send(Phase::Talk)?)
    }

    /// Waits until so many more sends were acknowledged.
    pub async fn acked(&mut self, more: usize) -> Result<()> {
        let wanted = self.recorder.acked() + more;
        let recorder = self.recorder.clone();
        self.meanwhile(until("more is acknowledged", move || wanted.saturating_sub(recorder.acked()))).await
    }

    /// Waits for something that the talkers bring about; fails as soon as one of them does.
    pub async fn meanwhile(&mut self, condition: impl Future<Output = Result<()>>) -> Result<()> {
        tokio::select! {
            done = condition => done,
            Some(talker) = self.talkers.join_next() => {
                talker??;
                anyhow::bail!("a talker left early")
            }
            error = failure(&mut self.posters, &mut self.posted) => Err(error),
        }
    }

    /// Nothing new is said from here on, and returns once everything that was is answered.
    async fn settle(&mut self) -> Result<()> {
        self.phase.send(Phase::Settle)?;
        self.answered().await?;
        while let Some(poster) = self.posters.join_next().await {
            self.posted.push(poster??);
        }
        Ok(())
    }

    async fn answered(&mut self) -> Result<()> {
        let recorder = self.recorder.clone();
        // Talkers resend until they are answered.
        self.meanwhile(until("everything is answered", move || recorder.waiting())).await
    }

    /// Lets everything be answered and seen, and judges it against what `witness` finds in the history.
    pub async fn judge(mut self, witness: &Person) -> Result<Vec<Talker>> {
        self.settle().await?;
        let head = last_seq(witness, self.room).await?;
        self.phase.send(Phase::Leave { head })?;
        let mut talkers = Vec::new();
        while let Some(talker) = self.talkers.join_next().await {
            talkers.push(talker??);
        }
        let rows = witness.history(self.room).await?;
        let rows = rows.iter().map(|row| Row::from_json(row).context("a row without its fields"));
        let mut rows = rows.collect::<Result<Vec<_>>>()?;
        // Which send became which row, each sender alone is told.
        let mut senders: Vec<&Person> = talkers.iter().map(Talker::person).chain(&self.posted).collect();
        senders.sort_by_key(|person| person.id);
        senders.dedup_by_key(|person| person.id);
        let mut own_ends = Vec::new();
        for sender in senders {
            name_sends(sender, &mut rows).await?;
            own_ends.push(own_end(sender).await?);
        }
        rows.extend(self.before);
        let history = self.recorder.finish(rows, own_ends);
        let has_read = |user| history.own_ends.iter().any(|end| end.user == user && end.head > 0);
        ensure!(
            history.own_streams.iter().all(|stream| has_read(stream.user)),
            "a device followed a log without changes"
        );
        assert_lawful(&history);
        Ok(talkers)
    }
}

/// Of the first poster who gave up; those who are done are put aside.
async fn failure(posters: &mut JoinSet<Result<Person>>, posted: &mut Vec<Person>) -> anyhow::Error {
    loop {
        match posters.join_next().await {
            Some(Ok(Ok(person))) => posted.push(person),
            Some(Ok(Err(error))) => return error,
            Some(Err(error)) => return error.into(),
            None => std::future::pending().await,
        }
    }
}

/// Takes the client ids of a person's own rows from what that person is shown, which is otherwise what everybody is.
async fn name_sends(sender: &Person, rows: &mut [Row]) -> Result<()> {
    let own = sender.history(rows.first().context("a row")?.room).await?;
    ensure!(own.len() == rows.len(), "{} is shown {} rows and not {}", sender.name, own.len(), rows.len());
    for (row, own) in rows.iter_mut().zip(&own) {
        let own = Row::from_json(own).context("a row without its fields")?;
        ensure!(own.client_id.is_none() || own.user == sender.id, "{} is told a client id of another", sender.name);
        row.client_id = row.client_id.take().or_else(|| own.client_id.clone());
        ensure!(*row == own || row.user != sender.id, "{} is shown {own:?} and not {row:?}", sender.name);
    }
    Ok(())
}

/// The person's own log as it is now.
async fn own_end(person: &Person) -> Result<OwnEnd> {
    let mut socket = person.connect().await?;
    let mut marks = Vec::new();
    loop {
        match socket.next().await? {
            Event::Welcome(welcome) => {
                let own = Sync { epoch: welcome.epoch, rooms: [(OWN_LOG, 0)].into() };
                socket.send(&Request::Sync(own)).await?;
            }
            Event::Read(read) => marks.push((read.room_id, read.own_seq)),
            Event::Synced(synced) => return Ok(OwnEnd { user: person.id, head: synced.to, marks }),
            event => ensure!(!matches!(event, Event::Resync(_)), "{event:?}"),
        }
    }
}

async fn last_seq(person: &Person, room: i64) -> Result<i64> {
    person.http.get(&format!("/api/rooms/{room}")).await?.data()?["last_seq"].as_i64().context("no last_seq")
}

/// Waits until nothing is left of what can only be looked at.
pub async fn until(what: &str, mut left: impl FnMut() -> usize) -> Result<()> {
    let (mut least, mut since) = (usize::MAX, Instant::now());
    loop {
        match left() {
            0 => return Ok(()),
            fewer if fewer < least => (least, since) = (fewer, Instant::now()),
            _ => ensure!(since.elapsed() < PATIENCE, "{} s brought no progress until {what}", PATIENCE.as_secs()),
        }
        sleep(POLL).await;
    }
}

/// Numbers that look random and are the same on every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to `below - 1`. The constants are Knuth's.
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}
