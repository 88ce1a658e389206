//! Looks into frames without decoding them: what stands behind a field. It knows no frame as a whole.

/// The content begins with the moment it was meant to leave: microseconds since the swarm's beginning, in hexadecimal.
pub const STAMP_BYTES: usize = 16;

/// The stamp that follows `field`.
pub fn stamp_after(payload: &[u8], field: &[u8]) -> Option<u64> {
    let at = find(payload, field)? + field.len();
    let digits = std::str::from_utf8(payload.get(at..at + STAMP_BYTES)?).ok()?;
    u64::from_str_radix(digits, 16).ok()
}

/// The number that follows `field`, or 0.
pub fn number_after(payload: &[u8], field: &[u8]) -> i64 {
    let Some(at) = find(payload, field).map(|at| at + field.len()) else { return 0 };
    let digits = payload[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

/// Where `needle` begins.
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
