//! The connections for reading. A server may go away and come back: no statement waits for it for ever, and what was asked on a lost
//! connection is asked again on a new one. No queries.

use std::{
    future::Future,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::{
    contact::Contact,
    engine::{BUSY, OpenMode, Site},
    error::is_lost,
    write_connection::within,
};

pub(crate) struct Readers {
    site: Site,
    backend: DbBackend,
    size: u32,
    pool: RwLock<Pool>,
    /// Nothing is opened any more.
    is_closed: AtomicBool,
    contact: Arc<Contact>,
}

#[derive(Clone)]
struct Pool {
    db: DatabaseConnection,
    /// How many were there before.
    number: u64,
}

impl Readers {
    pub(crate) async fn open(site: Site, size: u32, contact: Arc<Contact>) -> Result<Self, DbErr> {
        let db = site.connect(OpenMode::Read, size).await?;
        let backend = db.get_database_backend();
        let (pool, is_closed) = (RwLock::new(Pool { db, number: 0 }), AtomicBool::new(false));
        Ok(Self { site, backend, size, pool, is_closed, contact })
    }

    fn pool(&self) -> Pool {
        self.pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the connections themselves, for tests.
    #[cfg(test)]
    pub(crate) fn db(&mut self) -> &mut DatabaseConnection {
        &mut self.pool.get_mut().unwrap_or_else(PoisonError::into_inner).db
    }

    #[cfg(test)]
    pub(crate) fn current(&self) -> DatabaseConnection {
        self.pool().db
    }

    async fn ask<T, F>(&self, ask: impl Fn(DatabaseConnection) -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let Pool { mut db, number } = self.pool();
        if !self.site.is_shared() {
            return ask(db).await;
        }
        if self.contact.has_changed() {
            self.renew(number).await?;
            db = self.pool().db;
        }
        let deadline = Some(Instant::now() + BUSY);
        let mut asked = within(deadline, ask(db)).await;
        if self.is_closed.load(Ordering::Acquire) {
            return asked;
        }
        if asked.as_ref().is_err_and(is_lost) {
            self.renew(number).await?;
            asked = within(deadline, ask(self.pool().db)).await;
        }
        self.contact.note(asked)
    }

    /// Leaves connections of which one was lost: of the others it is not known, and one that the network swallowed would be waited for
    /// by all. Opens nothing yet.
    async fn renew(&self, number: u64) -> Result<(), DbErr> {
        let db = self.site.connect(OpenMode::Read, self.size).await?;
        let mut pool = self.pool.write().unwrap_or_else(PoisonError::into_inner);
        // Others may have noticed, too.
        if pool.number == number {
            *pool = Pool { db, number: number + 1 };
        }
        Ok(())
    }

    /// What is asked from now on is refused.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        self.is_closed.store(true, Ordering::Release);
        self.pool().db.close_by_ref().await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.ask(|db| {
            let statement = statement.clone();
            async move { db.execute_raw(statement).await }
        })
        .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.ask(|db| async move { db.execute_unprepared(sql).await }).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ask(|db| {
            let statement = statement.clone();
            async move { db.query_one_raw(statement).await }
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(|db| {
            let statement = statement.clone();
            async move { db.query_all_raw(statement).await }
        })
        .await
    }
}
