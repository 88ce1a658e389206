//! What people are told, in every language of the server: the one place where such a sentence stands. One that lacks a language,
//! or leaves out in one what it tells in the other, does not compile. Not where it is decided what to say.

use std::fmt;

/// A language the server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    /// The first one of an `Accept-Language` header (RFC 9110 section 12.5.4) that is spoken here; else English.
    pub fn asked_for(accept: &str) -> Self {
        let mut best = (0.0, Self::default());
        for range in accept.split(',') {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()).unwrap_or(0.0);
            let language = match tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "en" => Self::English,
                "zh" => Self::Chinese,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

macro_rules! sentences {
    ($($name:ident $({ $($part:ident: $kind:ty),* })? $english:literal $chinese:literal;)*) => {
        /// More precise than the sentence of an `ErrorCode`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Sentence {
            $(#[doc = $english] $name $({ $($part: $kind),* })?,)*
        }

        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$(($english, $chinese),)*];

        impl Sentence {
            /// The sentence in this language.
            pub fn text(&self, language: Language) -> String {
                match (self, language) {
                    $(
                        (Self::$name $({ $($part),* })?, Language::English) => format!($english),
                        (Self::$name $({ $($part),* })?, Language::Chinese) => format!($chinese),
                    )*
                }
            }
        }
    };
}

