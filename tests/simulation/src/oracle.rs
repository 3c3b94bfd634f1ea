//! What the agreement says of a ticket and of an account, reckoned once more from the recorded facts
//! as they were written, without any code of the rules: days are walked one by one, with another
//! library's dates and zone.

#[path = "../../../shared/domain/tests/billing/oracle.rs"]
mod billing;
#[path = "../../../shared/domain/tests/oracle/mod.rs"]
#[expect(dead_code, reason = "the domain's tests use the rest of it")]
mod days;

use std::collections::BTreeMap;

use serde_json::Value;

use self::billing::Paid;
use self::days::{Oracle, Week, is_business_day, next};
use crate::facts::History;
use crate::watch::number;

pub(crate) use self::billing::Says;

/// A natural hour.
const HOUR: i64 = 3_600_000;
/// A reply that is accepted within so long counts from its commit (G15).
const GRACE: i64 = HOUR / 2;
/// A critical incident is attended within so long, of natural time here (7.4).
const EMERGENCY: i64 = HOUR / 2;

/// A pause, open where it has no end.
type Pause = (i64, Option<i64>);

/// What decides of a client's dates here.
pub(crate) struct Terms {
    days: Oracle,
    /// The same day after 14:00 is included.
    included: bool,
    /// A ticket closes after a full contracted day too.
    guarded: bool,
    /// Critical incidents have a clock of their own.
    emergency: bool,
    /// The longest day of the schedule.
    full_day: i64,
    fee: i64,
}

/// An attention clock of a ticket (7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// From the request on.
    Ordinary,
    /// From the how manieth declaration on.
    Immediate(u8),
    /// The how manieth of those that came from tickets which were merged into this one (4.5).
    Taken(u8),
}

/// What the oracle says of an attention clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attention {
    /// Which.
    pub(crate) clock: Clock,
    /// Its target; none while it is paused.
    pub(crate) target: Option<i64>,
    /// When it was attended.
    pub(crate) attended: Option<i64>,
}

/// How an attention clock starts.
struct Start {
    clock: Clock,
    /// In natural time.
    natural: bool,
    since: i64,
    /// Its target without pauses.
    target: i64,
    /// When the declaration was downgraded from which on it runs.
    downgraded: Option<i64>,
}

impl Terms {
    /// Of a client of the cast.
    pub(crate) fn of(client: &str) -> Self {
        let simple = client == "FERRE";
        let week: Week = if simple {
            let day = vec![(9 * 60, 18 * 60)];
            [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()]
        } else {
            let day = vec![(8 * 60, 14 * 60), (15 * 60, 19 * 60)];
            let saturday = vec![(9 * 60, 13 * 60)];
            [day.clone(), day.clone(), day.clone(), day.clone(), day, saturday, Vec::new()]
        };
        let (full_day, fee) = if simple { (9, 1_160_000) } else { (10, 2_320_000) };
        let days = Oracle::new(week);
        let full_day = full_day * HOUR;
        Self { days, included: !simple, guarded: !simple, emergency: !simple, full_day, fee }
    }

    /// The attention clocks of a ticket's last cycle (7.1 to 7.4, 7.7, 7.8, 9.7, 10.5), but for those that
    /// were ended by a downgrade; none where its life is not plain enough for the oracle.
    pub(crate) fn attention(
        &self,
        of: &History,
        all: &BTreeMap<String, History>,
    ) -> Option<Vec<Attention>> {
        let cycle = plain(of)?;
        let (waits, suspensions) = (waits(of, &cycle), suspensions(of)?);
        let reckon = |start: &Start, waits: Vec<Pause>, since| {
            let attended = attended(of, &cycle, since);
            let pauses = [waits, suspensions.clone()].concat();
            let target = self.paused(start, &pauses, attended);
            Attention { clock: start.clock, target, attended }
        };
        let mut clocks = Vec::new();
        for start in self.starts(&cycle)? {
            let says = reckon(&start, waits.clone(), start.since);
            let first = says.attended.is_some_and(|at| start.downgraded.is_none_or(|it| at <= it));
            if first || start.downgraded.is_none() {
                clocks.push(says);
            }
        }
        let taken = cycle.of_kind("took_in").filter_map(|fact| fact["clocks"].as_array());
        for (n, clock) in (0..).zip(taken.flatten()) {
            if let Some((start, mut earlier)) = self.handed_over(clock, all) {
                let at = number(clock, "at");
                let since = waits.iter().filter(|(_, to)| to.is_none_or(|to| to > at));
                earlier.extend(since.map(|(from, to)| (at.max(*from), *to)));
                clocks.push(reckon(&Start { clock: Clock::Taken(n), ..start }, earlier, at));
            }
        }
        Some(clocks)
    }

