//! Bytes to frames and back, in both encodings: the only codec of payloads. Not the WebSocket framing around them.

use prost::Message as _;
use serde::de::DeserializeOwned;
use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    ClientFrame, DecodeError, ErrorCode, Event, MessageType, Request, Sentence, ServerFrame, TextPosted, form,
};

/// How a socket's frames are written; chosen by its subprotocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `chinwag.v1.json`: text messages.
    Json,
    /// `chinwag.v1.proto`: binary messages.
    Proto,
}

impl Encoding {
    /// The WebSocket subprotocol that names this encoding.
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "chinwag.v1.json",
            Self::Proto => "chinwag.v1.proto",
        }
    }
}

impl Event {
    /// Where a change stands in the log of its room: the room and its `seq`. Answers, hints and what is one person's own have no
    /// place there.
    pub fn position(&self) -> Option<(i64, i64)> {
        // Every frame is named: a change that was forgotten here would never be told live, nor counted against a restore.
        match self {
            Self::Text(it) => Some((it.room_id, it.seq)),
            Self::System(it) => Some((it.room_id, it.seq)),
            Self::Edit(it) => Some((it.room_id, it.seq)),
            Self::Recall(it) => Some((it.room_id, it.seq)),
            Self::Member(it) => Some((it.room_id, it.seq)),
            Self::Room(it) => Some((it.room_id, it.seq?)),
            Self::Welcome(_)
            | Self::Ack(_)
            | Self::Error(_)
            | Self::Userlist(_)
            | Self::Typing(_)
            | Self::Read(_)
            | Self::Presence(_)
            | Self::Pong(_)
            | Self::Synced(_)
            | Self::Resync(_)
            | Self::Profile(_)
            | Self::EmojisChanged(_) => None,
        }
    }
}

/// Reads one frame from a client.
pub fn decode_request(encoding: Encoding, payload: &[u8]) -> Result<Request, DecodeError> {
    match encoding {
        Encoding::Json => request_from_json(payload).map(|(word, request)| named(&word, request)),
        Encoding::Proto => ClientFrame::decode(payload).map_err(no_frame)?.frame.ok_or_else(unknown),
    }
}

/// Writes one frame for a client.
pub fn encode_event(encoding: Encoding, event: &Event) -> Vec<u8> {
    match encoding {
        Encoding::Json => serde_json::to_vec(event).expect("wire types have string keys and finite numbers"),
        // The oneof writes itself as its envelope would: no copy of the event is needed.
        Encoding::Proto => {
            let mut out = Vec::with_capacity(event.encoded_len());
            event.encode(&mut out);
            out
        }
    }
}

/// The same for a socket without a subprotocol: clients of GoChat look for what a message is in `type`.
pub fn encode_for_gochat(event: &Event) -> Vec<u8> {
    let json = encode_event(Encoding::Json, event);
    let Event::Text(TextPosted { message_type: Some(_), .. }) = event else { return json };
    let mut fields: serde_json::Value = serde_json::from_slice(&json).expect("it was just written");
    fields["type"] = fields["message_type"].clone();
    serde_json::to_vec(&fields).expect("it was just read")
}

/// Writes one frame for the server: the client's side of the codec.
pub fn encode_request(encoding: Encoding, request: &Request) -> Vec<u8> {
    match encoding {
        Encoding::Json => serde_json::to_vec(request).expect("wire types have string keys and finite numbers"),
        Encoding::Proto => ClientFrame { frame: Some(request.clone()) }.encode_to_vec(),
    }
}

/// Reads one frame from the server: the client's side of the codec.
pub fn decode_event(encoding: Encoding, payload: &[u8]) -> Result<Event, DecodeError> {
    match encoding {
        Encoding::Json => event_from_json(payload).map(|(_, event)| event),
        Encoding::Proto => ServerFrame::decode(payload).map_err(no_frame)?.frame.ok_or_else(unknown),
    }
}

/// The one field that says what the others mean. Read by a pass of its own: serde's tagged enums would buffer every
/// field and refuse the integer keys of `sync`.
#[derive(serde::Deserialize)]
struct Tag<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

