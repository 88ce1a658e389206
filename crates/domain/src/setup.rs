//! The first start of a server: its name and its first administrator, claimed with a token that only the console shows.

use std::time::Instant;

use chinwag_proto::{ErrorCode, Sentence};
use tokio::sync::Mutex;

use crate::{CACHE_TTL, Chat, Error, Registration, Result, sessions, text, tokens, users};

/// What anybody may know of this server.
#[derive(Clone, Debug)]
pub struct ServerFacts {
    pub name: String,
    pub setup_needed: bool,
    pub registration_open: bool,
    pub guests: bool,
    pub strong_passwords: bool,
    pub password_min: usize,
    pub people: i64,
    pub online: usize,
}

/// What the database says of the server. Anybody may ask as often as they like, so it is asked once in a while for all of them.
#[derive(Clone, Debug)]
pub struct Looked {
    name: Option<String>,
    setup_needed: bool,
    people: i64,
}

/// The last look, and when it was. Whoever comes while one looks waits for what is seen.
#[derive(Debug)]
pub struct Known<T>(Mutex<Option<(T, Instant)>>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Known<T> {
    async fn get(&self, look: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
        // A database that does not answer keeps nobody longer than one look would.
        let known = tokio::time::timeout(CACHE_TTL, self.0.lock()).await;
        let mut known = known.map_err(|_| Error::from(ErrorCode::Unavailable))?;
        if let Some((found, at)) = known.as_ref()
            && at.elapsed() < CACHE_TTL
        {
            return Ok(found.clone());
        }
        let found = look().await?;
        *known = Some((found.clone(), Instant::now()));
        Ok(found)
    }

    async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

pub async fn facts(chat: &Chat) -> Result<ServerFacts> {
    let look = async || {
        Ok(Looked {
            name: chat.store.server_name().await?,
            setup_needed: !chat.store.admin_exists().await?,
            people: chat.store.counts().await?.users,
        })
    };
    let Looked { name, setup_needed, people } = chat.facts.get(look).await?;
    Ok(ServerFacts {
        name: name.unwrap_or_else(|| chat.settings.default_name.clone()),
        setup_needed,
        registration_open: chat.settings.registration == Registration::Open,
        guests: chat.settings.guests,
        strong_passwords: chat.settings.password_policy == crate::PasswordPolicy::Strong,
        password_min: chat.settings.password_policy.min_chars(),
        people,
        online: chat.publisher.figures().users,
    })
}

/// The token of the set-up link: the same until it is used, however often the server starts; `None` when there is an administrator.
pub async fn token(chat: &Chat) -> Result<Option<String>> {
    let token = chat.store.setup_secret(tokens::new_secret()).await?;
    *chat.setup_token.lock() = token.clone();
    Ok(token)
}

/// The first administrator introduces themselves.
pub async fn claim(
    chat: &Chat,
    token: &str,
    account: users::NewAccount,
    server_name: Option<&str>,
    client: sessions::Client,
) -> Result<sessions::Login> {
    let spent = || Error::from(ErrorCode::Forbidden).with_message(Sentence::LinkSpent);
    // Comparing hashes takes the same time wherever the texts differ.
    let known = chat.setup_token.lock().as_deref().map(tokens::hash_secret);
    if known != Some(tokens::hash_secret(token)) {
        return Err(spent());
    }
    let server_name = server_name.map(text::server_name).transpose()?.filter(|name| !name.is_empty());
    let user = users::parse(chat, &account, true).await?;
    let opening = sessions::Opening::new(chat, client)?;
    let made = chat.store.create_first_admin(user, opening.session.clone(), server_name, token.to_owned()).await;
    let user = made.map_err(|error| match error {
        crate::ports::StoreError::Spent => spent(),
        other => other.into(),
    })?;
    *chat.setup_token.lock() = None;
    chat.facts.forget().await;
    tracing::info!(user_id = user.id, "the first administrator has set up the server");
    opening.login(chat, &user)
}

#[cfg(test)]
mod tests {
    use std::{future::pending, sync::atomic::AtomicU32, sync::atomic::Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn however_many_ask_one_looks() {
        let (known, looks) = (Known::default(), AtomicU32::new(0));
        let ask = || {
            known.get(async || {
                tokio::task::yield_now().await;
                Ok(looks.fetch_add(1, Ordering::Relaxed))
            })
        };
        for seen in join_all((0..100).map(|_| ask())).await {
            assert_eq!(seen.expect("looked"), 0);
        }
        known.forget().await;
        assert_eq!(ask().await.expect("looked"), 1, "forgotten, it is looked at again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_does_not_end_keeps_the_others_a_moment_only() {
        let known = Known::<()>::default();
        let first = known.get(async || pending().await);
        let other = known.get(async || Ok(()));
        tokio::select! {
            biased;
            _ = first => panic!("it does not end"),
            refused = other => assert_eq!(refused.expect_err("it waited").code, ErrorCode::Unavailable),
        }
    }
}
