//! The first start of a server: its name and its first administrator, claimed with a token that only the console shows.

use chinwag_proto::{ErrorCode, Sentence};

use crate::{Chat, Error, Registration, Result, records::Counts, sessions, text, tokens, users};

/// What anybody may know of this server.
#[derive(Clone, Debug)]
pub struct ServerFacts {
    pub name: String,
    pub setup_needed: bool,
    pub registration_open: bool,
    pub guests: bool,
    pub strong_passwords: bool,
    pub password_min: usize,
    pub counts: Counts,
    pub online: usize,
}

pub async fn facts(chat: &Chat) -> Result<ServerFacts> {
    Ok(ServerFacts {
        name: chat.store.server_name().await?.unwrap_or_else(|| chat.settings.default_name.clone()),
        setup_needed: !chat.store.admin_exists().await?,
        registration_open: chat.settings.registration == Registration::Open,
        guests: chat.settings.guests,
        strong_passwords: chat.settings.password_policy == crate::PasswordPolicy::Strong,
        password_min: chat.settings.password_policy.min_chars(),
        counts: chat.store.counts().await?,
        online: chat.publisher.figures().users,
    })
}

/// The token of the set-up link: the same until it is used or the process ends; `None` when there is an administrator.
pub async fn token(chat: &Chat) -> Result<Option<String>> {
    if chat.store.admin_exists().await? {
        return Ok(None);
    }
    Ok(Some(chat.setup_token.lock().get_or_insert_with(tokens::new_secret).clone()))
}

/// The first administrator introduces themselves.
pub async fn claim(
    chat: &Chat,
    token: &str,
    account: users::NewAccount,
    server_name: Option<&str>,
    origin: sessions::Origin,
) -> Result<sessions::Login> {
    let spent = || Error::from(ErrorCode::Forbidden).with_message(Sentence::LinkSpent);
    // Comparing hashes takes the same time wherever the texts differ.
    let known = chat.setup_token.lock().as_deref().map(tokens::hash_secret);
    if known != Some(tokens::hash_secret(token)) {
        return Err(spent());
    }
    let server_name = server_name.map(text::server_name).transpose()?.filter(|name| !name.is_empty());
    let user = users::parse(chat, &account, true).await?;
    let user = chat.store.create_first_admin(user, server_name).await.map_err(|error| match error {
        crate::ports::StoreError::AlreadySetUp => spent(),
        other => other.into(),
    })?;
    *chat.setup_token.lock() = None;
    tracing::info!(user_id = user.id, "the first administrator has set up the server");
    sessions::open(chat, &user, origin).await
}
