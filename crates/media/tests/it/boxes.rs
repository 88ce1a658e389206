//! Makes films and voice messages as phones and browsers write them, as far as they are read: the samples are empty. It looks at nothing.

use crate::stills::SECRET;

pub fn atom(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).expect("fits").to_be_bytes();
    [&length[..], kind, content].concat()
}

fn atoms(kind: &[u8; 4], children: &[Vec<u8>]) -> Vec<u8> {
    atom(kind, &children.concat())
}

fn numbers(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// A track of 90,000 ticks a second. Turned means that the phone was held upright.
pub fn track(id: u32, handler: &[u8; 4], ticks: u32, (width, height): (u32, u32), is_turned: bool) -> Vec<u8> {
    let matrix = if is_turned {
        [0, 1 << 16, 0, (-1_i32 << 16) as u32, 0, 0, 0, 0, 1 << 30]
    } else {
        [1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30]
    };
    let header = [&[0, 0, 0, id, 0, 0, 0, 0, 0, 0][..], &matrix, &[width << 16, height << 16]].concat();
    let media = [
        atom(b"mdhd", &numbers(&[0, 0, 0, 90_000, ticks, 0])),
        atom(b"hdlr", &[&numbers(&[0, 0]), &handler[..], &[0; 13]].concat()),
    ];
    let private = atoms(b"udta", &[atom(b"name", SECRET)]);
    atoms(b"trak", &[atom(b"tkhd", &numbers(&header)), atoms(b"mdia", &media), private])
}

/// Of 1,000 ticks a second.
fn length(ticks: u32) -> Vec<u8> {
    atom(b"mvhd", &[numbers(&[0, 0, 0, 1000, ticks]), vec![0; 80]].concat())
}

/// What phones say of a film: where it is, in both manners.
fn places() -> Vec<u8> {
    let apple =
        atom(b"meta", &[&atom(b"hdlr", &[&numbers(&[0, 0]), &b"mdta"[..], &[0; 13]].concat()), SECRET].concat());
    [atoms(b"udta", &[atom(b"\xA9xyz", SECRET), atom(b"loci", SECRET), vec![0; 4]]), apple, atom(b"uuid", SECRET)]
        .concat()
}

/// As a phone writes it: the table behind the samples.
pub fn phone_film(brand: &[u8; 4]) -> Vec<u8> {
    let tracks = [track(1, b"vide", 90_000 * 12, (1920, 1080), true), track(2, b"soun", 90_000 * 12, (0, 0), false)];
    [
        atom(b"ftyp", &[brand, &[0, 0, 0, 0][..], brand].concat()),
        atom(b"mdat", &[7; 4_000]),
        atoms(b"moov", &[length(12_345), tracks.concat(), places()]),
    ]
    .concat()
}

/// A song with its tags, which stay.
pub fn song() -> Vec<u8> {
    let tags = [&numbers(&[0]), &atom(b"hdlr", &[&numbers(&[0, 0]), &b"mdir"[..], &[0; 13]].concat())[..], b"A Title"]
        .concat();
    let user = atoms(b"udta", &[atom(b"meta", &tags)]);
    let sound = track(1, b"soun", 90_000 * 200, (0, 0), false);
    // Without what stands beside the track: it is the tags' turn.
    let sound = atoms(b"trak", &[sound[8..sound.len() - 8 - 8 - SECRET.len()].to_vec()]);
    [atom(b"ftyp", b"M4A \0\0\0\0M4A "), atoms(b"moov", &[length(200_000), sound, user]), atom(b"mdat", &[7; 100])]
        .concat()
}

/// As a browser records it: the table first, without any length, then stretches of two seconds.
pub fn recorded_film(stretches: u32) -> Vec<u8> {
    let extended = atoms(b"mvex", &[atom(b"trex", &numbers(&[0, 1, 1, 3_000, 0, 0]))]);
    let track = track(1, b"vide", 0, (640, 480), false);
    let mut film = [atom(b"ftyp", b"isom\0\0\0\0isommp41"), atoms(b"moov", &[length(0), track, extended])].concat();
    for stretch in 0..stretches {
        let header = atom(b"tfhd", &numbers(&[0, 1]));
        let begin = atom(b"tfdt", &numbers(&[0, stretch * 180_000]));
        // Every other one says of each sample how long it lasts.
        let run = if stretch % 2 == 0 {
            atom(b"trun", &numbers(&[0, 60]))
        } else {
            atom(b"trun", &[numbers(&[0x300, 60]), numbers(&[3_000, 9]).repeat(60)].concat())
        };
        film.extend(atoms(b"moof", &[atom(b"mfhd", &numbers(&[0, stretch])), atoms(b"traf", &[header, begin, run])]));
        film.extend(atom(b"mdat", &[7; 64]));
    }
    film
}

pub fn element(id: u32, content: &[u8]) -> Vec<u8> {
    let size = (1_u64 << 56 | content.len() as u64).to_be_bytes();
    [&name(id)[..], &size, content].concat()
}

/// One that does not say where it ends.
fn endless(id: u32, content: &[u8]) -> Vec<u8> {
    [&name(id)[..], &[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], content].concat()
}

fn name(id: u32) -> Vec<u8> {
    id.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect()
}

/// As a browser records it while it does not know how long it will be: clusters of a second, each with ten blocks.
pub fn recorded_webm(has_film: bool, seconds: u16, is_endless: bool, told: Option<f64>) -> Vec<u8> {
    let film = [element(0xB0, &[2, 128]), element(0xBA, &[1, 224])].concat();
    let track =
        |kind: u8, more: Vec<u8>| element(0xAE, &[element(0xD7, &[kind]), element(0x83, &[kind]), more].concat());
    let film = if has_film { track(1, element(0xE0, &film)) } else { vec![] };
    let told = told.map(|ticks| element(0x4489, &ticks.to_be_bytes())).unwrap_or_default();
    let mut inside = [
        element(0x1549_A966, &[element(0x2A_D7B1, &1_000_000_u32.to_be_bytes()), told].concat()),
        element(0x1654_AE6B, &[film, track(2, vec![])].concat()),
    ]
    .concat();
    for second in 0..seconds {
        let mut cluster = element(0xE7, &(u32::from(second) * 1000).to_be_bytes());
        for block in 0..10_u8 {
            cluster.extend(element(
                0xA3,
                &[&[0x82], &(u16::from(block) * 100).to_be_bytes()[..], &[0x80, 7, 7, 7]].concat(),
            ));
        }
        inside.extend(if is_endless { endless(0x1F43_B675, &cluster) } else { element(0x1F43_B675, &cluster) });
    }
    let header = element(0x1A45_DFA3, &[element(0x4286, &[1]), element(0x4282, b"webm")].concat());
    [header, if is_endless { endless(0x1853_8067, &inside) } else { element(0x1853_8067, &inside) }].concat()
}

/// A picture as a phone keeps it: one item is the picture, one is EXIF in front of it, one is XMP in the table itself.
pub fn phone_picture(brand: &[u8; 4], is_wide: bool) -> Vec<u8> {
    let id = |id: u16| if is_wide { u32::from(id).to_be_bytes().to_vec() } else { id.to_be_bytes().to_vec() };
    let version = if is_wide { 3 } else { 2 };
    let entry = |item: u16, kind: &[u8; 4]| {
        atom(b"infe", &[&[version, 0, 0, 0], &id(item)[..], &[0, 0], &kind[..], b"\0"].concat())
    };
    let count = if is_wide { numbers(&[3]) } else { vec![0, 3] };
    let names = [entry(1, b"hvc1"), entry(2, b"Exif"), entry(3, b"mime")].concat();
    let names = atom(b"iinf", &[&[if is_wide { 1 } else { 0 }, 0, 0, 0], &count[..], &names].concat());
    let brand = atom(b"ftyp", &[brand, &[0; 4][..], b"mif1", brand].concat());
    let place = |exif: usize| {
        let secret = SECRET.len() as u32;
        let item = |item: u16, method: u8, offset: u32, size: u32| {
            [&id(item)[..], &[0, method, 0, 0, 0, 1], &numbers(&[offset, size])].concat()
        };
        let exif = exif as u32;
        let items = [item(1, 0, exif + secret, 40), item(2, 0, exif, secret), item(3, 1, 0, secret)].concat();
        let count = if is_wide { numbers(&[3]) } else { vec![0, 3] };
        atom(b"iloc", &[&[if is_wide { 2 } else { 1 }, 0, 0, 0, 0x44, 0], &count[..], &items].concat())
    };
    let meta = |exif| {
        let children = [names.clone(), place(exif), atom(b"idat", SECRET)].concat();
        atom(b"meta", &[numbers(&[0]), children].concat())
    };
    let begin = brand.len() + meta(0).len() + 8;
    [brand, meta(begin), atom(b"mdat", &[SECRET, &[7; 40]].concat())].concat()
}
