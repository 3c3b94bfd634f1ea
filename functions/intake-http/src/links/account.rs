//! What the page of a link to an account says: how it stands, and what a cancellation or a notice of
//! non-renewal brings about, before the button (10.7, 10.8).

use app::Failure;
use app::links::{AccountState, Consequence, SeenAccount};
use domain::Instant;
use http::StatusCode;
use mail::outbound::AccountAction;
use web::views::{AccountView, MonthRow, fee_text};

use super::page::Fact;
use super::words::{Told, capital, refused};

/// What is kept when the service ends (10.5).
const KEPT: &str = "Conserva la consulta de sus tickets y de sus pagos, y puede responder y confirmar en los \
    que sigan abiertos. Nada de lo registrado se borra.";
/// What is lost.
const LOST: &str =
    "Desde el momento que se indica abajo no hay soporte: las solicitudes nuevas no se atienden.";
/// What an acceptance is.
const ACCEPTED: &str = "Acepta en nombre de su empresa el Acuerdo de Nivel de Servicio, en la edición que se \
    indica abajo. Queda registrado quién lo aceptó, cuándo y qué texto. No cambia su póliza ni su precio.";
const UNTIL_PRESSED: &str = "Nada se registra hasta que oprima el botón.";

/// The status of a page on which nothing was done.
pub(super) const fn status(state: &AccountState) -> StatusCode {
    match state {
        AccountState::Shown
        | AccountState::Ready(_)
        | AccountState::Acted(_)
        | AccountState::Settled(_) => StatusCode::OK,
        AccountState::Expired(_) => StatusCode::GONE,
        AccountState::Refused(_) => StatusCode::CONFLICT,
    }
}

/// The words for a link as it stands.
///
/// # Errors
/// When a date lies outside the calendar, or the client has no account.
pub(super) fn told(seen: &SeenAccount, at: Instant) -> Result<Told, Failure> {
    Ok(match &seen.state {
        AccountState::Shown => shown(seen, at)?,
        AccountState::Ready(follows) => {
            let mut told = Told::new(asks(seen.token.action), &[]);
            told.facts = consequence(follows);
            told.lead = match seen.token.action {
                AccountAction::Accept => vec![ACCEPTED.to_owned()],
                AccountAction::Show | AccountAction::DeclineRenewal | AccountAction::Cancel => {
                    vec![LOST.to_owned(), KEPT.to_owned()]
                }
            };
            told.after = vec![UNTIL_PRESSED];
            told
        }
        AccountState::Acted(follows) | AccountState::Settled(follows) => {
            let title = match (seen.token.action, &seen.state) {
                (AccountAction::Cancel, AccountState::Acted(_)) => "Registramos la cancelación",
                (AccountAction::Accept, AccountState::Acted(_)) => "Registramos su aceptación",
                (_, AccountState::Acted(_)) => "Registramos que no se renueva",
                _ => "Ya estaba registrado",
            };
            let proof = match seen.token.action {
                AccountAction::Accept => "Queda en su expediente con la huella del texto.",
                AccountAction::Show | AccountAction::DeclineRenewal | AccountAction::Cancel => {
                    "Le enviamos la constancia por correo."
                }
            };
            let mut told = Told::new(title, &[proof]);
            told.facts = consequence(follows);
            told
        }
        AccountState::Expired(end) => {
            let lead =
                format!("Podía usarse antes del {}. No se registró nada.", end.spanish_limit());
            let way = "Si necesita algo de su cuenta, responda a nuestro correo más reciente.";
            Told::new("Este enlace ya venció", &[&lead, way])
        }
        AccountState::Refused(refusal) => {
            let why = format!("{}.", capital(&refusal.text));
            Told::new(refused(refusal.code), &[&why, "No se registró nada."])
        }
    })
}

/// What the page of an act is called.
const fn asks(action: AccountAction) -> &'static str {
    match action {
        AccountAction::Show => "Su cuenta",
        AccountAction::DeclineRenewal => "Avisar que no se renueva",
        AccountAction::Cancel => "Cancelar la póliza",
        AccountAction::Accept => "Aceptar el acuerdo",
    }
}

fn consequence(follows: &Consequence) -> Vec<Fact> {
    match follows {
        Consequence::Cancelled(cancellation) => vec![
            Fact::strong("Sin servicio desde", cancellation.effective_at.spanish()),
            Fact::new("Lo que se debe", fee_text(cancellation.fee)),
        ],
        Consequence::NotRenewed { ends_at } => {
            vec![Fact::strong("Sin servicio desde", ends_at.spanish())]
        }
        Consequence::Accepts { edition, accepted } => {
            let mut facts = vec![
                Fact::strong("Edición", edition.n.to_string()),
                Fact::new("Texto", edition.url.clone()),
                Fact::new("Huella del texto (SHA-256)", edition.text_hash.clone()),
            ];
            facts.extend(accepted.as_ref().map(|it| Fact::new("Aceptado el", it.at.spanish())));
            facts
        }
    }
}

/// How the account stands: service, months, what comes next.
fn shown(seen: &SeenAccount, at: Instant) -> Result<Told, Failure> {
    let view = AccountView::of(&seen.loaded, at)?.ok_or(Failure::NotFound)?.for_client();
    let mut told = Told::new(asks(AccountAction::Show), &[]);
    let service = view.reason.as_deref().unwrap_or("la póliza está activa");
    told.facts.push(Fact::strong("Servicio", capital(service)));
    if let Some(end) = &view.ends_at {
        told.facts.push(Fact::new("Termina", end.0.spanish()));
    }
    if view.overdue.centavos > 0 {
        told.facts.push(Fact::strong("Vencido", view.overdue.text.clone()));
    }
    if view.waiting.centavos > 0 {
        told.facts.push(Fact::new("A favor, para los meses siguientes", view.waiting.text.clone()));
    }
    told.facts.extend(view.months.iter().map(month));
    let next = view.next.first();
    told.facts.extend(
        next.map(|next| Fact::new("Sigue", format!("{}, {}", next.kind_text, next.at.0.spanish()))),
    );
    Ok(told)
}

/// A month with what settles it.
fn month(row: &MonthRow) -> Fact {
    let paid = row.payments.iter().filter(|part| part.reversed_at.is_none());
    let paid: Vec<_> = paid
        .map(|part| {
            format!("{} acreditado el {}", part.amount.text, part.value_date.format("%d/%m/%Y"))
        })
        .collect();
    let paid = if paid.is_empty() { "sin pagos".to_owned() } else { paid.join(", ") };
    Fact::new(
        capital(&row.month_text),
        format!("{}: {} de {} ({paid})", row.standing_text, row.paid.text, row.owed.text),
    )
}
