//! Films that were written while they were recorded: their length stands nowhere and is the end of the last fragment. It reads the
//! tables of fragments, not the samples.

use std::collections::BTreeMap;

use super::{Atom, atoms};
use crate::{content::Content, recording::milliseconds};

const TRACKS: usize = 64;
/// One fragment with a larger table is a lie: it would be hours long.
const TABLE: usize = 1 << 20;

#[derive(Default)]
pub(super) struct Fragments {
    /// How long the whole is, where it was known after all, in the movie's ticks.
    pub(super) told: Option<u64>,
    tracks: BTreeMap<u32, Track>,
}

#[derive(Default)]
struct Track {
    per_second: u64,
    /// What a sample lasts, if nothing else is said.
    sample: u64,
    end: u64,
}

impl Fragments {
    pub(super) fn track(&mut self, id: u32, per_second: u64) -> Option<()> {
        self.tracks.entry(id).or_default().per_second = per_second;
        (self.tracks.len() <= TRACKS).then_some(())
    }

    /// What holds for all of them.
    pub(super) fn defaults(&mut self, content: &mut Content, mvex: &Atom) -> Option<()> {
        for atom in atoms(content, mvex.inside())? {
            match &atom.kind {
                b"mehd" if content.array::<1>(atom.body)? == [1] => {
                    self.told = Some(u64::from_be_bytes(content.array(atom.body + 4)?));
                }
                b"mehd" => self.told = Some(u32::from_be_bytes(content.array(atom.body + 4)?).into()),
                b"trex" => {
                    let id = u32::from_be_bytes(content.array(atom.body + 4)?);
                    let sample = u32::from_be_bytes(content.array(atom.body + 12)?);
                    self.tracks.entry(id).or_default().sample = sample.into();
                }
                _ => {}
            }
        }
        (self.tracks.len() <= TRACKS).then_some(())
    }

    pub(super) fn add(&mut self, content: &mut Content, moof: &Atom) -> Option<()> {
        for traf in atoms(content, moof.inside())?.iter().filter(|atom| &atom.kind == b"traf") {
            self.stretch(content, traf)?;
        }
        Some(())
    }

    fn stretch(&mut self, content: &mut Content, traf: &Atom) -> Option<()> {
        let (mut id, mut sample, mut begin, mut lasts) = (None, None, None, 0_u64);
        for atom in atoms(content, traf.inside())? {
            let [version, flags @ ..] = content.array::<4>(atom.body)?;
            let flags = u32::from_be_bytes([0, flags[0], flags[1], flags[2]]);
            match &atom.kind {
                b"tfhd" => {
                    id = Some(u32::from_be_bytes(content.array(atom.body + 4)?));
                    let at = atom.body + 8 + if flags & 1 == 0 { 0 } else { 8 } + if flags & 2 == 0 { 0 } else { 4 };
                    if flags & 8 != 0 {
                        sample = Some(u64::from(u32::from_be_bytes(content.array(at)?)));
                    }
                }
                b"tfdt" if version == 1 => begin = Some(u64::from_be_bytes(content.array(atom.body + 4)?)),
                b"tfdt" => begin = Some(u32::from_be_bytes(content.array(atom.body + 4)?).into()),
                b"trun" => {
                    let sample = sample.or_else(|| self.tracks.get(&id?).map(|track| track.sample));
                    lasts = lasts.checked_add(run(content, &atom, flags, sample.unwrap_or(0))?)?;
                }
                _ => {}
            }
        }
        // One of a track that is not there tells nothing.
        let Some(track) = id.and_then(|id| self.tracks.get_mut(&id)) else { return Some(()) };
        track.end = track.end.max(begin.unwrap_or(track.end).checked_add(lasts)?);
        Some(())
    }

    pub(super) fn milliseconds(&self) -> Option<i64> {
        self.tracks.values().filter_map(|track| milliseconds(track.end, track.per_second)).max()
    }
}

/// How long the samples of one run last.
fn run(content: &mut Content, trun: &Atom, flags: u32, sample: u64) -> Option<u64> {
    const LASTS: u32 = 0x100;
    let count = u64::from(u32::from_be_bytes(content.array(trun.body + 4)?));
    let table = trun.body + 8 + if flags & 1 == 0 { 0 } else { 4 } + if flags & 4 == 0 { 0 } else { 4 };
    if flags & LASTS == 0 {
        return count.checked_mul(sample);
    }
    let entry = 4 * (flags >> 8 & 0x0F).count_ones() as usize;
    let size = usize::try_from(count).ok()?.checked_mul(entry).filter(|&size| size <= TABLE)?;
    if table + size as u64 > trun.end {
        return None;
    }
    let entries = content.up_to(table, size)?;
    let lasting = entries.chunks_exact(entry).filter_map(|entry| entry.first_chunk());
    Some(lasting.map(|bytes| u64::from(u32::from_be_bytes(*bytes))).sum())
}
