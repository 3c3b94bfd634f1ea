//! Proof of sender (M1): whether a mail comes from the domain that its From header names.
//!
//! Everything here was found by the mail service itself. What the mail says of itself proves nothing.

use serde::{Deserialize, Serialize};

/// One verdict of the mail service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The check passed.
    Pass,
    /// The check failed.
    Fail,
    /// There was nothing to check: for DMARC, the domain publishes no policy.
    Gray,
    /// The check could not be made.
    ProcessingFailed,
    /// The mail service says nothing about it, or something that is none of the above.
    Absent,
}

/// What a domain asks to be done with mails that fail DMARC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DmarcPolicy {
    /// Nothing.
    None,
    /// To set them aside.
    Quarantine,
    /// To refuse them.
    Reject,
    /// The mail service did not say which.
    Unknown,
}

/// What the mail service found about one mail. Domains are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// SPF, for the envelope's domain.
    pub spf: Verdict,
    /// DKIM, for any signature.
    pub dkim: Verdict,
    /// DMARC, for the From domain.
    pub dmarc: Verdict,
    /// The policy behind a failed DMARC.
    pub dmarc_policy: DmarcPolicy,
    /// Whether it is taken for spam.
    pub spam: Verdict,
    /// Whether it holds a virus.
    pub virus: Verdict,
    /// Domains whose DKIM signatures passed, from the mail service's own results.
    pub dkim_domains: Vec<String>,
    /// The From domain for which DMARC was evaluated, where the mail service says it.
    pub dmarc_domain: Option<String>,
    /// The envelope sender's domain; `None` for the null return path.
    pub envelope_domain: Option<String>,
}

impl Verdicts {
    /// Nothing was found: proves nothing.
    #[must_use]
    pub const fn absent() -> Self {
        Self {
            spf: Verdict::Absent,
            dkim: Verdict::Absent,
            dmarc: Verdict::Absent,
            dmarc_policy: DmarcPolicy::Unknown,
            spam: Verdict::Absent,
            virus: Verdict::Absent,
            dkim_domains: Vec::new(),
            dmarc_domain: None,
            envelope_domain: None,
        }
    }
}

/// What the From headers of a mail hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromHeader<'a> {
    /// Exactly one header with exactly one mailbox; its domain, in lower case.
    One(&'a str),
    /// No From header, or an empty one.
    None,
    /// Several headers, or several mailboxes in one.
    Several,
    /// One header that is no plain mailbox.
    Unreadable,
}

/// What the desk recorded about the From domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProofTerms {
    /// For a domain without DMARC, SPF for the same domain suffices. **Choice** of M1, off unless
    /// the desk recorded it with a reason for that domain.
    pub spf_suffices: bool,
}

/// Whether the sender is who the mail claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// He is.
    Proven(Proven),
    /// It is not known.
    NotProven(NotProven),
    /// The mail is set aside, and never answered.
    Quarantine(Quarantine),
}

/// What proves the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proven {
    /// DMARC passed.
    Dmarc,
    /// No DMARC policy, and a DKIM signature of an aligned domain passed.
    AlignedDkim,
    /// No DMARC policy, SPF passed for the same domain, and the desk recorded that this suffices.
    Spf,
}

/// Why the sender is not proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotProven {
    /// There is no From header, or an empty one.
    NoFrom,
    /// More than one From header, or more than one mailbox in it.
    SeveralFrom,
    /// The From header is no plain mailbox.
    UnreadableFrom,
    /// DMARC was evaluated for another domain than the one that the From header was read as.
    OtherDomain,
    /// DMARC failed; the domain asks for nothing, or its policy is not known.
    DmarcFailed,
    /// No DMARC policy, and no aligned signature.
    Unsigned,
    /// The check could not be made.
    ProcessingFailed,
    /// There is no verdict.
    NoVerdict,
}

/// Why the mail is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quarantine {
    /// It holds a virus.
    Virus,
    /// It is taken for spam.
    Spam,
    /// DMARC failed, and the domain asks that such mails be set aside or refused.
    Dmarc,
}

