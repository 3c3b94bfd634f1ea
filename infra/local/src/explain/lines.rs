//! Lines of bytes with a limit: what is too long is skipped, never kept.

use std::io::{self, BufRead};

/// One line of the input, without its end.
pub(super) enum Line<'a> {
    /// The line, whatever bytes it holds.
    Whole(&'a [u8]),
    /// It is longer than the limit.
    TooLong,
}

/// The lines of an input.
pub(super) struct Lines<R> {
    input: R,
    bytes_max: usize,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`, each of at most `bytes_max` bytes.
    pub(super) const fn new(input: R, bytes_max: usize) -> Self {
        Self { input, bytes_max, line: Vec::new() }
    }

    /// The next line; none at the end of the input. The last line needs no end of its own.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let (mut any, mut length) = (false, 0_usize);
        loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            length = length.saturating_add(piece.len());
            if length <= self.bytes_max {
                self.line.extend_from_slice(piece);
            }
            let read = piece.len() + usize::from(end.is_some());
            self.input.consume(read);
            if end.is_some() {
                break;
            }
        }
        Ok(match (any, length <= self.bytes_max) {
            (false, _) => None,
            (true, true) => Some(Line::Whole(&self.line)),
            (true, false) => Some(Line::TooLong),
        })
    }
}
