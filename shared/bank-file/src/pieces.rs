//! A file in pieces: each can be worked through by itself, and together they are the file.

use std::io::{BufRead, Error, Read as _};

use crate::limits::{FILE_LINES_MAX, LINE_BYTES_MAX, PIECE_BYTES_MAX, PIECE_LINES_MAX};

/// A part of a file under the head of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The head, and some lines.
    pub bytes: Vec<u8>,
    /// So many lines of the file lie between the head and those lines.
    pub skipped: u32,
}

/// Why a file cannot be cut.
#[derive(Debug, thiserror::Error)]
pub enum PieceError {
    /// It cannot be read.
    #[error("no se puede leer: {0}")]
    Io(#[from] Error),
    /// It is too long.
    #[error("tiene más de {FILE_LINES_MAX} líneas: divídalo en varios archivos")]
    TooManyLines,
    /// Its head is too long.
    #[error("lo que precede a los movimientos pasa de {PIECE_BYTES_MAX} bytes")]
    HeadTooLong,
}

/// How many lines a file has.
///
/// # Errors
/// When it cannot be read, or has more than [`FILE_LINES_MAX`].
pub fn count_lines(mut file: impl BufRead) -> Result<u32, PieceError> {
    let mut line = Vec::new();
    let mut count = 0;
    while read_line(&mut file, &mut line)? {
        count += 1;
        if count > FILE_LINES_MAX {
            return Err(PieceError::TooManyLines);
        }
    }
    Ok(count)
}

/// Cuts a file into pieces of at most [`PIECE_LINES_MAX`] lines and [`PIECE_BYTES_MAX`] bytes.
pub struct Pieces<R> {
    file: R,
    head: Vec<u8>,
    skipped: u32,
    /// A line that did not fit into the piece before.
    waiting: Vec<u8>,
}

impl<R: BufRead> Pieces<R> {
    /// Reads the head, of so many lines.
    ///
    /// # Errors
    /// When the file cannot be read, or its head is too long.
    pub fn of(mut file: R, head_lines: u32) -> Result<Self, PieceError> {
        let (mut head, mut line) = (Vec::new(), Vec::new());
        for _ in 0..head_lines {
            if !read_line(&mut file, &mut line)? {
                break;
            }
            head.append(&mut line);
        }
        if head.len() > PIECE_BYTES_MAX / 2 {
            return Err(PieceError::HeadTooLong);
        }
        Ok(Self { file, head, skipped: 0, waiting: Vec::new() })
    }

    /// The next piece; none after the last. The first one is there even where the file has only a head,
    /// so that the head is looked at.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, PieceError> {
        let skipped = self.skipped;
        let mut piece = self.head.clone();
        let mut lines = 0;
        let mut line = std::mem::take(&mut self.waiting);
        while lines < PIECE_LINES_MAX {
            if line.is_empty() && !read_line(&mut self.file, &mut line)? {
                break;
            }
            if piece.len() + line.len() > PIECE_BYTES_MAX {
                self.waiting = line;
                break;
            }
            piece.append(&mut line);
            lines += 1;
        }
        self.skipped += lines;
        let there = lines > 0 || skipped == 0;
        // Only once: a file without movements has one piece.
        self.skipped = self.skipped.max(1);
        Ok(there.then_some(Piece { bytes: piece, skipped }))
    }
}

/// Reads a line with its end into `line`; of one that is too long, so much that it is seen to be.
fn read_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, Error> {
    line.clear();
    let limit = LINE_BYTES_MAX as u64 + 2;
    let read = file.by_ref().take(limit).read_until(b'\n', line)?;
    if read as u64 == limit && !line.ends_with(b"\n") {
        loop {
            let buffer = file.fill_buf()?;
            let (length, ended) = match buffer.iter().position(|b| *b == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            file.consume(length);
            if ended {
                break;
            }
        }
        line.push(b'\n');
    }
    Ok(read > 0)
}
