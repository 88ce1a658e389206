//! Compiles `chinwag.proto` and `nouns.proto` into Rust types that speak both encodings, and `nodes.proto`, which has protobuf alone. Not a place for wire
//! decisions: those stand in the .proto files; here is only how the types of the first are dressed for serde and OpenAPI.

use prost_build::Config;
use protox::prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, field_descriptor_proto::Type};

/// `int64` milliseconds in protobuf, RFC 3339 in JSON.
const TIMES: [&str; 7] =
    ["timestamp", "created_at", "updated_at", "joined_at", "edited_at", "recalled_at", "last_seen"];

/// Absent in Rust, `null` in JSON: clients of GoChat look for it.
const NULLS: [&str; 1] = ["User.last_seen"];

/// Left out of JSON where they are empty, as almost everywhere.
const SELDOM: [&str; 2] = ["SendText.attachments", "TextPosted.attachments"];

/// Messages keep it as JSON: what a later version adds may be missing.
const KEPT: &str = "Attachment";

/// The envelopes: protobuf needs them, JSON does not see them.
const FRAMES: [&str; 2] = ["ClientFrame", "ServerFrame"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=chinwag.proto");
    println!("cargo:rerun-if-changed=nouns.proto");
    let descriptors = protox::compile(["chinwag.proto"], ["."])?;
    let files = || descriptors.file.iter().filter(|file| file.package() == "chinwag.v1");
    let asked = files()
        .flat_map(|file| &file.message_type)
        .find(|message| message.name() == "ClientFrame")
        .map(|frame| frame.field.iter().map(|field| leaf(field.type_name()).to_owned()).collect::<Vec<_>>())
        .ok_or("no ClientFrame")?;

    let mut build = Config::new();
    build.btree_map(["."]);
    build.enum_attribute(".", "#[derive(serde::Serialize, utoipa::ToSchema)]");
    for frame in FRAMES {
        build.enum_attribute(
            format!("{frame}.frame"),
            format!("#[serde(tag = \"type\", rename_all = \"snake_case\")] #[schema(as = {frame})]"),
        );
    }
    build.enum_attribute(
        "ServerFrame.frame",
        "#[expect(clippy::large_enum_variant, reason = \"events live for one encoding; boxing them would cost more\")]",
    );
    for enumeration in files().flat_map(|file| &file.enum_type) {
        build.enum_attribute(enumeration.name(), "#[derive(serde::Deserialize)] #[serde(rename_all = \"snake_case\")]");
    }
    let messages = files().flat_map(|file| &file.message_type);
    for message in messages.filter(|message| !FRAMES.contains(&message.name())) {
        build.message_attribute(message.name(), "#[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]");
        let may_lack = message.name() == KEPT || asked.iter().any(|name| name == message.name());
        if may_lack {
            build.message_attribute(message.name(), "#[serde(default)]");
        }
        dress(&mut build, message, may_lack);
    }
    build.field_attribute("SendText.attachments", "#[serde(deserialize_with = \"crate::json::file_ids\")]");
    // Protobuf has no lists as values of a map; JSON needs no name between the two.
    build.message_attribute("Sentences", "#[serde(transparent)]");
    build.field_attribute("Details.fields", "#[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]");
    for drawn in ["User.avatar_url", "Room.avatar_url"] {
        build.field_attribute(drawn, "#[schema(required = false)]");
    }
    build.compile_fds(descriptors)?;
    println!("cargo:rerun-if-changed=nodes.proto");
    Config::new().bytes(["."]).compile_fds(protox::compile(["nodes.proto"], ["."])?)?;
    Ok(())
}

/// Puts the serde and schema attributes on each field of a message.
fn dress(build: &mut Config, message: &DescriptorProto, may_lack: bool) {
    for field in &message.field {
        let path = format!("{}.{}", message.name(), field.name());
        let absent = field.proto3_optional() || (is_message(field) && !is_repeated(field));
        if let Some((codec, schema)) = codec(field) {
            let (codec, schema) =
                if absent { (format!("{codec}::optional"), format!("Option<{schema}>")) } else { (codec, schema) };
            build.field_attribute(&path, format!("#[serde(with = \"{codec}\")] #[schema(value_type = {schema})]"));
        }
        if SELDOM.contains(&path.as_str()) {
            let attributes = "#[serde(default, skip_serializing_if = \"Vec::is_empty\")] #[schema(required = false)]";
            build.field_attribute(&path, attributes);
        } else if NULLS.contains(&path.as_str()) {
            build.field_attribute(&path, "#[serde(default)]");
        } else if absent {
            build.field_attribute(&path, "#[serde(default, skip_serializing_if = \"Option::is_none\")]");
        } else if may_lack {
            build.field_attribute(&path, "#[schema(required = true)]");
        }
    }
}

/// The module that writes this field's JSON, and the type its schema shows, where it is not serde's own.
fn codec(field: &FieldDescriptorProto) -> Option<(String, String)> {
    if field.r#type() == Type::Enum {
        let name = leaf(field.type_name());
        return Some((format!("crate::json::{}", snake(name)), name.to_owned()));
    }
    TIMES.contains(&field.name()).then(|| ("crate::json::time".to_owned(), "crate::json::Time".to_owned()))
}

fn is_message(field: &FieldDescriptorProto) -> bool {
    field.r#type() == Type::Message
}

fn is_repeated(field: &FieldDescriptorProto) -> bool {
    field.label() == protox::prost_reflect::prost_types::field_descriptor_proto::Label::Repeated
}

fn leaf(type_name: &str) -> &str {
    type_name.rsplit('.').next().unwrap_or(type_name)
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.char_indices() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
