//! A client's account as people see it: how he stands, what he owes, what comes next (10).

use app::Failure;
use app::account::Loaded;
use domain::account::{Cancellation, EndedFee, Ending, MonthView, Next, View};
use domain::billing::PaymentStanding;
use domain::standing::{self, StandingCause};
use domain::terms::Centavos;
use domain::{Instant, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;

crate::codes! {
    /// Whether there is service.
    ServiceCode {
        /// There is.
        Active = "active",
        /// Suspended for want of payment, or for an obligation of clause 8.
        Suspended = "suspended",
        /// The póliza was cancelled, or ended without renewal.
        Ended = "ended",
        /// The first day of the póliza lies ahead.
        NotBegun = "not_begun",
    }

    /// What comes next.
    NextCode {
        /// The póliza begins.
        Beginning = "beginning",
        /// A month falls due, or a notice of it.
        Payment = "payment",
        /// A suspension takes effect.
        Suspension = "suspension",
        /// The desk is told of a suspension.
        Desk = "desk",
        /// The renewal, or a notice of it.
        Renewal = "renewal",
    }

    /// How a month stands (10.2, 10.3).
    MonthCode {
        /// Not covered, and not suspended (yet).
        Due = "due",
        /// Covered in time.
        Paid = "paid",
        /// Covered after the limit, before a suspension took effect.
        PaidLate = "paid_late",
        /// Not covered, and suspended.
        Suspended = "suspended",
        /// Covered when the suspension had taken effect.
        PaymentReceived = "payment_received",
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Amount {
    /// Centavos of MXN, tax included.
    pub centavos: i64,
    /// The same for people.
    pub text: String,
}

impl From<Centavos> for Amount {
    fn from(amount: Centavos) -> Self {
        Self { centavos: amount.0, text: amount.to_string() }
    }
}

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountView {
    /// The client's code.
    pub client: String,
    /// The client's name.
    pub name: String,
    /// Whether there is service.
    pub service: ServiceCode,
    /// Why not, in Spanish.
    pub reason: Option<String>,
    /// Since when not.
    pub since: Option<Moment>,
    /// When the póliza ends, as far as it is known.
    pub ends_at: Option<Moment>,
    /// What is unpaid past its limit.
    pub overdue: Amount,
    /// What was paid and waits for the next month. It is never paid out.
    pub waiting: Amount,
    /// The months that fell due and are not closed, newest first.
    pub months: Vec<MonthRow>,
    /// What comes next if nobody acts, earliest first.
    pub next: Vec<NextRow>,
    /// The end of the running term.
    pub renewal: Option<RenewalRow>,
    /// The client's cancellation.
    pub cancellation: Option<CancellationRow>,
    /// What is missing in the póliza, in Spanish.
    pub faults: Vec<String>,
}

/// A month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MonthRow {
    /// The month, such as `2026-12`.
    pub month: String,
    /// The same for people.
    pub month_text: String,
    /// Its first charged day.
    #[schema(value_type = String, format = Date)]
    pub from: NaiveDate,
    /// What it owes.
    pub owed: Amount,
    /// What was paid of it.
    pub paid: Amount,
    /// What Millora waived of it.
    pub waived: Amount,
    /// What is left.
    pub left: Amount,
    /// How it stands.
    pub standing: MonthCode,
    /// The same for people.
    pub standing_text: String,
    /// It is paid in time before this instant.
    pub pay_before: Moment,
    /// When its last notice was recorded.
    pub last_notice_at: Option<Moment>,
    /// When the service is suspended for it if it stays unpaid.
    pub suspends_at: Option<Moment>,
    /// Suspensions that were annulled.
    pub annulled: Vec<AnnulledRow>,
    /// The payments that settle it.
    pub payments: Vec<PartRow>,
}

/// A suspension that was annulled (10.2a).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnnulledRow {
    /// From when it was shown.
    pub from: Moment,
    /// When the payment that annuls it was recorded.
    pub at: Moment,
}

/// What a payment gave to a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartRow {
    /// The payment's reference.
    pub reference: String,
    /// The bank's value date.
    #[schema(value_type = String, format = Date)]
    pub value_date: NaiveDate,
    /// How much of it.
    pub amount: Amount,
    /// When the bank took it back.
    pub reversed_at: Option<Moment>,
}

