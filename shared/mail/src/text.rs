//! Text that people wrote, made safe to show: single lines and bodies.
//!
//! Control characters could end a header; direction overrides, invisible characters and the like
//! could make a subject or a name read as something it is not. Both are taken out where the text
//! enters this crate, so that no later code has to remember it.

use std::fmt;

/// A [`Line`] holds at most so many characters; more is cut and ends in an ellipsis.
pub const LINE_CHARS_MAX: usize = 500;

/// A [`Body`] holds at most so many bytes: more than the agreement's own limit on texts, and far
/// below what the mail service takes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// One line of text without control characters, direction overrides or invisible characters, with
/// single spaces, at most [`LINE_CHARS_MAX`] characters long.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Line(String);

impl Line {
    /// Cleans `text` and cuts it to [`LINE_CHARS_MAX`] characters.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::cut(text, LINE_CHARS_MAX)
    }

    /// A name to save a file by: nothing in it names another folder or has a meaning to a shell or a
    /// file system, and it is not hidden.
    #[must_use]
    pub fn file_name(text: &str) -> Self {
        let is_special = |c: char| "/\\:*?\"<>|".contains(c);
        let plain: String = text.chars().map(|c| if is_special(c) { '_' } else { c }).collect();
        Self::new(plain.trim_start_matches(['.', ' ']))
    }

    /// The line, cut to `chars` characters.
    #[must_use]
    pub fn at_most(&self, chars: usize) -> Self {
        Self::cut(&self.0, chars)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn cut(text: &str, chars_max: usize) -> Self {
        let mut line = String::new();
        let mut chars = 0;
        for word in text.split(breaks_words) {
            let mut visible = word.chars().filter(|c| !is_hidden(*c)).peekable();
            if visible.peek().is_none() {
                continue;
            }
            if chars != 0 {
                line.push(' ');
                chars += 1;
            }
            for c in visible {
                line.push(c);
                chars += 1;
            }
            // One character more than fits shows that something has to be cut.
            if chars > chars_max {
                break;
            }
        }
        if chars > chars_max {
            line = line.chars().take(chars_max.saturating_sub(1)).collect();
            line.truncate(line.trim_end().len());
            line.push('…');
        }
        Self(line)
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names and subjects stay out of logs: only the length is shown.
impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({} characters)", self.0.chars().count())
    }
}

/// Text of several lines, shown as text: line feeds and tabs are kept, other control characters and
/// direction overrides are not.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(String);

/// A text is longer than a mail carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text has {bytes} bytes; a mail carries at most {BODY_BYTES_MAX}")]
pub struct BodyTooLong {
    /// Its length in bytes.
    pub bytes: usize,
}

impl Body {
    /// Cleans `text`.
    ///
    /// # Errors
    /// When it is longer than [`BODY_BYTES_MAX`].
    pub fn new(text: &str) -> Result<Self, BodyTooLong> {
        if text.len() > BODY_BYTES_MAX {
            return Err(BodyTooLong { bytes: text.len() });
        }
        let mut body = String::with_capacity(text.len());
        for line in text.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.bytes().all(is_plainly_visible) {
                body.push_str(line.trim_end());
            } else {
                clean_line(&mut body, line);
            }
            body.push('\n');
        }
        let kept = body.trim_end_matches('\n').len();
        body.truncate(kept);
        let before = body.len() - body.trim_start_matches('\n').len();
        body.drain(..before);
        Ok(Self(body))
    }

    /// The text, lines parted by line feeds.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text with a mark before each line, as mails quote.
    #[must_use]
    pub fn quoted(&self) -> String {
        let quote = |line: &str| if line.is_empty() { ">".to_owned() } else { format!("> {line}") };
        self.0.lines().map(quote).collect::<Vec<_>>().join("\n")
    }

    /// The text's lines as HTML shows them: spaces that make an indentation do not collapse.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0
            .lines()
            .map(|line| {
                let line = line.replace('\t', "    ");
                let start = line.len() - line.trim_start_matches(' ').len();
                format!("{}{}", "\u{a0}".repeat(start), &line[start..])
            })
            .collect()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

