//! Whether a commit was too slow, and whether the operator is to be told of it again. It measures nothing and logs nothing.

use std::time::{Duration, Instant};

/// People notice, and a disk that is well takes a thousandth of it.
const SLOW: Duration = Duration::from_secs(1);
/// A slow disk is slow for hours: a line for each commit would hide every other.
const QUIET: Duration = Duration::from_secs(10 * 60);

#[derive(Debug, Default)]
pub(crate) struct Pace {
    told: Option<Instant>,
}

impl Pace {
    /// Whether this commit is to be told of.
    pub(crate) fn is_news(&mut self, took: Duration, now: Instant) -> bool {
        let is_news = took >= SLOW && self.told.is_none_or(|told| now.duration_since(told) >= QUIET);
        if is_news {
            self.told = Some(now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_commit_is_news_once_in_a_while() {
        let (mut pace, begun) = (Pace::default(), Instant::now());
        assert!(!pace.is_news(SLOW - Duration::from_millis(1), begun));
        assert!(pace.is_news(SLOW, begun));
        assert!(!pace.is_news(SLOW * 5, begun + QUIET - Duration::from_millis(1)));
        assert!(pace.is_news(SLOW, begun + QUIET));
    }
}
