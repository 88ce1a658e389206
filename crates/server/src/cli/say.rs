//! The two ways in which a command speaks to the person who typed it. Servers log; only commands say.

/// On standard output.
#[expect(clippy::print_stdout, reason = "a command's answer belongs on standard output")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// On standard error.
#[expect(clippy::print_stderr, reason = "a command's complaint belongs on standard error")]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}
