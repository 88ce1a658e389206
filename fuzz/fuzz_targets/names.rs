//! A name that was taken is taken as it is the next time, has one key and one look, and can be called.

#![no_main]

use chinwag_domain::{
    mentions,
    text::{Username, look_key, name_key},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = look_key(text);
    let Ok(name) = Username::parse(text) else { return };
    let name = name.as_str();
    assert_eq!(Username::parse(name).map(Username::into_string).ok().as_deref(), Some(name));
    let key = name_key(name);
    assert_eq!(key, name_key(text), "the key of what was typed");
    assert_eq!(key, name_key(&key), "the key of the key");
    assert_eq!(look_key(name), look_key(text), "the look of what was typed");
    assert!(mentions::find(&format!("@{name}")).keys().contains(key.as_str()), "{name} cannot be called");
});
