//! A client of the doors of files, and a plain copy on the same disk to compare them with. What is sent is made up as it goes: nothing is
//! read from a disk. It measures nothing.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::SocketAddr,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::{
    http::{Head, Http},
    people::Person,
};

/// The largest file that a server takes by itself.
pub const FILE: u64 = 50 << 20;
/// What the web client sends at once of an upload that it could go on with.
pub const PIECE: u64 = 4 << 20;
/// A content is this over and over.
const BLOCK: usize = 64 * 1024;
const BOUNDARY: &str = "a-boundary-of-this-form";

/// What a file has in it: like no other, and nothing that a server knows.
pub struct Content {
    block: Vec<u8>,
}

impl Content {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut block = format!("\0 bytes {} {number}", std::process::id()).into_bytes();
        // Xorshift: nothing on the way could make it smaller.
        let mut noise = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        while block.len() < BLOCK {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            block.extend(noise.to_le_bytes());
        }
        block.truncate(BLOCK);
        Self { block }
    }

    /// A stretch of it, from the beginning of a block on.
    fn write(&self, to: &mut impl std::io::Write, length: u64) -> Result<()> {
        let mut left = length as usize;
        while left > 0 {
            let stretch = left.min(BLOCK);
            to.write_all(&self.block[..stretch])?;
            left -= stretch;
        }
        Ok(())
    }
}

/// One person at the doors of one server.
pub struct Porter {
    http: Http,
    stretch: Vec<u8>,
}

impl Porter {
    pub fn new(server: SocketAddr, person: &Person) -> Result<Self> {
        Ok(Self { http: Http::connect(server, Some(&person.token))?, stretch: vec![0; BLOCK] })
    }

    /// Sends a file in a form, and gives what is told of it.
    pub fn form(
        &mut self,
        path: &str,
        name: &str,
        length: u64,
        write: impl FnOnce(&mut dyn std::io::Write) -> Result<()>,
    ) -> Result<Value> {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let end = format!("\r\n--{BOUNDARY}--\r\n");
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let whole = head.len() as u64 + length + end.len() as u64;
        self.http.ask("POST", path, &[("Content-Type", &kind)], whole, |stream| {
            stream.write_all(head.as_bytes())?;
            write(stream)?;
            Ok(stream.write_all(end.as_bytes())?)
        })?;
        let (head, body) = self.http.answer()?;
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        ensure!(head.status == 200, "{path}: {} {answer}", head.status);
        Ok(answer["data"].take())
    }

    /// Sends a content in a form, and gives the file's id.
    pub fn send_whole(&mut self, content: &Content, length: u64) -> Result<i64> {
        let told = self.form("/api/upload/file", "whole.bin", length, |to| content.write(&mut { to }, length))?;
        ensure!(told["file_size"] == length, "{length} bytes were sent: {told}");
        told["id"].as_i64().context("no id")
    }

    /// Sends a content in pieces, as the web client does, and gives the file's id.
    pub fn send_in_pieces(&mut self, content: &Content, length: u64) -> Result<i64> {
        const SPEAKS: (&str, &str) = ("Tus-Resumable", "1.0.0");
        self.http.ask(
            "POST",
            "/api/files/uploads",
            &[SPEAKS, ("Upload-Length", &length.to_string())],
            0,
            |_| Ok(()),
        )?;
        let (head, body) = self.http.answer()?;
        ensure!(head.status == 201, "{} {}", head.status, String::from_utf8_lossy(&body));
        let place = head.get("location").context("no place of the upload")?.to_owned();
        for at in (0..length).step_by(PIECE as usize) {
            let piece = PIECE.min(length - at);
            let offset = at.to_string();
            let headers =
                [SPEAKS, ("Content-Type", "application/offset+octet-stream"), ("Upload-Offset", offset.as_str())];
            self.http.ask("PATCH", &place, &headers, piece, |stream| content.write(stream, piece))?;
            let (head, body) = self.http.answer()?;
            ensure!(head.status == 204, "{} {}", head.status, String::from_utf8_lossy(&body));
            if let Some(file) = head.get("chinwag-file") {
                ensure!(at + piece == length, "a file before its end");
                return file.parse().context("no id");
            }
        }
        bail!("{place} has all its bytes and is no file")
    }

    /// Fetches a file, or a range of it, and looks whether it is what was sent.
    pub fn fetch(&mut self, file: i64, content: &Content, range: Option<(u64, u64)>, length: u64) -> Result<()> {
        let path = format!("/api/files/{file}");
        let range = range.map(|(from, to)| format!("bytes={from}-{}", to - 1));
        let headers: Vec<_> = range.iter().map(|range| ("Range", range.as_str())).collect();
        self.http.ask("GET", &path, &headers, 0, |_| Ok(()))?;
        let head: Head = self.http.head()?;
        let wanted = if range.is_some() { 206 } else { 200 };
        ensure!(head.status == wanted, "{path}: {}", head.status);
        ensure!(head.get("content-length") == Some(length.to_string().as_str()), "{path} has another length");
        let mut left = length as usize;
        while left > 0 {
            let stretch = &mut self.stretch[..left.min(BLOCK)];
            self.http.read(stretch)?;
            ensure!(stretch == &content.block[..stretch.len()], "{path} is not what was sent");
            left -= stretch.len();
        }
        Ok(())
    }
}

/// Copies on the disk that the server keeps its files on.
pub struct Copier {
    place: std::path::PathBuf,
    copies: usize,
}

impl Copier {
    /// Puts a file there, of which copies are made.
    pub fn new(disk: &Path, length: u64) -> Result<Self> {
        let place = disk.join("copies");
        fs::create_dir(&place).with_context(|| format!("no place for copies in {}", disk.display()))?;
        let mut file = File::create(place.join("from"))?;
        Content::new().write(&mut file, length)?;
        file.sync_all()?;
        Ok(Self { place, copies: 0 })
    }

    /// One more: read and written, on the disk when this returns.
    pub fn copy(&mut self) -> Result<()> {
        self.copies += 1;
        let mut from = File::open(self.place.join("from"))?;
        let mut to = File::create(self.place.join(self.copies.to_string()))?;
        let mut stretch = vec![0; 2 * BLOCK];
        loop {
            match from.read(&mut stretch)? {
                0 => break,
                read => to.write_all(&stretch[..read])?,
            }
        }
        to.sync_all()?;
        Ok(File::open(&self.place)?.sync_all()?)
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        // It lies in what the server's data go with.
        let _ = fs::remove_dir_all(&self.place);
    }
}
