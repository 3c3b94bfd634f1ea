//! Reply addresses and tokens (M2): nothing about them can be changed, moved or made up.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

use domain::{ClientId, TicketRef};
use mail::Address;
use mail::outbound::Sender;
use mail::threading::{Bound, Key, MAILBOX_OCTETS_MAX, Mark, message_token, reply_address};
use proptest::prelude::*;

struct Case {
    sender: Sender,
    key: Key,
    client: ClientId,
    ticket: TicketRef,
    recipient: Address,
}

impl Case {
    fn new() -> Self {
        let client = ClientId::parse("ACME").unwrap();
        Self {
            sender: Sender::new("soporte", "soporte.millora.example", "https://m.example").unwrap(),
            key: Key::new(7, &[1; 32]).unwrap(),
            ticket: client.reference([7, 20, 2, 24, 29, 9, 25, 13]),
            client,
            recipient: address("ana.lopez@acme.example"),
        }
    }

    fn bound(&self) -> Bound<'_> {
        Bound { client: &self.client, ticket: &self.ticket, recipient: &self.recipient }
    }

    fn reply(&self) -> Address {
        reply_address(&self.sender, &self.key, self.bound())
    }

    fn token(&self) -> String {
        message_token(&self.sender, &self.key, self.bound(), 12)
    }

    fn accepts(&self, mark: Option<Mark>) -> bool {
        let keys = [self.key.clone()];
        mark.is_some_and(|mark| {
            mark.ticket() == &self.ticket && mark.verify(&keys, &self.client, &self.recipient)
        })
    }

    fn accepts_address(&self, text: &str) -> bool {
        Address::parse(text)
            .is_ok_and(|address| self.accepts(Mark::in_address(&self.sender, &address)))
    }

    fn accepts_token(&self, text: &str) -> bool {
        self.accepts(Mark::in_message_id(&self.sender, text))
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

#[test]
fn both_are_read_back() {
    let case = Case::new();
    let reply = case.reply();
    assert!(reply.to_string().starts_with("soporte+acme-7m2rx9sd-"), "{reply}");
    assert!(case.accepts_address(&reply.to_string()));
    let token = case.token();
    assert!(case.accepts_token(&token), "{token}");
    assert_eq!(Mark::in_message_id(&case.sender, &token).unwrap().number(), Some(12));
    assert_eq!(Mark::in_address(&case.sender, &reply).unwrap().number(), None);
}

#[test]
fn case_does_not_matter() {
    let mut case = Case::new();
    let (reply, token) = (case.reply().to_string(), case.token());
    assert!(case.accepts_address(&reply.to_uppercase()));
    assert!(case.accepts_token(&token.to_uppercase()));
    case.recipient = address("Ana.Lopez@ACME.example");
    assert!(case.accepts_address(&reply));
    assert!(case.accepts_token(&token));
}

#[test]
fn any_changed_character_is_refused() {
    let case = Case::new();
    let (reply, token) = (case.reply().to_string(), case.token());
    for (text, check) in [
        (&reply, &Case::accepts_address as &dyn Fn(&Case, &str) -> bool),
        (&token, &Case::accepts_token),
    ] {
        for at in 0..text.len() {
            for other in "0123456789abcdefghijklmnopqrstuvwxyz-.+@_".chars() {
                let mut changed = text.clone();
                changed.replace_range(at..=at, &other.to_string());
                assert_eq!(check(&case, &changed), changed == *text, "{changed}");
            }
            let mut cut = text.clone();
            cut.remove(at);
            assert!(!check(&case, &cut), "{cut}");
            let mut longer = text.clone();
            longer.insert(at, '0');
            assert!(!check(&case, &longer), "{longer}");
        }
    }
}

#[test]
fn nobody_elses_is_accepted() {
    let made = Case::new();
    let (reply, token) = (made.reply(), made.token());
    let marks = [
        Mark::in_address(&made.sender, &reply).unwrap(),
        Mark::in_message_id(&made.sender, &token).unwrap(),
    ];
    let other_client = ClientId::parse("ACMF").unwrap();
    let other_person = address("ana.lopes@acme.example");
    for mark in &marks {
        let keys = [made.key.clone()];
        assert!(mark.verify(&keys, &made.client, &made.recipient));
        assert!(!mark.verify(&keys, &other_client, &made.recipient), "another client");
        assert!(!mark.verify(&keys, &made.client, &other_person), "another recipient");
        assert!(!mark.verify(&[Key::new(7, &[2; 32]).unwrap()], &made.client, &made.recipient));
        assert!(!mark.verify(&[Key::new(8, &[1; 32]).unwrap()], &made.client, &made.recipient));
        assert!(!mark.verify(&[], &made.client, &made.recipient), "no key");
    }
    // A signature moved to another ticket, and one used for the other purpose.
    let mut moved = Case::new();
    moved.ticket = moved.client.reference([1; 8]);
    let there = moved.reply().to_string();
    let (signature, domain) = (after_dot(reply.local()), reply.domain());
    let forged = there.replace(after_dot(moved.reply().local()), signature);
    assert!(forged.ends_with(&format!("{signature}@{domain}")) && !moved.accepts_address(&forged));
    let as_token = format!("t.{}.12.{signature}@{domain}", made.ticket.as_str().to_lowercase());
    assert!(
        Mark::in_message_id(&made.sender, &as_token).is_some() && !made.accepts_token(&as_token)
    );
}

#[test]
fn an_older_key_still_verifies_while_it_is_listed() {
    let case = Case::new();
    let mark = Mark::in_address(&case.sender, &case.reply()).unwrap();
    let keys = [Key::new(8, &[9; 32]).unwrap(), case.key.clone()];
    assert!(mark.verify(&keys, &case.client, &case.recipient));
    assert!(!mark.verify(&keys[..1], &case.client, &case.recipient));
    assert!(Key::new(1, &[0; 31]).is_err(), "a short key signs nothing");
}

#[test]
fn the_longest_mailbox_and_reference_fit_a_local_part() {
    let mailbox = "s".repeat(MAILBOX_OCTETS_MAX);
    let mut case = Case::new();
    case.sender = Sender::new(&mailbox, "m.example", "https://m.example").unwrap();
    case.client = ClientId::parse("ABCDEFGH").unwrap();
    case.ticket = case.client.reference([0; 8]);
    let reply = case.reply();
    assert_eq!(reply.local().len(), 64);
    assert!(case.accepts_address(&reply.to_string()));
    assert!(Sender::new(&format!("{mailbox}s"), "m.example", "https://m.example").is_err());
}

fn after_dot(local: &str) -> &str {
    local.rsplit('.').next().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_is_read_without_panic_and_nothing_made_up_is_believed(text in ".{0,90}") {
        let case = Case::new();
        prop_assert!(!case.accepts_token(&text));
        prop_assert!(!case.accepts_address(&text));
        let token = format!("t.{text}@soporte.millora.example");
        prop_assert!(!case.accepts_token(&token));
        let reply = format!("soporte+{text}@soporte.millora.example");
        prop_assert!(!case.accepts_address(&reply));
    }

    #[test]
    fn every_key_and_reference_is_read_back(
        id: u8, bytes: [u8; 32], random: [u8; 8], code in "[A-Z0-9]{2,8}", number: u32,
    ) {
        let mut case = Case::new();
        case.key = Key::new(id, &bytes).unwrap();
        case.client = ClientId::parse(&code).unwrap();
        case.ticket = case.client.reference(random);
        prop_assert!(case.accepts_address(&case.reply().to_string()));
        let token = message_token(&case.sender, &case.key, case.bound(), number);
        prop_assert!(case.accepts_token(&token));
    }
}
