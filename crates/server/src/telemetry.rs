//! What the operator sees of a running server: log lines on standard error and the numbers for Prometheus. It decides no
//! content: whoever logs must not log words, tokens or queries.

use std::{io::stderr, sync::OnceLock};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Log, LogFormat};

/// Parts that speak too much at the level the operator chose for us. What those say of a line that they lost is said by us, once for all.
const QUIET: &str = "memory_serve=warn,hyper=warn,sqlx=off,sqlx::query=warn,sea_orm=warn,sea_orm_migration=warn,async_nats=off,krafka=off,redis=off";
/// Upper bounds of the histograms of times, in seconds.
const BUCKETS: [f64; 14] = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 10.0];

/// Begins to log. Once for the process; a second call changes nothing.
pub fn begin_logging(log: &Log) {
    // What the operator says comes last and wins.
    let filter = EnvFilter::builder().parse_lossy(format!("{QUIET},{}", log.level));
    let lines = fmt().with_env_filter(filter).with_writer(stderr);
    let begun = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
        LogFormat::Pretty => {
            use std::io::IsTerminal;
            lines.with_ansi(stderr().is_terminal()).with_target(false).try_init()
        }
    };
    // Somebody logs already: a test, or a program that embeds the server.
    drop(begun);
}

/// The numbers of this process; servers that share a process (tests) share them.
pub fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)
                .unwrap_or_else(|_| PrometheusBuilder::new());
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            // Fails only where a program that embeds the server has its own.
            let _ = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}
