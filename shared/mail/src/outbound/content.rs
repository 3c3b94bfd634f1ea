//! What mails say, as data that the caller fills.
//!
//! Texts of people come as [`Line`] and [`Body`], which are safe to show; sentences that explain a
//! date come from the domain. Every type here is one mail; the words are in `templates/`.

use domain::Instant;
use domain::attention::AttentionTier;
use domain::terms::Centavos;

use super::account::Account;
use super::clients::{EditionPublished, SpocsChanged};
use super::held::{DeskMail, Held, HeldDigest, Question, Unknown};
use crate::{Address, Body, Line};

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The request was registered.
    Acknowledgement(Acknowledgement),
    /// The same day is offered at an additional cost (7.2a).
    SameDayOffer(SameDayOffer),
    /// The offer was accepted (7.2a).
    SameDayAccepted(SameDayAccepted),
    /// Work on the emergency has started and has a cost, which is asked for (7.4a).
    EmergencyCost(EmergencyCost),
    /// The incident is no longer held to be critical (1.4, 7.8).
    Downgraded(Downgraded),
    /// A person of the desk asks for something concrete (7.7).
    InformationRequest(InformationRequest),
    /// What was asked for is still missing (7.7).
    InformationReminder(InformationReminder),
    /// A person of the desk answers, or decides on the scope (2.1).
    Reply(Reply),
    /// A person of the desk proposes a solution (9.3).
    Solution(Solution),
    /// The ticket will close without an answer (9.2).
    SolutionReminder(SolutionReminder),
    /// The ticket closed (9.0a).
    Closing(Closing),
    /// A reply reopened the ticket (9.7).
    Reopened(Reopened),
    /// A closing that was told never was (G7).
    ClosingCorrected(ClosingCorrected),
    /// A reopening that was told never was: the message was mere thanks (9.4).
    ReopeningAnnulled(ReopeningAnnulled),
    /// A held ticket's clock has started (10.6).
    ClockStarted(ClockStarted),
    /// A person had the target computed anew (G6).
    Recalculated(Recalculated),
    /// What the client wrote was stored, but there is no service (10.5).
    NotServed(NotServed),
    /// To the desk: a new request.
    DeskNew(DeskNew),
    /// To the desk: a target draws near (7.10).
    DeskWarning(DeskWarning),
    /// To the desk: a target was missed.
    DeskMissed(DeskMissed),
    /// To the desk: a target told as missed was met after all (G7).
    DeskMissRetracted(DeskMissRetracted),
    /// To the people on call: a critical incident (7.4).
    DeskPage(DeskPage),
    /// To the desk: a message will not reach somebody.
    DeskBounce(DeskBounce),
    /// To the desk: a notice was given up.
    DeskDeadNotice(DeskDeadNotice),
    /// To the desk: the last reminder went unanswered (7.7).
    DeskNoAnswer(DeskNoAnswer),
    /// To the desk: the póliza is active again and held work has started (10.6).
    DeskReactivated(DeskReactivated),
    /// "¿Lo envió usted?": a mail that claims the recipient's address waits (M1a).
    Question(Question),
    /// To a colleague: his message waits until a SPoC adopts it (1.2a).
    Held(Held),
    /// The address is not known to us (1.2a).
    Unknown(Unknown),
    /// To a SPoC: messages of colleagues wait for adoption (1.2a).
    HeldDigest(HeldDigest),
    /// To the desk: something about a mail that is no ticket's.
    DeskMail(DeskMail),
    /// About a client's account (10, 8).
    Account(Account),
    /// To a SPoC: others were designated or changed (1.2).
    SpocsChanged(SpocsChanged),
    /// To a SPoC: a new edition of the agreement was published (14).
    EditionPublished(EditionPublished),
}

