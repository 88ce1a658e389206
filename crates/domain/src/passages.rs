//! Which parts of a text are drawn as words, and which as code, links and addresses: as much of the page's reader
//! (`web/src/lib/markdown`) as it takes to know that, with its rules. Takes time in proportion to the text.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crate::text::{is_at, is_unspaced, is_word};

/// Letters that are looked at for a host before an `@`.
const LONGEST_PATH: usize = 256;

/// The parts of a text within which a mark may reach from one line to the next. What is fenced is in none of them.
pub(crate) fn of(text: &str) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        lines.push(start..start + line.len());
        start += line.len() + 1;
    }
    Blocks { text, lines, open: None, found: Vec::new(), floor: 0, unclosed: usize::MAX }.read()
}

struct Blocks<'t> {
    text: &'t str,
    lines: Vec<Range<usize>>,
    /// The passage that the line before is in, and whether it is quoted.
    open: Option<(usize, bool)>,
    found: Vec<Range<usize>>,
    /// How far a line is set in that belongs to the item above it.
    floor: usize,
    /// No fence of tildes that is as long as this is ever closed: it was looked for once.
    unclosed: usize,
}

/// What stands before the words of a line.
struct Lead {
    quoted: bool,
    /// A sign of a quote, a list or a heading begins something of its own.
    begins: bool,
    indent: usize,
    /// Where the words begin.
    words: usize,
    /// How far the lines of the item are set in that begins here.
    floor: Option<usize>,
}

struct Fence {
    sign: char,
    length: usize,
    /// Code stands behind it on its line.
    code: bool,
}

impl Blocks<'_> {
    fn read(mut self) -> Vec<Range<usize>> {
        let mut at = 0;
        while let Some(line) = self.lines.get(at).cloned() {
            let lead = lead(&self.text[line.clone()]);
            let words = &self.text[line.start + lead.words..line.end];
            if words.trim().is_empty() {
                self.end(line.start);
                at += 1;
                continue;
            }
            let floor = lead.floor.unwrap_or(if lead.indent < self.floor { 0 } else { self.floor });
            self.floor = floor;
            if let Some((next, rest)) = self.fence(words, at, lead.quoted) {
                self.end(line.start);
                at = next;
                if let Some(rest) = rest {
                    self.lines[at].start = rest;
                }
                continue;
            }
            if lead.begins || self.open.is_some_and(|(_, quoted)| quoted != lead.quoted) {
                self.end(line.start);
            }
            self.open.get_or_insert((line.start, lead.quoted));
            at += 1;
        }
        self.end(self.text.len());
        self.found
    }

    fn end(&mut self, at: usize) {
        self.found.extend(self.open.take().map(|(start, _)| start..at));
    }

    /// The line behind the fence that begins at this one, and where its words begin if they are not its first.
    fn fence(&mut self, words: &str, at: usize, quoted: bool) -> Option<(usize, Option<usize>)> {
        let fence = Fence::begin(words)?;
        let tildes = fence.sign == '~';
        if tildes && fence.length >= self.unclosed {
            return None;
        }
        let mut full = fence.code;
        for next in at + 1..self.lines.len() {
            let line = self.lines[next].clone();
            let here = &self.text[line.clone()];
            let lead = lead(here);
            // Where the quote or the item ends, so does the code in it.
            if quoted && !lead.quoted || !here.trim().is_empty() && !quoted && lead.indent < self.floor {
                return (!tildes && full).then_some((next, None));
            }
            let here = if quoted { &here[lead.words.min(here.len())..] } else { here };
            match fence.end(here) {
                Some(End { code, words }) if full || code => {
                    let behind = line.start + self.text[line.clone()].trim_end().len() - words.len();
                    return Some(if words.is_empty() { (next + 1, None) } else { (next, Some(behind)) });
                }
                // Fences around nothing are what was typed.
                Some(_) => return None,
                None => full |= !here.trim().is_empty(),
            }
        }
        if tildes {
            self.unclosed = fence.length;
            return None;
        }
        full.then_some((self.lines.len(), None))
    }
}

/// The end of a fence: whether code stands before it on its line, and the words behind it.
struct End<'t> {
    code: bool,
    words: &'t str,
}

