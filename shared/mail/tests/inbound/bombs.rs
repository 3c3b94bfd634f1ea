//! Mails that are made to cost time or memory. Each ends at a limit, or is read within bounds.

use mail::inbound::{Limit, Unusable, limits, parse};
use tests_hostile::bombs;

#[test]
fn every_bomb_ends_where_it_should() {
    for bomb in bombs::all() {
        let bytes = (bomb.made)();
        let found = match parse(&bytes) {
            Ok(mail) => {
                assert!(mail.text.full.as_str().len() <= limits::TEXT_BYTES_MAX, "{}", bomb.name);
                "read"
            }
            Err(Unusable::Over(limit)) => limit.code(),
            Err(Unusable::NoHeaders) => "no_headers",
        };
        assert_eq!(found, bomb.ends, "{}", bomb.name);
    }
}

#[test]
fn limits_hold_exactly_at_their_number() {
    let to = |n: usize| format!("From: a@b.example\nTo: {}\n\n", vec!["x@y.example"; n].join(","));
    let refs = |n: usize| format!("From: a@b.example\nReferences:{}\n\n", " <a@b>".repeat(n));
    let parts = |n: usize| {
        let head = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n";
        format!("{head}{}", "--x\n\nhola\n".repeat(n))
    };
    let nested = |n: usize| {
        let mut text = String::from("From: a@b.example\n");
        for level in 0..n {
            text += &format!("Content-Type: multipart/mixed; boundary=b{level}x\n\n--b{level}x\n");
        }
        text + "\nhola\n"
    };
    // From takes one address, the mail itself one part.
    let table = [
        (to(limits::ADDRESSES_MAX - 1), to(limits::ADDRESSES_MAX), Limit::Addresses),
        (refs(limits::REFERENCES_MAX), refs(limits::REFERENCES_MAX + 1), Limit::References),
        (parts(limits::PARTS_MAX - 1), parts(limits::PARTS_MAX), Limit::Parts),
        (nested(limits::DEPTH_MAX), nested(limits::DEPTH_MAX + 1), Limit::Depth),
    ];
    for (within, over, limit) in table {
        assert!(parse(within.as_bytes()).is_ok(), "{limit:?}");
        assert_eq!(parse(over.as_bytes()).err(), Some(Unusable::Over(limit)));
    }
}
