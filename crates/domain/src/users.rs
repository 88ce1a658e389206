//! Accounts: making, showing, changing and ending them. Logins are in `sessions`.

use chinwag_proto::{DrawnAvatar, ErrorCode, Sentence, User, limits};

use crate::{
    Actor, Chat, Error, Registration, Result,
    avatar_records::Avatar,
    error::Faults,
    fault,
    ports::StoreError,
    records::{NewUser, ProfileChange, UserRecord},
    sessions, text,
    views::{self, Privacy},
};

/// What someone types to get an account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub username: String,
    pub email: String,
    pub password: String,
    /// One of the drawn pictures, to begin with.
    pub avatar: Option<DrawnAvatar>,
}

/// Registers an account for whoever asks, and logs it in.
pub async fn register(chat: &Chat, account: NewAccount, client: sessions::Client) -> Result<sessions::Login> {
    if chat.settings.registration == Registration::Closed {
        return Err(ErrorCode::RegistrationClosed.into());
    }
    let user = parse(chat, &account, false);
    chat.throttle.register(&*chat.store, &client.address).await?;
    let user = user.await?;
    let opening = sessions::Opening::new(chat, client)?;
    let user = chat.store.create_user(user, Some(opening.session.clone())).await?;
    opening.login(chat, &user)
}

/// Makes an account on behalf of the operator: no throttle, registration may be closed.
pub async fn add(chat: &Chat, account: NewAccount, is_admin: bool) -> Result<UserRecord> {
    let user = parse(chat, &account, is_admin).await?;
    Ok(chat.store.create_user(user, None).await?)
}

/// Checks every field and hashes the password; all faults come at once.
pub(crate) async fn parse(chat: &Chat, account: &NewAccount, is_admin: bool) -> Result<NewUser> {
    let mut faults = Faults::default();
    let username = faults.take(text::Username::parse(&account.username).and_then(|name| {
        // The house may call its own people so.
        let taken = !is_admin && text::is_office(name.as_str());
        if taken { Err(Error::invalid("username", Sentence::NameReserved)) } else { Ok(name) }
    }));
    let email = faults.take(text::Email::parse(&account.email));
    let own = [account.username.as_str(), account.email.split('@').next().unwrap_or_default()];
    let password =
        faults.take(text::check_password("password", &account.password, chat.settings.password_policy, &own));
    let (Some(username), Some(email), Some(())) = (username, email, password) else {
        return Err(faults.into_error());
    };
    Ok(NewUser {
        username_key: text::name_key(username.as_str()),
        look_key: text::look_key(username.as_str()),
        username: username.into_string(),
        email_key: email.key(),
        email: email.into_string(),
        password_hash: chat.passwords.hash(account.password.clone()).await?,
        avatar: account.avatar.map(Avatar::Drawn),
        is_admin,
        created_at: chat.now(),
    })
}

pub(crate) fn privacy(actor: &Actor, id: i64) -> Privacy {
    match actor {
        actor if actor.user_id == id => Privacy::Own,
        actor if actor.is_admin => Privacy::Admin,
        _ => Privacy::Public,
    }
}

async fn demand(chat: &Chat, id: i64) -> Result<UserRecord> {
    Ok(chat.store.find_user(id).await?.ok_or(ErrorCode::UserNotFound)?)
}

pub async fn get(chat: &Chat, actor: &Actor, id: i64) -> Result<User> {
    fault::panic_at("use_case", &actor.username);
    Ok(views::user(&demand(chat, id).await?, privacy(actor, id), chat.publisher.as_ref()))
}

/// People whose name contains `query`, by id; the first `offset` of those after `after` are left out.
pub async fn search(
    chat: &Chat,
    actor: &Actor,
    query: &str,
    after: i64,
    limit: usize,
    offset: usize,
) -> Result<Vec<User>> {
    let query = text::search("query", query)?;
    let found = chat.store.search_users(&query, after, offset + limit).await?;
    Ok(found
        .iter()
        .skip(offset)
        .map(|user| views::user(user, privacy(actor, user.id), chat.publisher.as_ref()))
        .collect())
}

/// The people who are here now, at most a page of them.
pub async fn online(chat: &Chat, actor: &Actor) -> Result<Vec<User>> {
    let mut ids = chat.publisher.online_users();
    ids.truncate(limits::PAGE);
    let mut found = chat.store.find_users(&ids).await?;
    found.sort_by_key(|user| user.id);
    Ok(found.iter().map(|user| views::user(user, privacy(actor, user.id), chat.publisher.as_ref())).collect())
}

/// A profile as someone wants it to be; `None` leaves a field alone.
#[derive(Clone, Debug, Default)]
pub struct ProfileEdit {
    pub display_name: Option<String>,
    pub bio: Option<String>,
    pub status_text: Option<String>,
    pub locale: Option<String>,
    pub theme: Option<String>,
    pub email: Option<String>,
    /// Clients that send all of a profile send this along: taken where it is as it is.
    pub avatar_url: Option<String>,
    /// Asked for where one's own address changes.
    pub current_password: Option<String>,
}

