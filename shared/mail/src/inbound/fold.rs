//! Quoted text folded for display (M6). Nothing is lost: a fold is a range of the whole text.
//!
//! Mail programs mark what they quote in three ways: `>` before each line, a line that says who
//! wrote when ("El vie, 20 nov 2026 … escribió:"), or a block of headers ("De: … Enviado el: …
//! Para: … Asunto: …"). With marked lines exactly those are folded, so that an answer between them
//! or below them stays; a block of headers, or an unmarked quotation, goes to the end.

use std::ops::Range;

use super::layouts::{
    closes_attribution, is_divider, is_forward_divider, is_header_block, is_original_divider,
    is_phone_signature, opens_attribution,
};

/// An attribution may be wrapped over so many lines.
const ATTRIBUTION_LINES_MAX: usize = 4;
/// A signature has at most so many lines; what is longer behind a `--` is text.
const SIGNATURE_LINES_MAX: usize = 20;

/// Why a range is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldKind {
    /// It quotes an earlier mail.
    Quoted,
    /// It is a signature.
    Signature,
}

/// A folded range of the whole text: whole lines with their line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Bytes of the whole text.
    pub range: Range<usize>,
    /// Why.
    pub kind: FoldKind,
}

/// The folds of `text`, in order, apart from each other. In a forwarded mail the blocks of headers
/// are what is told, so they stay. When nothing would be left to read, nothing is folded.
#[must_use]
pub fn fold(text: &str, forwarded: bool) -> Vec<Fold> {
    let lines: Vec<Range<usize>> = line_ranges(text);
    let shown: Vec<&str> = lines.iter().map(|range| text[range.clone()].trim()).collect();
    let mut kinds = vec![None; lines.len()];
    let to_the_end = mark_quotes(&shown, forwarded, &mut kinds);
    mark_signatures(&shown, to_the_end, &mut kinds);
    take_blank_lines(&shown, &mut kinds);
    let anything_left =
        kinds.iter().zip(&shown).any(|(kind, line)| kind.is_none() && !line.is_empty());
    if anything_left { joined(&lines, &kinds) } else { Vec::new() }
}

/// What is not folded, with at most one empty line between paragraphs.
#[must_use]
pub fn visible(text: &str, folds: &[Fold]) -> String {
    let mut out = String::new();
    let mut at = 0;
    let end = Fold { range: text.len()..text.len(), kind: FoldKind::Quoted };
    for fold in folds.iter().chain([&end]) {
        for line in text[at..fold.range.start].lines() {
            if !(line.trim().is_empty() && (out.is_empty() || out.ends_with("\n\n"))) {
                out.push_str(line);
                out.push('\n');
            }
        }
        at = fold.range.end;
    }
    out.truncate(out.trim_end().len());
    out
}

fn line_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        ranges.push(start..start + line.len());
        start += line.len();
    }
    ranges
}

/// Marks what is quoted; gives the first line from which everything is.
fn mark_quotes(shown: &[&str], forwarded: bool, kinds: &mut [Option<FoldKind>]) -> usize {
    let mut at = 0;
    while at < shown.len() {
        let line = shown[at];
        if line.starts_with('>') {
            kinds[at] = Some(FoldKind::Quoted);
            at += 1;
            continue;
        }
        if is_forward_divider(line) {
            // What is forwarded is told, not quoted: it stays up to the end.
            return shown.len();
        }
        if let Some(length) = attribution(&shown[at..]) {
            let next = shown[at + length..].iter().find(|line| !line.is_empty());
            let marked = next.is_some_and(|line| line.starts_with('>'));
            let end = if marked { at + length } else { shown.len() };
            kinds[at..end].fill(Some(FoldKind::Quoted));
            if !marked {
                return at;
            }
            at = end;
            continue;
        }
        if !forwarded && let Some(start) = block(shown, at) {
            kinds[start..].fill(Some(FoldKind::Quoted));
            return start;
        }
        at += 1;
    }
    shown.len()
}

/// How many lines the attribution has that begins here.
fn attribution(lines: &[&str]) -> Option<usize> {
    if !opens_attribution(lines.first()?) {
        return None;
    }
    let mut joined = String::new();
    for (place, line) in lines.iter().take(ATTRIBUTION_LINES_MAX).enumerate() {
        if line.is_empty() || line.starts_with('>') {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
        if closes_attribution(&joined) {
            return Some(place + 1);
        }
    }
    None
}

/// Where the quotation starts whose divider or block of headers is at `at`.
fn block(shown: &[&str], at: usize) -> Option<usize> {
    let next = |from: usize| {
        let rest = shown.get(from..)?;
        let blanks = rest.iter().take(2).take_while(|line| line.is_empty()).count();
        rest.get(blanks..)
    };
    if is_original_divider(shown[at]) {
        return next(at + 1).is_some_and(is_header_block).then_some(at);
    }
    if is_divider(shown[at]) && next(at + 1).is_some_and(is_header_block) {
        return Some(at);
    }
    is_header_block(&shown[at..]).then_some(at)
}

fn mark_signatures(shown: &[&str], to_the_end: usize, kinds: &mut [Option<FoldKind>]) {
    let mut at = 0;
    while at < to_the_end {
        if kinds[at].is_none() && is_phone_signature(shown[at]) {
            kinds[at] = Some(FoldKind::Signature);
        }
        if kinds[at].is_none()
            && shown[at] == "--"
            && let Some(length) = signature(&shown[at..to_the_end], &kinds[at..to_the_end])
        {
            kinds[at..at + length].fill(Some(FoldKind::Signature));
        }
        at += 1;
    }
}

/// How many lines the signature has that begins with the first of `shown`; none when it is too long
/// for one. No line behind the one that makes it too long is looked at, however many such there are.
fn signature(shown: &[&str], kinds: &[Option<FoldKind>]) -> Option<usize> {
    let (mut length, mut written) = (0, 0);
    for (line, _) in shown.iter().zip(kinds).take_while(|(_, kind)| kind.is_none()) {
        length += 1;
        written += usize::from(!line.is_empty());
        if written > SIGNATURE_LINES_MAX {
            return None;
        }
    }
    Some(length)
}

/// Empty lines between two folds of one kind belong to them.
fn take_blank_lines(shown: &[&str], kinds: &mut [Option<FoldKind>]) {
    let mut before: Option<(usize, FoldKind)> = None;
    for at in 0..kinds.len() {
        match (kinds[at], before) {
            (Some(kind), Some((last, same))) if kind == same => {
                kinds[last..at].fill(Some(kind));
                before = Some((at, kind));
            }
            (Some(kind), _) => before = Some((at, kind)),
            (None, _) if shown[at].is_empty() => {}
            (None, _) => before = None,
        }
    }
}

fn joined(lines: &[Range<usize>], kinds: &[Option<FoldKind>]) -> Vec<Fold> {
    let mut folds: Vec<Fold> = Vec::new();
    for (line, kind) in lines.iter().zip(kinds) {
        let Some(kind) = *kind else { continue };
        match folds.last_mut() {
            Some(last) if last.kind == kind && last.range.end == line.start => {
                last.range.end = line.end;
            }
            Some(_) | None => folds.push(Fold { range: line.clone(), kind }),
        }
    }
    folds
}
