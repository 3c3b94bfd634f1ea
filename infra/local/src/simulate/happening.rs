//! Something that would happen, as it is told.

use app::keys;
use app::memory::Taken;
use domain::account::Fact;
use domain::{ClientId, Instant};
use mail_parser::MessageParser;
use serde::Serialize;
use serde_json::Value;

/// Something that would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Happening {
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub(super) at: Instant,
    /// Code of the client whom it concerns; none where it is nobody's.
    pub(super) client: Option<String>,
    /// The ticket that it concerns, by its reference.
    pub(super) ticket: Option<String>,
    /// What kind it is: `notice`, `refused`, or the event's own name.
    pub(super) kind: String,
    /// What happens, in one sentence; of a notice, its subject.
    pub(super) text: String,
    /// To whom a notice goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    /// What a notice says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) words: Option<String>,
}

fn rfc3339<S: serde::Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339())
}

/// Events that only say that a mail, which is told of itself, was accepted.
const UNTOLD: &str = "message_accepted";

impl Happening {
    /// A mail that is sent.
    pub(super) fn of_mail(at: Instant, taken: &Taken) -> Self {
        let pk = keys::aggregate_of_tag(&taken.message.subject_tag);
        let message = MessageParser::default().parse(&taken.message.mime);
        let subject = message.as_ref().and_then(|message| message.subject()).unwrap_or_default();
        let words = message.as_ref().and_then(|message| message.body_text(0));
        let words = words.unwrap_or_default().replace("\r\n", "\n");
        Self {
            at,
            client: client_of(&pk),
            ticket: keys::ticket_of(&pk).map(|reference| reference.to_string()),
            kind: "notice".to_owned(),
            text: subject.to_owned(),
            to: Some(taken.message.to.clone()),
            words: Some(words.trim_end().to_owned()),
        }
    }

    /// An assumption that the rules do not let happen.
    pub(super) fn refused(at: Instant, path: &str, problem: &Value) -> Self {
        let detail = problem["detail"].as_str().unwrap_or("no se pudo");
        let subject = path.split('/').find_map(keys::partition_of);
        Self {
            at,
            client: subject.as_deref().and_then(client_of),
            ticket: subject.as_deref().and_then(keys::ticket_of).map(|it| it.to_string()),
            kind: "refused".to_owned(),
            text: format!("Lo supuesto no procede: {detail}"),
            to: None,
            words: None,
        }
    }

    /// A fact of a client's account; none of one that a mail of the same instant tells, or that only the
    /// system needs.
    pub(super) fn of_fact(at: Instant, client: &ClientId, fact: &Fact) -> Option<Self> {
        let day = |at: &Instant| at.spanish_short();
        let (kind, text) = match fact {
            Fact::Began { at } => ("began", format!("Comienza la póliza ({})", day(at))),
            Fact::MonthFellDue(start) => {
                let (month, fee) = (start.month.spanish(), start.fee);
                ("month_fell_due", format!("Se cobra {month}: mensualidad {fee}"))
            }
            Fact::PaymentRecorded(payment) => {
                let (amount, reference) = (payment.amount, &payment.reference);
                ("payment_recorded", format!("Pago registrado: {amount} ({reference})"))
            }
            Fact::PaymentReversed { reference, .. } => {
                ("payment_reversed", format!("El banco devuelve el pago {reference}"))
            }
            Fact::Suspended { cause, from, .. } => {
                ("suspended", format!("Sin servicio desde {}: {}", day(from), cause.spanish()))
            }
            Fact::SuspensionAnnulled { from, .. } => {
                ("suspension_annulled", format!("Se anula la suspensión de {}", day(from)))
            }
            Fact::Reactivated { at, .. } => {
                ("reactivated", format!("La póliza se reactiva ({})", day(at)))
            }
            Fact::Renewed { at } => ("renewed", format!("La póliza se renueva ({})", day(at))),
            Fact::Expired { at } => ("expired", format!("La póliza termina ({})", day(at))),
            Fact::ContractedAgain(again) => {
                ("contracted_again", format!("Comienza otra póliza ({})", day(&again.at)))
            }
            Fact::Opened { .. }
            | Fact::BeginningAwaited
            | Fact::MonthClosed { .. }
            | Fact::Tolerated { .. }
            | Fact::Waived { .. }
            | Fact::DueTold { .. }
            | Fact::Reminded { .. }
            | Fact::LastNoticeGiven { .. }
            | Fact::ArrearsCovered { .. }
            | Fact::ReactivationWanted { .. }
            | Fact::LongSuspensionTold { .. }
            | Fact::BreachProposed { .. }
            | Fact::BreachAnnounced { .. }
            | Fact::BreachRejected
            | Fact::BreachEnded { .. }
            | Fact::Cancelled { .. }
            | Fact::RenewalDeclined { .. }
            | Fact::RenewalTold { .. }
            | Fact::LackTold { .. } => return None,
        };
        let (client, kind) = (Some(client.to_string()), kind.to_owned());
        Some(Self { at, client, ticket: None, kind, text, to: None, words: None })
    }

    /// An event of the aggregate `pk`, as the desk's own timeline tells it.
    pub(super) fn of_event(at: Instant, pk: &str, event: &Value) -> Option<Self> {
        let word = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let kind = word("kind");
        (kind != UNTOLD).then(|| Self {
            at,
            client: client_of(pk),
            ticket: keys::ticket_of(pk).map(|reference| reference.to_string()),
            kind,
            text: word("text"),
            to: None,
            words: None,
        })
    }
}

/// The client whose the aggregate is.
fn client_of(pk: &str) -> Option<String> {
    let of_ticket = keys::ticket_of(pk).map(|reference| reference.client());
    let of_client = of_ticket.or_else(|| keys::client_of(pk)).or_else(|| keys::account_of(pk));
    of_client.map(|client| client.to_string())
}
