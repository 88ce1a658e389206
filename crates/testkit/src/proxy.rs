//! A TCP proxy that breaks lines on purpose: at a given byte, on command, by slowing down or by falling silent. It understands
//! nothing of what passes.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What the system may keep of a line beside what a stalled reader reads: small, so that stalling is felt at the server.
const RECEIVE_BUFFER: u32 = 4096;

/// Where a connection ends: after so many bytes on that way.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub way: Way,
    pub after: usize,
    /// With a reset instead of an orderly end.
    pub reset: bool,
}

/// What a line loses at a word that goes up on it, once another one has gone up before: the line ends.
#[derive(Clone, Debug)]
pub struct Snip {
    pub after: String,
    pub at: String,
    pub loss: Loss,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The word does not arrive.
    Word,
    /// It arrives, and the answer to it does not.
    Answer,
    /// The whole proxy falls silent before the word passes.
    Silence,
}

/// The snip of the next line that it fits, and what one line knows of it.
#[derive(Clone)]
struct Scissors {
    next: Arc<Mutex<Option<Snip>>>,
    rules: watch::Sender<Rules>,
    seen: Arc<AtomicBool>,
    mute: Arc<AtomicBool>,
}

impl Scissors {
    fn new(rules: watch::Sender<Rules>) -> Self {
        Self { next: Arc::default(), rules, seen: Arc::default(), mute: Arc::default() }
    }

    fn of_line(&self) -> Self {
        Self { next: Arc::clone(&self.next), ..Self::new(self.rules.clone()) }
    }

    /// Whether the line ends before these bytes go on.
    fn cut(&self, way: Way, bytes: &[u8]) -> bool {
        if way == Way::Down {
            return self.mute.load(Ordering::SeqCst);
        }
        let mut next = self.next.lock();
        let Some(snip) = next.as_ref() else { return false };
        let has = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        if has(&snip.after) {
            self.seen.store(true, Ordering::SeqCst);
        }
        if !self.seen.load(Ordering::SeqCst) || !has(&snip.at) {
            return false;
        }
        let loss = snip.loss;
        *next = None;
        if loss == Loss::Silence {
            self.rules.send_modify(|rules| rules.silent = true);
            return false;
        }
        self.mute.store(true, Ordering::SeqCst);
        loss == Loss::Word
    }
}

/// What holds for all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rules {
    /// Connections older than this count are gone.
    cuts: u64,
    /// Bytes a second from the server; 0 reads nothing.
    rate: Option<u32>,
    /// New connections end at once.
    closed: bool,
    /// Nothing passes, and nothing ends.
    silent: bool,
}

/// A line between clients and a server; all its connections end with it.
pub struct Proxy {
    address: SocketAddr,
    cuts: Arc<Mutex<VecDeque<Cut>>>,
    scissors: Scissors,
    rules: watch::Sender<Rules>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Listens on a free port before `server`.
    pub async fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let cuts = Arc::<Mutex<VecDeque<Cut>>>::default();
        let (rules, seen) = watch::channel(Rules::default());
        let scissors = Scissors::new(rules.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, Arc::clone(&cuts), scissors.clone(), seen));
        Ok(Self { address, cuts, scissors, rules, _tasks: tasks })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connections end there, one for each cut; those after them do not.
    pub fn plan(&self, cuts: impl IntoIterator<Item = Cut>) {
        self.cuts.lock().extend(cuts);
    }

    /// The next line that it fits loses that.
    pub fn snip(&self, after: &str, at: &str, loss: Loss) {
        *self.scissors.next.lock() = Some(Snip { after: after.into(), at: at.into(), loss });
    }

    /// Whether no line has lost it yet.
    pub fn is_to_snip(&self) -> bool {
        self.scissors.next.lock().is_some()
    }

    /// How many cuts no connection has taken yet.
    pub fn planned(&self) -> usize {
        self.cuts.lock().len()
    }

    /// Ends all connections now.
    pub fn cut(&self) {
        self.rules.send_modify(|rules| rules.cuts += 1);
    }

    /// Ends all connections now, and from now on new ones at once; or lets them through again.
    pub fn close(&self, closed: bool) {
        self.rules.send_modify(|rules| {
            rules.closed = closed;
            rules.cuts += u64::from(closed);
        });
    }

    /// From now on nothing passes and nothing ends, as in a network that drops what it carries; or what waited goes on its way.
    pub fn silence(&self, silent: bool) {
        self.rules.send_modify(|rules| rules.silent = silent);
    }

    /// From now on so many bytes a second go down on each connection, or as many as come.
    pub fn throttle(&self, bytes_per_second: Option<u32>) {
        self.rules.send_modify(|rules| rules.rate = bytes_per_second);
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    cuts: Arc<Mutex<VecDeque<Cut>>>,
    scissors: Scissors,
    rules: watch::Receiver<Rules>,
) {
    let mut lines = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                if rules.borrow().closed {
                    continue;
                }
                let cut = cuts.lock().pop_front();
                lines.spawn(line(client, server, cut, scissors.of_line(), rules.clone()));
            }
            Some(_) = lines.join_next(), if !lines.is_empty() => {}
        }
    }
}

