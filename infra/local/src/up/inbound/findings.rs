//! What the mail service would find about a mail. Nothing is verified on this machine: mails from
//! the demo's own domains pass, others are not known to, and the header `X-Millora-Verdict` of the
//! mail says otherwise.

use domain::inbound::{DmarcPolicy, Verdict};

/// The header of a mail that sets verdicts: `dmarc=FAIL policy=reject`.
pub(super) const HEADER: &str = "X-Millora-Verdict";

/// The words that the header understands, for whoever writes others.
const KNOWN: &str = "se entiende spf, dkim, dmarc, spam y virus, cada uno PASS, FAIL, GRAY, \
                     PROCESSING_FAILED o DISABLED, y policy: none, quarantine o reject";

/// The five verdicts, and the policy behind a failed DMARC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Findings {
    /// SPF.
    pub(super) spf: Verdict,
    /// DKIM.
    pub(super) dkim: Verdict,
    /// DMARC.
    pub(super) dmarc: Verdict,
    /// The policy that the domain publishes; it is told when DMARC failed.
    pub(super) policy: DmarcPolicy,
    /// Spam.
    pub(super) spam: Verdict,
    /// Virus.
    pub(super) virus: Verdict,
}

impl Findings {
    /// Of a mail whose author's domain is known here, or not.
    pub(super) const fn usual(is_known: bool) -> Self {
        let sender = if is_known { Verdict::Pass } else { Verdict::Gray };
        Self {
            spf: sender,
            dkim: sender,
            dmarc: sender,
            policy: DmarcPolicy::None,
            spam: Verdict::Pass,
            virus: Verdict::Pass,
        }
    }

    /// The same with what the header says, whose words are separated by spaces, commas or
    /// semicolons.
    ///
    /// # Errors
    /// Every word that is not understood, and what would be.
    pub(super) fn told(mut self, header: &str) -> Result<Self, String> {
        let mut unknown = Vec::new();
        let words = header.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty());
        for word in words {
            let understood = word.split_once('=').and_then(|(key, value)| self.set(key, value));
            if understood.is_none() {
                unknown.push(word);
            }
        }
        if unknown.is_empty() {
            return Ok(self);
        }
        Err(format!("{HEADER}: no se entiende {}; {KNOWN}", unknown.join(", ")))
    }

    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        let place = match key.to_ascii_lowercase().as_str() {
            "spf" => &mut self.spf,
            "dkim" => &mut self.dkim,
            "dmarc" => &mut self.dmarc,
            "spam" => &mut self.spam,
            "virus" => &mut self.virus,
            "policy" => {
                self.policy = policy_named(value)?;
                return Some(());
            }
            _ => return None,
        };
        *place = verdict_named(value)?;
        Some(())
    }
}

/// A verdict as the service's event and its own headers write it.
pub(super) const fn status(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Gray => "GRAY",
        Verdict::ProcessingFailed => "PROCESSING_FAILED",
        Verdict::Absent => "DISABLED",
    }
}

/// A verdict as `Authentication-Results` writes it (RFC 8601); `None` where the method is left out.
pub(super) const fn result(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Pass => Some("pass"),
        Verdict::Fail => Some("fail"),
        Verdict::Gray => Some("none"),
        Verdict::ProcessingFailed => Some("temperror"),
        Verdict::Absent => None,
    }
}

/// The policy as the event writes it.
pub(super) const fn policy(policy: DmarcPolicy) -> &'static str {
    match policy {
        DmarcPolicy::None | DmarcPolicy::Unknown => "none",
        DmarcPolicy::Quarantine => "quarantine",
        DmarcPolicy::Reject => "reject",
    }
}

fn verdict_named(name: &str) -> Option<Verdict> {
    let all =
        [Verdict::Pass, Verdict::Fail, Verdict::Gray, Verdict::ProcessingFailed, Verdict::Absent];
    all.into_iter().find(|verdict| status(*verdict).eq_ignore_ascii_case(name))
}

fn policy_named(name: &str) -> Option<DmarcPolicy> {
    let all = [DmarcPolicy::None, DmarcPolicy::Quarantine, DmarcPolicy::Reject];
    all.into_iter().find(|it| policy(*it).eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use domain::inbound::{DmarcPolicy, Verdict};

    use super::Findings;

    #[test]
    fn a_known_domain_passes_and_the_header_says_otherwise() {
        let known = Findings::usual(true);
        assert_eq!(
            (known.spf, known.dkim, known.dmarc),
            (Verdict::Pass, Verdict::Pass, Verdict::Pass)
        );
        assert_eq!(Findings::usual(false).dmarc, Verdict::Gray);
        let failed = known.told("dmarc=FAIL").unwrap();
        assert_eq!(failed.policy, DmarcPolicy::None, "a policy is asked for");
        let told = known
            .told(" DMARC=fail; policy=Reject, spam=PROCESSING_FAILED\tvirus=disabled")
            .unwrap();
        let expected = Findings {
            dmarc: Verdict::Fail,
            policy: DmarcPolicy::Reject,
            spam: Verdict::ProcessingFailed,
            virus: Verdict::Absent,
            ..known
        };
        assert_eq!(told, expected);
        assert_eq!(known.told("").unwrap(), known);
    }

    #[test]
    fn every_word_that_is_not_understood_is_named() {
        let told =
            Findings::usual(true).told("dmarc=FAIL spf spf=SI policy=FAIL arc=PASS").unwrap_err();
        assert!(told.contains("no se entiende spf, spf=SI, policy=FAIL, arc=PASS;"), "{told}");
        assert!(told.is_ascii(), "it is an SMTP answer: {told}");
    }
}
