//! Payments, what the bank takes back, and what a person waives.
//!
//! > *10. Pago dentro de los primeros 5 días del mes. No hay reembolsos.*
//!
//! Rules 10.2, 10.2a and 10.4. A payment is idempotent by its reference and counts on its bank value
//! date. An excess waits for the following months and is never paid out.

use chrono::NaiveDate;

use super::decide::{Act, Outcome, refuse};
use super::event::Fact;
use super::limits::{PAYMENTS_MAX, TOLERATION_DAYS_MAX, TOLERATIONS_MAX};
use super::notice::Content;
use super::view::MonthView;
use crate::billing::{Month, Payment, PaymentFault, PaymentStanding};
use crate::evidence::TextDigest;
use crate::instant::spanish_date;
use crate::terms::Centavos;
use crate::ticket::{DecideError, Refusal, RefusalCode};

impl Act<'_> {
    /// Records a payment (10.2). The same one again changes nothing.
    pub(super) fn record_payment(
        &mut self,
        reference: String,
        value_date: NaiveDate,
        amount: Centavos,
        names: Option<Month>,
    ) -> Outcome {
        let payment = Payment { recorded_at: self.now(), value_date, amount, names, reference };
        if let Some(known) = self.account.payment(&payment.reference) {
            return told_again(known, &payment).map_err(DecideError::from);
        }
        let faults = payment.faults();
        if !faults.is_empty() {
            let texts: Vec<String> = faults.iter().map(|fault| spanish(*fault, &payment)).collect();
            return Err(refuse(RefusalCode::WrongInstant, "10.2", texts.join("; ")));
        }
        if let Some(month) = names.filter(|month| *month < self.account.first) {
            return Err(closed(month));
        }
        if self.account.payments.len() >= PAYMENTS_MAX {
            let why =
                format!("hay {PAYMENTS_MAX} pagos sin aplicar: revíselos antes de registrar otro");
            return Err(refuse(RefusalCode::LimitReached, "10.2", why));
        }
        self.record(Fact::PaymentRecorded(payment));
        Ok(())
    }

    /// The bank took a payment back (10.4). The same again changes nothing.
    pub(super) fn reverse_payment(&mut self, reference: &str, text: Option<TextDigest>) -> Outcome {
        let mut open = self.account.payments.iter().filter(|received| !received.is_used_up());
        let found = open.find(|received| received.payment.reference == reference);
        let Some(payment) = found.map(|received| received.payment.clone()) else {
            let why = format!(
                "no hay un pago abierto con la referencia {reference}: compruébela, o su mes ya está \
                 cerrado"
            );
            return Err(refuse(RefusalCode::Nothing, "10.4", why));
        };
        if self.account.reversals.iter().any(|known| known.reference == reference) {
            return Ok(());
        }
        let now = self.now();
        self.record(Fact::PaymentReversed { reference: reference.to_owned(), text });
        let Payment { amount, value_date, .. } = payment;
        let content = Content::PaymentReversed { amount, value_date };
        self.tell(reference, now, &content);
        Ok(())
    }

    /// A person grants a later limit (10.3): it is the limit then, that day included. The last notice
    /// is repeated on that day.
    pub(super) fn tolerate(&mut self, month: Month, until: NaiveDate, text: TextDigest) -> Outcome {
        let found = self.due_month(month)?;
        match found.found.standing {
            PaymentStanding::Due => {}
            PaymentStanding::Paid | PaymentStanding::PaidLate => {
                return Err(refuse(RefusalCode::Nothing, "10.3", "ese mes ya está pagado"));
            }
            PaymentStanding::Suspended { .. } | PaymentStanding::PaymentReceived { .. } => {
                let why = "la suspensión ya surtió efecto: registre el pago o condone el adeudo, y \
                           después reactive la póliza";
                return Err(refuse(RefusalCode::Suspended, "10.3", why));
            }
        }
        let (limit, today) = (found.found.limit.day, self.now().date());
        if until == limit && !found.due.tolerations.is_empty() {
            return Ok(());
        }
        let days = (until - today).num_days();
        if until <= limit || !(0..=TOLERATION_DAYS_MAX).contains(&days) {
            let why = format!(
                "el nuevo límite debe ser posterior al vigente ({}), no haber pasado, y quedar a lo \
                 más a {TOLERATION_DAYS_MAX} días de hoy",
                spanish_date(limit)
            );
            return Err(refuse(RefusalCode::WrongInstant, "10.3", why));
        }
        if found.due.tolerations.len() >= TOLERATIONS_MAX {
            let why = format!("ese mes ya tuvo {TOLERATIONS_MAX} prórrogas");
            return Err(refuse(RefusalCode::LimitReached, "10.3", why));
        }
        self.record(Fact::Tolerated { month, until, text });
        let (now, bill) = (self.now(), self.bill(month)?);
        self.tell(&month.to_string(), now, &Content::Tolerated { bill });
        Ok(())
    }

    /// A person waives what a month still owes, or a part of it. It is no payment and no credit.
    pub(super) fn waive(
        &mut self,
        month: Month,
        amount: Option<Centavos>,
        text: TextDigest,
    ) -> Outcome {
        let left = self.due_month(month)?.left();
        let amount = amount.unwrap_or(left);
        if left.0 <= 0 {
            return Err(refuse(RefusalCode::Nothing, "10.2", "ese mes no debe nada"));
        }
        if amount.0 <= 0 || amount > left {
            let why =
                format!("la cantidad debe ser mayor que cero y no rebasar lo que falta: {left}");
            return Err(refuse(RefusalCode::LimitReached, "10.2", why));
        }
        self.record(Fact::Waived { month, amount, text });
        Ok(())
    }

    /// A month that fell due, as it stands now.
    ///
    /// # Errors
    /// When it did not fall due, or is closed.
    pub(super) fn due_month(&self, month: Month) -> Result<MonthView, DecideError> {
        if month < self.account.first {
            return Err(closed(month));
        }
        self.view().month(month, self.now(), &mut ())?.ok_or_else(|| {
            let why = format!("en {} no hay un cobro registrado", month.spanish());
            refuse(RefusalCode::Nothing, "10.1", why)
        })
    }
}

fn closed(month: Month) -> DecideError {
    let why = format!(
        "{} está cerrado, o es anterior a la cuenta: ya no admite movimientos",
        month.spanish()
    );
    refuse(RefusalCode::Final, "10.2", why)
}

/// A payment that is told again, under a reference that is known: the same one changes nothing (10.2).
///
/// # Errors
/// When it is another payment.
pub fn told_again(known: &Payment, told: &Payment) -> Result<(), Refusal> {
    // Whoever names no month, as a bank's file does, says nothing of it.
    let names = told.names.or(known.names);
    if (Payment { recorded_at: known.recorded_at, names, ..told.clone() }) == *known {
        return Ok(());
    }
    let why = format!(
        "la referencia {} ya es de otro pago: {} con fecha valor {}; compruebe la referencia",
        known.reference,
        known.amount,
        spanish_date(known.value_date)
    );
    Err(Refusal::new(RefusalCode::Final, "10.2", why))
}

/// What a fault says to the person who records the payment.
fn spanish(fault: PaymentFault, payment: &Payment) -> String {
    match fault {
        PaymentFault::Amount => "la cantidad debe ser mayor que cero".to_owned(),
        PaymentFault::Future => format!(
            "la fecha valor ({}) es posterior al día del registro: el banco aún no puede haberlo \
             acreditado",
            spanish_date(payment.value_date)
        ),
        PaymentFault::OutsideCalendar => {
            "el registro queda fuera del calendario, que va de 2007 a 2050".to_owned()
        }
    }
}
