//! What nodes stand on, and the nodes: started afresh, and gone with their values. It measures nothing but what the database does by itself.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use anyhow::{Context as _, Result};

use super::runs::RAISED;
use crate::{command, server::Server};

/// A database and a bus.
pub struct Ground {
    /// What it is asked for by.
    pub name: &'static str,
    /// What it is called in a table.
    pub title: &'static str,
    /// As `chinwag-testdb` calls them; `None` for what is inside the server's process.
    pub services: Option<[&'static str; 2]>,
    /// With how many nodes it is measured.
    pub nodes: &'static [usize],
}

/// One server for all who are on it.
struct Service {
    url: String,
    process: String,
}

/// The program that holds the services; they end with its input.
struct Services {
    holder: Child,
    database: Service,
    bus: Service,
}

/// The nodes of one server, in an empty database.
pub struct Nodes {
    nodes: Vec<Server>,
    services: Option<Services>,
}

impl Ground {
    pub fn start(&self, root: &Path, count: usize) -> Result<Nodes> {
        let services = self.services.map(|names| Services::start(root, names)).transpose()?;
        let mut nodes = Nodes { nodes: Vec::new(), services };
        for number in 1..=count {
            let name = format!("node-{number}");
            let mut settings = RAISED.to_vec();
            if let Some(Services { database, bus, .. }) = &nodes.services {
                settings.extend([
                    ("CHINWAG__DATABASE", database.url.as_str()),
                    ("CHINWAG__BUS", &bus.url),
                    ("CHINWAG__BUS_SECRET", "a secret of these nodes"),
                    ("CHINWAG__NODE_NAME", &name),
                ]);
            }
            let node = Server::chinwag(root, &["target/release/chinwag"], &settings);
            nodes.nodes.push(node.with_context(|| format!("{name} on {}", self.title))?);
        }
        Ok(nodes)
    }
}

impl Nodes {
    /// Where the generator finds them, and whose processor time it reads.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            let options = if number == 0 { ["--server", "--pid"] } else { ["--other", "--other-pid"] };
            words.extend([options[0].to_owned(), node.address(), options[1].to_owned(), node.process().to_string()]);
        }
        if let Some(Services { database, bus, .. }) = &self.services {
            for (option, service) in [("--database-pid", database), ("--bus-pid", bus)] {
                words.extend([option.to_owned(), service.process.clone()]);
            }
        }
        words
    }

    /// Ends them: what they stand on is there alone.
    pub fn end(&mut self) {
        self.nodes.iter_mut().for_each(Server::end);
    }

    /// Rows a second that the database takes by itself.
    pub fn limit(&self, root: &Path, rows: usize, connections: usize, seconds: u64) -> Result<f64> {
        let file = self.nodes[0].data().join("chinwag.db");
        let place = match &self.services {
            Some(services) => services.database.url.clone(),
            None => file.to_string_lossy().into_owned(),
        };
        let numbers = [rows.to_string(), connections.to_string(), seconds.to_string()];
        let words = ["target/release/examples/insert_limit", &place, &numbers[0], &numbers[1], &numbers[2]];
        let printed = command::read(&mut command::program(root, &words))?;
        printed.trim().parse().with_context(|| format!("no number of rows: {printed}"))
    }
}

impl Services {
    fn start(root: &Path, [database, bus]: [&str; 2]) -> Result<Self> {
        let mut command = command::program(root, &["target/release/chinwag-testdb", database, bus]);
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(holder.stdout.take().context("no output")?).lines();
        let mut next = || -> Result<Service> {
            let line = lines.next().context("`cargo xtask test` installs the databases and buses")??;
            let (url, process) = line.split_once(' ').with_context(|| format!("no address and process: {line}"))?;
            Ok(Service { url: url.to_owned(), process: process.to_owned() })
        };
        let (database, bus) = (next()?, next()?);
        // It says that this is all: who hangs up on it before would end it.
        lines.next().context("it has ended")??;
        Ok(Self { holder, database, bus })
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        // Its input ends. It may have ended by itself.
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}
