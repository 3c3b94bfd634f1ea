//! Mails as the desk sees them.

use app::client;
use app::inbound::{self, DeskVerb, Listed, Resolved};
use app::ports::Env;
use app::records::{InboundRecord, MailStatus, MailText};
use app::texts;
use domain::inbound::{NotProven, Proof, QuarantineReason, SenderKind};
use domain::{Actor, StaffId};
use serde::Serialize;
use utoipa::ToSchema;
use web::codes::{MailActCode, MailStatusCode};
use web::views::Moment;
use web::{Cursor, Names, Problem};

/// A page of mails.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailPage {
    /// The mails, newest first.
    pub mails: Vec<MailSummary>,
    /// Where the next page starts; null on the last one.
    pub next: Option<Cursor>,
}

/// A mail in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailSummary {
    /// Its id.
    pub id: String,
    /// When it was received.
    pub received_at: Moment,
    /// The address in From; null where there is not exactly one that can be read.
    pub from: Option<String>,
    /// The display name beside it.
    pub from_name: Option<String>,
    /// Its subject.
    pub subject: String,
    /// The client to whom the address belongs.
    pub client: Option<String>,
    /// The SPoC whose registered address it is, proven or not.
    pub spoc: Option<String>,
    /// How it stands.
    pub status: MailStatusCode,
    /// The same in words.
    pub status_text: &'static str,
    /// Why, in words.
    pub why: String,
    /// The rule that decided.
    pub rule: String,
    /// The ticket that it opened, or to which it belongs.
    pub ticket: Option<String>,
    /// The ticket of another client that it names (13).
    pub foreign: Option<String>,
    /// When it lapses, while it waits.
    pub lapses_at: Option<Moment>,
    /// What can be done with it.
    pub acts: Vec<MailActCode>,
}

/// A mail with all that is known of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WholeMail {
    /// What the list shows.
    pub mail: MailSummary,
    /// Its text without what it quotes; null where a ticket has it, and of what could not be read.
    pub text: Option<String>,
    /// Its whole text.
    pub whole_text: Option<String>,
    /// Its parts besides the text; they are in the raw mail.
    pub files: Vec<MailFileView>,
    /// Addresses in Cc that are not of the client's people.
    pub others: Vec<String>,
    /// The signs of a machine that were found.
    pub signs: Vec<String>,
    /// Other content came under the same Message-ID (M4).
    pub other_content: bool,
    /// The mail of which this is another delivery (M4).
    pub same_as: Option<String>,
    /// What ended its waiting.
    pub resolved: Option<MailResolved>,
}

/// A part of a mail.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailFileView {
    /// Its name.
    pub name: String,
    /// What it says that it is.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// What ended a mail's waiting.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailResolved {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// The reason that the desk gave.
    pub reason: Option<String>,
}

/// What became of a mail by an act.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailOutcome {
    /// The mail.
    pub id: String,
    /// How it stands now.
    pub status: MailStatusCode,
    /// The same in words.
    pub status_text: &'static str,
    /// The ticket that it opened, or to which it was added.
    pub ticket: Option<String>,
}

impl From<Resolved> for MailOutcome {
    fn from(resolved: Resolved) -> Self {
        Self {
            id: resolved.ses_id,
            status: resolved.status.into(),
            status_text: status_text(resolved.status),
            ticket: resolved.ticket.map(|ticket| ticket.to_string()),
        }
    }
}

impl MailSummary {
    /// A mail in a list.
    #[must_use]
    pub fn of(mail: &Listed) -> Self {
        let Listed { record, status } = mail;
        let thread = record.thread.as_ref().map(|thread| &thread.ticket);
        let acts = DeskVerb::ALL.into_iter().filter(|verb| verb.fits(record, *status));
        Self {
            id: record.ses_id.clone(),
            received_at: record.received_at.into(),
            from: record.from.as_ref().map(|from| from.address.clone()),
            from_name: record.from.as_ref().map(|it| it.name.clone()).filter(|it| !it.is_empty()),
            subject: record.subject.clone(),
            client: record.client.as_ref().map(ToString::to_string),
            spoc: record.spoc.as_ref().map(ToString::to_string),
            status: (*status).into(),
            status_text: status_text(*status),
            why: why(record, *status),
            rule: record.rule.clone(),
            ticket: record.ticket.as_ref().or(thread).map(ToString::to_string),
            foreign: record.foreign.as_ref().map(ToString::to_string),
            lapses_at: record.lapses_at.filter(|_| status.is_held()).map(Moment::from),
            acts: acts.map(MailActCode::from).collect(),
        }
    }
}

impl WholeMail {
    /// A mail with all that is known of it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn of<E: Env>(env: &E, mail: &Listed) -> Result<Self, Problem> {
        let record = &mail.record;
        let whole_text = inbound::words(env, record).await?;
        let form = Some(MailText::under(&record.subject));
        let text = whole_text.clone().map(|text| texts::folded(text, form).text);
        let files = record.files.iter().map(|file| MailFileView {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
        });
        Ok(Self {
            mail: MailSummary::of(mail),
            text,
            whole_text,
            files: files.collect(),
            others: record.others.clone(),
            signs: record.finding.as_ref().map(|it| it.signs.clone()).unwrap_or_default(),
            other_content: record.other_content,
            same_as: record.same_as.clone(),
            resolved: resolved(env, record).await?,
        })
    }
}

