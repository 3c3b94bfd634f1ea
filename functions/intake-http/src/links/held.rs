//! What the page of a link on held mail says: which mails, from whom, and what comes of the act.

use app::links::{MailStanding, MailState, SeenMail, SeenMails};
use app::records::InboundRecord;
use domain::Actor;
use http::StatusCode;
use mail::outbound::MailAction;

use super::page::Fact;
use super::words::{capital, refused};

/// The words of a page.
pub(super) struct Told {
    pub(super) title: String,
    pub(super) lead: Vec<String>,
    /// What stands below the buttons.
    pub(super) after: Vec<String>,
}

impl Told {
    fn new(title: &str, lead: &[&str]) -> Self {
        let lead = lead.iter().map(|words| (*words).to_owned()).collect();
        Self { title: title.to_owned(), lead, after: Vec::new() }
    }

    fn after(mut self, words: &str) -> Self {
        self.after.push(words.to_owned());
        self
    }
}

/// The status of a page on which nothing was done.
pub(super) const fn status(state: &MailState) -> StatusCode {
    match state {
        MailState::Ready | MailState::Late(_) => StatusCode::OK,
        MailState::Settled | MailState::Expired(_) => StatusCode::GONE,
        MailState::Outdated | MailState::Refused(_) => StatusCode::CONFLICT,
    }
}

/// The words for a link as it stands; `acted` are the mails that were acted on just now.
pub(super) fn told(seen: &SeenMails, acted: &[String]) -> Told {
    let action = seen.token.act.action();
    if !acted.is_empty() {
        return done(seen, action);
    }
    match &seen.state {
        MailState::Ready => ready(action),
        MailState::Late(end) => {
            let lead = format!(
                "Podía confirmarse antes del {}. Si usted lo envió y aún necesita atención, se \
                 registra con la hora de este momento.",
                end.spanish_limit()
            );
            Told::new("Confirmar que usted lo envió", &[&lead])
                .after("Nada se registra hasta que oprima el botón.")
        }
        MailState::Settled => {
            let used = seen.mails.iter().all(|mail| mail.standing == MailStanding::Taken);
            let title = if used { "Este enlace ya se usó" } else { "No hace falta nada más" };
            Told::new(title, &["Ninguno de estos mensajes espera ya."])
        }
        MailState::Expired(end) => {
            let lead =
                format!("Podía usarse antes del {}. No se registró nada.", end.spanish_limit());
            let again = "Si aún necesita atención, escríbanos de nuevo.";
            Told::new("Este enlace ya venció", &[&lead, again])
        }
        MailState::Outdated => Told::new(
            "Este enlace ya no corresponde",
            &["Hay un aviso más reciente sobre lo mismo. Use el enlace del correo más reciente."],
        ),
        MailState::Refused(refusal) => {
            let why = format!("{}.", capital(&refusal.text));
            Told::new(refused(refusal.code), &[&why, "No se registró nada."])
        }
    }
}

fn ready(action: MailAction) -> Told {
    match action {
        MailAction::SentIt => Told::new(
            "Confirmar que usted lo envió",
            &[
                "Esto llegó a nombre de su dirección, pero no pudimos comprobar que usted lo haya \
                 enviado. Confirme solo lo que usted envió.",
                "Lo que confirme se atiende según la hora en que lo recibimos; el tiempo que tardó \
                 la confirmación no cuenta en el plazo de atención (cláusula 7).",
            ],
        )
        .after(
            "Nada se registra hasta que oprima el botón. Lo que usted no confirme no se atiende.",
        ),
        MailAction::Adopt => Told::new(
            "Adoptar mensajes de su equipo",
            &[
                "Los escribieron personas de su empresa que no pueden solicitar soporte (cláusula \
                 1). Nadie los atiende hasta que un contacto autorizado los adopte.",
                "Lo que adopte será una solicitud de usted, con la hora en que lo adopte.",
            ],
        )
        .after("Nada se registra hasta que oprima el botón. Lo que nadie adopte no se atiende."),
    }
}

