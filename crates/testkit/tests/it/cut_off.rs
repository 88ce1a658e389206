//! Uploads in the middle of which the server dies, or its disk is full: what was acknowledged is whole, what was not can be gone on
//! with or is gone, and nothing of it is left behind. Uploads that their client cuts off are in `uploads`.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use anyhow::{Context as _, Result, ensure};
use chinwag_testkit::{
    Person, Process,
    files::{OFFSET_BYTES, ask, begin, fetch, form, form_type, offset, patch, post, tus, upload},
    set_clock,
};
use futures_util::stream;
use reqwest::Body;
use tempfile::TempDir;
use tokio::{
    task::{JoinSet, block_in_place},
    time::timeout,
};

use crate::{
    files::kept,
    load::{Dice, SETTINGS, until},
    stage::{self, PATIENCE, number},
};

const ROUNDS: usize = 8;
/// Clients of each way that send at the same time.
const CLIENTS: u64 = 2;
const ABORTED_AT: [&str; 2] = ["before_commit", "after_commit"];
/// Deaths at each point after the start: an upload in a form makes three commits, the one in pieces behind it some more.
const COMMITS: usize = 7;
/// A server's part of an upload.
const PART: usize = 8 * 1024 * 1024;
const MIB: usize = 1024 * 1024;
const NAME: &str = "filename eA==";
const DAY_AND_MORE: i64 = 25 * 60 * 60;

/// A content by which it can be told from all others, and what is known of its upload.
#[derive(Clone, Debug)]
struct Parcel {
    seed: u64,
    size: usize,
    /// Where it goes on, if it can be gone on with, and how much of it was acknowledged.
    place: Option<(String, usize)>,
    /// The file that it became, as the server said.
    file: Option<i64>,
}

impl Parcel {
    fn new(seed: u64, dice: &mut Dice) -> Self {
        // Most are one part, some are two or three.
        let size = if dice.roll(4) == 0 { dice.roll(2 * PART as u64) + PART as u64 } else { dice.roll(1_500_000) };
        Self { seed, size: size as usize + 1, place: None, file: None }
    }

    fn content(&self) -> Vec<u8> {
        let mut dice = Dice::new(self.seed);
        let mut bytes = self.seed.to_le_bytes().to_vec();
        while bytes.len() < self.size {
            bytes.extend(dice.roll(1 << 31).to_le_bytes());
        }
        bytes.truncate(self.size);
        bytes
    }

    /// Sends all of it in a form.
    async fn send(&mut self, who: &Person, sent: &Arc<AtomicUsize>) -> Result<()> {
        let form = form("x", &self.content(), &[]);
        let head = [("content-type", &*form_type()), ("content-length", &*form.len().to_string())];
        let reply = ask(who, "POST", "/api/upload/file", &head, counted(form, sent)).await?;
        ensure!(reply.status == 200, "{} {}", reply.status, reply.json());
        self.file = Some(number(&reply.json()["data"]["id"]));
        Ok(())
    }

    /// Sends what is missing in pieces of these sizes and learns which file it is.
    async fn send_rest(&mut self, who: &Person, dice: &mut Dice, sent: &Arc<AtomicUsize>) -> Result<()> {
        if self.place.is_none() {
            self.place = Some((begin(who, self.size, NAME).await?, 0));
        }
        let content = self.content();
        while self.file.is_none() {
            let (place, at) = self.place.as_mut().context("it was begun")?;
            let to = (*at + 1 + dice.roll(PART as u64 * 3 / 2) as usize).min(self.size);
            let reply = patch(who, place, *at, counted(content[*at..to].to_vec(), sent)).await?;
            ensure!(reply.status == 204, "{} {}", reply.status, reply.json());
            *at = reply.offset().context("an offset")? as usize;
            self.file = reply.header("chinwag-file").parse().ok();
        }
        Ok(())
    }

    /// How far it came, which is no less than was acknowledged. What was begun is there.
    async fn look(&mut self, who: &Person) -> Result<()> {
        let Some((place, acknowledged)) = &mut self.place else { return Ok(()) };
        let at = offset(who, place).await?.with_context(|| format!("{place} was begun and is gone"))? as usize;
        ensure!((*acknowledged..=self.size).contains(&at), "{place} is at {at} and was at {acknowledged}");
        *acknowledged = at;
        Ok(())
    }