/// Something that comes next.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NextRow {
    /// What.
    pub kind: NextCode,
    /// When.
    pub at: Moment,
    /// The same for people.
    pub kind_text: String,
}

/// The end of the running term (10.8).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalRow {
    /// When the next term begins, or the póliza ends.
    pub renewal_at: Moment,
    /// A notice of non-renewal received by then is valid.
    pub last_valid_notice_at: Moment,
    /// The same for people.
    pub limit: String,
    /// Whether it renews as things stand; null where the client's choice is not recorded.
    pub renews: Option<bool>,
}

/// A cancellation (10.7).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CancellationRow {
    /// Receipt.
    pub received_at: Moment,
    /// First instant without service.
    pub effective_at: Moment,
    /// What the running month owes, in Spanish.
    pub text: String,
}

impl AccountView {
    /// The account as it stands; none where none was opened.
    ///
    /// # Errors
    /// When a date lies outside the calendar: our own fault.
    pub fn of(loaded: &Loaded, now: Instant) -> Result<Option<Self>, Failure> {
        let Some(view) = loaded.view() else { return Ok(None) };
        Self::seen(loaded, &view, now).map(Some).map_err(|error| Failure::Fault(error.to_string()))
    }

    /// The same without what is the desk's own.
    #[must_use]
    pub fn for_client(mut self) -> Self {
        self.faults.clear();
        self.next.retain(|next| next.kind != NextCode::Desk);
        self
    }

    fn seen(
        loaded: &Loaded,
        view: &View<'_>,
        now: Instant,
    ) -> Result<Self, domain::calendar::OutOfCalendar> {
        let spans = view.spans(now)?;
        let cause = standing::closed_at(&spans, now);
        let running = |cause: StandingCause| {
            let of_cause = spans.iter().filter(|span| span.cause == cause && span.from <= now);
            of_cause.map(|span| span.from).max()
        };
        let months = view.months(now)?;
        let overdue = months.iter().filter(|month| month.is_overdue(now));
        let overdue = overdue.fold(0_i64, |sum, month| sum.saturating_add(month.left().0));
        let waiting = view.allocation(now)?.waiting;
        let waiting = waiting.iter().fold(0_i64, |sum, it| sum.saturating_add(it.amount.0));
        let renewal = view.renewal()?.filter(|_| view.account.ending().is_none());
        Ok(Self {
            client: view.account.client.to_string(),
            name: loaded.file.client.name.clone(),
            service: service(cause),
            reason: cause.map(|cause| cause.spanish().to_owned()),
            since: cause.and_then(running).map(Moment),
            ends_at: view.end()?.map(|end| Moment(end.at())),
            overdue: Centavos(overdue).into(),
            waiting: Centavos(waiting).into(),
            months: months.iter().rev().map(MonthRow::of).collect(),
            next: view.upcoming(now)?.into_iter().map(NextRow::of).collect(),
            renewal: renewal.map(|renewal| RenewalRow {
                renewal_at: renewal.renewal_at.into(),
                last_valid_notice_at: renewal.last_valid_notice_at.into(),
                limit: renewal.spanish_notice_limit(),
                renews: renews(view, &renewal),
            }),
            cancellation: view.account.cancellation.as_ref().map(CancellationRow::from),
            faults: faults(view),
        })
    }
}

fn renews(view: &View<'_>, renewal: &domain::renewal::Renewal) -> Option<bool> {
    let ends = matches!(view.end(), Ok(Some(Ending::Expired { at })) if at == renewal.renewal_at);
    let chosen = view.fresh.terms.auto_renew.value;
    if ends { Some(false) } else { chosen.map(|_| true) }
}

