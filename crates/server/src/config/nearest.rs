//! Which key was probably meant by one that does not exist. It knows no sources.

use super::Config;

/// The key that was probably meant.
pub(super) fn nearest(key: &str) -> Option<String> {
    let nearest = Config::keys().into_iter().map(|known| (distance(key, &known.name), known.name)).min();
    nearest.filter(|(edits, name)| *edits <= 2 + name.len() / 3).map(|(_, name)| name)
}

/// How many letters must be put in, taken out or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