    /// The clocks that a cycle began with and those of its declarations.
    fn starts(&self, cycle: &Cycle<'_>) -> Option<Vec<Start>> {
        // Without emergency attention in the póliza, what is critical is attended as everything is (7.4).
        let spells = if self.emergency { spells(cycle)? } else { Vec::new() };
        let mut starts = Vec::new();
        let at_once = cycle.begun["kind"] == "opened"
            && spells.first().is_some_and(|(declared, _)| *declared == cycle.receipt);
        if !at_once || spells.iter().any(|(_, downgraded)| downgraded.is_some()) {
            let accepted = cycle.of_kind("same_day_accepted").next().is_some();
            let (since, target) = (cycle.receipt, self.unpaused(cycle.receipt, accepted));
            starts.push(Start {
                clock: Clock::Ordinary,
                natural: false,
                since,
                target,
                downgraded: None,
            });
        }
        for (n, (since, downgraded)) in (0..).zip(spells) {
            let (clock, target) = (Clock::Immediate(n), since + EMERGENCY);
            starts.push(Start { clock, natural: true, since, target, downgraded });
        }
        Some(starts)
    }

    /// How a clock started in the ticket from which it came, and its pauses there but for suspensions; none
    /// where that ticket had it from another one.
    fn handed_over(
        &self,
        clock: &Value,
        all: &BTreeMap<String, History>,
    ) -> Option<(Start, Vec<Pause>)> {
        let from = all.get(&format!("T#{}", clock["from"].as_str()?))?;
        let (merged, cycle) = (from.of_kind("merged_into").next_back()?, plain(from)?);
        let (natural, at) = (clock["tier"] == "immediate", number(clock, "at"));
        let mut starts = self.starts(&cycle)?.into_iter().filter(|_| merged["at"] == at);
        let start = starts.rfind(|it| it.natural == natural)?;
        let waits = waits(from, &cycle).into_iter().filter(|(since, _)| *since < at);
        Some((
            start,
            waits.map(|(since, to)| (since, Some(to.map_or(at, |to| to.min(at))))).collect(),
        ))
    }

    /// Whether an instant lies inside contracted time, or at its end.
    pub(crate) fn lands(&self, at: i64) -> bool {
        let intervals = self.days.intervals(self.days.date_of(at));
        intervals.iter().any(|(from, to)| *from <= at && at <= *to)
    }

    /// The table of clause 7.
    fn unpaused(&self, receipt: i64, accepted: bool) -> i64 {
        let day = self.days.date_of(receipt);
        let end = |day| self.days.intervals(day).last().map(|(_, end)| *end);
        let later = || {
            let mut day = next(day);
            loop {
                match end(day) {
                    Some(end) if is_business_day(day) => return end,
                    _ => day = next(day),
                }
            }
        };
        let Some(end) = end(day).filter(|end| is_business_day(day) && receipt < *end) else {
            return later();
        };
        if receipt >= self.days.instant(day, 17 * 60) {
            later()
        } else if receipt < self.days.instant(day, 14 * 60) || self.included || accepted {
            end
        } else {
            later()
        }
    }

