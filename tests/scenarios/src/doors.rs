//! The doors through which people come in: one HTTP request to the routers that are deployed, one
//! answer.

use std::sync::Arc;

use app::item::Key;
use app::ports::Env;
use axum::body::Body;
use domain::ticket::{ActKind, ClosureReason, EscalationLevel, EssentialOperation, ReplyKind};
use domain::{ClientId, Instant, TicketRef};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use web::ReceivedAt;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The credential of who asks.
    pub token: String,
    /// Receipt (G2).
    pub received_at: Instant,
    /// Its Idempotency-Key; empty for none.
    pub key: String,
    /// The ticket; none for an opening.
    pub ticket: Option<TicketRef>,
    /// What.
    pub verb: Verb,
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum Verb {
    /// By a SPoC.
    Client(ClientVerb),
    /// By the desk.
    Desk(DeskVerb),
}

impl Verb {
    /// The function that is asked.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        match self {
            Self::Client(_) => "intake-http",
            Self::Desk(_) => "desk",
        }
    }
}

/// What a SPoC asks.
#[derive(Debug, Clone)]
pub enum ClientVerb {
    /// To act on the account.
    Account {
        /// The last part of the path.
        act: String,
        /// The body.
        body: Value,
    },
    /// To open a ticket.
    Open {
        /// Declared critical.
        critical: Option<EssentialOperation>,
        /// Subject.
        text: String,
    },
    /// To answer.
    Write {
        /// His words.
        text: String,
        /// It still fails.
        still_fails: bool,
    },
    /// To accept the same day, or to decline it.
    SameDay {
        /// Accept.
        accept: bool,
    },
    /// To accept the cost of the emergency.
    AcceptCost,
    /// To declare critical.
    Declare {
        /// What is blocked.
        operation: EssentialOperation,
        /// In his words.
        text: Option<String>,
    },
    /// To confirm the solution.
    Confirm,
    /// To withdraw.
    Withdraw,
}

/// What the desk asks.
#[derive(Debug, Clone)]
pub enum DeskVerb {
    /// To write to the client.
    Reply(ReplyKind, String),
    /// To record an act.
    RecordAct {
        /// What it was.
        act: ActKind,
        /// Its start.
        started_at: Instant,
        /// Its end.
        ended_at: Instant,
        /// Notes.
        text: String,
    },
    /// To register the request of a SPoC who calls.
    OpenByCall {
        /// Whose.
        client: Option<ClientId>,
        /// First name of the SPoC, in lower case his id.
        spoc: String,
        /// The call's start.
        started_at: Instant,
        /// Subject.
        text: String,
    },
    /// To write a note.
    Note(String),
    /// To give the ticket to somebody.
    Assign {
        /// His id.
        to: String,
    },
    /// To confirm the criticality.
    ConfirmCriticality,
    /// To downgrade.
    Downgrade(String),
    /// To end the pause.
    EndPause(String),
    /// To have the running dates computed anew.
    Recalculate(String),
    /// To escalate.
    Escalate(EscalationLevel),
    /// To mark a message as thanks.
    Thanks {
        /// Its number.
        message: u32,
    },
    /// To merge it with another ticket.
    Merge {
        /// The other one: its number in the script, then its reference.
        with: String,
        /// Why.
        text: String,
    },
    /// To close.
    Close(ClosureReason, String),
    /// To take the page.
    AcknowledgePage,
    /// To give up the charge.
    Waive(String),
    /// To approve a proposal.
    Approve {
        /// Its number.
        proposal: u32,
    },
    /// To reject it.
    Reject {
        /// Its number.
        proposal: u32,
    },
    /// To stop the day's offers.
    StopOffers(String),
    /// To act on a client's account.
    Account {
        /// Whose.
        client: ClientId,
        /// The last part of the path.
        act: String,
        /// The body.
        body: Value,
    },
    /// To record an official holiday.
    Holiday {
        /// The date.
        date: String,
        /// Its name.
        name: String,
    },
    /// To send a failed notice again, or to give it up.
    SettleNotice {
        /// Send it again.
        resend: bool,
        /// Where it lies.
        notice: Option<Key>,
    },
    /// To add an address to the ticket.
    AddParticipant {
        /// The address.
        address: String,
        /// Why.
        reason: String,
    },
    /// To make something of a mail that waits or was set aside.
    SettleMail {
        /// What.
        verb: MailVerb,
        /// Which one, from 1; 0 for the last one.
        mail: usize,
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
}

/// What the desk makes of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailVerb {
    /// A SPoC's own, as he said by phone.
    Adopt {
        /// His id.
        spoc: String,
    },
    /// Vouches for it.
    Release,
    /// Puts it on a ticket.
    Link,
    /// Leaves it at that.
    Discard,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done, or done before.
    Done {
        /// The ticket.
        reference: Option<TicketRef>,
        /// Number of the event; none when nothing changed.
        seq: Option<u32>,
        /// It is the answer to the same request of before.
        replayed: bool,
    },
    /// A rule says no, or the request cannot be.
    Refused {
        /// Which rule or code.
        rule: String,
        /// Why.
        text: String,
    },
    /// Not now: the same request may come again.
    Later(String),
}

