//! What the mail service found about a mail, by both roads: its receipt, and its own headers.
//!
//! The headers that the service wrote stand on top of the mail, in its order; what a sender wrote
//! stands below. Reading stops at the first header that the service would not have written there,
//! so a sender's own `Authentication-Results: amazonses.com; dmarc=pass` is never read (M1).

use domain::Instant;
use domain::inbound::{DmarcPolicy, Verdict, Verdicts};

use super::addresses::bare;
use super::headers::{Field, Headers};
use super::limits::{DOMAIN_BYTES_MAX, SIGNERS_MAX};
use super::parse::Inbound;
use super::receipt::Receipt;

/// The authserv-id of the mail service.
const AUTHSERV_ID: &str = "amazonses.com";

/// The headers that the service writes, in its order. Each comes at most once, and none after one
/// that stands behind it here: a header out of order was written by somebody else.
const ORDER: [&str; 8] = [
    "Return-Path",
    "Received",
    "X-SES-Spam-Verdict",
    "X-SES-Virus-Verdict",
    "Received-SPF",
    "Authentication-Results",
    "X-SES-RECEIPT",
    "X-SES-DKIM-SIGNATURE",
];

/// The topmost headers, as far as the mail service wrote them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When the service took the mail, to the second; `None` when it does not say.
    pub received_at: Option<Instant>,
    /// The id that the service gave the mail.
    pub ses_id: Option<String>,
    envelope_domain: Option<String>,
    spam: Option<String>,
    virus: Option<String>,
    results: Option<String>,
}

impl Stamp {
    /// Reads the stamp of a mail.
    #[must_use]
    pub fn of(mail: &Inbound<'_>) -> Self {
        Self::read(&mail.headers)
    }

    pub(super) fn read(headers: &Headers<'_>) -> Self {
        let mut stamp = Self::default();
        let mut next = 0;
        for field in headers.iter() {
            let Some(place) = ORDER.iter().position(|name| field.is(name)) else { break };
            if place < next || !stamp.takes(place, field) {
                break;
            }
            next = place + 1;
        }
        stamp
    }

    /// Takes the header at that place of the order; false when another server wrote it.
    fn takes(&mut self, place: usize, field: &Field<'_>) -> bool {
        let text = field.text();
        match place {
            0 => self.envelope_domain = bare(field).map(|it| it.domain().to_owned()),
            1 => return self.received(&text),
            2 => self.spam = Some(text),
            3 => self.virus = Some(text),
            5 => {
                let Some((id, results)) = text.split_once(';') else { return false };
                if !id.trim().eq_ignore_ascii_case(AUTHSERV_ID) {
                    return false;
                }
                self.results = Some(results.to_owned());
            }
            _ => {}
        }
        true
    }

    /// `from … by inbound-smtp.us-east-1.amazonaws.com with SMTP id … for …; date`.
    fn received(&mut self, text: &str) -> bool {
        let mut words = text.split_whitespace().skip_while(|word| *word != "by").skip(1);
        let host = words.next().unwrap_or_default();
        if !(host.starts_with("inbound-smtp.") && host.ends_with(".amazonaws.com")) {
            return false;
        }
        self.ses_id = words
            .skip_while(|word| *word != "id")
            .nth(1)
            .map(|id| id.trim_end_matches(';').chars().take(100).collect());
        self.received_at = text.rsplit_once(';').and_then(|(_, date)| {
            let date = mail_parser::DateTime::parse_rfc822(date.trim())?;
            let at = date.is_valid().then(|| Instant::from_millis(date.to_timestamp() * 1_000));
            // What no calendar knows is no receipt (G1): the object's own instant counts then.
            at.filter(|at| domain::calendar::covers(*at))
        });
        true
    }

