//! Names and texts, letter by letter.

use super::*;

#[test]
fn names_of_any_script_are_welcome_and_look_alikes_are_not() {
    for name in [
        "user1",
        "小明",
        "José",
        "иван",
        "a",
        "x_y-z.1",
        "Νίκος",
        "محمد",
        "Éloïse",
        "김민수",
        "山田タロウ",
        "さくら",
        "नमिता",
        "श्रीकृष्ण",
        "প্রিয়াঙ্কা",
        "ਗੁਰਪ੍ਰੀਤ",
        "ப்ரியா",
        "వేంకటేశ్వర్లు",
        "ಶ್ರೀನಿವಾಸ್",
        "ലക്ഷ്മി",
        "ณัฐวุฒิ",
        "กิตติศักดิ์",
        "น้ำฝน",
        "ສົມໄຊ",
        "សុខា",
        "အောင်မြင့်",
        "مُحَمَّد",
        "Adébáyọ̀",
        "ශාන්ත",
        "ગીતાબહેન",
    ] {
        assert!(Username::parse(name).is_ok(), "{name}");
    }
    for name in ["小明2", "小明_ming", "山田taro", "민수kim", "עידו", "สมชาย", "Ольга", "Søren", "Žofie", "Nguyễn"]
    {
        assert!(Username::parse(name).is_ok(), "{name}");
    }
    for name in ["ि", "_ि", "क-ि", "1\u{301}", "b\u{331}\u{331}ob", "所有人", "全体成员", "全體成員", "क\u{93f}\u{93f}"]
    {
        assert!(Username::parse(name).is_err(), "{name}");
    }
    for name in ["", "a b", "@x", "all", "ROOM", "\u{202e}x", "pаypal", ".x", "x/y", &"x".repeat(33)] {
        assert!(Username::parse(name).is_err(), "{name}");
    }
}

#[test]
fn nobody_can_be_mistaken_for_another_by_a_name() {
    for name in ["\u{3164}", "alice\u{3164}", "\u{115f}", "\u{ffa0}", "a\u{200d}b", "a\u{e0041}"] {
        assert!(Username::parse(name).is_err(), "{name:?} cannot be seen");
    }
    for name in [
        "ali\u{307}ce",
        "al\u{131}\u{307}ce",
        "dj\u{307}ango",
        "ɑlice",
        "Ꭺlice",
        "bօb",
        "alıce",
        "ꓮlice",
        "аlice",
        "z_ɑlice",
        "сосо",
        "ѕсоре",
        "𝼀lice",
    ] {
        assert!(Username::parse(name).is_err(), "{name} looks like another");
    }
    for name in ["chınwag", "chinwаg", "аll", "a11", "aIl", "roorn", "CHlNWAG", "ｒｏｏｍ", "SYSTEM"] {
        assert!(Username::parse(name).is_err(), "{name} looks reserved");
    }
    for name in
        ["Root", "r00t", "ADMIN", "adrnin", "officiaI", "ADMlN", "OFFlClAL", "管理员", "ａｄｍｉｎ", "administrat0r"]
    {
        assert!(is_office(name), "{name} looks like somebody who runs the house");
    }
    assert!(!is_office("rooted") && !is_office("管理"));
    assert_eq!(Username::parse("ａｌｉｃｅ").expect("a name").as_str(), "alice");
}

#[test]
fn one_key_for_one_name() {
    assert_eq!(name_key("ΝΊΚΟΣ"), name_key("νίκος"));
    assert_eq!(name_key("Ａlice"), name_key("alice"));
    assert_ne!(name_key("alice"), name_key("alice1"));
    // The capital is two characters, the small letter may be one.
    assert_eq!(name_key("J\u{30c}ohn"), name_key("\u{1f0}ohn"));
    let key = name_key("k\u{130}\u{326}k7y");
    assert_eq!(key, name_key(&key), "the key of a key is the key");
}

/// Keys are stored. Red means that some come out otherwise than they were written, by a change here or of the tables of Unicode: who has
/// such a name could not log in any more. Write a step of the database that makes the keys anew, as `m0017_keys` does, then this sum.
#[test]
fn the_keys_of_names_are_as_they_are_stored() {
    let letters = ('\u{80}'..='\u{2fff}').chain('\u{a000}'..='\u{abff}').chain('\u{f900}'..='\u{ffff}');
    let words = letters.flat_map(|c| ["", "\u{307}", "\u{30c}"].map(|mark| format!("{c}{mark}x")));
    let keys = words.map(|word| name_key(&word) + " " + &look_key(&word) + " " + &address_key(&word));
    let sum = keys
        .flat_map(String::into_bytes)
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    assert_eq!(sum, 0x55fc_8eb9_edc9_6efb, "{sum:#x}");
}

#[test]
fn one_logs_in_by_the_address_that_one_typed_in_whatever_script() {
    for address in
        ["Alice@Example.org", "νίκος@example.gr", "ΝΊΚΟΣ@example.gr", "rene\u{301}@example.org", "ａnn@example.org"]
    {
        let stored = Email::parse(address).expect("an address").key();
        assert_eq!(name_key(address), stored, "{address}");
    }
    assert_eq!(address_key("ΝΊΚΟΣ@Example.gr"), address_key("νίκος@example.gr"));
}

