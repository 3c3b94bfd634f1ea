//! The text that a person wrote, out of the leaves of a mail.

use std::collections::BTreeSet;

use super::decode::{Transfer, decode, text as in_charset};
use super::html;
use super::limits::{TEXT_BYTES_MAX, TEXT_SOURCE_BYTES_MAX};
use super::part_head::Disposition;
use super::structure::Leaf;
use crate::Body;

/// From which kind of part the text comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOrigin {
    /// Plain text.
    Plain,
    /// HTML, turned into text.
    Html,
    /// No part holds text to be read.
    None,
}

/// The text of a mail, whole.
pub(super) struct Whole {
    pub(super) body: Body,
    pub(super) origin: TextOrigin,
    pub(super) cut: bool,
    /// Places of the leaves whose text it holds whole.
    pub(super) shown: Vec<usize>,
}

pub(super) fn whole(leaves: &[Leaf<'_>]) -> Whole {
    let mut text = String::new();
    let mut whole =
        Whole { body: clean(""), origin: TextOrigin::None, cut: false, shown: Vec::new() };
    let plain = alternatives_in_plain_text(leaves);
    let mut source = TEXT_SOURCE_BYTES_MAX;
    for (place, leaf) in leaves.iter().enumerate() {
        let alone = leaves.len() == 1;
        // Of alternatives the plain text is taken.
        let is_plain = leaf.head.is("text/plain");
        let is_chosen = leaf.alternative.is_none_or(|group| plain.contains(&group) == is_plain);
        if !(is_text(leaf) || alone && is_readable(leaf)) || !is_chosen {
            continue;
        }
        let room = TEXT_BYTES_MAX.saturating_sub(text.len());
        let (part, taken, cut) = read(leaf, room, source);
        source -= taken;
        whole.cut |= cut;
        if !cut {
            whole.shown.push(place);
        }
        let is_html = leaf.head.is("text/html");
        if !part.trim().is_empty() {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&part);
            let origin = if is_html { TextOrigin::Html } else { TextOrigin::Plain };
            if whole.origin == TextOrigin::None {
                whole.origin = origin;
            }
        }
    }
    if text.len() > TEXT_BYTES_MAX {
        whole.cut = true;
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    }
    whole.body = clean(&text);
    whole
}

fn clean(text: &str) -> Body {
    Body::new(text).expect("a text is cut below what a body holds")
}

/// Text to be read, not a file that happens to be text.
fn is_text(leaf: &Leaf<'_>) -> bool {
    is_readable(leaf) && leaf.head.name.is_none()
}

/// Text that may be read. A name makes it a file, unless it is all that the mail holds.
fn is_readable(leaf: &Leaf<'_>) -> bool {
    let text = leaf.head.is("text/plain") || leaf.head.is("text/html");
    text && leaf.head.disposition != Disposition::Attachment
}

/// The alternatives that have a plain text which says something: some programs write an empty one.
fn alternatives_in_plain_text(leaves: &[Leaf<'_>]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for leaf in leaves.iter().filter(|leaf| leaf.head.is("text/plain") && is_text(leaf)) {
        let Some(group) = leaf.alternative.filter(|group| !found.contains(group)) else { continue };
        let says = |room| !read(leaf, room, TEXT_SOURCE_BYTES_MAX).0.trim().is_empty();
        if !leaf.body.trim_ascii().is_empty() && [128, 4_096].into_iter().any(says) {
            found.insert(group);
        }
    }
    found
}

/// The text of one leaf, as far as `room` bytes go and `source` bytes of the leaf, how many of those
/// were taken, and whether anything was cut.
fn read(leaf: &Leaf<'_>, room: usize, source: usize) -> (String, usize, bool) {
    // HTML takes more bytes than its text, encodings and their line ends more than what they hold.
    let factor = if leaf.head.is("text/html") { 4 } else { 1 };
    let encoded = match leaf.head.transfer {
        Transfer::Plain => room,
        Transfer::Base64 => room / 2 * 3,
        Transfer::QuotedPrintable => room * 3,
    };
    let taken = encoded.saturating_mul(factor).min(leaf.body.len()).min(source);
    let bytes = decode(&leaf.body[..taken], leaf.head.transfer);
    let bytes = if taken < leaf.body.len() { before_cut_character(&bytes) } else { &bytes };
    let text = in_charset(bytes, leaf.head.charset.as_deref());
    let mut text = if leaf.head.is("text/html") {
        html::to_text(&text)
    } else if leaf.head.flowed {
        unflowed(&text)
    } else {
        text.into_owned()
    };
    let cut = taken < leaf.body.len() || text.len() > room;
    text.truncate(text.floor_char_boundary(room));
    (text, taken, cut)
}

/// The bytes without the character that was cut at their end, which would make them no UTF-8.
fn before_cut_character(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(fault) if fault.error_len().is_none() => &bytes[..fault.valid_up_to()],
        Ok(_) | Err(_) => bytes,
    }
}

/// Flowed text (RFC 3676): a line that ends in a space goes on in the next one of the same depth.
fn unflowed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let content = &line[depth..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        if open == Some(depth) && content != "-- " {
            out.push_str(content);
        } else {
            if !out.is_empty() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
            out.push_str(content);
        }
        open = (content.ends_with(' ') && content != "-- ").then_some(depth);
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_stays_whole_in_its_part() {
        let text = "ñandú ".repeat(100_000);
        for shift in ["", "a", "ab"] {
            let raw = format!("From: a@b.example\r\n\r\n{shift}{text}");
            let mail = super::super::parse(raw.as_bytes()).unwrap();
            assert!(mail.text.cut && !mail.parts[0].shown);
            assert!(!mail.text.full.as_str().contains(['Ã', '\u{fffd}']));
            assert!(mail.text.full.as_str().len() > TEXT_BYTES_MAX - 8);
            assert_eq!(mail.parts[0].bytes().len(), shift.len() + text.len());
        }
    }

    #[test]
    fn a_text_with_a_name_is_read_when_it_is_all_there_is() {
        let head = "From: a@b.example\r\nContent-Type: text/plain; name=\"cuerpo.txt\"\r\n";
        let shown = |rest: &str| {
            let raw = format!("{head}{rest}\r\nhola");
            super::super::parse(raw.as_bytes()).unwrap().text.visible()
        };
        assert_eq!(shown(""), "hola");
        assert_eq!(shown("Content-Disposition: attachment\r\n"), "");
    }

    #[test]
    fn flowed_lines_are_joined_within_one_depth() {
        let table = [
            ("uno \r\ndos\r\n", "uno dos\n"),
            ("> uno \n> dos\ntres\n", "> uno dos\ntres\n"),
            ("uno \n> dos\n", "uno \n> dos\n"),
            ("fin\n-- \nAna\n", "fin\n-- \nAna\n"),
            (" > no es cita\n", "> no es cita\n"),
        ];
        for (given, expected) in table {
            assert_eq!(unflowed(given), expected, "{given:?}");
        }
    }
}
