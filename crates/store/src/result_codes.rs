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
        // Busy, locked, read-only, I/O, cannot open, lock protocol.
        5 | 6 | 8 | 10 | 14 | 15 => Kind::Unavailable,
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
        assert_eq!(error_kind(11), Kind::Other);
    }
}