/// The attention clock as a mail tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {
    /// It runs.
    Running {
        /// The attention target.
        target: Instant,
        /// Its tier.
        tier: AttentionTier,
        /// Why the target is what it is: one sentence that names its clause.
        why: Line,
    },
    /// It waits for what the client was asked for (7.7).
    Paused,
    /// None runs, since there is no service (10.5).
    Held(ServiceStop),
}

impl Clock {
    /// Whether none runs for want of service.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        match self {
            Self::Held(_) => true,
            Self::Running { .. } | Self::Paused => false,
        }
    }
}

/// Why there is no service (10.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceStop {
    /// Suspended for want of payment (10.3).
    NonPayment,
    /// Suspended for an obligation of clause 8.
    NonCompliance,
    /// The term ended without renewal (10.8).
    Expired,
    /// The client cancelled (10.7).
    Cancelled,
    /// The first day of the póliza lies ahead (1).
    NotBegun,
}

impl ServiceStop {
    /// The cause as a sentence without its full stop.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NonPayment => "La póliza está suspendida por falta de pago (cláusula 10)",
            Self::NonCompliance => {
                "El servicio está suspendido por una obligación pendiente del cliente (cláusula 8)"
            }
            Self::Expired => "La póliza llegó a su término y no se renovó (cláusula 10)",
            Self::Cancelled => "La póliza fue cancelada (cláusula 10)",
            Self::NotBegun => "La póliza todavía no comienza (cláusula 1)",
        }
    }

    /// What has to happen for the service to go on.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NonPayment => {
                "Cuando se cubra el pago y el servicio se reactive, empezará a contar el plazo de \
                 atención."
            }
            Self::NonCompliance => {
                "Cuando la obligación se cumpla y el servicio se reactive, empezará a contar el \
                 plazo de atención."
            }
            Self::NotBegun => {
                "El primer día de la póliza, a las 00:00 h, empezará a contar el plazo de atención."
            }
            Self::Expired | Self::Cancelled => {
                "Para que la atendamos hace falta una póliza vigente; con gusto le informamos cómo \
                 contratarla."
            }
        }
    }
}

/// How severe the request is (1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Severity {
    /// Declared critical, with the essential operation that is fully blocked, in words.
    Critical(Line),
    /// Not declared critical.
    NonCritical,
}

impl Severity {
    /// Whether it was declared critical.
    #[must_use]
    pub const fn is_critical(&self) -> bool {
        match self {
            Self::Critical(_) => true,
            Self::NonCritical => false,
        }
    }

    /// As a fact: `crítica; operación detenida: facturación`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Critical(operation) if operation.is_empty() => "crítica".to_owned(),
            Self::Critical(operation) => format!("crítica; operación detenida: {operation}"),
            Self::NonCritical => "no crítica".to_owned(),
        }
    }
}

/// A same-day offer (7.2a).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// It can be accepted before this instant.
    pub limit: Instant,
    /// Price with tax.
    pub price: Centavos,
    /// The target if it is accepted.
    pub same_day_target: Instant,
    /// The recipient has the power to authorise costs (1.2).
    pub may_accept: bool,
}

/// What a person of the desk wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Name of the person.
    pub author: Line,
    /// The text.
    pub text: Body,
}

/// What the desk waits for (7.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Information.
    Information,
    /// Access.
    Access,
}

/// See [`Content::Acknowledgement`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When our side received it (G2).
    pub received_at: Instant,
    /// The desk registered it during a call (1.1).
    pub by_call: bool,
    /// How severe it is.
    pub severity: Severity,
    /// The module that it concerns.
    pub module: Option<Line>,
    /// A closed ticket that this one continues (9.7).
    pub continues: Option<Line>,
    /// Its clock.
    pub clock: Clock,
    /// The same-day offer.
    pub offer: Option<Offer>,
}

/// See [`Content::SameDayOffer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameDayOffer {
    /// The offer.
    pub offer: Offer,
    /// The target without it, free.
    pub free_target: Option<Instant>,
}

