//! Where a command gets a new password from: made up, typed twice at a terminal without showing, or piped in.

use std::io::{IsTerminal, Write, stderr, stdin};

use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chinwag_domain::ports::random_bytes;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::say;

/// A new password.
pub(super) struct NewPassword {
    pub text: String,
    is_made_up: bool,
}

impl NewPassword {
    /// Shows a password that nobody knows yet.
    pub fn reveal(&self) {
        if self.is_made_up {
            say(&format!("The password is {} (it is not shown again).", self.text));
        }
    }
}

pub(super) fn obtain(make_up: bool) -> anyhow::Result<NewPassword> {
    if make_up {
        return Ok(NewPassword { text: BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<15>()), is_made_up: true });
    }
    if !stdin().is_terminal() {
        return Ok(NewPassword { text: read_line()?, is_made_up: false });
    }
    let text = ask("New password: ")?;
    if ask("The same again: ")? != text {
        bail!("the two passwords are not the same; nothing was changed");
    }
    Ok(NewPassword { text, is_made_up: false })
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    stdin().read_line(&mut line).context("cannot read the password from standard input")?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("no password came on standard input; give one, or use --generate");
    }
    Ok(text.into())
}

fn ask(question: &str) -> anyhow::Result<String> {
    write!(stderr(), "{question}")?;
    stderr().flush()?;
    let hidden = Hidden::begin()?;
    let line = read_line();
    drop(hidden);
    writeln!(stderr())?;
    line
}

/// While this lives, the terminal does not show what is typed.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> std::io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal is gone if this fails.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
    }
}
