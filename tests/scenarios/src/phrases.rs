//! What a line of a script can say, phrase by phrase; of mails that come in, see [`crate::mail_phrases`].

use std::str::FromStr;

use domain::standing::StandingCause;
use domain::ticket::{ActKind, ClosureReason, EscalationLevel, EssentialOperation, ReplyKind};
use domain::{ClientId, Instant, TimeDelta};

use crate::accounts;
use crate::bank;
use crate::doors::{ClientVerb, DeskVerb, Verb};
use crate::mail_phrases;
use crate::moment;
use crate::script::{Action, How, Part, Standing};

/// Reads what a line says after its moment.
///
/// # Errors
/// When nobody knows the phrase.
pub fn action(text: &str, at: Option<Instant>) -> Result<Action, String> {
    if text == "estado" {
        return Ok(Action::State);
    }
    if let Some(part) = text.strip_prefix("falla ") {
        return Ok(Action::Switch(failing(part)?, true));
    }
    if let Some(part) = text.strip_prefix("vuelve ") {
        return Ok(Action::Switch(failing(part)?, false));
    }
    if let Some(client) = text.strip_prefix("cuenta de ") {
        return Ok(Action::Account(ClientId::parse(client).map_err(|error| error.to_string())?));
    }
    if let Some(phrase) = text.strip_prefix("el banco avisa ") {
        return bank::told(phrase).map(Action::BankTells);
    }
    if let Some(standing) = text.strip_prefix("póliza ") {
        return change_of_standing(standing);
    }
    if let Some(action) = mail_phrases::action(text)? {
        return Ok(action);
    }
    act(text, at)
}

fn act(text: &str, at: Option<Instant>) -> Result<Action, String> {
    let (head, words) = words(text);
    let (head, asides) = asides(&head);
    let mut how = How::default();
    let mut member = None;
    for aside in asides {
        if let Some(at) = aside.strip_prefix("recibido ") {
            how.received_at = moment::read(at)?.map(|(at, _)| at);
        } else if let Some(key) = aside.strip_prefix("clave ") {
            how.key = Some(key.to_owned());
        } else if let Some(n) = aside.strip_prefix("ticket ") {
            how.ticket = n.parse().ok();
        } else {
            member = Some(aside);
        }
    }
    if head == "la mesa aplica el estado de cuenta" {
        let name = member.ok_or("falta quién de la mesa, entre paréntesis")?;
        let lines = words.ok_or("faltan las líneas, entre comillas")?;
        return Ok(Action::Statement { name, lines });
    }
    let (name, verb) = match head.strip_prefix("la mesa ") {
        Some(phrase) => {
            let name = member.ok_or("falta quién de la mesa, entre paréntesis")?;
            (name, Verb::Desk(desk_verb(phrase, words, at)?))
        }
        None => {
            let (name, phrase) = head.split_once(' ').ok_or("falta qué hace")?;
            (name.to_owned(), Verb::Client(client_verb(phrase, words)?))
        }
    };
    Ok(Action::Act { name, verb, how })
}

fn client_verb(phrase: &str, words: Option<String>) -> Result<ClientVerb, String> {
    let text = || words.clone().ok_or_else(|| "faltan las palabras, entre comillas".to_owned());
    if let Some(operation) = phrase.strip_prefix("abre un ticket crítico de ") {
        return Ok(ClientVerb::Open { critical: Some(essential(operation)?), text: text()? });
    }
    if let Some(verb) = accounts::client_verb(phrase) {
        return Ok(verb);
    }
    if let Some(operation) = phrase.strip_prefix("lo declara crítico por ") {
        return Ok(ClientVerb::Declare { operation: essential(operation)?, text: words });
    }
    Ok(match phrase {
        "abre un ticket" => ClientVerb::Open { critical: None, text: text()? },
        "responde" => ClientVerb::Write { text: text()?, still_fails: false },
        "dice que sigue fallando" => ClientVerb::Write { text: text()?, still_fails: true },
        "acepta el mismo día" => ClientVerb::SameDay { accept: true },
        "declina el mismo día" => ClientVerb::SameDay { accept: false },
        "acepta el costo de la emergencia" => ClientVerb::AcceptCost,
        "confirma la solución" => ClientVerb::Confirm,
        "retira la solicitud" => ClientVerb::Withdraw,
        _ => return Err(format!("un contacto no sabe «{phrase}»")),
    })
}

