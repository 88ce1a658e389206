//! The laws of the options: which source wins, what is refused, and that the reference page is fresh.

use std::ffi::OsString;

use super::*;

fn sources(file: &tempfile::TempDir, name: &str, text: &str) -> Sources {
    let path = file.path().join(name);
    std::fs::write(&path, text).expect("a settings file");
    Sources { file: Some(path), ..Sources::default() }
}

fn environment(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
}

fn faults(sources: &Sources) -> Vec<String> {
    Config::load(sources).expect_err("a configuration with faults").0
}

fn with_flags(flags: &[(&str, &str)]) -> Result<Config, SettingFaults> {
    let flags = flags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    Config::load(&Sources { flags, ..Sources::default() })
}

#[test]
fn defaults_are_without_faults() {
    let config = with_flags(&[]).expect("the defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url().as_str(), "http://localhost:8080");
    assert!(config.is_local() && !config.demands_strong_passwords());
    assert!(config.warnings().is_empty());
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut sources =
        sources(&dir, "c.toml", "name = 'file'\nguests = true\n[limits]\ntext_chars = 100\njson_bytes = '1 MiB'");
    sources.environment =
        environment(&[("CHINWAG__LIMITS__TEXT_CHARS", "200"), ("CHINWAG__NAME", "env"), ("HOME", "/")]);
    sources.flags = vec![("name".into(), "flag".into())];
    let config = Config::load(&sources).expect("a configuration");
    assert_eq!((config.name.as_str(), config.limits.text_chars, config.guests), ("flag", 200, true));
    assert_eq!(config.limits.json_bytes, Bytes::mib(1));
}

#[test]
fn yaml_says_the_same_as_toml() {
    let dir = tempfile::tempdir().expect("a directory");
    let toml = "trusted_proxies = ['10.0.0.0/8', '::1']\ntoken_ttl = '30 min'\n[log]\nformat = 'json'\n";
    let yaml = "trusted_proxies: [10.0.0.0/8, '::1']\ntoken_ttl: 30 min\nlog:\n  format: json\n";
    let load = |name, text| Config::load(&sources(&dir, name, text)).expect("a configuration").print();
    assert_eq!(load("c.toml", toml), load("c.yaml", yaml));
}

#[test]
fn what_is_printed_reads_back_as_the_same() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = with_flags(&[
        ("name", "Ünï \"c\""),
        ("public_url", "https://Chat.example.org:443/"),
        ("allowed_origins", "https://a.example, http://b.example:81"),
        ("session_ttl", "90000"),
        ("limits.connections", "77"),
    ])
    .expect("a configuration");
    let printed = config.print();
    assert_eq!(Config::load(&sources(&dir, "c.toml", &printed)).expect("what was printed").print(), printed);
    assert_eq!(config.public_url().as_str(), "https://chat.example.org");
    assert!(printed.contains("session_ttl = \"25 h\""), "{printed}");
}

#[test]
fn all_faults_are_told_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut sources =
        sources(&dir, "c.toml", "listen = '8080'\nguests = 'perhaps'\ntoken_ttl = '3 d'\n[log]\nlevel = 'lo=ud=er'\n");
    sources.environment = environment(&[("CHINWAG__LIMITS__JSON_BYTES", "1 GiB")]);
    let told = faults(&sources);
    for key in ["listen", "guests", "token_ttl", "log.level", "limits.json_bytes"] {
        assert!(told.iter().any(|fault| fault.contains(&format!("`{key}`"))), "{key} in {told:#?}");
    }
    assert_eq!(told.len(), 5, "{told:#?}");
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut sources =
        sources(&dir, "c.toml", "lisen = '127.0.0.1:1'\n[limits]\ntext_char = 5\nzzzzzzzzzzzzzzzzzzzzzzzz = 1\n");
    sources.environment = environment(&[("CHINWAG__DATADIR", "/x")]);
    let told = faults(&sources).join("\n");
    for expected in
        ["did you mean `listen`", "did you mean `limits.text_chars`", "did you mean `data_dir`", "config print"]
    {
        assert!(told.contains(expected), "{expected} in {told}");
    }
}

#[test]
fn a_variable_with_one_underscore_is_named_as_a_mistake() {
    for (wrong, right) in [
        ("CHINWAG_DATA_DIR", "CHINWAG__DATA_DIR"),
        ("CHINWAG_LISTN", "CHINWAG__LISTEN"),
        ("chinwag__data_dir", "CHINWAG__DATA_DIR"),
        ("CHINWAG_LIMITS__TEXT_CHARS", "CHINWAG__LIMITS__TEXT_CHARS"),
    ] {
        let told = faults(&Sources { environment: environment(&[(wrong, "/x")]), ..Sources::default() });
        let whole = format!("the environment variable {wrong} is no setting; did you mean {right}?");
        assert_eq!(told, [whole]);
    }
}