    /// The target moved by pauses, in contracted or natural time; what comes after the attention moves
    /// nothing.
    fn paused(&self, start: &Start, pauses: &[Pause], attended: Option<i64>) -> Option<i64> {
        let mut target = start.target;
        for (from, to) in merged(pauses) {
            let from = from.max(start.since);
            let to = match (to, attended) {
                (Some(to), Some(attended)) => Some(to.min(attended)),
                (to, attended) => to.or(attended),
            };
            if attended.is_some_and(|attended| from >= attended) || from >= target {
                continue;
            }
            let to = to?.max(from);
            target = if start.natural {
                to + (target - from)
            } else {
                self.days.advance(to, self.days.elapsed(from, target))
            };
        }
        Some(target)
    }

    /// When a ticket whose last solution was accepted at an instant closes by silence (9.2).
    pub(crate) fn closing(&self, solution: i64) -> i64 {
        let silence = solution + 48 * HOUR;
        if !self.guarded {
            return silence;
        }
        let later = silence.max(self.days.advance(solution, self.full_day));
        self.days.next_opening(later)
    }

    /// The first month of an account that nobody granted anything (10.1 to 10.3).
    pub(crate) fn first_month(&self, of: &History, as_of: i64) -> Option<(String, Says)> {
        const OTHERS: [&str; 9] = [
            "tolerated",
            "waived",
            "payment_reversed",
            "reactivated",
            "cancelled",
            "expired",
            "breach_announced",
            "month_closed",
            "renewal_declined",
        ];
        if has_any(of, &OTHERS) {
            return None;
        }
        let month = of.of_kind("month_fell_due").next()?;
        let from: jiff::civil::Date = month["from"].as_str()?.parse().ok()?;
        let (year, nth) = (from.year(), from.month());
        let limit = billing::limit_day(year, nth, from);
        let owed = billing::owed(year, nth, from, None, self.fee);
        let paid: Vec<Paid> = of.of_kind("payment_recorded").filter_map(paid).collect();
        let notices = of.events.iter().filter(|event| {
            let fact = &event["fact"];
            fact["kind"] == "last_notice_given" && fact["month"] == month["month"]
        });
        let notices: Vec<i64> = notices.map(|event| number(event, "at")).collect();
        let says = billing::standing(limit, owed, &paid, &notices, as_of);
        Some((month["month"].to_string(), says))
    }
}

fn paid(fact: &Value) -> Option<Paid> {
    Some(Paid {
        value_date: fact["value_date"].as_str()?.parse().ok()?,
        recorded_at: number(fact, "recorded_at"),
        amount: number(fact, "amount"),
    })
}

fn has_any(of: &History, kinds: &[&str]) -> bool {
    of.facts().any(|fact| kinds.iter().any(|kind| fact["kind"] == *kind))
}

/// The last cycle of a ticket (9.0, 9.7).
pub(crate) struct Cycle<'a> {
    /// What was recorded since it began.
    events: &'a [Value],
    /// The receipt that it starts from.
    receipt: i64,
    /// Its clock waits for the póliza.
    held: bool,
    /// What it began with: the request, or the answer that reopened the ticket.
    begun: &'a Value,
}

impl<'a> Cycle<'a> {
    /// The facts of a kind, oldest first.
    pub(crate) fn of_kind(&self, kind: &str) -> impl DoubleEndedIterator<Item = &'a Value> {
        let facts = self.events.iter().map(|event| &event["fact"]);
        facts.filter(move |fact| fact["kind"] == kind)
    }
}

