//! Official holidays as the desk changes them: a dated override with its source (1.3); and the dates of
//! a ticket, which only a person has computed anew (G6).
//!
//! > *1. Día hábil: Lunes a viernes, excluyendo días festivos oficiales en México.*

use std::sync::Arc;

use app::holidays::{self, HolidayChange, Recorded};
use app::ports::Env;
use app::tickets::DeskVerb;
use axum::extract::State;
use domain::NaiveDate;
use domain::calendar::{HolidayOverride, OverrideKind};
use domain::ticket::DeskAct;
use serde::Serialize;
use utoipa::ToSchema;
use web::bodies::TextBody;
use web::limits::{NAME_CHARS_MAX, REASON_CHARS_MAX, SUBJECT_CHARS_MAX};
use web::views::Moment;
use web::{Answer, Duty, Fields, Input, Problem, ReadErrors, Reference, StaffCaller, WriteErrors};

use crate::acts::act;
use crate::client_views::DatesView;
use crate::views::Acted;

web::codes! {
    /// What a change does to a date.
    HolidayKind {
        /// The date becomes an official holiday.
        Added = "added",
        /// The date stops being one.
        Removed = "removed",
    }
}

/// A change of the list of holidays.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayBody {
    /// The date.
    #[schema(format = Date, example = "2027-04-02")]
    pub date: String,
    /// What it does.
    pub kind: HolidayKind,
    /// The holiday's name, in Spanish.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Where it was published.
    #[schema(min_length = 1, max_length = 200, example = "DOF, 15 de febrero de 2027")]
    pub source: String,
}

/// A change of the list of holidays and why it is recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordHolidayBody {
    /// The date.
    #[schema(format = Date, example = "2027-04-02")]
    pub date: String,
    /// What it does.
    pub kind: HolidayKind,
    /// The holiday's name, in Spanish.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Where it was published.
    #[schema(min_length = 1, max_length = 200, example = "DOF, 15 de febrero de 2027")]
    pub source: String,
    /// Why, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// What recording a change did, or would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordedView {
    /// Since when it is known; null in a preview, and where it was known already.
    pub known_from: Option<Moment>,
    /// In words.
    pub text: &'static str,
    /// The running dates that it would move if a person recalculated them. None moves by itself (G6).
    pub dates: DatesView,
}

/// A change of the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HolidayView {
    /// The date.
    #[schema(format = Date)]
    pub date: String,
    /// What it does.
    pub kind: HolidayKind,
    /// The holiday's name.
    pub name: String,
    /// Where it was published.
    pub source: String,
    /// Since when it is known.
    pub known_from: Moment,
}

/// The changes to what article 74 says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HolidayList {
    /// Where the rules come from that they change.
    pub rules: &'static str,
    /// By date.
    pub changes: Vec<HolidayView>,
}

/// Lists the changes to what article 74 says, each with its source.
#[utoipa::path(
    get,
    path = "/desk/holidays",
    operation_id = "desk_holidays",
    tag = "Desk",
    security(("token" = [])),
    responses((status = 200, description = "The changes.", body = HolidayList), ReadErrors),
)]
pub(crate) async fn list<E: Env>(
    State(env): State<Arc<E>>,
    _: StaffCaller,
) -> Result<Answer<HolidayList>, Problem> {
    let changes = holidays::list(env.as_ref()).await?;
    let changes = changes.into_iter().map(HolidayView::from).collect();
    Ok(Answer::ok(HolidayList { rules: domain::calendar::SOURCE, changes }))
}

/// What a change would do, without doing it: the running dates that it would move (G6).
#[utoipa::path(
    post,
    path = "/desk/holidays/preview",
    operation_id = "desk_preview_holiday",
    tag = "Desk",
    security(("token" = [])),
    request_body = HolidayBody,
    responses((status = 200, description = "What it would do.", body = RecordedView), WriteErrors),
)]
pub(crate) async fn preview<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<RecordedView>, Problem> {
    caller.require(Duty::Administration)?;
    let change = input.read(change)?;
    let recorded = holidays::preview(env.as_ref(), &change).await?;
    Ok(Answer::ok(RecordedView::new(&recorded, "Vista previa: nada se registró")))
}

/// Records a change with its source. No running date moves; the same again changes nothing.
#[utoipa::path(
    post,
    path = "/desk/holidays",
    operation_id = "desk_record_holiday",
    tag = "Desk",
    security(("token" = [])),
    request_body = RecordHolidayBody,
    responses((status = 200, description = "Recorded.", body = RecordedView), WriteErrors),
)]
pub(crate) async fn record<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<RecordedView>, Problem> {
    caller.require(Duty::Administration)?;
    let (change, reason) = input.read(|fields| {
        let change = change(fields);
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some((change?, reason?))
    })?;
    let recorded = holidays::record(env.as_ref(), &change, &reason, &caller.member).await?;
    let text = match recorded.known_from {
        Some(_) => "Registrado; ninguna fecha en curso se mueve",
        None => "Ya estaba registrado así",
    };
    Ok(Answer::ok(RecordedView::new(&recorded, text)))
}

/// Computes the running dates of a ticket anew, under terms and calendar as they are known now (G6).
/// What was issued stays; the client is told of a new target.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/recalculate",
    operation_id = "desk_recalculate",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = TextBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn recalculate<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let TextBody { text } = input.read(TextBody::read)?;
    let verb = DeskVerb::WithText(|text| DeskAct::Recalculate { text }, text);
    Ok(act(env.as_ref(), caller, &reference, verb, once).await?.ok())
}

fn change(fields: &mut Fields) -> Option<HolidayChange> {
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d");
    let date = fields.name("date", "un día, como 2027-04-02", day);
    let kind = fields.code::<HolidayKind>("kind");
    let name = fields.line("name", NAME_CHARS_MAX);
    let source = fields.line("source", SUBJECT_CHARS_MAX);
    let kind = match kind? {
        HolidayKind::Added => OverrideKind::Added,
        HolidayKind::Removed => OverrideKind::Removed,
    };
    Some(HolidayChange { date: date?, kind, name: name?, source: source? })
}

impl RecordedView {
    fn new(recorded: &Recorded, text: &'static str) -> Self {
        let known_from = recorded.known_from.map(Moment);
        Self { known_from, text, dates: DatesView::from(&recorded.dates) }
    }
}

impl From<HolidayOverride> for HolidayView {
    fn from(change: HolidayOverride) -> Self {
        Self {
            date: change.date.to_string(),
            kind: match change.kind {
                OverrideKind::Added => HolidayKind::Added,
                OverrideKind::Removed => HolidayKind::Removed,
            },
            name: change.name,
            source: change.source,
            known_from: change.effective_from.into(),
        }
    }
}