    async fn is_whole(&self, who: &Person) -> Result<()> {
        let file = self.file.context("it was acknowledged")?;
        let got = fetch(who, file, &[]).await?;
        ensure!(got.status == 200, "{file} was acknowledged: {} {}", got.status, got.json());
        ensure!(got.bytes == self.content(), "{file} of {} bytes is another, of {}", self.size, got.bytes.len());
        Ok(())
    }
}

/// A body that counts its bytes as they leave.
fn counted(bytes: Vec<u8>, sent: &Arc<AtomicUsize>) -> Body {
    const STRETCH: usize = 64 * 1024;
    let sent = sent.clone();
    let stretches: Vec<Vec<u8>> = bytes.chunks(STRETCH).map(<[u8]>::to_vec).collect();
    Body::wrap_stream(stream::iter(stretches.into_iter().map(move |stretch| {
        sent.fetch_add(stretch.len(), Ordering::Relaxed);
        anyhow::Ok(stretch)
    })))
}

/// Sends one after the other until the server is away; gives all of them, the last as far as it came.
async fn keep_sending(
    who: Person,
    in_pieces: bool,
    seed: u64,
    sent: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) -> Result<Vec<Parcel>> {
    let mut dice = Dice::new(seed);
    let mut parcels = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let mut parcel = Parcel::new(seed + parcels.len() as u64, &mut dice);
        let sending = async {
            if in_pieces { parcel.send_rest(&who, &mut dice, &sent).await } else { parcel.send(&who, &sent).await }
        };
        let went = timeout(PATIENCE, sending).await.context("nothing came back")?;
        parcels.push(parcel);
        if let Err(error) = went {
            ensure!(error.is::<reqwest::Error>(), "it was refused: {error:#}");
            break;
        }
    }
    Ok(parcels)
}

fn assert_no_panic(server: &Process) {
    let output = server.output();
    assert!(!output.contains("panicked"), "the server panicked:\n{output}");
}

/// A day later, after a start that looks for what is left over, all that is kept is these files.
async fn assert_nothing_else_is_left(
    server: &mut Process,
    clock: &Path,
    who: &str,
    room: i64,
    parcels: &[Parcel],
) -> Result<()> {
    let person = Person::log_in(server.address(), who).await?;
    let (held, loose) = parcels.split_at(parcels.len() / 2);
    for parcel in held {
        post(&person, room, &[parcel.file.context("it is whole")?]).await?;
    }
    ensure!(!held.is_empty() && !loose.is_empty(), "too few were sent to tell anything");
    set_clock(clock, DAY_AND_MORE)?;
    block_in_place(|| {
        server.kill()?;
        server.restart()
    })?;
    let files = server.data_dir().join("files");
    let is_clean = async || Ok((kept(&files).len() == held.len()).then_some(()));
    stage::eventually("the end of what is left over", is_clean).await.with_context(|| format!("{:?}", kept(&files)))?;
    let person = Person::log_in(server.address(), who).await?;
    for parcel in held {
        parcel.is_whole(&person).await?;
    }
    Ok(())
}

