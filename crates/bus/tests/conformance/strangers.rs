//! Who else may be met on the way to a bus, or on it: a server that is not believed, one of another kind, and another place.

use std::time::{Duration, Instant};

use chinwag_bus::Heard;
use chinwag_testdb::DbServer;
use tokio::{task::block_in_place, time::timeout};

use crate::{Node, PATIENCE, SECRET, servers::Server, two};

/// Of an authority that no machine trusts: itself.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUT4b477zv6Wbh+VDkYxX+U4PTnPwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyODA2MTMyNVoYDzIxMjYxMTA0
MDYxMzI1WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASPqmBOXm0/ccI+bAc0WasxeEk6XiZojCSOKIyNOO4r1krmUnovlHc6
KKbQQqbPKVrnss4zxKe3kcpk7FBSnPhVo2QwYjAdBgNVHQ4EFgQU+1TOe0LRDKpp
3eY9v2DclduS3mEwHwYDVR0jBBgwFoAU+1TOe0LRDKpp3eY9v2DclduS3mEwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IDueGg+te6bw3JV9/oK88oDmQwPs7J62Am0bYXjXjQkiAiEAz44UbAv79Gr32mH6
KZkj5IdpC7Y6D36UkJ6VhUOMiJ0=
-----END CERTIFICATE-----
";
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQHrHShg5dizNmEzY
Zo3PUNTerLrQfzzYjtzBxrQ1jR+hRANCAASPqmBOXm0/ccI+bAc0WasxeEk6XiZo
jCSOKIyNOO4r1krmUnovlHc6KKbQQqbPKVrnss4zxKe3kcpk7FBSnPhV
-----END PRIVATE KEY-----
";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_not_believed_is_told_with_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let place = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let (certificate, key) = (place("certificate", CERTIFICATE), place("key", KEY));
    let mut server = Server::nats_with(&format!("tls {{ cert_file: {certificate:?}, key_file: {key:?} }}"));
    server.start();
    let one = Node::open(&server, "one");
    for words in ["certificate", "`bus`", "update-ca-certificates", "SSL_CERT_FILE"] {
        one.is_down(words).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_kind_of_server_is_named_with_what_to_change() {
    let (mut nats, mut redis, mut kafka) = (Server::nats(), Server::redis(), Server::kafka().await);
    for server in [&mut nats, &mut redis, &mut kafka] {
        server.start();
    }
    let place = |url: &str| url.rsplit('@').next().unwrap_or_default().to_owned();
    let of_bus = |server: &Server| place(&server.url());
    let of_database = |server: &DbServer| format!("127.0.0.1:{}", server.port());
    let (postgres, mariadb) = block_in_place(|| (DbServer::postgres(), DbServer::mariadb()));
    let kinds = [("nats", "NATS"), ("redis", "Redis or Valkey"), ("kafka", "Kafka")];
    let all = [
        ("NATS", of_bus(&nats)),
        ("Redis or Valkey", of_bus(&redis)),
        ("Kafka", of_bus(&kafka)),
        ("PostgreSQL", of_database(postgres)),
        ("MySQL or MariaDB", of_database(mariadb)),
    ];
    for (_, place) in &all {
        while tokio::net::TcpStream::connect(place).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
    for (scheme, expected) in kinds {
        for (found, place) in &all {
            let looked = chinwag_bus::look(&format!("{scheme}://me:hidden@{place}")).await;
            let told = looked.err().map(|error| error.to_string());
            let words = format!("at {place}, answers {found}, and not {expected}. Name the host");
            let is_right = if *found == expected { told.is_none() } else { told.iter().any(|it| it.contains(&words)) };
            assert!(is_right && !format!("{told:?}").contains("hidden"), "{scheme} at {found}: {told:?}");
        }
        assert_eq!(
            chinwag_bus::look(&format!("{scheme}://127.0.0.1:1")).await,
            Ok(()),
            "one that is away is no stranger"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_place_with_the_same_secret_is_told_and_not_heard() {
    let mut server = Server::nats();
    let (mut one, two) = two(&mut server).await;
    let mut other = Node::open_of(2, &server.url(), "one", SECRET, 9);
    let is_told = |heard: &Vec<Heard>| heard.contains(&Heard::OtherEpoch);
    let started = Instant::now();
    while !is_told(&one.heard.borrow()) || !is_told(&other.heard.borrow()) {
        assert!(started.elapsed() < PATIENCE, "neither is told");
        one.say(1, "here");
        other.say(1, "there");
        let either = async {
            tokio::select! {
                _ = one.heard.changed() => {}
                _ = other.heard.changed() => {}
            }
        };
        let _ = timeout(Duration::from_millis(100), either).await;
    }
    assert!(!two.of(&one, 1).contains(&"there".to_owned()) && other.of(&two, 1).is_empty());
    assert!(!one.heard.borrow().contains(&Heard::Twin), "of the same name, and not a twin");
}
