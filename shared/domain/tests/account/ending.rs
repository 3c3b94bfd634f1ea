//! 10.7, 10.8: cancellation and renewal.

use domain::account::{Command, Content, DeskAct, EndedFee, Next, SpocAct};
use domain::standing::{Span, StandingCause};
use domain::terms::Parameters;
use domain::ticket::RefusalCode;
use domain::{Actor, SpocId};

use crate::kit::{FEE, Run, at, day, member, midnight, month, plan, received_at, spoc, words};

fn paid() -> Run {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.pay("2026-11-20T11:00:00", "a", FEE * 20, "2026-11-20");
    run
}

#[test]
fn a_cancellation_takes_effect_at_the_end_of_the_paid_month_or_at_once() {
    let mut run = paid();
    run.until("2027-02-10T10:00:00")
        .spoc("2027-02-10T10:00:00", SpocAct::Cancel { at_once: false });
    run.until("2027-04-30T00:00:00");
    assert_eq!(run.closed("2027-02-28T23:59:59"), None);
    assert_eq!(run.closed("2027-03-01T00:00:00"), Some(StandingCause::Cancelled));
    assert!(run.account.month(month("2027-03")).is_none(), "nothing falls due after the end");
    let mut run = paid();
    run.until("2027-02-10T10:00:00").spoc("2027-02-10T10:00:00", SpocAct::Cancel { at_once: true });
    assert_eq!(run.closed("2027-02-10T10:00:00"), Some(StandingCause::Cancelled));
    let february = run.view().month(month("2027-02"), at("2027-02-11T00:00:00"), &mut ()).unwrap();
    assert_eq!(february.unwrap().owed.0, FEE, "no refunds");
}

#[test]
fn an_unpaid_month_is_cancelled_at_once_and_owed_by_days_only_past_its_limit() {
    for (now, fee, owed) in [
        ("2026-12-03T10:00:00", EndedFee::Nothing, 0),
        ("2026-12-05T23:59:59", EndedFee::Nothing, 0),
        ("2026-12-06T00:00:00", EndedFee::ByDays, (FEE * 5 * 2 + 31) / 62),
        ("2026-12-10T10:00:00", EndedFee::ByDays, (FEE * 10 * 2 + 31) / 62),
    ] {
        let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
        run.until(now);
        let shown =
            run.view().cancellation(&SpocId::parse("ana").unwrap(), at(now), false).unwrap();
        run.spoc(now, SpocAct::Cancel { at_once: false });
        assert_eq!(run.account.cancellation, Some(shown), "{now}: what was shown is what is done");
        let cancelled = run.account.cancellation.clone().unwrap();
        assert_eq!((cancelled.effective_at, cancelled.fee), (at(now), fee), "{now}");
        let found = run.view().month(month("2026-12"), at("2026-12-31T00:00:00"), &mut ()).unwrap();
        assert_eq!(found.unwrap().owed.0, owed, "{now}");
    }
}

#[test]
fn only_who_may_cancels_and_only_once() {
    let run = paid();
    let beto = SpocId::parse("beto").unwrap();
    let now = at("2026-12-10T10:00:00");
    let cancel = |by: &SpocId| Command::Spoc {
        by: by.clone(),
        received_at: now,
        act: SpocAct::Cancel { at_once: false },
        cites: None,
    };
    let refused = run.tries(now, cancel(&beto), Actor::Spoc(beto.clone()));
    assert_eq!(refused.unwrap_err().code, RefusalCode::NotAuthorised);
    let mut run = paid();
    run.spoc("2026-12-10T10:00:00", SpocAct::Cancel { at_once: false });
    let ana = SpocId::parse("ana").unwrap();
    let again = run.tries(now, cancel(&ana), Actor::Spoc(ana.clone()));
    assert_eq!(again.unwrap_err().code, RefusalCode::Final);
}

#[test]
fn a_poliza_renews_and_says_so_twice() {
    let mut run = paid();
    run.until("2027-12-01T12:00:00");
    assert_eq!(run.told(), ["11-16 09:00 renewal_ahead", "11-23 09:00 renewal_ahead"]);
    assert_eq!(run.account.renewed_at, Some(midnight("2027-12-01")));
    assert!(run.contents().all(|it| matches!(it, Content::RenewalAhead { renews: true, .. })));
}

