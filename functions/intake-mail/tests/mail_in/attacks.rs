//! What others may try with our mailbox: desks that answer each other, and looking over to another
//! client.

use app::inbound;
use app::memory::MemoryEnv;
use app::ports::Blobs as _;
use app::records::MailStatus;
use mail::inbound::Receipt;

use super::kit::{item, letter, opened, post, run, world};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
const RAUL: &str = "raul.ortiz@textiles-puebla.example";
/// Rounds in which two desks would have answered each other many times.
const ROUNDS: usize = 10;

/// The sent mail as the other desk gets it: from `author`, without the headers that begin like one of
/// `lost`.
fn relayed(mime: &[u8], author: &str, lost: &[&str]) -> Vec<u8> {
    let text = String::from_utf8_lossy(mime).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let (mut out, mut keep) = (format!("From: {author}\r\n"), true);
    for line in head.split("\r\n") {
        if !line.starts_with([' ', '\t']) {
            keep = !line.starts_with("From:") && !lost.iter().any(|it| line.starts_with(it));
        }
        if keep {
            out.push_str(line);
            out.push_str("\r\n");
        }
    }
    format!("{out}\r\n{body}").into_bytes()
}

/// One desk of two: what it knows the other as, and how many of its mails went over already.
struct Desk {
    env: MemoryEnv,
    knows: &'static str,
    told: usize,
}

impl Desk {
    fn new(knows: &'static str) -> Self {
        Self { env: world("20T09:00"), knows, told: 0 }
    }

    /// What it has sent to the other one since.
    fn sends(&mut self) -> Vec<Vec<u8>> {
        post(&self.env);
        let sent = self.env.mailer.taken_since(self.told);
        self.told += sent.len();
        let over = sent.into_iter().filter(|it| it.message.to == self.knows);
        over.map(|it| it.message.mime).collect()
    }

    fn gets(&self, id: &str, raw: &[u8]) {
        run(async {
            self.env.blobs.put(&format!("inbound/{id}"), raw).await.unwrap();
            let event =
                letter(id, self.knows, "").event(super::kit::at("2026-11-20T09:00:00-06:00"));
            let receipt = Receipt::all_in(&event.to_string()).unwrap().remove(0);
            inbound::take(&self.env, id, Some(&receipt)).await.unwrap();
        });
    }
}

/// M3, M5: each of two desks is a SPoC of the other. One mail starts it, and at most two are sent, also
/// when a relay on the way takes our own mark off.
#[test]
fn two_desks_stop_after_two_mails() {
    for lost in [&[][..], &["X-Millora"], &["X-Millora", "Message-ID", "References", "In-Reply-To"]]
    {
        let mut desks = [Desk::new(ANA), Desk::new(RAUL)];
        letter("start", ANA, "No timbra").arrives(&desks[0].env);
        let mut sent = 0;
        for round in 0..ROUNDS {
            let from = round % 2;
            let mails = desks[from].sends();
            assert!(round > 0 || !mails.is_empty(), "the first desk acknowledges");
            sent += mails.len();
            let other = &desks[1 - from];
            for (n, mime) in mails.iter().enumerate() {
                other.gets(&format!("r{round}-{n}"), &relayed(mime, other.knows, lost));
            }
        }
        assert!(sent <= 2, "{sent} mails without {lost:?}");
    }
}

/// Whatever the parts of a mail say of themselves, and however many signed it: its record fits into an
/// item, whoever wrote it, so that it ends where it should and not among what cannot be taken.
#[test]
fn no_mail_outgrows_its_record() {
    let words = ("x".repeat(8_000), "💣".repeat(190));
    let part = |n: usize| {
        let (media, name) = &words;
        format!("--b\r\nContent-Type: application/{media}; name=\"{n}{name}\"\r\n\r\nx\r\n")
    };
    let parts: String = (0..198).map(part).collect();
    let signers: String =
        (0..3_000).map(|n| format!("; dkim=pass header.i=@{n}.example")).collect();
    let cases = [
        ("m1", ANA, true, MailStatus::Ticket),
        ("m2", ANA, false, MailStatus::HeldUnproven),
        ("m3", "x@nadie.example", true, MailStatus::Quarantined),
        ("m4", "karla@ferreteria-nortena.example", true, MailStatus::HeldColleague),
    ];
    for (id, from, is_proven, status) in cases {
        let env = world("20T09:00");
        let mail = letter(id, from, "");
        let mail = if is_proven { mail } else { mail.unproven() };
        let raw = format!(
            "Authentication-Results: amazonses.com{signers}\r\nFrom: {from}\r\nSubject: {}\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n",
            words.1
        );
        run(env.blobs.put(&format!("inbound/{id}"), raw.as_bytes())).unwrap();
        assert_eq!(run(mail.taken(&env)).unwrap().status, status, "{from}");
    }
}

/// G10: what a client wrote is in no record and no mail that another client's mails cause, also when
/// they name its ticket.
#[test]
fn nothing_of_another_client_is_told() {
    const CANARY: &str = "canario-7f3a91";
    let env = world("20T09:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    let mut secret = letter("secret", ANA, &format!("[{reference}] {CANARY}"));
    CANARY.clone_into(&mut secret.text);
    secret.arrives(&env);
    letter("own", ANA, CANARY).arrives(&env);
    post(&env);
    let heard = env.mailer.taken();
    let shown = |mime: &[u8]| String::from_utf8_lossy(mime).contains(CANARY);
    assert!(heard.iter().any(|it| shown(&it.message.mime)), "his own client does read it");
    let before = heard.len();
    for (n, from) in [RAUL, "x@nadie.example", "zoe@textiles-puebla.example"].iter().enumerate() {
        let id = format!("curious{n}");
        letter(&id, from, &format!("Re: [{reference}] ¿Qué dice?")).arrives(&env);
        assert!(!format!("{:?}", item(&env, &id)).contains(CANARY), "{from}");
    }
    post(&env);
    let sent = env.mailer.taken_since(before);
    assert!(sent.iter().any(|it| it.message.to == "x@nadie.example"), "a stranger is answered");
    for mail in sent.iter().filter(|it| !it.message.to.ends_with("millora.example")) {
        let text = String::from_utf8_lossy(&mail.message.mime);
        assert!(!text.contains(CANARY) && !text.contains("Ferreter"), "to {}", mail.message.to);
    }
}
