//! What the mail service adds to a mail and tells about it: its headers on top, and its event.

use domain::Instant;
use domain::inbound::Verdict;
use mail::inbound::parse;
use serde_json::{Value, json};

use super::findings::{Findings, HEADER, policy, result, status};
use super::session::Envelope;
use crate::up::mailer::utc;

/// The authserv-id of the mail service.
const AUTHSERV_ID: &str = "amazonses.com";

/// A mail as it comes out of the client: without headers that only the service may write.
pub(super) struct Arrived {
    /// What is left of the mail.
    raw: Vec<u8>,
    /// The values of [`HEADER`], joined.
    told: Option<String>,
    /// The domain of its one author (M1).
    author_domain: Option<String>,
}

impl Arrived {
    /// Takes out `X-SES-*`, results of the service, and [`HEADER`].
    pub(super) fn of(raw: &[u8]) -> Self {
        let mut kept = Vec::with_capacity(raw.len());
        let mut told: Option<String> = None;
        let body_at = fields(raw, |field| {
            let Some(name) = name(field) else {
                kept.extend_from_slice(field);
                return;
            };
            let value = || String::from_utf8_lossy(&field[name.len() + 1..]).trim().to_owned();
            if name.trim_ascii().eq_ignore_ascii_case(HEADER.as_bytes()) {
                let text = told.get_or_insert_default();
                text.push(' ');
                text.push_str(&value().replace(['\r', '\n'], " "));
            } else if !is_the_services(name.trim_ascii(), value) {
                kept.extend_from_slice(field);
            }
        });
        kept.extend_from_slice(&raw[body_at..]);
        let author = parse(&kept).ok().and_then(|mail| {
            mail.author.mailbox().map(|mailbox| mailbox.address.domain().to_owned())
        });
        Self { raw: kept, told, author_domain: author }
    }

    /// What the service finds, when these domains are known.
    ///
    /// # Errors
    /// When the mail says what to find and is not understood: why, in ASCII.
    pub(super) fn findings(&self, known: &[String]) -> Result<Findings, String> {
        let is_known = self.author_domain.as_ref().is_some_and(|domain| known.contains(domain));
        let usual = Findings::usual(is_known);
        self.told.as_ref().map_or(Ok(usual), |told| usual.told(told))
    }
}

/// A mail that the service took.
pub(super) struct Stamped<'a> {
    /// The id that the service gives it.
    pub(super) id: &'a str,
    /// When it took it.
    pub(super) at: Instant,
    /// Who sent it to whom.
    pub(super) envelope: &'a Envelope,
    /// What it found.
    pub(super) findings: Findings,
    /// The mail.
    pub(super) arrived: &'a Arrived,
}

impl Stamped<'_> {
    /// The mail as it lies in the bucket.
    pub(super) fn object(&self) -> Vec<u8> {
        let mut bytes = self.head().into_bytes();
        bytes.extend_from_slice(&self.arrived.raw);
        bytes
    }

    /// The headers that the service writes, in its order.
    fn head(&self) -> String {
        let helo: String = self.envelope.helo.chars().filter(|c| host_text(*c)).collect();
        let from = self.sender();
        let spf = result(self.findings.spf).unwrap_or("none");
        let date = chrono::DateTime::from_timestamp_millis(self.at.millis()).unwrap_or_default();
        let mut head = format!(
            "Return-Path: <{from}>\r\n\
             Received: from {helo} (localhost [127.0.0.1])\r\n \
             by inbound-smtp.us-east-1.amazonaws.com with SMTP id {}\r\n for {};\r\n {} +0000 (UTC)\r\n\
             X-SES-Spam-Verdict: {}\r\nX-SES-Virus-Verdict: {}\r\n\
             Received-SPF: {spf} (spfCheck) client-ip=127.0.0.1; envelope-from={from}; helo={helo};\r\n\
             Authentication-Results: {AUTHSERV_ID}",
            self.id,
            self.envelope.to.first().map(ToString::to_string).unwrap_or_default(),
            date.format("%a, %d %b %Y %H:%M:%S"),
            status(self.findings.spam),
            status(self.findings.virus),
        );
        let domain = self.arrived.author_domain.as_deref();
        let signed = domain.filter(|_| self.findings.dkim == Verdict::Pass);
        let methods = [
            ("spf", self.findings.spf, String::new()),
            ("dkim", self.findings.dkim, names(" header.i=@", signed)),
            ("dmarc", self.findings.dmarc, names(" header.from=", domain)),
        ];
        for (method, verdict, about) in methods {
            if let Some(result) = result(verdict) {
                head.push_str(&format!(";\r\n {method}={result}{about}"));
            }
        }
        // Last comes one that says nothing: a mail that starts with a folded line goes on with it, and
        // not with the results.
        head.push_str(";\r\nX-SES-RECEIPT: millora-up\r\n");
        head
    }

    fn sender(&self) -> String {
        self.envelope.from.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// The event with which the service calls the function. Headers are left out, as the service
    /// leaves out what is too long.
    pub(super) fn event(&self) -> Value {
        let to: Vec<String> = self.envelope.to.iter().map(ToString::to_string).collect();
        let verdict = |verdict| json!({ "status": status(verdict) });
        let mut receipt = json!({
            "timestamp": utc(self.at),
            "processingTimeMillis": 0,
            "recipients": to,
            "spamVerdict": verdict(self.findings.spam),
            "virusVerdict": verdict(self.findings.virus),
            "spfVerdict": verdict(self.findings.spf),
            "dkimVerdict": verdict(self.findings.dkim),
            "dmarcVerdict": verdict(self.findings.dmarc),
            "action": {
                "type": "Lambda",
                "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:intake-mail",
                "invocationType": "Event",
            },
        });
        if self.findings.dmarc == Verdict::Fail {
            receipt["dmarcPolicy"] = policy(self.findings.policy).into();
        }
        json!({ "Records": [{
            "eventSource": "aws:ses",
            "eventVersion": "1.0",
            "ses": {
                "mail": {
                    "timestamp": utc(self.at),
                    "source": self.sender(),
                    "messageId": self.id,
                    "destination": to,
                    "headersTruncated": true,
                    "headers": [],
                    "commonHeaders": {},
                },
                "receipt": receipt,
            },
        }]})
    }
}