async fn resolved<E: Env>(
    env: &E,
    record: &InboundRecord,
) -> Result<Option<MailResolved>, Problem> {
    let Some(resolution) = &record.resolved else { return Ok(None) };
    let file = match &record.client {
        Some(client) => client::load(env, client).await?,
        None => None,
    };
    let member: Option<StaffId> = match &resolution.by {
        Actor::Staff(member) => Some(member.id.clone()),
        Actor::Spoc(_) | Actor::Participant(_) | Actor::System => None,
    };
    let names = Names::of(env, file.as_ref(), member).await?;
    Ok(Some(MailResolved {
        at: resolution.at.into(),
        by: names.actor(&resolution.by),
        reason: resolution.reason.clone(),
    }))
}

/// What became of a mail, as the end of a sentence about it.
pub(crate) const fn status_text(status: MailStatus) -> &'static str {
    match status {
        MailStatus::Ticket => "abrió un ticket",
        MailStatus::Reply => "es una respuesta en su ticket",
        MailStatus::Note => "quedó como nota y no cambió nada",
        MailStatus::HeldUnproven => "espera a que la dirección registrada lo confirme",
        MailStatus::HeldColleague => "espera a que un contacto autorizado lo adopte",
        MailStatus::Quarantined => "quedó apartado",
        MailStatus::Duplicate => "ya se había recibido",
        MailStatus::Poison => "no pudo procesarse",
        MailStatus::Adopted => "fue adoptado por un contacto autorizado",
        MailStatus::Confirmed => "fue confirmado por su remitente",
        MailStatus::Released => "fue liberado por la mesa",
        MailStatus::Discarded => "fue descartado por la mesa",
        MailStatus::Lapsed => "caducó sin que nadie lo confirmara o adoptara",
    }
}

/// Why a mail stands as it does, one sentence.
fn why(record: &InboundRecord, status: MailStatus) -> String {
    if let Some(problem) = &record.problem {
        return format!("No pudo leerse o procesarse: {}.", problem.trim_end_matches('.'));
    }
    let proof = record.finding.as_ref().map(|finding| finding.proof);
    let sentence = match (record.reason, proof, status) {
        (Some(reason), _, _) => quarantined(reason),
        (None, Some(Proof::NotProven(why)), MailStatus::HeldUnproven) => not_proven(why),
        (None, _, MailStatus::HeldColleague) => {
            "Lo escribió alguien del cliente que no puede solicitar soporte por sí mismo."
        }
        (None, _, MailStatus::Note) => note(record),
        (None, _, status) => return format!("El mensaje {}.", status_text(status)),
    };
    sentence.to_owned()
}

fn note(record: &InboundRecord) -> &'static str {
    match record.finding.as_ref().map(|finding| finding.sender) {
        Some(SenderKind::Staff) => "Lo escribió alguien de la mesa y no nombra ningún ticket.",
        Some(SenderKind::OdooHelpdesk) => "Es de la mesa de Odoo y no nombra ningún ticket.",
        Some(
            SenderKind::Spoc
            | SenderKind::SpocWithoutOpen
            | SenderKind::Participant
            | SenderKind::Colleague
            | SenderKind::Stranger,
        )
        | None => "Lo envió una máquina: no se responde ni cambia nada.",
    }
}

const fn quarantined(reason: QuarantineReason) -> &'static str {
    match reason {
        QuarantineReason::Virus => "Trae un virus, según el servicio de correo.",
        QuarantineReason::Spam => "Es correo no deseado, según el servicio de correo.",
        QuarantineReason::Dmarc => {
            "No viene de donde dice, y su dominio pide que tales mensajes se aparten (DMARC)."
        }
        QuarantineReason::NotProven(why) => not_proven(why),
        QuarantineReason::Stranger => "Nadie conoce a quien escribe.",
        QuarantineReason::Bulk => {
            "Es un envío masivo o de una lista, de quien no puede escribir así."
        }
        QuarantineReason::Unusable => "No se puede leer como mensaje de correo.",
    }
}

const fn not_proven(why: NotProven) -> &'static str {
    match why {
        NotProven::NoFrom => "No dice quién lo envía.",
        NotProven::SeveralFrom => "Dice venir de varias direcciones a la vez.",
        NotProven::UnreadableFrom => "No se entiende quién dice enviarlo.",
        NotProven::OtherDomain => "La comprobación del remitente se hizo para otro dominio.",
        NotProven::DmarcFailed => "No está comprobado que venga de donde dice (DMARC falló).",
        NotProven::Unsigned => {
            "No está comprobado que venga de donde dice: no trae firma de su dominio."
        }
        NotProven::ProcessingFailed => "No pudo comprobarse que venga de donde dice.",
        NotProven::NoVerdict => "Nada dice si viene de donde dice.",
    }
}