#[test]
fn a_variable_that_is_far_from_any_setting_is_warned_about() {
    let strange = [("CHINWAG_SERVICE_HOST", "10.0.0.1"), ("CHINWAG_PORT", "tcp://10.0.0.1:80"), ("HOME", "/")];
    let sources = Sources { environment: environment(&strange), ..Sources::default() };
    assert!(Config::load(&sources).is_ok(), "Kubernetes makes such variables");
    let told = sources.warnings().expect("a warning");
    assert!(told.starts_with("The environment variables CHINWAG_PORT, CHINWAG_SERVICE_HOST are no settings"), "{told}");
    assert_eq!(Sources::default().warnings(), None);
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut sources = sources(&dir, "c.toml", "name = 'file'");
    let empty: Vec<_> = Config::keys().iter().map(|key| (page::variable(key), "")).collect();
    sources.environment = environment(&empty.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>());
    assert_eq!(Config::load(&sources).expect("a configuration").name, "file");
}

#[test]
fn a_file_with_a_byte_order_mark_is_read() {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, text) in [("c.toml", "\u{feff}name = 'x'"), ("c.yaml", "\u{feff}name: x\n")] {
        assert_eq!(Config::load(&sources(&dir, name, text)).expect(name).name, "x");
    }
    std::fs::write(dir.path().join("d.yaml"), b"\xff\xfen\0a\0").expect("a settings file");
    let utf16 = Sources { file: Some(dir.path().join("d.yaml")), ..Sources::default() };
    assert!(faults(&utf16)[0].contains("is not UTF-8"));
}

#[test]
fn a_key_without_a_value_is_a_fault() {
    let dir = tempfile::tempdir().expect("a directory");
    assert!(faults(&sources(&dir, "c.yaml", "listen:\n"))[0].contains("has no value"));
}

#[test]
fn a_broken_file_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    assert!(faults(&sources(&dir, "c.toml", "listen = "))[0].contains("is not TOML"));
    assert!(faults(&sources(&dir, "c.ini", ""))[0].contains("must end in .toml or .yaml"));
    assert!(
        faults(&Sources { file: Some("/nowhere/c.toml".into()), ..Sources::default() })[0].contains("cannot be read")
    );
}

#[test]
fn the_first_file_that_exists_is_used() {
    let dir = tempfile::tempdir().expect("a directory");
    let second = sources(&dir, "second.toml", "name = 'second'").file.expect("a path");
    let search = vec![dir.path().join("first.toml"), second];
    assert_eq!(Config::load(&Sources { search, ..Sources::default() }).expect("a configuration").name, "second");
}

#[test]
fn a_loopback_server_has_three_origins() {
    let config =
        with_flags(&[("listen", "127.0.0.1:90"), ("allowed_origins", "https://x.example")]).expect("a configuration");
    let origins: Vec<_> = config.own_origins().iter().map(|origin| origin.as_str().to_owned()).collect();
    assert_eq!(origins, ["http://127.0.0.1:90", "http://[::1]:90", "http://localhost:90", "https://x.example"]);
}

#[test]
fn a_server_behind_a_proxy_is_not_local() {
    for flags in
        [[("public_url", "https://chat.example.org")], [("trusted_proxies", "127.0.0.1")], [("listen", "0.0.0.0:8080")]]
    {
        assert!(with_flags(&flags).expect("a configuration").demands_strong_passwords(), "{flags:?}");
    }
}

#[test]
fn an_open_server_without_tls_is_warned_about() {
    let warnings = with_flags(&[("listen", "0.0.0.0:8080")]).expect("a configuration").warnings().join("\n");
    assert!(warnings.contains("without TLS") && warnings.contains("public_url is not set"), "{warnings}");
}

#[test]
fn a_plain_address_of_elsewhere_is_warned_about_behind_a_proxy_too() {
    let warnings = with_flags(&[("public_url", "http://chat.example.org")]).expect("a configuration").warnings();
    assert!(warnings.join("\n").contains("without TLS"), "{warnings:?}");
    let https = with_flags(&[("public_url", "https://chat.example.org"), ("trusted_proxies", "10.0.0.1")]);
    assert!(https.expect("a configuration").warnings().is_empty());
}

