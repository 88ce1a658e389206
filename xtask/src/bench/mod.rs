//! The server beside the reference broadcaster: builds both, runs the scenarios alternately and prints the ratios. The
//! load itself comes from `chinwag-loadgen`.

use std::path::Path;

use anyhow::Result;

pub fn run(_root: &Path, _options: &[&str]) -> Result<bool> {
    anyhow::bail!("the scenarios come with the load generator")
}
