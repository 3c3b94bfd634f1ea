//! Any bytes end as one mail or one reason, and nothing is lost by folding.
//!
//! The mutations are drawn from a counted generator, so a run is the same everywhere; its seed is
//! printed with a failure. `INBOUND_ROUNDS` asks for more rounds per mail.

use mail::inbound::{Inbound, fold, limits, marks, parse, report, signs, verdicts, visible};
use mail::inbound::{Stamp, content_digest};
use mail::outbound::Sender;
use proptest::prelude::*;
use tests_hostile::damage::{Draw, damaged, examples};

/// Rounds over each example mail in the suite.
const ROUNDS: u64 = 150;

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
    let mails = examples();
    for (place, (_, mail)) in mails.iter().enumerate() {
        for round in 0..rounds {
            let seed = (place as u64) << 32 | round;
            let bytes = damaged(&mut Draw::new(seed), mail, &mails);
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
