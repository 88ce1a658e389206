//! A client of the doors of files: whole uploads in a form, resumable ones piece by piece, and what comes back. It makes its own
//! pictures and films, and asserts nothing.

use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, Crc, write::ZlibEncoder};
use reqwest::{
    Body, Client, Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

use crate::Person;

const BOUNDARY: &str = "a-boundary-of-this-form";
/// Of the bytes of an upload that goes on.
pub const OFFSET_BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

/// An answer whose body may be anything.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// Status and word at once, for assertions.
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["reason"].as_str().unwrap_or_default().to_owned())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn offset(&self) -> Option<u64> {
        self.header("upload-offset").parse().ok()
    }
}

/// One request of this person, with headers of its own.
pub async fn ask(
    who: &Person,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Result<Reply> {
    let url = format!("http://{}{path}", who.address());
    let mut request = Client::new().request(method.parse::<Method>()?, url).bearer_auth(who.token());
    for (name, value) in headers {
        request = request.header(HeaderName::try_from(*name)?, HeaderValue::from_str(value)?);
    }
    let response = request.body(body).send().await.with_context(|| format!("{method} {path}"))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.with_context(|| format!("the body of {method} {path}"))?.to_vec();
    Ok(Reply { status, headers, bytes })
}

/// A form with one file, as browsers write it.
pub fn form(name: &str, content: &[u8], fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend(head.as_bytes());
    }
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
    body.extend(head.as_bytes());
    body.extend(b"Content-Type: application/x-lie\r\n\r\n");
    body.extend(content);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// The media type of such a form.
pub fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// Sends a form to one of the doors that take them.
pub async fn send_form(who: &Person, path: &str, form: Vec<u8>) -> Result<Reply> {
    ask(who, "POST", path, &[("content-type", &form_type())], form).await
}

/// Sends a picture that is to stand for a person or a room to the door for that.
pub async fn send_avatar(who: &Person, path: &str, picture: &[u8]) -> Result<Reply> {
    ask(who, "PUT", path, &[("content-type", &form_type())], form("me.png", picture, &[])).await
}

/// The same; gives where it is shown.
pub async fn avatar(who: &Person, path: &str, picture: &[u8]) -> Result<String> {
    let reply = send_avatar(who, path, picture).await?;
    ensure!(reply.status == StatusCode::OK, "{} {}", reply.status, reply.json());
    Ok(reply.json()["data"]["avatar_url"].as_str().context("an address")?.to_owned())
}

/// Makes an emoji of the place's own, and gives it.
pub async fn emoji(who: &Person, name: &str, picture: &[u8]) -> Result<Value> {
    let reply = send_emoji(who, name, picture).await?;
    ensure!(reply.status == StatusCode::OK, "{} {}", reply.status, reply.json());
    Ok(reply.json()["data"].clone())
}

/// Sends one that may be refused.
pub async fn send_emoji(who: &Person, name: &str, picture: &[u8]) -> Result<Reply> {
    send_form(who, "/api/emojis", form("e.png", picture, &[("name", name)])).await
}

/// Uploads a whole file and gives what is told of it.
pub async fn upload(who: &Person, name: &str, content: &[u8]) -> Result<Value> {
    let reply = send_form(who, "/api/upload/file", form(name, content, &[])).await?;
    ensure!(reply.status == StatusCode::OK, "{} {}", reply.status, reply.json());
    Ok(reply.json()["data"].clone())
}

/// Posts a message that has these files, and gives it.
pub async fn post(who: &Person, room: i64, files: &[i64]) -> Result<Value> {
    let body = serde_json::json!({"content": "", "attachments": files});
    who.http.post(&format!("/api/rooms/{room}/messages"), body).await?.data()
}

/// The bytes of a file, or the refusal.
pub async fn fetch(who: &Person, id: i64, headers: &[(&str, &str)]) -> Result<Reply> {
    ask(who, "GET", &format!("/api/files/{id}"), headers, "").await
}

/// One call of the resumable way.
pub async fn tus(
    who: &Person,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Result<Reply> {
    let headers: Vec<_> = [("tus-resumable", "1.0.0")].iter().chain(headers).copied().collect();
    ask(who, method, path, &headers, body).await
}

/// Begins an upload and gives where it goes on. `metadata` is in tus' own form.
pub async fn begin(who: &Person, length: usize, metadata: &str) -> Result<String> {
    let headers = [("upload-length", &*length.to_string()), ("upload-metadata", metadata)];
    let reply = tus(who, "POST", "/api/files/uploads", &headers, "").await?;
    ensure!(reply.status == StatusCode::CREATED, "{} {}", reply.status, reply.json());
    Ok(reply.header("location").to_owned())
}

/// Sends bytes of an upload.
pub async fn patch(who: &Person, place: &str, offset: usize, bytes: impl Into<Body>) -> Result<Reply> {
    tus(who, "PATCH", place, &[OFFSET_BYTES, ("upload-offset", &offset.to_string())], bytes).await
}

/// How far an upload has come.
pub async fn offset(who: &Person, place: &str) -> Result<Option<u64>> {
    Ok(tus(who, "HEAD", place, &[], "").await?.offset())
}

/// Bytes that tell where they are from.
pub fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

/// A picture in grey, darker from left to right.
pub fn png(width: u32, height: u32) -> Result<Vec<u8>> {
    use std::io::Write as _;
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..height {
        rows.write_all(&[0])?;
        rows.write_all(&(0..width).map(|x| 255 - (x * 255 / width) as u8).collect::<Vec<_>>())?;
    }
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &head), chunk(b"IDAT", &rows.finish()?), chunk(b"IEND", b"")];
    Ok([b"\x89PNG\r\n\x1a\n", &*chunks.concat()].concat())
}