impl Fence {
    fn begin(words: &str) -> Option<Self> {
        let sign = words.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let behind = words.trim_start_matches(sign);
        let length = words.len() - behind.len();
        let is_language = behind.trim().chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-'));
        // Tildes decorate: "~~~ hey ~~~".
        let fits = if sign == '~' { is_language } else { !behind.contains('`') };
        (length >= 3 && fits).then_some(Self { sign, length, code: !is_language })
    }

    fn end<'t>(&self, line: &'t str) -> Option<End<'t>> {
        let line = line.trim();
        let rest = line.trim_start_matches(self.sign);
        if line.len() - rest.len() >= self.length {
            let is_over = rest.is_empty() || rest.starts_with(char::is_whitespace);
            return is_over.then(|| End { code: false, words: rest.trim_start() });
        }
        let at = line.find(&"`".repeat(self.length)).filter(|_| self.sign == '`')?;
        line[at..].trim_start_matches('`').is_empty().then_some(End { code: true, words: "" })
    }
}

fn lead(line: &str) -> Lead {
    let words = |text: &str| text.trim_start_matches([' ', '\t']).len();
    let mut rest = &line[line.len() - words(line)..];
    let mut lead = Lead { quoted: false, begins: false, indent: line.len() - rest.len(), words: 0, floor: None };
    loop {
        let item = item_sign(rest);
        let sign = if rest.starts_with('>') && !rest.starts_with(">>>") && lead.floor.is_none() {
            lead.quoted = true;
            1
        } else if item > 0 && lead.floor.is_none() {
            lead.floor = Some(if lead.quoted { 0 } else { lead.indent + 2 });
            item
        } else {
            lead.begins = lead.floor.is_some() || rest.starts_with('#');
            lead.words = line.len() - rest.len();
            return lead;
        };
        rest = &rest[sign..];
        rest = &rest[rest.len() - words(rest)..];
    }
}

/// Bytes of the mark that begins an item of a list: 0 where none does.
fn item_sign(text: &str) -> usize {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let signs: &[char] = if digits > 0 { &['.', ')'] } else { &['-', '*'] };
    let is_item = digits <= 9 && text[digits..].strip_prefix(signs).is_some_and(|rest| rest.starts_with([' ', '\t']));
    if is_item { digits + 1 } else { 0 }
}

/// One passage, read from left to right.
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
    /// For each length of a run of backticks the places where one begins, the last first.
    ticks: HashMap<usize, Vec<usize>>,
    /// For each `(` its `)`, where no space lies between them.
    closing: HashMap<usize, usize>,
    /// Backticks whose partner a backslash kept from being code.
    spoken: HashSet<usize>,
    /// Square brackets that may yet become a link: where their words begin, how many calls came before, and whether a backslash did.
    brackets: Vec<(usize, usize, bool)>,
    /// Where each begins and ends.
    calls: Vec<(usize, usize)>,
}

