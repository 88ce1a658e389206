//! `chinwag doctor`: looks at everything a server needs and says in words what is wrong and what to do. It repairs nothing and
//! changes nothing in the data.

mod bus;

use std::{io, path::Path, process::ExitCode, time::Duration};

use chinwag_domain::{
    clock::APART_MS,
    ports::{Clock, SystemClock},
};
use chinwag_store::{OpenError, Site};
use tokio::time::timeout;

use crate::{
    config::{self, Config, Sources},
    data_dir::DataDir,
    listener::{BindError, bind},
    storage,
};

/// Descriptors under which a server soon has to refuse people.
const FEW_DESCRIPTORS: usize = 4096;
/// Free space under which the operator should act, and under which a server should not be started.
const LITTLE_SPACE: u64 = 1024 * 1024 * 1024;
const NO_SPACE: u64 = 64 * 1024 * 1024;
/// Over this a database server is too far away.
const SLOW_ROUND_TRIP: Duration = Duration::from_millis(20);
/// Files that are looked for.
const SAMPLE: u64 = 20;
/// Storage that is well answers much sooner.
const SLOW_STORAGE: Duration = Duration::from_secs(10);
/// A disk that is well syncs in a few milliseconds; every message waits for a sync.
const SLOW_SYNC: Duration = Duration::from_millis(200);
/// The day this was written: no clock that is right shows an earlier one.
const EARLIEST_MS: i64 = 1_795_219_200_000;

/// How one thing was found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    Good(String),
    Note(String),
    Bad(String),
}
use Finding::{Bad, Good, Note};

