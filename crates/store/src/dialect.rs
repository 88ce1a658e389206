//! SQL as all engines take it, but for a few words: those are each engine's own (`engine/`). No queries, no connections.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

/// Ids that one statement asks for.
pub(crate) const ROWS: usize = 64;

/// No text that is kept has this, nor any other character that only controls; PostgreSQL refuses to look for it.
pub(crate) const NOWHERE: char = '\0';

/// A statement with `?` for its values, whatever the engine writes for them.
pub(crate) fn statement(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let backend = db.get_database_backend();
    match backend {
        DbBackend::Postgres => Statement::from_sql_and_values(backend, numbered(sql), values),
        _ => Statement::from_sql_and_values(backend, sql, values),
    }
}

/// The same with `$1`, `$2` and so on for `?`. No statement of ours has a question mark in a text.
fn numbered(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    for (at, part) in sql.split('?').enumerate() {
        if at > 0 {
            text.push('$');
            text.push_str(&at.to_string());
        }
        text.push_str(part);
    }
    text
}

/// `n` times `item`, with commas.
pub(crate) fn repeat(item: &str, n: usize) -> String {
    let mut text = String::with_capacity((item.len() + 1) * n);
    for i in 0..n {
        if i > 0 {
            text.push(',');
        }
        text.push_str(item);
    }
    text
}

/// A pattern for `LIKE … ESCAPE '!'` that finds the text anywhere.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        match c {
            '%' | '_' | '!' => pattern.extend(['!', c]),
            NOWHERE => pattern.push('\u{1}'),
            c => pattern.push(c),
        }
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_pattern_has_no_wild_cards_of_its_own() {
        assert_eq!(contains("50%_!"), "%50!%!_!!%");
    }

    #[test]
    fn values_are_numbered_in_their_order() {
        assert_eq!(numbered("a = ? AND b IN (?,?) LIMIT ?"), "a = $1 AND b IN ($2,$3) LIMIT $4");
    }
}
