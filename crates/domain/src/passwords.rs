//! Argon2id in a bounded pool: logins cannot eat the machine's memory. It keeps no passwords and compares no names.

use std::{sync::Arc, time::Duration};

use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use chinwag_proto::ErrorCode;
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// 19 MiB, two passes, one lane: the floor that OWASP names for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes at work at once, and how long a caller waits for a turn.
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(10);

/// The pool. One for the process.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Checked when there is no account, so that a stranger cannot tell by the time.
    dummy: String,
}

impl Default for Passwords {
    fn default() -> Self {
        let dummy = hasher().hash_password(b"nobody").map(|hash| hash.to_string()).unwrap_or_default();
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), dummy }
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params)
}

impl Passwords {
    /// A PHC string for a new password.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.work(move || hasher().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|cause| Error::internal(cause.to_string()))
    }

    /// Whether the password is the one behind `hash`; always false, and as slow, without a hash.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.clone());
        let same = self.work(move || hasher().verify_password(password.as_bytes(), hash.as_str()).is_ok()).await?;
        Ok(same && known)
    }

    /// Runs `job` off the async threads when its turn comes.
    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| Error { retry_after: Some(Duration::from_secs(5)), ..ErrorCode::Unavailable.into() })?
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let result = job();
            drop(turn);
            result
        })
        .await
        .map_err(Error::internal)
    }
}
