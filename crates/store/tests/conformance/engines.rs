//! The engines that the suite runs on. It holds no tests.

use std::path::PathBuf;

use chinwag_store::{Site, StoreConfig};
use chinwag_testdb::DbServer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
    MariaDb,
}

impl Engine {
    /// A new, empty database; one of a file is in the directory.
    pub fn site(self, directory: &tempfile::TempDir) -> Site {
        let of_server = |server: &DbServer| {
            let url = server.database().expect("a database is made");
            Site::of_url(&url).expect("a URL that is known")
        };
        match self {
            Self::Sqlite => Site::File(directory.path().join("chinwag.db")),
            Self::Postgres => of_server(DbServer::postgres()),
            Self::MariaDb => of_server(DbServer::mariadb()),
        }
    }
}

/// The file of a database that is one.
pub fn file(config: &StoreConfig) -> Option<PathBuf> {
    match &config.site {
        Site::File(path) => Some(path.clone()),
        Site::Postgres(_) | Site::MySql(_) => None,
    }
}

/// Makes tests of functions that are given the engine. One that is not named here is dead code, which the lints refuse.
macro_rules! on_every_engine {
    ($($test:ident),+ $(,)?) => {
        on_every_engine!(sqlite Sqlite: $($test)+);
        on_every_engine!(postgres Postgres: $($test)+);
        on_every_engine!(mariadb MariaDb: $($test)+);
    };
    ($name:ident $engine:ident: $($test:ident)+) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test($crate::engines::Engine::$engine).await;
                }
            )+
        }
    };
}