fn names(label: &str, domain: Option<&str>) -> String {
    domain.map_or_else(String::new, |domain| format!("{label}{domain}"))
}

/// What a client's name for itself may hold, so that it cannot end a header or hide in one.
const fn host_text(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '[' | ']' | ':')
}

fn is_the_services(name: &[u8], value: impl Fn() -> String) -> bool {
    let starts = |prefix: &str| {
        name.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if starts("X-SES-") {
        return true;
    }
    let is_results = name.eq_ignore_ascii_case(b"Authentication-Results");
    is_results
        && value().split(';').next().is_some_and(|id| {
            // Comments and quotation marks around it change nothing for a lenient reader.
            id.to_ascii_lowercase().contains(AUTHSERV_ID)
        })
}

/// Hands each header with its folds to `each`, also lines that are none; gives where the section
/// ends.
fn fields<'a>(raw: &'a [u8], mut each: impl FnMut(&'a [u8])) -> usize {
    let (mut start, mut at) = (0, 0);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let is_end = matches!(line, b"\n" | b"\r\n");
        let goes_on = matches!(line.first(), Some(b' ' | b'\t'));
        if at > start && (is_end || !goes_on) {
            each(&raw[start..at]);
            start = at;
        }
        if is_end {
            return at;
        }
        at += line.len();
    }
    if at > start {
        each(&raw[start..at]);
    }
    at
}

