//! References: what is mistyped is found before anybody looks for it.

use domain::{ClientId, SpocId, TicketRef};

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn drawn(seed: u8) -> TicketRef {
    let client = ClientId::parse("ACME").expect("a client code");
    client.reference([seed, seed.wrapping_mul(7), 3, 250, seed.wrapping_add(9), 31, 32, 128])
}

#[test]
fn a_drawn_reference_is_valid() {
    for seed in 0..=255 {
        let reference = drawn(seed);
        assert_eq!(TicketRef::parse(reference.as_str()).as_ref(), Ok(&reference));
        assert_eq!(reference.client().as_str(), "ACME");
    }
}

/// Every single wrong symbol is found, in the client's code too.
#[test]
fn one_wrong_symbol() {
    for seed in [0, 17, 99, 255] {
        let right = drawn(seed).as_str().to_owned();
        for place in (0..4).chain(5..13) {
            for symbol in SYMBOLS {
                let mut wrong = right.clone().into_bytes();
                if wrong[place] == *symbol {
                    continue;
                }
                wrong[place] = *symbol;
                let wrong = String::from_utf8(wrong).expect("ASCII");
                assert!(TicketRef::parse(&wrong).is_err(), "{right} mistyped as {wrong}");
            }
        }
    }
}

/// Swaps of neighbours are found but for fewer than one in a hundred.
#[test]
fn swapped_neighbours() {
    let (mut swaps, mut missed) = (0_u32, 0_u32);
    for seed in 0..=255 {
        let right = drawn(seed).as_str().to_owned();
        for place in (0..3).chain(5..12) {
            let mut wrong = right.clone().into_bytes();
            wrong.swap(place, place + 1);
            let wrong = String::from_utf8(wrong).expect("ASCII");
            if wrong != right {
                swaps += 1;
                missed += u32::from(TicketRef::parse(&wrong).is_ok());
            }
        }
    }
    assert!(missed * 100 < swaps, "{missed} of {swaps} swaps are not found");
}

#[test]
fn what_is_no_reference() {
    for text in [
        "",
        "ACME",
        "ACME-12345678",
        "acme-12345678-3",
        "ACME-1234567-3",
        "ACME-123456789-3",
        "ACME-1234567I-3",
        "A-12345678-3",
        "ACME-12345678-33",
        "ACME--12345678-3",
        "ACME-12345678-é",
    ] {
        let error = TicketRef::parse(text).expect_err(text);
        assert!(!error.to_string().is_empty());
    }
    for text in ["", "Ana", "ana maría", "ñandú", "abcdefghijklmnopqrstuvwxy"] {
        assert!(SpocId::parse(text).is_err(), "{text}");
    }
}
