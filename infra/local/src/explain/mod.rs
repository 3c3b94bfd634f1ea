//! `millora explain`: why a date is what it is, for anybody who asks.
//!
//! JSON lines in, one JSON line out for each, in order. A line that cannot be answered is answered
//! with all of its faults; nothing that a line holds stops the lines after it. With `text` the same
//! is written for people, in Spanish.

mod attention;
mod auto_close;
mod business_elapsed;
mod business_time;
mod calendars;
mod edition;
mod fault;
mod json;
mod lines;
mod payment;
mod reader;
mod renewal;
mod reply;
mod whatsapp_reply;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Write};

use calendars::Calendars;
use fault::{Fault, Problem};
use json::Json;
use lines::{Line, Lines};
use reader::Reader;
use reply::Reply;

/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 1024 * 1024;
/// The most pauses of one request.
const PAUSES_MAX: usize = 1000;
/// The most payments of one request.
const PAYMENTS_MAX: usize = 1000;
/// The most instants that one request asks about.
const AS_OF_MAX: usize = 1000;

/// The most faults of one line that are told.
const FAULTS_MAX: usize = 100;

/// The kinds of requests, one file each.
const KINDS: &[&str] = &[
    "attention",
    "auto_close",
    "whatsapp_reply",
    "business_time",
    "business_elapsed",
    "renewal",
    "edition",
    "payment",
];

/// Answers every line of `input` on `output`. Returns whether any answer was an error.
///
/// # Errors
/// Only those of reading and writing.
pub(crate) fn run(input: impl BufRead, mut output: impl Write, text: bool) -> io::Result<bool> {
    let mut lines = Lines::new(input, LINE_BYTES_MAX);
    let mut calendars = Calendars::default();
    let (mut any_error, mut number) = (false, 0_u64);
    while let Some(line) = lines.next()? {
        number += 1;
        let answer = match line {
            Line::Whole(bytes) => answer(bytes, &mut calendars),
            Line::TooLong => Err(vec![Fault::of_line(Problem::LineTooLong)]),
        };
        any_error |= answer.is_err();
        let written = match (answer, text) {
            (Ok(reply), false) => reply.json(),
            (Ok(reply), true) => reply.text(number),
            (Err(faults), false) => fault::json(&faults),
            (Err(faults), true) => fault::text(&faults, number),
        };
        writeln!(output, "{written}")?;
        // Whoever asks line by line waits for each answer.
        output.flush()?;
    }
    Ok(any_error)
}

/// The answer to one line, or all of its faults.
fn answer(line: &[u8], calendars: &mut Calendars) -> Result<Reply, Vec<Fault>> {
    let line = str::from_utf8(line).map_err(|_| vec![Fault::of_line(Problem::NotUtf8)])?;
    if line.trim().is_empty() {
        return Err(vec![Fault::of_line(Problem::Blank)]);
    }
    let request = Json::parse(line).map_err(|why| vec![Fault::of_line(Problem::NotJson(why))])?;
    let Json::Object(fields) = request else {
        return Err(vec![Fault::of_line(Problem::NotAnObject)]);
    };
    let mut reader = Reader::new(fields);
    match reader.choice("kind", KINDS) {
        Some(Some("attention")) => attention::answer(reader, calendars),
        Some(Some("auto_close")) => auto_close::answer(reader, calendars),
        Some(Some("whatsapp_reply")) => whatsapp_reply::answer(reader, calendars),
        Some(Some("business_time")) => business_time::answer(reader, calendars),
        Some(Some("business_elapsed")) => business_elapsed::answer(reader, calendars),
        Some(Some("renewal")) => renewal::answer(reader),
        Some(Some("edition")) => edition::answer(reader),
        Some(Some("payment")) => payment::answer(reader),
        Some(Some(_)) | None => Err(reader.give_up()),
        Some(None) => {
            reader.fault("kind", Problem::MissingChoice(KINDS));
            Err(reader.give_up())
        }
    }
}
