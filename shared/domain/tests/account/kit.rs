//! An account of which a test tells what happens when.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::account::{
    Account, Coming, Command, Concern, Content, Decision, Fact, Notice, Recipient, Scene, SpocAct,
    View, begin, decide, first_instant,
};
use domain::agreement::{Agreement, Pinned};
use domain::billing::{Month, PaymentStanding};
use domain::calendar::{Holidays, WorkCalendar};
use domain::evidence::{Event, Hash, Link, TextDigest};
use domain::standing::{Span, StandingCause, closed_at};
use domain::terms::{Centavos, Parameters, Terms};
use domain::ticket::{DecideError, Refusal};
use domain::{
    Actor, ClientId, Instant, NaiveDate, Power, Role, Spoc, SpocId, StaffId, StaffMember,
};

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(&format!("{text}-06:00"))
        .unwrap_or_else(|_| panic!("{text} is an instant"))
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is a day"))
}

pub(crate) fn month(text: &str) -> Month {
    Month::parse(text).unwrap_or_else(|| panic!("{text} is a month"))
}

/// The fee of the tests: 11,600 pesos.
pub(crate) const FEE: i64 = 1_160_000;

/// What the póliza of most tests says: it began on 1 December 2026 and renews each year.
pub(crate) fn plan() -> Parameters {
    Parameters {
        fee: Some(Some(Centavos(FEE))),
        start: Some(Some(day("2026-12-01"))),
        term_months: Some(core::num::NonZeroU8::new(12)),
        auto_renew: Some(Some(true)),
        ..Parameters::default()
    }
}

pub(crate) fn agreement(plan: &Parameters) -> Agreement {
    let on = day("2026-01-01");
    let terms = Terms::resolve(None, plan, &[], on);
    let calendar = WorkCalendar::new(&terms.contracted_hours.value, &Holidays::official());
    let pinned = Pinned { plan: "p1".to_owned(), edition: None, calendar: None, on, master: None };
    Agreement { pinned, terms: Arc::new(terms), calendar: Arc::new(calendar) }
}

pub(crate) fn spoc() -> SpocId {
    SpocId::parse("ana").unwrap()
}

fn contact(id: &str, powers: Vec<Power>) -> Spoc {
    Spoc {
        id: SpocId::parse(id).unwrap(),
        name: id.to_owned(),
        emails: vec![format!("{id}@acme.example")],
        phones: Vec::new(),
        valid_from: at("2026-01-01T00:00:00"),
        valid_to: None,
        powers,
        designated_by: None,
        known_from: None,
        known_until: None,
    }
}

pub(crate) fn member(id: &str) -> Actor {
    Actor::Staff(StaffMember { id: StaffId::parse(id).unwrap(), role: Role::Finance })
}

pub(crate) fn words(text: &str) -> TextDigest {
    TextDigest::of(&[7; 16], text)
}

/// An account and everything that was told.
pub(crate) struct Run {
    pub(crate) account: Account,
    pub(crate) events: Vec<Event<Fact>>,
    pub(crate) notices: Vec<(Instant, Notice)>,
    pub(crate) last: Decision,
    agreement: Agreement,
    /// Every agreement that was in force, the present one included.
    pinned: Vec<Agreement>,
    coming: Option<Coming>,
    spocs: Vec<Spoc>,
    chain: Hash,
}

impl Run {
    /// An account that is opened at an instant.
    pub(crate) fn begin(plan: &Parameters, now: Instant) -> Self {
        let agreement = agreement(plan);
        let all = vec![Power::Open, Power::Cancel, Power::Renew];
        let spocs = vec![contact("ana", all), contact("beto", vec![Power::Open])];
        let client = ClientId::parse("ACME").unwrap();
        let opening = Self::opening(&agreement, None, now);
        let fresh = &agreement;
        let scene =
            Scene { now, fresh, pinned: &[], opening: &opening, coming: None, spocs: &spocs };
        let last = begin(&scene, client, Command::Refresh, Actor::System).unwrap();
        let account = last.account.clone();
        let mut run = Self {
            account,
            events: Vec::new(),
            notices: Vec::new(),
            last: last.clone(),
            pinned: vec![agreement.clone()],
            agreement,
            coming: None,
            spocs,
            chain: Account::new(ClientId::parse("ACME").unwrap(), month("2026-12"), now).chain,
        };
        run.keep(now, last);
        run
    }