fn desk_verb(phrase: &str, words: Option<String>, at: Option<Instant>) -> Result<DeskVerb, String> {
    let text = || words.clone().ok_or_else(|| "faltan las palabras, entre comillas".to_owned());
    if let Some(phrase) = phrase.strip_prefix("en la cuenta ") {
        return accounts::desk_verb(phrase, words.as_deref());
    }
    if let Some(call) = phrase.strip_prefix("registra una llamada de ") {
        let (from, to) = call.split_once(" a ").ok_or("falta hasta cuándo")?;
        let day = at.ok_or("falta el momento")?;
        let (started_at, ended_at) = (moment::on_day(day, from)?, moment::on_day(day, to)?);
        let act = ActKind::Call;
        return Ok(DeskVerb::RecordAct { act, started_at, ended_at, text: text()? });
    }
    if let Some(call) = phrase.strip_prefix("abre un ticket por la llamada de ") {
        let (spoc, from) = call.split_once(" a las ").ok_or("falta a qué hora")?;
        let started_at = moment::on_day(at.ok_or("falta el momento")?, from)?;
        let (client, spoc) = (None, spoc.to_owned());
        return Ok(DeskVerb::OpenByCall { client, spoc, started_at, text: text()? });
    }
    if let Some(address) = phrase.strip_prefix("agrega a ") {
        return Ok(DeskVerb::AddParticipant { address: address.to_owned(), reason: text()? });
    }
    if let Some(with) = phrase.strip_prefix("lo une con el ticket ") {
        return Ok(DeskVerb::Merge { with: with.to_owned(), text: text()? });
    }
    if let Some(date) = phrase.strip_prefix("registra el día festivo ") {
        return Ok(DeskVerb::Holiday { date: date.to_owned(), name: text()? });
    }
    Ok(match phrase {
        "responde" => DeskVerb::Reply(ReplyKind::Answer, text()?),
        "pide información" => DeskVerb::Reply(ReplyKind::InformationRequest, text()?),
        "pide accesos" => DeskVerb::Reply(ReplyKind::AccessRequest, text()?),
        "responde y pide información" => DeskVerb::Reply(ReplyKind::AnswerAndRequest, text()?),
        "propone la solución" => DeskVerb::Reply(ReplyKind::Solution, text()?),
        "comunica que está fuera de alcance" => DeskVerb::Reply(ReplyKind::ScopeDecision, text()?),
        "anota" => DeskVerb::Note(text()?),
        "toma el ticket" => DeskVerb::Assign { to: String::new() },
        "confirma la criticidad" => DeskVerb::ConfirmCriticality,
        "reclasifica el ticket" => DeskVerb::Downgrade(text()?),
        "termina la pausa" => DeskVerb::EndPause(text()?),
        "recalcula las fechas" => DeskVerb::Recalculate(text()?),
        "escala a nivel 2" => DeskVerb::Escalate(EscalationLevel::Senior),
        "escala a nivel 3" => DeskVerb::Escalate(EscalationLevel::Emergency),
        "marca el último mensaje como agradecimiento" => DeskVerb::Thanks { message: 0 },
        "cierra por falta de respuesta" => DeskVerb::Close(ClosureReason::NoAnswer, text()?),
        "cierra por fuera de alcance" => DeskVerb::Close(ClosureReason::OutOfScope, text()?),
        "cierra por no ser una solicitud" => DeskVerb::Close(ClosureReason::NotARequest, text()?),
        "cierra por fin del servicio" => DeskVerb::Close(ClosureReason::ServiceEnded, text()?),
        "toma el llamado" => DeskVerb::AcknowledgePage,
        "condona el cargo" => DeskVerb::Waive(text()?),
        "aprueba la propuesta" => DeskVerb::Approve { proposal: 0 },
        "rechaza la propuesta" => DeskVerb::Reject { proposal: 0 },
        "detiene los ofrecimientos del día" => DeskVerb::StopOffers(text()?),
        "reenvía el aviso fallido" => DeskVerb::SettleNotice { resend: true, notice: None },
        "renuncia al aviso fallido" => DeskVerb::SettleNotice { resend: false, notice: None },
        _ => return Err(format!("la mesa no sabe «{phrase}»")),
    })
}

