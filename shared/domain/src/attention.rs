//! Attention targets (clause 7), reply targets (7.9) and pages (7.4).
//!
//! "Mismo día (hasta 14:00): tickets recibidos antes de esa hora. Mismo día (hasta 17:00): puede
//! aplicar costo adicional. Emergente: atención inmediata para incidencias críticas."
//!
//! The cut-offs are of reception, and the same day ends with its contracted hours, since the service
//! exists only then (7.5).

mod explain;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::calendar::{Day, OutOfCalendar, WorkCalendar, covers};
use crate::explanation::Trace;
pub use crate::pauses::TargetError;
use crate::pauses::{self, Counting, Interval, Moved};
use crate::same_day::{self, Case, SameDayOffer};
use crate::terms::{EmergencyHours, SameDayExtended, Terms};

/// How soon a request is attended (7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionTier {
    /// A critical incident with emergency attention (7.4).
    Immediate,
    /// Received before 14:00: the same day (7.1).
    SameDayStandard,
    /// Received before 17:00 and the same day accepted or included (7.2a).
    SameDayExtended,
    /// The next business day with service (7.2, 7.3).
    NextBusinessDay,
}

impl AttentionTier {
    /// The tier's name for people, in Spanish.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Immediate => "emergente",
            Self::SameDayStandard => "mismo día",
            Self::SameDayExtended => "mismo día (hasta 17:00)",
            Self::NextBusinessDay => "siguiente día hábil",
        }
    }
}

/// What an attention target is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// When our side received it (G2), or when the clock started.
    pub received_at: Instant,
    /// Critical, and the póliza has emergency attention (7.4).
    pub immediate: bool,
    /// When the same day was accepted; ignored where it is void (7.2a).
    pub same_day_accepted_at: Option<Instant>,
    /// The clock's pauses, in any order (7.7).
    pub pauses: &'a [Interval],
}

/// An attention target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionTarget {
    /// The target without pauses.
    pub unpaused: Instant,
    /// The target; none while a pause that matters is open.
    pub target: Option<Instant>,
    /// The tier that applies.
    pub tier: AttentionTier,
    /// When the desk is warned; none while a pause that matters for it is open (7.10).
    pub warn_at: Option<Instant>,
    /// The same-day offer that the rules make for this receipt, accepted or not (7.2a).
    pub offer: Option<SameDayOffer>,
    /// While a pause that matters is open: the clock's own time that is left.
    pub left: Option<TimeDelta>,
}

/// A reply target (7.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyTarget {
    /// The target without pauses.
    pub unpaused: Instant,
    /// The target; none while a pause that matters is open.
    pub target: Option<Instant>,
    /// While a pause that matters is open: the clock's own time that is left.
    pub left: Option<TimeDelta>,
}

