//! `chinwag user`: accounts from the operator's console, straight in the database; a running server sees the change within
//! seconds.

use std::sync::Arc;

use chinwag_domain::{
    Chat, Error,
    clock::SharedClock,
    ports::SystemClock,
    users::{self, NewAccount},
};
use chinwag_proto::Language;
use chinwag_realtime::Hub;
use chinwag_store::{Site, SqlStore, StoreConfig};
use clap::Subcommand;

use super::{password, say};
use crate::{Config, data_dir::DataDir, rules};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Make an account. The password is asked for, or read from standard input where that is no terminal.
    Add {
        username: String,
        email: String,
        /// Make it an administrator.
        #[arg(long)]
        admin: bool,
        /// Make up a password and print it, once.
        #[arg(long)]
        generate: bool,
    },
    /// Make an account an administrator.
    Promote {
        /// User name or e-mail address.
        username: String,
    },
    /// Make an administrator an account like any other.
    Demote {
        /// User name or e-mail address.
        username: String,
    },
    /// Set a new password and end all the person's sessions.
    ResetPassword {
        /// User name or e-mail address.
        username: String,
        /// Make up a password and print it, once.
        #[arg(long)]
        generate: bool,
    },
}

pub(super) async fn run(action: &Action, config: Config) -> anyhow::Result<()> {
    let data_dir = DataDir::find(&config.data_dir)?;
    data_dir.refuse_root_as_guest()?;
    let site = config.site(&data_dir)?;
    chinwag_store::check_schema(&site).await?;
    say(&match &site {
        Site::File(_) => format!("In {}:", data_dir.path().display()),
        Site::Postgres(_) | Site::MySql(_) => format!("In {site}:"),
    });
    // Asked for before the database is open: people take their time, and a newer server may start meanwhile.
    let password = match action {
        Action::Add { generate, .. } | Action::ResetPassword { generate, .. } => Some(password::obtain(*generate)?),
        Action::Promote { .. } | Action::Demote { .. } => None,
    };
    let (chat, store) = open(&config, &data_dir).await?;
    let done = act(&chat, action, password.as_ref().map_or("", |password| &password.text)).await;
    store.close().await;
    done?;
    if let Some(password) = password {
        password.reveal();
    }
    Ok(())
}

/// The rules over the database, without a server. Every engine lets two processes write, so a server may run meanwhile;
/// therefore it is the server alone that makes a database and brings it up to date.
async fn open(config: &Config, data_dir: &DataDir) -> anyhow::Result<(Arc<Chat>, Arc<SqlStore>)> {
    let clock = Arc::new(SharedClock::over(SystemClock));
    let nobody = Hub::new(clock.clone(), 1);
    let store = chinwag_store::open_beside(StoreConfig::at(config.site(data_dir)?), nobody.clone()).await?;
    clock.set(&*store).await?;
    let chat = Chat::new(store.clone(), nobody, clock, data_dir.secret()?, rules(config));
    Ok((chat, store))
}

async fn act(chat: &Chat, action: &Action, password: &str) -> anyhow::Result<()> {
    match action {
        Action::Add { username, email, admin, .. } => {
            let account = NewAccount {
                username: username.clone(),
                email: email.clone(),
                password: password.into(),
                avatar: None,
            };
            let user = users::add(chat, account, *admin).await.map_err(in_words)?;
            let kind = if user.is_admin { "administrator" } else { "account" };
            say(&format!("Made the {kind} {} (id {}).", user.username, user.id));
        }
        Action::Promote { username } => {
            let user = users::promote(chat, username).await.map_err(in_words)?;
            say(&format!("{} is an administrator now.", user.username));
        }
        Action::Demote { username } => {
            let user = users::demote(chat, username).await.map_err(in_words)?;
            say(&format!("{} is no administrator any more.", user.username));
        }
        Action::ResetPassword { username, .. } => {
            let user = users::reset_password(chat, username, password.into()).await.map_err(in_words)?;
            say(&format!("{} has a new password; all sessions of this account have ended.", user.username));
        }
    }
    Ok(())
}