    /// From now on these terms hold.
    pub(crate) fn has_terms(&mut self, plan: &Parameters) -> &mut Self {
        self.holds(agreement(plan));
        self
    }

    /// From now on an agreement holds, as another version than those before it.
    fn holds(&mut self, mut agreement: Agreement) {
        agreement.pinned.plan = format!("p{}", self.pinned.len() + 1);
        self.agreement = agreement.clone();
        self.pinned.push(agreement);
    }

    /// Another póliza is entered, which begins on a day.
    pub(crate) fn contracts(&mut self, now: &str, start: &str) -> &mut Self {
        let plan = Parameters { start: Some(Some(day(start))), ..plan() };
        let (start, known_from) = (day(start), at(now));
        self.coming = Some(Coming { start, known_from, agreement: agreement(&plan) });
        self.act_by(known_from, Command::Refresh, Actor::System)
    }

    fn opening(
        agreement: &Agreement,
        account: Option<&Account>,
        now: Instant,
    ) -> BTreeMap<Month, Agreement> {
        let here = Month::of(now.date());
        let mut months: Vec<Month> = here.into_iter().collect();
        months.extend(account.into_iter().flat_map(|it| it.may_fall_due(now)));
        months.into_iter().map(|month| (month, agreement.clone())).collect()
    }

    /// Decides a command, or says why not.
    pub(crate) fn tries(
        &self,
        now: Instant,
        command: Command,
        by: Actor,
    ) -> Result<Decision, Refusal> {
        let opening = Self::opening(&self.agreement, Some(&self.account), now);
        let (fresh, spocs, coming) = (&self.agreement, &self.spocs, self.coming.as_ref());
        let scene = Scene { now, fresh, pinned: &self.pinned, opening: &opening, coming, spocs };
        match decide(&scene, &self.account, command, by) {
            Ok(decision) => Ok(decision),
            Err(DecideError::Refused(refusal)) => Err(refusal),
            Err(error @ DecideError::Target(_)) => panic!("{error}"),
        }
    }

    /// Carries a command out.
    pub(crate) fn act(&mut self, now: &str, command: Command) -> &mut Self {
        self.act_by(at(now), command, member("fer"))
    }

    pub(crate) fn act_by(&mut self, now: Instant, command: Command, by: Actor) -> &mut Self {
        let decision = self.tries(now, command, by).unwrap_or_else(|it| panic!("{now}: {it}"));
        self.keep(now, decision);
        self
    }

    fn keep(&mut self, now: Instant, decision: Decision) {
        for event in &decision.events {
            let before = self.events.last().map_or(0, |last| last.seq);
            assert_eq!(event.seq, before + 1, "events are numbered without a gap");
            assert_eq!(event.by == Actor::System, !is_of_a_person(&event.fact), "{event:?}");
            self.chain = Link::seal(&self.chain, event).hash;
            self.events.push(event.clone());
        }
        assert_eq!(decision.account.chain, self.chain, "events are chained without a gap");
        self.account = decision.account.clone();
        if let Some(begun) = self.coming.take_if(|it| self.account.start == Some(it.start)) {
            self.holds(begun.agreement);
        }
        self.notices.extend(decision.notices.iter().map(|notice| (now, notice.clone())));
        self.last = decision;
    }

    /// Lets time pass until an instant: everything that is due is done at its own instant.
    pub(crate) fn until(&mut self, to: &str) -> &mut Self {
        self.until_instant(at(to))
    }