macro_rules! from_json {
    ($name:ident -> $frame:ident { $($word:pat => $variant:ident,)* }) => {
        fn $name(payload: &[u8]) -> Result<(Cow<'_, str>, $frame), DecodeError> {
            let tag: Tag<'_> = form::read_object(payload)?;
            let frame = match tag.kind.as_ref() {
                $($word => $frame::$variant(form::read_object(payload)?),)*
                _ => return Err(unknown()),
            };
            Ok((tag.kind, frame))
        }
    };
}

/// What is posted may be named by the `type` of its frame, too.
fn named(word: &str, mut request: Request) -> Request {
    if let (Request::Text(text), Some(message_type)) = (&mut request, MessageType::attached(word)) {
        text.set_message_type(message_type);
    }
    request
}

from_json!(request_from_json -> Request {
    "join" => Join,
    "leave" => Leave,
    "text" | "image" | "file" | "voice" | "video" => Text,
    "typing" => Typing,
    "read" => Read,
    "edit" => Edit,
    "recall" => Recall,
    "sync" => Sync,
    "presence" => Presence,
    "ping" => Ping,
});

from_json!(event_from_json -> Event {
    "welcome" => Welcome,
    "text" => Text,
    "ack" => Ack,
    "error" => Error,
    "system" => System,
    "userlist" => Userlist,
    "typing" => Typing,
    "read" => Read,
    "edit" => Edit,
    "recall" => Recall,
    "presence" => Presence,
    "room" => Room,
    "member" => Member,
    "pong" => Pong,
    "synced" => Synced,
    "resync" => Resync,
    "profile" => Profile,
    "emojis_changed" => EmojisChanged,
});

fn no_frame(_: prost::DecodeError) -> DecodeError {
    DecodeError::malformed(Sentence::NotAFrame)
}

fn unknown() -> DecodeError {
    DecodeError { code: ErrorCode::UnknownType, message: None, fields: BTreeMap::new() }
}

