//! What the machine must have before a suite can run: Debian packages and npm packages. It installs what is missing and
//! says what to do where it cannot.

use std::{
    fs::{self, File},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::{command, say};

#[derive(Clone, Copy)]
pub enum Needs {
    Nothing,
    /// Node and the packages of `web/`: the server embeds the built client.
    WebPackages,
    /// Chromium with fonts for every script the tests write, and the packages of `e2e/`.
    Browser,
    Curl,
    /// The same as `Servers`, and what a file system is shut down with.
    FileSystems,
    /// Kafka's own broker, and what it runs on.
    Kafka,
    /// The same as `WebPackages`, and the databases that the store is tested on and the buses between nodes.
    Servers,
}

const NODE: [&str; 2] = ["nodejs", "npm"];
const BROWSER: [&str; 3] = ["chromium", "fonts-noto-cjk", "fonts-noto-color-emoji"];
const CURL: [&str; 1] = ["curl"];
const FILE_SYSTEMS: [&str; 3] = ["xfsprogs", "e2fsprogs", "mount"];
const SERVERS: [&str; 6] =
    ["postgresql", "postgresql-client", "mariadb-server", "nats-server", "redis-server", "libfaketime"];
const JAVA: [&str; 2] = ["default-jre-headless", "maven"];
/// What Vite needs.
const NODE_MAJOR: u32 = 20;
/// Keeps the Debian tools from asking.
const QUIET: (&str, &str) = ("DEBIAN_FRONTEND", "noninteractive");

pub fn prepare(root: &Path, needs: Needs, log: &File) -> Result<()> {
    match needs {
        Needs::Nothing => Ok(()),
        Needs::Curl => install(&missing(&CURL, "curl"), log),
        Needs::WebPackages => {
            node(log)?;
            npm(root, "web", log)
        }
        Needs::FileSystems => {
            install(&missing(&FILE_SYSTEMS, "mount"), log)?;
            prepare(root, Needs::Servers, log)
        }
        Needs::Servers => {
            install(&missing(&SERVERS, "mariadb"), log)?;
            node(log)?;
            npm(root, "web", log)
        }
        Needs::Kafka => {
            if !runs("java") || !runs("mvn") {
                install(&missing(&JAVA, "java"), log)?;
            }
            kafka(root, log)
        }
        Needs::Browser => {
            node(log)?;
            install(&missing(&BROWSER, "chromium"), log)?;
            npm(root, "e2e", log)
        }
    }
}

/// Integration tests of all crates, without the end-to-end binary: it needs the server and has a suite of its own.
pub fn test_targets(root: &Path) -> Result<Vec<String>> {
    let words = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"];
    let metadata: Value = serde_json::from_str(&command::read(&mut command::program(root, &words))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let targets = packages.iter().filter_map(|package| package["targets"].as_array()).flatten();
    let tests = targets.filter(|target| target["kind"][0] == "test").filter_map(|target| target["name"].as_str());
    Ok(tests.filter(|name| *name != "it").map(str::to_owned).collect())
}

fn node(log: &File) -> Result<()> {
    if !runs("node") || !runs("npm") {
        install(&missing(&NODE, "node"), log)?;
    }
    let version = command::read(&mut command::program(Path::new("."), &["node", "--version"]))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= NODE_MAJOR),
        "The web client is built with Node {NODE_MAJOR} or newer, and this is {}. Install a newer one from nodejs.org.",
        version.trim()
    );
    Ok(())
}

/// Installs exactly what the lock file says, when it is not what was installed last time.
fn npm(root: &Path, directory: &str, log: &File) -> Result<()> {
    let place = root.join(directory);
    let lock = fs::read_to_string(place.join("package-lock.json"))
        .with_context(|| format!("{directory}/package-lock.json cannot be read"))?;
    let stamp = root.join(format!("target/xtask/{directory}-packages.lock"));
    if place.join("node_modules").is_dir() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let words = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    let finished = command::stream(&mut command::program(&place, &words), log)?;
    ensure!(finished.ok, "npm ci failed in {directory}/: is the network there?");
    fs::write(&stamp, lock).with_context(|| format!("{} cannot be written", stamp.display()))
}

/// From Maven Central, once.
fn kafka(root: &Path, log: &File) -> Result<()> {
    let place = root.join("target/xtask/kafka");
    if place.is_dir() {
        return Ok(());
    }
    let pom = root.join("crates/testdb/kafka/pom.xml");
    let coming = root.join("target/xtask/kafka.coming");
    let (pom, into) = (format!("--file={}", pom.display()), format!("-DoutputDirectory={}", coming.display()));
    let words = ["mvn", "--quiet", "--batch-mode", &pom, "dependency:copy-dependencies", &into];
    let finished = command::stream(&mut command::program(root, &words), log)?;
    ensure!(finished.ok, "Kafka did not come from Maven Central: is the network there?");
    fs::rename(&coming, &place).with_context(|| format!("{} cannot be written", place.display()))
}

/// Which of these Debian packages are not installed; where there is no dpkg, none when `command` is there.
fn missing<'a>(packages: &[&'a str], command: &str) -> Vec<&'a str> {
    let installed = |package: &str| {
        let words = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package];
        command::read(&mut command::program(Path::new("."), &words)).is_ok_and(|status| status == "installed")
    };
    if !runs("dpkg-query") && runs(command) {
        return Vec::new();
    }
    packages.iter().copied().filter(|package| !installed(package)).collect()
}

fn install(packages: &[&str], log: &File) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if !runs("apt-get") {
        bail!(
            "The tests need {list}. There is no apt here to install them with: install them by your system's own means."
        );
    }
    let user = command::read(&mut command::program(Path::new("."), &["id", "--user"]))?;
    if user.trim() != "0" {
        bail!("The tests need {list}. Run `sudo apt-get install --yes {list}` and start again.");
    }
    say(&format!("installing {list}"));
    let words = [&["apt-get", "install", "--yes", "--no-install-recommends"], packages].concat();
    let install = || {
        Ok::<_, anyhow::Error>(command::stream(command::program(Path::new("/"), &words).env(QUIET.0, QUIET.1), log)?.ok)
    };
    if install()? {
        return Ok(());
    }
    // A fresh machine has no package lists, or old ones.
    command::stream(&mut command::program(Path::new("/"), &["apt-get", "update"]), log)?;
    ensure!(install()?, "apt-get could not install {list}");
    Ok(())
}

fn runs(name: &str) -> bool {
    command::read(&mut command::program(Path::new("."), &[name, "--version"])).is_ok()
}