/// See [`Content::SameDayAccepted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameDayAccepted {
    /// Who accepted.
    pub by: Option<Line>,
    /// The target from now on.
    pub target: Instant,
    /// Price with tax.
    pub price: Centavos,
}

/// See [`Content::EmergencyCost`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyCost {
    /// Price with tax.
    pub price: Centavos,
    /// It can be authorised at least until then.
    pub accept_until: Option<Instant>,
}

/// See [`Content::Downgraded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downgraded {
    /// The desk's reason.
    pub reason: Option<Body>,
    /// The ordinary target, from the original receipt; none where it is already decided.
    pub target: Option<Instant>,
}

/// See [`Content::InformationRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformationRequest {
    /// What is asked for.
    pub wanted: Wanted,
    /// The message also answers the request.
    pub answers: bool,
    /// The message.
    pub message: Message,
}

/// See [`Content::InformationReminder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformationReminder {
    /// 1 for the first one.
    pub n: u32,
    /// No other one follows.
    pub last: bool,
    /// What was asked for, where it is known.
    pub wanted: Option<Wanted>,
    /// When it was asked for, where it is known.
    pub asked_at: Option<Instant>,
    /// The text of the request.
    pub request: Option<Body>,
}

impl InformationReminder {
    /// What was asked for, in words.
    #[must_use]
    pub const fn wanted_words(&self) -> &'static str {
        match self.wanted {
            Some(Wanted::Information) => "información",
            Some(Wanted::Access) => "acceso",
            None => "información o acceso",
        }
    }
}

/// See [`Content::Reply`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// It says that the request is out of scope (4).
    pub out_of_scope: bool,
    /// The message.
    pub message: Message,
}

/// See [`Content::Solution`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The message.
    pub message: Message,
    /// Hours of silence after which the ticket closes (9.2).
    pub silence_hours: u32,
}

/// See [`Content::SolutionReminder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolutionReminder {
    /// When the solution was sent, where it is known.
    pub solution_at: Option<Instant>,
    /// When the ticket closes without an answer.
    pub closes_at: Instant,
    /// The instant that an earlier reminder told.
    pub instead_of: Option<Instant>,
}

/// Why a ticket closed (9.0a).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosingReason {
    /// Silence after a solution.
    Auto,
    /// A SPoC confirmed the solution, or thanked for it.
    Confirmed,
    /// A SPoC withdrew the request.
    Withdrawn,
    /// It goes on in another ticket.
    Merged,
    /// Out of scope, and no quote is wanted.
    OutOfScope,
    /// The client did not answer the last reminder.
    NoAnswer,
    /// It was no request.
    NotARequest,
    /// The póliza ended.
    ServiceEnded,
}

impl ClosingReason {
    /// The reason as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Auto => "No recibimos respuesta a la solución propuesta (cláusula 9).",
            Self::Confirmed => "Un contacto autorizado de su empresa confirmó la solución.",
            Self::Withdrawn => "Un contacto autorizado de su empresa retiró la solicitud.",
            Self::Merged => "Se unió a otro ticket de su empresa, que recibimos antes.",
            Self::OutOfScope => "La solicitud quedó fuera del alcance de la póliza (cláusula 4).",
            Self::NoAnswer => {
                "No recibimos lo que le solicitamos, tampoco después de nuestros recordatorios \
                 (cláusula 8)."
            }
            Self::NotARequest => "El mensaje no era una solicitud de soporte.",
            Self::ServiceEnded => "El servicio de la póliza terminó (cláusula 10).",
        }
    }

    /// Whether a reply within the window starts a new clock; without service it is only stored.
    #[must_use]
    pub const fn can_reopen(self) -> bool {
        match self {
            Self::ServiceEnded | Self::Merged => false,
            Self::Auto
            | Self::Confirmed
            | Self::Withdrawn
            | Self::OutOfScope
            | Self::NoAnswer
            | Self::NotARequest => true,
        }
    }
}

