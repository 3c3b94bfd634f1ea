//! A small world that gets mail: two clients with their SPoCs, a colleague's domain each, a desk of one.

use std::future::Future;

use app::Failure;
use app::addresses::Codes;
use app::codec::Stored;
use app::execute::{self, Act, Opening};
use app::inbound::{self, Taken};
use app::item::Item;
use app::keys;
use app::memory::MemoryEnv;
use app::ports::{Blobs as _, Env, KeyPurpose, SigningKey, Store as _};
use app::records::{Head, InboundRecord, MailStatus, NoticeRecord, NoticeSubject, Salted};
use app::seed::{self, Seed};
use domain::ticket::{AddedParticipant, Channel, Command, DeskAct, Open, ReplyKind};
use domain::{Actor, ClientId, Instant, SpocId, StaffId, StaffMember, TicketRef};
use mail::Address;
use mail::inbound::Receipt;
use serde_json::{Value, json};

/// Our mailbox.
pub(crate) const OURS: &str = "soporte@soporte.millora.example";

/// Who there is.
const PEOPLE: &str = r#"
[[clients]]
client = { id = "NORT", name = "Ferretería Norteña", domains = [{ name = "ferreteria-nortena.example" }] }
spocs = [
    { id = "ana", name = "Ana López", emails = ["ana.lopez@ferreteria-nortena.example"], valid_from = 1767225600000, powers = ["open", "authorise_cost"] },
    { id = "beto", name = "Beto Garza", emails = ["beto@ferreteria-nortena.example"], valid_from = 1767225600000, powers = ["open"] },
    { id = "jorge", name = "Jorge Medina", emails = ["jorge.medina@ferreteria-nortena.example"], valid_from = 1767225600000, powers = ["book_visit"] },
    { id = "robot", name = "Avisos", emails = ["no-reply@ferreteria-nortena.example"], valid_from = 1767225600000, powers = ["book_visit"] },
]
plans = [{ id = "nort-1", valid_from = 1767225600000, known_from = 1767225600000, value = { same_day_surcharge = 87000 } }]

[[clients]]
client = { id = "TEXP", name = "Textiles Puebla", domains = [{ name = "textiles-puebla.example" }] }
spocs = [
    { id = "raul", name = "Raúl Ortiz", emails = ["raul.ortiz@textiles-puebla.example"], valid_from = 1767225600000, powers = ["open"] },
]
plans = [{ id = "texp-1", valid_from = 1767225600000, known_from = 1767225600000, value = {} }]

[[staff]]
id = "lucia"
name = "Lucía Campos"
role = "agent"
active = true

[[addresses]]
email = "lucia.campos@millora.example"
owner = { staff = { staff = "lucia" } }

[[addresses]]
email = "help@odoo.example"
owner = "odoo_helpdesk"
"#;

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    futures::executor::block_on(work)
}

/// What a variable of the environment asks for, a number.
pub(crate) fn asked<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(otherwise)
}

/// A world on Friday 20 November 2026.
pub(crate) fn world(time: &str) -> MemoryEnv {
    let env = MemoryEnv::new(at(&format!("2026-11-{time}:00-06:00")), 7);
    let key = |id, byte| SigningKey { id, bytes: vec![byte; 32] };
    env.secrets.set(KeyPurpose::MailThreading, vec![key(8, 2), key(7, 1)]);
    let seed: Seed = toml::from_str(PEOPLE).unwrap();
    run(seed::apply(&env, &seed)).unwrap();
    env
}

/// A mail of a person, in the making.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) headers: String,
    pub(crate) dmarc: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) received_at: Option<Instant>,
}

pub(crate) fn letter(id: &str, from: &str, subject: &str) -> Letter {
    Letter {
        id: id.to_owned(),
        from: from.to_owned(),
        subject: subject.to_owned(),
        text: "No timbra desde ayer.".to_owned(),
        headers: String::new(),
        dmarc: "PASS",
        policy: "none",
        received_at: None,
    }
}

impl Letter {
    pub(crate) fn with(mut self, header: &str) -> Self {
        self.headers.push_str(header);
        self.headers.push_str("\r\n");
        self
    }

    pub(crate) const fn unproven(mut self) -> Self {
        self.dmarc = "FAIL";
        self
    }

