//! Database servers for tests: PostgreSQL and MariaDB, as the machine has them, each started once for a test program, on a free port
//! and with a data directory of its own. It knows no SQL but how a database is made.

mod broker;

use std::{
    fs::{self, File},
    io::Write as _,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

pub use broker::Broker;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked at whether it has.
const POLL: Duration = Duration::from_millis(20);
/// Runs a server until nobody holds the other end of its input any more, however they ended, then does away with it and all it wrote.
/// With each line that comes it waits until the server has ended, and starts it anew. Arguments: the signal that ends it, the directory,
/// the server's words.
const GUARD: &str = r#"signal=$1; directory=$2; shift 2
begin() { "$@" </dev/null >>"$directory/output" 2>&1 & server=$!; echo $server >"$directory/server"; }
begin "$@"; while read -r _; do wait $server; begin "$@"; done
kill -"$signal" $server; kill -CONT $server; wait $server; rm -rf "$directory""#;

/// For tests, which are slow enough: nothing of them is about power failures, and a server that is killed loses nothing.
const HASTY_POSTGRES: [&str; 4] = ["-c", "fsync=off", "-c", "full_page_writes=off"];
const HASTY_MARIADB: [&str; 2] = ["--innodb-flush-log-at-trx-commit=2", "--skip-innodb-doublewrite"];

/// A server that runs for as long as the test program does.
#[derive(Debug)]
pub struct DbServer {
    /// Up to the name of the database.
    url: String,
    /// Makes a database of the name that is added.
    create: fn(&str, &Path) -> Command,
    /// Runs the statement that is added.
    rule: fn(&Path) -> Command,
    directory: PathBuf,
    /// Its input is the life of the server.
    guard: Mutex<Child>,
}

impl DbServer {
    /// PostgreSQL, which starts with the first call.
    pub fn postgres() -> &'static Self {
        static SERVER: OnceLock<DbServer> = OnceLock::new();
        SERVER
            .get_or_init(|| start_postgres(&HASTY_POSTGRES).expect("PostgreSQL starts: `cargo xtask test` installs it"))
    }

    /// MariaDB, which starts with the first call.
    pub fn mariadb() -> &'static Self {
        static SERVER: OnceLock<DbServer> = OnceLock::new();
        SERVER.get_or_init(|| start_mariadb(&HASTY_MARIADB).expect("MariaDB starts: `cargo xtask test` installs it"))
    }

    /// A PostgreSQL of the test's own, which it may treat as it likes.
    pub fn own_postgres() -> Result<Self> {
        start_postgres(&HASTY_POSTGRES)
    }

    /// The same of MariaDB.
    pub fn own_mariadb() -> Result<Self> {
        start_mariadb(&HASTY_MARIADB)
    }

    /// A PostgreSQL of one's own as it is by itself: what is committed is on the disk.
    pub fn durable_postgres() -> Result<Self> {
        start_postgres(&[])
    }

    /// The same of MariaDB.
    pub fn durable_mariadb() -> Result<Self> {
        start_mariadb(&[])
    }

    /// Sends a signal, `KILL` or `STOP` and so on, to all processes of the server, which must be the test's own. Returns once those that
    /// are killed have ended: what one of them still holds would keep the next start out.
    pub fn signal(&self, name: &str) -> Result<()> {
        let server = self.id()?.to_string();
        let send = |name: &str, process: &str| run(Command::new("kill").arg(format!("-{name}")).arg(process));
        // From here on it makes no further ones.
        send("STOP", &server)?;
        for process in self.processes().iter().filter(|process| **process != server) {
            // It may have ended meanwhile.
            let _ = send(name, process);
        }
        send(name, &server)?;
        let begun = Instant::now();
        while name == "KILL" && !self.processes().is_empty() {
            ensure!(begun.elapsed() < PATIENCE, "the database server does not end");
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// Those that work in the directory of its data. One that has ended works nowhere, whether it was waited for or not.
    fn processes(&self) -> Vec<String> {
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        let works_here = |process: &fs::DirEntry| {
            fs::read_link(process.path().join("cwd")).is_ok_and(|place| place.starts_with(&self.directory))
        };
        all.filter(works_here).map(|process| process.file_name().to_string_lossy().into_owned()).collect()
    }

    /// Starts a server again that was killed, on its port and with its data.
    pub fn restart(&self) -> Result<()> {
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        guard.stdin.as_mut().context("the guard has no input")?.write_all(b"\n")?;
        drop(guard);
        self.await_start()
    }

    /// Its process, whose children belong to it, too.
    pub fn id(&self) -> Result<u32> {
        Ok(fs::read_to_string(self.directory.join("server"))?.trim().parse()?)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
    }

    /// Does something to the server as who may do everything with it.
    pub fn rule(&self, sql: &str) -> Result<()> {
        run((self.rule)(&self.directory).arg(sql))
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> Result<String> {
        static DATABASES: AtomicU32 = AtomicU32::new(0);
        let name = format!("chinwag_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        run(&mut (self.create)(&name, &self.directory))?;
        Ok(format!("{}/{name}", self.url))
    }
}

fn start_postgres(settings: &[&str]) -> Result<DbServer> {
    let directory = home("postgres")?;
    let (data, password) = (directory.join("data"), directory.join("password"));
    fs::write(&password, "secret")?;
    let mut init = as_user("postgres", &binaries("initdb")?);
    init.arg("--pgdata").arg(&data).arg("--pwfile").arg(&password);
    init.args(["--username=chinwag", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    run(&mut init)?;
    let port = free_port()?;
    let mut server = as_user("postgres", &binaries("postgres")?);
    server.arg("-D").arg(&data).arg("-k").arg(&directory).args(["-h", "127.0.0.1", "-p"]).arg(port.to_string());
    server.args(["-c", "max_connections=400"]).args(settings);
    let guard = guard("QUIT", &directory, &server)?;
    fs::write(directory.join("port"), port.to_string())?;
    let create = |name: &str, directory: &Path| {
        let mut command = Command::new("createdb");
        let port = fs::read_to_string(directory.join("port")).unwrap_or_default();
        command.args(["-h", "127.0.0.1", "-U", "chinwag", "-p", &port, name]).env("PGPASSWORD", "secret");
        command
    };
    let rule = |directory: &Path| {
        let mut command = Command::new("psql");
        let port = fs::read_to_string(directory.join("port")).unwrap_or_default();
        command.args(["-h", "127.0.0.1", "-U", "chinwag", "-p", &port, "-q", "-d", "postgres", "-c"]);
        command.env("PGPASSWORD", "secret");
        command
    };
    let url = format!("postgres://chinwag:secret@127.0.0.1:{port}");
    let server = DbServer { url, create, rule, directory, guard: Mutex::new(guard) };
    server.await_start()?;
    Ok(server)
}

fn start_mariadb(settings: &[&str]) -> Result<DbServer> {
    let directory = home("mysql")?;
    let data = directory.join("data");
    let datadir = format!("--datadir={}", data.display());
    let mut init = as_user("mysql", Path::new("/usr/bin/mariadb-install-db"));
    init.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]).arg(&datadir);
    init.env("TMPDIR", &directory);
    run(&mut init)?;
    let port = free_port()?;
    let socket = format!("--socket={}", directory.join("socket").display());
    let mut server = as_user("mysql", &mariadbd());
    server.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"]).args([&datadir, &socket]);
    server.arg(format!("--tmpdir={}", directory.display()));
    server.arg(format!("--port={port}")).arg(format!("--pid-file={}", directory.join("pid").display()));
    server.arg("--max-connections=400").args(settings);
    // What an administrator may have chosen, and Chinwag must not rest on.
    server.args(["--character-set-server=latin1", "--collation-server=latin1_swedish_ci"]);
    let guard = guard("KILL", &directory, &server)?;
    let create = |name: &str, directory: &Path| {
        let mut command = Command::new("mariadb");
        command.args(["--no-defaults", "-u", "root"]).arg(format!("--socket={}", directory.join("socket").display()));
        command.arg("-e").arg(format!(
            "CREATE DATABASE {name}; CREATE USER IF NOT EXISTS chinwag@'127.0.0.1' IDENTIFIED BY 'secret'; \
             GRANT ALL ON {name}.* TO chinwag@'127.0.0.1'"
        ));
        command
    };
    let rule = |directory: &Path| {
        let mut command = Command::new("mariadb");
        command.args(["--no-defaults", "-u", "root"]).arg(format!("--socket={}", directory.join("socket").display()));
        command.arg("-e");
        command
    };
    let url = format!("mysql://chinwag:secret@127.0.0.1:{port}");
    let server = DbServer { url, create, rule, directory, guard: Mutex::new(guard) };
    server.await_start()?;
    Ok(server)
}

impl DbServer {
    fn await_start(&self) -> Result<()> {
        let begun = Instant::now();
        while let Err(error) = self.database() {
            if begun.elapsed() > PATIENCE {
                let output = fs::read_to_string(self.directory.join("output")).unwrap_or_default();
                return Err(error.context(output));
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }
}

/// A directory of the server's user, which is short enough for a socket in it. Where temporary files are root's alone, it lies elsewhere.
fn home(user: &str) -> Result<PathBuf> {
    for place in [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()] {
        let Ok(directory) = tempfile::Builder::new().prefix("chinwag-db-").tempdir_in(&place) else { continue };
        if is_root()? {
            run(Command::new("chown").arg(user).arg(directory.path()))?;
        }
        if run(as_user(user, Path::new("test")).arg("-w").arg(directory.path())).is_ok() {
            return Ok(directory.keep());
        }
    }
    bail!("there is no directory for temporary files that the user {user} may enter")
}

/// PostgreSQL refuses to be root.
fn as_user(user: &str, program: &Path) -> Command {
    if !is_root().unwrap_or(false) {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// Debian keeps PostgreSQL's programs by version.
fn binaries(name: &str) -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed")?;
    let found = versions.flatten().map(|version| version.path().join("bin").join(name)).filter(|path| path.is_file());
    found.max().with_context(|| format!("there is no {name} in /usr/lib/postgresql"))
}

fn mariadbd() -> PathBuf {
    let places = ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd"].map(PathBuf::from);
    places.into_iter().find(|place| place.is_file()).unwrap_or_else(|| "mariadbd".into())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn guard(signal: &str, directory: &Path, server: &Command) -> Result<Child> {
    // The server's user cannot make it.
    File::create(directory.join("output"))?;
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, "guard", signal]).arg(directory).arg(server.get_program()).args(server.get_args());
    guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    guard.spawn().context("the database server did not start")
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.current_dir("/").stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("{name} did not start"))?;
    if !output.status.success() {
        bail!("{name} failed: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
