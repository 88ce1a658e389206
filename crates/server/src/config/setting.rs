//! The kinds of value an option can have: how each is read from text and written as TOML. No option is named here.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use chinwag_api::Network;

/// A value as it came, before its option says what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    One(String),
    /// A number, `true` or `false`, which the file wrote without quotes.
    Bare(String),
    Many(Vec<String>),
}

/// A kind of value.
pub trait Setting: Sized {
    /// What one writes, for the reference page.
    const KIND: &'static str;
    /// Reads it, or says what was expected, to follow the word "expected".
    fn parse(text: &str) -> Result<Self, String>;
    /// As TOML; `None` where nothing is set.
    fn write(&self) -> Option<String>;

    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::One(text) | Raw::Bare(text) => Self::parse(text.trim()),
            Raw::Many(_) => Err("one value, not a list".into()),
        }
    }
}

/// JSON's strings are TOML's.
pub(super) fn quoted(text: &str) -> Option<String> {
    serde_json::to_string(text).ok()
}

impl<T: Setting> Setting for Option<T> {
    const KIND: &'static str = T::KIND;

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn write(&self) -> Option<String> {
        self.as_ref().and_then(T::write)
    }
}

impl<T: Setting> Setting for Vec<T> {
    const KIND: &'static str = "list";

    fn parse(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(entry).collect()
    }

    fn write(&self) -> Option<String> {
        Some(format!("[{}]", self.iter().filter_map(T::write).collect::<Vec<_>>().join(", ")))
    }

    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::One(text) | Raw::Bare(text) => Self::parse(text),
            Raw::Many(texts) => texts.iter().map(|text| entry(text.trim())).collect(),
        }
    }
}

/// One entry of a list; says which one was wrong.
fn entry<T: Setting>(text: &str) -> Result<T, String> {
    T::parse(text).map_err(|expected| format!("{expected} as each entry, not {text:?}"))
}

/// What only text can be: a number is a slip.
fn text<'a>(raw: &'a Raw, expected: &str) -> Result<&'a str, String> {
    match raw {
        Raw::One(text) => Ok(text.trim()),
        Raw::Bare(_) | Raw::Many(_) => Err(format!("{expected}, in quotes")),
    }
}

impl Setting for String {
    const KIND: &'static str = "text";

    fn read(raw: &Raw) -> Result<Self, String> {
        Self::parse(text(raw, "text")?)
    }

    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }

    fn write(&self) -> Option<String> {
        quoted(self)
    }
}

impl Setting for bool {
    const KIND: &'static str = "true or false";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "true or false".into())
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

macro_rules! count {
    ($($kind:ty),+) => { $(
        impl Setting for $kind {
            const KIND: &'static str = "number";

            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| "a whole number".into())
            }

            fn write(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+ };
}
count!(u32, usize);

impl Setting for PathBuf {
    const KIND: &'static str = "path";

    fn read(raw: &Raw) -> Result<Self, String> {
        Self::parse(text(raw, "a path")?)
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a path".into()) } else { Ok(text.into()) }
    }

    fn write(&self) -> Option<String> {
        quoted(&self.to_string_lossy())
    }
}

impl Setting for SocketAddr {
    const KIND: &'static str = "address";

    fn parse(text: &str) -> Result<Self, String> {
        let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
        match local {
            Some(port) => Ok(Self::from((Ipv4Addr::LOCALHOST, port))),
            None => text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:8080 or [::]:8080".into()),
        }
    }

    fn write(&self) -> Option<String> {
        quoted(&self.to_string())
    }
}

/// The units of time, longest first, with their length in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)];

impl Setting for Duration {
    const KIND: &'static str = "time";

    fn parse(text: &str) -> Result<Self, String> {
        let expected =
            || "a time such as \"10 s\", \"30 min\", \"1 h\" or \"30 d\" (a number alone is seconds)".to_owned();
        let (number, unit) = split_unit(text);
        let length = match unit {
            "" => 1000,
            unit => UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(expected)?.1,
        };
        let number: u64 = number.parse().map_err(|_| expected())?;
        Ok(Self::from_millis(number.checked_mul(length).ok_or_else(expected)?))
    }

    fn write(&self) -> Option<String> {
        let ms = u64::try_from(self.as_millis()).ok()?;
        let (unit, length) = UNITS.iter().find(|(_, length)| ms > 0 && ms.is_multiple_of(*length)).unwrap_or(&UNITS[3]);
        Some(format!("\"{} {unit}\"", ms / length))
    }
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// An amount of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub usize);

impl Bytes {
    pub const fn kib(n: usize) -> Self {
        Self(n * 1024)
    }

    pub const fn mib(n: usize) -> Self {
        Self(n * 1024 * 1024)
    }
}

impl Setting for Bytes {
    const KIND: &'static str = "size";

    fn parse(text: &str) -> Result<Self, String> {
        let expected = || "a size such as \"256 KiB\" or \"1 MiB\" (a number alone is bytes)".to_owned();
        let (number, unit) = split_unit(text);
        let factor = match unit {
            "" | "B" => 1,
            "KiB" => 1024,
            "MiB" => 1024 * 1024,
            "GiB" => 1024 * 1024 * 1024,
            _ => return Err(expected()),
        };
        let number: usize = number.parse().map_err(|_| expected())?;
        number.checked_mul(factor).map(Self).ok_or_else(expected)
    }

    fn write(&self) -> Option<String> {
        Some(format!("\"{self}\""))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n > 0 && n.is_multiple_of(1024 * 1024) => write!(f, "{} MiB", n / (1024 * 1024)),
            n if n > 0 && n.is_multiple_of(1024) => write!(f, "{} KiB", n / 1024),
            n => write!(f, "{n} B"),
        }
    }
}

/// Something that no log and no page may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl Setting for Secret {
    const KIND: &'static str = "text, secret";

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.into()))
    }

    fn write(&self) -> Option<String> {
        quoted("(hidden)")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Setting for Network {
    const KIND: &'static str = "network";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "an address such as 10.0.0.7, or a network such as 10.0.0.0/8".into())
    }

    fn write(&self) -> Option<String> {
        quoted(&self.to_string())
    }
}

macro_rules! choice {
    ($(#[$outer:meta])* $name:ident, $kind:literal, $($(#[$doc:meta])* $variant:ident = $word:literal),+) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl Setting for $name {
            const KIND: &'static str = $kind;

            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($kind.into()),
                }
            }

            fn write(&self) -> Option<String> {
                quoted(match self { $(Self::$variant => $word),+ })
            }
        }
    };
}

choice!(
    /// Who may make an account.
    Registration, "open or closed", Open = "open", Closed = "closed"
);
choice!(
    /// What a new password must be.
    PasswordPolicy, "auto, basic or strong", Auto = "auto", Basic = "basic", Strong = "strong"
);
choice!(
    /// Where files are kept.
    StorageKind, "disk or s3", Disk = "disk", S3 = "s3"
);
choice!(
    /// How log lines look.
    LogFormat, "pretty or json", Pretty = "pretty", Json = "json"
);
