//! Short words for facts.

use domain::billing::{
    Charge, LastNotice, Month, MonthFacts, MonthStanding, Part, PaymentStanding, Toleration,
    standing_of,
};
use domain::terms::{Centavos, Parameters, Terms};
use domain::{Instant, NaiveDate, Step};

/// A local wall-clock time, `2026-12-05 09:00:37`; seconds may be left out.
pub(crate) fn at(text: &str) -> Instant {
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let local =
        formats.iter().find_map(|format| chrono::NaiveDateTime::parse_from_str(text, format).ok());
    Instant::from_local(local.unwrap_or_else(|| panic!("{text} is a local time")))
}

/// A date.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is a date"))
}

/// A month.
pub(crate) fn month(text: &str) -> Month {
    Month::parse(text).unwrap_or_else(|| panic!("{text} is a month"))
}

/// Terms with some values of the póliza.
pub(crate) fn terms(plan: &Parameters) -> Terms {
    Terms::resolve(None, plan, &[], day("2026-01-01"))
}

/// December 2026 of a póliza that began long before, of which 1,000 centavos are owed.
pub(crate) fn december() -> MonthFacts {
    let charge = Charge::new(month("2026-12"), day("2025-03-10"), None).unwrap();
    MonthFacts {
        charge,
        owed: Centavos(1000),
        parts: Vec::new(),
        last_notices: Vec::new(),
        tolerations: Vec::new(),
        reactivated: Vec::new(),
    }
}

/// Facts of December 2026, in the words of the tables.
#[derive(Clone, Copy)]
pub(crate) enum Fact {
    /// The last notice of the limit's day of December, recorded then.
    Notice(u32, &'static str),
    /// A payment: reference, amount, day of December of its value date, when it was recorded.
    Paid(&'static str, i64, u32, &'static str),
    /// The bank takes the payment of a reference back.
    Reversed(&'static str, &'static str),
    /// A person grants until a day of December.
    Tolerated(u32, &'static str),
}

/// December 2026 with these facts.
pub(crate) fn with(facts: &[Fact]) -> MonthFacts {
    let of_december = |n: u32| NaiveDate::from_ymd_opt(2026, 12, n).unwrap();
    let mut found = december();
    for fact in facts {
        match *fact {
            Fact::Notice(limit, recorded) => found
                .last_notices
                .push(LastNotice { recorded_at: at(recorded), limit_day: of_december(limit) }),
            Fact::Paid(reference, amount, value, recorded) => found.parts.push(Part {
                recorded_at: at(recorded),
                value_date: of_december(value),
                amount: Centavos(amount),
                reference: reference.to_owned(),
                reversed_at: None,
            }),
            Fact::Reversed(reference, recorded) => {
                for part in found.parts.iter_mut().filter(|part| part.reference == reference) {
                    part.reversed_at = Some(at(recorded));
                }
            }
            Fact::Tolerated(until, recorded) => found
                .tolerations
                .push(Toleration { recorded_at: at(recorded), until: of_december(until) }),
        }
    }
    found
}

/// How facts stand at an instant, by the product's defaults.
pub(crate) fn standing(facts: &MonthFacts, as_of: Instant) -> MonthStanding {
    standing_of(facts, as_of, &Terms::product(), &mut ()).expect("inside the calendar")
}

/// A standing in a few words: its name, and since when where it is suspended.
pub(crate) fn said(standing: PaymentStanding) -> String {
    let short = |at: Instant| at.local().format("%m-%d %H:%M:%S").to_string();
    match standing {
        PaymentStanding::Due | PaymentStanding::Paid | PaymentStanding::PaidLate => {
            standing.name().to_owned()
        }
        PaymentStanding::Suspended { since } => format!("suspended {}", short(since)),
        PaymentStanding::PaymentReceived { suspended_since, received_at } => {
            format!("payment_received {} {}", short(suspended_since), short(received_at))
        }
    }
}

/// Checks how facts stand at instants, that the steps say it too, and which suspensions were
/// annulled at the last instant.
pub(crate) fn check(name: &str, facts: &[Fact], rows: &[(&str, &str)], annulled: &[(&str, &str)]) {
    let facts = with(facts);
    for (as_of, expected) in rows {
        let mut steps: Vec<Step> = Vec::new();
        let found = standing_of(&facts, at(as_of), &Terms::product(), &mut steps).unwrap();
        assert_eq!(found, standing(&facts, at(as_of)), "{name}: explaining changes nothing");
        assert_eq!(said(found.standing), *expected, "{name} at {as_of}");
        let last = steps.last().expect("a standing has a step");
        assert!(last.text.starts_with("Al ") && last.text.ends_with('.'), "{}", last.text);
        assert!(!last.used.is_empty(), "{name}: {}", last.text);
    }
    let (as_of, _) = rows.last().expect("rows");
    let found: Vec<_> =
        standing(&facts, at(as_of)).annulled.iter().map(|one| (one.from, one.at)).collect();
    let expected: Vec<_> = annulled.iter().map(|(from, to)| (at(from), at(to))).collect();
    assert_eq!(found, expected, "{name}");
}