/// The name of a header, with the blanks before its colon.
fn name(field: &[u8]) -> Option<&[u8]> {
    let colon = field.iter().position(|byte| *byte == b':')?;
    let name = &field[..colon];
    let is_name = name.trim_ascii_end().iter().all(|byte| byte.is_ascii_graphic());
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use domain::Instant;
    use domain::inbound::{DmarcPolicy, Verdict, Verdicts};
    use mail::Address;
    use mail::inbound::{Receipt, Stamp, parse, verdicts};

    use super::{Arrived, Stamped};
    use crate::up::inbound::session::Envelope;

    const PLAIN: &str = "From: Ana <ana@Ferretera.example>\r\nSubject: hola\r\n\r\nX-SES-a: b\r\n";

    fn envelope(from: Option<&str>) -> Envelope {
        let address = |text: &str| Address::parse(text).unwrap();
        let helo = "pc\r\nX-SES-Spam-Verdict: PASS".to_owned();
        Envelope { helo, from: from.map(address), to: vec![address("soporte@m.example")] }
    }

    /// The mail as it lies in the bucket, and what its event says.
    fn taken(raw: &str, from: Option<&str>) -> (String, Receipt) {
        let arrived = Arrived::of(raw.as_bytes());
        let findings = arrived.findings(&["ferretera.example".to_owned()]).unwrap();
        let at = Instant::parse_rfc3339("2026-11-20T10:00:05.250-06:00").unwrap();
        let envelope = envelope(from);
        let stamped = Stamped { id: "a1", at, envelope: &envelope, findings, arrived: &arrived };
        let receipts = Receipt::all_in(&stamped.event().to_string()).unwrap();
        let receipt = receipts.into_iter().next().unwrap();
        (String::from_utf8(stamped.object()).unwrap(), receipt)
    }

    /// The verdicts by both roads: with the event and without.
    fn both(raw: &str) -> [Verdicts; 2] {
        let (object, receipt) = taken(raw, Some("ana@ferretera.example"));
        let mail = parse(object.as_bytes()).unwrap();
        let stamp = Stamp::of(&mail);
        assert_eq!(stamp.ses_id.as_deref(), Some("a1"), "{object}");
        [verdicts(&stamp, Some(&receipt)), verdicts(&stamp, None)]
    }

    #[test]
    fn what_is_written_is_read_back_by_both_roads() {
        let (object, receipt) = taken(PLAIN, Some("ana@ferretera.example"));
        assert!(object.ends_with(PLAIN), "{object}");
        assert_eq!((receipt.ses_id.as_str(), receipt.null_path), ("a1", false));
        assert_eq!(receipt.received_at.to_rfc3339(), "2026-11-20T10:00:05.250-06:00");
        assert_eq!(receipt.recipients[0].to_string(), "soporte@m.example");
        let mail = parse(object.as_bytes()).unwrap();
        let stamp = Stamp::of(&mail);
        assert_eq!(stamp.received_at.unwrap().to_rfc3339(), "2026-11-20T10:00:05-06:00");
        for found in both(PLAIN) {
            let five = [found.spf, found.dkim, found.dmarc, found.spam, found.virus];
            assert_eq!(five, [Verdict::Pass; 5]);
            assert_eq!(found.dkim_domains, ["ferretera.example"]);
            assert_eq!(found.dmarc_domain.as_deref(), Some("ferretera.example"));
            assert_eq!(found.envelope_domain.as_deref(), Some("ferretera.example"));
        }
        let (object, receipt) = taken(PLAIN, None);
        assert!(receipt.null_path && object.starts_with("Return-Path: <>\r\n"), "{object}");
    }

    #[test]
    fn another_domain_is_not_known_to_be_the_authors() {
        for author in
            ["From: a@otra.example", "From: a@ferretera.example, b@ferretera.example", "X: y"]
        {
            for found in both(&format!("{author}\r\n\r\n")) {
                assert_eq!((found.dmarc, found.spam), (Verdict::Gray, Verdict::Pass), "{author}");
            }
        }
    }

    #[test]
    fn the_mail_says_what_is_found_and_the_header_goes_no_further() {
        let raw = format!(
            "Subject: x\r\nX-Millora-Verdict: dmarc=FAIL\r\n policy=reject\r\nx-millora-verdict : virus=FAIL\r\n{PLAIN}"
        );
        let (object, _) = taken(&raw, None);
        assert!(!object.to_ascii_lowercase().contains("x-millora"), "{object}");
        let [with_event, without] = both(&raw);
        assert_eq!(with_event.dmarc_policy, DmarcPolicy::Reject);
        assert_eq!(
            without.dmarc_policy,
            DmarcPolicy::Unknown,
            "the service's headers do not say it"
        );
        for found in [with_event, without] {
            assert_eq!((found.dmarc, found.virus), (Verdict::Fail, Verdict::Fail));
        }
        let wrong = Arrived::of(b"X-Millora-Verdict: dmarc=QUIZAS\r\n\r\n").findings(&[]);
        assert!(wrong.unwrap_err().contains("dmarc=QUIZAS"));
    }

    #[test]
    fn what_only_the_service_may_write_is_taken_out() {
        let forged = "X-SES-Spam-Verdict: PASS\r\nAuthentication-Results: amazonses.com;\r\n \
            dmarc=pass header.from=x.example\r\nX-SES-RECEIPT : b\r\nauthentication-results: \
            (c) AmazonSES.com; dmarc=pass\r\n";
        let own = "Authentication-Results: mx.x.example; dkim=pass header.i=@amazonses.com\r\n";
        let (object, _) = taken(&format!("{forged}{own}{PLAIN}"), None);
        assert!(
            object.ends_with(&format!("X-SES-RECEIPT: millora-up\r\n{own}{PLAIN}")),
            "{object}"
        );
        // A mail without headers, one that ends in them, one with bare line ends, one that starts with
        // a fold: none of them gets a word into the results.
        for rest in ["\r\nhola", "hola", "From: a@x.example", "From: a@x.example\n\nhola\n"] {
            let (object, _) = taken(&format!("X-SES-a: b\r\n c\r\n{rest}"), None);
            assert!(object.ends_with(&format!("X-SES-RECEIPT: millora-up\r\n{rest}")), "{object}");
        }
        let [_, found] = both(" dkim=pass header.i=@banco.example;\r\nFrom: a@x.example\r\n\r\n");
        assert_eq!((found.dkim, found.dkim_domains.len()), (Verdict::Gray, 0));
    }
}
