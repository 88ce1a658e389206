//! Places where a debug build can be told to die, for crash tests. In a release build there are none.

#[cfg(debug_assertions)]
pub(crate) use armed::Failpoints;
#[cfg(not(debug_assertions))]
pub(crate) use disarmed::Failpoints;

#[cfg(debug_assertions)]
mod armed {
    use std::time::Duration;

    /// `CHINWAG_FAILPOINT=name:n` or `name:n:milliseconds`: the process aborts at the n-th pass of the place called `name`,
    /// at once or so much later. Meanwhile all but the writer goes on, so that whatever was told too early gets out. With
    /// `name:0:milliseconds` nobody dies: every pass takes so long.
    pub(crate) struct Failpoints {
        name: String,
        left: u64,
        linger: Duration,
    }

    impl Failpoints {
        #[expect(clippy::disallowed_methods, reason = "a debug build's crash switch is no setting of the server")]
        pub(crate) fn from_environment() -> Option<Self> {
            let text = std::env::var("CHINWAG_FAILPOINT").ok()?;
            let mut parts = text.split(':');
            let name = parts.next()?.to_owned();
            let mut number = |default| parts.next().map_or(Some(default), |part| part.parse().ok());
            Some(Self { name, left: number(1)?, linger: Duration::from_millis(number(0)?) })
        }

        pub(crate) async fn pass(this: &mut Option<Self>, name: &str) {
            if let Some(point) = this
                && point.name == name
            {
                let slows_only = point.left == 0;
                point.left = point.left.saturating_sub(1);
                if point.left > 0 {
                    return;
                }
                if !point.linger.is_zero() {
                    tokio::time::sleep(point.linger).await;
                }
                if !slows_only {
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

        pub(crate) async fn pass(_: &mut Option<Self>, _: &str) {}
    }
}