/// Wire types own their data, so that a decoded frame outlives the buffer it came from.
const fn _owned<T: DeserializeOwned>() {}
const _: () = _owned::<crate::SendText>();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;

    fn requests() -> Vec<Request> {
        vec![
            Request::Join(Join { room_id: 1 }),
            Request::Leave(Leave { room_id: 1 }),
            Request::Text(SendText {
                room_id: 1,
                content: "你好 \u{1F600}".into(),
                client_id: "c".into(),
                reply_to: Some(5),
                attachments: vec![7, 9],
                message_type: Some(MessageType::Image.into()),
            }),
            Request::Typing(StartTyping { room_id: 1 }),
            Request::Read(MarkRead { room_id: 1, seq: 152 }),
            Request::Edit(EditText { message_id: 9, content: "b".into(), client_id: String::new() }),
            Request::Recall(RecallMessage { message_id: 9, client_id: String::new() }),
            Request::Sync(Sync { epoch: 3, rooms: [(1, 152), (7, 99)].into() }),
            Request::Presence(SetPresence { status: Presence::Away.into() }),
            Request::Ping(Ping {}),
        ]
    }

    #[test]
    fn every_request_survives_both_encodings() {
        for encoding in [Encoding::Json, Encoding::Proto] {
            for request in requests() {
                let bytes = encode_request(encoding, &request);
                assert_eq!(decode_request(encoding, &bytes).expect("decodes"), request);
            }
        }
    }

    #[test]
    fn json_is_flat_with_type_words_and_rfc3339_times() {
        let event =
            Event::Ack(Ack { client_id: None, room_id: 1, message_id: 123, seq: 153, timestamp: 1_783_092_600_123 });
        let json = String::from_utf8(encode_event(Encoding::Json, &event)).expect("utf-8");
        assert_eq!(
            json,
            r#"{"type":"ack","room_id":1,"message_id":123,"seq":153,"timestamp":"2026-07-03T15:30:00.123Z"}"#
        );
        assert_eq!(decode_event(Encoding::Json, json.as_bytes()).expect("decodes"), event);
    }

    #[test]
    fn clients_of_gochat_find_what_a_message_is_in_its_type() {
        let mut text = TextPosted { content: "look".into(), ..TextPosted::default() };
        assert_eq!(
            encode_for_gochat(&Event::Text(text.clone())),
            encode_event(Encoding::Json, &Event::Text(text.clone()))
        );
        text.set_message_type(MessageType::Image);
        text.attachments = vec![Attachment { id: 7, file_name: "a.png".into(), ..Attachment::default() }];
        let json: serde_json::Value =
            serde_json::from_slice(&encode_for_gochat(&Event::Text(text.clone()))).expect("JSON");
        assert_eq!(
            (&json["type"], &json["content"], &json["attachments"][0]["id"]),
            (&"image".into(), &"look".into(), &7.into())
        );
        let ours = encode_event(Encoding::Json, &Event::Text(text.clone()));
        let json: serde_json::Value = serde_json::from_slice(&ours).expect("JSON");
        assert_eq!((&json["type"], &json["message_type"]), (&"text".into(), &"image".into()));
        assert_eq!(decode_event(Encoding::Json, &ours).expect("decodes"), Event::Text(text));
    }

    #[test]
    fn documented_json_reads_as_written() {
        let text = r#"{"type":"sync","epoch":3,"rooms":{"1":152,"7":99}}"#;
        let Request::Sync(sync) = decode_request(Encoding::Json, text.as_bytes()).expect("decodes") else {
            panic!("not a sync")
        };
        assert_eq!(sync.rooms[&7], 99);
    }

    #[test]
    fn identity_in_the_payload_and_unknown_fields_are_ignored() {
        let text = r#"{"type":"text","room_id":1,"content":"x","user_id":7,"username":"mallory","colour":"red"}"#;
        assert!(matches!(decode_request(Encoding::Json, text.as_bytes()), Ok(Request::Text(_))));
    }

    /// As the client of GoChat sends what it uploaded.
    #[test]
    fn attachments_are_ids_or_what_a_client_was_told_and_the_frame_may_say_what_they_are() {
        let read = |text: &str| match decode_request(Encoding::Json, text.as_bytes()) {
            Ok(Request::Text(text)) => (text.attachments.clone(), text.message_type()),
            other => panic!("{other:?}"),
        };
        let told = r#"{"type":"voice","room_id":1,"content":"","attachments":[{"url":"/x","id":7,"file_name":"a"},9]}"#;
        assert_eq!(read(told), (vec![7, 9], MessageType::Voice));
        for (word, message_type) in
            [("image", MessageType::Image), ("file", MessageType::File), ("video", MessageType::Video)]
        {
            let text = format!(r#"{{"type":"{word}","room_id":1,"attachments":[1],"message_type":"text"}}"#);
            assert_eq!(read(&text), (vec![1], message_type));
        }
        let plain = r#"{"type":"text","room_id":1,"content":"x","message_type":"file","attachments":[1]}"#;
        assert_eq!(read(plain), (vec![1], MessageType::File));
        assert_eq!(
            read(r#"{"type":"text","room_id":1,"content":"x","attachments":null}"#),
            (vec![], MessageType::Text)
        );
        for attachments in ["7", r#"["7"]"#, r#"[{"id":"7"}]"#, "[{}]", "[1.5]", "[null]", "[18446744073709551615]"] {
            let text = format!(r#"{{"type":"text","room_id":1,"content":"x","attachments":{attachments}}}"#);
            let error = decode_request(Encoding::Json, text.as_bytes()).expect_err("refused");
            assert_eq!((error.code, error.fields.keys().next()), (ErrorCode::Invalid, Some(&"attachments")), "{text}");
        }
    }

    #[test]
    fn an_unknown_type_and_a_broken_frame_are_told_apart() {
        let code = |text: &str| decode_request(Encoding::Json, text.as_bytes()).expect_err("refused").code;
        assert_eq!(code(r#"{"type":"dance"}"#), ErrorCode::UnknownType);
        assert_eq!(code(r#"{"type":"#), ErrorCode::Malformed);
        assert_eq!(code(r#"{"type":"join","room_id":"one"}"#), ErrorCode::Invalid);
        assert_eq!(code("{}"), ErrorCode::Invalid);
        assert_eq!(code("[]"), ErrorCode::Malformed);
        assert_eq!(code(r#"["ping"]"#), ErrorCode::Malformed);
    }
}
