//! One mail of each kind about an account, and of each branch that changes its words.

use domain::NaiveDate;
use domain::account::{Bill, Content as Told, EndedFee};
use domain::billing::Month;
use domain::standing::StandingCause;
use domain::terms::Centavos;
use mail::outbound::{Account, Content};

use crate::samples::{World, at};

fn bill(left: i64) -> Bill {
    Bill {
        month: Month::new(2026, 12).unwrap(),
        owed: Centavos(1_160_000),
        left: Centavos(left),
        pay_before: at("2026-12-06T00:00:00-06:00"),
    }
}

/// Every sample by name, with the world that it is rendered in.
pub(crate) fn all() -> Vec<(&'static str, World, Content)> {
    let client = to_the_client().into_iter().map(|(name, told)| (name, World::of_mail(), told));
    let desk = || World { of_mail: true, ..World::desk() };
    let desk = to_the_desk().into_iter().map(|(name, told)| (name, desk(), told));
    let shown =
        |content| Content::Account(Account { client_name: "Distribuidora Acme".into(), content });
    client.chain(desk).map(|(name, world, told)| (name, world, shown(told))).collect()
}

fn to_the_client() -> Vec<(&'static str, Told)> {
    let (since, renewal_at) = (at("2026-12-06T00:00:00-06:00"), at("2027-04-01T00:00:00-06:00"));
    let limit = at("2027-03-27T00:00:00-06:00");
    let suspended = |cause, bill| Told::Suspended { cause, since, bill };
    let cancelled = |fee| Told::Cancelled { effective_at: at("2027-01-01T00:00:00-06:00"), fee };
    vec![
        ("payment_due", Told::PaymentDue { bill: bill(1_160_000) }),
        ("payment_due_in_part", Told::PaymentDue { bill: bill(160_000) }),
        ("payment_reminder", Told::PaymentReminder { bill: bill(1_160_000) }),
        ("last_notice", Told::LastNotice { bill: bill(1_160_000), suspends_at: since }),
        ("suspended", suspended(StandingCause::NonPayment, Some(bill(1_160_000)))),
        ("suspended_for_an_obligation", suspended(StandingCause::NonCompliance, None)),
        (
            "suspension_annulled",
            Told::SuspensionAnnulled { since, month: Month::new(2026, 12).unwrap() },
        ),
        ("payment_received", Told::PaymentReceived { since }),
        ("reactivated", Told::Reactivated { at: at("2026-12-09T15:30:00-06:00") }),
        (
            "payment_reversed",
            Told::PaymentReversed {
                amount: Centavos(1_160_000),
                value_date: NaiveDate::from_ymd_opt(2026, 12, 5).unwrap(),
            },
        ),
        ("tolerated", Told::Tolerated { bill: bill(1_160_000) }),
        ("breach_announced", Told::BreachAnnounced { from: since }),
        ("breach_ended", Told::BreachEnded { in_effect: true }),
        ("breach_called_off", Told::BreachEnded { in_effect: false }),
        ("cancelled_when_paid", cancelled(EndedFee::Whole)),
        ("cancelled_when_overdue", cancelled(EndedFee::ByDays)),
        ("cancelled_when_unpaid", cancelled(EndedFee::Nothing)),
        ("renewal_renews", Told::RenewalAhead { renewal_at, renews: true, limit }),
        ("renewal_ends", Told::RenewalAhead { renewal_at, renews: false, limit }),
        ("non_renewal", Told::NonRenewal { ends_at: renewal_at }),
        ("late_non_renewal", Told::LateNonRenewal { renewal_at, limit }),
        ("expired", Told::Expired { at: renewal_at }),
    ]
}

fn to_the_desk() -> Vec<(&'static str, Told)> {
    let (since, renewal_at) = (at("2026-12-06T00:00:00-06:00"), at("2027-04-01T00:00:00-06:00"));
    vec![
        ("desk_reactivation_wanted", Told::DeskReactivationWanted { n: 1, since }),
        ("desk_reactivation_wanted_again", Told::DeskReactivationWanted { n: 4, since }),
        ("desk_no_fee", Told::DeskNoFee { month: Month::new(2026, 12).unwrap() }),
        ("desk_long_suspension", Told::DeskLongSuspension { since, days: 60 }),
        ("desk_annulled", Told::DeskAnnulled { since }),
        ("desk_no_renewal_choice", Told::DeskNoRenewalChoice { renewal_at }),
        ("desk_cancelled", Told::DeskCancelled { effective_at: since }),
        ("desk_non_renewal", Told::DeskNonRenewal { renewal_at, valid: true }),
        ("desk_non_renewal_late", Told::DeskNonRenewal { renewal_at, valid: false }),
    ]
}
