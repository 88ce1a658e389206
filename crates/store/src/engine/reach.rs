//! Getting in touch with a database server: waiting for one that is not there yet, and saying in words why it cannot be worked with.

use std::{
    io,
    time::{Duration, Instant},
};

use chinwag_probe::Protocol;
use sea_orm::{
    DbErr, RuntimeErr, SqlxError,
    sqlx::{Connection, MySqlConnection, PgConnection},
};
use tokio::time::{sleep, timeout};

use super::{BUSY, Objection, Site, mysql, postgres, url};
use crate::open_error::OpenError;

/// How often it is tried again, and how often that is told.
const AGAIN: Duration = Duration::from_millis(500);
const WORD: Duration = Duration::from_secs(5);

/// Waits so long for a server that cannot be reached. What it refuses it will refuse then, too.
pub(crate) async fn reach(site: &Site, patience: Duration) -> Result<(), OpenError> {
    let begun = Instant::now();
    let mut told: Option<Instant> = None;
    loop {
        let Err(refusal) = knock(site).await else { return Ok(()) };
        if begun.elapsed() >= patience || !matches!(refusal, OpenError::Unreachable { .. }) {
            return Err(refusal);
        }
        if told.is_none_or(|at| at.elapsed() >= WORD) {
            tracing::warn!("{refusal} The start waits for it.");
            told = Some(Instant::now());
        }
        sleep(AGAIN).await;
    }
}

/// Opens a connection and closes it. A pool would try again where it is refused, and then say no more than that it took too long.
async fn knock(site: &Site) -> Result<(), OpenError> {
    async fn with<C: Connection>(url: &str) -> Result<(), SqlxError> {
        C::connect(url).await?.close().await
    }
    let knocked = async {
        match site {
            Site::File(_) => Ok(()),
            Site::Postgres(url) => with::<PgConnection>(url).await,
            Site::MySql(url) => with::<MySqlConnection>(url).await,
        }
    };
    let refusal = match timeout(BUSY, knocked).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => in_words(site, &error),
        Err(_) => OpenError::Unreachable { place: site.to_string(), cause: "it does not answer".into() },
    };
    match refusal {
        OpenError::Unreachable { .. } | OpenError::Server(_) => Err(other_protocol(site).await.unwrap_or(refusal)),
        refused => Err(refused),
    }
}

/// Looks whether another kind of server answers there, of which the driver says no more than that it does not understand it. Only where it
/// failed: some servers count who comes and says nothing, and let such a machine in no more.
async fn other_protocol(site: &Site) -> Option<OpenError> {
    let (url, usual, expected) = match site {
        Site::File(_) => return None,
        Site::Postgres(url) => (url, 5432, Protocol::Postgres),
        Site::MySql(url) => (url, 3306, Protocol::MySql),
    };
    let (host, port) = url::address(url, usual)?;
    let found = chinwag_probe::other_protocol(&host, port, expected).await?;
    Some(OpenError::OtherProtocol { place: site.to_string(), found, expected })
}

/// What to do about a failure of a server.
pub(crate) fn refusal(site: &Site, error: DbErr) -> OpenError {
    match &error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => in_words(site, cause),
        DbErr::ConnectionAcquire(cause) => OpenError::Unreachable { place: site.to_string(), cause: cause.to_string() },
        _ => OpenError::Server(error.to_string()),
    }
}

fn in_words(site: &Site, error: &SqlxError) -> OpenError {
    let place = site.to_string();
    match error {
        SqlxError::Io(cause) if is_of_tls(site, cause) => OpenError::Tls { cause: cause.to_string() },
        SqlxError::Io(cause) => OpenError::Unreachable { place, cause: cause.to_string() },
        SqlxError::Tls(cause) => OpenError::Tls { cause: cause.to_string() },
        SqlxError::Configuration(_) => OpenError::Url,
        SqlxError::Database(cause) => {
            let words = cause.message().to_owned();
            let asked = if let Some(error) = cause.try_downcast_ref() {
                postgres::refusal(error)
            } else {
                cause.try_downcast_ref().and_then(mysql::refusal)
            };
            match asked {
                Some(Objection::Login) => OpenError::Login { place },
                Some(Objection::Missing) => OpenError::NoSuchDatabase { place },
                Some(Objection::Door) => OpenError::Door { cause: words },
                Some(Objection::Rights) => OpenError::Rights { cause: words },
                Some(Objection::ReadOnly) => OpenError::ReadOnly { place },
                Some(Objection::Crowded) => OpenError::FewConnections { cause: words },
                Some(Objection::Starting) => OpenError::Unreachable { place, cause: words },
                Some(Objection::Settings) => OpenError::Pooler { cause: words },
                None => OpenError::Server(words),
            }
        }
        other => OpenError::Server(other.to_string()),
    }
}

/// Whether what the connection failed by is what vouches for the server: one who is not believed is no other error to the driver, nor is a
/// certificate that the URL names and that is not there.
fn is_of_tls(site: &Site, error: &io::Error) -> bool {
    let (Site::Postgres(url) | Site::MySql(url)) = site else { return false };
    let names_a_file = || ["cert=", "ca=", "key="].iter().any(|file| url.contains(file));
    match error.kind() {
        io::ErrorKind::InvalidData => true,
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => names_a_file(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_believed_was_reached() {
        let words = |url: &str, kind: io::ErrorKind| {
            let error = SqlxError::Io(io::Error::new(kind, "invalid peer certificate: UnknownIssuer"));
            in_words(&Site::of_url(url).expect("a URL"), &error).to_string()
        };
        for (url, kind) in [
            ("postgres://ann@db/chat?sslmode=verify-full", io::ErrorKind::InvalidData),
            ("mysql://ann@db/chat?ssl-mode=VERIFY_CA&ssl-ca=/nowhere", io::ErrorKind::NotFound),
            ("postgres://ann@db/chat?sslrootcert=/nowhere/ca", io::ErrorKind::PermissionDenied),
        ] {
            let told = words(url, kind);
            assert!(told.contains("UnknownIssuer") && told.contains("sslrootcert or ssl-ca"), "{told}");
        }
        for (url, kind) in [
            ("postgres:///chat?host=/run/nowhere", io::ErrorKind::NotFound),
            ("mysql://ann@db/chat", io::ErrorKind::ConnectionRefused),
        ] {
            let told = words(url, kind);
            assert!(told.contains("cannot be reached"), "{told}");
        }
    }
}
