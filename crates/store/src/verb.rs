//! What changes something, as the writer sees it: it can be run in a transaction, again where that came to nothing, and answered. Not
//! what it does.

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin};

use chinwag_domain::ports::{StoreError, StoreResult};
use futures_util::FutureExt;
use sea_orm::ConnectionTrait;
use tokio::sync::oneshot;

use crate::{error::TxFailure, tx::Tx};

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A verb whose answer's type is forgotten.
pub(crate) trait Verb: Send {
    /// May be called again, in another transaction, where the one before came to nothing.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Outcome>;

    /// Tells who waits, given the failure of the whole transaction if it failed. A verb that was not run yet has only that to tell.
    fn answer(self: Box<Self>, failed: Option<&TxFailure>);
}

/// What becomes of a verb's changes.
pub(crate) enum Outcome {
    Keep,
    /// It refused.
    Undo,
    /// The database itself failed, so that the whole transaction is in doubt.
    Broken(TxFailure),
}

/// A function with its answer.
pub(crate) struct Closure<T, F> {
    verb: F,
    result: Option<StoreResult<T>>,
    reply: oneshot::Sender<StoreResult<T>>,
}

impl<T, F> Closure<T, F> {
    pub(crate) fn new(verb: F, reply: oneshot::Sender<StoreResult<T>>) -> Self {
        Self { verb, result: None, reply }
    }
}

impl<T, F> Verb for Closure<T, F>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Outcome> {
        let running = (self.verb)(tx);
        Box::pin(async move {
            let result = AssertUnwindSafe(running).catch_unwind().await;
            let Ok(result) = result else { return Outcome::Broken(TxFailure::panicked()) };
            let outcome = match &result {
                Ok(_) => Outcome::Keep,
                Err(error @ (StoreError::OutOfSpace | StoreError::Moved | StoreError::Unavailable(_))) => {
                    Outcome::Broken(TxFailure::beside(error))
                }
                Err(_) => Outcome::Undo,
            };
            self.result = Some(result);
            outcome
        })
    }

    fn answer(self: Box<Self>, failed: Option<&TxFailure>) {
        let told = match (self.result, failed) {
            (Some(Err(StoreError::OutOfSpace)), _) => Err(StoreError::OutOfSpace),
            (Some(Err(StoreError::Moved)), _) => Err(StoreError::Moved),
            (Some(Err(StoreError::Failed(cause))), _) => Err(StoreError::Failed(cause)),
            (_, Some(failure)) => Err(failure.clone().into()),
            (result, None) => result.unwrap_or(Err(StoreError::Unavailable(None))),
        };
        // A caller that has gone needs no answer.
        drop(self.reply.send(told));
    }
}

/// Runs it within the transaction, of which nothing is left where it refuses.
pub(crate) async fn run(tx: &mut Tx, verb: &mut dyn Verb) -> Result<(), TxFailure> {
    let told = tx.changes.len();
    tx.db.execute_unprepared("SAVEPOINT verb").await?;
    match verb.run(tx).await {
        Outcome::Keep => {}
        Outcome::Undo => {
            tx.changes.truncate(told);
            tx.db.execute_unprepared("ROLLBACK TO SAVEPOINT verb").await?;
        }
        Outcome::Broken(failure) => return Err(failure),
    }
    tx.db.execute_unprepared("RELEASE SAVEPOINT verb").await?;
    Ok(())
}

pub(crate) fn answer(verbs: impl IntoIterator<Item = Box<dyn Verb>>, failed: Option<&TxFailure>) {
    for verb in verbs {
        verb.answer(failed);
    }
}
