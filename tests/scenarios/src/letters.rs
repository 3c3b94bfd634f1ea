//! Mails that come in: what a mail program writes, and what the mail service makes of it.

use domain::Instant;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_parser::MessageParser;
use serde_json::{Value, json};

use crate::post::Mail;
use crate::script::Proof;

/// Our mailbox.
pub const OURS: &str = "soporte@soporte.millora.example";
/// The host of a mail service that replaces Message-ID, as it writes it.
const SERVICE: &str = "email.amazonses.com";

/// A mail on its way to our mailbox.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The name beside the address; empty for none.
    pub name: String,
    /// The address in From.
    pub from: String,
    /// The mailbox of ours to which it goes.
    pub to: String,
    /// Addresses in Cc.
    pub cc: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Its words.
    pub text: String,
    /// Its Message-ID without brackets.
    pub message_id: String,
    /// What it answers; empty for a new mail.
    pub answers: Vec<String>,
    /// Whether its sender is proven.
    pub proof: Proof,
    /// A machine wrote it.
    pub automatic: bool,
    /// When the mail service received it (G2).
    pub received_at: Instant,
}

impl Letter {
    /// Makes it the answer to a mail of ours, as a mail program does: to the address that the mail asks
    /// answers to, under its subject, referring to it and to what it refers to (RFC 5322, 3.6.4).
    ///
    /// # Panics
    /// When the mail cannot be read.
    pub fn answer_to(&mut self, mail: &Mail) {
        let parsed = MessageParser::default().parse(&mail.message.mime).expect("it is a mail");
        let reply_to = parsed.reply_to().and_then(|to| to.first()).and_then(|to| to.address());
        self.to = reply_to.unwrap_or(OURS).to_owned();
        self.subject = format!("Re: {}", parsed.subject().unwrap_or_default());
        let references = parsed.references().as_text_list().unwrap_or_default();
        self.answers = references.iter().map(ToString::to_string).collect();
        self.answers.push(format!("{}@{SERVICE}", mail.id));
    }

    /// The object that the mail service stores under `id`.
    ///
    /// # Panics
    /// When the mail cannot be written.
    #[must_use]
    pub fn object(&self, id: &str) -> Vec<u8> {
        let name = (!self.name.is_empty()).then(|| self.name.clone());
        let mut message = MessageBuilder::new()
            .from(Mailbox::new_address(name, self.from.clone()))
            .to(Mailbox::new_address(None::<String>, self.to.clone()))
            .subject(self.subject.clone())
            .date(self.received_at.millis().div_euclid(1000))
            .message_id(self.message_id.clone())
            .text_body(self.text.clone());
        if !self.cc.is_empty() {
            let cc = self.cc.iter().map(|to| Mailbox::new_address(None::<String>, to.clone()));
            message = message.cc(Mailbox::new_list(cc.collect()));
        }
        if let Some(last) = self.answers.last() {
            let references = MessageId::from(self.answers.clone());
            message = message.in_reply_to(last.clone()).references(references);
        }
        if self.automatic {
            message = message.header("Auto-Submitted", Raw::new("auto-replied"));
        }
        let mut bytes = self.stamp(id).into_bytes();
        bytes.extend(message.write_to_vec().expect("a mail of ours is well formed"));
        bytes
    }

    /// The headers that the service writes on top, by which the mail is taken when its event is lost.
    fn stamp(&self, id: &str) -> String {
        let Self { from, to, .. } = self;
        let domain = self.domain();
        let date = chrono::DateTime::from_timestamp_millis(self.received_at.millis());
        let date = date.unwrap_or_default().format("%a, %d %b %Y %H:%M:%S");
        let results = match self.proof {
            Proof::Passes => format!("dkim=pass header.i=@{domain};\r\n dmarc=pass"),
            Proof::Fails => "dkim=none;\r\n dmarc=fail (p=NONE dis=none)".to_owned(),
            Proof::Rejected => "dkim=none;\r\n dmarc=fail (p=REJECT dis=none)".to_owned(),
        };
        format!(
            "Return-Path: <{from}>\r\n\
             Received: from mail.{domain} (mail.{domain} [198.51.100.7])\r\n \
             by inbound-smtp.us-east-1.amazonaws.com with SMTP id {id}\r\n for {to};\r\n \
             {date} +0000 (UTC)\r\n\
             X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
             Authentication-Results: amazonses.com;\r\n {results} header.from={domain};\r\n"
        )
    }

    /// The service's event about the object under `id`.
    #[must_use]
    pub fn event(&self, id: &str) -> Value {
        let status = |word: &str| json!({ "status": word });
        let (dkim, dmarc, policy) = match self.proof {
            Proof::Passes => ("PASS", "PASS", "none"),
            Proof::Fails => ("GRAY", "FAIL", "none"),
            Proof::Rejected => ("GRAY", "FAIL", "reject"),
        };
        let mail = json!({
            "timestamp": self.received_at.to_rfc3339(),
            "source": self.from,
            "messageId": id,
        });
        json!({ "Records": [{ "eventSource": "aws:ses", "ses": { "mail": mail, "receipt": {
            "recipients": [self.to],
            "spfVerdict": status("GRAY"),
            "dkimVerdict": status(dkim),
            "dmarcVerdict": status(dmarc),
            "dmarcPolicy": policy,
            "spamVerdict": status("PASS"),
            "virusVerdict": status("PASS"),
        }}}]})
    }

    fn domain(&self) -> &str {
        self.from.rsplit('@').next().unwrap_or_default()
    }
}
