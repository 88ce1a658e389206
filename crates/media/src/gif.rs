//! GIF without what is not shown: comments, texts, and what programs put beside the frames. It decodes nothing.

use crate::metadata::ByteCursor;

const EXTENSION: u8 = 0x21;
const FRAME: u8 = 0x2C;
const END: u8 = 0x3B;
/// Of extensions, this one is about how the next frame is shown, and this one may say how often all are.
const CONTROL: u8 = 0xF9;
const APPLICATION: u8 = 0xFF;

/// The same picture without them, or nothing where its blocks are broken.
pub(crate) fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut input = ByteCursor::new(bytes);
    let mut kept = Vec::with_capacity(bytes.len());
    let screen = input.take(13)?;
    kept.extend_from_slice(screen);
    kept.extend_from_slice(input.take(colours(screen[10]))?);
    let mut control = None;
    // A missing end is made good: many programs forget it.
    while let Some(&[kind]) = input.take(1) {
        match kind {
            EXTENSION => {
                let label = input.take(1)?[0];
                let blocks = sub_blocks(&mut input)?;
                match label {
                    CONTROL => control = Some(blocks),
                    APPLICATION => kept.extend(loops(blocks).into_iter().flatten()),
                    // One that is shown uses up the control before it.
                    _ => control = None,
                }
            }
            FRAME => {
                if let Some(control) = control.take() {
                    kept.extend_from_slice(&[EXTENSION, CONTROL]);
                    kept.extend_from_slice(control);
                }
                let frame = input.take(9)?;
                kept.push(FRAME);
                kept.extend_from_slice(frame);
                kept.extend_from_slice(input.take(colours(frame[8]) + 1)?);
                kept.extend_from_slice(sub_blocks(&mut input)?);
            }
            END => break,
            _ => return None,
        }
    }
    kept.push(END);
    Some(kept)
}

/// How many bytes a table of colours has.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Blocks up to the empty one.
fn sub_blocks<'a>(input: &mut ByteCursor<'a>) -> Option<&'a [u8]> {
    let rest = input.rest();
    let mut length = 0;
    loop {
        let size = usize::from(*rest.get(length)?);
        length += 1 + size;
        if size == 0 {
            return input.take(length);
        }
    }
}

/// The extension of an application, if it says how often the frames are shown; only that of it.
fn loops(blocks: &[u8]) -> Option<Vec<u8>> {
    let is_known = blocks.starts_with(b"\x0BNETSCAPE2.0") || blocks.starts_with(b"\x0BANIMEXTS1.0");
    let [3, 1, low, high, ..] = *blocks.get(12..).filter(|_| is_known)? else { return None };
    let name = blocks.first_chunk::<12>()?;
    Some([&[EXTENSION, APPLICATION], &name[..], &[3, 1, low, high, 0]].concat())
}
