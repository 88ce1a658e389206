//! MP4 and QuickTime: boxes in boxes. How long and how large, whether there is a film, and where it says what is nobody's business.
//! Nothing is decoded, and of the samples nothing is read.

mod fragments;

use std::ops::Range;

use crate::{
    content::Content,
    recording::{Recording, milliseconds, sides},
};

use fragments::Fragments;

pub(crate) struct Movie {
    pub(crate) recording: Recording,
    /// Boxes that tell where, with what and by whom it was recorded.
    pub(crate) private: Vec<Private>,
}

/// Where such a box and its content are.
pub(crate) type Private = (Range<u64>, Range<u64>);

/// A box that is nothing.
const FREE: &[u8; 4] = b"free";

/// A box: its kind, and where it is.
pub(crate) struct Atom {
    pub(crate) kind: [u8; 4],
    start: u64,
    pub(crate) body: u64,
    pub(crate) end: u64,
}

impl Atom {
    fn inside(&self) -> Range<u64> {
        self.body..self.end
    }

    fn private(&self) -> Private {
        (self.start..self.end, self.inside())
    }
}

#[derive(Default)]
struct Walk {
    /// Ticks of a second, and how many the whole has.
    length: (u64, u64),
    has_sound: bool,
    has_film: bool,
    size: Option<(i32, i32)>,
    longest_track_ms: Option<i64>,
    fragments: Fragments,
    private: Vec<Private>,
}

pub(crate) fn read(content: &mut Content) -> Option<Movie> {
    let mut walk = Walk::default();
    let mut is_quicktime = true;
    for atom in atoms(content, 0..content.length())? {
        match &atom.kind {
            b"ftyp" => is_quicktime = content.array::<4>(atom.body)? == *b"qt  ",
            b"moov" => walk.movie(content, &atom)?,
            b"moof" => walk.fragments.add(content, &atom)?,
            b"meta" | b"udta" | b"uuid" => walk.private.push(atom.private()),
            _ => {}
        }
    }
    if !walk.has_sound && !walk.has_film {
        return None;
    }
    let media_type = match (walk.has_film, is_quicktime) {
        (false, _) => "audio/mp4",
        (true, false) => "video/mp4",
        (true, true) => "video/quicktime",
    };
    let (per_second, ticks) = walk.length;
    let told = milliseconds(ticks, per_second).or_else(|| milliseconds(walk.fragments.told?, per_second));
    let duration_ms = told.or_else(|| walk.fragments.milliseconds()).or(walk.longest_track_ms);
    let recording = Recording { media_type, has_video: walk.has_film, size: walk.size, duration_ms };
    Some(Movie { recording, private: walk.private })
}

/// Makes nothing of these boxes: free space of the same size, so that everything else stays where it is.
pub(crate) fn blank(bytes: &mut [u8], private: &[Private]) -> Option<()> {
    for (whole, inside) in private {
        let start = usize::try_from(whole.start).ok()?;
        bytes.get_mut(start + 4..start + 8)?.copy_from_slice(FREE);
        bytes.get_mut(usize::try_from(inside.start).ok()?..usize::try_from(inside.end).ok()?)?.fill(0);
    }
    Some(())
}

/// The boxes of a stretch. Only the last one of the file may be cut off.
pub(crate) fn atoms(content: &mut Content, within: Range<u64>) -> Option<Vec<Atom>> {
    let mut found = vec![];
    let mut at = within.start;
    while at + 8 <= within.end {
        let [s0, s1, s2, s3, kind @ ..] = content.array::<8>(at)?;
        let (body, size) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            0 => (at + 8, within.end - at),
            1 => (at + 16, u64::from_be_bytes(content.array(at + 8)?)),
            size => (at + 8, size.into()),
        };
        let mut end = at.checked_add(size)?;
        if end > within.end && within.end == content.length() {
            end = within.end;
        }
        if end < body || end > within.end {
            return None;
        }
        found.push(Atom { kind, start: at, body, end });
        at = end;
    }
    Some(found)
}

