//! A file beside the database that says how far it has come, so that a start notices a database that was restored and gives it
//! a new epoch: the cursors of clients point into a log that is not there any more. It is no part of a backup.
//!
//! The database and the marker tell each other the last start, a random number. An older state of the database names an older start.
//! One that was copied since the last start lacks what was told since: the marker counts that. A copy of the whole directory has other
//! files; where it is laid over these, the marker that comes with it names itself as another file than it is now. Whatever is in doubt
//! is a restore, which costs each client one full load.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::UNIX_EPOCH,
};

use chinwag_domain::ports::{Committed, random_bytes};
use chinwag_proto::id::LIMIT;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};

use crate::{dialect::statement, failpoint::Failpoints, open_error::OpenError};

/// The lines of the file, in their order; each is a number of so many digits, so that all can be written over in their place.
const LINES: [&str; 9] =
    ["epoch", "start", "start_before", "inode", "born", "own_inode", "own_born", "reached", "closed"];
const DIGITS: usize = 20;
const OWN: usize = 5;
const REACHED: usize = 7;
const CLOSED: usize = 8;

/// What the marker says, line by line.
type Lines = [u64; LINES.len()];

/// The marker of a database that a server has opened.
#[derive(Debug)]
pub(crate) struct Marker {
    path: PathBuf,
    database: PathBuf,
    file: File,
    lines: Lines,
    /// How many positions of logs were given.
    reached: AtomicU64,
}

/// What the files say before the database is opened.
pub(crate) struct Before {
    known: Option<Lines>,
    /// Whoever filled the database knows that it is the same history.
    is_trusted: bool,
    path: PathBuf,
    database: PathBuf,
}

/// Which file it is. One that is written over in its place stays the same.
fn identity(file: &fs::Metadata) -> [u64; 2] {
    // Not every file system knows it.
    let born = file.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    [file.ino(), born.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(0))]
}

/// When the file was last touched, also by a copy that keeps the times: nobody can set this one.
fn touched(database: &Path) -> io::Result<u64> {
    let file = fs::metadata(database)?;
    Ok(u64::try_from(file.ctime()).unwrap_or(0) * 1_000_000_000 + u64::try_from(file.ctime_nsec()).unwrap_or(0))
}

impl Before {
    /// To be asked before the database is opened, which may touch its file. A marker that does not fit goes at once, so that the doubt
    /// outlives a death on the way.
    pub(crate) fn look(database: &Path) -> Result<Self, OpenError> {
        let path = database.with_extension("marker");
        let unusable = |cause| OpenError::Directory { path: path.clone(), cause };
        let fits = |lines: &Lines| {
            let [.., inode, born, own_inode, own_born, _, closed] = *lines;
            let is = |file: &Path, known| fs::metadata(file).is_ok_and(|found| identity(&found) == known);
            is(database, [inode, born])
                && is(&path, [own_inode, own_born])
                && (closed == 0 || touched(database).is_ok_and(|at| at == closed))
        };
        let known = fs::read_to_string(&path).ok().and_then(|text| parse(&text)).filter(fits);
        match known {
            None => remove(&path).map_err(unusable)?,
            Some(mut lines) => {
                lines[CLOSED] = 0;
                replace(&path, lines).map_err(unusable)?;
            }
        }
        Ok(Self { known, is_trusted: false, path, database: database.into() })
    }

    /// Begins a new start, in a new epoch unless the database is the one that the last start left. Gives the epoch.
    pub(crate) async fn begin(self, db: &DatabaseConnection) -> Result<(i64, Marker), OpenError> {
        let Self { known, is_trusted, path, database } = self;
        let unusable = |cause| OpenError::Directory { path: path.clone(), cause };
        let failpoints = Failpoints::from_environment();
        let fact = async |key: &str| -> Result<u64, DbErr> {
            let row = db.query_one_raw(statement(db, "SELECT value FROM meta WHERE key = ?", [key.into()])).await?;
            let value: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
            Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
        };
        let (epoch, start) = (fact("epoch").await?, fact("start").await?);
        let reached = positions(db).await?;
        let continues = known.is_some_and(|lines| {
            let [known_epoch, last, before, .., known_reached, _] = lines;
            known_epoch == epoch && [last, before].contains(&start) && known_reached <= reached
        });
        let next_epoch = if continues || is_trusted { epoch } else { random() };
        let next_start = random();
        let [inode, born] = identity(&fs::metadata(&database).map_err(unusable)?);
        // Either start will do from here on: a death between the two writes leaves the one or the other.
        let lines = [next_epoch, next_start, start, inode, born, 0, 0, reached, 0];
        replace(&path, lines).map_err(unusable)?;
        failpoints.pass("marker_written").await;
        let tx = db.begin().await?;
        for (key, value) in [("epoch", next_epoch), ("start", next_start)] {
            let sql =
                "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            tx.execute_raw(statement(&tx, sql, [key.into(), value.to_string().into()])).await?;
        }
        tx.commit().await?;
        failpoints.pass("epoch_written").await;
        let lines = [next_epoch, next_start, next_start, inode, born, 0, 0, reached, 0];
        let file = replace(&path, lines).map_err(unusable)?;
        if !continues && !is_trusted && reached > 0 {
            tracing::warn!("the database is not as the last server left it: all clients load everything anew");
        }
        let epoch = i64::try_from(next_epoch).unwrap_or(i64::MAX);
        Ok((epoch, Marker { path, database, file, lines, reached: AtomicU64::new(reached) }))
    }
}

