//! Files in and out, beside plain copies on the same disk in turn; the memory of many uploads at once; and photos that get smaller
//! pictures. How the doors are spoken to is in `files`.

use std::{
    io::Cursor,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::measure;
use crate::{
    RunArguments,
    files::{Content, Copier, FILE, Porter},
    people, process,
    process::CpuUsed,
    report::Report,
};

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(5);
const MB: f64 = 1_000_000.0;

/// How quick each turn of one kind was.
#[derive(Default)]
struct Turns {
    mb_per_s: Vec<f64>,
    cpu_s: f64,
    mb: f64,
}

impl Turns {
    fn take(&mut self, arguments: &RunArguments, length: u64, work: impl FnOnce() -> Result<()>) -> Result<CpuUsed> {
        let ((), used) = measure(arguments, work)?;
        let mb = length as f64 / MB;
        self.mb_per_s.push(mb / used.wall);
        self.cpu_s += used.server;
        self.mb += mb;
        Ok(used)
    }

    /// The median, and what the server's processor did for each MB.
    fn tell(mut self, name: &str, report: &mut Report) {
        self.mb_per_s.sort_by(f64::total_cmp);
        if let Some(median) = self.mb_per_s.get(self.mb_per_s.len() / 2) {
            report.set(&format!("{name}_mb_per_s"), *median);
            report.set(&format!("{name}_cpu_ms_per_mb"), self.cpu_s * 1_000.0 / self.mb);
        }
    }
}

/// Whole uploads in a form, uploads in pieces, and copies, one after the other.
pub fn upload(arguments: &RunArguments) -> Result<Report> {
    let (mut porter, mut copier) = desk(arguments)?;
    let (mut copies, mut whole, mut pieces) = (Turns::default(), Turns::default(), Turns::default());
    let begun = Instant::now();
    while begun.elapsed() < arguments.measured() {
        copies.take(arguments, FILE, || copier.copy())?;
        whole.take(arguments, FILE, || porter.send_whole(&Content::new(), FILE).map(drop))?;
        pieces.take(arguments, FILE, || porter.send_in_pieces(&Content::new(), FILE).map(drop))?;
    }
    let mut report = Report::default();
    copies.tell("copy", &mut report);
    whole.tell("whole", &mut report);
    pieces.tell("pieces", &mut report);
    Ok(report)
}

/// Files that are there, as a whole and in ranges.
pub fn download(arguments: &RunArguments) -> Result<Report> {
    const RANGE: u64 = 1 << 20;
    let (mut porter, mut copier) = desk(arguments)?;
    let content = Content::new();
    let file = porter.send_whole(&content, FILE)?;
    let (mut copies, mut whole, mut ranges) = (Turns::default(), Turns::default(), Turns::default());
    let begun = Instant::now();
    while begun.elapsed() < arguments.measured() {
        copies.take(arguments, FILE, || copier.copy())?;
        whole.take(arguments, FILE, || porter.fetch(file, &content, None, FILE))?;
        ranges.take(arguments, FILE, || {
            (0..FILE).step_by(RANGE as usize).try_for_each(|from| {
                let to = (from + RANGE).min(FILE);
                porter.fetch(file, &content, Some((from, to)), to - from)
            })
        })?;
    }
    let mut report = Report::default();
    copies.tell("copy", &mut report);
    whole.tell("whole", &mut report);
    ranges.tell("ranges", &mut report);
    Ok(report)
}

fn desk(arguments: &RunArguments) -> Result<(Porter, Copier)> {
    let person = people::gather(arguments, 1)?.swap_remove(0);
    let disk = arguments.disk.as_deref().context("--disk says where copies are made")?;
    Ok((Porter::new(arguments.server, &person)?, Copier::new(disk, FILE)?))
}

/// Many uploads at the same time, half of them in pieces: how much more memory the server has at most than before all of them.
pub fn uploads(arguments: &RunArguments) -> Result<Report> {
    const PEOPLE: usize = 10;
    let count = arguments.scaled(100);
    let server = arguments.processes.pid;
    let idle = process::resident(server)?;
    let people = people::gather(arguments, PEOPLE)?;
    let one = |number: usize| {
        let mut porter = Porter::new(arguments.server, &people[number % PEOPLE])?;
        let content = Content::new();
        if number.is_multiple_of(2) { porter.send_whole(&content, FILE) } else { porter.send_in_pieces(&content, FILE) }
    };
    let is_over = AtomicBool::new(false);
    let all = || {
        thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let mut most = 0;
                while !is_over.load(Ordering::Relaxed) {
                    most = most.max(process::resident(server)?);
                    thread::sleep(LOOK);
                }
                Ok::<_, anyhow::Error>(most)
            });
            let under_way: Vec<_> = (0..count).map(|number| scope.spawn(move || one(number))).collect();
            let ended: Vec<_> = under_way.into_iter().map(thread::ScopedJoinHandle::join).collect();
            is_over.store(true, Ordering::Relaxed);
            let most = watch.join().map_err(|_| anyhow::anyhow!("nobody looked"))??;
            for ended in ended {
                ended.map_err(|_| anyhow::anyhow!("an upload panicked"))??;
            }
            Ok::<_, anyhow::Error>(most)
        })
    };
    let (most, used) = measure(arguments, all)?;
    let mut report = Report::default();
    let megabytes = |bytes: u64| bytes as f64 / MB;
    report.set("uploads", count).set("idle_mb", megabytes(idle)).set("most_mb", megabytes(most));
    report.set("above_idle_mb", megabytes(most.saturating_sub(idle)));
    report.set("mb_per_s", megabytes(FILE) * count as f64 / used.wall).set("wall_s", used.wall);
    report.set("server_cpu_s", used.server);
    Ok(report)
}

