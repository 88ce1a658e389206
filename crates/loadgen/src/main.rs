//! Load for a chat server and the yardstick beside it: open-loop scenarios with latency histograms, and the reference
//! broadcaster they are compared with. A client of the wire: it knows nothing of the server's inside.

mod fields;
mod files;
mod http;
mod limit;
mod pace;
mod people;
mod process;
mod report;
mod scenarios;
mod swarm;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Load for a Chinwag server, and the reference broadcaster")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The practical limit: an epoll program that sends ready-made frames and does nothing else.
    Limit {
        #[arg(long, default_value = "127.0.0.1:9090")]
        listen: SocketAddr,
        /// All frames of one turn in one write per connection, instead of a write for each.
        #[arg(long)]
        batched: bool,
    },
    /// Runs one scenario against a server and prints what was measured as one line of JSON.
    Run(RunArguments),
}

/// What a scenario is told.
#[derive(clap::Args, Clone)]
pub struct RunArguments {
    /// One of the scenarios' names; `list` prints them.
    scenario: String,
    #[arg(long, default_value = "127.0.0.1:8080")]
    server: SocketAddr,
    /// Another node of the same server: sockets are spread over all nodes in turn.
    #[arg(long)]
    other: Vec<SocketAddr>,
    #[command(flatten)]
    processes: Processes,
    /// A directory on the disk that the server keeps its files on: copies are made there, to compare.
    #[arg(long)]
    disk: Option<PathBuf>,
    /// The server is the reference broadcaster: no accounts, no rooms.
    #[arg(long)]
    reference: bool,
    /// How long the measured part takes; without it, as long as the scenario says.
    #[arg(long)]
    seconds: Option<f64>,
    /// Fewer sockets, rooms and messages: this part of what the scenario says.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
}

/// Whose processor time is read from /proc.
#[derive(clap::Args, Clone)]
pub struct Processes {
    /// The server's: its memory is read, too.
    #[arg(long)]
    pid: u32,
    /// Of another node.
    #[arg(long)]
    other_pid: Vec<u32>,
    /// Of the database server that they share, and its children.
    #[arg(long)]
    database_pid: Option<u32>,
    /// Of the bus between them.
    #[arg(long)]
    bus_pid: Option<u32>,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::note(&format!("chinwag-loadgen: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    process::raise_descriptor_limit()?;
    match task {
        Task::Limit { listen, batched } => limit::serve(listen, batched),
        Task::Run(arguments) if arguments.scenario == "list" => {
            scenarios::list();
            Ok(())
        }
        Task::Run(arguments) => {
            let report = scenarios::run(&arguments)?;
            report.print();
            Ok(())
        }
    }
}
