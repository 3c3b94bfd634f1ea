//! What kinds of facts there are: whose words they carry, who brings them about, and which of them would have
//! been others under another standing. Rules G7, 10.5.

use domain::ticket::EscalationLevel::{Emergency, Senior};
use domain::ticket::{ClockName, ClosureReason, EscalationCause, Fact};

use crate::kit::{at, spoc, text};

#[test]
fn kinds_of_facts() {
    let at = at("lun 2026-11-09 09:00");
    let closed = |reason| Fact::Closed { reason, at, cites: None };
    let escalated = |level, cause| Fact::Escalated { level, cause, at };
    // Whether it carries words, follows by itself, depends on the standing.
    let rows = [
        (Fact::Noted { text: text("nota") }, [true, false, false]),
        (Fact::PauseEnded { at, text: text("basta") }, [true, false, false]),
        (
            Fact::Downgraded { at, text: text("no impide"), offers_stopped: false },
            [true, false, true],
        ),
        (Fact::Assigned { to: None }, [false, false, false]),
        (Fact::SameDayAccepted { at, by: spoc("ana") }, [false, false, true]),
        (Fact::Paged { clock: ClockName::Ordinary, n: 1, due: at }, [false, true, false]),
        (Fact::StandingApplied { rev: 1, spans: Vec::new() }, [false, true, true]),
        (closed(ClosureReason::Auto), [false, true, false]),
        (closed(ClosureReason::Confirmed), [false, false, false]),
        (escalated(Senior, EscalationCause::TargetMissed), [false, true, false]),
        (escalated(Emergency, EscalationCause::Person), [false, false, false]),
    ];
    for (fact, expected) in rows {
        let found = [fact.text().is_some(), fact.is_automatic(), fact.depends_on_standing()];
        assert_eq!(found, expected, "{fact:?}");
    }
}

/// Silence closes at the instant at which it ends; a person closes when he says so.
#[test]
fn closings_by_silence() {
    use ClosureReason as R;
    let people =
        [R::Confirmed, R::Withdrawn, R::Merged, R::OutOfScope, R::NotARequest, R::ServiceEnded];
    assert!([R::Auto, R::NoAnswer].into_iter().all(R::is_silence));
    assert!(!people.into_iter().any(R::is_silence));
}
