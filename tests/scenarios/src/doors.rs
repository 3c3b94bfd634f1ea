//! The doors through which people come in: one request, one answer.

use app::Failure;
use app::auth::Principal;
use app::idempotency::Once;
use app::item::Key;
use app::outbox;
use app::ports::Env;
use app::tickets::{self, DeskVerb as Told, NewDeclaration, NewTicket, SpocCall, SpocVerb};
use domain::ticket::{
    ActKind, Channel, ClosureReason, DeskAct, EscalationLevel, EssentialOperation, ReplyKind,
};
use domain::{Actor, ClientId, Instant, SpocId, StaffMember, TicketRef};

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who.
    pub who: Who,
    /// Receipt (G2).
    pub received_at: Instant,
    /// Its Idempotency-Key; empty for none.
    pub key: String,
    /// The ticket; none for an opening.
    pub ticket: Option<TicketRef>,
    /// What.
    pub verb: Verb,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Who {
    /// A SPoC.
    Spoc(ClientId, SpocId),
    /// A member of the desk.
    Staff(StaffMember),
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum Verb {
    /// By a SPoC.
    Client(ClientVerb),
    /// By the desk.
    Desk(DeskVerb),
}

/// What a SPoC asks.
#[derive(Debug, Clone)]
pub enum ClientVerb {
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
        /// First name of the SPoC.
        spoc: String,
        /// The call's start.
        started_at: Instant,
        /// Subject.
        text: String,
    },
    /// To write a note.
    Note(String),
    /// To take the ticket.
    Assign,
    /// To confirm the criticality.
    ConfirmCriticality,
    /// To downgrade.
    Downgrade(String),
    /// To end the pause.
    EndPause(String),
    /// To escalate.
    Escalate(EscalationLevel),
    /// To mark a message as thanks.
    Thanks {
        /// Its number.
        message: u32,
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
    /// To send a failed notice again, or to give it up.
    SettleNotice {
        /// Send it again.
        resend: bool,
        /// Where it lies.
        notice: Option<Key>,
    },
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

/// Makes a request.
pub async fn knock<E: Env>(env: &E, request: &Request, caller: Option<Caller>) -> Answer {
    let answer = match (&request.who, &request.verb) {
        (Who::Spoc(client, spoc), Verb::Client(verb)) => {
            client_door(env, request, client, spoc, verb).await
        }
        (Who::Staff(member), Verb::Desk(verb)) => {
            desk_door(env, request, member, verb, caller).await
        }
        (Who::Spoc(..), Verb::Desk(_)) | (Who::Staff(_), Verb::Client(_)) => Err(Failure::NotFound),
    };
    match answer {
        Ok((reference, seq)) => Answer::Done { reference, seq },
        Err(Failure::Refused(refusal)) => {
            Answer::Refused { rule: refusal.rule.to_owned(), text: refusal.text }
        }
        Err(Failure::Retryable(why)) => Answer::Later(why),
        Err(failure) => Answer::Refused { rule: "-".to_owned(), text: failure.to_string() },
    }
}

/// A request without a key may be made twice by whoever repeats it.
fn once(request: &Request, principal: &Principal, body: &[u8]) -> Option<Once> {
    (!request.key.is_empty()).then(|| Once::new(principal, &request.key, body))
}

/// Who called, for a ticket that the desk registers.
pub type Caller = (ClientId, SpocId);

type Changed = Result<(Option<TicketRef>, Option<u32>), Failure>;

async fn client_door<E: Env>(
    env: &E,
    request: &Request,
    client: &ClientId,
    spoc: &SpocId,
    verb: &ClientVerb,
) -> Changed {
    let principal = Principal::Spoc { client: client.clone(), spoc: spoc.clone() };
    let once = once(request, &principal, format!("{verb:?}").as_bytes());
    let act = match verb {
        ClientVerb::Open { critical, text } => {
            let declared = critical.map(|operation| declaration(operation, None));
            let new = opening(client, spoc, request.received_at, Channel::Http, text, declared);
            let by = Actor::Spoc(spoc.clone());
            let reference = tickets::open(env, &new, by, once).await?;
            return Ok((Some(reference), Some(1)));
        }
        ClientVerb::Write { text, still_fails } => {
            SpocVerb::Write { text: Some(text.clone()), still_fails: *still_fails }
        }
        ClientVerb::SameDay { accept: true } => SpocVerb::AcceptSameDay,
        ClientVerb::SameDay { accept: false } => SpocVerb::DeclineSameDay,
        ClientVerb::AcceptCost => SpocVerb::AcceptEmergencyCost,
        ClientVerb::Declare { operation, text } => {
            SpocVerb::DeclareCritical(declaration(*operation, text.clone()))
        }
        ClientVerb::Confirm => SpocVerb::Confirm,
        ClientVerb::Withdraw => SpocVerb::Withdraw,
    };
    let call = SpocCall {
        client: client.clone(),
        spoc: spoc.clone(),
        reference: request.ticket.clone().ok_or(Failure::NotFound)?,
        received_at: request.received_at,
        act,
    };
    let applied = tickets::spoc_act(env, &call, once).await?;
    Ok((Some(applied.reference), applied.seq))
}

fn declaration(operation: EssentialOperation, description: Option<String>) -> NewDeclaration {
    NewDeclaration { operation, fully_blocked: true, description }
}

fn opening(
    client: &ClientId,
    opener: &SpocId,
    received_at: Instant,
    channel: Channel,
    text: &str,
    critical: Option<NewDeclaration>,
) -> NewTicket {
    NewTicket {
        client: client.clone(),
        opener: opener.clone(),
        received_at,
        channel,
        subject: text.to_owned(),
        text: DETAILS.to_owned(),
        module: None,
        critical,
        continues: None,
    }
}

async fn desk_door<E: Env>(
    env: &E,
    request: &Request,
    member: &StaffMember,
    verb: &DeskVerb,
    caller: Option<Caller>,
) -> Changed {
    let principal = Principal::Staff { staff: member.id.clone() };
    let once = once(request, &principal, format!("{verb:?}").as_bytes());
    let told = match verb {
        DeskVerb::OpenByCall { started_at, text, .. } => {
            let (client, spoc) = caller.ok_or(Failure::NotFound)?;
            let new = opening(&client, &spoc, *started_at, Channel::Call, text, None);
            let by = Actor::Staff(member.clone());
            let reference = tickets::open(env, &new, by, once).await?;
            return Ok((Some(reference), Some(1)));
        }
        DeskVerb::StopOffers(reason) => {
            let day = request.received_at.date();
            tickets::stop_offers(env, day, member, reason).await?;
            return Ok((None, None));
        }
        DeskVerb::SettleNotice { resend, notice } => {
            let key = notice.as_ref().ok_or(Failure::NotFound)?;
            outbox::settle_failed(env, key, *resend).await?;
            return Ok((request.ticket.clone(), None));
        }
        DeskVerb::Reply(reply, text) => Told::Reply(*reply, text.clone()),
        DeskVerb::RecordAct { act, started_at, ended_at, text } => {
            Told::RecordAct(*act, *started_at, *ended_at, text.clone())
        }
        DeskVerb::Note(text) => Told::WithText(|text| DeskAct::Note { text }, text.clone()),
        DeskVerb::Assign => Told::Plain(DeskAct::Assign { to: Some(member.id.clone()) }),
        DeskVerb::ConfirmCriticality => Told::Plain(DeskAct::ConfirmCriticality),
        DeskVerb::Downgrade(text) => {
            Told::WithText(|text| DeskAct::Downgrade { text }, text.clone())
        }
        DeskVerb::EndPause(text) => {
            Told::WithText(|text| DeskAct::EndPause { text }, text.clone())
        }
        DeskVerb::Escalate(level) => Told::Plain(DeskAct::Escalate { level: *level }),
        DeskVerb::Thanks { message } => Told::Plain(DeskAct::MarkThanks { message: *message }),
        DeskVerb::Close(reason, text) => Told::Close(*reason, text.clone()),
        DeskVerb::AcknowledgePage => Told::Plain(DeskAct::AcknowledgePage),
        DeskVerb::Waive(text) => {
            Told::WithText(|text| DeskAct::WaiveCharge { text }, text.clone())
        }
        DeskVerb::Approve { proposal } => Told::Plain(DeskAct::Approve { proposal: *proposal }),
        DeskVerb::Reject { proposal } => Told::Plain(DeskAct::Reject { proposal: *proposal }),
    };
    let reference = request.ticket.as_ref().ok_or(Failure::NotFound)?;
    let applied = tickets::desk_act(env, reference, member.clone(), told, once).await?;
    Ok((Some(applied.reference), applied.seq))
}
