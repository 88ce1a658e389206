//! Where the options come from: defaults, then the settings file, then the environment, then the flags. What an option means
//! is not known here.

use std::{
    collections::HashMap,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use config::{File, FileFormat, Source, Value, ValueKind};

use super::{
    Config, Raw, Section,
    environment::{self, Meant, meant},
    nearest::nearest,
};

/// Everything that was wrong with the options, each in a sentence.
#[derive(Debug, Default)]
pub struct SettingFaults(pub Vec<String>);

impl fmt::Display for SettingFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

impl std::error::Error for SettingFaults {}

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that was asked for.
    pub file: Option<PathBuf>,
    /// Files that are used where none was asked for: the first that exists.
    pub search: Vec<PathBuf>,
    /// All of the environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Dotted key and value.
    pub flags: Vec<(String, String)>,
}

/// One value on its way to its option.
struct Entry {
    key: String,
    /// `None` where the file has a key without a value.
    raw: Option<Raw>,
    origin: String,
}

impl Sources {
    /// The usual places.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<(String, String)>) -> Self {
        let environment: Vec<_> = std::env::vars_os().collect();
        let mut named = environment.iter().filter(|(name, path)| name == environment::FILE && !path.is_empty());
        let file = file.or_else(|| named.next().map(|(_, path)| path.into()));
        let search = ["chinwag.toml", "chinwag.yaml", "/etc/chinwag/chinwag.toml", "/etc/chinwag/chinwag.yaml"];
        Self { file, search: search.map(PathBuf::from).to_vec(), environment, flags }
    }

    /// The settings file in use.
    pub fn chosen_file(&self) -> Option<&Path> {
        self.file.as_deref().or_else(|| self.search.iter().map(PathBuf::as_path).find(|path| path.exists()))
    }

    /// What stops no start, but may have been meant for this server.
    pub fn warnings(&self) -> Option<String> {
        environment::strangers(&self.environment)
    }

    fn entries(&self, faults: &mut Vec<String>) -> Vec<Entry> {
        let mut entries = Vec::new();
        if let Some(path) = self.chosen_file() {
            match read_file(path) {
                Ok(values) => flatten("", values, &path.display().to_string(), &mut entries),
                Err(fault) => faults.push(fault),
            }
        }
        for (name, value) in &self.environment {
            // A variable that a script leaves empty is how most say that it is not set.
            let Some(name) = name.to_str().filter(|_| !value.is_empty()) else { continue };
            let origin = format!("the environment variable {name}");
            let key = match meant(name) {
                Meant::Option(key) => key,
                Meant::Nearly(right) => {
                    faults.push(format!("{origin} is no setting; did you mean {right}?"));
                    continue;
                }
                Meant::Stranger | Meant::NotOurs => continue,
            };
            match value.to_str() {
                Some(value) => entries.push(Entry { key, raw: Some(Raw::One(value.into())), origin }),
                None => faults.push(format!("{origin} is not UTF-8")),
            }
        }
        entries.extend(self.flags.iter().map(|(key, value)| Entry {
            key: key.clone(),
            raw: Some(Raw::One(value.clone())),
            origin: format!("the flag --{}", key.replace('_', "-")),
        }));
        entries
    }
}

impl Config {
    /// Reads all sources and checks the result; says everything that is wrong at once.
    pub fn load(sources: &Sources) -> Result<Self, SettingFaults> {
        let mut config = Self::default();
        let mut faults = Vec::new();
        for Entry { key, raw, origin } in sources.entries(&mut faults) {
            let Some(raw) = raw else {
                faults.push(format!("`{key}` in {origin} has no value: give it one, or take the line out"));
                continue;
            };
            match Section::set(&mut config, &key, &raw) {
                Some(Ok(())) => {}
                Some(Err(expected)) => {
                    faults.push(format!("`{key}` in {origin} is {}: expected {expected}", Shown(&raw)))
                }
                None => faults.push(unknown(&key, &origin)),
            }
        }
        faults.extend(config.faults());
        if faults.is_empty() { Ok(config) } else { Err(SettingFaults(faults)) }
    }
}

/// A value in a message, cut where it is long.
struct Shown<'a>(&'a Raw);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Raw::Bare(text) => write!(f, "{text}"),
            Raw::One(text) => write!(f, "{:?}", text.chars().take(60).collect::<String>()),
            Raw::Many(texts) => write!(f, "a list of {}", texts.len()),
        }
    }
}

fn read_file(path: &Path) -> Result<HashMap<String, Value>, String> {
    let format = match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => FileFormat::Toml,
        Some("yaml" | "yml") => FileFormat::Yaml,
        _ => return Err(format!("the settings file {} must end in .toml or .yaml", path.display())),
    };
    let bytes = std::fs::read(path).map_err(|e| format!("the settings file {} cannot be read: {e}", path.display()))?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| format!("the settings file {} is not UTF-8: save it in that encoding", path.display()))?;
    // The byte-order mark that some editors put before UTF-8 belongs to no key.
    File::from_str(text.trim_start_matches('\u{feff}'), format)
        .collect()
        .map(|values| values.into_iter().collect())
        .map_err(|e| {
            format!(
                "the settings file {} is not {}: {e}",
                path.display(),
                if format == FileFormat::Toml { "TOML" } else { "YAML" }
            )
        })
}

fn flatten(prefix: &str, values: impl IntoIterator<Item = (String, Value)>, origin: &str, entries: &mut Vec<Entry>) {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, value) in values {
        let key = format!("{prefix}{name}");
        let raw = match value.kind {
            ValueKind::Table(table) => {
                flatten(&format!("{key}."), table, origin, entries);
                continue;
            }
            ValueKind::Array(values) => {
                Some(Raw::Many(values.iter().map(|value| value.clone().into_string().unwrap_or_default()).collect()))
            }
            ValueKind::Nil => None,
            ValueKind::String(text) => Some(Raw::One(text)),
            _ => value.into_string().ok().map(Raw::Bare),
        };
        entries.push(Entry { key, raw, origin: origin.into() });
    }
}

fn unknown(key: &str, origin: &str) -> String {
    match nearest(key) {
        Some(name) => format!("there is no option `{key}` ({origin}); did you mean `{name}`?"),
        None => format!("there is no option `{key}` ({origin}); `chinwag config print` shows all there are"),
    }
}