/// A server whose time of day can be put on by a day, and somebody with a room.
async fn scene(clock: &Path) -> Result<(Process, Person, i64)> {
    let settings = [&SETTINGS[..], &[("files.quota_bytes", "0")]].concat();
    let server = block_in_place(|| stage::server_by_clock(clock, &settings))?;
    let alice = Person::register(server.address(), "alice").await?;
    let room = alice.create_room("Tea", true).await?;
    Ok((server, alice, room))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_nine_an_acknowledged_upload_is_whole_and_another_goes_on_or_is_gone() -> Result<()> {
    let home = tempfile::tempdir()?;
    let clock = home.path().join("clock");
    let (mut server, alice, room) = scene(&clock).await?;
    let mut dice = Dice::new(10);
    let mut all = Vec::new();
    let mut cut = 0;
    for round in 0..ROUNDS as u64 {
        let (sent, is_over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let mut clients = JoinSet::new();
        for client in 0..2 * CLIENTS {
            let seed = (round * 2 * CLIENTS + client + 1) * 1_000;
            clients.spawn(keep_sending(alice.clone(), client % 2 == 1, seed, sent.clone(), is_over.clone()));
        }
        let wanted = 500_000 + dice.roll(16_000_000) as usize;
        until("enough is sent", || wanted.saturating_sub(sent.load(Ordering::Relaxed))).await?;
        is_over.store(true, Ordering::Relaxed);
        block_in_place(|| {
            server.kill()?;
            server.restart()
        })?;
        for client in clients.join_all().await {
            for mut parcel in client? {
                if parcel.file.is_none() {
                    cut += 1;
                    parcel.look(&alice).await?;
                    if parcel.place.is_none() {
                        continue;
                    }
                    parcel.send_rest(&alice, &mut dice, &sent).await.context("it goes on")?;
                }
                parcel.is_whole(&alice).await?;
                all.push(parcel);
            }
        }
    }
    ensure!(cut >= ROUNDS, "only {cut} uploads were cut off");
    assert_nothing_else_is_left(&mut server, &clock, "alice", room, &all).await?;
    assert_no_panic(&server);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dying_before_and_after_each_commit_of_an_upload_loses_nothing_acknowledged() -> Result<()> {
    let home = tempfile::tempdir()?;
    let clock = home.path().join("clock");
    let (mut server, alice, room) = scene(&clock).await?;
    let mut dice = Dice::new(11);
    let (mut all, mut seed) = (Vec::new(), 0);
    for point in ABORTED_AT {
        let (mut pass, mut deaths) = (0, 0);
        while deaths < COMMITS {
            pass += 1;
            let ended = block_in_place(|| {
                server.kill()?;
                server.relaunch(Some(&format!("{point}:{pass}")))?;
                server.await_ready_or_end()
            })?;
            if ended.is_some() {
                // A start makes commits, too.
                block_in_place(|| server.restart())?;
                continue;
            }
            deaths += 1;
            let sent = Arc::default();
            let mut parcels = Vec::new();
            // It dies in one of them.
            for in_pieces in [false, true, false, true] {
                seed += 1;
                let mut parcel = Parcel { seed, size: PART + 100_000, place: None, file: None };
                let sending = async {
                    if in_pieces {
                        parcel.send_rest(&alice, &mut dice, &sent).await
                    } else {
                        parcel.send(&alice, &sent).await
                    }
                };
                let is_dead = timeout(PATIENCE, sending).await.context("nothing came back")?.is_err();
                parcels.push(parcel);
                if is_dead {
                    break;
                }
            }
            block_in_place(|| {
                server.await_end()?;
                server.restart()
            })
            .with_context(|| format!("it did not die at {point} {pass}"))?;
            for mut parcel in parcels {
                if parcel.file.is_none() {
                    parcel.look(&alice).await.with_context(|| format!("{point} {pass}"))?;
                    if parcel.place.is_none() {
                        continue;
                    }
                    parcel.send_rest(&alice, &mut dice, &sent).await.with_context(|| format!("{point} {pass}"))?;
                }
                parcel.is_whole(&alice).await.with_context(|| format!("{point} {pass}"))?;
                all.push(parcel);
            }
        }
    }
    assert_nothing_else_is_left(&mut server, &clock, "alice", room, &all).await?;
    assert_no_panic(&server);
    Ok(())
}

/// A disk of a few megabytes, in memory.
struct SmallDisk {
    home: TempDir,
}

impl SmallDisk {
    /// None where a test may not mount anything; containers often do not let it. `cargo xtask test` counts such lines.
    fn of(mebibytes: usize) -> Result<Option<Self>> {
        let disk = Self { home: TempDir::with_prefix("chinwag-disk-")? };
        let tried = disk.mount(&format!("size={mebibytes}m"));
        if let Err(why) = &tried {
            writeln!(std::io::stderr(), "SKIPPED uploads on a full disk: {why:#}")?;
        }
        Ok(tried.is_ok().then_some(disk))
    }

    fn mount(&self, options: &str) -> Result<()> {
        let output =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.home.path()).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }

    fn grow_to(&self, mebibytes: usize) -> Result<()> {
        self.mount(&format!("remount,size={mebibytes}m"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What still writes there keeps it until it ends.
        let _ = Command::new("umount").arg("-l").arg(self.home.path()).stderr(Stdio::null()).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_in_the_middle_of_an_upload_is_told_of_and_keeps_nothing_half() -> Result<()> {
    let Some(disk) = SmallDisk::of(20)? else { return Ok(()) };
    let place = disk.home.path().join("files");
    let directory = place.to_string_lossy().into_owned();
    let settings = [("files.directory", &*directory), ("files.max_bytes", "40 MiB"), ("files.quota_bytes", "40 MiB")];
    let server = block_in_place(|| Process::start(&settings))?;
    let alice = Person::register(server.address(), "alice").await?;
    let room = alice.create_room("Tea", true).await?;
    let parcel = |seed, mebibytes| Parcel { seed, size: mebibytes * MIB, place: None, file: None };
    let first = parcel(1, 5);
    let id = number(&upload(&alice, "first", &first.content()).await?["id"]);
    let full = (507, "out_of_space".to_owned());

    let in_a_form = form("large", &parcel(2, 30).content(), &[]);
    let reply = ask(&alice, "POST", "/api/upload/file", &[("content-type", &form_type())], in_a_form).await?;
    assert_eq!(reply.refusal(), full, "{}", reply.json());
    let sentence = reply.json()["message"].as_str().unwrap_or_default().to_owned();
    assert!(sentence.starts_with("The server has run out of space."), "{sentence}");
    let gone = async || Ok((kept(&place).len() == 1).then_some(()));
    stage::eventually("the end of what came of it", gone).await?;

    let second = parcel(3, 30);
    let content = second.content();
    let upload = begin(&alice, second.size, NAME).await?;
    assert_eq!(patch(&alice, &upload, 0, content.clone()).await?.refusal(), full);
    let at = offset(&alice, &upload).await?.context("it can be gone on with")? as usize;
    assert_eq!(at, PART, "the part that found room stays");
    assert_eq!(kept(&place).len(), 2, "{:?}", kept(&place));
    let third = tus(&alice, "POST", "/api/files/uploads", &[OFFSET_BYTES, ("upload-length", "5")], "third").await?;
    assert_eq!(third.status, 201, "what is small finds its place: {}", third.json());

    alice.say(room, "words go on").await?;
    Parcel { file: Some(id), ..first.clone() }.is_whole(&alice).await?;
    let small = tus(&alice, "POST", "/api/files/uploads", &[("upload-length", &(5 * MIB).to_string())], "").await?;
    assert_eq!(small.refusal(), (413, "quota_exceeded".to_owned()), "what was begun still counts");

    disk.grow_to(70)?;
    let rest = patch(&alice, &upload, at, content[at..].to_vec()).await?;
    let file = rest.header("chinwag-file").parse().with_context(|| format!("{} {}", rest.status, rest.json()))?;
    Parcel { file: Some(file), ..second }.is_whole(&alice).await?;
    alice.http.delete(&format!("/api/files/{file}")).await?.data()?;
    let room_for = 35 * MIB - 5;
    let begun = begin(&alice, room_for, NAME).await.context("what the full disk refused counts for nothing")?;
    let more = tus(&alice, "POST", "/api/files/uploads", &[("upload-length", "1")], "").await?;
    assert_eq!(more.refusal(), (413, "quota_exceeded".to_owned()));
    assert_eq!(tus(&alice, "DELETE", &begun, &[], "").await?.status, 204);
    assert_no_panic(&server);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_found_no_room_to_be_made_whole_is_made_whole_when_there_is_some() -> Result<()> {
    let Some(disk) = SmallDisk::of(20)? else { return Ok(()) };
    let place = disk.home.path().join("files");
    let directory = place.to_string_lossy().into_owned();
    let server = block_in_place(|| Process::start(&[("files.directory", &directory)]))?;
    let alice = Person::register(server.address(), "alice").await?;
    let parcel = Parcel { seed: 1, size: 15 * MIB, place: None, file: None };
    let upload = begin(&alice, parcel.size, NAME).await?;
    // Two parts, which are there twice while they become one file.
    let reply = patch(&alice, &upload, 0, parcel.content()).await?;
    assert_eq!(reply.refusal(), (507, "out_of_space".to_owned()));
    assert_eq!(kept(&place).len(), 2, "its parts, and nothing half: {:?}", kept(&place));
    disk.grow_to(40)?;
    let whole = tus(&alice, "HEAD", &upload, &[], "").await?;
    let file = whole.header("chinwag-file").parse().context("it is whole now")?;
    Parcel { file: Some(file), ..parcel }.is_whole(&alice).await?;
    assert_eq!(kept(&place).len(), 1, "{:?}", kept(&place));
    assert_no_panic(&server);
    Ok(())
}
