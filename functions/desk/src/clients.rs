//! Clients: entering one from a file, and what was promised to him at any time.
//!
//! > *1. SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte.*
//! >
//! > *2. […] prevalecerán en todo momento las disposiciones del presente Contrato Marco.*

use std::sync::Arc;

use app::ports::Env;
use app::{InputFault, account, client, clients};
use axum::extract::State;
use domain::client::ClientEntry;
use web::limits::REASON_CHARS_MAX;
use web::{
    Answer, ClientPath, Duty, Fields, Input, Params, Problem, ReadErrors, StaffCaller, WriteErrors,
};

use crate::client_views::{ClientFileBody, ClientView, EnterClientBody, EnteredView, FindingView};

/// So many changes of a client are shown.
const CHANGES_SHOWN_MAX: u32 = 50;

/// What entering a client's file would do, without doing it: every finding in the file, what would
/// change, who would be told, and the open tickets, none of whose dates would move (G6).
#[utoipa::path(
    post,
    path = "/desk/clients/preview",
    operation_id = "desk_preview_client",
    tag = "Desk",
    security(("token" = [])),
    request_body = ClientFileBody,
    responses((status = 200, description = "What it would do.", body = EnteredView), WriteErrors),
)]
pub(crate) async fn preview<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<EnteredView>, Problem> {
    caller.require(Duty::Administration)?;
    let ClientFileBody { file } = input.read(ClientFileBody::read)?;
    let (entry, findings) = read(&file)?;
    let entered = clients::preview(env.as_ref(), &entry).await.map_err(placed)?;
    Ok(Answer::ok(EnteredView::new(&entry, entered, findings, false)))
}

/// Enters a client's file: a new client, or what changes of one who is known. All of it or nothing;
/// again, it changes nothing.
#[utoipa::path(
    post,
    path = "/desk/clients",
    operation_id = "desk_enter_client",
    tag = "Desk",
    security(("token" = [])),
    request_body = EnterClientBody,
    responses((status = 200, description = "What it did.", body = EnteredView), WriteErrors),
)]
pub(crate) async fn enter<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<EnteredView>, Problem> {
    caller.require(Duty::Administration)?;
    let EnterClientBody { file, reason } = input.read(EnterClientBody::read)?;
    let (entry, findings) = read(&file)?;
    let entered = clients::enter(env.as_ref(), &entry, &reason, &caller.member).await;
    let entered = entered.map_err(placed)?;
    // Also where nothing changed: a crash may have come between the two.
    account::follow_terms(env.as_ref(), &entry.client.id).await?;
    Ok(Answer::ok(EnteredView::new(&entry, entered, findings, true)))
}

/// A client as he was known: SPoCs, póliza, every parameter with the layer that set it. "What did we
/// promise then, knowing what we knew then?"
#[utoipa::path(
    get,
    path = "/desk/clients/{client}",
    operation_id = "desk_client",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("client" = String, Path, description = "The client's code."),
        ("at" = Option<String>, Query, description = "For what was received then; now if absent."),
        ("known_at" = Option<String>, Query,
         description = "As it was known then; as at `at` if absent."),
    ),
    responses((status = 200, description = "The client.", body = ClientView), ReadErrors),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(id): ClientPath,
    params: Params,
) -> Result<Answer<ClientView>, Problem> {
    let (at, known_at) = params.read(|fields| {
        let at = fields.optional_instant("at").unwrap_or(caller.received_at);
        Some((at, fields.optional_instant("known_at").unwrap_or(at)))
    })?;
    let env = env.as_ref();
    let file = client::load(env, &id).await?.ok_or_else(Problem::not_found)?;
    let agreement = match file.has_terms(at, known_at) {
        true => Some(file.as_known(env, at, known_at).await?),
        false => None,
    };
    let changes = clients::history(env, &id, CHANGES_SHOWN_MAX).await?;
    Ok(Answer::ok(ClientView::new(&file, agreement.as_ref(), changes, at, known_at)))
}

/// The client that a file describes, with what else was found in it; every fault where it cannot be
/// entered, each with its line.
fn read(file: &str) -> Result<(ClientEntry, Vec<FindingView>), Problem> {
    let report = client_file::read(file);
    let (applicable, findings) = (report.is_applicable(), report.findings);
    match report.entry.filter(|_| applicable) {
        Some(entry) => Ok((entry, findings.iter().map(FindingView::from).collect())),
        None => {
            let blocking = findings.iter().filter(|it| it.kind.blocks());
            let faults = blocking.map(|it| {
                InputFault::new(place(&it.at), format!("línea {}: {}", it.line, it.text))
            });
            Err(Problem::invalid(faults.collect()))
        }
    }
}

/// Where in the body a field of the file is.
fn place(at: &str) -> String {
    if at.is_empty() { "file".to_owned() } else { format!("file.{at}") }
}

/// Faults that only the table shows are told at their place in the file.
fn placed(failure: app::Failure) -> app::Failure {
    match failure {
        app::Failure::Invalid(faults) => app::Failure::Invalid(
            faults.into_iter().map(|it| InputFault::new(place(&it.at), it.problem)).collect(),
        ),
        app::Failure::Refused(_)
        | app::Failure::NotFound
        | app::Failure::KeyReused
        | app::Failure::Retryable(_)
        | app::Failure::Fault(_) => failure,
    }
}

impl ClientFileBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        fields.verbatim("file").map(|file| Self { file })
    }
}

impl EnterClientBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let file = fields.verbatim("file");
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some(Self { file: file?, reason: reason? })
    }
}
