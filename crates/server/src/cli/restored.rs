//! `chinwag restored`: the operator says what no node can notice, that the database was set back to an older state.

use chinwag_store::Site;

use super::say;
use crate::{Config, data_dir::DataDir};

pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    // Whoever restored a database server may do so where no node was yet.
    let data_dir = match &config.database {
        Some(_) if !config.data_dir.exists() => None,
        _ => Some(DataDir::find(&config.data_dir)?),
    };
    if let Some(data_dir) = &data_dir {
        data_dir.refuse_root_as_guest()?;
    }
    // A server that runs here would go on in the history of before.
    let lock = data_dir.as_ref().map(DataDir::lock).transpose()?;
    let site = match (&config.database, &data_dir) {
        (None, Some(data_dir)) => Site::File(data_dir.database()),
        (url, _) => Site::of_url(url.as_ref().map_or("", |url| &url.0))?,
    };
    chinwag_store::begin_new_history(&site).await?;
    drop(lock);
    say(&format!(
        "From the next start on, everybody who uses {site} loads everything anew. Restart what still runs on it."
    ));
    Ok(())
}
