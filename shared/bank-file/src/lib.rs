//! A bank's statement as a file: what each of its lines says.
//!
//! > *10. Pagos, Suspensión y Cancelación. […] Pago dentro de los primeros 5 días del mes.*
//!
//! Rules 10.2 and G10. Every bank writes its statements in a way of its own, so a [`Mapping`] is kept for
//! each: which column is what, how dates and amounts are written. A [`Statement`] goes through a file line
//! by line and says of each what it is: a deposit, something else, or why it cannot be read. No line loses
//! another. It knows no client, no account and no clock; which of the [`Mention`]s is a client, and what
//! becomes of a deposit, is asked elsewhere.
//!
//! One line of the file is one movement: a quoted value does not go on in the next line. So a quote that
//! is never closed spoils its own line and no other, and a file can be cut wherever a line ends
//! ([`Pieces`]).

mod amount;
mod limits;
mod mapping;
mod pieces;
mod statement;
mod words;

pub use limits::{
    COLUMNS_MAX, FILE_LINES_MAX, LINE_BYTES_MAX, PIECE_BYTES_MAX, PIECE_LINES_MAX, SENDERS_MAX,
    SKIP_LINES_MAX, TEXT_CHARS_MAX,
};
pub use mapping::{Decimal, Mapping, MappingFault, Sender};
pub use pieces::{Piece, PieceError, Pieces, count_lines};
pub use statement::{Deposit, Found, Mention, Movement, Statement};
