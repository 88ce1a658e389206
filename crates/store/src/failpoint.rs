//! Places where a debug build can be told to die, for crash tests. In a release build there are none.

#[cfg(debug_assertions)]
pub(crate) use armed::Failpoints;
#[cfg(not(debug_assertions))]
pub(crate) use disarmed::Failpoints;

#[cfg(debug_assertions)]
mod armed {
    /// `CHINWAG_FAILPOINT=name:n`: the process aborts at the n-th pass of the place called `name`.
    pub(crate) struct Failpoints {
        name: String,
        left: u64,
    }

    impl Failpoints {
        #[expect(clippy::disallowed_methods, reason = "a debug build's crash switch is no setting of the server")]
        pub(crate) fn from_environment() -> Option<Self> {
            let text = std::env::var("CHINWAG_FAILPOINT").ok()?;
            let (name, hits) = text.split_once(':').unwrap_or((&text, "1"));
            Some(Self { name: name.to_owned(), left: hits.parse().ok()? })
        }

        pub(crate) fn pass(this: &mut Option<Self>, name: &str) {
            if let Some(point) = this
                && point.name == name
            {
                point.left = point.left.saturating_sub(1);
                if point.left == 0 {
                    std::process::abort();
                }
            }
        }
    }
}

#[cfg(not(debug_assertions))]
mod disarmed {
    pub(crate) struct Failpoints;

    impl Failpoints {
        pub(crate) fn from_environment() -> Option<Self> {
            None
        }

        pub(crate) fn pass(_: &mut Option<Self>, _: &str) {}
    }
}