/// Tells every finding; the exit code says whether something is broken.
pub(crate) async fn run(sources: &Sources, tell: &mut dyn FnMut(&str)) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    match Config::load(sources) {
        Ok(config) => {
            findings.push(("settings", settings(&config, sources)));
            let warnings = config.warnings().into_iter().chain(sources.warnings());
            findings.extend(warnings.map(|warning| ("settings", Note(warning))));
            examine(&config, &mut findings).await;
        }
        Err(faults) => findings.extend(faults.0.into_iter().map(|fault| ("settings", Bad(fault)))),
    }
    let mut broken = 0;
    for (subject, finding) in &findings {
        let (mark, words) = match finding {
            Good(words) => ("ok   ", words),
            Note(words) => ("note ", words),
            Bad(words) => {
                broken += 1;
                ("BAD  ", words)
            }
        };
        tell(&format!("{mark} {subject}: {words}"));
    }
    tell(match broken {
        0 => "\nNothing is broken.",
        1 => "\nOne thing is broken; see BAD above.",
        _ => "\nSeveral things are broken; see BAD above.",
    });
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(config: &Config, findings: &mut Vec<(&'static str, Finding)>) {
    let mut epoch = None;
    let is_running = match data_dir(config, findings) {
        Some(dir) => {
            findings.push(("disk space", disk_space(dir.path())));
            findings.push(("files", files(config, &dir).await));
            match config.site(&dir) {
                Ok(site) => {
                    if !site.is_shared() {
                        findings.push(("disk speed", disk_speed(dir.sync_time())));
                    }
                    database(&site, findings).await;
                    findings.extend(missing_files(config, &dir, &site).await.map(|finding| ("files", finding)));
                    findings.extend(jobs(&site).await.map(|finding| ("jobs", finding)));
                    epoch = bus::epoch_of(config, &site).await;
                }
                Err(e) => findings.push(("database", Bad(e.to_string()))),
            }
            dir.is_locked()
        }
        None => false,
    };
    if is_running {
        findings.push(("server", Good("A server is running on this data directory.".into())));
    }
    if let Some(url) = &config.bus {
        let secret = config.bus_secret.as_ref().map(|secret| secret.0.as_str()).unwrap_or_default();
        findings.push(("bus", bus::visit(&url.0, secret, epoch).await));
    }
    findings.push(("port", port(config, is_running)));
    findings.push(("clock", clock(SystemClock.now_ms())));
    findings.push(("descriptors", descriptors(config::raise_descriptor_limit())));
}

/// Whether files can be kept where the settings say.
async fn files(config: &Config, dir: &DataDir) -> Finding {
    if storage::is_new(config, dir) {
        return Note(format!("{} does not exist yet; the next start makes it.", storage::place(config, dir)));
    }
    match timeout(SLOW_STORAGE, storage::look(config, dir)).await {
        Ok(Ok(())) => Good(format!("They are kept in {}.", storage::place(config, dir))),
        Ok(Err(e)) => Bad(e.to_string()),
        Err(_) => Bad(format!("{} does not answer.", storage::place(config, dir))),
    }
}

/// Whether those that came last are where they are looked for: another place was perhaps set, and they were left in the one before.
async fn missing_files(config: &Config, dir: &DataDir, site: &Site) -> Option<Finding> {
    chinwag_store::check_schema(site).await.ok()?;
    let looked = async {
        let blobs = chinwag_store::newest_blobs(site, SAMPLE).await?;
        let missing = storage::count_missing(config, dir, &blobs).await?;
        anyhow::Ok((missing, blobs.len()))
    };
    let place = storage::place(config, dir);
    match timeout(SLOW_STORAGE, looked).await {
        Ok(Ok((0, _))) => None,
        Ok(Ok((missing, all))) => Some(Bad(format!(
            "Of the {all} files that came last {missing} are not in {place}. Copy what was in the place that was set before (blobs and parts) into this one."
        ))),
        Ok(Err(e)) => Some(Bad(e.to_string())),
        Err(_) => Some(Bad(format!("{place} does not answer."))),
    }
}

fn settings(config: &Config, sources: &Sources) -> Finding {
    Good(match sources.chosen_file() {
        Some(path) => format!("{} is sound. People open {}.", path.display(), config.public_url()),
        None => format!("There is no settings file; the defaults hold. People open {}.", config.public_url()),
    })
}

fn data_dir(config: &Config, findings: &mut Vec<(&'static str, Finding)>) -> Option<DataDir> {
    const SUBJECT: &str = "data directory";
    if !config.data_dir.exists() {
        findings.push((
            SUBJECT,
            match DataDir::probe(&config.data_dir) {
                Ok(()) => Note(format!("{} does not exist yet; the first start makes it.", config.data_dir.display())),
                Err(e) => Bad(e.to_string()),
            },
        ));
        return None;
    }
    let dir = match DataDir::open(&config.data_dir) {
        Ok(dir) => dir,
        Err(e) => {
            findings.push((SUBJECT, Bad(e.to_string())));
            return None;
        }
    };
    let path = dir.path().display();
    findings.push((
        SUBJECT,
        match dir.is_readable_by_others() {
            Ok(false) => Good(format!("{path} can be written, and only its owner can read it.")),
            Ok(true) => Note(format!("Other users of this machine can look into {path}. Run: chmod 700 {path}")),
            Err(e) => Bad(format!("{path} cannot be looked at: {e}.")),
        },
    ));
    if dir.path().join("secret").exists()
        && let Err(e) = dir.secret()
    {
        findings.push((SUBJECT, Bad(e.to_string())));
    }
    Some(dir)
}

fn disk_space(path: &Path) -> Finding {
    let free = match rustix::fs::statvfs(path) {
        Ok(stat) => stat.f_bavail.saturating_mul(stat.f_frsize),
        Err(e) => return Bad(format!("cannot be read: {e}.")),
    };
    let mib = free / (1024 * 1024);
    match free {
        ..NO_SPACE => Bad(format!("Only {mib} MiB are free; messages will soon be refused. Make room on this disk.")),
        NO_SPACE..LITTLE_SPACE => Note(format!("Only {mib} MiB are free. Make room before messages are refused.")),
        _ => Good(format!("{mib} MiB are free.")),
    }
}

fn disk_speed(sync: io::Result<Duration>) -> Finding {
    match sync {
        Ok(worst) if worst < SLOW_SYNC => {
            Good(format!("What is written is durable within {} ms.", worst.as_millis() + 1))
        }
        Ok(worst) => Note(format!(
            "The disk took {:.1} s to make one write durable, and every message waits for that. Find out what else keeps it busy, or move the data directory to a faster one.",
            worst.as_secs_f64()
        )),
        Err(e) => Bad(format!("cannot be tried: {e}.")),
    }
}

async fn database(site: &Site, findings: &mut Vec<(&'static str, Finding)>) {
    const SUBJECT: &str = "database";
    if matches!(site, Site::File(path) if !path.exists()) {
        findings.push((SUBJECT, Note("There is none yet; the first start makes it.".into())));
        return;
    }
    let found = match chinwag_store::inspect(site).await {
        Ok(found) => found,
        Err(e) => {
            findings.push((SUBJECT, Bad(e.to_string())));
            return;
        }
    };
    if !found.faults.is_empty() {
        let faults = found.faults.join("; ");
        findings.push((SUBJECT, Bad(format!("{site} is damaged: {faults}. Stop the server and restore a backup."))));
        return;
    }
    let size = found.server.as_ref().map(|server| format!(", {} MiB", server.bytes.div_ceil(1024 * 1024)));
    findings.push((
        SUBJECT,
        match chinwag_store::check_schema(site).await {
            Ok(()) => Good(format!("{site} is sound ({}{}).", found.engine, size.unwrap_or_default())),
            // The next start mends it.
            Err(e @ (OpenError::NoDatabase { .. } | OpenError::OlderSchema)) => Note(e.to_string()),
            Err(e) => Bad(e.to_string()),
        },
    ));
    let Some(server) = found.server else { return };
    findings.extend(server.warnings.into_iter().map(|warning| (SUBJECT, Note(warning))));
    findings.push((SUBJECT, round_trip(server.round_trip)));
    findings.push((SUBJECT, clocks(server.clock_ahead_ms)));
}

fn round_trip(took: Duration) -> Finding {
    let ms = took.as_secs_f64() * 1000.0;
    if took < SLOW_ROUND_TRIP {
        Good(format!("Its server answers within {ms:.1} ms."))
    } else {
        Note(format!(
            "Its server takes {ms:.1} ms to answer, and every message waits for about ten answers. Run Chinwag nearer to it, or find out what keeps it busy."
        ))
    }
}

fn clocks(ahead_ms: i64) -> Finding {
    if ahead_ms.abs() <= APART_MS {
        return Good("Its server's clock and this machine's agree.".into());
    }
    let (seconds, way) = (ahead_ms.abs() / 1000, if ahead_ms > 0 { "ahead of" } else { "behind" });
    Note(format!("Its server's clock is {seconds} s {way} this machine's. All nodes go by that one. Set both by NTP."))
}

/// What the server has given up, where the database can be asked.
async fn jobs(site: &Site) -> Option<Finding> {
    chinwag_store::check_schema(site).await.ok()?;
    let dead = chinwag_store::dead_jobs(site).await;
    let list = dead.as_deref().unwrap_or_default().iter();
    let list: Vec<_> = list.map(|job| format!("{} after {} tries ({})", job.kind, job.tries, job.fault)).collect();
    Some(match dead {
        Ok(dead) if dead.is_empty() => Good("None was given up.".into()),
        Ok(_) => Bad(format!("Given up: {}. Mend the cause and restart the server: it tries again.", list.join("; "))),
        Err(e) => Bad(e.to_string()),
    })
}

fn port(config: &Config, is_running: bool) -> Finding {
    match bind(config.listen) {
        Ok(_) if is_running => Note(format!(
            "{} is free, although a server runs on this data directory: it listens elsewhere, with other settings.",
            config.listen
        )),
        Ok(_) => Good(format!("{} is free.", config.listen)),
        Err(BindError::Taken(..)) if is_running => Good(format!("{} is in use, by the running server.", config.listen)),
        Err(e) => Bad(e.to_string()),
    }
}

fn clock(now_ms: i64) -> Finding {
    if now_ms < EARLIEST_MS {
        Bad("The clock of this machine is wrong: it shows a day that has long passed. Set it, best by NTP.".into())
    } else {
        Good("The clock shows a day that can be.".into())
    }
}

fn descriptors(limit: usize) -> Finding {
    if limit < FEW_DESCRIPTORS {
        Note(format!(
            "Only {limit} files and connections can be open at once. Raise it (LimitNOFILE=, ulimit -n) for more people."
        ))
    } else {
        Good(format!("{limit} files and connections can be open at once."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(flags: &[(&str, &str)]) -> (bool, String) {
        let flags = flags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let mut lines = Vec::new();
        let code = run(&Sources { flags, ..Sources::default() }, &mut |line| lines.push(line.to_owned())).await;
        (code.expect("an answer") == ExitCode::SUCCESS, lines.join("\n"))
    }

    #[tokio::test]
    async fn an_empty_place_is_fine() {
        let parent = tempfile::tempdir().expect("a directory");
        let path = parent.path().join("none");
        let (is_well, words) = told(&[("data_dir", path.to_str().expect("text")), ("listen", "127.0.0.1:0")]).await;
        assert!(is_well, "{words}");
        assert!(!path.exists(), "looking makes nothing");
    }

    #[tokio::test]
    async fn a_place_where_the_start_could_make_nothing_is_found() {
        let parent = tempfile::tempdir().expect("a directory");
        let file = parent.path().join("file");
        std::fs::write(&file, "").expect("a file");
        for path in [file.join("data"), file.join("a/b"), "/proc/chinwag/data".into()] {
            let (is_well, words) = told(&[("data_dir", path.to_str().expect("text")), ("listen", "127.0.0.1:0")]).await;
            assert!(!is_well && words.contains("BAD   data directory"), "{words}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_found() {
        let parent = tempfile::tempdir().expect("a directory");
        std::fs::write(parent.path().join("chinwag.db"), "x".repeat(9000)).expect("a file");
        let data_dir = parent.path().to_str().expect("text");
        let (is_well, words) = told(&[("data_dir", data_dir), ("listen", "127.0.0.1:0")]).await;
        assert!(!is_well && words.contains("BAD   database"), "{words}");
    }

    #[tokio::test]
    async fn a_job_that_was_given_up_is_found() {
        use chinwag_domain::ports::JobStore as _;
        let parent = tempfile::tempdir().expect("a directory");
        let path = parent.path().join("chinwag.db");
        let publisher = chinwag_realtime::Hub::new(std::sync::Arc::new(SystemClock), 1);
        let store = chinwag_store::open(chinwag_store::StoreConfig::file(&path), publisher).await.expect("opened");
        let flags = [("data_dir", parent.path().to_str().expect("text")), ("listen", "127.0.0.1:0")];
        let (is_well, words) = told(&flags).await;
        assert!(is_well && words.contains("None was given up"), "{words}");
        for job in store.take_jobs(Duration::from_secs(1), 9).await.expect("taken") {
            assert!(store.fail_job(job, "no luck".into(), None).await.expect("written"));
        }
        store.close().await;
        let (is_well, words) = told(&flags).await;
        assert!(!is_well && words.contains("BAD   jobs: Given up: empty_log after 1 tries (no luck)"), "{words}");
    }

    #[tokio::test]
    async fn a_taken_port_is_found_unless_our_own_server_has_it() {
        let taken = bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let listen = taken.local_addr().expect("an address").to_string();
        let parent = tempfile::tempdir().expect("a directory");
        let flags = [("data_dir", parent.path().to_str().expect("text")), ("listen", listen.as_str())];
        let (is_well, words) = told(&flags).await;
        assert!(!is_well && words.contains("BAD   port"), "{words}");
        let _lock = DataDir::open(parent.path()).and_then(|dir| dir.lock()).expect("the lock");
        let (is_well, words) = told(&flags).await;
        assert!(is_well && words.contains("in use, by the running server"), "{words}");
    }

    #[tokio::test]
    async fn faults_of_the_settings_are_told_one_by_one() {
        let (is_well, words) = told(&[("listen", "x"), ("guests", "y")]).await;
        assert!(!is_well && words.matches("BAD   settings").count() == 2, "{words}");
    }

    #[test]
    fn thresholds_hold() {
        assert!(matches!(clock(0), Bad(_)) && matches!(clock(EARLIEST_MS), Good(_)));
        let slow = Duration::from_secs(3);
        assert!(matches!(disk_speed(Ok(slow)), Note(words) if words.contains("3.0 s")));
        assert!(matches!(disk_speed(Ok(SLOW_SYNC / 2)), Good(_)));
        assert!(matches!(round_trip(SLOW_ROUND_TRIP), Note(_)) && matches!(round_trip(SLOW_ROUND_TRIP / 2), Good(_)));
        for (ahead_ms, word) in [(-2000, "2 s behind"), (3500, "3 s ahead of"), (999, "agree"), (-1000, "agree")] {
            let (Good(words) | Note(words) | Bad(words)) = clocks(ahead_ms);
            assert!(words.contains(word), "{words}");
        }
        assert!(matches!(descriptors(1024), Note(_)) && matches!(descriptors(65_536), Good(_)));
    }
}
