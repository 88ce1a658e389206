//! The laws of the accept loop, over real sockets on port 0.

use axum::routing::{get, post};
use tokio::sync::Notify;

use super::*;

const BOUNDS: Bounds = Bounds {
    connections: 8,
    header_timeout: Duration::from_millis(200),
    body_timeout: Duration::from_millis(200),
    whole_body_timeout: Duration::from_millis(400),
    whole_file_timeout: Duration::from_millis(900),
    keep_alive: Duration::from_millis(600),
    header_bytes: 16 * 1024,
};

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    server: tokio::task::JoinHandle<()>,
    /// Lets `/wait` answer.
    release: Arc<Notify>,
    entered: Arc<Notify>,
}

async fn running(bounds: Bounds) -> Running {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (release, entered) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inner_release, inner_entered) = (release.clone(), entered.clone());
    let wait = move || async move {
        inner_entered.notify_one();
        inner_release.notified().await;
        "done"
    };
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/wait", get(wait))
        .route("/echo", post(|body: String| async { body }))
        .route("/api/upload/file", post(|body: String| async { body }));
    let stop = CancellationToken::new();
    let mut set = JoinSet::new();
    set.spawn(serve(listener, router, bounds, || 0, stop.clone()));
    let server = {
        #[expect(clippy::disallowed_methods, reason = "the handle is awaited by the test")]
        tokio::spawn(async move { while set.join_next().await.is_some() {} })
    };
    Running { address, stop, server, release, entered }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

/// All that comes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut text)).await.expect("the server closes").ok();
    String::from_utf8(text).expect("text")
}

async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).await.expect("a byte"), 1, "closed after {text:?}");
        text.push(char::from(byte[0]));
    }
    text
}

#[tokio::test]
async fn a_silent_client_is_closed() {
    let server = running(BOUNDS).await;
    let begun = Instant::now();
    rest(&mut server.connect().await).await;
    assert!(begun.elapsed() >= BOUNDS.header_timeout);
}

/// Sends the beginning, then one drop after the other, until the server closes; says how long it bore that.
async fn drip(beginning: &[u8], drop: &[u8]) -> Duration {
    let server = running(BOUNDS).await;
    let (mut read, mut write) = server.connect().await.into_split();
    let begun = Instant::now();
    let drip = async {
        let _ = write.write_all(beginning).await;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            if write.write_all(drop).await.is_err() {
                break;
            }
        }
    };
    let closed = async { while read.read(&mut [0; 256]).await.is_ok_and(|n| n > 0) {} };
    tokio::time::timeout(Duration::from_secs(20), async {
        tokio::select! { () = drip => {}, () = closed => {} }
    })
    .await
    .expect("the server closes");
    begun.elapsed()
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off_in_time() {
    assert!(drip(b"GET / HTTP/1.1\r\n", b"x-drip: 1\r\n").await >= BOUNDS.header_timeout);
}

#[tokio::test]
async fn a_body_that_pauses_is_cut_off() {
    let server = running(BOUNDS).await;
    let mut stream = server.connect().await;
    stream.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nab").await.expect("a head");
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off_in_time() {
    let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n";
    assert!(drip(head, b"x").await >= BOUNDS.whole_body_timeout);
}

#[tokio::test]
async fn a_file_may_drip_for_longer_than_a_form_but_not_for_ever() {
    let head = b"POST /api/upload/file HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n";
    assert!(drip(head, b"x").await >= BOUNDS.whole_file_timeout);
}

#[tokio::test]
async fn a_connection_may_rest_longer_than_a_head_may_take() {
    let server = running(BOUNDS).await;
    let mut stream = server.connect().await;
    let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(request).await.expect("a request");
    until(&mut stream, "hello").await;
    let begun = Instant::now();
    assert_eq!(rest(&mut stream).await, "", "nothing more is said");
    assert!(begun.elapsed() > BOUNDS.header_timeout + Duration::from_millis(100), "{:?}", begun.elapsed());
}

/// It holds its place no longer than a client that merely rests.
#[tokio::test]
async fn a_later_head_that_drips_is_cut_off_with_the_keep_alive() {
    let server = running(BOUNDS).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("a request");
    until(&mut stream, "hello").await;
    let begun = Instant::now();
    let (mut read, mut write) = stream.into_split();
    let drip = async {
        let _ = write.write_all(b"GET / HTTP/1.1\r\n").await;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        while write.write_all(b"x-drip: 1\r\n").await.is_ok() {
            tick.tick().await;
        }
    };
    let closed = async { while read.read(&mut [0; 256]).await.is_ok_and(|n| n > 0) {} };
    tokio::time::timeout(Duration::from_secs(20), async {
        tokio::select! { () = drip => {}, () = closed => {} }
    })
    .await
    .expect("the server closes");
    assert!(begun.elapsed() >= BOUNDS.keep_alive, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = running(BOUNDS).await;
    let mut stream = server.connect().await;
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx-big: {}\r\n\r\n", "a".repeat(20_000));
    // The server may close before it has read everything.
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = until(&mut stream, "\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn one_too_many_is_told_so_and_a_place_comes_free() {
    let server = running(Bounds { connections: 1, header_timeout: Duration::from_secs(10), ..BOUNDS }).await;
    let mut first = server.connect().await;
    first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("a request");
    until(&mut first, "hello").await;
    let answer = rest(&mut server.connect().await).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    assert!(head.contains(&format!("content-length: {}", body.len())), "{answer}");
    assert!(head.contains("content-security-policy: default-src 'none'") && head.contains("nosniff"), "{answer}");
    assert!(body.starts_with(r#"{"code":503,"message":""#) && body.contains(r#""reason":"unavailable""#), "{answer}");
    // The keep-alive ends, and its place is free.
    rest(&mut first).await;
    let mut next = server.connect().await;
    next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("a request");
    assert!(rest(&mut next).await.ends_with("hello"));
}

#[tokio::test]
async fn one_too_many_is_told_so_in_its_language() {
    let server = running(Bounds { connections: 0, ..BOUNDS }).await;
    for (accept, sentence) in [("zh-CN, en;q=0.5", "服务器的连接已满，请稍后再试。"), ("en", "no free connection")]
    {
        let mut stream = server.connect().await;
        let head = format!("GET / HTTP/1.1\r\nhost: x\r\nAccept-Language: {accept}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("a request");
        let answer = rest(&mut stream).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        assert!(body.contains(sentence), "{accept}: {answer}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{answer}");
    }
}

#[tokio::test]
async fn a_request_in_flight_is_finished_at_the_end() {
    let server = running(BOUNDS).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("a request");
    until(&mut idle, "hello").await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("a request");
    server.entered.notified().await;
    server.stop.cancel();
    rest(&mut idle).await;
    server.release.notify_one();
    assert!(rest(&mut busy).await.ends_with("done"));
    server.server.await.expect("the loop ends by itself");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_taken_port_is_one_sentence_that_says_what_to_do() {
    let taken = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = taken.local_addr().expect("an address");
    let sentence = bind(address).expect_err("a refusal").to_string();
    assert!(sentence.contains(&address.to_string()) && sentence.contains("--listen"), "{sentence}");
    assert!(!sentence.contains('\n'), "{sentence}");
}