#[test]
fn a_level_that_would_silence_the_log_is_a_fault() {
    for level in ["warning", "loud", "info,chinwag_store", "info,loud=debug,x"] {
        let told = with_flags(&[("log.level", level)]).expect_err(level).0;
        assert!(told.len() == 1 && told[0].contains("`log.level`"), "{told:?}");
    }
    for level in ["error", "WARN", "off", "info,chinwag_store=debug", "warn,sqlx=trace", "info,[frame]=debug"] {
        assert!(with_flags(&[("log.level", level)]).is_ok(), "{level}");
    }
}

/// It is shown in titles, and on terminals.
#[test]
fn a_name_is_one_line() {
    for name in ["a\nb", "a\u{1b}[31mb", "a\0", "", " "] {
        let told = with_flags(&[("name", name)]).expect_err(name).0;
        assert!(told.len() == 1 && told[0].contains("`name`"), "{told:?}");
    }
    assert!(with_flags(&[("name", "Zoë's 茶馆 👋")]).is_ok());
}

#[test]
fn a_number_is_no_path() {
    let dir = tempfile::tempdir().expect("a directory");
    let told = faults(&sources(&dir, "c.toml", "data_dir = 5")).join("\n");
    assert!(told.contains("`data_dir`") && told.contains("is 5: expected a path, in quotes"), "{told}");
}

#[test]
fn a_wrong_entry_of_a_list_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let told = faults(&sources(&dir, "c.toml", "trusted_proxies = ['10.0.0.0/8', 'proxy']")).join("\n");
    assert!(told.contains("not \"proxy\""), "{told}");
}

#[test]
fn an_origin_has_no_path_and_no_user() {
    for wrong in ["chat.example.org", "ftp://x", "https://x/y", "https://x?y", "https://u@x", "https://"] {
        assert!(Origin::parse(wrong).is_err(), "{wrong}");
    }
    for (origin, is_loopback) in [
        ("http://localhost:1", true),
        ("http://127.0.0.9", true),
        ("http://[::1]:8", true),
        ("http://127.evil.org", false),
    ] {
        assert_eq!(Origin::parse(origin).expect("an origin").is_loopback(), is_loopback, "{origin}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let database = "mysql://ann:0123456789abcdef@db/chat";
    let config = with_flags(&[("metrics_token", "0123456789abcdef"), ("database", database)]).expect("a configuration");
    let printed = config.print();
    assert!(!printed.contains("0123456789abcdef") && !format!("{config:?}").contains("0123456789abcdef"));
    for key in ["metrics_token", "database"] {
        assert!(printed.contains(&format!("# {key} = (set")), "a printed file has no wrong secret: {printed}");
    }
}

#[test]
fn a_database_that_is_none_is_refused_without_its_password() {
    for wrong in ["oracle://ann:0123456789abcdef@db/chat", "postgres://ann:0123456789/abcdef@db/chat"] {
        let told = with_flags(&[("database", wrong)]).expect_err("a refusal").to_string();
        assert!(told.contains("`database`") && !told.contains("abcdef"), "{told}");
    }
}

#[test]
fn descriptors_bound_the_connections() {
    let config = Config::default();
    assert_eq!((config.connection_cap(1024), config.connection_cap(10)), (960, 16));
    let config = with_flags(&[("limits.connections", "100")]).expect("a configuration");
    assert_eq!((config.connection_cap(1024), config.connection_cap(128)), (100, 64));
}

#[test]
fn the_reference_page_is_fresh() {
    let committed = include_str!("../../../../docs/configuration.md");
    assert_eq!(committed, Config::reference(), "run `chinwag config docs > docs/configuration.md`");
}

#[test]
fn a_bus_needs_a_shared_database_a_secret_and_an_address_of_one() {
    let told = |pairs: &[(&str, &str)]| with_flags(pairs).map(drop).expect_err("a refusal").to_string();
    let database = ("database", "postgres://ann:hidden@db/chat");
    let (secret, bus) = (("bus_secret", "0123456789abcdef"), ("bus", "nats://me:hidden@host"));
    assert!(with_flags(&[database, secret, bus, ("node_name", "east-1")]).is_ok());
    for (pairs, words) in [
        (&[secret, bus][..], "share a `database`"),
        (&[database, bus], "`bus_secret` of at least 16"),
        (&[database, bus, ("bus_secret", "short")], "`bus_secret` of at least 16"),
        (&[database, secret, ("bus", "amqp://me:hidden@host")], "begins with amqp"),
        (&[database, secret, ("bus", "kafka://me:hidden@host")], "cannot be read"),
        (&[database, secret, ("bus", "local://x")], "begins with local"),
        (&[("node_name", "east 1")], "`node_name`"),
    ] {
        let told = told(pairs);
        assert!(told.contains(words) && !told.contains("hidden"), "{pairs:?}: {told}");
    }
}
