//! Places where a debug build can be told to die, for crash tests. In a release build there are none.

#[cfg(debug_assertions)]
pub(crate) use armed::Failpoints;
#[cfg(not(debug_assertions))]
pub(crate) use disarmed::Failpoints;

#[cfg(debug_assertions)]
mod armed {
    use std::{
        sync::{
            Arc, OnceLock,
            atomic::{AtomicU64, Ordering},
        },
        time::Duration,
    };

    /// `CHINWAG_FAILPOINT=name:n` or `name:n:milliseconds`: the process aborts at the n-th pass of the place called `name`,
    /// at once or so much later. Meanwhile all but the writer goes on, so that whatever was told too early gets out. With
    /// `name:0:milliseconds` nobody dies: every pass takes so long.
    #[derive(Clone)]
    pub(crate) struct Failpoints(Option<Arc<Point>>);

    struct Point {
        name: String,
        /// 0 where nobody is to die.
        dies_at: u64,
        passes: AtomicU64,
        linger: Duration,
    }

    impl Failpoints {
        #[expect(clippy::disallowed_methods, reason = "a debug build's crash switch is no setting of the server")]
        pub(crate) fn from_environment() -> Self {
            // One for the process, so that passes are counted wherever they are.
            static POINT: OnceLock<Option<Arc<Point>>> = OnceLock::new();
            let read = || std::env::var("CHINWAG_FAILPOINT").ok().and_then(|text| Point::parse(&text)).map(Arc::new);
            Self(POINT.get_or_init(read).clone())
        }

        /// To be called where a thread may block.
        pub(crate) fn pass_blocking(&self, name: &str) {
            let Some(point) = self.0.as_ref().filter(|point| point.name == name) else { return };
            let passes = point.passes.fetch_add(1, Ordering::Relaxed) + 1;
            if passes >= point.dies_at {
                std::thread::sleep(point.linger);
                if point.dies_at > 0 {
                    std::process::abort();
                }
            }
        }

        pub(crate) async fn pass(&self, name: &'static str) {
            if self.0.is_some() {
                let this = self.clone();
                let passed = tokio::task::spawn_blocking(move || this.pass_blocking(name));
                passed.await.expect("it does not panic");
            }
        }
    }

    impl Point {
        fn parse(text: &str) -> Option<Self> {
            let mut parts = text.split(':');
            let name = parts.next()?.to_owned();
            let mut number = |default| parts.next().map_or(Some(default), |part| part.parse().ok());
            let (dies_at, linger) = (number(1)?, Duration::from_millis(number(0)?));
            Some(Self { name, dies_at, passes: AtomicU64::new(0), linger })
        }
    }
}

#[cfg(not(debug_assertions))]
mod disarmed {
    #[derive(Clone)]
    pub(crate) struct Failpoints;

    impl Failpoints {
        pub(crate) fn from_environment() -> Self {
            Self
        }

        pub(crate) fn pass_blocking(&self, _: &str) {}

        pub(crate) async fn pass(&self, _: &'static str) {}
    }
}
