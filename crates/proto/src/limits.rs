//! The bounds of the wire that are the same on every server. What an operator may change is in the server's settings.

/// Bytes of one WebSocket message from a client; more is closed with 1009.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Bytes of a `client_id`.
pub const CLIENT_ID_BYTES: usize = 64;
/// Characters of a room's name.
pub const ROOM_NAME_CHARS: usize = 100;
/// Characters of a room's description.
pub const ROOM_DESCRIPTION_CHARS: usize = 500;
/// Characters of a user name, least and most.
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 1..=32;
/// Bytes of an e-mail address (RFC 5321 section 4.5.3.1.3).
pub const EMAIL_BYTES: usize = 254;
/// Characters of a guest's name in the plain text lobby.
pub const GUEST_NAME_CHARS: usize = 20;
/// Characters of a display name.
pub const DISPLAY_NAME_CHARS: usize = 64;
/// Characters of a profile's bio and of a status text.
pub const BIO_CHARS: usize = 500;
pub const STATUS_TEXT_CHARS: usize = 100;
/// Characters of a password, of whatever script; longer ones are refused, not cut.
pub const PASSWORD_CHARS: usize = 128;
/// Rows of one page.
pub const PAGE: usize = 100;
/// Logins that one account may have at a time; a further one ends the one that was not used for longest.
pub const SESSIONS: usize = 100;
/// Rooms of one page of one's own.
pub const ROOMS: usize = 1_000;
/// Rows of a page when none is asked for.
pub const PAGE_DEFAULT: usize = 50;
/// People of one direct conversation.
pub const DIRECT_PEOPLE: usize = 10;
/// Rooms one `sync` frame may name.
pub const SYNC_ROOMS: usize = 1_000;
/// Rooms one socket may listen to at a time.
pub const SOCKET_ROOMS: usize = 1_000;
/// People named in one `userlist`.
pub const USERLIST: usize = 100;
/// Characters of a message shown in a reply's quote.
pub const QUOTE_CHARS: usize = 200;
/// People one message can mention by name.
pub const MENTIONS: usize = 50;
/// Names that are looked up for one message: of a script without spaces, one `@` may mean many.
pub const MENTION_NAMES: usize = 512;
/// Attachments of one message.
pub const ATTACHMENTS: usize = 10;
/// Emojis of a place's own; those of one who does not administer it; characters of the name of one.
pub const EMOJIS: usize = 1_000;
pub const EMOJIS_OF_ONE: usize = 100;
pub const EMOJI_NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// Peaks of a waveform.
pub const WAVEFORM: usize = 64;