    pub(crate) fn until_instant(&mut self, to: Instant) -> &mut Self {
        for _ in 0..1_000 {
            let timers = self.last.timers;
            let Some(next) = timers.earliest().filter(|next| *next <= to) else { return self };
            for concern in [Concern::Payment, Concern::Renewal] {
                if timers.of(concern).is_some_and(|it| it <= next) {
                    self.act_by(next, Command::Tick(concern), Actor::System);
                }
            }
            assert!(
                self.last.timers.earliest().is_none_or(|again| again > next),
                "nothing is done at {next}"
            );
        }
        panic!("time does not pass");
    }

    /// Both jobs run once, late.
    pub(crate) fn late(&mut self, now: &str) -> &mut Self {
        self.act_by(at(now), Command::Tick(Concern::Payment), Actor::System);
        self.act_by(at(now), Command::Tick(Concern::Renewal), Actor::System)
    }

    pub(crate) fn pay(
        &mut self,
        now: &str,
        reference: &str,
        amount: i64,
        value: &str,
    ) -> &mut Self {
        self.act(now, payment(reference, amount, value))
    }

    pub(crate) fn spoc(&mut self, now: &str, act: SpocAct) -> &mut Self {
        self.spoc_late(now, now, act)
    }

    /// A SPoC's act is handled at one instant and was received at another.
    pub(crate) fn spoc_late(&mut self, now: &str, received: &str, act: SpocAct) -> &mut Self {
        self.act_by(at(now), received_at(received, act), Actor::Spoc(spoc()))
    }

    pub(crate) fn view(&self) -> View<'_> {
        let (account, fresh, coming) = (&self.account, &self.agreement, self.coming.as_ref());
        View { account, fresh, pinned: &self.pinned, opening: None, coming }
    }

    /// How a month stands.
    pub(crate) fn standing(&self, text: &str, now: &str) -> PaymentStanding {
        let found = self.view().month(month(text), at(now), &mut ()).unwrap();
        found.unwrap_or_else(|| panic!("{text} did not fall due")).found.standing
    }

    /// Why there is no service at an instant, as it is known at the end.
    pub(crate) fn closed(&self, when: &str) -> Option<StandingCause> {
        closed_at(&self.last.spans, at(when))
    }

    /// The spans without service since the póliza began.
    pub(crate) fn stops(&self) -> Vec<Span> {
        let spans = self.last.spans.iter();
        spans.filter(|span| span.cause != StandingCause::NotBegun).cloned().collect()
    }

    /// What one SPoC and the desk were told: instant and kind.
    pub(crate) fn told(&self) -> Vec<String> {
        let of_one = |notice: &Notice| match &notice.to {
            Recipient::Spoc(id) => *id == spoc(),
            Recipient::Desk => true,
        };
        let told = self.notices.iter().filter(|(_, notice)| of_one(notice));
        told.map(|(now, notice)| {
            let local = now.local().format("%m-%d %H:%M");
            format!("{local} {}", notice.content.kind())
        })
        .collect()
    }

    pub(crate) fn contents(&self) -> impl Iterator<Item = &Content> {
        self.notices.iter().map(|(_, notice)| &notice.content)
    }
}

/// Whether a person records it; anything else the system does, whoever gave the occasion.
fn is_of_a_person(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::PaymentRecorded(_)
            | Fact::PaymentReversed { .. }
            | Fact::Tolerated { .. }
            | Fact::Waived { .. }
            | Fact::Reactivated { by_itself: false, .. }
            | Fact::BreachProposed { .. }
            | Fact::BreachAnnounced { .. }
            | Fact::BreachRejected
            | Fact::BreachEnded { .. }
            | Fact::Cancelled { .. }
            | Fact::RenewalDeclined { .. }
    )
}

pub(crate) fn payment(reference: &str, amount: i64, value: &str) -> Command {
    Command::RecordPayment {
        reference: reference.to_owned(),
        value_date: day(value),
        amount: Centavos(amount),
        names: None,
    }
}

/// A SPoC's act that was received at an instant.
pub(crate) fn received_at(text: &str, act: SpocAct) -> Command {
    Command::Spoc { by: spoc(), received_at: at(text), act, cites: None }
}

/// 00:00 of a day.
pub(crate) fn midnight(text: &str) -> Instant {
    first_instant(day(text)).unwrap()
}
