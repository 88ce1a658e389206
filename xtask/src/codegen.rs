//! The files that programs write and git keeps: how each is made, and whether the committed one is what would be made now.
//! It knows the generators, not their output.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{command, say};

/// A generated file: `words`, run in `directory`, print it.
struct Generated {
    path: &'static str,
    directory: &'static str,
    words: &'static [&'static str],
}

/// In order: the TypeScript types come from the OpenAPI document.
const FILES: [Generated; 3] = [
    Generated {
        path: "docs/openapi.json",
        directory: ".",
        words: &["cargo", "run", "--quiet", "--package", "chinwag-server", "--", "openapi"],
    },
    Generated {
        path: "docs/configuration.md",
        directory: ".",
        words: &["cargo", "run", "--quiet", "--package", "chinwag-server", "--", "config", "docs"],
    },
    Generated {
        path: "web/src/gen/api.ts",
        directory: "web",
        words: &[
            "npx",
            "--no-install",
            "openapi-typescript",
            "../docs/openapi.json",
            "--empty-objects-unknown",
            "--default-non-nullable=false",
        ],
    },
];

/// Writes them all. Always well, or an error.
pub fn write(root: &Path) -> Result<bool> {
    for file in &FILES {
        let fresh = make(root, file)?;
        let path = root.join(file.path);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == fresh) {
            say(&format!("same   {}", file.path));
        } else {
            fs::write(&path, fresh).with_context(|| format!("{} cannot be written", file.path))?;
            say(&format!("wrote  {}", file.path));
        }
    }
    Ok(true)
}

/// Says which committed files are not what their generators print; false when there is one.
pub fn check(root: &Path) -> Result<bool> {
    let mut stale = 0;
    for file in &FILES {
        let fresh = make(root, file)?;
        if fs::read_to_string(root.join(file.path)).is_ok_and(|committed| committed == fresh) {
            say(&format!("ok    {} is fresh", file.path));
        } else {
            stale += 1;
            say(&format!("RED   {} is stale: run `cargo xtask codegen`", file.path));
        }
    }
    say(&format!("codegen: {} passed, {stale} failed", FILES.len() - stale));
    Ok(stale == 0)
}

fn make(root: &Path, file: &Generated) -> Result<String> {
    let text = command::read(&mut command::program(&root.join(file.directory), file.words))?;
    Ok(text.trim_end().to_owned() + "\n")
}
