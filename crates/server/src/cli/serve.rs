//! `chinwag serve`: starts a server, welcomes the operator, and turns signals into an orderly end.

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

use super::{complain, say};
use crate::{Config, Server, bind, config::Sources, telemetry};

/// The exit code after a second signal, as a shell gives it for Ctrl+C.
const INTERRUPTED: i32 = 130;

pub(super) async fn run(config: Config, sources: &Sources) -> anyhow::Result<()> {
    telemetry::begin_logging(&config.log);
    for warning in config.warnings().into_iter().chain(sources.warnings()) {
        tracing::warn!("{warning}");
    }
    // Signals from here on, so that none falls into the time of opening.
    let mut signals = Signals::listen()?;
    let listener = bind(config.listen)?;
    let server = tokio::select! {
        opened = Server::open(config, listener) => opened?,
        // It may wait for its database.
        () = signals.next() => return Ok(()),
    };
    welcome(&server, sources).await?;

    let (stop, stopped) = oneshot::channel::<()>();
    let mut running = std::pin::pin!(server.run_until(async {
        // A dropped sender means the same.
        let _ = stopped.await;
    }));
    tokio::select! {
        ended = running.as_mut() => return ended,
        () = signals.next() => {}
    }
    let _ = stop.send(());
    tokio::select! {
        ended = running => ended,
        () = signals.next() => {
            complain("chinwag: stopped at once by a second signal");
            std::process::exit(INTERRUPTED);
        }
    }
}

/// SIGTERM and SIGINT. SIGXFSZ is heard and not listened to: a limit on the size of files then fails a write, as a full disk
/// does, and does not kill the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    _file_too_large: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let file_too_large = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _file_too_large: signal(file_too_large)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

async fn welcome(server: &Server, sources: &Sources) -> anyhow::Result<()> {
    let config = server.config();
    let settings = sources.chosen_file().map_or("the built-in defaults".into(), |path| path.display().to_string());
    let database = if server.site().is_shared() { format!("  Database  {}\n", server.site()) } else { String::new() };
    say(&format!(
        "\n  Chinwag is ready.\n\n  Open      {}\n  Data      {}\n{database}  Settings  {settings}\n",
        config.public_url(),
        config.data_dir.display(),
    ));
    if let Some(link) = server.setup_link().await? {
        say(&format!(
            "  There is no administrator yet. Become it with this link, which works once:\n\n  {link}\n\n  \
             Everybody else just opens the page above and makes an account.\n"
        ));
    }
    say("  Stop with Ctrl+C.\n");
    Ok(())
}