#[test]
fn without_renewal_it_ends_and_the_end_is_known_long_before() {
    let plan = Parameters { auto_renew: Some(Some(false)), ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.pay("2026-11-20T11:00:00", "a", FEE * 20, "2026-11-20").until("2027-06-01T12:00:00");
    assert_eq!(run.closed("2027-11-30T23:59:59"), None);
    assert_eq!(run.closed("2027-12-01T00:00:00"), Some(StandingCause::Expired));
    run.until("2028-06-01T00:00:00");
    assert_eq!(
        run.told(),
        ["11-16 09:00 renewal_ahead", "11-23 09:00 renewal_ahead", "12-01 00:00 expired"]
    );
}

#[test]
fn a_notice_in_time_ends_it_and_a_late_one_is_answered() {
    for (now, ends) in [("2027-11-26T00:00:00", true), ("2027-11-26T00:00:00.001", false)] {
        let mut run = paid();
        run.until(now).spoc(now, SpocAct::DeclineRenewal).until("2027-12-02T00:00:00");
        assert_eq!(run.closed("2027-12-01T00:00:00").is_some(), ends, "{now}");
        let kinds: Vec<_> = run.contents().map(Content::kind).collect();
        assert_eq!(kinds.contains(&"non_renewal"), ends, "{now}");
        assert_eq!(kinds.contains(&"late_non_renewal"), !ends, "{now}");
    }
}

#[test]
fn while_the_choice_is_not_recorded_it_goes_on_and_the_desk_is_told() {
    let plan = Parameters { auto_renew: None, ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.pay("2026-11-20T11:00:00", "a", FEE * 20, "2026-11-20").until("2027-12-02T12:00:00");
    assert_eq!(
        run.told(),
        ["11-16 09:00 desk_no_renewal_choice", "11-23 09:00 desk_no_renewal_choice"]
    );
    assert_eq!(run.stops(), []);
}

#[test]
fn a_suspended_poliza_renews_and_stays_suspended() {
    let plan = Parameters {
        start: Some(Some(day("2026-12-01"))),
        term_months: Some(core::num::NonZeroU8::new(1)),
        ..plan()
    };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.until("2027-01-02T00:00:00");
    assert_eq!(run.account.renewed_at, Some(midnight("2027-01-01")));
    assert_eq!(run.closed("2027-01-02T00:00:00"), Some(StandingCause::NonPayment));
}

#[test]
fn a_term_that_ends_in_a_month_charges_its_days() {
    let plan = Parameters {
        start: Some(Some(day("2026-12-11"))),
        term_months: Some(core::num::NonZeroU8::new(1)),
        auto_renew: Some(Some(false)),
        ..plan()
    };
    let mut run = Run::begin(&plan, at("2026-12-01T10:00:00"));
    run.pay("2026-12-01T11:00:00", "a", FEE * 20, "2026-12-01").until("2027-01-02T00:00:00");
    let january = run.view().month(month("2027-01"), at("2027-01-02T00:00:00"), &mut ()).unwrap();
    assert_eq!(january.unwrap().owed.0, (FEE * 10 * 2 + 31) / 62);
}

#[test]
fn the_liability_of_a_month_is_what_was_paid_in_it() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-01T10:00:00")
        .pay("2026-12-01T10:00:00", "a", 700, "2026-11-30")
        .pay("2026-12-02T10:00:00", "b", 500, "2026-12-02")
        .pay("2026-12-03T10:00:00", "c", 300, "2026-12-03");
    let reverse = Command::ReversePayment { reference: "c".to_owned(), text: None };
    run.act("2026-12-04T10:00:00", reverse);
    for (text, cap) in [("2026-11", 700), ("2026-12", 500), ("2027-01", 0)] {
        assert_eq!(run.view().liability_cap(month(text)).0, cap, "{text}");
    }
}

/// G7, 10.8: what a notice of non-renewal does follows from its receipt, however late it is handled: before the
/// term ends, after the renewal was recorded, or when the month after it has been suspended. One that was late for
/// a term is no notice for the next one.
#[test]
fn what_a_notice_does_follows_from_its_receipt() {
    let rows = [
        ("2027-11-26T00:00:00", Some("2027-12-01")),
        ("2027-11-26T00:00:00.001", None),
        ("2027-11-30T23:59:59.999", None),
        ("2027-12-01T00:00:00", Some("2028-12-01")),
    ];
    for (received, ends) in rows {
        for months in [12, 40] {
            let lived = |handled: &str| {
                let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
                run.pay("2026-11-20T11:00:00", "a", FEE * months, "2026-11-20").until(handled);
                run.spoc_late(handled, received, SpocAct::DeclineRenewal);
                run.until("2029-01-02T00:00:00");
                let owed = run.view().months(at("2029-01-02T00:00:00")).unwrap();
                let owed = owed.iter().filter(|it| it.owed.0 > 0).map(|it| it.due.month);
                (run.account.expired_at, run.stops(), owed.collect::<Vec<_>>())
            };
            let usual = lived(received);
            assert_eq!(usual.0, ends.map(midnight), "{received}");
            for handled in ["2027-12-01T09:00:00", "2027-12-02T10:00:00", "2027-12-10T10:00:00"] {
                let found = lived(handled);
                assert_eq!(found, usual, "{received}, handled {handled}, {months} months paid");
            }
        }
    }
}

/// At the very instant of the renewal the new term has begun, and a notice is about that one.
#[test]
fn a_notice_at_the_renewal_is_about_the_new_term() {
    let mut run = paid();
    run.until("2027-12-01T00:00:00").spoc("2027-12-01T00:00:00", SpocAct::DeclineRenewal);
    assert_eq!(run.told()[2..], ["12-01 00:00 non_renewal", "12-01 00:00 desk_non_renewal"]);
    assert_eq!(run.account.expired_at, None);
}

/// A notice that was received in time and comes to light after the renewal undoes what was cancelled since,
/// and is refused where the póliza had ended before.
#[test]
fn a_notice_that_comes_to_light_late_ends_what_had_not_ended() {
    for (cancelled, ends) in [("2027-12-10T10:00:00", true), ("2027-11-20T10:00:00", false)] {
        let mut run = paid();
        run.until("2027-12-12T10:00:00");
        run.spoc_late("2027-12-12T10:00:00", cancelled, SpocAct::Cancel { at_once: true });
        let notice = received_at("2027-11-19T10:00:00", SpocAct::DeclineRenewal);
        let found = run.tries(at("2027-12-15T10:00:00"), notice, Actor::Spoc(spoc()));
        match found {
            Ok(decision) => {
                assert!(ends, "{cancelled}");
                assert_eq!(decision.account.expired_at, Some(midnight("2027-12-01")));
            }
            Err(refusal) => {
                assert!(!ends, "{cancelled}");
                assert_eq!(refusal.code, RefusalCode::Final);
            }
        }
    }
}

/// Suspensions that had begun stay on record; one that would begin with the end or after it never does, and
/// the end itself is no suspension.
#[test]
fn nothing_is_suspended_once_it_has_ended() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-08T10:00:00").pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08");
    run.act("2026-12-08T11:00:00", Command::Desk(DeskAct::Reactivate)).until("2026-12-23T10:00:00");
    let propose = DeskAct::ProposeBreach { text: words("x") };
    run.act("2026-12-23T10:00:00", Command::Desk(propose));
    run.act_by(at("2026-12-23T11:00:00"), Command::Desk(DeskAct::ApproveBreach), member("sol"));
    assert_eq!(run.closed("2027-01-01T00:00:00"), Some(StandingCause::NonCompliance));
    run.spoc("2026-12-28T10:00:00", SpocAct::Cancel { at_once: false });
    let next = run.view().upcoming(at("2026-12-28T10:00:00")).unwrap();
    assert!(!next.iter().any(|it| matches!(it, Next::Suspension(_))), "{next:?}");
    let suspended = Span {
        cause: StandingCause::NonPayment,
        from: midnight("2026-12-06"),
        to: Some(at("2026-12-08T11:00:00")),
    };
    let ended = Span { cause: StandingCause::Cancelled, from: midnight("2027-01-01"), to: None };
    assert_eq!(run.stops(), [suspended, ended]);
}

#[test]
fn a_cancellation_relieves_no_other_month() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2027-01-10T10:00:00");
    run.spoc("2027-01-10T10:00:00", SpocAct::Cancel { at_once: false });
    let december = run.view().month(month("2026-12"), at("2027-01-31T00:00:00"), &mut ()).unwrap();
    assert_eq!(december.unwrap().owed.0, FEE);
}