/// Photos of 12 megapixels, one after the other: each gets two smaller pictures before it is answered.
pub fn thumbs(arguments: &RunArguments) -> Result<Report> {
    const SET: u32 = 4;
    let person = people::gather(arguments, 1)?.swap_remove(0);
    let mut porter = Porter::new(arguments.server, &person)?;
    let mut report = Report::default();
    for (name, encode) in [("jpeg", as_jpeg as fn(&[u8]) -> Result<Vec<u8>>), ("png", as_png)] {
        let photos = (0..SET).map(|number| encode(&photo(number))).collect::<Result<Vec<_>>>()?;
        let mut times = Vec::new();
        let (made, used) = measure(arguments, || {
            let (begun, mut made) = (Instant::now(), 0);
            while begun.elapsed() < arguments.measured() {
                let photo = &photos[times.len() % photos.len()];
                let since = Instant::now();
                let told = porter.form("/api/upload/image", name, photo.len() as u64, |to| Ok(to.write_all(photo)?))?;
                times.push(since.elapsed().as_secs_f64());
                let thumbs = told["thumbs"].as_array().map_or(0, Vec::len);
                ensure!(thumbs == 2, "a photo without its smaller pictures: {told}");
                made += thumbs;
            }
            Ok(made)
        })?;
        times.sort_by(f64::total_cmp);
        report.set(&format!("{name}_thumbs_per_s"), made as f64 / used.wall);
        report.set(&format!("{name}_ms"), times[times.len() / 2] * 1_000.0);
        report.set(&format!("{name}_mb"), photos[0].len() as f64 / MB);
        report.set(&format!("{name}_cpu_ms"), used.server * 1_000.0 / times.len() as f64);
    }
    Ok(report)
}

const WIDTH: u32 = 4_000;
const HEIGHT: u32 = 3_000;

/// Soft shapes with the noise of a sensor on them, the same each time.
fn photo(number: u32) -> Vec<u8> {
    let mut noise = u64::from(number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let shape = ((x + number * 300) / 8 + y / 6) % 200 + (x * y / 60_000) % 40;
            let grain = [noise & 7, noise >> 8 & 7, noise >> 16 & 7];
            pixels.extend(grain.map(|grain| (shape as u8).saturating_add(grain as u8)));
        }
    }
    pixels
}

fn as_jpeg(pixels: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).write_image(pixels, WIDTH, HEIGHT, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

fn as_png(pixels: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let png = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Sub);
    png.write_image(pixels, WIDTH, HEIGHT, ExtendedColorType::Rgb8)?;
    Ok(bytes.into_inner())
}