/// The attention target of a request (7.1–7.4, 7.7, 7.10), with the steps that led to it.
///
/// # Errors
/// When an instant lies outside the calendar, or a pause ends before it begins.
pub fn target(
    request: &Request<'_>,
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<AttentionTarget, TargetError> {
    let received_at = request.received_at;
    let first = if request.immediate {
        immediate(received_at, terms, calendar, trace)?
    } else {
        ordinary(received_at, request.same_day_accepted_at, terms, calendar, trace)?
    };
    let counting = counting(request.immediate, terms, calendar);
    let moved = pauses::moved(first.unpaused, received_at, request.pauses, counting)?;
    explain_pauses(request.pauses, first.unpaused, &moved, counting, terms, trace);
    let warn_at = warning(request, &first, counting, terms)?;
    trace.step(|| explain::warning(warn_at, first.accepted_at, terms));
    Ok(AttentionTarget {
        unpaused: first.unpaused,
        target: moved.at,
        tier: first.tier,
        warn_at,
        offer: first.offer,
        left: moved.left,
    })
}

/// The target of a reply to a client's message on an attended ticket (7.9): `end(d)` when it came
/// before 14:00 on a business day with contracted time left, else `end(n)`; critical as 7.4. It is
/// an internal objective: no offer, charge or escalation.
///
/// # Errors
/// As [`target`].
pub fn reply_target(
    received_at: Instant,
    immediate_attention: bool,
    terms: &Terms,
    calendar: &WorkCalendar,
    pauses: &[Interval],
    trace: &mut impl Trace,
) -> Result<ReplyTarget, TargetError> {
    let unpaused = if immediate_attention {
        immediate(received_at, terms, calendar, trace)?.unpaused
    } else {
        let day = calendar.day_of(received_at)?;
        let case = same_day::case(received_at, day, terms, calendar);
        let unpaused = match case {
            Case::Early => calendar.end_of(day),
            Case::Late | Case::Closed(_) => next_end(day, calendar),
        };
        let unpaused = unpaused.ok_or(OutOfCalendar::Beyond(received_at))?;
        trace.step(|| explain::reply(case, unpaused, terms));
        unpaused
    };
    let counting = counting(immediate_attention, terms, calendar);
    let moved = pauses::moved(unpaused, received_at, pauses, counting)?;
    explain_pauses(pauses, unpaused, &moved, counting, terms, trace);
    Ok(ReplyTarget { unpaused, target: moved.at, left: moved.left })
}

/// When the on-call person is paged for a critical incident (7.4): at once inside contracted hours
/// or with an emergency line, else at the next opening.
///
/// # Errors
/// When an instant lies outside the calendar.
pub fn page_at(
    received_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Instant, OutOfCalendar> {
    match terms.emergency_hours.value {
        EmergencyHours::All if covers(received_at) => Ok(received_at),
        EmergencyHours::All => Err(OutOfCalendar::Instant(received_at)),
        EmergencyHours::Contracted => calendar.next_opening(received_at),
    }
}

/// A target before its pauses.
struct First {
    unpaused: Instant,
    tier: AttentionTier,
    offer: Option<SameDayOffer>,
    /// The acceptance that counted.
    accepted_at: Option<Instant>,
}

/// 7.4: minutes after the receipt, contracted or natural.
fn immediate(
    received_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<First, OutOfCalendar> {
    calendar.day_of(received_at)?;
    let minutes = terms.emergency_minutes.value.delta();
    let unpaused = counting(true, terms, calendar).advance(received_at, minutes)?;
    trace.step(|| explain::immediate(unpaused, terms));
    let tier = AttentionTier::Immediate;
    Ok(First { unpaused, tier, offer: None, accepted_at: None })
}

/// 7.1 to 7.3, in the order of the table: 7.3, then 7.1, then 7.2.
fn ordinary(
    received_at: Instant,
    accepted_at: Option<Instant>,
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<First, OutOfCalendar> {
    let day = calendar.day_of(received_at)?;
    let case = same_day::case(received_at, day, terms, calendar);
    let first = match case {
        Case::Closed(_) => postponed(received_at, day, calendar)?,
        Case::Early => today(received_at, day, AttentionTier::SameDayStandard, calendar)?,
        Case::Late => match terms.same_day_extended.value {
            SameDayExtended::Included => {
                today(received_at, day, AttentionTier::SameDayExtended, calendar)?
            }
            SameDayExtended::Unavailable => postponed(received_at, day, calendar)?,
            SameDayExtended::WithCost => offered(received_at, accepted_at, day, terms, calendar)?,
        },
    };
    trace.step(|| explain::case(case, received_at, &first, terms, calendar));
    if case == Case::Late {
        trace.step(|| explain::same_day(first.offer.as_ref(), accepted_at, &first, terms));
    } else if let Some(accepted_at) = accepted_at {
        trace.step(|| explain::acceptance_without_offer(accepted_at));
    }
    Ok(first)
}

/// `end(d)`.
fn today(
    received_at: Instant,
    day: Day,
    tier: AttentionTier,
    calendar: &WorkCalendar,
) -> Result<First, OutOfCalendar> {
    let unpaused = calendar.end_of(day).ok_or(OutOfCalendar::Beyond(received_at))?;
    Ok(First { unpaused, tier, offer: None, accepted_at: None })
}

/// `end(n)`.
fn postponed(
    received_at: Instant,
    day: Day,
    calendar: &WorkCalendar,
) -> Result<First, OutOfCalendar> {
    let unpaused = next_end(day, calendar).ok_or(OutOfCalendar::Beyond(received_at))?;
    Ok(First { unpaused, tier: AttentionTier::NextBusinessDay, offer: None, accepted_at: None })
}

/// 7.2 at a cost: `end(n)`, and `end(d)` once the offer is accepted in time.
fn offered(
    received_at: Instant,
    accepted_at: Option<Instant>,
    day: Day,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<First, OutOfCalendar> {
    let Some(offer) = same_day::offer_on(received_at, day, terms, calendar)? else {
        return postponed(received_at, day, calendar);
    };
    let accepted_at = accepted_at.filter(|at| same_day::accepts(&offer, received_at, *at));
    let first = match accepted_at {
        Some(_) => today(received_at, day, AttentionTier::SameDayExtended, calendar)?,
        None => postponed(received_at, day, calendar)?,
    };
    Ok(First { offer: Some(offer), accepted_at, ..first })
}

fn next_end(day: Day, calendar: &WorkCalendar) -> Option<Instant> {
    calendar.next_service(day).and_then(|next| calendar.end_of(next))
}

/// The clock's own time (7.7): natural only for an emergency with an emergency line.
pub(crate) fn counting<'a>(
    immediate: bool,
    terms: &Terms,
    calendar: &'a WorkCalendar,
) -> Counting<'a> {
    match (immediate, terms.emergency_hours.value) {
        (true, EmergencyHours::All) => Counting::Natural,
        (true, EmergencyHours::Contracted) | (false, _) => Counting::Contracted(calendar),
    }
}

/// 7.10: the instant at which a part of the own time to the unpaused target has passed, cut to
/// whole seconds, then moved by the pauses; not before an acceptance that counted.
fn warning(
    request: &Request<'_>,
    first: &First,
    counting: Counting<'_>,
    terms: &Terms,
) -> Result<Option<Instant>, TargetError> {
    let percent = terms.warning_percent.value.get();
    let base = counting.part(request.received_at, first.unpaused, percent)?;
    let moved = pauses::moved(base, request.received_at, request.pauses, counting)?;
    Ok(moved.at.map(|at| first.accepted_at.map_or(at, |accepted| at.max(accepted))))
}

fn explain_pauses(
    pauses: &[Interval],
    unpaused: Instant,
    moved: &Moved,
    counting: Counting<'_>,
    terms: &Terms,
    trace: &mut impl Trace,
) {
    if !pauses.is_empty() {
        trace.step(|| explain::pauses(unpaused, moved, counting, terms));
    }
}