/// What every request says below its subject.
const DETAILS: &str = "Empezó hoy; adjunto los detalles cuando los pidan.";
/// Answers are at most so large, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Makes a request.
///
/// # Panics
/// When the answer is none of those that the API describes.
pub async fn knock<E: Env>(env: &Arc<E>, request: &Request) -> Answer {
    ask(env, request).await.unwrap_or_else(|fault| panic!("{fault}"))
}

/// Makes a request.
///
/// # Errors
/// Status and body of an answer that says that we are at fault.
///
/// # Panics
/// When the answer cannot be read.
pub async fn ask<E: Env>(env: &Arc<E>, request: &Request) -> Result<Answer, String> {
    let (path, body) = told(request);
    let router = match request.verb {
        Verb::Client(_) => intake_http::router(Arc::clone(env)),
        Verb::Desk(_) => desk::router(Arc::clone(env)),
    };
    let mut sent = http::Request::post(path)
        .header(AUTHORIZATION, format!("Bearer {}", request.token))
        .header(CONTENT_TYPE, "application/json")
        .extension(ReceivedAt(request.received_at));
    if !request.key.is_empty() {
        sent = sent.header("Idempotency-Key", &request.key);
    }
    let sent = sent.body(Body::from(body.to_string())).expect("a request of ours is well formed");
    let Ok(answer) = router.oneshot(sent).await;
    let status = answer.status().as_u16();
    let replayed = answer.headers().contains_key("Idempotent-Replayed");
    let bytes = axum::body::to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
    let body: Value = serde_json::from_slice(&bytes.expect("the body is in memory"))
        .unwrap_or_else(|error| panic!("{status} without JSON: {error}"));
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Ok(match status {
        200 | 201 => Answer::Done {
            reference: body["reference"].as_str().and_then(|it| TicketRef::parse(it).ok()),
            seq: body["event"].as_u64().and_then(|seq| u32::try_from(seq).ok()),
            replayed,
        },
        503 => Answer::Later(text("detail")),
        400..500 => {
            let rule = if body["rule"].is_null() { text("code") } else { text("rule") };
            Answer::Refused { rule, text: text("detail") }
        }
        _ => return Err(format!("{status}: {body}")),
    })
}

/// Path and body of a request.
fn told(request: &Request) -> (String, Value) {
    let ticket = request.ticket.as_ref().map_or("-", TicketRef::as_str);
    match &request.verb {
        Verb::Client(verb) => client_told(ticket, verb),
        Verb::Desk(verb) => desk_told(ticket, verb),
    }
}

fn client_told(ticket: &str, verb: &ClientVerb) -> (String, Value) {
    let (act, body) = match verb {
        ClientVerb::Open { critical, text } => {
            let mut body = json!({ "subject": text, "text": DETAILS });
            if let Some(operation) = critical {
                body["critical"] =
                    json!({ "essential_operation": operation, "fully_blocked": true });
            }
            return ("/tickets".to_owned(), body);
        }
        ClientVerb::Write { text, still_fails } => {
            ("messages", json!({ "text": text, "still_fails": still_fails }))
        }
        ClientVerb::SameDay { accept } => ("same-day", json!({ "accept": accept })),
        ClientVerb::AcceptCost => ("emergency-cost", json!({})),
        ClientVerb::Declare { operation, text } => {
            let mut body = json!({ "essential_operation": operation, "fully_blocked": true });
            if let Some(text) = text {
                body["description"] = Value::from(text.as_str());
            }
            ("critical", body)
        }
        ClientVerb::Account { act, body } => return (format!("/account/{act}"), body.clone()),
        ClientVerb::Confirm => ("confirm", json!({})),
        ClientVerb::Withdraw => ("withdraw", json!({})),
    };
    (format!("/tickets/{ticket}/{act}"), body)
}

