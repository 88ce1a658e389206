//! What a file is called: cleaned, so that no name leads anywhere or turns the reading around. It says nothing of what a file is.

use unicode_normalization::UnicodeNormalization;

/// Bytes of a name, as file systems have it.
const BYTES: usize = 255;
/// Bytes that an ending is given where a name is too long.
const ENDING: usize = 16;
/// What a file is called of whose name nothing is left.
const NAMELESS: &str = "file";

/// The last part of a path, without what cannot be seen, at most 255 bytes of it.
pub fn cleaned(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.nfc().filter(|c| !is_unseen(*c)).collect();
    // Windows drops such ends, and a name that begins with a dot is hidden elsewhere.
    let name = seen.trim().trim_end_matches(['.', ' ']).trim_start_matches(['.', ' ']);
    match name {
        "" => NAMELESS.to_owned(),
        name if name.len() <= BYTES => name.to_owned(),
        name => shortened(name),
    }
}

/// Control characters, and those that turn the reading around or have no width (a joiner belongs to emoji and to Indic scripts).
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The beginning and the ending, by which people and programs know the kind.
fn shortened(name: &str) -> String {
    let ending = name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.len() <= ENDING).unwrap_or_default();
    let stem = &name[..name.floor_char_boundary(BYTES - ending.len())];
    format!("{stem}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_and_has_nothing_that_cannot_be_seen() {
        for (name, clean) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("D:\\Windows\\system32\\cmd.exe", "cmd.exe"),
            ("a\u{0}b\r\nc\u{1b}.txt", "abc.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("  报告 (1).docx. ", "报告 (1).docx"),
            (".htaccess", "htaccess"),
            ("..", "file"),
            ("a/..", "file"),
            ("", "file"),
            ("\u{200b}\u{feff}", "file"),
            ("e\u{301}.png", "é.png"),
        ] {
            assert_eq!(cleaned(name), clean, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending_and_whole_characters() {
        let long = cleaned(&format!("{}.jpeg", "字".repeat(200)));
        assert!(long.len() <= BYTES && long.len() > BYTES - 4 && long.ends_with("字.jpeg"), "{long}");
        assert_eq!(cleaned(&"x".repeat(300)).len(), BYTES);
        assert_eq!(cleaned(&format!("x.{}", "y".repeat(300))).len(), BYTES);
    }
}
