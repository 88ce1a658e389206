//! Panics on demand in a debug build, so that tests see what a panic ends and what not. In a release build there are none.

/// Panics where `CHINWAG_PANIC` names this place with this thing: `frame=mallory,verb=Cursed`. A thing is somebody's name or
/// what they wrote, so that their neighbours stay well.
#[cfg(debug_assertions)]
#[expect(clippy::disallowed_methods, reason = "a debug build's crash switch is no setting of the server")]
pub fn panic_at(place: &str, thing: &str) {
    static ARMED: std::sync::OnceLock<Vec<(String, String)>> = std::sync::OnceLock::new();
    let armed = ARMED.get_or_init(|| {
        let text = std::env::var("CHINWAG_PANIC").unwrap_or_default();
        let pair = |pair: &str| pair.split_once('=').map(|(place, thing)| (place.to_owned(), thing.to_owned()));
        text.split(',').filter_map(pair).collect()
    });
    assert!(!armed.iter().any(|(at, of)| at == place && of == thing), "asked to panic at {place}, for {thing}");
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub fn panic_at(_: &str, _: &str) {}
