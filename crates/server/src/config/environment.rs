//! Which variables of the environment are options, and which only look like one. What an option means is not known here.

use std::ffi::OsString;

use super::{Config, nearest::nearest, page::variable};

/// What an environment variable for a key begins with.
const PREFIX: &str = "CHINWAG__";
/// What all variables begin with that somebody may have meant for us.
const OURS: &str = "CHINWAG_";
/// Names the settings file.
pub(super) const FILE: &str = "CHINWAG_CONFIG";
/// What builds, tests and scripts around the server read.
const OTHERS: [&str; 8] = [
    FILE,
    "CHINWAG_BACKEND",
    "CHINWAG_BIN",
    "CHINWAG_FAILPOINT",
    "CHINWAG_PANIC",
    "CHINWAG_SLOW",
    "CHINWAG_URL",
    "CHINWAG_WEB_DIST",
];

/// What a variable is to the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// An option, by its dotted key; whether there is such a key is not known here.
    Option(String),
    /// Nearly an option: the one that was probably meant, as a variable.
    Nearly(String),
    /// It has our name and says nothing to us. Kubernetes makes such ones for a service called `chinwag`, so they stop no start.
    Stranger,
    NotOurs,
}

pub(super) fn meant(name: &str) -> Meant {
    if let Some(key) = name.strip_prefix(PREFIX) {
        return Meant::Option(key.replace("__", ".").to_ascii_lowercase());
    }
    let capitals = name.to_ascii_uppercase();
    let Some(rest) = capitals.strip_prefix(OURS) else { return Meant::NotOurs };
    if OTHERS.contains(&name) {
        return Meant::NotOurs;
    }
    let key = rest.trim_start_matches('_').replace("__", ".").to_ascii_lowercase();
    let as_variable = |near: String| Config::keys().iter().find(|key| key.name == near).map(variable);
    nearest(&key).and_then(as_variable).map_or(Meant::Stranger, Meant::Nearly)
}

/// One sentence about all that have our name and say nothing to us.
pub(super) fn strangers(environment: &[(OsString, OsString)]) -> Option<String> {
    let names = environment.iter().filter_map(|(name, _)| name.to_str());
    let mut names: Vec<&str> = names.filter(|name| meant(name) == Meant::Stranger).collect();
    names.sort_unstable();
    let words = match names[..] {
        [] => return None,
        [name] => format!("The environment variable {name} is no setting and is ignored"),
        _ => format!("The environment variables {} are no settings and are ignored", names.join(", ")),
    };
    Some(format!(
        "{words}: a setting begins with {PREFIX}, with two underscores, and `chinwag config print` shows all."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_with_one_underscore_is_nearly_it() {
        for key in Config::keys() {
            let right = variable(&key);
            assert_eq!(meant(&right), Meant::Option(key.name.clone()), "{right}");
            for wrong in [right.replace("__", "_"), right.to_ascii_lowercase()] {
                assert_eq!(meant(&wrong), Meant::Nearly(right.clone()), "{wrong}");
            }
        }
    }

    /// For a service called `chinwag` Kubernetes puts these into every container beside it.
    #[test]
    fn what_kubernetes_says_of_its_services_stops_no_start() {
        for name in [
            "CHINWAG_PORT",
            "CHINWAG_PORT_8080_TCP",
            "CHINWAG_PORT_8080_TCP_ADDR",
            "CHINWAG_PORT_8080_TCP_PORT",
            "CHINWAG_PORT_8080_TCP_PROTO",
            "CHINWAG_SERVICE_HOST",
            "CHINWAG_SERVICE_PORT",
            "CHINWAG_SERVICE_PORT_HTTP",
            "CHINWAG_DB_SERVICE_HOST",
        ] {
            assert_eq!(meant(name), Meant::Stranger, "{name}");
        }
    }

    #[test]
    fn what_others_read_is_not_ours() {
        for name in ["HOME", "CHINWAGGER", "MY_CHINWAG__NAME"].into_iter().chain(OTHERS) {
            assert_eq!(meant(name), Meant::NotOurs, "{name}");
        }
    }
}
