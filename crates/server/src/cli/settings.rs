//! `chinwag config`: checks, prints and documents the settings.

use clap::Subcommand;

use super::say;
use crate::config::{Config, Sources};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Say everything that is wrong with the settings; the exit code tells.
    Check,
    /// Print the settings that hold, as a settings file.
    Print,
    /// Print the reference page.
    Docs,
}

pub(super) fn run(action: &Action, sources: &Sources) -> anyhow::Result<()> {
    match action {
        Action::Check => {
            let config = Config::load(sources)?;
            match sources.chosen_file() {
                Some(path) => say(&format!("The settings are sound. The file is {}.", path.display())),
                None => say("The settings are sound. There is no settings file."),
            }
            for warning in config.warnings().into_iter().chain(sources.warnings()) {
                say(&format!("But note: {warning}"));
            }
        }
        Action::Print => say(Config::load(sources)?.print().trim_end()),
        Action::Docs => say(Config::reference().trim_end()),
    }
    Ok(())
}
