//! What is read as a binary frame is the same after it was written and read again. In JSON it is one that stays the same from
//! then on: numbers that no enum has a word for become the first.

#![no_main]

use chinwag_proto::frame::{Encoding, decode_event, decode_request, encode_event, encode_request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = decode_request(Encoding::Proto, bytes) {
        let json = encode_request(Encoding::Json, &request);
        let read = decode_request(Encoding::Json, &json).expect("what we wrote");
        assert_eq!(encode_request(Encoding::Json, &read), json);
        assert_eq!(
            decode_request(Encoding::Proto, &encode_request(Encoding::Proto, &request)).expect("what we wrote"),
            request
        );
    }
    if let Ok(event) = decode_event(Encoding::Proto, bytes) {
        let json = encode_event(Encoding::Json, &event);
        let read = decode_event(Encoding::Json, &json).expect("what we wrote");
        assert_eq!(encode_event(Encoding::Json, &read), json);
        assert_eq!(
            decode_event(Encoding::Proto, &encode_event(Encoding::Proto, &event)).expect("what we wrote"),
            event
        );
    }
});
