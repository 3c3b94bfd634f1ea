//! The MIME tree, walked once: which leaves a mail has and where their bytes lie.
//!
//! The walk is linear whatever the input: it looks at every line that starts with two hyphens once,
//! and compares it with the boundaries that are open there. Messages within the mail are leaves: they
//! are attachments, whole, and are not entered.

use memchr::{memchr, memmem};

use super::headers::Headers;
use super::limits::{
    BOUNDARY_STEPS_MAX, DASH_LINES_MAX, DEPTH_MAX, Limit, PART_HEADER_BYTES_MAX, PARTS_MAX,
};
use super::limits::{Budget, Unusable};
use super::part_head::PartHead;

/// A part that holds no parts.
pub(super) struct Leaf<'a> {
    pub(super) head: PartHead,
    pub(super) body: &'a [u8],
    /// Which `multipart/alternative` it lies in, counted from 0: the innermost one.
    pub(super) alternative: Option<usize>,
    /// It is the direct or indirect part of a `multipart/report`.
    pub(super) in_report: bool,
}

/// A container that is open.
struct Container {
    boundary: Vec<u8>,
    alternative: Option<usize>,
    in_report: bool,
    digest: bool,
    body_at: usize,
    parts: usize,
}

struct Walk<'a, 'b> {
    raw: &'a [u8],
    budget: &'b mut Budget,
    leaves: Vec<Leaf<'a>>,
    open: Vec<Container>,
    /// The leaf whose body is being passed: its head and where the body begins.
    current: Option<(PartHead, usize)>,
    alternatives: usize,
    parts: usize,
}

/// The leaves of a mail, in their order. `head` is the mail's own, whose body begins at `body_at`.
pub(super) fn leaves<'a>(
    raw: &'a [u8],
    body_at: usize,
    head: PartHead,
    budget: &mut Budget,
) -> Result<Vec<Leaf<'a>>, Unusable> {
    let mut walk = Walk {
        raw,
        budget,
        leaves: Vec::new(),
        open: Vec::new(),
        current: None,
        alternatives: 0,
        parts: 0,
    };
    walk.enter(head, body_at)?;
    if !walk.open.is_empty() {
        walk.all(body_at)?;
    }
    walk.close_to(0, raw.len());
    walk.leaf_ends(raw.len());
    Ok(walk.leaves)
}

impl<'a> Walk<'a, '_> {
    /// Passes every line that may be a boundary.
    fn all(&mut self, body_at: usize) -> Result<(), Unusable> {
        let finder = memmem::Finder::new(b"\n--");
        let (mut lines, mut steps) = (0, 0);
        let mut at = body_at;
        if self.raw[at..].starts_with(b"--") {
            at = self.line(at)?;
        }
        while let Some(found) = finder.find(&self.raw[at..]) {
            lines += 1;
            steps += self.open.iter().map(|it| it.boundary.len()).sum::<usize>();
            if lines > DASH_LINES_MAX || steps > BOUNDARY_STEPS_MAX {
                return Err(Unusable::Over(Limit::DashLines));
            }
            at = self.line(at + found + 1)?;
        }
        Ok(())
    }

    /// Looks at the line that starts with two hyphens at `start`; gives where to look on. The line
    /// end before a boundary belongs to it, so the search goes on at the line end.
    fn line(&mut self, start: usize) -> Result<usize, Unusable> {
        let rest = &self.raw[start + 2..];
        let Some((level, closes)) = boundary(&self.open, rest) else {
            return Ok(start + 2);
        };
        let end = memchr(b'\n', rest).map_or(self.raw.len(), |length| start + 2 + length);
        self.leaf_ends(before_line(self.raw, start));
        self.close_to(level + 1, before_line(self.raw, start));
        self.open[level].parts += 1;
        if closes {
            self.open.truncate(level);
            return Ok(end);
        }
        let part_at = (end + 1).min(self.raw.len());
        let open = &self.open;
        let stops = |line: &[u8]| boundary(open, &line[2..]).is_some();
        let (headers, length) = Headers::read(&self.raw[part_at..], PART_HEADER_BYTES_MAX, stops)?;
        let default_message = self.open[level].digest;
        let head = PartHead::read(&headers, default_message, self.budget)?;
        let body_at = part_at + length;
        self.enter(head, body_at)?;
        // One byte back, so that a boundary right behind the headers is found as well.
        Ok(body_at.saturating_sub(1).max(end.min(body_at)))
    }

    /// A part begins: a container is opened, anything else is a leaf.
    fn enter(&mut self, head: PartHead, body_at: usize) -> Result<(), Unusable> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(Unusable::Over(Limit::Parts));
        }
        let Some(boundary) = head.boundary().map(|it| it.as_bytes().to_vec()) else {
            self.current = Some((head, body_at));
            return Ok(());
        };
        if self.open.len() >= DEPTH_MAX {
            return Err(Unusable::Over(Limit::Depth));
        }
        let parent = self.open.last();
        let mut alternative = parent.and_then(|it| it.alternative);
        let in_report = head.is("multipart/report") || parent.is_some_and(|it| it.in_report);
        if head.is("multipart/alternative") {
            alternative = Some(self.alternatives);
            self.alternatives += 1;
        }
        let digest = head.is("multipart/digest");
        self.open.push(Container { boundary, alternative, in_report, digest, body_at, parts: 0 });
        Ok(())
    }

    fn leaf_ends(&mut self, end: usize) {
        if let Some((head, body_at)) = self.current.take() {
            let body = &self.raw[body_at..end.max(body_at)];
            self.push(head, body);
        }
    }

    /// Closes the containers from `level` on. One in which no part began holds plain text.
    fn close_to(&mut self, level: usize, end: usize) {
        while self.open.len() > level {
            let Some(container) = self.open.pop() else { return };
            if container.parts == 0 {
                let body = &self.raw[container.body_at..end.max(container.body_at)];
                self.push(PartHead::plain_text(), body);
            }
        }
    }

    fn push(&mut self, head: PartHead, body: &'a [u8]) {
        let inside = self.open.last();
        let alternative = inside.and_then(|it| it.alternative);
        let in_report = inside.is_some_and(|it| it.in_report);
        self.leaves.push(Leaf { head, body, alternative, in_report });
    }
}

/// Which open container a line belongs to, from the innermost, and whether it closes it. `rest` is
/// what follows the two hyphens.
fn boundary(open: &[Container], rest: &[u8]) -> Option<(usize, bool)> {
    open.iter().enumerate().rev().find_map(|(level, container)| {
        let after = rest.strip_prefix(container.boundary.as_slice())?;
        match after {
            [] | [b'\r' | b'\n' | b' ' | b'\t', ..] => Some((level, false)),
            [b'-', b'-', ..] => Some((level, true)),
            [_, ..] => None,
        }
    })
}

/// Where the line before `start` ends, without its line end.
fn before_line(raw: &[u8], start: usize) -> usize {
    match &raw[..start] {
        [.., b'\r', b'\n'] => start - 2,
        [.., b'\n'] => start - 1,
        _ => start,
    }
}
