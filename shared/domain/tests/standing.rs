//! Spans without service, and when they end what was running (10.5).

use domain::Instant;
use domain::standing::StandingCause::{Cancelled, Expired, NonCompliance, NonPayment, NotBegun};
use domain::standing::{Span, StandingCause, closed_at, differ_from, ended_at, served_from};

fn span(cause: StandingCause, from: i64, to: Option<i64>) -> Span {
    Span { cause, from: Instant::from_millis(from), to: to.map(Instant::from_millis) }
}

/// What has been running since an instant ends with the póliza, and does not come back with another one;
/// what begins under that other one is not ended by the earlier end.
#[test]
fn what_has_been_running_ends_with_the_poliza() {
    let (open, closed) = (span(Expired, 10, None), span(Cancelled, 10, Some(20)));
    let passing = span(NonPayment, 5, Some(8));
    #[rustfmt::skip]
    let rows: &[(&[&Span], i64, Option<i64>)] = &[
        (&[&passing], 0, None),
        (&[&passing, &open], 0, Some(10)),
        (&[&open], 10, Some(10)),
        (&[&open], 15, Some(10)),
        (&[&closed], 9, Some(10)),
        (&[&closed], 10, None),
        (&[&closed], 15, None),
        (&[&closed], 20, None),
    ];
    for (spans, since, expected) in rows {
        let spans: Vec<Span> = spans.iter().map(|span| (*span).clone()).collect();
        let found = ended_at(&spans, Instant::from_millis(*since)).map(Instant::millis);
        assert_eq!(found, *expected, "since {since}, {spans:?}");
    }
}

/// A final cause is named before a passing one, and service begins where no span is left.
#[test]
fn why_there_is_no_service_and_until_when() {
    let spans = [
        span(NotBegun, 0, Some(5)),
        span(NonPayment, 5, Some(10)),
        span(Expired, 8, Some(12)),
        span(NonCompliance, 20, None),
    ];
    let rows = [
        (-1, None, Some(-1)),
        (0, Some(NotBegun), Some(12)),
        (5, Some(NonPayment), Some(12)),
        (8, Some(Expired), Some(12)),
        (11, Some(Expired), Some(12)),
        (12, None, Some(12)),
        (20, Some(NonCompliance), None),
    ];
    for (at, cause, served) in rows {
        let at = Instant::from_millis(at);
        assert_eq!(closed_at(&spans, at), cause, "{at:?}");
        assert_eq!(served_from(&spans, at).map(Instant::millis), served, "{at:?}");
    }
    let suspensions = [NonPayment, NonCompliance];
    for cause in [NonPayment, NonCompliance, Expired, Cancelled, NotBegun] {
        assert_eq!(cause.is_suspension(), suspensions.contains(&cause), "{cause:?}");
        assert_eq!(cause.is_final(), [Expired, Cancelled].contains(&cause), "{cause:?}");
    }
}

/// A payment that becomes known late annuls a suspension from its start (10.2a); an end moves what comes
/// after it, and the same instants in other words move nothing.
#[test]
fn from_when_on_it_is_another_standing() {
    let none: &[Span] = &[];
    let open = [span(NonPayment, 10, None)];
    let ended = [span(NonPayment, 10, Some(20))];
    let parts = [span(NonPayment, 10, Some(15)), span(NonPayment, 15, Some(20))];
    let cancelled = [span(NonPayment, 10, Some(20)), span(Cancelled, 12, None)];
    let other = [span(NonCompliance, 10, Some(20))];
    let rows: [(&[Span], &[Span], Option<i64>); 8] = [
        (none, none, None),
        (&open, &open, None),
        (&ended, &parts, None),
        (none, &open, Some(10)),
        (&open, none, Some(10)),
        (&open, &ended, Some(20)),
        (&ended, &cancelled, Some(12)),
        (&ended, &other, Some(10)),
    ];
    for (these, those, expected) in rows {
        for found in [differ_from(these, those), differ_from(those, these)] {
            assert_eq!(found.map(Instant::millis), expected, "{these:?}, {those:?}");
        }
    }
}