sentences! {
    // What was sent cannot be read.
    NotAnObject "Send one JSON object that names each field once."
        "请发送一个 JSON 对象，每个字段只出现一次。";
    NotJson { line: usize, column: usize } "This is not JSON: see line {line}, column {column}."
        "这不是 JSON：见第 {line} 行第 {column} 列。";
    NotAFrame "This is not a frame of chinwag.proto."
        "这不是 chinwag.proto 中的帧。";
    SendText "Send text frames."
        "请发送文本帧。";
    SendBinary "Send binary frames."
        "请发送二进制帧。";
    OneHost "Name the host once, in the header Host."
        "请用 Host 头写明一个主机名。";
    BodyBrokeOff "The body of the request broke off."
        "请求的内容中途断了。";
    SendForm "Send the file in a form: Content-Type: multipart/form-data with a boundary."
        "请以表单发送文件：Content-Type: multipart/form-data，并带有 boundary。";
    SendBytes "Send the bytes as they are: Content-Type: application/offset+octet-stream."
        "请按原样发送数据：Content-Type: application/offset+octet-stream。";
    HeaderUnread { name: String } "The header {name} is missing, or cannot be read."
        "缺少 {name} 头，或者无法识别。";
    LargerPieces "This upload came in too many small pieces. Begin it anew with larger ones."
        "这次上传的分片太小、太多，请用更大的分片重新上传。";
    WebSocketsOnly "This address is for WebSockets only."
        "这个地址只用于 WebSocket。";
    WebSocketKey "Sec-WebSocket-Key must be 16 bytes in base64."
        "Sec-WebSocket-Key 必须是 base64 编码的 16 个字节。";
    OwnOrigin "With the cookie, send this server's own address as Origin; or send a token in Authorization."
        "使用 cookie 时，请以本服务器自己的地址作为 Origin；或者在 Authorization 中发送令牌。";

    // What a field holds is not of its kind.
    Missing "This is missing."
        "缺少这一项。";
    NoText "This must be text."
        "这里必须是文本。";
    NoNumber "This must be a whole number."
        "这里必须是整数。";
    NoFlag "This must be true or false."
        "这里必须是 true 或 false。";
    NoList "This must be a list of whole numbers."
        "这里必须是整数的列表。";
    NoObject "This must be an object of whole numbers, such as {{\"1\": 152}}."
        "这里必须是整数的对象，例如 {{\"1\": 152}}。";
    Impossible "This value is not possible here."
        "这里不能是这个值。";
    OneOf { choices: String } "Choose one of: {choices}."
        "请从中选择：{choices}。";
    NotKept { field: String } "`{field}` is not kept here. Leave it out."
        "这里不保存 `{field}`，请去掉它。";
    NotPosted "Choose one of: text, image, file, voice, video."
        "请从中选择：text, image, file, voice, video。";
    OnlineOrAway "Choose online or away."
        "请选择 online 或 away。";

    // What a field holds is of its kind, but does not do.
    AtLeastCharacters { min: usize } "Use at least {min} characters."
        "请至少用 {min} 个字符。";
    AtMostCharacters { max: usize } "Use at most {max} characters."
        "请最多用 {max} 个字符。";
    AtMostBytes { max: usize } "Use at most {max} bytes of printable text."
        "请最多用 {max} 个字节的可见文本。";
    TooManyCharacters { chars: usize, max: usize } "This has {chars} characters; at most {max} fit into one message."
        "这里有 {chars} 个字符；一条消息最多 {max} 个。";
    ControlCharacters "This has control characters, such as NUL or escape. Take them out."
        "这里有控制字符，例如 NUL 或 ESC，请去掉。";
    OneLine "Use one line of plain text."
        "请用一行普通文本。";
    Empty "Write something first."
        "请先写点什么。";
    NameLength "Choose a name of 1 to 32 characters."
        "请用 1 到 32 个字符的名字。";
    NameCharacters "Use letters, digits, and _ - . between them."
        "请用字母、汉字或数字，中间可以有 _ - .。";
    GuestNameLength { max: usize } "Choose a name of 1 to {max} characters."
        "请用 1 到 {max} 个字符的名字。";
    GuestNameCharacters "Use letters, digits, spaces, emoji, and _ - . in a name."
        "名字可以用字母、汉字、数字、空格、表情和 _ - .。";
    NameUncommon "Use letters and digits that are in everyday use: others cannot be seen, or look like them."
        "请用日常使用的文字和数字：别的看不见，或者容易看错。";
    NameMixed "Use letters of one alphabet, so that nobody can be mistaken for another."
        "请只用一种字母，以免被认作别人。";
    NameLookAlike "This name looks like one in plain letters. Choose one that nobody can mistake."
        "这个名字看起来像用普通字母写的另一个名字。请换一个不会认错的。";
    NameReserved "This name has a meaning here. Choose another one."
        "这个名字在这里有特殊含义，请换一个。";
    Address "Enter an e-mail address like name@example.com."
        "请输入像 name@example.com 这样的邮箱地址。";
    PasswordGuessed "This password is easy to guess. Use a few unrelated words, or something longer."
        "这个密码太容易猜到。请用几个不相关的词，或者更长一些。";
    PasswordNeeded "Enter your current password to change your e-mail address."
        "更改邮箱需要输入当前的密码。";
    PasswordWrong "This is not your current password."
        "这不是你当前的密码。";
    RoomNameEmpty "Give the room a name."
        "请给聊天室起个名字。";
    NameUnseen "Choose a name that can be seen, or none."
        "请用看得见的名字，或者留空。";
    AttachSomething "Attach a file first."
        "请先添加附件。";
    AtMostAttachments { max: usize } "Attach at most {max} files to one message."
        "一条消息最多添加 {max} 个附件。";
    AttachOnce "Attach each file once."
        "每个文件只能添加一次。";
    AttachImages "Only images make an image message."
        "图片消息只能包含图片。";
    AttachAudio "A voice message has one audio recording."
        "语音消息只包含一段录音。";
    AttachVideo "A video message has one video."
        "视频消息只包含一段视频。";
    ChoosePicture "Choose a picture that is not too large: JPEG, PNG, GIF or WebP."
        "请选择一张不太大的图片：JPEG、PNG、GIF 或 WebP。";
    EmojiName "Choose a name of 2 to 32 characters: a-z, 0-9, _ and -."
        "请用 2 到 32 个字符的名字：a-z、0-9、_ 和 -。";
    ReplyElsewhere "The message you answer is not in this room."
        "你回复的消息不在这个聊天室里。";
    SomebodyElse "Choose somebody else to talk to."
        "请选择另一个人来聊天。";
    AtMostPeople { max: usize } "At most {max} people; make a room instead."
        "最多 {max} 个人；人更多时请建一个聊天室。";
    AtMostRooms { max: usize } "Name at most {max} rooms."
        "最多写 {max} 个聊天室。";
    CreatedRoomGone "The room that you made by this is gone. Make a new one."
        "之前用它创建的聊天室已经没有了，请重新创建。";

    // What may not be done, and why.
    LobbyStaysPublic "The lobby stays public: newcomers need a place to land."
        "大厅保持公开：新来的人需要一个落脚的地方。";
    LobbyStays "The lobby stays: newcomers need a place to land."
        "大厅不能删除：新来的人需要一个落脚的地方。";
    NobodyLeft "Nobody is left to hear this: the account was closed."
        "对方的账号已经注销，没有人能看到这条消息了。";
    DirectStays "A direct conversation stays as it is."
        "私聊不能更改。";
    OnlyAuthorEdits "Only its author can edit a message."
        "只有作者本人能编辑消息。";
    OnlyAuthorRecalls "Only its author can take a message back."
        "只有作者本人能撤回消息。";
    OnlyOwner "You are the only owner of a room with others in it. Make someone else its owner first, or delete it."
        "有一个还有别人的聊天室只有你一位所有者。请先把所有者身份交给别人，或者删除它。";
    LinkSpent "This set-up link was used, or it is not this server's. The console shows the right one at each start."
        "这个设置链接已经用过，或者不是这台服务器的。服务器每次启动时，终端里都会显示正确的链接。";
    NameOfAMember "This name belongs to a member. Choose another one."
        "这个名字属于一位成员，请换一个。";
    NameOfAGuest "Another guest has this name right now, or one that looks like it. Choose another one."
        "这个名字现在有别的访客在用，或者与别人的名字看起来一样，请换一个。";

    // What cannot be done right now.
    Stopping "The server is stopping."
        "服务器正在停止。";
    Moved "The data of this server has moved to another database. It goes on when its administrator has set that one (database) and \
           started it again."
        "这台服务器的数据已经迁移到另一个数据库。管理员设置新的数据库（database）并重新启动后即可继续使用。";
    NoConnection "The server has no free connection. Try again in a moment."
        "服务器的连接已满，请稍后再试。";
    LobbyFull "The lobby is full. Try again in a moment."
        "大厅已满，请稍后再试。";
    GuestsOfAddress { max: usize } "{max} guests of your address are here already."
        "你的地址已经有 {max} 位访客在这里。";
}

