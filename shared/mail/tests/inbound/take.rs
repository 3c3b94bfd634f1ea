//! One mail from bytes to its intent, as a caller takes it: the store's part is played by the list
//! of people.

use domain::ClientId;
use domain::inbound::{
    Answer, Class, Facts, Intent, Outcome, Proof, ProofTerms, Quarantine, Seen, SenderKind, Thread,
    intent, proof,
};
use mail::Address;
use mail::inbound::{Inbound, Receipt, Signs, Stamp, Whose, marks, signs, verdicts};
use mail::outbound::Sender;
use mail::threading::Key;

use crate::corpus::Corpus;

/// What a mail turned out to be.
pub(crate) struct Taken {
    pub(crate) proof: Proof,
    pub(crate) sender: SenderKind,
    pub(crate) signs: Signs,
    pub(crate) ticket: Option<(String, bool)>,
    pub(crate) intent: Intent,
}

/// The desk: its mailbox, its keys and the people that it knows.
pub(crate) struct Desk<'a> {
    corpus: &'a Corpus,
    pub(crate) ours: Sender,
    keys: Vec<Key>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        let (mailbox, domain) = corpus.ours.split_once('@').unwrap();
        Self {
            corpus,
            ours: Sender::new(mailbox, domain, "https://tickets.millora.example").unwrap(),
            keys: vec![Key::new(7, &[1; 32]).unwrap(), Key::new(8, &[2; 32]).unwrap()],
        }
    }

    pub(crate) fn take(&self, mail: &Inbound<'_>, receipt: Option<&Receipt>) -> Taken {
        let found = verdicts(&Stamp::of(mail), receipt);
        let proof = proof(&found, mail.author.for_proof(), ProofTerms::default());
        let signs = signs(mail, &self.ours, receipt);
        let address = mail.author.mailbox().map(|it| &it.address);
        let sender = address.map_or(SenderKind::Stranger, |it| self.sender(it));
        let client = address.and_then(|it| self.corpus.domains.get(it.domain()));
        let client = client.map(|code| ClientId::parse(code).unwrap());
        let whose = match (sender, &client) {
            (SenderKind::Staff | SenderKind::OdooHelpdesk, _) => Whose::Any,
            (_, Some(client)) => Whose::Client(client),
            (_, None) => Whose::Invited,
        };
        let marks = marks(mail, &self.ours, receipt);
        let belongs = address.map(|it| marks.belongs(&self.keys, it, whose));
        let thread = belongs.map_or(Thread::None, |it| it.thread);
        let facts = Facts { sender, proof, class: signs.class, thread, seen: Seen::New };
        let ticket = belongs
            .filter(|it| it.thread == Thread::Own)
            .and_then(|it| Some((it.ticket?.as_str().to_owned(), it.signed)));
        Taken { proof, sender, signs, ticket, intent: intent(&facts) }
    }

    fn sender(&self, address: &Address) -> SenderKind {
        match self.corpus.people.get(&address.canonical()).map(String::as_str) {
            Some("spoc") => SenderKind::Spoc,
            Some("spoc_without_open") => SenderKind::SpocWithoutOpen,
            Some("participant") => SenderKind::Participant,
            Some("staff") => SenderKind::Staff,
            Some("odoo_helpdesk") => SenderKind::OdooHelpdesk,
            Some(other) => panic!("no kind of sender: {other}"),
            None if self.corpus.domains.contains_key(address.domain()) => SenderKind::Colleague,
            None => SenderKind::Stranger,
        }
    }
}

pub(crate) fn proof_code(proof: Proof) -> String {
    match proof {
        Proof::Proven(_) => "proven".to_owned(),
        Proof::NotProven(why) => format!("not_proven:{}", snake(&format!("{why:?}"))),
        Proof::Quarantine(Quarantine::Virus) => "quarantine:virus".to_owned(),
        Proof::Quarantine(Quarantine::Spam) => "quarantine:spam".to_owned(),
        Proof::Quarantine(Quarantine::Dmarc) => "quarantine:dmarc".to_owned(),
    }
}

pub(crate) const fn class_code(class: Class) -> &'static str {
    match class {
        Class::Human => "human",
        Class::Automatic => "automatic",
        Class::BulkOrList => "bulk",
    }
}

pub(crate) fn answer_code(answer: Answer) -> String {
    snake(&format!("{answer:?}"))
}

pub(crate) fn sender_code(sender: SenderKind) -> String {
    snake(&format!("{sender:?}"))
}

/// What an outcome blocks, and whether it claims a SPoC.
pub(crate) const fn details(outcome: Outcome) -> (bool, bool) {
    match outcome {
        Outcome::HeldUnproven { blocks_closing } | Outcome::HeldColleague { blocks_closing } => {
            (blocks_closing, false)
        }
        Outcome::Quarantined { claims_spoc, .. } => (false, claims_spoc),
        Outcome::Ticket | Outcome::Reply | Outcome::Note(_) | Outcome::Duplicate => (false, false),
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