/// A picture of [`png`] with these words where a camera writes down the place, and where programs comment.
pub fn with_words(png: &[u8], words: &[u8]) -> Vec<u8> {
    // Behind the signature and the head. A directory of one entry: a text, behind it.
    let (head, rest) = png.split_at(8 + 25);
    let length = (words.len() as u32).to_le_bytes();
    let place = [b"II\x2A\0\x08\0\0\0\x01\0\x0E\x01\x02\0", &length[..], b"\x1A\0\0\0\0\0\0\0", words].concat();
    [head, &chunk(b"eXIf", &place), &chunk(b"tEXt", &[b"Comment\0", words].concat()), rest].concat()
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(body);
    [&(body.len() as u32).to_be_bytes()[..], kind, body, &sum.sum().to_be_bytes()].concat()
}

/// A sound of half a second in which nothing is heard.
pub fn wav() -> Vec<u8> {
    let silence = [0; 4_000];
    // PCM, one channel, samples and bytes a second, bytes and bits of a sample.
    let format = [[1, 0, 1, 0].to_vec(), 8_000u32.to_le_bytes().repeat(2), vec![1, 0, 8, 0]].concat();
    let block = |kind: &[u8; 4], body: &[u8]| [kind, &(body.len() as u32).to_le_bytes()[..], body].concat();
    block(b"RIFF", &[b"WAVE".to_vec(), block(b"fmt ", &format), block(b"data", &silence)].concat())
}

/// A film of two seconds, 320 by 240, without a frame in it.
pub fn mp4() -> Vec<u8> {
    fn atom(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    let one = 0x1_0000;
    let matrix = [one, 0, 0, 0, one, 0, 0, 0, 0x4000_0000];
    // Version and flags, made, changed, units of a second, units.
    let time = words(&[0, 0, 0, 1_000, 2_000]);
    let movie =
        atom(b"mvhd", &[time.clone(), words(&[one, 0x100_0000, 0, 0]), words(&matrix), words(&[0; 7])].concat());
    let track = [words(&[3, 0, 0, 1, 0, 2_000, 0, 0, 0, 0]), words(&matrix), words(&[320 * one, 240 * one])].concat();
    let media = [
        atom(b"mdhd", &[time, words(&[0])].concat()),
        atom(b"hdlr", &[&words(&[0, 0])[..], b"vide", &[0; 13]].concat()),
    ];
    let track = atom(b"trak", &[atom(b"tkhd", &track), atom(b"mdia", &media.concat())].concat());
    let brand = atom(b"ftyp", b"isom\x00\x00\x02\x00isommp41");
    [brand, atom(b"moov", &[movie, track].concat()), atom(b"mdat", &[0; 64])].concat()
}
