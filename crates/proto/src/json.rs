//! How single fields look in JSON where they differ from protobuf: times and enumerations. Used by the attributes that
//! `build.rs` puts on the generated types; not a codec of frames (that is `frame.rs`).

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use utoipa::{PartialSchema, ToSchema, openapi};

use crate::{DrawnAvatar, MessageType, SystemEvent};

/// A moment as JSON shows it: RFC 3339, UTC, three decimals. In Rust and protobuf it is `i64` milliseconds since 1970.
pub struct Time;

impl ToSchema for Time {}

impl PartialSchema for Time {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .format(Some(openapi::SchemaFormat::KnownFormat(openapi::KnownFormat::DateTime)))
            .examples([serde_json::json!("2026-07-03T15:30:00.123Z")])
            .into()
    }
}

/// Formats milliseconds since 1970 as RFC 3339 with milliseconds; a moment outside the calendar becomes its nearest end.
pub fn format_time(ms: i64) -> String {
    let stamp = jiff::Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    format!("{stamp:.3}")
}

pub mod time {
    //! `i64` milliseconds as RFC 3339.
    use super::*;

    pub fn serialize<S: Serializer>(ms: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format_time(*ms))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse::<jiff::Timestamp>().map(|stamp| stamp.as_millisecond()).map_err(D::Error::custom)
    }

    pub mod optional {
        //! The same, absent when `None`.
        use super::*;

        pub fn serialize<S: Serializer>(ms: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
            ms.map(format_time).serialize(to)
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
            let Some(text) = Option::<std::borrow::Cow<'de, str>>::deserialize(from)? else { return Ok(None) };
            text.parse::<jiff::Timestamp>().map(|stamp| Some(stamp.as_millisecond())).map_err(D::Error::custom)
        }
    }
}

/// A file by its id, or as a client was told of it.
struct FileId(i64);

impl<'de> Deserialize<'de> for FileId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = FileId;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an id, or an object that has one")
            }

            fn visit_i64<E: Error>(self, id: i64) -> Result<FileId, E> {
                Ok(FileId(id))
            }

            fn visit_u64<E: Error>(self, id: u64) -> Result<FileId, E> {
                i64::try_from(id).map(FileId).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<FileId, A::Error> {
                let mut id = None;
                while let Some(name) = entries.next_key::<String>()? {
                    if name == "id" {
                        id = Some(entries.next_value()?);
                    } else {
                        entries.next_value::<IgnoredAny>()?;
                    }
                }
                id.map(FileId).ok_or_else(|| A::Error::missing_field("id"))
            }
        }

        from.deserialize_any(Either)
    }
}

/// A list of files, each by its id or as a client was told of it.
pub fn file_ids<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i64>, D::Error> {
    Ok(Option::<Vec<FileId>>::deserialize(from)?.unwrap_or_default().into_iter().map(|id| id.0).collect())
}

/// An open enumeration: protobuf's number in Rust, its word in JSON.
macro_rules! word {
    ($module:ident, $type:ident) => {
        pub mod $module {
            //! The enumeration of this name by its words.
            use super::*;
            use crate::$type as Word;

            pub fn serialize<S: Serializer>(number: &i32, to: S) -> Result<S::Ok, S::Error> {
                Word::try_from(*number).unwrap_or_default().serialize(to)
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
                Word::deserialize(from).map(i32::from)
            }

            pub mod optional {
                //! The same, absent when `None`.
                use super::*;

                pub fn serialize<S: Serializer>(number: &Option<i32>, to: S) -> Result<S::Ok, S::Error> {
                    number.map(|number| Word::try_from(number).unwrap_or_default()).serialize(to)
                }

                pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
                    Ok(Option::<Word>::deserialize(from)?.map(i32::from))
                }
            }
        }
    };
}

word!(presence, Presence);
word!(role, Role);
word!(room_kind, RoomKind);
word!(message_type, MessageType);
word!(file_category, FileCategory);
word!(system_event, SystemEvent);
word!(room_event, RoomEvent);
word!(resync_reason, ResyncReason);

impl SystemEvent {
    const PREFIX: &str = "SYSTEM_EVENT_";

    /// Its word in JSON, in which it is stored, too.
    pub fn word(self) -> String {
        self.as_str_name().trim_start_matches(Self::PREFIX).to_ascii_lowercase()
    }

    /// The event of this word; that of a later version is told as a broadcast, by its content.
    pub fn of_word(word: &str) -> Self {
        Self::from_str_name(&format!("{}{}", Self::PREFIX, word.to_ascii_uppercase())).unwrap_or_default()
    }
}

impl DrawnAvatar {
    const PREFIX: &str = "DRAWN_AVATAR_";

    /// Its word in JSON, in which it is stored, too.
    pub fn word(self) -> String {
        self.as_str_name().trim_start_matches(Self::PREFIX).to_ascii_lowercase()
    }

    /// None where a later version has drawn it.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::from_str_name(&format!("{}{}", Self::PREFIX, word.to_ascii_uppercase()))
    }
}

impl MessageType {
    /// What has attachments, by its word in JSON.
    pub fn attached(word: &str) -> Option<Self> {
        match word {
            "image" => Some(Self::Image),
            "file" => Some(Self::File),
            "voice" => Some(Self::Voice),
            "video" => Some(Self::Video),
            _ => None,
        }
    }
}
