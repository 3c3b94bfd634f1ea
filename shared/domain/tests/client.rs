//! What says nothing of a client: domains at which anybody has an address (1.2a), and words that stand in a
//! bank's statement whoever pays (10.2).

use domain::client::{is_public_provider, is_statement_word};

#[test]
fn at_a_public_provider_anybody_has_an_address() {
    for (domain, public) in [
        ("gmail.com", true),
        ("GMail.COM", true),
        ("prodigy.net.mx", true),
        ("ferretera.example", false),
        ("notgmail.com", false),
        ("gmail.com.ferretera.example", false),
        ("", false),
    ] {
        assert_eq!(is_public_provider(domain), public, "{domain}");
    }
}

#[test]
fn words_and_figures_of_a_statement_are_nobodys() {
    for (word, anybodys) in [
        ("ABONO", true),
        ("SPEI", true),
        ("20261205", true),
        ("7", true),
        ("ACME", false),
        ("ABONOX", false),
        ("A20261205", false),
        ("1A", false),
    ] {
        assert_eq!(is_statement_word(word), anybodys, "{word}");
    }
}
