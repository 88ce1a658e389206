//! What the operating system says about processes: CPU time, memory, descriptors. Linux only, by /proc.

use std::{fs, time::Instant};

use anyhow::{Context as _, Result};
use rustix::{
    param::clock_ticks_per_second,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

use crate::Processes;

/// Sockets are descriptors: take all that the system gives.
pub fn raise_descriptor_limit() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
        .context("the limit on descriptors cannot be raised")
}

/// CPU seconds of the server with all its nodes, of what it rests on, of this process and of the whole machine, at one moment.
#[derive(Clone, Copy)]
pub struct Cpu {
    at: Instant,
    server: f64,
    database: Option<f64>,
    bus: Option<f64>,
    own: f64,
    machine: f64,
}

/// The same over a span of time.
#[derive(Clone, Copy, Debug)]
pub struct CpuUsed {
    pub wall: f64,
    pub server: f64,
    /// Where it has one that is a process of its own.
    pub database: Option<f64>,
    /// The same.
    pub bus: Option<f64>,
    pub own: f64,
    /// Of none of them, and time the hypervisor took.
    pub foreign: f64,
}

impl Cpu {
    pub fn now(of: &Processes) -> Result<Self> {
        let nodes = of.other_pid.iter().chain([&of.pid]);
        Ok(Self {
            at: Instant::now(),
            server: nodes.map(|id| of_process(*id)).sum::<Result<_>>()?,
            database: of.database_pid.map(of_family).transpose()?,
            bus: of.bus_pid.map(of_process).transpose()?,
            own: of_process(std::process::id())?,
            machine: of_machine()?,
        })
    }

    pub fn since(self, before: Self) -> CpuUsed {
        let since = |now: Option<f64>, before: Option<f64>| now.zip(before).map(|(now, before)| now - before);
        let (server, own) = (self.server - before.server, self.own - before.own);
        let (database, bus) = (since(self.database, before.database), since(self.bus, before.bus));
        let known = server + own + database.unwrap_or_default() + bus.unwrap_or_default();
        let foreign = (self.machine - before.machine - known).max(0.0);
        CpuUsed { wall: (self.at - before.at).as_secs_f64(), server, database, bus, own, foreign }
    }
}

fn of_process(id: u32) -> Result<f64> {
    let [user, system, ..] = times(id)?;
    Ok(user + system)
}

/// Of a process and its children, whether they live or have ended.
fn of_family(id: u32) -> Result<f64> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    // Who ends between the two looks is counted with the parent next time.
    let living = children.split_whitespace().filter_map(|child| of_process(child.parse().ok()?).ok());
    Ok(living.sum::<f64>() + times(id)?.iter().sum::<f64>())
}

/// Seconds of the process as user and as system, and the same of its children that have ended.
fn times(id: u32) -> Result<[f64; 4]> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).with_context(|| format!("there is no process {id}"))?;
    // The name may contain spaces and parentheses; what follows the last one is numbers.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(4).filter_map(|ticks| ticks.parse().ok()).collect();
    let ticks: [f64; 4] = ticks.try_into().ok().context("/proc/…/stat has another form")?;
    Ok(ticks.map(|ticks| ticks / clock_ticks_per_second() as f64))
}

/// user, nice, system, irq, softirq and steal: all but idle and iowait.
fn of_machine() -> Result<f64> {
    let stat = fs::read_to_string("/proc/stat").context("/proc/stat cannot be read")?;
    let line = stat.lines().next().context("/proc/stat is empty")?;
    let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|ticks| ticks.parse().ok()).collect();
    let busy: f64 = [0, 1, 2, 5, 6, 7].iter().filter_map(|&field| ticks.get(field)).sum();
    Ok(busy / clock_ticks_per_second() as f64)
}

/// Resident memory in bytes.
pub fn resident(id: u32) -> Result<u64> {
    let status =
        fs::read_to_string(format!("/proc/{id}/status")).with_context(|| format!("there is no process {id}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().context("VmRSS is no number")?;
    Ok(kib * 1024)
}

/// How many descriptors the process holds.
pub fn descriptors(id: u32) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/{id}/fd")).with_context(|| format!("there is no process {id}"))?.count())
}

/// Memory in bytes that the kernel holds for what is on its way in TCP connections: of the whole machine, both directions.
pub fn kernel_buffers() -> Result<u64> {
    let text = fs::read_to_string("/proc/net/sockstat").context("/proc/net/sockstat cannot be read")?;
    let line = text.lines().find_map(|line| line.strip_prefix("TCP:")).context("no line of TCP in sockstat")?;
    let pages = line.rsplit(' ').next().and_then(|pages| pages.parse::<u64>().ok()).context("no pages in sockstat")?;
    Ok(pages * rustix::param::page_size() as u64)
}
