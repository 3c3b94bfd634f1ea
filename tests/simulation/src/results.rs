//! What the system says of tickets and accounts, compared with what the oracle says (G7).

use app::execute;
use app::item::Item;
use app::keys;
use domain::account::View as AccountView;
use domain::billing::PaymentStanding;
use domain::ticket::{AttentionClock, ClockName, ClockResult, View};
use domain::{ClientId, Instant, TicketRef};
use futures::FutureExt as _;
use serde_json::{Value, json};

use crate::facts::History;
use crate::oracle::{Attention, Clock, Says, Terms, cycle, silent_since};
use crate::town::Town;
use crate::watch::{number, parsed};

/// What must hold, and what was found.
type Fault = (&'static str, String);

/// When a ticket was received, and the target of which its opener was told, where it is reckoned in
/// contracted time and nothing has moved it.
fn promise(history: &History, notice: &Value) -> Option<(i64, i64)> {
    let notice = &notice["subject"]["ticket"]["notice"];
    let (content, opened) = (&notice["content"], history.facts().next()?);
    let is_first = content["kind"] == "acknowledgement" && notice["cycle"] == 1;
    let is_plain = opened["confirmation"].is_null() && opened["spans"] == json!([]);
    let promise = &content["promise"];
    if !is_first || !is_plain || promise["tier"] == "immediate" {
        return None;
    }
    Some((number(opened, "received_at"), promise["target"].as_i64()?))
}

/// What the system calls a clock of the oracle's.
const fn named(clock: Clock) -> ClockName {
    match clock {
        Clock::Ordinary => ClockName::Ordinary,
        Clock::Immediate(n) => ClockName::Immediate(n),
        Clock::Taken(n) => ClockName::Taken(n),
    }
}

/// Compares a clock of a cycle, which `ended` or did not.
fn clock_agrees(clock: &AttentionClock, says: Attention, ended: bool) -> Result<u64, String> {
    let target = clock.target.target.map(Instant::millis);
    let (attended, runs) = match clock.result {
        ClockResult::Met { attended_at } => (Some((true, attended_at.millis())), false),
        ClockResult::Missed { attended_at: Some(at) } => (Some((false, at.millis())), false),
        ClockResult::Missed { attended_at: None } | ClockResult::Pending => (None, true),
        ClockResult::Superseded { .. } | ClockResult::Closed { .. } => (None, false),
    };
    // What ended without attention is not reckoned further.
    if attended.is_none() && (ended || says.attended.is_none() && !runs) {
        return Ok(0);
    }
    let met = says.attended.map(|at| (says.target.is_none_or(|target| at <= target), at));
    if (target, attended) == (says.target, met) {
        return Ok(1);
    }
    Err(format!("target {target:?}, attended {attended:?}; the oracle says {says:?}"))
}

impl Town {
    /// Compares every result that the oracle can reckon.
    pub(crate) fn results_agree(&mut self) -> Result<(), Fault> {
        let mut compared = 0;
        for client in ["FERRE", "ANAHUAC"] {
            let terms = Terms::of(client);
            for reference in self.tickets.iter().filter(|it| it.as_str().starts_with(client)) {
                let Some(history) = self.watch.histories().get(&keys::ticket(reference)) else {
                    continue;
                };
                compared += self.attention_agrees(&terms, reference, history)?;
                compared += self.closing_agrees(&terms, reference, history)?;
            }
            compared += self.month_agrees(&terms, client)?;
        }
        self.compared += compared;
        Ok(())
    }

    /// Invariant 11: what a client is promised lands inside contracted time or at its end, and is never
    /// earlier for what was received later.
    pub(crate) fn promises_are_business_time(&self, items: &[Item]) -> Result<(), Fault> {
        for client in ["FERRE", "ANAHUAC"] {
            let (terms, mut promised) = (Terms::of(client), Vec::new());
            for item in items.iter().filter(|it| it.key.sk.starts_with(keys::NOTICES)) {
                let Some(history) = self.watch.histories().get(&item.key.pk) else { continue };
                if !item.key.pk.starts_with(&format!("T#{client}-")) {
                    continue;
                }
                promised.extend(promise(history, &parsed(item)));
            }
            promised.sort_unstable();
            if let Some(outside) = promised.iter().find(|(_, target)| !terms.lands(*target)) {
                let found = format!("{client}: received and promised {outside:?}");
                return Err(("11: a target lies in contracted time", found));
            }
            if let Some(pair) = promised.windows(2).find(|pair| pair[0].1 > pair[1].1) {
                let found = format!("{client}: received and promised {pair:?}");
                return Err(("11: who comes later is promised no earlier", found));
            }
        }
        Ok(())
    }

    fn attention_agrees(
        &self,
        terms: &Terms,
        reference: &TicketRef,
        history: &History,
    ) -> Result<u64, Fault> {
        let all = self.watch.histories();
        let Some(says) = terms.attention(history, all) else { return Ok(0) };
        let now = self.now();
        let loaded = execute::load(&self.ports, reference).now_or_never();
        let loaded = loaded.expect("nothing in memory waits");
        let wrong =
            |what: String| ("G7: attention is what the facts say", format!("{reference}: {what}"));
        let loaded = loaded.map_err(|failure| wrong(failure.to_string()))?;
        let view = View::current(&loaded.head.doc.ticket, &loaded.pinned[0]);
        let clocks = view.clocks(now).map_err(|error| wrong(error.to_string()))?;
        let is_ordinary = |says: &Attention| says.clock == Clock::Ordinary;
        let runs = clocks.iter().any(|clock| clock.name == ClockName::Ordinary);
        if runs != says.iter().any(is_ordinary) {
            return Err(wrong(format!("an ordinary clock: {runs}; the oracle says {says:?}")));
        }
        let ended = cycle(history).is_none_or(|it| it.of_kind("closed").next().is_some());
        let mut compared = 0;
        for says in says {
            let clock = clocks.iter().find(|clock| clock.name == named(says.clock));
            let clock = clock.ok_or_else(|| wrong(format!("no clock for {says:?}")))?;
            compared += clock_agrees(clock, says, ended).map_err(wrong)?;
        }
        Ok(compared)
    }

    fn closing_agrees(
        &self,
        terms: &Terms,
        reference: &TicketRef,
        history: &History,
    ) -> Result<u64, Fault> {
        let Some(since) = silent_since(history) else { return Ok(0) };
        let closing = terms.closing(since);
        let closed = cycle(history).map(|cycle| cycle.of_kind("closed").collect::<Vec<_>>());
        let closed = closed.unwrap_or_default();
        let by_person = closed.iter().any(|fact| fact["reason"] != "auto");
        let wrong = |what: String| {
            ("G7, 9.2: a ticket closes when silence says", format!("{reference}: {what}"))
        };
        match closed.last().filter(|_| !by_person) {
            Some(fact) if number(fact, "at") == closing => Ok(1),
            Some(fact) => {
                Err(wrong(format!("closed at {}, the oracle says {closing}", fact["at"])))
            }
            None if !by_person && closing < self.now().millis() => {
                Err(wrong(format!("open, the oracle says closed at {closing}")))
            }
            None => Ok(0),
        }
    }

    fn month_agrees(&self, terms: &Terms, client: &str) -> Result<u64, Fault> {
        let now = self.now();
        let Some(history) = self.watch.histories().get(&format!("B#{client}")) else {
            return Ok(0);
        };
        let Some((month, says)) = terms.first_month(history, now.millis()) else { return Ok(0) };
        let id = ClientId::parse(client).expect("a client's code");
        let wrong = |what: String| {
            ("9, G7: a month is what the facts say", format!("{client} {month}: {what}"))
        };
        let loaded = app::account::load(&self.ports, &id).now_or_never();
        let loaded = loaded.expect("nothing in memory waits");
        let loaded = loaded.map_err(|failure| wrong(failure.to_string()))?;
        let view: AccountView<'_> = loaded.view().ok_or_else(|| wrong("no account".to_owned()))?;
        let months = view.months(now).map_err(|error| wrong(error.to_string()))?;
        let Some(first) = months.first() else { return Ok(0) };
        let found = match first.found.standing {
            PaymentStanding::Due => Says::Due,
            PaymentStanding::Paid => Says::Paid,
            PaymentStanding::PaidLate => Says::PaidLate,
            PaymentStanding::Suspended { since } => Says::Suspended(since.millis()),
            PaymentStanding::PaymentReceived { suspended_since, .. } => {
                Says::PaymentReceived(suspended_since.millis())
            }
        };
        if found == says {
            return Ok(1);
        }
        Err(wrong(format!("{found:?}, the oracle says {says:?}")))
    }
}