/// The last cycle; none where the desk wrote after the closing and before the reopening was recorded.
pub(crate) fn cycle(of: &History) -> Option<Cycle<'_>> {
    let is = |event: &Value, kind: &str| event["fact"]["kind"] == kind;
    let Some(last) = of.events.iter().rposition(|event| is(event, "reopened")) else {
        let opened = of.facts().next()?;
        let (receipt, held) = (number(opened, "received_at"), opened["held"] == true);
        return Some(Cycle { events: &of.events, receipt, held, begun: opened });
    };
    let closed = of.events[..last].iter().rposition(|event| is(event, "closed"))?;
    let between = &of.events[closed..=last];
    if between.iter().any(|event| is(event, "desk_wrote") || is(event, "act_recorded")) {
        return None;
    }
    // Of several replies the first one received counts.
    let reopened = between.iter().filter(|event| is(event, "reopened")).map(|it| &it["fact"]);
    let first = reopened.clone().min_by_key(|fact| number(fact, "received_at"))?;
    let receipt = number(first, "received_at");
    let held = reopened.clone().any(|fact| fact["held"] == true);
    let message = usize::try_from(number(first, "message") - 1).ok()?;
    let begun = &of.events.get(message)?["fact"];
    Some(Cycle { events: &of.events[closed + 1..], receipt, held, begun })
}

/// The times between the question whether a mail is really its sender's and its confirmation: of the mail
/// that began the cycle, and of those that ended a pause (M1a).
fn confirmations(cycle: &Cycle<'_>, pauses: &[Pause]) -> Vec<Pause> {
    let ends = |fact: &&Value| {
        let at = number(fact, "received_at");
        pauses.iter().any(|(_, to)| *to == Some(at))
    };
    let answers = cycle.of_kind("client_wrote").filter(ends);
    let asked = |fact: &Value| {
        let confirmation = fact.get("confirmation").filter(|it| !it.is_null())?;
        let asked_at = number(confirmation, "asked_at");
        Some((asked_at, Some(number(confirmation, "confirmed_at").max(asked_at))))
    };
    answers.chain([cycle.begun]).filter_map(asked).collect()
}

/// The times without service, as they were applied last: for every clock they are pauses (10.5). None
/// where the service ended for good, and the clocks with it.
fn suspensions(of: &History) -> Option<Vec<Pause>> {
    let applied = of.of_kind("standing_applied").next_back();
    let spans = applied.or_else(|| of.facts().next()).map(|fact| &fact["spans"]);
    let spans = spans.and_then(Value::as_array).into_iter().flatten();
    let pause = |span: &Value| {
        let passes = span["cause"] != "expired" && span["cause"] != "cancelled";
        passes.then(|| (number(span, "from"), span["to"].as_i64()))
    };
    spans.map(pause).collect()
}

/// The times in which a ticket was declared critical, until it was downgraded (1.4, 7.8); none where a
/// declaration came to light only after what followed it.
fn spells(cycle: &Cycle<'_>) -> Option<Vec<Pause>> {
    let mut spells: Vec<Pause> = Vec::new();
    if cycle.begun["kind"] == "opened" && !cycle.begun["critical"].is_null() {
        spells.push((cycle.receipt, None));
    }
    for fact in cycle.events.iter().map(|event| &event["fact"]) {
        let (at, last) = (number(fact, "at"), spells.last_mut());
        if fact["kind"] == "downgraded" {
            last?.1 = Some(at);
        } else if fact["kind"] == "declared_critical" {
            match last {
                Some((declared, None)) if *declared <= at => {}
                Some((_, None)) => return None,
                Some((_, Some(downgraded))) if *downgraded > at => return None,
                Some(_) | None if at < cycle.receipt => return None,
                Some(_) | None => spells.push((at, None)),
            }
        }
    }
    Some(spells)
}

/// How a message of the desk went out, at last.
struct Sending {
    /// By which event it was written.
    seq: i64,
    /// When it was written, or sent again after it had come back from everybody.
    written: i64,
    /// It was sent again.
    again: bool,
    /// When the mail service accepted it: for the first of its recipients, of whom another may have become
    /// known before. Clocks of hosts differ, and nothing is accepted before it was written.
    accepted: Option<i64>,
}

