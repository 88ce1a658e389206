//! Argon2id in a bounded pool: logins cannot eat the machine's memory. It keeps no passwords and compares no names.

use std::{sync::Arc, time::Duration};

use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use chinwag_proto::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Result};

/// 19 MiB, two passes, one lane: the floor that OWASP names for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes at work at once, and how long a caller waits for a slot.
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(10);

/// One of the few hashes that run at once, until it is dropped.
#[derive(Debug)]
pub struct HashSlot(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// The pool. One for the process.
#[derive(Debug)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    /// Checked when there is no account, so that a stranger cannot tell by the time.
    dummy: String,
}

impl Default for Passwords {
    fn default() -> Self {
        let dummy = hasher().hash_password(b"nobody").map(|hash| hash.to_string()).unwrap_or_default();
        Self { slots: Arc::new(Semaphore::new(AT_ONCE)), dummy }
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params)
}

impl Passwords {
    /// A PHC string for a new password.
    pub async fn hash(&self, password: String) -> Result<String> {
        let slot = self.slot().await?;
        let (hash, _) =
            work(slot, move || hasher().hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?;
        hash.map_err(|cause| Error::internal(cause.to_string()))
    }

    /// Whether the password is the one behind `hash`; always false, and as slow, without a hash. Returns the slot.
    pub async fn verify(&self, slot: HashSlot, password: String, hash: Option<String>) -> Result<(bool, HashSlot)> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.clone());
        let verify = move || hasher().verify_password(password.as_bytes(), hash.as_str()).is_ok();
        let (same, slot) = work(slot, verify).await?;
        Ok((same && known, slot))
    }

    /// Waits until there is room for one more hash.
    pub async fn slot(&self) -> Result<HashSlot> {
        let slot = tokio::time::timeout(PATIENCE, self.slots.clone().acquire_owned())
            .await
            .map_err(|_| Error { retry_after: Some(Duration::from_secs(5)), ..ErrorCode::Unavailable.into() })?;
        slot.map(HashSlot).map_err(Error::internal)
    }
}

/// Runs `job` off the async threads. The slot goes with it: a caller that goes away does not free it while the job runs.
async fn work<T: Send + 'static>(slot: HashSlot, job: impl FnOnce() -> T + Send + 'static) -> Result<(T, HashSlot)> {
    tokio::task::spawn_blocking(move || (job(), slot)).await.map_err(Error::internal)
}