/// A letter of Arabic is eighteen in the key. Databases have room for 255.
#[test]
fn an_address_is_no_longer_as_a_key() {
    let address = |letters: usize| "\u{fdfa}".repeat(letters) + "@example.org";
    assert_eq!(Email::parse(&address(13)).expect("an address").key().chars().count(), 13 * 18 + 12);
    assert!(Email::parse(&address(14)).is_err());
}

/// The same of names, of whatever letters they are.
#[test]
fn the_keys_of_a_name_have_room_in_every_database() {
    let is_letter = |c: &char| is_name_char(*c) && c.identifier_allowed();
    let letters = ('\0'..=char::MAX).filter(is_letter).map(String::from);
    let longest = letters.map(|letter| name_key(&letter).chars().count().max(look_key(&letter).chars().count())).max();
    let longest = longest.expect("some");
    assert!(longest * limits::USERNAME_CHARS.end() <= 255, "{longest}");
}

#[test]
fn names_that_look_alike_have_one_look() {
    for (one, other) in [
        ("zoë_ali", "zoë_ali\u{307}"),
        ("žij", "ži\u{307}j\u{307}"),
        ("alice", "aIice"),
        ("alice", "a1ice"),
        ("Alice", "AIice"),
        ("max", "rnax"),
        ("Max", "rnax"),
        ("bob", "b0b"),
        ("BOB", "B0B"),
        ("BILL", "BlLL"),
    ] {
        assert_eq!(look_key(one), look_key(other), "{one} looks like {other}");
    }
    for (one, other) in [
        ("alice", "alicia"),
        ("ali", "al"),
        ("mia", "mla"),
        ("kai", "kal"),
        ("小明", "小朋"),
        ("ibrahim", "İbrahim"),
        ("žċ", "žc"),
    ] {
        assert_ne!(look_key(one), look_key(other), "{one} is told from {other}");
    }
}

#[test]
fn a_text_is_refused_rather_than_cut() {
    assert!(Body::parse("   \n", 10).is_err());
    assert!(Body::parse(&"字".repeat(11), 10).is_err());
    assert_eq!(Body::parse("a\tb\r\nc\rd", 10).expect("fits").as_str(), "a\tb\nc\nd");
}

#[test]
fn beside_attachments_nothing_has_to_be_said() {
    for blank in ["", " \n", "\u{200b}"] {
        assert_eq!(Body::caption(blank, 10).expect("nothing").as_str(), "");
    }
    assert_eq!(Body::caption("look", 10).expect("fits").as_str(), "look");
    assert!(Body::caption(&"字".repeat(11), 10).is_err());
    assert!(Body::caption("\0", 10).is_err());
}

#[test]
fn control_characters_are_refused_rather_than_dropped() {
    for c in ('\0'..' ').chain('\u{7f}'..'\u{a0}').filter(|c| !matches!(c, '\n' | '\r' | '\t')) {
        let text = format!("a{c}b");
        assert!(Body::parse(&text, 10).is_err(), "{text:?}");
        assert!(paragraph("bio", &text, 10).is_err(), "{text:?}");
        assert!(room_name(&text).is_err(), "{text:?}");
    }
}

#[test]
fn what_cannot_be_seen_is_no_name_and_no_text() {
    for blank in ["\u{200b}", "\u{200d}\u{2060}", "\u{3164}", "\u{ad}", "\u{2800}", "\u{feff}", " \u{200b} \u{fe0f}"] {
        assert!(Body::parse(blank, 10).is_err(), "{blank:?}");
        assert!(room_name(blank).is_err(), "{blank:?}");
        assert!(display_name(blank).is_err(), "{blank:?}");
    }
    assert_eq!(display_name("").expect("none"), "");
    assert!(Body::parse("👩\u{200d}👧", 10).is_ok());
    assert_eq!(room_name("a\u{202e}b\u{2066}c").expect("a name"), "abc");
    assert_eq!(paragraph("description", "a\u{202e}b", 9).expect("a text"), "ab");
    assert!(search("query", "\0zzz").is_err());
}

#[test]
fn an_emoji_has_a_name_that_is_written_between_colons_alike_by_everybody() {
    for name in ["ab", "party-parrot", "100", "a_b", &"a".repeat(32)] {
        assert_eq!(emoji_name(name).expect("a name"), name);
    }
    for name in ["", "a", &"a".repeat(33), "Party", "a b", "a:b", "a.b", " ab", "ab\n", "a\0b", "é茶", "茶茶"] {
        let refused = emoji_name(name).expect_err(name);
        assert_eq!(refused.fields.get("name"), Some(&vec![Sentence::EmojiName]), "{name:?}");
    }
}

#[test]
fn the_strong_policy_refuses_what_is_guessed_first() {
    let strong = |password: &str| check_password("password", password, PasswordPolicy::Strong, &["alice"]);
    assert!(strong("password1").is_err());
    assert!(strong("alicealice").is_err());
    assert!(strong("brisk otter velvet").is_ok());
    assert!(check_password("password", "123456", PasswordPolicy::Basic, &[]).is_ok());
    let basic = |password: String| check_password("password", &password, PasswordPolicy::Basic, &[]).is_ok();
    assert!(basic("字".repeat(128)) && !basic("字".repeat(129)));
}