impl Sending {
    /// Whether what was heard came after it was written: of one instant, what was recorded first came first.
    fn precedes(&self, (at, seq): (i64, i64)) -> bool {
        if self.again { at >= self.written } else { (at, seq) > (self.written, self.seq) }
    }
}

/// How a message of the desk went out; none where it came back from everybody, and is void from its start
/// (G15).
fn sending(of: &History, message: i64) -> Option<Sending> {
    let wrote = &of.events.get(usize::try_from(message - 1).ok()?)?["fact"];
    let to = wrote["recipients"].as_array()?;
    let (seq, written) = (message, number(wrote, "committed_at"));
    let mut sent = Sending { seq, written, again: false, accepted: None };
    let mut back: Vec<&Value> = Vec::new();
    for fact in of.facts().filter(|fact| number(fact, "message") == message) {
        let (recipient, at) = (&fact["recipient"], number(fact, "at"));
        match fact["kind"].as_str()? {
            "message_accepted" => {
                let at = at.max(sent.written);
                sent.accepted = Some(sent.accepted.map_or(at, |before| before.min(at)));
            }
            "message_bounced" => back.push(recipient),
            "bounce_undone" => back.retain(|it| *it != recipient),
            "message_resent" => {
                if to.iter().all(|it| back.contains(&it)) {
                    sent = Sending { seq, written: at, again: true, accepted: None };
                }
                back.retain(|it| *it != recipient);
            }
            _ => {}
        }
    }
    Some(sent).filter(|_| !to.iter().all(|it| back.contains(&it)))
}

/// When a message of the desk was accepted by the mail service.
fn accepted(of: &History, message: i64) -> Option<i64> {
    sending(of, message)?.accepted
}

/// The first act of attention since an instant (2.1, G15).
fn attended(of: &History, cycle: &Cycle<'_>, since: i64) -> Option<i64> {
    let is_attention = ["answer", "answer_and_request", "solution", "scope_decision"];
    let replies = cycle.events.iter().filter_map(|event| {
        let fact = &event["fact"];
        let counts =
            fact["kind"] == "desk_wrote" && is_attention.iter().any(|kind| fact["reply"] == *kind);
        let sent = sending(of, number(event, "seq")).filter(|_| counts)?;
        let accepted = sent.accepted?;
        let in_time = !sent.again && accepted - sent.written <= GRACE;
        Some(if in_time { sent.written } else { accepted })
    });
    let acts = cycle.of_kind("act_recorded").map(|fact| number(fact, "started_at"));
    replies.chain(acts).filter(|at| *at >= since).min()
}

/// When the client was heard, and by which event: what he wrote, what he did, and what he had written to a
/// ticket that was merged into this one (G14, 4.5).
fn heard(of: &History) -> impl Iterator<Item = (i64, i64)> {
    const ACTS: [&str; 4] =
        ["declared_critical", "same_day_accepted", "same_day_declined", "emergency_cost_accepted"];
    of.events.iter().flat_map(|event| {
        let (fact, seq) = (&event["fact"], number(event, "seq"));
        let kind = fact["kind"].as_str().unwrap_or_default();
        let one = match kind {
            "client_wrote" => Some(number(fact, "received_at")),
            _ if ACTS.contains(&kind) => Some(number(fact, "at")),
            _ => None,
        };
        let taken = fact["messages"].as_array().filter(|_| kind == "took_in");
        let taken = taken.into_iter().flatten().filter_map(Value::as_i64);
        one.into_iter().chain(taken).map(move |at| (at, seq))
    })
}

/// The last cycle of a ticket, where its life is plain enough for the oracle.
fn plain(of: &History) -> Option<Cycle<'_>> {
    if has_any(of, &["recalculated", "clock_started", "thanked", "closure_undone"]) {
        return None;
    }
    cycle(of).filter(|cycle| !cycle.held && !crosses(of, cycle))
}

/// The pauses of a cycle that are no suspensions.
fn waits(of: &History, cycle: &Cycle<'_>) -> Vec<Pause> {
    let requested = pauses(of, cycle);
    let mut waits = confirmations(cycle, &requested);
    waits.extend(requested);
    waits
}