/// Lets the next start be in doubt.
pub(crate) fn forget(database: &Path) -> Result<(), OpenError> {
    let path = database.with_extension("marker");
    remove(&path).map_err(|cause| OpenError::Directory { path, cause })
}

/// Gives a database that was filled from another one a marker, so that its first start keeps the epoch.
pub(crate) async fn adopt(database: &Path, db: &DatabaseConnection) -> Result<Marker, OpenError> {
    let path = database.with_extension("marker");
    let before = Before { known: None, is_trusted: true, path, database: database.into() };
    Ok(before.begin(db).await?.1)
}

impl Marker {
    /// Notes what was committed, before it is told. It is not synced: it outlives the process, and after a power failure it may
    /// say less than there is, never more.
    pub(crate) fn note(&self, changes: &[Committed]) {
        let mut given: Vec<_> = changes.iter().filter_map(position).collect();
        given.sort_unstable();
        given.dedup();
        if given.is_empty() {
            return;
        }
        let reached = self.reached.fetch_add(given.len() as u64, Ordering::Relaxed) + given.len() as u64;
        self.write(REACHED, reached);
    }

    /// Notes that the database was closed in order: whoever touches the file from here on is no server. It is another file from
    /// here on, so that a copy of the one before is known for one.
    pub(crate) fn seal(&self) {
        let sealed = touched(&self.database).and_then(|at| {
            let mut lines = self.lines;
            lines[REACHED] = self.reached.load(Ordering::Relaxed);
            lines[CLOSED] = at;
            replace(&self.path, lines)
        });
        self.or_in_doubt(sealed.map(drop));
    }

    fn write(&self, line: usize, number: u64) {
        self.or_in_doubt(self.file.write_all_at(format!("{number:0DIGITS$}").as_bytes(), offset(line)));
    }

    /// Without a marker the next start is in doubt, which is safe; with one that lags it would not be.
    fn or_in_doubt(&self, written: io::Result<()>) {
        if let Err(error) = written.or_else(|_| remove(&self.path)) {
            tracing::warn!(%error, "the marker beside the database cannot be written");
        }
    }
}

/// A log and a position in it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Position {
    Room(i64, i64),
    Own(i64, i64),
}

fn position(change: &Committed) -> Option<Position> {
    match change {
        Committed::Own { user_id, seq, .. } => Some(Position::Own(*user_id, *seq)),
        Committed::Room { event, .. } => event.position().map(|(room_id, seq)| Position::Room(room_id, seq)),
        Committed::Profile(_) | Committed::Emojis(_) => None,
    }
}

/// How many positions the logs of all rooms and people have. It only grows. A row that is damaged is no reason not to start: its
/// room alone is refused.
async fn positions(db: &DatabaseConnection) -> Result<u64, DbErr> {
    let of = |table| format!("(SELECT COALESCE(SUM(MIN(CAST(last_seq AS INTEGER), {LIMIT})), 0) FROM {table})");
    let sql = format!("SELECT {} + {}", of("rooms"), of("own_logs"));
    let row = db.query_one_raw(statement(db, &sql, [])).await?;
    let sum: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(u64::try_from(sum).unwrap_or_default())
}

/// Not 0, and exact in JSON.
pub(crate) fn random() -> u64 {
    (u64::from_le_bytes(random_bytes()) >> 11).max(1)
}

fn write_out(lines: &Lines) -> String {
    LINES.iter().zip(lines).map(|(name, number)| format!("{name:13}{number:0DIGITS$}\n")).collect()
}

/// Where the digits of a line begin.
fn offset(line: usize) -> u64 {
    (line * (13 + DIGITS + 1) + 13) as u64
}

fn parse(text: &str) -> Option<Lines> {
    let mut words = text.split_whitespace();
    let mut lines = Lines::default();
    for (name, number) in LINES.iter().zip(&mut lines) {
        words.next().filter(|word| word == name)?;
        *number = words.next()?.parse().ok()?;
    }
    Some(lines)
}

/// Writes the marker anew, whole or not at all, and gives the file, which it names.
fn replace(path: &Path, mut lines: Lines) -> io::Result<File> {
    let draft = path.with_extension("marker.draft");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    lines[OWN..REACHED].copy_from_slice(&identity(&file.metadata()?));
    file.write_all(write_out(&lines).as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_directory(path)?;
    Ok(file)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_directory(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
