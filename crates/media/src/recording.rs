//! What is known of a sound or a film. Who found it out is each reader's affair.

pub(crate) struct Recording {
    pub(crate) media_type: &'static str,
    pub(crate) has_video: bool,
    /// Of the film, as it is shown.
    pub(crate) size: Option<(i32, i32)>,
    pub(crate) duration_ms: Option<i64>,
}

/// Longer than a year is a lie.
const LONGEST_MS: i64 = 366 * 24 * 3600 * 1000;

/// So many ticks, of which a second has so many; nothing where that is no time.
pub(crate) fn milliseconds(ticks: u64, per_second: u64) -> Option<i64> {
    let whole = (u128::from(ticks) * 1000).checked_div(u128::from(per_second))?;
    i64::try_from(whole).ok().filter(|ms| (1..=LONGEST_MS).contains(ms))
}

/// The sides of a film, where it has any that can be.
pub(crate) fn sides(width: u64, height: u64) -> Option<(i32, i32)> {
    let side = |pixels: u64| i32::try_from(pixels).ok().filter(|side| (1..=65_535).contains(side));
    side(width).zip(side(height))
}

impl Recording {
    pub(crate) fn sound(media_type: &'static str, duration_ms: Option<i64>) -> Self {
        Self { media_type, has_video: false, size: None, duration_ms }
    }
}
