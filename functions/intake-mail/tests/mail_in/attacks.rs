//! What others may try with our mailbox: desks that answer each other, bytes that are no mail, and
//! looking over to another client.

use std::collections::BTreeSet;
use std::path::PathBuf;

use app::inbound;
use app::memory::MemoryEnv;
use app::ports::Blobs as _;
use mail::inbound::Receipt;

use super::kit::{item, letter, opened, post, record, run, world};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
const RAUL: &str = "raul.ortiz@textiles-puebla.example";
/// Rounds in which two desks would have answered each other many times.
const ROUNDS: usize = 10;
/// Damaged mails that are taken.
const DAMAGED: usize = 600;
/// Where the damage starts.
const SEED: u64 = 0x6d69_6c6c_6f72_6121;

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

/// A sequence of numbers that is the same in each run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// One to four faults: a byte changed, a piece cut out, doubled, or taken from another mail.
fn damaged(raw: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = raw.to_vec();
    for _ in 0..=numbers.below(4) {
        let from = numbers.below(bytes.len());
        let to = (from + numbers.below(200)).min(bytes.len());
        match numbers.below(4) {
            0 => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte = u8::try_from(numbers.below(256)).unwrap();
                }
            }
            1 => drop(bytes.drain(from..to)),
            2 => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(from..from, piece);
            }
            _ => {
                let start = numbers.below(other.len());
                let end = (start + 200).min(other.len());
                bytes.splice(from..to, other[start..end].iter().copied());
            }
        }
    }
    bytes
}

/// Whatever bytes come, they end as one record, and the object leaves the place where mails wait.
#[test]
fn any_bytes_end_as_one_outcome() {
    println!("seed {SEED:#x}");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/mail");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "eml"));
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut numbers = Numbers(SEED);
    let (env, mut outcomes) = (world("20T10:00"), BTreeSet::new());
    for n in 0..DAMAGED {
        let other = &corpus[numbers.below(corpus.len())];
        let raw = damaged(&corpus[n % corpus.len()], other, &mut numbers);
        let id = format!("d{n}");
        let event = letter(&id, ANA, "").event(super::kit::at("2026-11-20T10:00:00-06:00"));
        let receipt = Receipt::all_in(&event.to_string()).unwrap().remove(0);
        run(async {
            env.blobs.put(&format!("inbound/{id}"), &raw).await.unwrap();
            let receipt = (n % 2 == 0).then_some(&receipt);
            inbound::take(&env, &id, receipt).await.unwrap();
        });
        outcomes.insert(record(&env, &id).1.word());
    }
    let waiting = env.blobs.keys().into_iter().filter(|key| key.starts_with("inbound/"));
    assert_eq!(waiting.count(), 0);
    assert!(outcomes.len() >= 5, "the damage reaches many outcomes: {outcomes:?}");
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
