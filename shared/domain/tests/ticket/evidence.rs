//! Rule 15.1: the chain of events is the ticket's evidence.

use domain::evidence::{ChainFault, Link, TextDigest, verify};
use domain::ticket::{ReplyKind, SpocAct};

use crate::kit::world;

/// Every changed byte of a line or a hash is named by its place; so is what is missing or moved.
#[test]
fn one_changed_byte_is_named() {
    let mut world = world().open("vie 2026-11-20 14:30");
    world.client("vie 2026-11-20 15:00", "caro", SpocAct::AcceptSameDay).expect("counts");
    world.sends("vie 2026-11-20 16:00", ReplyKind::Solution);
    let subject = world.ticket().opened.reference.as_str().to_owned();
    let links = world.links.clone();
    assert_eq!(verify(&subject, &links).as_ref(), Ok(&world.ticket().chain));
    for (place, link) in links.iter().enumerate() {
        let named = Err(ChainFault::Changed(u32::try_from(place + 1).expect("few links")));
        for byte in 0..link.line.len() {
            if !link.line.is_char_boundary(byte) || !link.line.is_char_boundary(byte + 1) {
                continue;
            }
            let mut forged = links.clone();
            let with = if &link.line[byte..=byte] == "0" { "1" } else { "0" };
            forged[place].line.replace_range(byte..=byte, with);
            assert_eq!(verify(&subject, &forged), named, "byte {byte} of {}", link.line);
        }
        let mut forged: Vec<Link> = links.clone();
        forged[place].hash = world.links[(place + 1) % links.len()].hash.clone();
        assert_eq!(verify(&subject, &forged), named);
        let mut missing = links.clone();
        missing.remove(place);
        let whole = verify(&subject, &missing);
        if place + 1 == links.len() {
            assert_ne!(
                whole.as_ref(),
                Ok(&world.ticket().chain),
                "the head says that the end is gone"
            );
        } else {
            assert_eq!(whole, named);
        }
    }
    assert_eq!(verify("OTRO-00000000-0", &links), Err(ChainFault::Changed(1)));
}

/// Names, addresses and words lie apart: the lines hold none of them.
#[test]
fn no_words_in_the_lines() {
    let mut world = world().open("vie 2026-11-20 14:30");
    world.writes("vie 2026-11-20 15:00");
    world.sends("vie 2026-11-20 16:00", ReplyKind::Solution);
    for link in &world.links {
        for word in ["facturar", "hola", "respuesta", "acme.example"] {
            assert!(!link.line.contains(word), "{}", link.line);
        }
    }
}

/// What stands for the words in the lines: SHA-256 of the salt and the words, in hexadecimal digits.
#[test]
fn the_digest_of_words() {
    let digest = TextDigest::of(&[7; 16], "hola");
    let expected = "907dfa5561b3bba380ac0672b16d17a838c59df2e423c0f5264629a06865809a";
    assert_eq!(digest.as_str(), expected);
}