/// One connection, until either side or a rule ends it.
async fn line(
    client: TcpStream,
    server: SocketAddr,
    cut: Option<Cut>,
    scissors: Scissors,
    mut rules: watch::Receiver<Rules>,
) {
    if !is_heard(&mut rules).await {
        return;
    }
    let Ok(server) = reach(server).await else { return };
    // Small frames must not wait for each other, and a proxy that cannot set this is as good.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    if cut.is_some_and(|cut| cut.reset) {
        // A reset is how a dying network looks; without it the cut is an orderly end.
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
    let limit = |way| cut.filter(|cut| cut.way == way).map(|cut| cut.after);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let born = rules.borrow().cuts;
    let (up, down) = (rules.clone(), rules.clone());
    tokio::select! {
        () = pump(from_client, to_server, limit(Way::Up), |bytes| scissors.cut(Way::Up, bytes), up, false) => {}
        () = pump(from_server, to_client, limit(Way::Down), |bytes| scissors.cut(Way::Down, bytes), down, true) => {}
        _ = rules.wait_for(|rules| rules.cuts > born) => {}
    }
}

async fn reach(server: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.connect(server).await
}

/// Copies until the end, an error, `limit` bytes, or where `cut` says so.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    limit: Option<usize>,
    cut: impl Fn(&[u8]) -> bool,
    mut rules: watch::Receiver<Rules>,
    is_paced: bool,
) {
    let mut left = limit.unwrap_or(usize::MAX);
    let mut buffer = vec![0; 16 * 1024];
    while left > 0 {
        let room = if is_paced { ration(&mut rules, buffer.len()).await } else { buffer.len() };
        let read = from.read(&mut buffer[..room.min(left)]).await;
        let count = read.unwrap_or_default();
        let ends = count == 0 || cut(&buffer[..count]);
        // The other side does not hear of an end either.
        if !is_heard(&mut rules).await || ends || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        left -= count;
    }
}

/// Waits while nothing passes; whether anything ever will.
async fn is_heard(rules: &mut watch::Receiver<Rules>) -> bool {
    rules.wait_for(|rules| !rules.silent).await.is_ok()
}

/// How many bytes may be read now; waits while there are none. A tenth of a second's worth at a time.
async fn ration(rules: &mut watch::Receiver<Rules>, most: usize) -> usize {
    const STEP: Duration = Duration::from_millis(100);
    loop {
        let rate = rules.borrow_and_update().rate;
        match rate {
            None => return most,
            Some(0) => {
                if rules.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
            Some(rate) => {
                tokio::time::sleep(STEP).await;
                return (rate as usize / 10).clamp(1, most);
            }
        }
    }
}
