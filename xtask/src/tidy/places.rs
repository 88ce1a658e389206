//! What must not stand in a repository that other people clone: paths and registries of one machine, and big files.

use super::tree::{Source, Tree};

const LARGEST_FILE: usize = 600 * 1000;

pub fn machine_paths(tree: &Tree) -> Vec<String> {
    const PREFIXES: [&str; 5] = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/Us", "ers/"),
        concat!("/ho", "me/"),
        concat!("C:", "\\"),
    ];
    let find = |file: &Source| {
        let wrong = |line: &str| PREFIXES.iter().any(|prefix| starts_a_path(line, prefix));
        file.lines()
            .filter(|(_, line)| wrong(line))
            .map(|(line, _)| file.at(line, "a machine's path"))
            .collect::<Vec<_>>()
    };
    tree.files.iter().flat_map(find).collect()
}

pub fn registries(tree: &Tree) -> Vec<String> {
    const HOSTS: [&str; 5] = [
        concat!("registry.", "npm"),
        concat!("static.", "crates.io"),
        concat!("index.", "crates.io"),
        concat!("registry.", "yarn"),
        concat!("npm", "mirror"),
    ];
    const OFFICIAL: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let wrong = |file: &Source, line: &str| {
        let line = line.trim();
        HOSTS.iter().any(|host| line.contains(host))
            || (file.path.ends_with("package-lock.json")
                && line.starts_with(concat!("\"reso", "lved\""))
                && line.contains("://"))
            || (file.path.ends_with("Cargo.lock") && line.starts_with("source = ") && line != OFFICIAL)
    };
    let find = |file: &Source| {
        file.lines()
            .filter(|(_, line)| wrong(file, line))
            .map(|(line, _)| file.at(line, "names a registry"))
            .collect::<Vec<_>>()
    };
    tree.files.iter().flat_map(find).collect()
}

pub fn size(tree: &Tree) -> Vec<String> {
    let big = tree.files.iter().filter(|file| file.bytes > LARGEST_FILE);
    big.map(|file| format!("{}: {} kB", file.path, file.bytes / 1000)).collect()
}

/// Whether `prefix` begins a path here, and not the middle of a longer one such as an address.
fn starts_a_path(line: &str, prefix: &str) -> bool {
    line.match_indices(prefix).any(|(at, _)| {
        !line[..at].ends_with(|c: char| {
            c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*' | '}' | '/' | '~' | '$' | ')')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(rule: fn(&Tree) -> Vec<String>, path: &str, text: &str) -> usize {
        rule(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_path_of_one_machine_is_red() {
        assert_eq!(finds(machine_paths, "a.md", concat!("see /wo", "rk/main/x")), 1);
        assert_eq!(finds(machine_paths, "a.md", concat!("cd /ho", "me/ann/chinwag")), 1);
        assert_eq!(finds(machine_paths, "a.md", concat!("https://example.org/wo", "rk/x")), 0);
    }

    #[test]
    fn a_registry_is_red() {
        assert_eq!(
            finds(registries, "web/package-lock.json", concat!("  \"reso", "lved\": \"https://a.example/b.tgz\",")),
            1
        );
        assert_eq!(finds(registries, "Cargo.lock", "source = \"registry+https://mirror.example/index\""), 1);
        assert_eq!(finds(registries, ".npmrc", concat!("registry=https://registry.", "npmjs.org/")), 1);
        assert_eq!(
            finds(registries, "Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\""),
            0
        );
    }

    #[test]
    fn a_big_file_is_red() {
        assert_eq!(finds(size, "a.png", &"x".repeat(600_001)), 1);
        assert_eq!(finds(size, "a.png", "x"), 0);
    }
}