    /// What the stamp alone says. The policy behind a failed DMARC is then known only if the
    /// service wrote it down.
    #[must_use]
    pub fn verdicts(&self) -> Verdicts {
        let mut found = Verdicts {
            spam: named(self.spam.as_deref()),
            virus: named(self.virus.as_deref()),
            envelope_domain: self.envelope_domain.clone(),
            ..Verdicts::absent()
        };
        for result in results(self.results.as_deref().unwrap_or_default()) {
            match result.method {
                "spf" => found.spf = result.verdict,
                "dkim" => {
                    if found.dkim != Verdict::Pass {
                        found.dkim = result.verdict;
                    }
                    if result.verdict == Verdict::Pass && found.dkim_domains.len() < SIGNERS_MAX {
                        found.dkim_domains.extend(result.domain);
                    }
                }
                "dmarc" => {
                    found.dmarc = result.verdict;
                    found.dmarc_domain = result.domain;
                    found.dmarc_policy = result.policy;
                }
                _ => {}
            }
        }
        found
    }
}

/// What the mail service found. With its receipt the verdicts come from there; the domains of
/// signatures, which the receipt does not say, come from the stamp on both roads.
#[must_use]
pub fn verdicts(stamp: &Stamp, receipt: Option<&Receipt>) -> Verdicts {
    let stamped = stamp.verdicts();
    let Some(receipt) = receipt else { return stamped };
    Verdicts {
        spf: receipt.spf,
        dkim: receipt.dkim,
        dmarc: receipt.dmarc,
        dmarc_policy: receipt.dmarc_policy,
        spam: receipt.spam,
        virus: receipt.virus,
        envelope_domain: receipt.envelope_from.as_ref().map(|it| it.domain().to_owned()),
        ..stamped
    }
}

/// A verdict by the name that the service gives it.
pub(super) fn named(name: Option<&str>) -> Verdict {
    match name.map(str::trim) {
        Some("PASS") => Verdict::Pass,
        Some("FAIL") => Verdict::Fail,
        Some("GRAY") => Verdict::Gray,
        Some("PROCESSING_FAILED") => Verdict::ProcessingFailed,
        Some(_) | None => Verdict::Absent,
    }
}

struct AuthResult<'a> {
    method: &'a str,
    verdict: Verdict,
    domain: Option<String>,
    policy: DmarcPolicy,
}

/// The results behind the authserv-id: `dkim=pass header.i=@acme.example`.
fn results(text: &str) -> impl Iterator<Item = AuthResult<'_>> {
    text.split(';').filter_map(|result| {
        let mut words = result.split_whitespace();
        let (method, value) = words.next()?.split_once('=')?;
        let verdict = match value.to_ascii_lowercase().as_str() {
            "pass" => Verdict::Pass,
            "fail" | "softfail" | "hardfail" | "policy" => Verdict::Fail,
            "none" | "neutral" => Verdict::Gray,
            "temperror" | "permerror" => Verdict::ProcessingFailed,
            _ => Verdict::Absent,
        };
        let domain = words.clone().find_map(|word| {
            let (key, value) = word.split_once('=')?;
            let domain = value.rsplit('@').next()?.trim_matches('"');
            let names_it = ["header.i", "header.d", "header.from"].contains(&key);
            let fits = (1..=DOMAIN_BYTES_MAX).contains(&domain.len());
            (names_it && fits).then(|| domain.to_ascii_lowercase())
        });
        let policy = words.find_map(policy).unwrap_or(DmarcPolicy::Unknown);
        Some(AuthResult { method, verdict, domain, policy })
    })
}

/// `(p=REJECT` or `policy.published-domain-policy=reject`, where a service writes it.
fn policy(word: &str) -> Option<DmarcPolicy> {
    let word = word.trim_matches(['(', ')', ',']).to_ascii_lowercase();
    let (key, value) = word.split_once('=')?;
    if !["p", "policy.published-domain-policy"].contains(&key) {
        return None;
    }
    Some(policy_named(value))
}