impl fmt::Display for Sentence {
    /// In English, as logs and the console are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;

    #[test]
    fn the_language_asked_for_most_is_spoken() {
        for (accept, language) in [
            ("", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("ZH-Hans", Language::Chinese),
            ("en-US,en;q=0.9,zh;q=0.8", Language::English),
            ("fr, zh;q=0.3, en;q=0.2", Language::Chinese),
            ("en;q=0.1, zh; q=0.7", Language::Chinese),
            ("zh;q=0, en", Language::English),
            ("zh;q=0", Language::English),
            ("zhuang, *;q=0.5", Language::English),
            (";;q=,zh;q=NaN,zh;q=x", Language::English),
        ] {
            assert_eq!(Language::asked_for(accept), language, "{accept}");
        }
    }

    #[test]
    fn every_sentence_is_one_in_its_language() {
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for (english, chinese) in ALL {
            assert!(english.is_ascii() && english.ends_with(['.', '?']), "{english}");
            assert!(chinese.chars().any(is_han) && chinese.ends_with('。'), "{chinese}");
        }
    }

    #[test]
    fn every_refusal_is_told_in_words_of_its_language() {
        for code in ErrorCode::ALL {
            assert!(code.sentence(Language::English).is_ascii(), "{code:?}");
            assert!(code.sentence(Language::Chinese).ends_with('。'), "{code:?}");
        }
        let told = Sentence::TooManyCharacters { chars: 5, max: 4 };
        assert_eq!(told.to_string(), "This has 5 characters; at most 4 fit into one message.");
        assert_eq!(told.text(Language::Chinese), "这里有 5 个字符；一条消息最多 4 个。");
    }
}
