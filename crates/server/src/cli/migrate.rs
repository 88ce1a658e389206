//! `chinwag migrate`: moves all data to another database, says how far it is, and what to do next. How it is copied is the store's.

use std::{
    fs,
    io::{IsTerminal as _, stdin},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use chinwag_store::{Progress, Site, Survey, TransferError, TransferPlan, survey, transfer};
use clap::Args;

use super::{complain, say};
use crate::{Config, data_dir::DataDir};

/// How often it is said how far it is.
const WORD: Duration = Duration::from_secs(1);
/// What is left of it beside the database.
const REPORT: &str = "migrate-report.txt";

#[derive(Debug, Args)]
pub(super) struct Action {
    /// The URL of an empty database: postgres://…, mysql:// or mariadb://…; or sqlite for the file in data_dir; or - to read the URL from
    /// standard input, where nobody else sees its password.
    #[arg(long, value_name = "URL")]
    to: String,
    /// Only look whether it can be done, and what there is to move.
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(action: &Action, config: Config) -> anyhow::Result<()> {
    let data_dir = DataDir::find(&config.data_dir)?;
    data_dir.refuse_root_as_guest()?;
    let source = config.site(&data_dir)?;
    let target = match action.to.as_str() {
        "-" => {
            if stdin().is_terminal() {
                complain(
                    "The URL of the database to move to (it is shown as you write; give it through a pipe or a file where that matters):",
                );
            }
            let mut line = String::new();
            stdin().read_line(&mut line).context("cannot read the URL from standard input")?;
            target(line.trim(), &data_dir)?
        }
        word => target(word, &data_dir)?,
    };
    if source == target {
        return Err(TransferError::Same.into());
    }
    let secret = if source.is_shared() { None } else { data_dir.kept_secret()? };
    let plan = TransferPlan { source, target, secret };
    // No server may begin with the file while it is filled.
    let _lock = if plan.target.is_shared() { None } else { Some(data_dir.lock()?) };
    let Survey { people, rooms, changes, goes_on } = survey(&plan).await?;
    say(&format!(
        "From {}\nto   {}:\n{people} accounts, {rooms} rooms with {changes} entries.",
        plan.source, plan.target
    ));
    if goes_on {
        say("A copy was begun there; it goes on.");
    }
    if action.check {
        say("It can be done. Nothing was changed.");
        return Ok(());
    }
    let report = transfer(&plan, &mut teller()).await?;
    if let Some(secret) = report.secret {
        data_dir.keep_secret(secret)?;
    }
    say(&format!("\n{report}"));
    let path = data_dir.path().join(REPORT);
    fs::write(&path, report.to_string())
        .with_context(|| format!("the report cannot be written to {}", path.display()))?;
    say(&format!("This is also in {}.\n", path.display()));
    say(if plan.target.is_shared() {
        "Next: stop the server, set database to the URL that you gave as --to (or CHINWAG__DATABASE), and start it. Until then whoever writes is \
         told so. What is in the old database stays as it is; keep it as a backup."
    } else {
        "Next: take database, bus and bus_secret out of the settings, and start the server. What is in the old database stays as it is; keep it as a backup."
    });
    Ok(())
}

/// Where `--to` leads.
fn target(word: &str, data_dir: &DataDir) -> anyhow::Result<Site> {
    const FILE: &str = "sqlite";
    if word.eq_ignore_ascii_case(FILE) {
        return Ok(Site::File(data_dir.database()));
    }
    Site::of_url(word).map_err(|error| anyhow::anyhow!("--to is no URL of a database, nor {FILE}. {error}"))
}

/// Says how far it is, now and then.
fn teller() -> impl FnMut(Progress) + Send {
    let (mut begun, mut said, mut last) = (Instant::now(), Instant::now(), None);
    let mut before = 0;
    move |progress| match progress {
        Progress::Copying { done, left } => {
            if done < before {
                begun = Instant::now();
            }
            before = done;
            if said.elapsed() >= WORD {
                said = Instant::now();
                let speed = done as f64 / begun.elapsed().as_secs_f64().max(0.001);
                complain(&format!("copied {done} entries of logs ({speed:.0}/s), {left} are left"));
            }
            last = None;
        }
        other => {
            if last.replace(other) != Some(other) {
                complain(match other {
                    Progress::Comparing => "comparing both",
                    _ => "the last changes: for a moment nobody can write",
                });
            }
        }
    }
}
