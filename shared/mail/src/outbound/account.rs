//! What mails say about a client's account: payment, suspension, cancellation and renewal (10, 8).
//!
//! One template shows them all: a sentence that tells what happened, the facts, and what follows.

use domain::Instant;
use domain::account::{Bill, Content, EndedFee};
use domain::instant::spanish_date;
use domain::standing::StandingCause;

use crate::Line;

/// See [`Content::Account`](super::Content::Account).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The client, as people call it.
    pub client_name: Line,
    /// What happened.
    pub content: Content,
}

/// A fact that a mail lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFact {
    /// What it is.
    pub label: &'static str,
    /// How it reads.
    pub value: String,
}

fn fact(label: &'static str, value: impl Into<String>) -> AccountFact {
    AccountFact { label, value: value.into() }
}

fn bill_facts(bill: &Bill) -> Vec<AccountFact> {
    let mut facts = vec![fact("Mes", bill.month.spanish())];
    if bill.owed == bill.left {
        facts.push(fact("Importe, con impuestos", bill.owed.to_string()));
    } else {
        facts.push(fact("Importe del mes, con impuestos", bill.owed.to_string()));
        facts.push(fact("Falta por pagar", bill.left.to_string()));
    }
    facts
}

fn limit(bill: &Bill) -> AccountFact {
    fact("Límite de pago", bill.pay_before.spanish_limit())
}

fn since(at: Instant) -> AccountFact {
    fact("Sin servicio desde", at.spanish())
}

/// What a SPoC may do while there is no service (10.5).
const MEANWHILE: &str = "Mientras tanto puede consultar sus tickets, responder, confirmar una \
    solución o retirar una solicitud. Las solicitudes nuevas se guardan. Nada de lo registrado se \
    borra.";
/// How a payment becomes known.
const ALREADY_PAID: &str = "Si ya pagó, no hace falta que haga nada: el pago cuenta en la fecha en \
    que el banco lo acreditó, aunque lo conozcamos después.";

impl Account {
    /// Whether it goes to Millora's own people.
    #[must_use]
    pub const fn is_to_desk(&self) -> bool {
        match self.content {
            Content::DeskReactivationWanted { .. }
            | Content::DeskNoFee { .. }
            | Content::DeskLongSuspension { .. }
            | Content::DeskAnnulled { .. }
            | Content::DeskNoRenewalChoice { .. }
            | Content::DeskCancelled { .. }
            | Content::DeskNonRenewal { .. }
            | Content::DeskDeadNotice { .. } => true,
            Content::PaymentDue { .. }
            | Content::PaymentReminder { .. }
            | Content::LastNotice { .. }
            | Content::Suspended { .. }
            | Content::SuspensionAnnulled { .. }
            | Content::PaymentReceived { .. }
            | Content::Reactivated { .. }
            | Content::PaymentReversed { .. }
            | Content::Tolerated { .. }
            | Content::BreachAnnounced { .. }
            | Content::BreachEnded { .. }
            | Content::Cancelled { .. }
            | Content::RenewalAhead { .. }
            | Content::NonRenewal { .. }
            | Content::LateNonRenewal { .. }
            | Content::Expired { .. } => false,
        }
    }

    /// The title of the mail.
    #[must_use]
    pub fn title(&self) -> String {
        let title = match &self.content {
            Content::PaymentDue { bill } => return format!("Pago de {}", bill.month.spanish()),
            Content::PaymentReminder { bill } => {
                return format!("Recordatorio: pago de {}", bill.month.spanish());
            }
            Content::LastNotice { bill, .. } => {
                return format!("Último aviso: pago de {}", bill.month.spanish());
            }
            Content::Suspended { .. } => "El servicio está suspendido",
            Content::SuspensionAnnulled { .. } => "Corrección: la suspensión queda anulada",
            Content::PaymentReceived { .. } => "Recibimos su pago; falta la reactivación",
            Content::Reactivated { .. } => "Su póliza está activa de nuevo",
            Content::PaymentReversed { .. } => "El banco devolvió un pago",
            Content::Tolerated { bill } => {
                return format!("Nuevo límite de pago de {}", bill.month.spanish());
            }
            Content::BreachAnnounced { .. } => "Aviso de suspensión por una obligación pendiente",
            Content::BreachEnded { in_effect: true } => "Terminó la suspensión",
            Content::BreachEnded { in_effect: false } => "La suspensión anunciada queda sin efecto",
            Content::Cancelled { .. } => "Registramos la cancelación de su póliza",
            Content::RenewalAhead { renews: true, .. } => "Su póliza se renueva",
            Content::RenewalAhead { renews: false, .. } => "Su póliza termina",
            Content::NonRenewal { .. } => "Registramos que su póliza no se renueva",
            Content::LateNonRenewal { .. } => "Su aviso llegó después del límite",
            Content::Expired { .. } => "Su póliza terminó",
            Content::DeskReactivationWanted { .. } => "Adeudo cubierto: falta reactivar la póliza",
            Content::DeskNoFee { .. } => "FALLA: póliza sin mensualidad registrada",
            Content::DeskLongSuspension { .. } => "Tarea: póliza suspendida por mucho tiempo",
            Content::DeskAnnulled { .. } => "Suspensión anulada",
            Content::DeskNoRenewalChoice { .. } => "FALLA: renovación sin decisión registrada",
            Content::DeskCancelled { .. } => "El cliente canceló su póliza",
            Content::DeskNonRenewal { .. } => "El cliente avisó que no renueva",
            Content::DeskDeadNotice { .. } => "Aviso no enviado",
        };
        title.to_owned()
    }