/// A refusal of the rules with all it says about the fields.
fn in_words(error: Error) -> anyhow::Error {
    let each = error.fields.iter().flat_map(|(field, sentences)| sentences.iter().map(move |told| (field, told)));
    let fields: Vec<String> = each.map(|(field, told)| format!("{field}: {told}")).collect();
    let words = if fields.is_empty() { error.sentence(Language::English) } else { fields.join(" ") };
    match error.cause {
        Some(cause) => anyhow::anyhow!(cause).context(words),
        None => anyhow::anyhow!(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a server leaves it after its first start.
    async fn with_chat(test: impl AsyncFnOnce(&Chat)) {
        let parent = tempfile::tempdir().expect("a directory");
        let config = Config { data_dir: parent.path().join("data"), ..Config::default() };
        let data_dir = DataDir::open(&config.data_dir).expect("a data directory");
        serve_once(&data_dir).await;
        let (chat, store) = open(&config, &data_dir).await.expect("a database");
        test(&chat).await;
        store.close().await;
    }

    async fn serve_once(data_dir: &DataDir) {
        let database = StoreConfig::file(data_dir.database());
        let store = chinwag_store::open(database, Hub::new(Arc::new(SystemClock), 1)).await.expect("a first start");
        store.close().await;
    }

    fn account(username: &str, password: &str) -> NewAccount {
        NewAccount {
            username: username.into(),
            email: format!("{username}@example.org"),
            password: password.into(),
            avatar: None,
        }
    }

    #[tokio::test]
    async fn an_account_can_be_made_and_promoted_without_a_server() {
        with_chat(async |chat| {
            let user = users::add(chat, account("ann", "correct horse"), false).await.expect("an account");
            assert!(!user.is_admin);
            act(chat, &Action::Promote { username: "ANN@example.org".into() }, "").await.expect("a promotion");
            assert!(
                chinwag_domain::setup::token(chat).await.expect("an answer").is_none(),
                "there is an administrator"
            );
            let demote = Action::Demote { username: "ann".into() };
            let last = act(chat, &demote, "").await.expect_err("a refusal").to_string();
            assert!(last.contains("chinwag user promote"), "{last}");
            users::add(chat, account("ben", "correct horse"), true).await.expect("an account");
            act(chat, &demote, "").await.expect("ben is left");
            let ann = users::demote(chat, "ann").await.expect("being one already is fine");
            assert_eq!(ann.username.as_ref(), "ann");
        })
        .await;
    }

    #[tokio::test]
    async fn a_refusal_says_what_is_wrong_with_each_field() {
        with_chat(async |chat| {
            let error = users::add(chat, account("", "x"), false).await.map_err(in_words).expect_err("a refusal");
            for field in ["username: ", "password: "] {
                assert!(error.to_string().contains(field), "{error}");
            }
            let error = act(chat, &Action::Promote { username: "nobody".into() }, "").await.expect_err("a refusal");
            assert!(!error.to_string().is_empty());
        })
        .await;
    }

    /// A running server must not find its tables changed under it, and a database must not be made by whoever types this.
    #[tokio::test]
    async fn where_no_server_has_made_a_database_nothing_is_made() {
        let parent = tempfile::tempdir().expect("a directory");
        let config = Config { data_dir: parent.path().join("data"), ..Config::default() };
        let promote = Action::Promote { username: "ann".into() };
        let refused = run(&promote, config.clone()).await.expect_err("a refusal").to_string();
        assert!(refused.contains("chinwag serve"), "{refused}");
        assert!(!config.data_dir.exists(), "looking makes nothing");

        let data_dir = DataDir::open(&config.data_dir).expect("a data directory");
        let refused = run(&promote, config.clone()).await.expect_err("a refusal").to_string();
        assert!(refused.contains("chinwag serve"), "{refused}");
        assert!(!data_dir.database().exists(), "looking makes nothing");

        serve_once(&data_dir).await;
        let refused = run(&promote, config).await.expect_err("nobody of that name").to_string();
        assert!(!refused.contains("chinwag serve"), "{refused}");
    }
}
