//! HEIF and AVIF: pictures in boxes, as a film is. Where and with what they were taken is told by items of their own, which are found
//! here, to be blanked where they stand. Nothing is decoded.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    content::Content,
    metadata::ByteCursor,
    mp4::{Atom, atoms},
};

/// A table of items that is larger is a lie: a picture of tiles has a few hundred.
const TABLE: usize = 1 << 20;
/// Items that are no picture: EXIF, XMP and what else has a media type or an address for a name.
const PRIVATE: [&[u8; 4]; 3] = [b"Exif", b"mime", b"uri "];

/// Where they are; nothing where the tables are broken.
pub(crate) fn private(content: &mut Content) -> Option<Vec<Range<u64>>> {
    let whole = 0..content.length();
    let mut found = Vec::new();
    for meta in atoms(content, whole)?.iter().filter(|atom| &atom.kind == b"meta") {
        found.extend(items(content, meta)?);
    }
    Some(found)
}

/// Where the private items of a picture are.
fn items(content: &mut Content, meta: &Atom) -> Option<Vec<Range<u64>>> {
    // Version and flags stand before the boxes.
    let children = atoms(content, meta.body.checked_add(4)?..meta.end)?;
    let find = |kind: &[u8; 4]| children.iter().find(|atom| &atom.kind == kind);
    let (Some(names), Some(places)) = (find(b"iinf"), find(b"iloc")) else { return Some(Vec::new()) };
    let private = private_items(content, names)?;
    let inside = find(b"idat").map(|atom| atom.body..atom.end);
    let table = table(content, places)?;
    places_of(&private, inside, content.length(), &mut ByteCursor::new(&table))
}

fn table(content: &mut Content, atom: &Atom) -> Option<Vec<u8>> {
    let size = usize::try_from(atom.end - atom.body).ok().filter(|&size| size <= TABLE)?;
    content.up_to(atom.body, size)
}

fn private_items(content: &mut Content, names: &Atom) -> Option<BTreeSet<u64>> {
    let [version, ..] = content.array::<4>(names.body)?;
    let first = names.body + 4 + if version == 0 { 2 } else { 4 };
    let mut found = BTreeSet::new();
    for entry in atoms(content, first..names.end)?.iter().filter(|atom| &atom.kind == b"infe") {
        let entry = table(content, entry)?;
        let mut entry = ByteCursor::new(&entry);
        let width = match entry.take(4)?[0] {
            2 => 2,
            3 => 4,
            // The older ones have no kinds.
            _ => continue,
        };
        let id = number(&mut entry, width)?;
        if PRIVATE.contains(&entry.take(6)?[2..].first_chunk()?) {
            found.insert(id);
        }
    }
    Some(found)
}

/// Where these items are in the file, by the table of all places; `inside` is the content that the table itself may bring.
fn places_of(
    private: &BTreeSet<u64>,
    inside: Option<Range<u64>>,
    length: u64,
    table: &mut ByteCursor<'_>,
) -> Option<Vec<Range<u64>>> {
    let version = table.take(4)?[0];
    let &[sizes, more] = table.take(2)?.first_chunk()?;
    let (offset_size, length_size) = (sizes >> 4, sizes & 0x0F);
    let (base_size, index_size) = (more >> 4, if version == 0 { 0 } else { more & 0x0F });
    let wide = if version < 2 { 2 } else { 4 };
    let (mut found, mut left) = (Vec::new(), length);
    for _ in 0..number(table, wide)? {
        let id = number(table, wide)?;
        let method = if version == 0 { 0 } else { number(table, 2)? & 0x0F };
        let _reference = number(table, 2)?;
        let base = number(table, base_size)?;
        let stretches = number(table, 2)?;
        // Of nothing there may be without end.
        if stretches > 1 && offset_size + length_size == 0 {
            return None;
        }
        for _ in 0..stretches {
            number(table, index_size)?;
            let (offset, size) = (number(table, offset_size)?, number(table, length_size)?);
            let within = match (method, &inside) {
                (0, _) => 0..length,
                (1, Some(inside)) => inside.clone(),
                _ => continue,
            };
            let start = within.start.checked_add(base)?.checked_add(offset)?;
            let end = start.checked_add(size)?;
            if private.contains(&id) && end <= within.end {
                // Nor are they more together than there is.
                left = left.checked_sub(size)?;
                found.push(start..end);
            }
        }
    }
    Some(found)
}

/// A number of so many bytes; of none it is 0.
fn number(from: &mut ByteCursor<'_>, size: u8) -> Option<u64> {
    let bytes = from.take(usize::from(size)).filter(|_| size <= 8)?;
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}