    pub(crate) fn raw(&self) -> Vec<u8> {
        let Self { id, from, subject, text, headers, .. } = self;
        let message_id = if headers.contains("Message-ID") {
            String::new()
        } else {
            format!("Message-ID: <{id}@correo.example>\r\n")
        };
        format!(
            "From: {from}\r\nTo: {OURS}\r\nSubject: {subject}\r\n{message_id}{headers}\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        )
        .into_bytes()
    }

    /// The service's event.
    pub(crate) fn event(&self, now: Instant) -> Value {
        let status = |it: &str| json!({ "status": it });
        let timestamp = self.received_at.unwrap_or(now).to_rfc3339();
        json!({ "Records": [{ "eventSource": "aws:ses", "ses": {
            "mail": { "timestamp": timestamp, "source": self.from, "messageId": self.id },
            "receipt": {
                "recipients": [OURS],
                "spfVerdict": status("GRAY"),
                "dkimVerdict": status("GRAY"),
                "dmarcVerdict": status(self.dmarc),
                "dmarcPolicy": self.policy,
                "spamVerdict": status("PASS"),
                "virusVerdict": status("PASS"),
            },
        }}]})
    }

    /// The object lies in the bucket.
    pub(crate) async fn stored(&self, env: &MemoryEnv) {
        env.blobs.put(&format!("inbound/{}", self.id), &self.raw()).await.unwrap();
    }

    /// The mail comes in and is taken.
    pub(crate) fn arrives(&self, env: &MemoryEnv) -> Taken {
        run(async {
            self.stored(env).await;
            self.taken(env).await.unwrap()
        })
    }

    /// The mail is taken, as the service's event asks.
    pub(crate) async fn taken<E: Env>(&self, env: &E) -> Result<Taken, Failure> {
        let event = self.event(app::ports::Clock::now(env.clock()));
        let receipt = Receipt::all_in(&event.to_string()).unwrap().remove(0);
        inbound::take(env, &self.id, Some(&receipt)).await
    }
}

pub(crate) fn item(env: &MemoryEnv, id: &str) -> Item {
    run(env.store.get(&keys::inbound(id))).unwrap().unwrap()
}

/// The record of a mail and its status.
pub(crate) fn record(env: &MemoryEnv, id: &str) -> (InboundRecord, MailStatus) {
    let record = Stored::<InboundRecord>::read(&item(env, id)).unwrap();
    let status = MailStatus::parse(record.status.as_deref().unwrap()).unwrap();
    (record.doc, status)
}

pub(crate) fn head(env: &MemoryEnv, reference: &TicketRef) -> Head {
    let item = run(env.store.get(&keys::head(reference))).unwrap().unwrap();
    Stored::<Head>::read(&item).unwrap().doc
}

/// Every ticket.
pub(crate) fn tickets(env: &MemoryEnv) -> Vec<TicketRef> {
    let items = env.store.dump();
    let heads = items.iter().filter(|item| item.key.sk == keys::HEAD);
    heads.filter_map(|item| keys::ticket_of(&item.key.pk)).collect()
}

/// Every notice: its kind and its recipient.
pub(crate) fn notices(env: &MemoryEnv) -> Vec<String> {
    let items = env.store.dump();
    let notices = items.iter().filter(|item| item.key.sk.starts_with(keys::NOTICES));
    let mut told: Vec<String> = notices
        .map(|item| match Stored::<NoticeRecord>::read(item).unwrap().doc.subject {
            NoticeSubject::Ticket { notice, .. } => {
                format!("{} to {}", notice.content.kind(), notice.to.word())
            }
            NoticeSubject::Mail(notice) => {
                format!("{} to {}", notice.content.kind(), notice.to.word())
            }
            NoticeSubject::Account { notice, .. } => {
                format!("{} to {}", notice.content.kind(), notice.to.word())
            }
            NoticeSubject::Client(notice) => {
                format!("{} to {}", notice.content.kind(), notice.to)
            }
        })
        .collect();
    told.sort();
    told
}

/// The notices that are there now and were not among those `before`.
pub(crate) fn since(env: &MemoryEnv, before: &[String]) -> Vec<String> {
    let mut now = notices(env);
    for notice in before {
        let place = now.iter().position(|it| it == notice).unwrap();
        now.remove(place);
    }
    now
}

pub(crate) fn lucia() -> StaffMember {
    StaffMember { id: StaffId::parse("lucia").unwrap(), role: domain::Role::Agent }
}

pub(crate) fn spoc(id: &str) -> SpocId {
    SpocId::parse(id).unwrap()
}

pub(crate) fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

/// A ticket of a SPoC under a reference of one's choice, to which `added` were added.
pub(crate) fn opened(env: &MemoryEnv, reference: &str, opener: &str, added: &[&str]) -> TicketRef {
    let reference = TicketRef::parse(reference).unwrap();
    run(async {
        let codes = Codes::read(env).await.unwrap();
        let file = app::client::load(env, &reference.client()).await.unwrap().unwrap();
        let salted = |text: &str| Salted::new([1; 16], text.to_owned());
        let mut texts = vec![salted("No timbra\n\nDesde ayer.")];
        let mut participants = Vec::new();
        for address in added {
            let id = codes.participant(&Address::parse(address).unwrap()).unwrap();
            let text = salted(address);
            participants.push(AddedParticipant { id, text: text.digest.clone() });
            texts.push(text);
        }
        let request = Open {
            reference: reference.clone(),
            client: reference.client(),
            received_at: app::ports::Clock::now(&env.clock),
            channel: Channel::Http,
            opener: spoc(opener),
            module: None,
            text: texts[0].digest.clone(),
            critical: None,
            continues: None,
            held_since: None,
            confirmation: None,
            participants,
            followers: Vec::new(),
        };
        let opening = Opening {
            file: &file,
            request,
            by: Actor::Spoc(spoc(opener)),
            subject: "No timbra".to_owned(),
            texts: &texts,
            also: &[],
            acknowledged: true,
        };
        execute::open(env, opening).await.unwrap();
    });
    reference
}

/// The desk proposes a solution now, and the mail service takes its mail at once.
pub(crate) fn solved(env: &MemoryEnv, reference: &TicketRef) {
    run(async {
        let text = Salted::new([2; 16], "Listo.".to_owned());
        let reply = DeskAct::Reply { reply: ReplyKind::Solution, text: text.digest.clone() };
        let act = Act::desk(reference.clone(), reply, lucia(), vec![text]);
        let done = execute::execute(env, &act).await.unwrap();
        let at = app::ports::Clock::now(&env.clock);
        let message = done.first.unwrap();
        let accepted = Command::MessageAccepted { message, at };
        execute::execute(env, &Act::system(reference.clone(), accepted)).await.unwrap();
    });
}

/// Sends every notice that is to be sent.
pub(crate) fn post(env: &MemoryEnv) {
    run(async {
        for item in env.store.dump() {
            if item.key.sk.starts_with(keys::NOTICES) {
                app::outbox::deliver(env, &item.key).await.unwrap();
            }
        }
    });
}