/// See [`Content::Closing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// From when on it is closed.
    pub at: Instant,
    /// Why.
    pub reason: ClosingReason,
    /// A reply before this instant reopens it (9.7).
    pub reopens_until: Instant,
    /// The ticket in which it goes on (4.5).
    pub merged_into: Option<Line>,
}

/// See [`Content::Reopened`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// Receipt of the reply.
    pub received_at: Instant,
    /// The new cycle's clock.
    pub clock: Clock,
}

/// See [`Content::ClosingCorrected`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingCorrected {
    /// The instant that had been told.
    pub closed_at: Instant,
}

/// See [`Content::ReopeningAnnulled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReopeningAnnulled {
    /// Since when the ticket is closed.
    pub closed_at: Instant,
    /// A reply before this instant reopens it; none where it has passed.
    pub reopens_until: Option<Instant>,
}

/// See [`Content::Recalculated`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalculated {
    /// The clock as it runs now.
    pub clock: Clock,
}

/// See [`Content::ClockStarted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockStarted {
    /// The clock.
    pub clock: Clock,
}

/// See [`Content::NotServed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotServed {
    /// Why.
    pub cause: ServiceStop,
}

/// See [`Content::DeskNew`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskNew {
    /// A reply reopened the ticket; then the text is that reply (9.7).
    pub reopened: bool,
    /// Who asked.
    pub opened_by: Line,
    /// When our side received it.
    pub received_at: Instant,
    /// How severe it is.
    pub severity: Severity,
    /// The module that it concerns.
    pub module: Option<Line>,
    /// Its clock; [`Clock::Held`] for a client without service.
    pub clock: Clock,
    /// What was asked.
    pub text: Option<Body>,
}

/// See [`Content::DeskWarning`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskWarning {
    /// Which clock, in words such as "atención ordinaria", where it is known.
    pub clock_name: Option<Line>,
    /// The target.
    pub target: Instant,
    /// To whom it is assigned.
    pub assigned: Option<Line>,
}

/// See [`Content::DeskMissed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskMissed {
    /// Which clock, in words, where it is known.
    pub clock_name: Option<Line>,
    /// The target.
    pub target: Instant,
    /// The level that the ticket is at now, in words (9.8).
    pub level: Line,
    /// To whom it is assigned.
    pub assigned: Option<Line>,
}

/// See [`Content::DeskMissRetracted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskMissRetracted {
    /// Which clock, in words.
    pub clock_name: Line,
}

/// See [`Content::DeskPage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPage {
    /// 1 for the first call.
    pub n: u32,
    /// The essential operation that is blocked, in words.
    pub operation: Option<Line>,
    /// Who declared it critical.
    pub declared_by: Option<Line>,
    /// The immediate target; none while its clock is paused.
    pub target: Option<Instant>,
}

/// See [`Content::DeskBounce`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskBounce {
    /// Which mail, in words: "la solución del vie 20 nov 2026, 10:00 h".
    pub what: Line,
    /// Whom it does not reach.
    pub recipient: Line,
    /// The address.
    pub address: Option<Address>,
    /// What the other side's server said.
    pub diagnostic: Option<Line>,
    /// It reaches nobody, so its effects on the clocks are undone (G15).
    pub nobody: bool,
}

/// See [`Content::DeskDeadNotice`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskDeadNotice {
    /// Which notice, in words.
    pub what: Line,
    /// Its id.
    pub notice: Line,
    /// To whom it should have gone, where it is known.
    pub recipient: Option<Line>,
    /// Why it was given up, where it is known.
    pub reason: Option<Line>,
}

/// See [`Content::DeskNoAnswer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskNoAnswer {
    /// When the client was asked; unknown where the caller does not say.
    pub asked_at: Option<Instant>,
}

/// See [`Content::DeskReactivated`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskReactivated {
    /// The clock that started.
    pub clock: Clock,
}