/// Changes a profile: one's own, or anybody's for an administrator.
pub async fn update(chat: &Chat, actor: &Actor, id: i64, edit: ProfileEdit, address: &str) -> Result<User> {
    own_or_admin(chat, actor, id).await?;
    if let Some(address) = &edit.avatar_url
        && *address != views::profile(&demand(chat, id).await?).avatar_url
    {
        let not_kept = Sentence::NotKept { field: "avatar_url".into() };
        return Err(Error::from(ErrorCode::Invalid).with_message(not_kept));
    }
    let mut faults = Faults::default();
    let mut field = |value: Option<String>, parse: &dyn Fn(&str) -> Result<String>| {
        value.and_then(|value| faults.take(parse(&value)))
    };
    let change = ProfileChange {
        display_name: field(edit.display_name, &text::display_name),
        bio: field(edit.bio, &|value| text::paragraph("bio", value, limits::BIO_CHARS)),
        status_text: field(edit.status_text, &text::status_text),
        locale: field(edit.locale, &|value| one_of("locale", value, &["en", "zh-Hans"])),
        theme: field(edit.theme, &|value| one_of("theme", value, &["light", "dark", "system"])),
        email: edit.email.and_then(|value| faults.take(text::Email::parse(&value))).map(|email| {
            let key = email.key();
            (email.into_string(), key)
        }),
    };
    faults.none()?;
    if let (Some((email, _)), true) = (&change.email, actor.user_id == id) {
        prove_for_email(chat, actor, email, edit.current_password, address).await?;
    }
    let user = chat.store.update_user(id, actor.user_id, change).await.map_err(no_administrator)?;
    Ok(views::user(&user, privacy(actor, id), chat.publisher.as_ref()))
}

/// Whoever finds an open session must not make the account their own by its address: one logs in by that, too.
async fn prove_for_email(
    chat: &Chat,
    actor: &Actor,
    email: &str,
    current: Option<String>,
    address: &str,
) -> Result<()> {
    let user = demand(chat, actor.user_id).await?;
    if user.email == email {
        return Ok(());
    }
    let Some(current) = current else {
        return Err(Error::invalid("current_password", Sentence::PasswordNeeded));
    };
    prove_current(chat, &user, current, address).await
}

async fn prove_current(chat: &Chat, user: &UserRecord, current: String, address: &str) -> Result<()> {
    let key = text::name_key(&user.username);
    if sessions::prove(chat, &key, address, current, Some(user.password_hash.clone())).await? {
        Ok(())
    } else {
        Err(Error::invalid("current_password", Sentence::PasswordWrong))
    }
}

fn one_of(field: &'static str, value: &str, choices: &[&str]) -> Result<String> {
    if choices.contains(&value) {
        Ok(value.to_owned())
    } else {
        Err(Error::invalid(field, Sentence::OneOf { choices: choices.join(", ") }))
    }
}

pub(crate) async fn own_or_admin(chat: &Chat, actor: &Actor, id: i64) -> Result<()> {
    if actor.user_id == id || actor.is_admin {
        return Ok(());
    }
    demand(chat, id).await?;
    Err(ErrorCode::Forbidden.into())
}

/// What the store found when it looked again: the rights were taken meanwhile.
pub(crate) fn no_administrator(error: StoreError) -> Error {
    match error {
        StoreError::Stale => ErrorCode::Forbidden.into(),
        other => other.into(),
    }
}

/// Changes one's own password and ends all other sessions.
pub async fn change_password(chat: &Chat, actor: &Actor, current: String, new: String, address: &str) -> Result<()> {
    let user = demand(chat, actor.user_id).await?;
    prove_current(chat, &user, current, address).await?;
    let proved = Some(user.password_hash.clone());
    match replace_password(chat, &user, new, proved, actor.session).await {
        Err(error) if error.code == ErrorCode::Conflict => {
            Err(Error::invalid("current_password", Sentence::PasswordWrong))
        }
        replaced => replaced,
    }
}

/// Sets a password on behalf of the operator and ends all sessions.
pub async fn reset_password(chat: &Chat, name: &str, new: String) -> Result<UserRecord> {
    let user = find_by_name(chat, name).await?;
    replace_password(chat, &user, new, None, None).await?;
    Ok(user)
}

async fn replace_password(
    chat: &Chat,
    user: &UserRecord,
    new: String,
    proved: Option<String>,
    keep: Option<crate::SessionId>,
) -> Result<()> {
    text::check_password("new_password", &new, chat.settings.password_policy, &[&user.username, &user.email])?;
    let hash = chat.passwords.hash(new).await?;
    let revoked = chat.store.set_password(user.id, hash, proved, keep, chat.now()).await?;
    sessions::ended(chat, &revoked);
    tracing::info!(user_id = user.id, "a password was changed");
    Ok(())
}

/// Makes an account an administrator, on behalf of the operator.
pub async fn promote(chat: &Chat, name: &str) -> Result<UserRecord> {
    let user = find_by_name(chat, name).await?;
    chat.store.set_admin(user.id, true).await?;
    tracing::info!(user_id = user.id, "an account was made administrator");
    Ok(user)
}

/// Takes that from an account, on behalf of the operator. What it was doing as administrator stops at once.
pub async fn demote(chat: &Chat, name: &str) -> Result<UserRecord> {
    let user = find_by_name(chat, name).await?;
    chat.store.set_admin(user.id, false).await?;
    tracing::info!(user_id = user.id, "an account is no administrator any more");
    Ok(user)
}

async fn find_by_name(chat: &Chat, name: &str) -> Result<UserRecord> {
    Ok(chat.store.find_user_by_login(&text::name_key(name)).await?.ok_or(ErrorCode::UserNotFound)?)
}

/// Ends an account: one's own, or anybody's for an administrator. Its words stay.
pub async fn deactivate(chat: &Chat, actor: &Actor, id: i64) -> Result<()> {
    own_or_admin(chat, actor, id).await?;
    let revoked = chat.store.deactivate_user(id, actor.user_id, chat.now()).await.map_err(|error| match error {
        StoreError::LastOwner => Error::from(ErrorCode::LastOwner).with_message(Sentence::OnlyOwner),
        other => no_administrator(other),
    })?;
    sessions::ended(chat, &revoked);
    tracing::info!(user_id = id, by = actor.user_id, "an account was deactivated");
    Ok(())
}
