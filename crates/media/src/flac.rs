//! FLAC: its first block says how many samples there are. Nothing is decoded.

use crate::{
    content::Content,
    recording::{Recording, milliseconds},
};

pub(crate) fn read(content: &mut Content) -> Option<Recording> {
    let [_, _, _, _, kind, _, _, length, ..] = content.array::<42>(0)?;
    if kind & 0x7F != 0 || length != 34 {
        return None;
    }
    let packed = u64::from_be_bytes(content.array::<8>(18)?);
    let (rate, samples) = (packed >> 44, packed & 0xF_FFFF_FFFF);
    (rate > 0).then(|| Recording::sound("audio/flac", milliseconds(samples, rate)))
}
