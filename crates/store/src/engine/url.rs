//! The URL of a database server: what it may say, and what of it may be shown. It connects to nothing.

use url::Url;

use super::{Site, mysql, postgres};
use crate::open_error::OpenError;

/// Host, port and name of the database that a URL names. The rest may be a password, also where the URL is cut in the wrong place by
/// a sign in one that was not written as `%40` and so on: nothing of such a URL is shown.
pub(super) fn place(url: &str) -> Result<String, OpenError> {
    let url = Url::parse(url).map_err(|_| OpenError::Url)?;
    let given = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let host = url.host_str().filter(|host| !host.is_empty()).map(str::to_owned);
    let host = host.or_else(|| given("host")).or_else(|| given("socket")).ok_or(OpenError::Url)?;
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let name = Some(url.path().trim_start_matches('/')).filter(|name| !name.is_empty()).map(str::to_owned);
    let name = name.or_else(|| given("dbname")).filter(|name| !name.contains(['@', '/'])).ok_or(OpenError::Url)?;
    Ok(format!("{host}{port}/{name}"))
}

/// Host and port, of a server that is reached over a network.
pub(super) fn address(url: &str, usual: u16) -> Option<(String, u16)> {
    let url = Url::parse(url).ok()?;
    let given = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let host = given("hostaddr").or_else(|| given("host")).or_else(|| url.host_str().map(str::to_owned));
    let host = host.filter(|host| !host.is_empty() && !host.starts_with('/') && given("socket").is_none())?;
    let port = given("port").and_then(|port| port.parse().ok()).or(url.port());
    Some((host, port.unwrap_or(usual)))
}

impl Site {
    /// The database of a server that a URL names.
    pub fn of_url(url: &str) -> Result<Self, OpenError> {
        let is = |scheme: &str| url.strip_prefix(scheme).is_some_and(|rest| rest.starts_with("://"));
        let (site, known, tls) = if is("postgres") || is("postgresql") {
            (Self::Postgres(url.to_owned()), &postgres::URL_SETTINGS[..], &postgres::URL_TLS[..])
        } else if is("mysql") || is("mariadb") {
            (Self::MySql(url.replacen("mariadb", "mysql", 1)), &mysql::URL_SETTINGS[..], &mysql::URL_TLS[..])
        } else {
            return Err(OpenError::UnknownEngine);
        };
        place(url)?;
        // The driver would pass by a slip in the word for TLS, and another would put what may be a password into the log.
        let given = Url::parse(url).map_err(|_| OpenError::Url)?;
        let is_known = given.query_pairs().all(|(key, _)| known.contains(&&*key));
        let is_word = |word: &str| tls.contains(&&*word.to_ascii_lowercase());
        let is_tls = given.query_pairs().all(|(key, word)| !key.ends_with("mode") || is_word(&word));
        if is_known && !is_tls { Err(OpenError::UrlTls) } else { is_known.then_some(site).ok_or(OpenError::UrlSetting) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_without_who_may_open_it() {
        for (url, shown) in [
            ("postgres://ann:s3cret@db.example.org/chat", "db.example.org/chat"),
            ("postgresql://ann:s3cret@[::1]:5433/chat?sslmode=require", "[::1]:5433/chat"),
            ("postgres:///chat?host=/run/postgresql&password=s3cret", "/run/postgresql/chat"),
            ("mysql://ann:s3%40cret@10.0.0.7:3306/chat", "10.0.0.7:3306/chat"),
            ("mariadb://ann@db/chat?ssl-mode=REQUIRED", "db/chat"),
        ] {
            let site = Site::of_url(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(site.to_string(), shown);
            assert!(!format!("{site:?}").contains("cret"), "{site:?}");
        }
    }

    #[test]
    fn a_server_is_found_where_its_driver_looks() {
        for (url, there) in [
            ("postgres://ann@db/chat", Some(("db", 5432))),
            ("postgres://ann@db:5433/chat?host=10.0.0.7&port=5434", Some(("10.0.0.7", 5434))),
            ("postgres:///chat?host=/run/postgresql", None),
            ("mysql://ann@[::1]:3307/chat", Some(("[::1]", 3307))),
            ("mysql://ann@db/chat?socket=/run/mysqld/mysqld.sock", None),
        ] {
            let there = there.map(|(host, port)| (host.to_owned(), port));
            assert_eq!(address(url, if url.starts_with('m') { 3306 } else { 5432 }), there, "{url}");
        }
    }

    #[test]
    fn a_url_that_is_cut_by_a_sign_in_its_password_is_refused_and_not_shown() {
        for sign in ["/", "?", "#", "@/", "12/s@", ":/", " /"] {
            let refused = Site::of_url(&format!("postgres://ann:12{sign}s3cret@db/chat")).expect_err(sign);
            assert!(refused.to_string().contains("%40") && !refused.to_string().contains("cret"), "{refused}");
        }
        for url in ["postgres://db", "postgres://db/", "mysql://ann:s3cret@/chat", "mysql://ann:s3cret@db:70000/chat"] {
            let refused = Site::of_url(url).expect_err(url);
            assert!(matches!(refused, OpenError::Url), "{url}: {refused}");
        }
        for url in [
            "postgres://ann@db/chat?sslmod=s3cret",
            "postgres://ann@db/chat?pass=s3cret",
            "mysql://ann@db/chat?ssl=s3cret",
            "mysql://ann@db/chat?password=s3cret",
            "mysql://ann@db/chat?charset=latin1",
            "mariadb://ann@db/chat?ssl-mode=REQUIRED&timezone=s3cret",
        ] {
            let refused = Site::of_url(url).expect_err(url).to_string();
            assert!(refused.contains("ssl") && !refused.contains("cret"), "{url}: {refused}");
        }
        for (url, is_known) in [
            ("postgres://ann@db/chat?sslmode=Verify-Full", true),
            ("mysql://ann@db/chat?ssl-mode=VERIFY_CA", true),
            ("postgres://ann@db/chat?sslmode=verify_full", false),
            ("postgres://ann@db/chat?ssl-mode=REQUIRED", false),
            ("mysql://ann@db/chat?sslmode=require", false),
            ("mysql://ann@db/chat?ssl-mode=", false),
        ] {
            assert_eq!(!matches!(Site::of_url(url), Err(OpenError::UrlTls)), is_known, "{url}");
        }
        for url in ["", "chat", "sqlite://chat", "postgres:chat", "http://db/chat", "POSTGRES"] {
            assert!(matches!(Site::of_url(url), Err(OpenError::UnknownEngine)), "{url}");
        }
    }
}
