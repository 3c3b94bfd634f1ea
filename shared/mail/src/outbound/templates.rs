//! The templates, checked when this crate is compiled: each mail has a text and an HTML file under
//! `templates/` with the same words, both within a shared layout.
//!
//! Text files put the blank line that parts two paragraphs inside the condition of the second one;
//! HTML escapes every value by itself.

use askama::Template;

use super::account::Account;
use super::actions::{Action, ActionLink, LinkedAct};
use super::clients::{EditionPublished, SpocsChanged};
use super::content::{
    Acknowledgement, Clock, ClockStarted, Closing, ClosingCorrected, Content, DeskBounce,
    DeskDeadNotice, DeskMissRetracted, DeskMissed, DeskNew, DeskNoAnswer, DeskPage,
    DeskReactivated, DeskWarning, Downgraded, EmergencyCost, InformationReminder,
    InformationRequest, NotServed, Recalculated, Reopened, ReopeningAnnulled, Reply,
    SameDayAccepted, SameDayOffer, Solution, SolutionReminder, Wanted,
};
use super::envelope::Envelope;
use super::held::{DeskMail, Held, HeldDigest, Question, Unknown};
use super::render::Kind;
use crate::Line;

/// What the layout shows around every mail.
pub(super) struct Frame<'a> {
    title: &'a str,
    /// The reference; empty where the mail is about none.
    ticket: &'a str,
    client_name: Option<&'a Line>,
    to_name: &'a Line,
    request: Option<&'a Line>,
    copy_of: Option<&'a Line>,
    ticket_system: &'a str,
    links: &'a [ActionLink],
    kind: Kind,
}

impl<'a> Frame<'a> {
    pub(super) fn new(envelope: &'a Envelope<'a>, kind: Kind, title: &'a str) -> Self {
        let ticket = envelope.ticket.as_ref();
        let request = ticket.and_then(|ticket| ticket.request.as_ref());
        Self {
            title,
            ticket: ticket.map(|ticket| ticket.reference.as_str()).unwrap_or_default(),
            client_name: ticket.map(|ticket| &ticket.client_name),
            to_name: &envelope.to_name,
            request: request.filter(|words| !words.is_empty()),
            copy_of: ticket.and_then(|ticket| ticket.copy_of.as_ref()),
            ticket_system: envelope.sender.ticket_system(),
            links: &envelope.links,
            kind,
        }
    }

    /// Whether the mail is about a ticket.
    fn of_ticket(&self) -> bool {
        !self.ticket.is_empty()
    }

    fn client_name(&self) -> &str {
        self.client_name.map(Line::as_str).unwrap_or_default()
    }

    fn to_desk(&self) -> bool {
        self.kind == Kind::Desk
    }

    /// Whether the recipient is given a link for an act.
    fn has(&self, action: Action) -> bool {
        self.links.iter().any(|link| link.act == LinkedAct::Ticket(action))
    }

    fn automatic(&self) -> bool {
        self.kind != Kind::Person
    }
}

/// The mail's title: the first words of its subject and its heading.
pub(super) fn title(content: &Content) -> String {
    let title = match content {
        Content::Acknowledgement(_) => "Recibimos su solicitud",
        Content::SameDayOffer(_) => "Oferta de atención el mismo día",
        Content::SameDayAccepted(_) => "Atención el mismo día aceptada",
        Content::EmergencyCost(_) => "Atención emergente: costo por autorizar",
        Content::Downgraded(_) => "Cambio de clasificación",
        Content::InformationRequest(mail) => match (mail.answers, mail.wanted) {
            (false, Wanted::Information) => "Necesitamos información",
            (false, Wanted::Access) => "Necesitamos acceso",
            (true, Wanted::Information) => "Respuesta y petición de información",
            (true, Wanted::Access) => "Respuesta y petición de acceso",
        },
        Content::InformationReminder(mail) => {
            return format!("Recordatorio {}: esperamos su respuesta", mail.n);
        }
        Content::Reply(mail) if mail.out_of_scope => "Alcance de su solicitud",
        Content::Reply(_) => "Respuesta a su solicitud",
        Content::Solution(_) => "Solución propuesta",
        Content::SolutionReminder(_) => "Su ticket está por cerrarse",
        Content::Closing(_) => "Ticket cerrado",
        Content::Reopened(_) => "Reabrimos su ticket",
        Content::ClosingCorrected(_) => "Corrección: su ticket sigue abierto",
        Content::ReopeningAnnulled(_) => "Corrección: su ticket sigue cerrado",
        Content::ClockStarted(_) => "Su solicitud ya está en curso",
        Content::Recalculated(_) => "Cambió la fecha objetivo de su ticket",
        Content::NotServed(_) => "Guardamos su mensaje",
        Content::DeskNew(mail) => match (&mail.clock, mail.severity.is_critical()) {
            (Clock::Held(_), _) => "Solicitud retenida, sin servicio",
            (Clock::Running { .. } | Clock::Paused, _) if mail.reopened => "Ticket reabierto",
            (Clock::Running { .. } | Clock::Paused, true) => "Solicitud nueva, crítica",
            (Clock::Running { .. } | Clock::Paused, false) => "Solicitud nueva",
        },
        Content::DeskWarning(_) => "Objetivo próximo",
        Content::DeskMissed(_) => "Fuera de objetivo",
        Content::DeskMissRetracted(_) => "Rectificación: dentro de objetivo",
        Content::DeskPage(mail) if mail.n == 1 => "GUARDIA: incidencia crítica",
        Content::DeskPage(mail) => return format!("GUARDIA, aviso {}: incidencia crítica", mail.n),
        Content::DeskBounce(_) => "Correo no entregado",
        Content::DeskDeadNotice(_) => "Aviso no enviado",
        Content::DeskNoAnswer(_) => "El cliente no respondió",
        Content::DeskReactivated(_) => "Servicio activo, plazo en curso",
        Content::Question(_) => "¿Lo envió usted? Un correo espera su confirmación",
        Content::Held(_) => "Su mensaje espera autorización",
        Content::Unknown(_) => "No reconocemos su dirección de correo",
        Content::HeldDigest(mail) => match (mail.mails.len(), mail.more) {
            (1, 0) => "Un mensaje de su equipo espera su autorización",
            (_, _) => "Mensajes de su equipo esperan su autorización",
        },
        Content::DeskMail(mail) => mail.matter.title(),
        Content::Account(mail) => return mail.title(),
        Content::SpocsChanged(_) => "Cambio de contactos autorizados",
        Content::EditionPublished(_) => "Nueva edición del Acuerdo de Nivel de Servicio",
    };
    title.to_owned()
}

