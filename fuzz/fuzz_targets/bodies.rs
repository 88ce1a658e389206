//! Every text that people write is the same after it was read again, and whom a body calls stands in it.

#![no_main]

use std::convert::Infallible;

use chinwag_domain::{
    mentions,
    text::{self, Body, name_key},
};
use chinwag_proto::limits;
use libfuzzer_sys::fuzz_target;

const CHARS: usize = 4000;

fuzz_target!(|text: &str| {
    let rules: [fn(&str) -> chinwag_domain::Result<String>; 6] = [
        |text| Body::parse(text, CHARS).map(Body::into_string),
        |text| text::paragraph("bio", text, CHARS),
        text::room_name,
        text::display_name,
        text::status_text,
        |text| text::search("q", text),
    ];
    for rule in rules {
        if let Ok(kept) = rule(text) {
            assert_eq!(rule(&kept).ok().as_ref(), Some(&kept));
        }
    }
    let Ok(body) = Body::parse(text, CHARS) else { return };
    let calls = mentions::find(body.as_str());
    // Everybody is there, by every name.
    let Ok(mentions) = calls.resolve(|_| Ok::<_, Infallible>(Some(1)));
    assert!(mentions.spans.len() <= limits::MENTIONS);
    let chars: Vec<char> = body.as_str().chars().collect();
    let mut end = 0;
    for span in &mentions.spans {
        assert!(span.start >= end && span.length > 1, "one behind the other");
        end = span.start + span.length;
        let called = &chars[span.start as usize..end as usize];
        assert!(matches!(called[0], '@' | '＠'));
        let key = name_key(&called[1..].iter().collect::<String>());
        assert!(calls.keys().contains(key.as_str()), "what is drawn is who is called");
    }
});
