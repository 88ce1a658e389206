//! `chinwag doctor` beside a server that people have used. What it finds where nobody was yet is tried beside it.

use std::process::Command;

use anyhow::{Result, ensure};
use chinwag_testkit::{Cast, Process, files::upload, process::binary};
use tokio::task::block_in_place;

use crate::load;

/// Whether all is well, and what was said, by the settings of this server and these.
fn doctor(server: &Process, settings: &[(&str, &str)]) -> Result<(bool, String)> {
    let mut command = Command::new(binary()?);
    command.arg("doctor").env("CHINWAG__LISTEN", server.address().to_string());
    command.env("CHINWAG__DATA_DIR", server.data_dir()).envs(settings.iter().copied());
    let told = block_in_place(|| command.output())?;
    Ok((told.status.success(), String::from_utf8_lossy(&told.stdout).into_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_were_left_in_the_place_that_was_set_before_are_missed() -> Result<()> {
    let server = load::process()?;
    let Cast { alice, .. } = Cast::gather(server.address()).await?;
    for (name, content) in [("one.txt", "one"), ("two.txt", "two")] {
        upload(&alice, name, content.as_bytes()).await?;
    }
    let (is_well, words) = doctor(&server, &[])?;
    ensure!(is_well && !words.contains("are not in"), "{words}");
    let (new, half) = (server.data_dir().join("new"), server.data_dir().join("half"));
    let there = crate::files::kept(&server.data_dir().join("files/blobs"));
    let [first, _] = &there[..] else { anyhow::bail!("{there:?}") };
    let copy = half.join(first.strip_prefix(server.data_dir().join("files"))?);
    std::fs::create_dir_all(copy.parent().unwrap_or(&half))?;
    std::fs::copy(first, copy)?;
    for (place, missing) in [(&new, 2), (&half, 1)] {
        let place = place.display().to_string();
        let (is_well, words) = doctor(&server, &[("CHINWAG__FILES__DIRECTORY", &place)])?;
        let told = format!("BAD   files: Of the 2 files that came last {missing} are not in {place}. Copy what was");
        ensure!(!is_well && words.contains(&told), "{words}");
    }
    ensure!(!new.exists(), "looking makes nothing");
    Ok(())
}