macro_rules! mails {
    ($($mail:ident: $text:literal, $html:literal;)+) => {
        mod text {
            use super::*;
            $(
                #[derive(Template)]
                #[template(path = $text)]
                pub(super) struct $mail<'a> {
                    pub(super) frame: &'a Frame<'a>,
                    pub(super) mail: &'a super::$mail,
                }
            )+
        }

        mod html {
            use super::*;
            $(
                #[derive(Template)]
                #[template(path = $html)]
                pub(super) struct $mail<'a> {
                    pub(super) frame: &'a Frame<'a>,
                    pub(super) mail: &'a super::$mail,
                }
            )+
        }

        /// The text part and the HTML part.
        pub(super) fn bodies(
            frame: &Frame<'_>,
            content: &Content,
        ) -> Result<(String, String), askama::Error> {
            Ok(match content {
                $(Content::$mail(mail) => (
                    text::$mail { frame, mail }.render()?,
                    html::$mail { frame, mail }.render()?,
                ),)+
            })
        }
    };
}

mails! {
    Acknowledgement: "acknowledgement.txt", "acknowledgement.html";
    SameDayOffer: "same_day_offer.txt", "same_day_offer.html";
    SameDayAccepted: "same_day_accepted.txt", "same_day_accepted.html";
    EmergencyCost: "emergency_cost.txt", "emergency_cost.html";
    Downgraded: "downgraded.txt", "downgraded.html";
    InformationRequest: "information_request.txt", "information_request.html";
    InformationReminder: "information_reminder.txt", "information_reminder.html";
    Reply: "reply.txt", "reply.html";
    Solution: "solution.txt", "solution.html";
    SolutionReminder: "solution_reminder.txt", "solution_reminder.html";
    Closing: "closing.txt", "closing.html";
    Reopened: "reopened.txt", "reopened.html";
    ClosingCorrected: "closing_corrected.txt", "closing_corrected.html";
    ReopeningAnnulled: "reopening_annulled.txt", "reopening_annulled.html";
    ClockStarted: "clock_started.txt", "clock_started.html";
    Recalculated: "recalculated.txt", "recalculated.html";
    NotServed: "not_served.txt", "not_served.html";
    DeskNew: "desk_new.txt", "desk_new.html";
    DeskWarning: "desk_warning.txt", "desk_warning.html";
    DeskMissed: "desk_missed.txt", "desk_missed.html";
    DeskMissRetracted: "desk_miss_retracted.txt", "desk_miss_retracted.html";
    DeskPage: "desk_page.txt", "desk_page.html";
    DeskBounce: "desk_bounce.txt", "desk_bounce.html";
    DeskDeadNotice: "desk_dead_notice.txt", "desk_dead_notice.html";
    DeskNoAnswer: "desk_no_answer.txt", "desk_no_answer.html";
    DeskReactivated: "desk_reactivated.txt", "desk_reactivated.html";
    Question: "question.txt", "question.html";
    Held: "held.txt", "held.html";
    Unknown: "unknown.txt", "unknown.html";
    HeldDigest: "held_digest.txt", "held_digest.html";
    DeskMail: "desk_mail.txt", "desk_mail.html";
    Account: "account.txt", "account.html";
    SpocsChanged: "spocs_changed.txt", "spocs_changed.html";
    EditionPublished: "edition_published.txt", "edition_published.html";
}
