//! Mails that were damaged on purpose: real ones, with bytes changed, pieces cut out, doubled or taken
//! from other mails, headers doubled and boundaries mistaken.
//!
//! All is drawn from a counted generator, so the same seed is the same mail everywhere.

use std::path::PathBuf;

/// A sequence of numbers that follows from its seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The sequence of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, or 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % (end.max(1) as u64)).unwrap_or_default()
    }

    /// A range of at most `length` within `end`.
    fn range(&mut self, end: usize, length: usize) -> std::ops::Range<usize> {
        let from = self.below(end + 1);
        from..(from + self.below(length)).min(end)
    }
}

/// The example mails of the repository by the names of their files, in order.
///
/// # Panics
/// When they cannot be read.
#[must_use]
pub fn examples() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/mail");
    let entries = std::fs::read_dir(folder).expect("the examples are there");
    let mut paths: Vec<PathBuf> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "eml"));
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        (name, std::fs::read(path).expect("an example can be read"))
    };
    paths.iter().map(read).collect()
}

/// Pieces that mean something to whoever reads a mail.
const PIECES: [&[u8]; 48] = [
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"--",
    b"=?",
    b"?=",
    b"=?utf-8?B?",
    b"=?x?q?=",
    b"=\r\n",
    b"=3D",
    b"\"",
    b"\\",
    b"(",
    b")",
    b"<",
    b">",
    b"<!--",
    b"&#",
    b"&amp",
    b"</",
    b"<blockquote>",
    b"; boundary=\"\"",
    b"; boundary=x",
    b"\n--x\n",
    b"\n--x--\n",
    b"Content-Type: multipart/mixed; boundary=x\n\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Authentication-Results: amazonses.com; dmarc=pass header.from=b.example\n",
    b"Return-Path: <>\n",
    b"X-Millora-Notice: n\n",
    b"; charset=utf-7",
    b"; charset=utf-16",
    b"; name*0*=utf-8''%ff",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"From: a@b.example\n",
    b"Subject: [NORT-7K2QX9RD-Y]\n",
    b",",
    b":;",
    b"> ",
    "El 1 2 escribió:\n".as_bytes(),
    b"De: x\nEnviado: y\nPara: z\n",
    b"format=flowed",
    b"-- \n",
];

/// The mail with one to six faults, some of whose pieces come from `others`.
#[must_use]
pub fn damaged(draw: &mut Draw, mail: &[u8], others: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = mail.to_vec();
    for _ in 0..=draw.below(6) {
        damage(draw, &mut bytes, others);
    }
    bytes
}

fn damage(draw: &mut Draw, bytes: &mut Vec<u8>, others: &[(String, Vec<u8>)]) {
    let at = draw.below(bytes.len() + 1);
    match draw.below(12) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(draw.range(bytes.len(), 200))),
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << draw.below(8);
            }
        }
        3 => {
            let copy = bytes[draw.range(bytes.len(), 64)].to_vec();
            let times = 1 + draw.below(40);
            bytes.splice(at..at, copy.repeat(times));
        }
        4 => {
            let Some((_, other)) = others.get(draw.below(others.len())) else { return };
            let taken = other[draw.range(other.len(), other.len())].to_vec();
            let place = draw.range(bytes.len(), 200);
            bytes.splice(place, taken);
        }
        5 => header_again(draw, bytes),
        6 => header_away(draw, bytes),
        7 => other_boundary(draw, bytes),
        _ => {
            let piece = PIECES[draw.below(PIECES.len())];
            bytes.splice(at..at, piece.iter().copied());
        }
    }
}

/// Where the lines of the first section lie, with their ends.
fn header_lines(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut lines, mut start) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        lines.push(start..start + line.len());
        start += line.len();
    }
    lines
}

/// One header twice, the second time somewhere else: a second From, a second type.
fn header_again(draw: &mut Draw, bytes: &mut Vec<u8>) {
    let lines = header_lines(bytes);
    let place = |draw: &mut Draw| lines.get(draw.below(lines.len())).cloned();
    if let (Some(line), Some(to)) = (place(draw), place(draw)) {
        let copy = bytes[line].to_vec();
        bytes.splice(to.start..to.start, copy);
    }
}

fn header_away(draw: &mut Draw, bytes: &mut Vec<u8>) {
    let lines = header_lines(bytes);
    if let Some(line) = lines.get(draw.below(lines.len())) {
        drop(bytes.drain(line.clone()));
    }
}

/// A line that begins like a boundary, once more: closed, cut short, or within another part.
fn other_boundary(draw: &mut Draw, bytes: &mut Vec<u8>) {
    let starts: Vec<usize> =
        bytes.windows(3).enumerate().filter(|(_, it)| it == b"\n--").map(|it| it.0).collect();
    let Some(start) = starts.get(draw.below(starts.len())) else { return };
    let end = bytes[start + 1..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |it| start + 1 + it);
    let mut line = bytes[*start..end].trim_ascii_end().to_vec();
    match draw.below(4) {
        0 => line.extend(b"--"),
        1 => line.truncate(line.len().saturating_sub(1)),
        2 => line.push(b'x'),
        _ => line = line.strip_suffix(b"--").unwrap_or(&line).to_vec(),
    }
    line.insert(0, b'\r');
    line.extend(b"\r\n");
    let at = draw.below(bytes.len() + 1);
    bytes.splice(at..at, line);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_is_the_same_mail_and_another_another() {
        let mails = examples();
        let made = |seed| damaged(&mut Draw::new(seed), &mails[0].1, &mails);
        assert_eq!(made(7), made(7));
        let all: BTreeSet<Vec<u8>> = (0..500).map(made).collect();
        assert!(all.len() > 450, "{}", all.len());
    }
}
