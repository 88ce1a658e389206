//! Reads JSON objects and queries that clients filled in, and says what is wrong with which field, in sentences. Not a codec of
//! its own: serde reads, and what it refuses is read once more to learn why.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

use crate::{DecodeError, Sentence};

/// Reads a JSON object; `null` is as good as absent.
pub fn read_object<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    // serde would take a list for a struct, too.
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    if is_object && let Ok(read) = serde_json::from_slice(bytes) {
        return Ok(read);
    }
    let Object(mut fields) = serde_json::from_slice(bytes).map_err(|error| not_an_object(&error))?;
    fields.retain(|_, value| !value.is_null());
    read_fields(fields, false)
}

/// Reads the pairs of a query; where a name comes twice the last one counts.
pub fn read_query<'a, T: Deserialize<'a>>(pairs: impl IntoIterator<Item = (String, String)>) -> Result<T, DecodeError> {
    read_fields(pairs.into_iter().map(|(name, text)| (name, Value::String(text))).collect(), true)
}

fn not_an_object(error: &serde_json::Error) -> DecodeError {
    DecodeError::malformed(if error.is_data() {
        Sentence::NotAnObject
    } else {
        Sentence::NotJson { line: error.line(), column: error.column() }
    })
}

/// An object whose fields are each named once.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Object, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = entries.next_entry()? {
                    if fields.insert(name, value).is_some() {
                        return Err(de::Error::custom("a field twice"));
                    }
                }
                Ok(Object(fields))
            }
        }

        from.deserialize_map(Once)
    }
}

/// Reads the fields. A faulty one is noted and gets a value that fits, so that the next reading finds the next fault.
fn read_fields<'a, T: Deserialize<'a>>(mut fields: Map<String, Value>, is_query: bool) -> Result<T, DecodeError> {
    let mut faults = BTreeMap::new();
    loop {
        let Fault { field, kind } = match T::deserialize(Node { value: Value::Object(fields.clone()), is_query }) {
            Ok(read) if faults.is_empty() => return Ok(read),
            Ok(_) => return Err(DecodeError::invalid(faults)),
            Err(fault) => fault,
        };
        let Some(field) = field else {
            let invalid = DecodeError::invalid(BTreeMap::new());
            return Err(match kind {
                Kind::NotKept(_) => DecodeError { message: Some(kind.sentence()), ..invalid },
                kind => DecodeError::malformed(kind.sentence()),
            });
        };
        faults.entry(field).or_insert_with(|| vec![kind.sentence()]);
        let stand_in = kind.stand_in();
        if fields.insert(field.to_owned(), stand_in.clone()) == Some(stand_in) {
            return Err(DecodeError::invalid(faults));
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug)]
enum Kind {
    /// The field itself: it would be lost without a word.
    NotKept(String),
    Missing,
    NoText,
    NoNumber,
    NoFlag,
    NoList,
    NoObject,
    NoneOf(&'static [&'static str]),
    Impossible,
}

impl Kind {
    fn sentence(&self) -> Sentence {
        match self {
            Self::NotKept(field) => Sentence::NotKept { field: field.clone() },
            Self::Missing => Sentence::Missing,
            Self::NoText => Sentence::NoText,
            Self::NoNumber => Sentence::NoNumber,
            Self::NoFlag => Sentence::NoFlag,
            Self::NoList => Sentence::NoList,
            Self::NoObject => Sentence::NoObject,
            Self::NoneOf(words) => Sentence::OneOf { choices: words.join(", ") },
            Self::Impossible => Sentence::Impossible,
        }
    }

    fn stand_in(&self) -> Value {
        match self {
            Self::NotKept(_) => Value::Null,
            Self::Missing | Self::NoText | Self::Impossible => Value::String(String::new()),
            Self::NoNumber => 0.into(),
            Self::NoFlag => false.into(),
            Self::NoList => Value::Array(Vec::new()),
            Self::NoObject => Value::Object(Map::new()),
            Self::NoneOf(words) => words.first().copied().into(),
        }
    }
}

/// The first thing that is wrong, and with which field.
#[derive(Debug)]
struct Fault {
    field: Option<&'static str>,
    kind: Kind,
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self { field: None, kind }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.sentence().fmt(f)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Kind::Impossible.into()
    }

    fn missing_field(field: &'static str) -> Self {
        Self { field: Some(field), kind: Kind::Missing }
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Kind::NotKept(field.to_owned()).into()
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Kind::NoneOf(expected).into()
    }
}

/// A value that refuses in our own words: it knows what it was asked for. In a query everything is text.
struct Node {
    value: Value,
    is_query: bool,
}

impl Node {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number = match self.value {
            Value::Number(number) => Some(number),
            Value::String(text) if self.is_query => text.parse().ok(),
            _ => None,
        };
        let read = match number.as_ref().map(|number| (number.as_i64(), number.as_u64())) {
            Some((Some(number), _)) => visitor.visit_i64(number),
            Some((None, Some(number))) => visitor.visit_u64(number),
            _ => return Err(Kind::NoNumber.into()),
        };
        read.map_err(|_: Fault| Kind::NoNumber.into())
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Array(values) = self.value else { return Err(Kind::NoList.into()) };
        let nodes = values.into_iter().map(|value| Self { value, is_query: self.is_query });
        visitor.visit_seq(SeqDeserializer::new(nodes)).map_err(|_: Fault| Kind::NoList.into())
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(Kind::NoText.into()),
        }
    }
}

