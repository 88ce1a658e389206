//! The command line: which commands there are, and that each option of the settings is also a flag. What a command does is in
//! its own file.

mod migrate;
mod password;
mod restored;
mod say;
mod serve;
mod settings;
mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand};

use rustix::{fs::Mode, process::umask};

use crate::{
    config::{Config, SettingFaults, Sources},
    doctor,
};
use say::{complain, say};

/// A complete chat service in one program. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "chinwag", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// The settings file, TOML or YAML; else the one that CHINWAG_CONFIG names.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve (this is what no command means).
    Serve,
    /// Look at the settings.
    #[command(subcommand)]
    Config(settings::Action),
    /// Look for what is wrong with this installation, and say what to do about it.
    Doctor,
    /// Look after accounts; works while the server runs, and while it does not.
    #[command(subcommand)]
    User(user::Action),
    /// Say that the database was set back to an older state, before a server runs on it again: all clients load everything anew.
    Restored,
    /// Move all data to another database, also while the server runs; people stay logged in and miss nothing.
    Migrate(migrate::Action),
    /// Print the description of the HTTP API, OpenAPI 3.1; a running server gives the same at /api/openapi.json.
    Openapi,
    /// Say which version this is.
    Version,
}

/// Every option of the settings, as a flag.
#[derive(Clone, Debug, Default)]
struct Flags(Vec<(String, String)>);

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        command.next_help_heading("Settings").args(Config::keys().into_iter().map(|key| {
            let flag = key.name.replace('_', "-");
            let help = key.doc.split_once(". ").map_or(key.doc.as_str(), |(first, _)| first);
            let help = help.trim_end_matches('.').replace('`', "");
            Arg::new(key.name.clone())
                .long(flag)
                .value_name(key.kind)
                .help(help)
                .global(true)
                .hide_short_help(key.name.contains('.'))
                .allow_hyphen_values(true)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |key: crate::config::Key| {
            let value = matches.get_one::<String>(&key.name)?.clone();
            Some((key.name, value))
        };
        Ok(Self(Config::keys().into_iter().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Arguments {
    fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone(), self.flags.0.clone())
    }
}

/// Does what the command line says; tells in one sentence why it could not.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match act(&arguments) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("chinwag: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn act(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    // Nothing that is made here is for others to read.
    umask(Mode::from_raw_mode(0o077));
    let sources = arguments.sources();
    let load = || -> Result<Config, SettingFaults> { Config::load(&sources) };
    match arguments.action.as_ref().unwrap_or(&Action::Serve) {
        Action::Serve => runtime()?.block_on(serve::run(load()?, &sources))?,
        Action::Config(action) => settings::run(action, &sources)?,
        Action::Doctor => return runtime()?.block_on(doctor::run(&sources, &mut |line| say(line))),
        Action::User(action) => runtime()?.block_on(user::run(action, load()?))?,
        Action::Restored => runtime()?.block_on(restored::run(&load()?))?,
        Action::Migrate(action) => runtime()?.block_on(migrate::run(action, load()?))?,
        Action::Openapi => say(chinwag_api::http::openapi_json().trim_end()),
        Action::Version => say(&format!("chinwag {}", env!("CARGO_PKG_VERSION"))),
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn flags(words: &[&str]) -> Vec<(String, String)> {
        let arguments = Arguments::try_parse_from([&["chinwag"], words].concat()).expect("a command line");
        arguments.flags.0
    }

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_option_is_a_flag_before_and_after_the_command() {
        let expected = vec![("data_dir".to_owned(), "/x".to_owned()), ("limits.text_chars".to_owned(), "5".to_owned())];
        for words in [
            vec!["--data-dir", "/x", "--limits.text-chars", "5"],
            vec!["--data-dir", "/x", "serve", "--limits.text-chars=5"],
            vec!["config", "check", "--data-dir", "/x", "--limits.text-chars", "5"],
        ] {
            assert_eq!(flags(&words), expected, "{words:?}");
        }
    }
}