impl Walk {
    fn movie(&mut self, content: &mut Content, moov: &Atom) -> Option<()> {
        for atom in atoms(content, moov.inside())? {
            match &atom.kind {
                b"mvhd" => self.length = time(content, &atom)?,
                b"trak" => self.track(content, &atom)?,
                b"mvex" => self.fragments.defaults(content, &atom)?,
                _ => self.beside(content, &atom),
            }
        }
        Some(())
    }

    fn track(&mut self, content: &mut Content, trak: &Atom) -> Option<()> {
        let (mut header, mut media) = (None, None);
        for atom in atoms(content, trak.inside())? {
            match &atom.kind {
                b"tkhd" => header = Some(atom),
                b"mdia" => media = Some(atom),
                _ => self.beside(content, &atom),
            }
        }
        let (mut length, mut handler) = (None, None);
        for atom in atoms(content, media?.inside())? {
            match &atom.kind {
                b"mdhd" => length = Some(time(content, &atom)?),
                b"hdlr" => handler = Some(content.array::<4>(atom.body + 8)?),
                _ => {}
            }
        }
        let (header, (per_second, ticks)) = (header?, length?);
        let is_long = content.array::<1>(header.body)? == [1];
        let id = u32::from_be_bytes(content.array(header.body + if is_long { 20 } else { 12 })?);
        self.fragments.track(id, per_second)?;
        self.longest_track_ms = self.longest_track_ms.max(milliseconds(ticks, per_second));
        match &handler? {
            b"soun" => self.has_sound = true,
            b"vide" => {
                self.has_film = true;
                self.size = self.size.or(shown(content, header.body + if is_long { 52 } else { 40 })?);
            }
            _ => {}
        }
        Some(())
    }

    /// What stands beside the sound and the film is private, but for the tags of music: they are meant to be read.
    fn beside(&mut self, content: &mut Content, atom: &Atom) {
        if &atom.kind == b"udta"
            && let Some(children) = atoms(content, atom.inside())
        {
            let private = children.iter().filter(|child| &child.kind != FREE && !is_music(content, child));
            self.private.extend(private.map(Atom::private));
        } else if matches!(&atom.kind, b"meta" | b"udta" | b"uuid") {
            self.private.push(atom.private());
        }
    }
}

/// Ticks of a second and how many there are, of a header of the movie or of a media.
fn time(content: &mut Content, atom: &Atom) -> Option<(u64, u64)> {
    if content.array::<1>(atom.body)? == [1] {
        let [p0, p1, p2, p3, ticks @ ..] = content.array::<12>(atom.body + 20)?;
        let ticks = Some(u64::from_be_bytes(ticks)).filter(|&ticks| ticks != u64::MAX);
        return Some((u32::from_be_bytes([p0, p1, p2, p3]).into(), ticks.unwrap_or(0)));
    }
    let [p0, p1, p2, p3, ticks @ ..] = content.array::<8>(atom.body + 12)?;
    let ticks = Some(u32::from_be_bytes(ticks)).filter(|&ticks| ticks != u32::MAX);
    Some((u32::from_be_bytes([p0, p1, p2, p3]).into(), ticks.unwrap_or(0).into()))
}

/// The sides as they are shown: a phone that was held upright films lying frames and says that they are to be turned.
fn shown(content: &mut Content, matrix: u64) -> Option<Option<(i32, i32)>> {
    let numbers = content.array::<44>(matrix)?;
    let number = |index: usize| u32::from_be_bytes([0, 1, 2, 3].map(|byte| numbers[index * 4 + byte]));
    let (width, height) = (u64::from(number(9) >> 16), u64::from(number(10) >> 16));
    let is_turned = number(0) == 0 && number(4) == 0;
    Some(if is_turned { sides(height, width) } else { sides(width, height) })
}

fn is_music(content: &mut Content, atom: &Atom) -> bool {
    const BEGINNING: usize = 64;
    &atom.kind == b"meta"
        && content.up_to(atom.body, BEGINNING).is_some_and(|bytes| bytes.windows(4).any(|word| word == b"mdir"))
}