impl<'t> Words<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            ticks: tick_runs(text),
            closing: closing_parentheses(text),
            spoken: HashSet::new(),
            brackets: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// The places of each `@` among the words that begins a call. `run_end` tells where it ends, if it can begin one.
    pub(crate) fn calls(mut self, run_end: impl Fn(&str, usize) -> Option<usize>) -> Vec<usize> {
        while let Some(c) = self.rest().chars().next() {
            let start = self.at;
            self.at += c.len_utf8();
            match c {
                '\\' => self.backslash(start),
                '`' => self.code(start),
                '[' => self.brackets.push((self.at, self.calls.len(), false)),
                ']' => self.end_bracket(start),
                'h' | 'H' | 'w' | 'W' => self.address(start),
                c if is_at(c) => self.call(start, &run_end),
                _ => {}
            }
        }
        self.calls.into_iter().map(|(start, _)| start).collect()
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    /// A backslash keeps a mark from being one; several are what they are.
    fn backslash(&mut self, start: usize) {
        let more = self.rest().len() - self.rest().trim_start_matches('\\').len();
        if more > 0 {
            self.at += more;
        } else if let Some(rest) = self.rest().strip_prefix('[').or_else(|| self.rest().strip_prefix("![")) {
            self.at = self.text.len() - rest.len();
            self.brackets.push((self.at, self.calls.len(), true));
        } else if self.rest().starts_with('`') {
            let (ticks, length) = (self.at, self.run_of_ticks(self.at));
            let spoken = self.spoken.contains(&ticks);
            let partner = if spoken { Some(start) } else { self.partner(ticks, length) };
            let Some(partner) = partner else { return };
            if !spoken && self.before(start).is_some_and(|c| is_ascii_word(c) || matches!(c, '\\' | ':' | '/')) {
                return;
            }
            self.at = ticks + length;
            self.spoken.insert(partner);
        }
    }

    fn run_of_ticks(&self, at: usize) -> usize {
        self.text[at..].len() - self.text[at..].trim_start_matches('`').len()
    }

    /// The next run of as many backticks. Runs before `start` are never asked for again.
    fn partner(&mut self, start: usize, length: usize) -> Option<usize> {
        let places = self.ticks.get_mut(&length)?;
        while places.last().is_some_and(|place| *place <= start) {
            places.pop();
        }
        places.last().copied()
    }

    fn code(&mut self, start: usize) {
        let length = self.run_of_ticks(start);
        self.at = start + length;
        // "it`s" has an apostrophe.
        let apostrophe = length == 1
            && self.before(start).is_some_and(is_ascii_word)
            && self.rest().chars().next().is_some_and(is_ascii_word);
        if apostrophe || self.spoken.contains(&start) {
            return;
        }
        let end = self.partner(start, length).filter(|end| !self.text[self.at..*end].trim().is_empty());
        self.at = end.map_or(self.at, |end| end + length);
    }

    fn end_bracket(&mut self, start: usize) {
        let Some((words, calls, escaped)) = self.brackets.pop() else { return };
        let Some(end) = self.target(start + 1) else { return };
        let picture = self.text[..words].ends_with("![");
        if escaped || (self.text[words..start].trim().is_empty() && !picture) {
            return;
        }
        self.calls.truncate(calls);
        self.at = end;
        // No link lies in a link.
        self.brackets.clear();
    }

    /// Where the address in parentheses ends that begins at `start`.
    fn target(&self, start: usize) -> Option<usize> {
        let inside = self.text.get(start..)?.strip_prefix('(')?;
        if let Some(angled) = inside.strip_prefix('<') {
            let end = angled.find(['<', '>', '\n']).filter(|end| angled[*end..].starts_with(">)"))?;
            return is_address(&angled[..end]).then_some(start + 2 + end + 2);
        }
        let end = *self.closing.get(&start)?;
        is_address(&self.text[start + 1..end]).then_some(end + 1)
    }

    /// `https://…` and `www.…`, without brackets or marks around it.
    fn address(&mut self, start: usize) {
        let rest = &self.text[start..];
        let before = self.before(start);
        if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            return;
        }
        let scheme = ["https://", "http://"].into_iter().find(|scheme| starts_with(rest, scheme));
        let from = match scheme {
            Some(scheme) => start + scheme.len(),
            None if is_bare(rest) && !before.is_some_and(|c| "./@:_-".contains(c)) => start,
            None => return,
        };
        self.at = self.at.max(address_end(self.text, from));
    }

    fn call(&mut self, start: usize, run_end: &impl Fn(&str, usize) -> Option<usize>) {
        if self.is_mail(start) {
            return;
        }
        let behind_call = self.calls.last().is_some_and(|(_, end)| *end == start);
        if !behind_call && self.is_joined(start) {
            return;
        }
        let Some(end) = run_end(self.text, start) else { return };
        // "@bob@example.org" is somebody at another server.
        if let Some(domain) = domain_end(self.text, end) {
            self.at = domain;
            return;
        }
        self.calls.push((start, end));
        self.at = end;
    }

    /// "mail@example.org", but 谢谢@小明; and "medium.com/@bob" is an address, if nobody wrote its scheme.
    fn is_joined(&self, at: usize) -> bool {
        if self.before(at) != Some('/') {
            return self.before(at).is_some_and(|c| is_word(c) && !is_unspaced(c));
        }
        let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '_' | '@');
        let path = self.text[..at].chars().rev().take(LONGEST_PATH).take_while(|c| is_path(*c)).count();
        let path = &self.text[at - path..at];
        path.starts_with(|c: char| c.is_ascii_alphanumeric())
            && path.split('/').next().is_some_and(|host| host.contains('.'))
    }

    /// Whether this `@` is that of a mail address.
    fn is_mail(&self, at: usize) -> bool {
        let is_local = |c: &char| is_ascii_word(*c) || matches!(c, '.' | '%' | '+' | '-');
        let local: Vec<char> = self.text[..at].chars().rev().take(64).take_while(is_local).collect();
        let local = local.iter().rev().skip_while(|c| matches!(c, '.' | '%' | '+' | '-')).count();
        local > 0 && self.before(at - local) != Some('@') && domain_end(self.text, at).is_some()
    }
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|head| head.eq_ignore_ascii_case(lower))
}

