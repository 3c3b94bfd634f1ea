//! A5: whether a notice still makes sense is asked once more when it is about to be sent.

use domain::account::{Command, Concern, DeskAct, Fact, SpocAct};
use domain::terms::Parameters;

use crate::kit::{FEE, Run, at, member, month, payment, plan, words};

/// Whether the first notice of a kind is still sent at an instant.
fn is_sent(run: &Run, kind: &str, when: &str) -> bool {
    let mut notices = run.notices.iter().map(|(_, notice)| notice);
    let notice = notices.find(|it| it.content.kind() == kind);
    let notice = notice.unwrap_or_else(|| panic!("nobody was told of {kind}"));
    notice.still_due(&run.view(), at(when)).unwrap()
}

#[test]
fn what_asks_for_a_payment_is_not_sent_to_who_paid() {
    let kinds = ["payment_due", "payment_reminder", "last_notice", "tolerated"];
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-05T09:00:00");
    let until = crate::kit::day("2026-12-10");
    let tolerate = DeskAct::Tolerate { month: month("2026-12"), until, text: words("un plazo") };
    run.act("2026-12-05T10:00:00", Command::Desk(tolerate));
    for kind in kinds {
        assert!(is_sent(&run, kind, "2026-12-05T10:00:00"), "{kind}");
    }
    run.pay("2026-12-07T10:00:00", "a", FEE, "2026-12-07");
    for kind in kinds {
        assert!(!is_sent(&run, kind, "2026-12-07T10:00:00"), "{kind}");
    }
}

#[test]
fn of_a_suspension_is_told_while_it_lasts() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2027-02-10T10:00:00");
    assert!(is_sent(&run, "suspended", "2026-12-06T00:00:00"));
    assert!(is_sent(&run, "desk_long_suspension", "2027-02-10T10:00:00"));
    run.pay("2027-02-10T11:00:00", "a", FEE * 5, "2027-02-10");
    for kind in ["payment_received", "desk_reactivation_wanted", "suspended"] {
        assert!(is_sent(&run, kind, "2027-02-10T11:00:00"), "{kind}");
    }
    run.act("2027-02-10T12:00:00", Command::Desk(DeskAct::Reactivate));
    assert!(is_sent(&run, "suspended", "2027-02-10T11:59:59"));
    let over =
        ["payment_received", "desk_reactivation_wanted", "suspended", "desk_long_suspension"];
    for kind in over {
        assert!(!is_sent(&run, kind, "2027-02-10T12:00:00"), "{kind}");
    }
    assert!(is_sent(&run, "reactivated", "2027-03-01T00:00:00"), "what happened stays true");
}

#[test]
fn of_a_renewal_is_told_before_it() {
    let mut run = Run::begin(&plan(), at("2026-12-01T08:00:00"));
    run.pay("2026-12-01T10:00:00", "a", FEE * 12, "2026-12-01").until("2027-11-20T00:00:00");
    assert!(is_sent(&run, "renewal_ahead", "2027-11-30T23:59:59"));
    assert!(!is_sent(&run, "renewal_ahead", "2027-12-01T00:00:00"));
    run.spoc("2027-11-20T10:00:00", SpocAct::Cancel { at_once: false });
    assert!(!is_sent(&run, "renewal_ahead", "2027-11-20T10:00:00"));
}

/// What a person writes lies apart from the facts, which say where.
#[test]
fn a_fact_names_the_text_that_lies_apart() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.pay("2026-12-01T10:00:00", "a", FEE, "2026-12-01");
    let text = words("rebotó");
    let reverse = Command::ReversePayment { reference: "a".to_owned(), text: Some(text.clone()) };
    run.act("2026-12-01T11:00:00", reverse);
    let of_kind = |wanted: fn(&Fact) -> bool| {
        run.events.iter().map(|event| &event.fact).find(|fact| wanted(fact)).unwrap()
    };
    assert_eq!(of_kind(|it| matches!(it, Fact::PaymentReversed { .. })).text(), Some(&text));
    assert_eq!(of_kind(|it| matches!(it, Fact::PaymentRecorded(_))).text(), None);
}

/// 10.5: tickets hear of what changes when there is service, and of nothing else.
#[test]
fn what_leaves_the_service_as_it_is_is_not_spread() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-01T09:00:00");
    assert!(!run.last.events.is_empty() && !run.last.touches_standing, "{:?}", run.last.events);
    run.until("2026-12-06T00:00:00");
    assert!(run.last.touches_standing, "it is suspended");
}

/// 10.2: what is wrong with a payment is said in words.
#[test]
fn a_payment_that_cannot_be_is_refused_with_the_reason() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-01T09:00:00");
    for (amount, value, why) in [
        (0, "2026-12-01", "la cantidad debe ser mayor que cero"),
        (FEE, "2026-12-02", "la fecha valor (miércoles 2 de diciembre de 2026) es posterior"),
    ] {
        let refused =
            run.tries(at("2026-12-01T10:00:00"), payment("a", amount, value), member("fer"));
        let text = refused.unwrap_err().to_string();
        assert!(text.contains(why), "{text}");
    }
}

/// 10.6: an alert that a late job has missed is not made up for, and none comes where the póliza has ended.
#[test]
fn alerts_of_a_late_job_are_one() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-07T10:00:00").pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08");
    let wanted = |run: &Run| {
        let told = run.told();
        told.iter().filter(|it| it.ends_with("desk_reactivation_wanted")).count()
    };
    assert_eq!(wanted(&run), 1);
    run.act_by(at("2026-12-08T17:59:00"), Command::Tick(Concern::Payment), domain::Actor::System);
    assert_eq!(wanted(&run), 2, "of 14:00, late");
    run.act_by(at("2026-12-08T18:00:00"), Command::Tick(Concern::Payment), domain::Actor::System);
    assert_eq!(wanted(&run), 3, "of 18:00");

    let ends = Parameters { auto_renew: Some(Some(false)), ..plan() };
    let mut run = Run::begin(&ends, at("2026-12-01T08:00:00"));
    run.pay("2026-12-01T10:00:00", "a", FEE * 11, "2026-12-01").until("2027-12-02T00:00:00");
    run.pay("2027-12-02T10:00:00", "b", FEE, "2027-12-02").until("2027-12-10T00:00:00");
    assert_eq!(wanted(&run), 0, "nobody can make it active again");
}