/// Whether the client was heard between the commit of a message of the desk and its acceptance: what he
/// answered is not for the oracle to say.
fn crosses(of: &History, cycle: &Cycle<'_>) -> bool {
    cycle.events.iter().filter(|event| event["fact"]["kind"] == "desk_wrote").any(|event| {
        let Some(sent) = sending(of, number(event, "seq")) else { return false };
        heard(of).any(|it| sent.precedes(it) && sent.accepted.is_some_and(|until| it.0 < until))
    })
}

/// The pauses that requests of the desk began (7.7).
fn pauses(of: &History, cycle: &Cycle<'_>) -> Vec<Pause> {
    let requests = ["information_request", "access_request", "answer_and_request"];
    let asks = |fact: &Value| {
        fact["kind"] == "desk_wrote" && requests.iter().any(|it| fact["reply"] == *it)
    };
    let asked = cycle.events.iter().filter(|event| asks(&event["fact"]));
    let asked = asked.filter_map(|event| sending(of, number(event, "seq")));
    let pause = |sent: Sending| {
        let from = sent.accepted?;
        let answered = heard(of).filter(|it| sent.precedes(*it)).map(|(at, _)| at);
        let ended = of.of_kind("pause_ended").map(|fact| number(fact, "at"));
        Some((from, answered.chain(ended).filter(|at| *at >= from).min()))
    };
    asked.filter_map(pause).collect()
}

/// Pauses in order, without overlaps.
fn merged(pauses: &[Pause]) -> Vec<Pause> {
    let mut sorted = pauses.to_vec();
    sorted.sort_by_key(|(from, _)| *from);
    let mut found: Vec<Pause> = Vec::new();
    for (from, to) in sorted {
        match found.last_mut() {
            Some((_, last)) if last.is_none_or(|last| from <= last) => {
                *last = last.and_then(|last| to.map(|to| to.max(last)));
            }
            Some(_) | None => found.push((from, to)),
        }
    }
    found
}

/// When the solution of a plain cycle was accepted after which there is silence.
pub(crate) fn silent_since(of: &History) -> Option<i64> {
    const OTHERS: [&str; 12] = [
        "declared_critical",
        "merged_into",
        "took_in",
        "standing_applied",
        "message_resent",
        "closing_blocked",
        "thanked",
        "bounce_undone",
        "clock_started",
        "closing_asked",
        "closure_undone",
        "downgraded",
    ];
    let opened = of.facts().next()?;
    let cycle = cycle(of).filter(|cycle| !cycle.held)?;
    let suspended = opened["spans"].as_array().is_some_and(|spans| !spans.is_empty());
    if has_any(of, &OTHERS) || suspended || !pauses(of, &cycle).is_empty() {
        return None;
    }
    let solved = cycle.events.iter().filter(|event| {
        let fact = &event["fact"];
        fact["kind"] == "desk_wrote" && fact["reply"] == "solution"
    });
    let solved = solved.map(|event| number(event, "seq"));
    // Of several the one that was accepted last begins the silence, in whichever order they were written.
    let at = solved.clone().map(|seq| accepted(of, seq)).collect::<Option<Vec<_>>>()?;
    let (at, seq) = (at.into_iter().max()?, solved.clone().max()?);
    // Clocks of hosts differ: what was recorded before a solution may have been received after it.
    let answers = |event: &&Value| {
        let heard = (number(&event["fact"], "received_at"), number(event, "seq"));
        let precedes = |it: i64| sending(of, it).is_some_and(|sent| sent.precedes(heard));
        heard.0 >= at || heard.1 > seq || solved.clone().any(precedes)
    };
    let mut wrote = of.events.iter().filter(|event| event["fact"]["kind"] == "client_wrote");
    (!wrote.any(|event| answers(&event))).then_some(at)
}