pub(super) fn policy_named(name: &str) -> DmarcPolicy {
    if name.eq_ignore_ascii_case("none") {
        DmarcPolicy::None
    } else if name.eq_ignore_ascii_case("quarantine") {
        DmarcPolicy::Quarantine
    } else if name.eq_ignore_ascii_case("reject") {
        DmarcPolicy::Reject
    } else {
        DmarcPolicy::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    const STAMP: &str = "Return-Path: <ana@acme.example>\r\n\
        Received: from mail.acme.example (mail.acme.example [198.51.100.7])\r\n \
        by inbound-smtp.us-east-1.amazonaws.com with SMTP id o3vrnil0e2ic28tr\r\n \
        for soporte@soporte.millora.example;\r\n Fri, 20 Nov 2026 16:00:05 +0000 (UTC)\r\n\
        X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n";

    fn stamp(rest: &str) -> Stamp {
        let raw = format!("{STAMP}{rest}From: ana@acme.example\r\n\r\n");
        Stamp::of(&parse(raw.as_bytes()).unwrap())
    }

    #[test]
    fn the_stamp_says_when_and_what() {
        let stamp = stamp(
            "Authentication-Results: amazonses.com;\r\n spf=pass (spfCheck: domain of acme.example) client-ip=198.51.100.7;\r\n \
             dkim=pass header.i=@Acme.example;\r\n dkim=fail header.i=@otro.example;\r\n dmarc=none header.from=acme.example;\r\n",
        );
        assert_eq!(stamp.ses_id.as_deref(), Some("o3vrnil0e2ic28tr"));
        let at = Instant::parse_rfc3339("2026-11-20T10:00:05-06:00").unwrap();
        assert_eq!(stamp.received_at, Some(at));
        let found = stamp.verdicts();
        assert_eq!(
            (found.spf, found.dkim, found.dmarc),
            (Verdict::Pass, Verdict::Pass, Verdict::Gray)
        );
        assert_eq!(found.dkim_domains, ["acme.example"]);
        assert_eq!(found.dmarc_domain.as_deref(), Some("acme.example"));
        assert_eq!(found.envelope_domain.as_deref(), Some("acme.example"));
        assert_eq!((found.spam, found.virus), (Verdict::Pass, Verdict::Pass));
    }

    #[test]
    fn a_receipt_that_no_calendar_knows_is_none() {
        for (written, read) in [("2026", true), ("2007", true), ("2006", false), ("2051", false)] {
            let raw = format!("{STAMP}From: ana@acme.example\r\n\r\n").replace("2026", written);
            let stamp = Stamp::of(&parse(raw.as_bytes()).unwrap());
            assert_eq!(stamp.received_at.is_some(), read, "{written}");
        }
    }

    #[test]
    fn what_a_sender_wrote_is_never_read() {
        let pass = "Authentication-Results: amazonses.com; dmarc=pass header.from=acme.example\r\n";
        let fail = "Authentication-Results: amazonses.com; dmarc=fail header.from=acme.example\r\n";
        let foreign = "Received: by evil.example; Fri, 20 Nov 2026 15:59:00 +0000\r\n";
        let table = [
            (pass.to_owned(), Verdict::Pass),
            (format!("{fail}{pass}"), Verdict::Fail),
            (format!("{foreign}{pass}"), Verdict::Absent),
            (format!("X-Foreign: 1\r\n{pass}"), Verdict::Absent),
            (format!("X-SES-RECEIPT: AEFB\r\n{pass}"), Verdict::Absent),
            (format!("X-SES-Spam-Verdict: PASS\r\n{pass}"), Verdict::Absent),
            (
                format!("{}{pass}", pass.replace("amazonses.com", "mx.evil.example")),
                Verdict::Absent,
            ),
            (pass.replace("amazonses.com;", "amazonses.com.evil.example;"), Verdict::Absent),
        ];
        for (rest, expected) in table {
            assert_eq!(stamp(&rest).verdicts().dmarc, expected, "{rest}");
        }
        let other = format!("Received: from x by mx.evil.example; x\r\n{pass}\r\n");
        assert_eq!(Stamp::of(&parse(other.as_bytes()).unwrap()).verdicts(), Verdicts::absent());
    }

    #[test]
    fn a_policy_is_known_where_it_is_written() {
        let with = |text: &str| {
            stamp(&format!("Authentication-Results: amazonses.com; dmarc=fail {text} header.from=acme.example\r\n"))
                .verdicts()
                .dmarc_policy
        };
        assert_eq!(with(""), DmarcPolicy::Unknown);
        assert_eq!(with("(p=REJECT dis=none)"), DmarcPolicy::Reject);
        assert_eq!(with("(p=QUARANTINE)"), DmarcPolicy::Quarantine);
        assert_eq!(with("policy.published-domain-policy=none"), DmarcPolicy::None);
    }
}