/// Rule M1.
#[must_use]
pub fn proof(verdicts: &Verdicts, from: FromHeader<'_>, terms: ProofTerms) -> Proof {
    if verdicts.virus == Verdict::Fail {
        return Proof::Quarantine(Quarantine::Virus);
    }
    if verdicts.spam == Verdict::Fail {
        return Proof::Quarantine(Quarantine::Spam);
    }
    if verdicts.dmarc == Verdict::Fail {
        match verdicts.dmarc_policy {
            DmarcPolicy::Quarantine | DmarcPolicy::Reject => {
                return Proof::Quarantine(Quarantine::Dmarc);
            }
            DmarcPolicy::None | DmarcPolicy::Unknown => {}
        }
    }
    let domain = match from {
        FromHeader::One(domain) => domain,
        FromHeader::None => return Proof::NotProven(NotProven::NoFrom),
        FromHeader::Several => return Proof::NotProven(NotProven::SeveralFrom),
        FromHeader::Unreadable => return Proof::NotProven(NotProven::UnreadableFrom),
    };
    match verdicts.dmarc {
        Verdict::Pass if evaluated_for(verdicts, domain) => Proof::Proven(Proven::Dmarc),
        Verdict::Pass => Proof::NotProven(NotProven::OtherDomain),
        Verdict::Gray if !evaluated_for(verdicts, domain) => {
            Proof::NotProven(NotProven::OtherDomain)
        }
        Verdict::Gray => without_policy(verdicts, domain, terms),
        Verdict::Fail => Proof::NotProven(NotProven::DmarcFailed),
        Verdict::ProcessingFailed => Proof::NotProven(NotProven::ProcessingFailed),
        Verdict::Absent => Proof::NotProven(NotProven::NoVerdict),
    }
}

/// The domain publishes no policy: an aligned signature proves as much as DMARC would.
fn without_policy(verdicts: &Verdicts, domain: &str, terms: ProofTerms) -> Proof {
    let signed = verdicts.dkim == Verdict::Pass
        && verdicts.dkim_domains.iter().any(|signer| aligned(signer, domain));
    if signed {
        return Proof::Proven(Proven::AlignedDkim);
    }
    let sent_by_it = terms.spf_suffices
        && verdicts.spf == Verdict::Pass
        && verdicts.envelope_domain.as_deref() == Some(domain);
    if sent_by_it { Proof::Proven(Proven::Spf) } else { Proof::NotProven(NotProven::Unsigned) }
}

/// The domain evaluated is the domain parsed: otherwise a header that two parsers read differently
/// would let one domain's pass speak for another.
fn evaluated_for(verdicts: &Verdicts, domain: &str) -> bool {
    verdicts.dmarc_domain.as_deref().is_none_or(|evaluated| evaluated == domain)
}

/// Second-level names under which anybody can register. A signature for one of them would speak for
/// strangers, so they never align with what lies below them. Single labels never do either.
const OPEN_SUFFIXES: [&str; 24] = [
    "com.mx",
    "org.mx",
    "net.mx",
    "edu.mx",
    "gob.mx",
    "com.ar",
    "com.br",
    "com.co",
    "com.pe",
    "com.ec",
    "com.gt",
    "com.sv",
    "com.ve",
    "com.uy",
    "com.es",
    "org.es",
    "co.uk",
    "org.uk",
    "com.au",
    "co.jp",
    "com.cn",
    "github.io",
    "gitlab.io",
    "blogspot.com",
];