    /// What happened.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.content {
            Content::PaymentDue { .. } => "Ya puede pagarse el mes de su póliza. El pago se hace \
                dentro de los primeros 5 días del mes (cláusula 10)."
                .to_owned(),
            Content::PaymentReminder { .. } => "Aún no tenemos registrado el pago de este mes \
                (cláusula 10)."
                .to_owned(),
            Content::LastNotice { .. } => {
                "Hoy termina el plazo de pago y aún no tenemos registrado \
                el de este mes. La falta de pago suspende el soporte (cláusula 10)."
                    .to_owned()
            }
            Content::Suspended { cause, .. } => suspended(*cause).to_owned(),
            Content::SuspensionAnnulled { month, .. } => format!(
                "Conocimos un pago que cubre {} y que el banco acreditó a tiempo. La suspensión que \
                 le avisamos queda anulada: su póliza nunca dejó de estar activa (cláusula 10).",
                month.spanish()
            ),
            Content::PaymentReceived { .. } => "Su pago cubre todo lo pendiente. Su póliza sigue \
                suspendida hasta que una persona la reactive (cláusula 10); ya se le avisó."
                .to_owned(),
            Content::Reactivated { .. } => "Su póliza está activa de nuevo. Los plazos de las \
                solicitudes que se habían guardado empiezan a contar ahora (cláusula 10)."
                .to_owned(),
            Content::PaymentReversed { .. } => {
                "El banco devolvió un pago que teníamos registrado: \
                ya no cuenta (cláusula 10)."
                    .to_owned()
            }
            Content::Tolerated { .. } => "Le concedimos más tiempo para pagar este mes \
                (cláusula 10)."
                .to_owned(),
            Content::BreachAnnounced { .. } => "El soporte se suspenderá por una obligación \
                pendiente de la cláusula 8, de la que ya le habló nuestra mesa."
                .to_owned(),
            Content::BreachEnded { in_effect: true } => {
                "La suspensión por una obligación pendiente \
                (cláusula 8) terminó."
                    .to_owned()
            }
            Content::BreachEnded { in_effect: false } => "La suspensión que le anunciamos por una \
                obligación pendiente (cláusula 8) ya no tendrá efecto."
                .to_owned(),
            Content::Cancelled { .. } => "Registramos la cancelación de su póliza. No hay plazo \
                forzoso ni reembolsos (cláusula 10)."
                .to_owned(),
            Content::RenewalAhead { renews: true, .. } => "El periodo de su póliza termina y se \
                renueva automáticamente, salvo que nos avise antes (cláusula 10)."
                .to_owned(),
            Content::RenewalAhead { renews: false, .. } => {
                "El periodo de su póliza termina y no se \
                renueva (cláusula 10)."
                    .to_owned()
            }
            Content::NonRenewal { .. } => {
                "Recibimos a tiempo su aviso de no renovación: la póliza \
                termina al final del periodo (cláusula 10)."
                    .to_owned()
            }
            Content::LateNonRenewal { .. } => "Recibimos su aviso de no renovación después del \
                límite, así que la póliza se renueva (cláusula 10)."
                .to_owned(),
            Content::Expired { .. } => {
                "Su póliza llegó a su término y no se renovó (cláusula 10).".to_owned()
            }
            Content::DeskReactivationWanted { .. }
            | Content::DeskNoFee { .. }
            | Content::DeskLongSuspension { .. }
            | Content::DeskAnnulled { .. }
            | Content::DeskNoRenewalChoice { .. }
            | Content::DeskCancelled { .. }
            | Content::DeskNonRenewal { .. }
            | Content::DeskDeadNotice { .. } => self.told_to_desk(),
        }
    }

    fn told_to_desk(&self) -> String {
        match &self.content {
            Content::DeskReactivationWanted { n: 1, .. } => "El cliente cubrió lo que debía. La \
                reactivación está sujeta a disponibilidad y la decide una persona (cláusula 10)."
                .to_owned(),
            Content::DeskReactivationWanted { n, .. } => format!(
                "El cliente cubrió lo que debía y su póliza sigue suspendida. Es el aviso {n}."
            ),
            Content::DeskNoFee { month } => format!(
                "En {} no se puede cobrar: la póliza no tiene mensualidad registrada. No corre \
                 ningún aviso de pago ni hay suspensión.",
                month.spanish()
            ),
            Content::DeskLongSuspension { days, .. } => {
                format!("La póliza lleva {days} días naturales suspendida.")
            }
            Content::DeskAnnulled { .. } => "Un pago con fecha valor anterior dejó sin efecto la \
                suspensión; se avisó al cliente. Las visitas que se cancelaron mientras tanto no se \
                restablecen solas."
                .to_owned(),
            Content::DeskNoRenewalChoice { .. } => "No consta si el cliente eligió la renovación \
                automática, que es opcional (cláusula 10). No se le avisó nada, y mientras no conste \
                la póliza sigue."
                .to_owned(),
            Content::DeskCancelled { .. } => "Un contacto con esa facultad canceló la póliza \
                (cláusula 10)."
                .to_owned(),
            Content::DeskNonRenewal { valid: true, .. } => "Un contacto con esa facultad avisó a \
                tiempo que la póliza no se renueva (cláusula 10)."
                .to_owned(),
            Content::DeskNonRenewal { valid: false, .. } => "Un contacto con esa facultad avisó, \
                después del límite, que no renueva. La póliza se renueva y se le contestó cómo \
                cancelar (cláusula 10)."
                .to_owned(),
            Content::DeskDeadNotice { notice, what } => {
                format!("No se pudo enviar un aviso de la cuenta ({what}, {notice}).")
            }
            Content::PaymentDue { .. }
            | Content::PaymentReminder { .. }
            | Content::LastNotice { .. }
            | Content::Suspended { .. }
            | Content::SuspensionAnnulled { .. }
            | Content::PaymentReceived { .. }
            | Content::Reactivated { .. }
            | Content::PaymentReversed { .. }
            | Content::Tolerated { .. }
            | Content::BreachAnnounced { .. }
            | Content::BreachEnded { .. }
            | Content::Cancelled { .. }
            | Content::RenewalAhead { .. }
            | Content::NonRenewal { .. }
            | Content::LateNonRenewal { .. }
            | Content::Expired { .. } => String::new(),
        }
    }

    /// The facts, in order.
    #[must_use]
    pub fn facts(&self) -> Vec<AccountFact> {
        match &self.content {
            Content::PaymentDue { bill }
            | Content::PaymentReminder { bill }
            | Content::Tolerated { bill } => {
                bill_facts(bill).into_iter().chain([limit(bill)]).collect()
            }
            Content::LastNotice { bill, suspends_at } => {
                let suspension = fact("Suspensión si no se paga", suspends_at.spanish());
                bill_facts(bill).into_iter().chain([limit(bill), suspension]).collect()
            }
            Content::Suspended { since: at, bill, .. } => {
                let owed = bill.iter().flat_map(bill_facts);
                std::iter::once(since(*at)).chain(owed).collect()
            }
            Content::SuspensionAnnulled { since: at, .. } => {
                vec![fact("Suspensión anulada, desde", at.spanish())]
            }
            Content::PaymentReceived { since: at }
            | Content::DeskReactivationWanted { since: at, .. }
            | Content::DeskLongSuspension { since: at, .. }
            | Content::DeskAnnulled { since: at } => vec![fact("Suspendida desde", at.spanish())],
            Content::Reactivated { at } => vec![fact("Activa desde", at.spanish())],
            Content::PaymentReversed { amount, value_date } => vec![
                fact("Importe", amount.to_string()),
                fact("Fecha valor", spanish_date(*value_date)),
            ],
            Content::BreachAnnounced { from } => vec![since(*from)],
            Content::Cancelled { effective_at, .. } | Content::DeskCancelled { effective_at } => {
                vec![fact("Con efecto", effective_at.spanish())]
            }
            Content::RenewalAhead { renewal_at, renews: true, limit, .. } => vec![
                fact("Se renueva", renewal_at.spanish()),
                fact("Aviso de no renovación, a más tardar", limit.spanish_limit()),
            ],
            Content::RenewalAhead { renewal_at: at, .. }
            | Content::NonRenewal { ends_at: at }
            | Content::Expired { at } => vec![fact("Termina", at.spanish_limit())],
            Content::LateNonRenewal { renewal_at, limit } => vec![
                fact("El límite era", limit.spanish_limit()),
                fact("Se renueva", renewal_at.spanish()),
            ],
            Content::DeskNoRenewalChoice { renewal_at }
            | Content::DeskNonRenewal { renewal_at, .. } => {
                vec![fact("Fin del periodo", renewal_at.spanish_limit())]
            }
            Content::DeskNoFee { .. }
            | Content::BreachEnded { .. }
            | Content::DeskDeadNotice { .. } => Vec::new(),
        }
    }

    /// What follows, and what can be done.
    #[must_use]
    pub fn advice(&self) -> Vec<&'static str> {
        match &self.content {
            Content::PaymentDue { .. } | Content::PaymentReminder { .. } => vec![ALREADY_PAID],
            Content::LastNotice { .. } => vec![
                "Si el pago no llega, ya no podremos atender solicitudes nuevas hasta reactivar la \
                 póliza.",
                ALREADY_PAID,
            ],
            Content::Suspended { cause: StandingCause::NonPayment, .. } => vec![
                "Cuando se cubra lo pendiente, una persona reactivará la póliza, según \
                 disponibilidad y condiciones vigentes (cláusula 10).",
                MEANWHILE,
            ],
            Content::Suspended { .. } | Content::BreachAnnounced { .. } => {
                vec!["Nuestra mesa le dirá qué falta para que termine.", MEANWHILE]
            }
            Content::SuspensionAnnulled { .. } => vec!["Le ofrecemos una disculpa por el aviso."],
            Content::PaymentReceived { .. } => {
                vec!["Le avisaremos en cuanto esté activa.", MEANWHILE]
            }
            Content::PaymentReversed { .. } => vec![
                "Si el mes queda sin cubrir y su límite ya pasó, recibirá un nuevo último aviso \
                 antes de cualquier suspensión.",
            ],
            Content::Tolerated { .. } => vec![
                "El último aviso se repite ese día. Después de ese límite, la falta de pago suspende \
                 el soporte (cláusula 10).",
            ],
            Content::Cancelled { fee: EndedFee::Whole, .. } => vec![
                "Lo que ya pagó no se reembolsa. Puede consultar sus tickets cuando quiera; nada de \
                 lo registrado se borra.",
            ],
            Content::Cancelled { fee: EndedFee::ByDays, .. } => vec![
                "El mes en curso se debe por los días hasta la cancelación, porque su límite de pago \
                 ya había pasado. Nada de lo registrado se borra.",
            ],
            Content::Cancelled { fee: EndedFee::Nothing, .. } => {
                vec!["Por el mes en curso no se debe nada. Nada de lo registrado se borra."]
            }
            Content::RenewalAhead { renews: true, .. } => vec![
                "Si no quiere renovar, un contacto con esa facultad puede decirlo en el sistema de \
                 tickets. Después también puede cancelar cuando quiera: no hay plazo forzoso.",
            ],
            Content::RenewalAhead { .. } | Content::NonRenewal { .. } | Content::Expired { .. } => {
                vec![
                    "Para seguir con nosotros, hable con nuestra mesa. Nada de lo registrado se borra.",
                ]
            }
            Content::LateNonRenewal { .. } => vec![
                "No hay plazo forzoso: un contacto con esa facultad puede cancelar la póliza en el \
                 sistema de tickets, con efecto al final del mes pagado o de inmediato.",
            ],
            Content::DeskReactivationWanted { .. } => {
                vec!["Reactívela desde la mesa, o hable con el cliente."]
            }
            Content::DeskNoFee { .. } => {
                vec![
                    "Registre la mensualidad en los términos del cliente; el mes se cobra entonces.",
                ]
            }
            Content::DeskLongSuspension { .. } => {
                vec!["Hable con el cliente y decida con él si la póliza sigue."]
            }
            Content::DeskNoRenewalChoice { .. } => {
                vec!["Pregunte al cliente y registre su decisión en los términos."]
            }
            Content::Reactivated { .. }
            | Content::BreachEnded { .. }
            | Content::DeskAnnulled { .. }
            | Content::DeskCancelled { .. }
            | Content::DeskNonRenewal { .. }
            | Content::DeskDeadNotice { .. } => Vec::new(),
        }
    }
}

const fn suspended(cause: StandingCause) -> &'static str {
    match cause {
        StandingCause::NonPayment => {
            "No tenemos registrado el pago y el soporte quedó suspendido (cláusula 10)."
        }
        StandingCause::NonCompliance => {
            "El soporte quedó suspendido por una obligación pendiente (cláusula 8)."
        }
        StandingCause::NotBegun => "La póliza todavía no comienza (cláusula 1).",
        StandingCause::Expired | StandingCause::Cancelled => {
            "La póliza terminó y ya no hay soporte (cláusula 10)."
        }
    }
}