/// `www.`, a name, a dot and a letter.
fn is_bare(text: &str) -> bool {
    let name = if starts_with(text, "www.") { &text[4..] } else { return false };
    let behind = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    behind.len() < name.len()
        && behind.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Whether a link may lead there.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    if starts_with(text, "mailto:") {
        return true;
    }
    let scheme = ["https:", "http:"].into_iter().find(|scheme| starts_with(text, scheme));
    let host = scheme.map_or("", |scheme| text[scheme.len()..].trim_start_matches(['/', '\\']));
    !host.is_empty() && !host.starts_with(['?', '#', ':', '@'])
}

/// Where the domain ends behind the `@` at `at`: labels of plain letters, and two letters or more behind the last dot.
fn domain_end(text: &str, at: usize) -> Option<usize> {
    let domain = text.get(at..)?.strip_prefix('@')?;
    let length =
        domain.len() - domain.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).len();
    let is_label = |label: &&str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let labels: Vec<&str> = domain[..length].split('.').take_while(is_label).take(9).collect();
    let is_last = |label: &&str| (2..=24).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphabetic());
    let last = labels.iter().rposition(is_last).filter(|last| *last > 0)?;
    Some(at + 1 + labels[..=last].iter().map(|label| label.len() + 1).sum::<usize>() - 1)
}

/// Where the address ends whose host begins at `from`; `from` itself where there is none.
fn address_end(text: &str, from: usize) -> usize {
    let Some(first) = text[from..].chars().next().filter(|c| c.is_alphanumeric() || *c == '[') else { return from };
    let foreign = !first.is_ascii();
    let (mut in_host, mut open) = (true, [0_usize; 3]);
    let mut end = text.len();
    let mut rest = text[from..].char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let twice = matches!(c, '*' | '~') && rest.peek().is_some_and(|(_, next)| *next == c);
        in_host &= !matches!(c, '/' | '?' | '#');
        let leaves = in_host && !c.is_ascii() && !(foreign && c.is_alphanumeric());
        let closed = ")]}".find(c).is_some_and(|kind| {
            open[kind].checked_sub(1).is_none_or(|left| {
                open[kind] = left;
                false
            })
        });
        if let Some(kind) = "([{".find(c) {
            open[kind] += 1;
        }
        if twice || leaves || closed || ends_address(c) {
            end = from + at;
            break;
        }
    }
    from + text[from..end].trim_end_matches(|c| ".,:;!?'\"*_~|\\([{".contains(c)).len()
}

/// What no address holds unescaped: spaces, quotes, what is invisible, and the punctuation of full width and of Chinese.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`' | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{2018}'..='\u{201f}' | '\u{2026}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
        || matches!(c, '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}')
}

fn is_ascii_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn tick_runs(text: &str) -> HashMap<usize, Vec<usize>> {
    let mut runs = HashMap::<usize, Vec<usize>>::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('`').map(|found| at + found) {
        let length = text[start..].len() - text[start..].trim_start_matches('`').len();
        runs.entry(length).or_default().push(start);
        at = start + length;
    }
    runs.values_mut().for_each(|places| places.reverse());
    runs
}

fn closing_parentheses(text: &str) -> HashMap<usize, usize> {
    let (mut closing, mut open) = (HashMap::new(), Vec::new());
    if !text.contains(')') {
        return closing;
    }
    for (at, c) in text.char_indices() {
        match c {
            '(' => open.push(at),
            ')' => closing.extend(open.pop().map(|start| (start, at))),
            c if c.is_whitespace() || matches!(c, '<' | '>') => open.clear(),
            _ => {}
        }
    }
    closing
}