/// Whether a signing domain speaks for a From domain: they are the same, or one lies below the other
/// (DMARC's relaxed alignment, decided without a list of all public suffixes). Both in lower case.
#[must_use]
pub fn aligned(signer: &str, from: &str) -> bool {
    let (below, above) = if signer.len() >= from.len() { (signer, from) } else { (from, signer) };
    if below == above {
        return !above.is_empty();
    }
    above.contains('.')
        && !OPEN_SUFFIXES.contains(&above)
        && below.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERDICTS: [Verdict; 5] =
        [Verdict::Pass, Verdict::Fail, Verdict::Gray, Verdict::ProcessingFailed, Verdict::Absent];
    const POLICIES: [DmarcPolicy; 4] =
        [DmarcPolicy::None, DmarcPolicy::Quarantine, DmarcPolicy::Reject, DmarcPolicy::Unknown];

    fn clean() -> Verdicts {
        Verdicts { spam: Verdict::Pass, virus: Verdict::Pass, ..Verdicts::absent() }
    }

    fn found(dmarc: Verdict, dmarc_policy: DmarcPolicy) -> Verdicts {
        Verdicts { dmarc, dmarc_policy, ..clean() }
    }

    /// *"SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte."* Whoever asks as a
    /// SPoC must be the SPoC.
    #[test]
    fn dmarc_decides_and_its_policy_sets_aside() {
        use DmarcPolicy::{None, Quarantine as Aside, Reject, Unknown};
        use Verdict::{Absent, Fail, Gray, Pass, ProcessingFailed};
        let not = |why| Proof::NotProven(why);
        let aside = Proof::Quarantine(Quarantine::Dmarc);
        let table = [
            (Pass, Unknown, Proof::Proven(Proven::Dmarc)),
            (Pass, Reject, Proof::Proven(Proven::Dmarc)),
            (Fail, None, not(NotProven::DmarcFailed)),
            (Fail, Unknown, not(NotProven::DmarcFailed)),
            (Fail, Aside, aside),
            (Fail, Reject, aside),
            (Gray, Unknown, not(NotProven::Unsigned)),
            (Gray, Reject, not(NotProven::Unsigned)),
            (ProcessingFailed, Unknown, not(NotProven::ProcessingFailed)),
            (Absent, Unknown, not(NotProven::NoVerdict)),
        ];
        for (dmarc, policy, expected) in table {
            let given = found(dmarc, policy);
            let decided = proof(&given, FromHeader::One("acme.example"), ProofTerms::default());
            assert_eq!(decided, expected, "{dmarc:?} {policy:?}");
        }
    }

    #[test]
    fn without_a_policy_an_aligned_signature_is_needed() {
        let gray = found(Verdict::Gray, DmarcPolicy::Unknown);
        let with = |dkim, domain: &str| Verdicts {
            dkim,
            dkim_domains: vec![domain.to_owned()],
            ..gray.clone()
        };
        let proven = Proof::Proven(Proven::AlignedDkim);
        let unsigned = Proof::NotProven(NotProven::Unsigned);
        let table = [
            (with(Verdict::Pass, "acme.example"), proven),
            (with(Verdict::Pass, "mail.acme.example"), proven),
            (with(Verdict::Pass, "evilacme.example"), unsigned),
            (with(Verdict::Pass, "example"), unsigned),
            (with(Verdict::Pass, "acme.example.evil.example"), unsigned),
            (with(Verdict::Pass, ""), unsigned),
            (with(Verdict::Fail, "acme.example"), unsigned),
            (with(Verdict::ProcessingFailed, "acme.example"), unsigned),
            (with(Verdict::Absent, "acme.example"), unsigned),
        ];
        for (given, expected) in table {
            let decided = proof(&given, FromHeader::One("acme.example"), ProofTerms::default());
            assert_eq!(decided, expected, "{given:?}");
        }
    }

    #[test]
    fn spf_suffices_only_where_the_desk_said_so_and_for_the_same_domain() {
        let sent = |spf, domain: &str| Verdicts {
            spf,
            envelope_domain: Some(domain.to_owned()),
            ..found(Verdict::Gray, DmarcPolicy::Unknown)
        };
        let yes = ProofTerms { spf_suffices: true };
        let no = ProofTerms { spf_suffices: false };
        let proven = Proof::Proven(Proven::Spf);
        let unsigned = Proof::NotProven(NotProven::Unsigned);
        let table = [
            (sent(Verdict::Pass, "acme.example"), yes, proven),
            (sent(Verdict::Pass, "acme.example"), no, unsigned),
            (sent(Verdict::Pass, "mail.acme.example"), yes, unsigned),
            (sent(Verdict::Gray, "acme.example"), yes, unsigned),
            (Verdicts { envelope_domain: None, ..sent(Verdict::Pass, "") }, yes, unsigned),
        ];
        for (given, terms, expected) in table {
            let decided = proof(&given, FromHeader::One("acme.example"), terms);
            assert_eq!(decided, expected, "{given:?} {terms:?}");
        }
    }

    #[test]
    fn exactly_one_mailbox_and_the_domain_that_was_evaluated() {
        let pass = found(Verdict::Pass, DmarcPolicy::Unknown);
        let of = |domain: &str| Verdicts { dmarc_domain: Some(domain.to_owned()), ..pass.clone() };
        // A signature of the sender's domain does not help a mail that was evaluated for another one.
        let signed = Verdicts {
            dmarc: Verdict::Gray,
            dkim: Verdict::Pass,
            dkim_domains: vec!["acme.example".to_owned()],
            ..of("evil.example")
        };
        let table = [
            (signed, FromHeader::One("acme.example"), Proof::NotProven(NotProven::OtherDomain)),
            (of("acme.example"), FromHeader::One("acme.example"), Proof::Proven(Proven::Dmarc)),
            (
                of("evil.example"),
                FromHeader::One("acme.example"),
                Proof::NotProven(NotProven::OtherDomain),
            ),
            (pass.clone(), FromHeader::None, Proof::NotProven(NotProven::NoFrom)),
            (pass.clone(), FromHeader::Several, Proof::NotProven(NotProven::SeveralFrom)),
            (pass.clone(), FromHeader::Unreadable, Proof::NotProven(NotProven::UnreadableFrom)),
        ];
        for (given, from, expected) in table {
            assert_eq!(proof(&given, from, ProofTerms::default()), expected, "{from:?}");
        }
    }

    /// Every combination: proven only on one of the three roads, and never beside spam or a virus.
    #[test]
    fn nothing_else_is_proven() {
        let mut seen = 0;
        for dmarc in VERDICTS {
            for dkim in VERDICTS {
                for spf in VERDICTS {
                    for spam in VERDICTS {
                        for virus in VERDICTS {
                            for policy in POLICIES {
                                let given = Verdicts {
                                    spf,
                                    dkim,
                                    spam,
                                    virus,
                                    dkim_domains: vec!["acme.example".to_owned()],
                                    ..found(dmarc, policy)
                                };
                                let decided = proof(
                                    &given,
                                    FromHeader::One("acme.example"),
                                    ProofTerms::default(),
                                );
                                let clean = spam != Verdict::Fail && virus != Verdict::Fail;
                                let passed = dmarc == Verdict::Pass
                                    || (dmarc == Verdict::Gray && dkim == Verdict::Pass);
                                assert_eq!(
                                    matches!(decided, Proof::Proven(_)),
                                    clean && passed,
                                    "{given:?}"
                                );
                                assert!(clean || matches!(decided, Proof::Quarantine(_)));
                                seen += 1;
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(seen, 12_500);
    }

    #[test]
    fn no_one_signs_for_a_suffix_that_is_open_to_all() {
        let table = [
            ("acme.com.mx", "acme.com.mx", true),
            ("acme.com.mx", "ventas.acme.com.mx", true),
            ("ventas.acme.com.mx", "acme.com.mx", true),
            ("com.mx", "acme.com.mx", false),
            ("mx", "acme.com.mx", false),
            ("otra.com.mx", "acme.com.mx", false),
            ("", "", false),
        ];
        for (signer, from, expected) in table {
            assert_eq!(aligned(signer, from), expected, "{signer} {from}");
        }
    }
}
