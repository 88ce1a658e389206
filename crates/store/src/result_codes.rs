//! What SQLite's result codes mean to a caller. Not the errors themselves, which are in `error.rs`.

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Full,
    Unavailable,
    Other,
}

/// Result codes: <https://sqlite.org/rescode.html>. The low byte is the kind.
pub(crate) fn error_kind(code: i32) -> Kind {
    match code & 0xff {
        13 => Kind::Full,
        // Busy, locked, read-only, I/O, cannot open, lock protocol. And damaged, no database: that is how a file reads whose file
        // system has died under it. Where the file itself is damaged the log says so, and trying again is as good as anything.
        5 | 6 | 8 | 10 | 11 | 14 | 15 | 26 => Kind::Unavailable,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_busy_database() {
        assert_eq!(error_kind(13), Kind::Full);
        assert_eq!(error_kind(5), Kind::Unavailable);
        // SQLITE_IOERR_FSYNC
        assert_eq!(error_kind(1034), Kind::Unavailable);
        // SQLITE_CORRUPT
        assert_eq!(error_kind(11), Kind::Unavailable);
        // SQLITE_CONSTRAINT
        assert_eq!(error_kind(19), Kind::Other);
    }
}