impl From<&Cancellation> for CancellationRow {
    fn from(it: &Cancellation) -> Self {
        Self {
            received_at: it.received_at.into(),
            effective_at: it.effective_at.into(),
            text: fee_text(it.fee).to_owned(),
        }
    }
}

const fn service(cause: Option<StandingCause>) -> ServiceCode {
    match cause {
        None => ServiceCode::Active,
        Some(StandingCause::NonPayment | StandingCause::NonCompliance) => ServiceCode::Suspended,
        Some(StandingCause::Expired | StandingCause::Cancelled) => ServiceCode::Ended,
        Some(StandingCause::NotBegun) => ServiceCode::NotBegun,
    }
}

/// What a cancelled month owes, in Spanish.
#[must_use]
pub const fn fee_text(fee: EndedFee) -> &'static str {
    match fee {
        EndedFee::Whole => "el mes en curso está pagado y no se reembolsa",
        EndedFee::ByDays => "el mes en curso se debe por los días hasta la cancelación",
        EndedFee::Nothing => "por el mes en curso no se debe nada",
    }
}

/// What is missing without which nothing can run (10.2, 10.8).
fn faults(view: &View<'_>) -> Vec<String> {
    let terms = &view.fresh.terms;
    let missing = [
        (terms.fee.value.is_none(), "la póliza no tiene mensualidad registrada: no se cobra nada"),
        (terms.start.value.is_none(), "la póliza no tiene primer día registrado: no se cobra nada"),
        (
            terms.term_months.value.is_some() && terms.auto_renew.value.is_none(),
            "no consta si el cliente eligió la renovación automática: la póliza sigue",
        ),
    ];
    missing.iter().filter(|(lacks, _)| *lacks).map(|(_, text)| (*text).to_owned()).collect()
}

impl MonthRow {
    fn of(month: &MonthView) -> Self {
        let found = &month.found;
        Self {
            month: month.due.month.to_string(),
            month_text: month.due.month.spanish(),
            from: month.due.from,
            owed: month.owed.into(),
            paid: month.paid().into(),
            waived: month.waived.into(),
            left: month.left().into(),
            standing: code(found.standing),
            standing_text: found.spanish().to_owned(),
            pay_before: found.limit.until.into(),
            last_notice_at: found.last_notice_at.map(Moment),
            suspends_at: found.suspends_at.map(Moment),
            annulled: found
                .annulled
                .iter()
                .map(|it| AnnulledRow { from: it.from.into(), at: it.at.into() })
                .collect(),
            payments: month
                .parts
                .iter()
                .map(|part| PartRow {
                    reference: part.reference.clone(),
                    value_date: part.value_date,
                    amount: part.amount.into(),
                    reversed_at: part.reversed_at.map(Moment),
                })
                .collect(),
        }
    }
}

const fn code(standing: PaymentStanding) -> MonthCode {
    match standing {
        PaymentStanding::Due => MonthCode::Due,
        PaymentStanding::Paid => MonthCode::Paid,
        PaymentStanding::PaidLate => MonthCode::PaidLate,
        PaymentStanding::Suspended { .. } => MonthCode::Suspended,
        PaymentStanding::PaymentReceived { .. } => MonthCode::PaymentReceived,
    }
}

impl NextRow {
    fn of(next: Next) -> Self {
        let (kind, text) = match next {
            Next::Beginning(_) => (NextCode::Beginning, "comienza la póliza"),
            Next::Payment(_) => (NextCode::Payment, "aviso de pago"),
            Next::Suspension(_) => (NextCode::Suspension, "suspensión, si nada cambia"),
            Next::Desk(_) => (NextCode::Desk, "aviso a la mesa por la suspensión"),
            Next::Renewal(_) => (NextCode::Renewal, "renovación o su aviso"),
        };
        Self { kind, at: next.at().into(), kind_text: text.to_owned() }
    }
}