fn done(seen: &SeenMails, action: MailAction) -> Told {
    let title = match action {
        MailAction::SentIt => "Gracias, quedó confirmado",
        MailAction::Adopt => "Gracias, quedó adoptado",
    };
    let waits = seen.mails.iter().any(|mail| seen.acts_on(mail));
    let rest = if waits { "Los demás siguen en espera." } else { "No tiene que hacer nada más." };
    match &seen.state {
        MailState::Refused(refusal) => {
            let why = format!("No todos: {}.", refusal.text.trim_end_matches('.'));
            Told::new(title, &[&why])
        }
        MailState::Ready
        | MailState::Late(_)
        | MailState::Settled
        | MailState::Expired(_)
        | MailState::Outdated => Told::new(title, &[rest]),
    }
}

/// The button of one mail.
pub(super) const fn button(seen: &SeenMails) -> &'static str {
    match (seen.token.act.action(), &seen.state) {
        (MailAction::SentIt, MailState::Late(_)) => "Sí, lo envié yo: registrarlo ahora",
        (
            MailAction::SentIt,
            MailState::Ready
            | MailState::Settled
            | MailState::Expired(_)
            | MailState::Outdated
            | MailState::Refused(_),
        ) => "Sí, lo envié yo",
        (MailAction::Adopt, _) => "Adoptar este mensaje",
    }
}

/// The button for all that wait, so many.
pub(super) fn button_for_all(seen: &SeenMails, waiting: usize) -> String {
    match seen.token.act.action() {
        MailAction::SentIt => format!("Sí, yo envié los {waiting}"),
        MailAction::Adopt => format!("Adoptar los {waiting}"),
    }
}

/// The heading of a mail.
pub(super) fn title(record: &InboundRecord) -> String {
    let subject = mail::Line::new(&record.subject);
    if subject.is_empty() { "(sin asunto)".to_owned() } else { format!("«{subject}»") }
}

/// From whom a mail came and when, and what became of it.
pub(super) fn facts(seen: &SeenMails, mail: &SeenMail) -> Vec<Fact> {
    let record = &mail.record;
    let mut facts = Vec::new();
    if let Some(from) = &record.from {
        let (name, address) = (mail::Line::new(&from.name), mail::Line::new(&from.address));
        let shown =
            if name.is_empty() { address.to_string() } else { format!("{name} <{address}>") };
        facts.push(Fact::new("De", shown));
    }
    facts.push(Fact::new("Recibido", record.received_at.spanish()));
    let adopts = seen.token.act.action() == MailAction::Adopt;
    if let Some(end) = record.lapses_at.filter(|_| adopts && seen.acts_on(mail)) {
        facts.push(Fact::new("Puede adoptarlo antes del", end.spanish_limit()));
    }
    facts.extend(fate(seen, mail));
    facts
}

/// What became of a mail that waits no more.
fn fate(seen: &SeenMails, mail: &SeenMail) -> Vec<Fact> {
    let record = &mail.record;
    let resolved = record.resolved.as_ref();
    let when = resolved.map(|it| it.at.spanish()).unwrap_or_default();
    let word = match mail.standing {
        MailStanding::Waiting => return Vec::new(),
        MailStanding::Lapsed => "Dejó de esperar",
        MailStanding::ForAdoption => {
            let waits = "Espera a que un contacto que puede solicitar soporte lo adopte";
            return vec![Fact::new("Confirmado", waits)];
        }
        MailStanding::Discarded => "Lo descartó nuestra mesa",
        MailStanding::Taken => match resolved.map(|it| &it.by) {
            Some(Actor::Staff(_)) => "Lo liberó nuestra mesa",
            Some(Actor::Spoc(_) | Actor::Participant(_) | Actor::System) | None => {
                match seen.token.act.action() {
                    MailAction::SentIt => "Confirmado",
                    MailAction::Adopt => "Adoptado",
                }
            }
        },
    };
    let by = match resolved.map(|it| &it.by) {
        Some(Actor::Spoc(id)) => seen.file.spoc(id).map(|spoc| spoc.name.as_str()),
        Some(Actor::Staff(_) | Actor::Participant(_) | Actor::System) | None => None,
    };
    let when = by.map_or_else(|| when.clone(), |name| format!("{when}, por {name}"));
    let ticket = record.ticket.as_ref().map(|ticket| Fact::strong("Ticket", ticket.to_string()));
    [Some(Fact::new(word, when)), ticket].into_iter().flatten().collect()
}
