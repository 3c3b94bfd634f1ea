//! What mails say about mail that came in and is no ticket's, or not yet, as data.
//!
//! Nothing of any ticket is told here, and nothing of a mail whose sender is not proven but when it
//! came (M1a): the recipient may never have written it.

use domain::{Instant, TicketRef};

use crate::{Address, Line};

/// See [`Content::Question`](super::Content::Question).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// When the mails were received, oldest first.
    pub received_at: Vec<Instant>,
    /// From this instant on the mails lapse; a later answer opens a new ticket.
    pub expires_at: Instant,
}

/// See [`Content::Held`](super::Content::Held).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// When our side received the message.
    pub received_at: Instant,
    /// Its subject.
    pub subject: Line,
    /// From this instant on it lapses.
    pub lapses_at: Instant,
}

/// See [`Content::Unknown`](super::Content::Unknown).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// When our side received the message.
    pub received_at: Instant,
}

/// See [`Content::HeldDigest`](super::Content::HeldDigest).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDigest {
    /// The messages that wait, oldest first.
    pub mails: Vec<HeldMail>,
    /// So many others wait that are not listed.
    pub more: u32,
}

/// A message of a colleague that waits for adoption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMail {
    /// Who wrote it: his name, or his address where he gives none.
    pub author: Line,
    /// From which address.
    pub address: Address,
    /// Its subject.
    pub subject: Line,
    /// When our side received it.
    pub received_at: Instant,
    /// From this instant on it lapses.
    pub lapses_at: Instant,
}

/// See [`Content::DeskMail`](super::Content::DeskMail).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskMail {
    /// What happened to it.
    pub matter: DeskMailMatter,
    /// By which id the desk finds it.
    pub id: Line,
    /// Who wrote it, as it says itself; none where it could not be read.
    pub author: Option<Line>,
    /// The client of the address in From, where it is known.
    pub client_name: Option<Line>,
    /// Its subject; none where it could not be read.
    pub subject: Option<Line>,
    /// When our side received it.
    pub received_at: Instant,
}

/// What the desk is told of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskMailMatter {
    /// It names a ticket of another client (13).
    ForeignTicket(TicketRef),
    /// It waits for its registered address to say that it wrote it, before an instant (M1a).
    Unproven(Instant),
    /// It waits for a SPoC to adopt it, before an instant (1.2a).
    Colleague(Instant),
    /// It claims a registered SPoC and was set aside, for this reason, in words (M1).
    Quarantined(Line),
    /// It could not be taken and was set aside unread (M7).
    Poison,
}

impl DeskMailMatter {
    /// The title of the mail that tells it.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::ForeignTicket(_) => "ALERTA: un correo nombra el ticket de otro cliente",
            Self::Unproven(_) => "Correo retenido: remitente sin comprobar",
            Self::Colleague(_) => "Correo retenido: espera a un contacto autorizado",
            Self::Quarantined(_) => "Correo en cuarentena que dice venir de un contacto",
            Self::Poison => "Correo que no se pudo procesar",
        }
    }
    /// What happened.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::ForeignTicket(named) => format!(
                "Un correo nombra el ticket {named}, que es de otro cliente. Se registró aparte y no \
                 se agregó a ese ticket (cláusula 13)."
            ),
            Self::Unproven(_) => "Un correo dice venir de un contacto autorizado, pero no se pudo \
                 comprobar. Está retenido y se preguntó a la dirección registrada si lo envió."
                .to_owned(),
            Self::Colleague(_) => "Un correo viene de una persona del cliente que no puede \
                 solicitar soporte (cláusula 1). Está retenido y se avisa a los contactos \
                 autorizados para que lo adopten."
                .to_owned(),
            Self::Quarantined(why) => format!(
                "Un correo que dice venir de un contacto autorizado quedó en cuarentena: {why}. No \
                 se respondió ni se atiende."
            ),
            Self::Poison => "Un correo no se pudo procesar después de varios intentos y se apartó \
                 sin leerlo. El original está guardado."
                .to_owned(),
        }
    }

    /// What comes of it, and what the desk can do.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::ForeignTicket(_) => "Revise si es un error o un intento de obtener información \
                 ajena. No comparta con el remitente nada de ese ticket."
                .to_owned(),
            Self::Unproven(until) => format!(
                "Si nadie lo confirma antes del {}, dejará de esperar. Si usted comprueba por otro \
                 medio quién lo envió, puede liberarlo desde la mesa con su razón, o descartarlo.",
                until.spanish_limit()
            ),
            Self::Colleague(until) => format!(
                "Si nadie lo adopta antes del {}, dejará de esperar. No hace falta que la mesa haga \
                 algo.",
                until.spanish_limit()
            ),
            Self::Quarantined(_) => "Si usted comprueba por otro medio que es legítimo, puede \
                 liberarlo desde la mesa con su razón."
                .to_owned(),
            Self::Poison => {
                "Descárguelo desde la mesa y revise si es una solicitud. La causa quedó \
                 en el registro técnico."
                    .to_owned()
            }
        }
    }
}
