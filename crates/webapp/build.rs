//! Builds the web client with npm and lists its files for embedding. It never writes into the source tree, except for
//! `web/node_modules`, which git ignores.
#![expect(clippy::disallowed_methods, reason = "a build script is configured by its environment alone")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

/// What the bundle is made of, below `web/`. Only what exists is named to Cargo: a missing path would rebuild every time.
const SOURCES: &[&str] = &["src", "public", "package.json", "package-lock.json"];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            println!("cargo::error={sentence}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CHINWAG_WEB_DIST");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?);
    let bundle = match env::var_os("CHINWAG_WEB_DIST") {
        Some(dir) => prebuilt(Path::new(&dir))?,
        None => build_with_npm(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web"), &out_dir.join("web"))?,
    };
    // `load_directory` would name the bundle in OUT_DIR as an input, which is newer than this run and so rebuilds for ever.
    let assets = memory_serve::assets_to_code("web", &bundle, &out_dir, true, |_| {});
    let manifest = format!("&[(\"default\", {assets})]");
    fs::write(out_dir.join("memory_serve_assets.rs"), manifest)
        .map_err(|e| format!("cannot list the web client: {e}"))?;
    let page = fs::read_to_string(bundle.join("index.html")).map_err(|e| format!("index.html cannot be read: {e}"))?;
    // Embedded once more, as it is: the server writes its own name into it.
    let app = fs::read_to_string(bundle.join("manifest.webmanifest"))
        .map_err(|e| format!("manifest.webmanifest cannot be read: {e}"))?;
    fs::write(out_dir.join("manifest.webmanifest"), app).map_err(|e| format!("cannot keep the manifest: {e}"))?;
    println!("cargo::rustc-env=CHINWAG_WEB_BUILD={}", build_word(&page).unwrap_or_default());
    Ok(())
}

/// What the page says of itself, put there by `web/scripts/build-word.ts`.
fn build_word(page: &str) -> Option<&str> {
    let (_, tag) = page.split_once("name=\"chinwag-build\"")?;
    let (_, content) = tag.split_once("content=\"")?;
    content.split_once('"').map(|(word, _)| word)
}

/// A bundle that somebody built before: no Node is needed.
fn prebuilt(dir: &Path) -> Result<PathBuf, String> {
    let dir = fs::canonicalize(dir).map_err(|e| {
        format!("CHINWAG_WEB_DIST={} cannot be opened: {e}. Name a directory with a built web client.", dir.display())
    })?;
    if !dir.join("index.html").is_file() {
        return Err(format!(
            "CHINWAG_WEB_DIST={} has no index.html. Name a directory with a built web client.",
            dir.display()
        ));
    }
    println!("cargo::rerun-if-changed={}", dir.display());
    Ok(dir)
}

fn build_with_npm(web: &Path, bundle: &Path) -> Result<PathBuf, String> {
    if !web.join("package.json").is_file() {
        return Err("web/package.json is missing: the checkout is incomplete. \
            (Set CHINWAG_WEB_DIST to embed a web client that is already built.)"
            .into());
    }
    name_sources(web)?;
    if !is_installed(web) {
        npm(web, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    }
    let out = bundle.to_str().ok_or("the target directory must have a UTF-8 path")?;
    npm(web, &["run", "build", "--", "--outDir", out, "--emptyOutDir"])?;
    if !bundle.join("index.html").is_file() {
        return Err("`npm run build` in web/ made no index.html".into());
    }
    Ok(bundle.to_path_buf())
}

fn name_sources(web: &Path) -> Result<(), String> {
    let is_config =
        |name: &str| name.starts_with("vite.config.") || name.starts_with("tsconfig") || name.ends_with(".html");
    let entries = fs::read_dir(web).map_err(|e| format!("web/ cannot be read: {e}"))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| SOURCES.contains(&name) || is_config(name)) {
            println!("cargo::rerun-if-changed={}", entry.path().display());
        }
    }
    Ok(())
}

/// npm leaves its own copy of the lock in `node_modules`: older than the lock file means that packages may be missing.
/// The stamp is shared by all profiles and by whoever installs by hand, so nobody's packages are wiped for nothing.
fn is_installed(web: &Path) -> bool {
    let changed = |path: &str| fs::metadata(web.join(path)).and_then(|meta| meta.modified());
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Ok(installed), Ok(locked)) => installed >= locked,
        _ => false,
    }
}

fn npm(web: &Path, arguments: &[&str]) -> Result<(), String> {
    let wanted = format!("`npm {}` in web/", arguments.join(" "));
    let output = Command::new("npm").args(arguments).current_dir(web).stdin(Stdio::null()).output().map_err(|e| {
        format!(
            "{wanted} did not start ({e}): building the web client needs Node.js 20 or newer with npm. Install it, or set \
             CHINWAG_WEB_DIST to a directory with a web client that is already built."
        )
    })?;
    if output.status.success() {
        return Ok(());
    }
    // One line per directive: Cargo shows each.
    for line in [output.stdout, output.stderr]
        .iter()
        .flat_map(|text| String::from_utf8_lossy(text).lines().map(str::to_owned).collect::<Vec<_>>())
    {
        println!("cargo::warning={line}");
    }
    Err(format!("{wanted} failed ({}); what it said stands above.", output.status))
}