fn desk_told(ticket: &str, verb: &DeskVerb) -> (String, Value) {
    let (act, body) = match verb {
        DeskVerb::OpenByCall { client, spoc, started_at, text } => {
            let spoc = spoc.to_lowercase();
            let started_at = started_at.to_rfc3339();
            let client = client.as_ref().map_or("-", ClientId::as_str);
            let body = json!({
                "client": client, "spoc": spoc, "started_at": started_at,
                "subject": text, "text": DETAILS,
            });
            return ("/desk/tickets".to_owned(), body);
        }
        DeskVerb::Account { client, act, body } => {
            return (format!("/desk/accounts/{client}/{act}"), body.clone());
        }
        DeskVerb::StopOffers(reason) => {
            return ("/desk/offers/stop".to_owned(), json!({ "reason": reason }));
        }
        DeskVerb::Holiday { date, name } => {
            let body = json!({
                "date": date, "kind": "added", "name": name, "source": "DOF", "reason": "Decreto",
            });
            return ("/desk/holidays".to_owned(), body);
        }
        DeskVerb::SettleNotice { resend, notice } => {
            let id = notice.as_ref().map_or("-", |key| key.sk.trim_start_matches("N#"));
            let act = if *resend { "resend" } else { "give-up" };
            return (format!("/desk/notices/{ticket}/{id}/{act}"), json!({}));
        }
        DeskVerb::SettleMail { verb, id, reason, .. } => {
            let mut body = json!({ "reason": reason });
            let act = match verb {
                MailVerb::Adopt { spoc } => {
                    body["spoc"] = Value::from(spoc.as_str());
                    "adopt"
                }
                MailVerb::Release => "release",
                MailVerb::Link => {
                    body["ticket"] = Value::from(ticket);
                    "link"
                }
                MailVerb::Discard => "discard",
            };
            return (format!("/desk/mails/{id}/{act}"), body);
        }
        DeskVerb::AddParticipant { address, reason } => {
            ("participants", json!({ "address": address, "reason": reason }))
        }
        DeskVerb::Reply(kind, text) => ("replies", json!({ "kind": kind, "text": text })),
        DeskVerb::RecordAct { act, started_at, ended_at, text } => {
            let (from, to) = (started_at.to_rfc3339(), ended_at.to_rfc3339());
            ("acts", json!({ "kind": act, "started_at": from, "ended_at": to, "text": text }))
        }
        DeskVerb::Note(text) => ("notes", json!({ "text": text })),
        DeskVerb::Assign { to } => ("assign", json!({ "to": to })),
        DeskVerb::ConfirmCriticality => ("confirm-critical", json!({})),
        DeskVerb::Downgrade(text) => ("downgrade", json!({ "text": text })),
        DeskVerb::EndPause(text) => ("end-pause", json!({ "text": text })),
        DeskVerb::Recalculate(text) => ("recalculate", json!({ "text": text })),
        DeskVerb::Escalate(level) => ("escalate", json!({ "level": level })),
        DeskVerb::Thanks { message } => ("thanks", json!({ "message": message })),
        DeskVerb::Merge { with, text } => ("merge", json!({ "with": with, "text": text })),
        DeskVerb::Close(reason, text) => ("close", json!({ "reason": reason, "text": text })),
        DeskVerb::AcknowledgePage => ("ack-page", json!({})),
        DeskVerb::Waive(reason) => ("waive-charge", json!({ "reason": reason })),
        DeskVerb::Approve { proposal } => ("approve", json!({ "proposal": proposal })),
        DeskVerb::Reject { proposal } => ("reject", json!({ "proposal": proposal })),
    };
    (format!("/desk/tickets/{ticket}/{act}"), body)
}