/// Whether a byte can neither be a control character nor begin a character that [`is_hidden`]: most
/// lines consist of such bytes alone and are copied as they are.
const fn is_plainly_visible(byte: u8) -> bool {
    !matches!(byte, 0..=8 | 10..=31 | 0x7f | 0xc2 | 0xd8 | 0xe1..=0xe3 | 0xef | 0xf3)
}

/// Writes one line without what is hidden. Other line ends than LF part it further.
fn clean_line(body: &mut String, line: &str) {
    for (place, part) in line.split(['\r', '\u{85}', '\u{2028}', '\u{2029}']).enumerate() {
        if place > 0 {
            body.push('\n');
        }
        let start = body.len();
        body.extend(part.chars().filter(|c| *c == '\t' || !is_hidden(*c)));
        let length = body[start..].trim_end().len();
        body.truncate(start + length);
    }
}

/// White space and control characters part words.
fn breaks_words(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Characters that show nothing themselves but change how others are read.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' // soft hyphen
            | '\u{61c}' // Arabic letter mark
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
            | '\u{180e}' // Mongolian vowel separator
            | '\u{200b}' // zero width space
            | '\u{200e}' | '\u{200f}' // direction marks
            | '\u{2028}' | '\u{2029}' // line and paragraph separator
            | '\u{202a}'..='\u{202e}' // direction embeddings and overrides
            | '\u{2060}'..='\u{206f}' // word joiner, direction isolates, deprecated controls
            | '\u{feff}' // byte order mark
            | '\u{fff0}'..='\u{fffb}' // interlinear annotation
            | '\u{e0000}'..='\u{e0fff}' // tags and further selectors
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_of_visible_text() {
        let table = [
            ("No timbra", "No timbra"),
            ("  dos\r\n  líneas\t ", "dos líneas"),
            ("uno\u{2028}dos\u{85}tres\u{0}cuatro", "uno dos tres cuatro"),
            ("factura\u{202e}fdp.exe\u{2066}", "facturafdp.exe"),
            ("in\u{ad}vi\u{200b}si\u{2060}ble\u{e0041}", "invisible"),
            ("\u{202e}\u{200b} \r\n", ""),
            ("👩\u{200d}💻 listo", "👩\u{200d}💻 listo"),
        ];
        for (given, shown) in table {
            assert_eq!(Line::new(given).as_str(), shown, "{given:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_with_an_ellipsis() {
        assert_eq!(Line::new("abcdef").at_most(6).as_str(), "abcdef");
        assert_eq!(Line::new("abcdefg").at_most(6).as_str(), "abcde…");
        assert_eq!(Line::new("abcd efg").at_most(6).as_str(), "abcd…");
        assert_eq!(Line::new(&"ñ".repeat(9_000)).as_str().chars().count(), LINE_CHARS_MAX);
    }

    #[test]
    fn a_body_keeps_its_lines_and_its_indentation() {
        let body = Body::new("\r\nuno  \r\n\ttres\u{202e}\u{7}\r\r  x\u{2029}y\n\n").unwrap();
        assert_eq!(body.as_str(), "uno\n\ttres\n\n  x\ny");
        assert_eq!(body.lines()[1], "\u{a0}\u{a0}\u{a0}\u{a0}tres");
        assert_eq!(body.quoted(), "> uno\n> \ttres\n>\n>   x\n> y");
        assert!(Body::new(&"x".repeat(BODY_BYTES_MAX)).is_ok());
        let bytes = BODY_BYTES_MAX + 1;
        assert_eq!(Body::new(&"x".repeat(bytes)), Err(BodyTooLong { bytes }));
    }

    #[test]
    fn neither_shows_itself_in_logs() {
        let shown = format!("{:?} {:?}", Line::new("secreto"), Body::new("secreto").unwrap());
        assert!(!shown.contains("secreto"), "{shown}");
    }
}
