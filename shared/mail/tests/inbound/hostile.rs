//! Any bytes end as one mail or one reason, and nothing is lost by folding.
//!
//! The mutations are drawn from a counted generator, so a run is the same everywhere; its seed is
//! printed with a failure. `INBOUND_ROUNDS` asks for more rounds per mail.

use mail::inbound::{Inbound, fold, limits, marks, parse, report, signs, verdicts, visible};
use mail::inbound::{Stamp, content_digest};
use mail::outbound::Sender;
use proptest::prelude::*;

use crate::corpus::Corpus;

/// Rounds over each example mail in the suite.
const ROUNDS: u64 = 150;

/// Splitmix64: small, and the same everywhere.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }
}

/// Pieces that mean something to a parser.
const PIECES: [&[u8]; 40] = [
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"--",
    b"=?",
    b"?=",
    b"=?utf-8?B?",
    b"=?x?q?=",
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
    b"Content-Type: message/rfc822\n\n",
    b"Content-Transfer-Encoding: base64\n",
    b"; charset=utf-7",
    b"; charset=utf-16",
    b"; name*0*=utf-8''%ff",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"From: a@b.example\n",
    b",",
    b":;",
    b"> ",
    "El 1 2 escribió:\n".as_bytes(),
    b"De: x\nEnviado: y\nPara: z\n",
    b"format=flowed",
];

fn mutate(draw: &mut Draw, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    let at = draw.below(bytes.len() + 1);
    let length = draw.below(64).min(bytes.len() - at.min(bytes.len()));
    match draw.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..at + length)),
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << draw.below(8);
            }
        }
        3 => {
            let copy = bytes[at..at + length].to_vec();
            let times = 1 + draw.below(40);
            bytes.splice(at..at, copy.repeat(times));
        }
        4 => {
            let other = &others[draw.below(others.len())];
            let from = draw.below(other.len());
            let to = from + draw.below(other.len() - from);
            bytes.splice(at..at, other[from..to].iter().copied());
        }
        _ => {
            let piece = PIECES[draw.below(PIECES.len())];
            bytes.splice(at..at, piece.iter().copied());
        }
    }
}

fn ours() -> Sender {
    Sender::new("soporte", "soporte.millora.example", "https://tickets.millora.example").unwrap()
}

/// Everything that the crate can be asked about a mail.
fn exercise(raw: &[u8]) {
    let Ok(mail) = parse(raw) else { return };
    let ours = ours();
    let _ = (signs(&mail, &ours, None), marks(&mail, &ours, None), report(&mail, &ours));
    let _ = (verdicts(&Stamp::of(&mail), None), content_digest(&mail));
    whole(&mail);
}

/// Folds are ranges of the text, in order; what is shown is part of it; parts lie within the mail.
fn whole(mail: &Inbound<'_>) {
    let text = mail.text.full.as_str();
    assert!(text.len() <= limits::TEXT_BYTES_MAX);
    let mut at = 0;
    for fold in &mail.text.folds {
        assert!(at <= fold.range.start && fold.range.start < fold.range.end);
        assert!(text.get(fold.range.clone()).is_some());
        at = fold.range.end;
    }
    let visible = mail.text.visible();
    assert!(text.trim().is_empty() || !visible.trim().is_empty());
    for line in visible.lines().filter(|line| !line.is_empty()) {
        assert!(text.contains(line));
    }
    assert!(mail.parts.len() <= limits::PARTS_MAX);
    for (place, part) in mail.parts.iter().enumerate() {
        assert_eq!(part.number, place + 1);
        assert!(!part.name.is_empty() && !part.name.as_str().contains(['/', '\\']));
    }
}

#[test]
fn mutated_examples_never_panic() {
    let rounds = std::env::var("INBOUND_ROUNDS").ok().and_then(|it| it.parse().ok());
    let rounds: u64 = rounds.unwrap_or(ROUNDS);
    let files: Vec<Vec<u8>> = Corpus::files().into_values().collect();
    for (place, file) in files.iter().enumerate() {
        for round in 0..rounds {
            let seed = (place as u64) << 32 | round;
            let mut draw = Draw(seed);
            let mut bytes = file.clone();
            for _ in 0..=draw.below(6) {
                mutate(&mut draw, &mut bytes, &files);
            }
            let done = std::panic::catch_unwind(|| exercise(&bytes));
            assert!(done.is_ok(), "seed {seed}, {} bytes", bytes.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_one_mail_or_one_reason(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        exercise(&bytes);
        exercise(&[b"From: a@b.example\r\n".as_slice(), &bytes].concat());
        exercise(&[b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n".as_slice(), &bytes].concat());
    }

    #[test]
    fn folding_loses_nothing(lines in proptest::collection::vec(
        prop_oneof![
            Just("> citado"), Just(""), Just("--"), Just("texto"), Just("Enviado desde mi iPhone"),
            Just("El vie, 20 nov 2026 a las 9:40, X escribió:"), Just("-----Mensaje original-----"),
            Just("De: x"), Just("Enviado: y"), Just("Para: z"), Just("Asunto: w"), Just("ñandú"),
            Just("---------- Forwarded message ---------"), Just("____________"),
        ], 0..30), forwarded in any::<bool>()) {
        let text = lines.join("\n");
        let folds = fold(&text, forwarded);
        let mut rebuilt = String::new();
        let mut at = 0;
        for it in &folds {
            rebuilt.push_str(&text[at..it.range.start]);
            rebuilt.push_str(&text[it.range.clone()]);
            at = it.range.end;
        }
        rebuilt.push_str(&text[at..]);
        prop_assert_eq!(&rebuilt, &text);
        prop_assert_eq!(text.trim().is_empty(), visible(&text, &folds).trim().is_empty());
    }
}
