//! The two ways in which a command speaks to the person who typed it. Servers log; only commands say.

use std::io::{Write as _, stderr, stdout};

/// On standard output.
pub(crate) fn say(line: &str) {
    // Who reads no further (`| head`) has heard enough; that is no failure.
    let _ = writeln!(stdout(), "{line}");
}

/// On standard error.
pub(crate) fn complain(line: &str) {
    // There is nowhere left to complain of it.
    let _ = writeln!(stderr(), "{line}");
}
