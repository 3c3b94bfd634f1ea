//! References: what is mistyped is found before anybody looks for it.

use domain::{ClientId, ModuleName, ParticipantId, SpocId, TicketRef};

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
}

/// ISO 7064, MOD 37,36, reckoned by another program, of which the standard's own example (A12425GABC1234002
/// has the check character M) came out right. Whatever has another symbol in it is found whichever check
/// character follows.
#[test]
fn the_check_character_is_the_standards() {
    let client = |text: &str| ClientId::parse(text).expect("a client code");
    let rows = [
        ("ACME", [7, 19, 2, 23, 29, 9, 24, 13], "ACME-7K2QX9RD-E"),
        ("A1", [0; 8], "A1-00000000-F"),
        ("12345678", [31; 8], "12345678-ZZZZZZZZ-7"),
        ("FERRE", [8, 11, 6, 29, 6, 26, 29, 20], "FERRE-8B6X6TXM-S"),
    ];
    for (code, entropy, expected) in rows {
        assert_eq!(client(code).reference(entropy).as_str(), expected);
    }
    for check in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars() {
        for random in ["1234567I", "1234567", "123456789"] {
            assert!(
                TicketRef::parse(&format!("ACME-{random}-{check}")).is_err(),
                "{random}{check}"
            );
        }
    }
}

/// Each name's shortest, longest and every kind of symbol, and beside them what is too short, too long or
/// has one symbol that does not belong.
#[test]
fn what_names_take() {
    fn takes<T: TryFrom<String>>(right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(T::try_from((*text).to_owned()).is_ok(), "{text}");
        }
        for text in wrong {
            assert!(T::try_from((*text).to_owned()).is_err(), "{text}");
        }
    }
    takes::<ClientId>(&["AB", "A1", "12345678"], &["", "A", "ABCDEFGHI", "AC-ME", "acme", "Ñ"]);
    let long = "abcdefghijklmnopqrstuvwx";
    takes::<SpocId>(
        &["a", "ana-2", "-", long],
        &["", "Ana", "ana maría", "ñandú", "ana_2", &format!("{long}y")],
    );
    takes::<ParticipantId>(
        &["0123456789abcdef"],
        &["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", "0123456789ABCDEF"],
    );
    let long = "m".repeat(64);
    takes::<ModuleName>(
        &["a", "1", "_", "sale_management2", &long],
        &["", "Sale", "sale-stock", "sale stock", "ñ", &format!("{long}m")],
    );
}
