//! WAVE: the length is that of the data by its rate. Nothing is decoded.

use crate::{
    content::Content,
    recording::{Recording, milliseconds},
};

pub(crate) fn read(content: &mut Content) -> Option<Recording> {
    let mut at = 12;
    let mut bytes_per_second = None;
    loop {
        let [k0, k1, k2, k3, size @ ..] = content.array::<8>(at)?;
        let (kind, size, body) = ([k0, k1, k2, k3], u64::from(u32::from_le_bytes(size)), at + 8);
        match (&kind, bytes_per_second) {
            (b"fmt ", _) => {
                let format = content.array::<16>(body)?;
                let [.., r0, r1, r2, r3, _, _, _, _] = format;
                bytes_per_second = Some(u32::from_le_bytes([r0, r1, r2, r3]));
            }
            (b"data", Some(rate)) => {
                // Who writes while recording does not know the size, and says 0 or all there could be.
                let there = content.length().saturating_sub(body);
                let size = if size == 0 { there } else { size.min(there) };
                return Some(Recording::sound("audio/wav", milliseconds(size, rate.into())));
            }
            _ => {}
        }
        at = body + size + size % 2;
    }
}