fn essential(text: &str) -> Result<EssentialOperation, String> {
    use EssentialOperation as Op;
    let all = [
        Op::Invoicing,
        Op::SalesPos,
        Op::InventoryShipping,
        Op::Payroll,
        Op::Collections,
        Op::Purchasing,
        Op::AccountingClose,
        Op::Other,
    ];
    let found = all.into_iter().find(|operation| operation.spanish() == text);
    found.ok_or_else(|| format!("«{text}» no es una operación esencial"))
}

fn failing(text: &str) -> Result<Part, String> {
    if let Some(name) = text.strip_prefix("el buzón de ") {
        return Ok(match name.strip_suffix(" (el correo lo rechaza)") {
            Some(name) => Part::Refuses(name.to_owned()),
            None => Part::Bounces(name.to_owned()),
        });
    }
    if let Some(minutes) = text.strip_prefix("el correo: acepta sin contestar y tarda ") {
        let minutes = i64::from_str(minutes.trim_end_matches(" minutos"));
        let minutes = minutes.map_err(|error| error.to_string())?;
        return Ok(Part::MailSilent(TimeDelta::minutes(minutes)));
    }
    Ok(match text {
        "el flujo de la tabla" => Part::Stream,
        "el programador" => Part::Scheduler,
        "el barrido" => Part::Sweep,
        "todo" => Part::Everything,
        "el correo" => Part::MailBusy,
        _ => return Err(format!("nadie sabe qué es «{text}»")),
    })
}

fn change_of_standing(text: &str) -> Result<Action, String> {
    let (client, change) = text.split_once(": ").ok_or("falta qué cambia")?;
    let client = ClientId::parse(client).map_err(|error| error.to_string())?;
    let moment_of = |text: &str| -> Result<Instant, String> {
        Ok(moment::read(text)?.ok_or("falta el momento")?.0)
    };
    let standing = if let Some(from) = change.strip_prefix("suspendida por falta de pago desde ") {
        Standing::Ends(StandingCause::NonPayment, moment_of(from)?)
    } else if let Some(from) = change.strip_prefix("cancelada desde ") {
        Standing::Ends(StandingCause::Cancelled, moment_of(from)?)
    } else if let Some(from) = change.strip_prefix("reactivada desde ") {
        Standing::Returns(moment_of(from)?)
    } else if change == "suspensión anulada" {
        Standing::Annulled
    } else {
        return Err(format!("una póliza no sabe «{change}»"));
    };
    Ok(Action::Standing(client, standing))
}

/// The words between the first and the last quotation mark, and what stands before them.
pub(crate) fn words(text: &str) -> (String, Option<String>) {
    match (text.find('"'), text.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let head = text[..first].trim().trim_end_matches(':').to_owned();
            (head, Some(text[first + 1..last].to_owned()))
        }
        _ => (text.trim().to_owned(), None),
    }
}

/// The phrase without what stands in parentheses, and that.
pub(crate) fn asides(text: &str) -> (String, Vec<String>) {
    let mut phrase = String::new();
    let mut asides = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let (aside, after) = after.split_once(')').unwrap_or((after, ""));
        phrase.push_str(before);
        asides.push(aside.to_owned());
        rest = after;
    }
    phrase.push_str(rest);
    let phrase = phrase.split_whitespace().collect::<Vec<_>>().join(" ");
    (phrase.trim_end_matches(':').to_owned(), asides)
}