impl<'de> IntoDeserializer<'de, Fault> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! ask {
    ($($method:ident => $answer:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.$answer(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Node {
    type Error = Fault;

    ask! {
        deserialize_i8 => number,
        deserialize_i16 => number,
        deserialize_i32 => number,
        deserialize_i64 => number,
        deserialize_u8 => number,
        deserialize_u16 => number,
        deserialize_u32 => number,
        deserialize_u64 => number,
        deserialize_str => text,
        deserialize_string => text,
        deserialize_seq => list,
    }

    forward_to_deserialize_any! { i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.value.deserialize_any(visitor).map_err(|_| Kind::Impossible.into())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Bool(flag) => visitor.visit_bool(flag),
            Value::String(text) if self.is_query && matches!(&*text, "true" | "false") => {
                visitor.visit_bool(text == "true")
            }
            _ => Err(Kind::NoFlag.into()),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Object(entries) = self.value else { return Err(Kind::NoObject.into()) };
        // Keys of JSON are text, whatever they mean.
        let key = |name| Self { value: Value::String(name), is_query: true };
        let entries = entries.into_iter().map(|(name, value)| (key(name), Self { value, is_query: self.is_query }));
        visitor.visit_map(MapDeserializer::new(entries)).map_err(|_: Fault| Kind::NoObject.into())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Value::Object(entries) = self.value else { return Err(Kind::NoObject.into()) };
        visitor.visit_map(Fields { known, entries: entries.into_iter(), is_query: self.is_query, next: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.value {
            Value::String(word) => visitor.visit_enum(word.into_deserializer()),
            _ => Err(Kind::NoneOf(words).into()),
        }
    }
}

/// The fields of a struct; puts the name of the field on what is wrong with its value.
struct Fields {
    known: &'static [&'static str],
    entries: serde_json::map::IntoIter,
    is_query: bool,
    next: Option<(Option<&'static str>, Value)>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        self.next = Some((self.known.iter().copied().find(|known| *known == name), value));
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((field, value)) = self.next.take() else { return Err(Kind::Impossible.into()) };
        let read = seed.deserialize(Node { value, is_query: self.is_query });
        read.map_err(|fault: Fault| Fault { field: field.or(fault.field), kind: fault.kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Form {
        name: String,
        age: i64,
        #[serde(default)]
        note: String,
        #[serde(default)]
        is_public: bool,
        #[serde(default)]
        role: Option<crate::Role>,
        #[serde(default)]
        ids: Vec<i64>,
        #[serde(default)]
        rooms: BTreeMap<i64, i64>,
    }

    fn read(json: &str) -> Result<Form, DecodeError> {
        read_object(json.as_bytes())
    }

    /// Field and sentence of each fault.
    fn faults(json: &str) -> Vec<(&'static str, String)> {
        let error = read(json).expect_err("refused");
        assert_eq!(error.code, ErrorCode::Invalid, "{json}: {error}");
        error.fields.into_iter().map(|(field, sentences)| (field, sentences[0].to_string())).collect()
    }

    #[test]
    fn every_faulty_field_is_named_in_a_sentence() {
        let told = faults(r#"{"age":"x","is_public":1,"role":"king","ids":[1,"x"],"rooms":{"one":1},"note":{}}"#);
        let expected = [
            ("age", "This must be a whole number."),
            ("ids", "This must be a list of whole numbers."),
            ("is_public", "This must be true or false."),
            ("name", "This is missing."),
            ("note", "This must be text."),
            ("role", "Choose one of: member, admin, owner."),
            ("rooms", "This must be an object of whole numbers, such as {\"1\": 152}."),
        ];
        assert_eq!(told, expected.map(|(field, sentence)| (field, sentence.to_owned())));
        for number in ["1.5", "1e300", "99999999999999999999", "true", "[]"] {
            assert_eq!(faults(&format!(r#"{{"name":"x","age":{number}}}"#))[0].0, "age", "{number}");
        }
        assert_eq!(faults("{}").len(), 2);
    }

    #[test]
    fn null_is_as_good_as_absent() {
        let form = read(r#"{"name":"x","age":1,"note":null,"is_public":null,"role":null,"ids":null,"rooms":null}"#);
        assert_eq!(form.expect("reads"), read(r#"{"name":"x","age":1}"#).expect("reads"));
        assert_eq!(faults(r#"{"name":null,"age":1}"#), [("name", "This is missing.".to_owned())]);
    }

    #[test]
    fn only_one_json_object_is_an_object() {
        for json in ["", "{", "[]", r#"["x",1]"#, "null", "7", "\"x\"", r#"{"name":"a","name":"b","age":1}"#, "{} {}"] {
            let error = read(json).expect_err("refused");
            assert_eq!((error.code, error.fields.len()), (ErrorCode::Malformed, 0), "{json}");
            let told = error.to_string();
            assert!(told.ends_with('.') && !told.contains("expected"), "{json}: {told}");
        }
    }

    #[test]
    fn a_query_is_text_that_means_something() {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>()
        };
        let form: Form =
            read_query(pairs(&[("name", "7"), ("age", "7"), ("is_public", "true"), ("role", "owner")])).expect("reads");
        assert_eq!((&*form.name, form.age, form.is_public, form.role), ("7", 7, true, Some(crate::Role::Owner)));
        let error = read_query::<Form>(pairs(&[("name", "x"), ("age", "x")])).expect_err("refused");
        assert_eq!(error.fields.keys().collect::<Vec<_>>(), [&"age"]);
    }
}
