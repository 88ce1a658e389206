//! What is read as a frame of JSON is the same after it was written and read again, in both encodings.

#![no_main]

use chinwag_proto::frame::{Encoding, decode_event, decode_request, encode_event, encode_request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for to in [Encoding::Json, Encoding::Proto] {
        if let Ok(request) = decode_request(Encoding::Json, bytes) {
            assert_eq!(decode_request(to, &encode_request(to, &request)).expect("what we wrote"), request);
        }
        if let Ok(event) = decode_event(Encoding::Json, bytes) {
            assert_eq!(decode_event(to, &encode_event(to, &event)).expect("what we wrote"), event);
        }
    }
});
