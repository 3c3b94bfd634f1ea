//! Merging. Rule 4.5: same client only; the earlier receipt stays, the later ticket closes as merged and its
//! messages join the survivor; its unattended clock runs on there, a miss stays printed, its charge is void.

use domain::evidence::TextDigest;
use domain::standing::StandingCause::NonPayment;
use domain::terms::{Centavos, EmergencyHours, EmergencySurcharge};
use domain::ticket::ReplyKind::{Answer, InformationRequest, Solution};
use domain::ticket::limits::{TAKEN_CLOCKS_MAX, TAKEN_TICKETS_MAX};
use domain::ticket::{
    ActKind, ClockName, DecideError, DeskAct, Fact, MergeSide, RefusalCode, SpocAct, Ticket,
    decide, merge,
};
use domain::{Actor, ClientId};

use crate::kit::{
    IMMEDIATE, ORDINARY, World, agreement, at, code, declaration, request, show, spoc, staff, text,
    world,
};

const TAKEN: ClockName = ClockName::Taken(0);

/// A second ticket of the client.
pub(crate) fn second(received: &str, who: &str) -> World {
    let mut world = world();
    let client = ClientId::parse("ACME").expect("a client code");
    let reference = client.reference([8, 7, 6, 5, 4, 3, 2, 1]);
    let request = domain::ticket::Open { reference, ..request(received, who) };
    world.register(request).expect("who may open");
    world
}

fn why() -> TextDigest {
    text("es lo mismo")
}

/// Merges at `when`; gives how many events that makes in the later one and in the survivor.
pub(crate) fn merged(
    when: &str,
    later: &mut World,
    survivor: &mut World,
) -> Result<(usize, usize), DecideError> {
    later.now = later.now.max(at(when));
    survivor.now = survivor.now.max(at(when));
    let (leaving, staying) = (later.scene(), survivor.scene());
    let from = MergeSide { scene: &leaving, ticket: later.ticket() };
    let into = MergeSide { scene: &staying, ticket: survivor.ticket() };
    assert!(into.stays_beside(later.ticket()) && !from.stays_beside(survivor.ticket()));
    let done = merge(from, into, why(), Vec::new(), &staff("luis"))?;
    let made = (done.later.events.len(), done.survivor.events.len());
    later.take(done.later);
    survivor.take(done.survivor);
    Ok(made)
}

fn reference(ticket: &Ticket) -> &str {
    ticket.opened.reference.as_str()
}

/// The unattended clock runs on in the survivor with its target, is warned of, met by the next act there,
/// and only by that.
#[test]
fn an_unattended_clock_runs_on() {
    let mut survivor = world().open("vie 2026-11-20 10:00");
    survivor.sends("vie 2026-11-20 10:30", Answer);
    let mut later = second("vie 2026-11-20 11:00", "ana");
    assert_eq!(merged("vie 2026-11-20 12:00", &mut later, &mut survivor), Ok((2, 1)));
    assert_eq!(later.status(), "1 merged vie 2026-11-20 12:00");
    assert_eq!(later.result(ORDINARY), "closed vie 2026-11-20 12:00");
    assert_eq!(later.told(), ["closing>spoc:ana"]);
    assert!(survivor.notices.is_empty(), "the client is told once, where it closed");
    assert_eq!(survivor.target(TAKEN), "vie 2026-11-20 18:00");
    assert_eq!(survivor.result(TAKEN), "pending", "the answer of before was not to it");
    assert_eq!(survivor.result(ORDINARY), "met vie 2026-11-20 10:30");
    assert_eq!(survivor.ticket().took_in.len(), 1);
    let view = survivor.view();
    let clocks = view.clocks(survivor.now).expect("in the calendar");
    let steps = view.explain(clocks.last().expect("a clock"), survivor.now).expect("a calendar");
    assert_eq!(steps[0].rule, "4.5");
    let mut missed = survivor.clone();
    assert_eq!(
        missed.wait("vie 2026-11-20 19:00"),
        ["vie 2026-11-20 16:15 desk_warning>desk", "vie 2026-11-20 18:00:00.001 desk_missed>desk",]
    );
    assert_eq!(missed.result(TAKEN), "missed");
    survivor.sends("vie 2026-11-20 17:00", Answer);
    assert_eq!(survivor.result(TAKEN), "met vie 2026-11-20 17:00");
    assert!(survivor.wait("vie 2026-11-20 19:00").is_empty());
    // Merged already: nothing changes.
    assert_eq!(merged("vie 2026-11-20 19:00", &mut later, &mut survivor), Ok((0, 0)));
}

/// A suspension that is annulled after the merging never moved the clock that was taken over either, while
/// what its ticket had waited for did (10.2a, 7.7).
#[test]
fn its_target_follows_from_what_is_known_of_suspensions() {
    let mut survivor = world().open("vie 2026-12-04 18:00");
    let mut later = second("vie 2026-12-04 18:05", "ana");
    later.sends("lun 2026-12-07 09:00", InformationRequest);
    later.writes("lun 2026-12-07 10:00");
    for world in [&mut survivor, &mut later] {
        let (from, to) = ("lun 2026-12-07 12:00", "mar 2026-12-08 10:00");
        world.suspended(to, NonPayment, from, to);
    }
    assert_eq!(merged("mar 2026-12-08 10:05", &mut later, &mut survivor), Ok((2, 1)));
    assert_eq!(survivor.target(TAKEN), later.target(ORDINARY));
    assert_eq!(survivor.target(TAKEN), "mar 2026-12-08 17:00");
    survivor.gate.rev += 1;
    survivor.gate.spans.clear();
    survivor.hears("mar 2026-12-08 10:06");
    assert_eq!(survivor.target(TAKEN), "mar 2026-12-08 10:00");
}

/// What the ticket that stays waits for pauses the clock that it took over from then on.
#[test]
fn its_target_waits_with_the_ticket_that_stays() {
    let mut survivor = world().open("lun 2026-11-09 09:00");
    let mut later = second("lun 2026-11-09 09:05", "ana");
    survivor.sends("lun 2026-11-09 09:30", InformationRequest);
    assert_eq!(merged("lun 2026-11-09 11:00", &mut later, &mut survivor), Ok((2, 1)));
    assert_eq!(survivor.target(TAKEN), "no target");
    survivor.writes("lun 2026-11-09 12:00");
    assert_eq!(survivor.target(TAKEN), "mar 2026-11-10 10:00");
}

/// What is decided stays where it was decided: a miss, a met target; and a charge is void.
#[test]
fn what_is_decided_stays_and_charges_are_void() {
    let mut survivor = world().open("vie 2026-11-20 10:00");
    let mut later = second("vie 2026-11-20 11:00", "ana");
    survivor.sends("vie 2026-11-20 11:30", Answer);
    later.wait("vie 2026-11-20 19:00");
    merged("vie 2026-11-20 19:00", &mut later, &mut survivor).expect("both are open");
    assert_eq!(later.result(ORDINARY), "missed");
    assert_eq!(survivor.target(TAKEN), "no clock");

    let mut survivor = world().open("vie 2026-11-20 10:00");
    let mut later = second("vie 2026-11-20 14:05", "ana");
    later.client("vie 2026-11-20 14:10", "ana", SpocAct::AcceptSameDay).expect("she may");
    merged("vie 2026-11-20 14:30", &mut later, &mut survivor).expect("both are open");
    assert_eq!(later.charges(), ["SameDay Void"]);
    assert_eq!(survivor.target(TAKEN), "vie 2026-11-20 18:00");
    assert!(survivor.charges().is_empty());
}

/// Its messages join the survivor: they answer a solution and a request there, and wait for a reply.
#[test]
fn messages_join_the_survivor() {
    let mut survivor = world().open("mar 2026-11-17 09:00");
    survivor.sends("mar 2026-11-17 10:00", Solution);
    let mut later = second("mié 2026-11-18 09:00", "ana");
    merged("mié 2026-11-18 09:30", &mut later, &mut survivor).expect("both are open");
    assert!(survivor.view().silence().expect("in the calendar").is_none(), "she has answered");
    let reply = survivor.view().reply_clock().expect("in the calendar").expect("she waits");
    assert_eq!(show(reply.received_at), "mié 2026-11-18 09:00");

    // A request that the later ticket had sent is asked no more: its clock goes on.
    let mut survivor = world().open("mar 2026-11-17 09:00");
    let mut later = second("mar 2026-11-17 10:00", "ana");
    later.sends("mar 2026-11-17 11:00", InformationRequest);
    assert_eq!(later.target(ORDINARY), "no target");
    merged("mar 2026-11-17 12:00", &mut later, &mut survivor).expect("both are open");
    assert_eq!(survivor.target(TAKEN), "mié 2026-11-18 10:00", "an hour of pause");
    // Pauses of the survivor move it from now on.
    survivor.sends("mar 2026-11-17 13:00", InformationRequest);
    assert_eq!(survivor.target(TAKEN), "no target");
    survivor.writes("mar 2026-11-17 15:00");
    assert_eq!(survivor.target(TAKEN), "mié 2026-11-18 12:00");
}

/// What is said to a merged ticket belongs to the survivor, whenever it was received; what is merged stays
/// merged.
#[test]
fn merged_for_good() {
    let mut survivor = world().open("vie 2026-11-20 10:00");
    let mut later = second("vie 2026-11-20 11:00", "ana");
    merged("vie 2026-11-20 12:00", &mut later, &mut survivor).expect("both are open");
    let name = reference(survivor.ticket()).to_owned();
    for received in ["vie 2026-11-20 11:30", "vie 2026-11-20 13:00"] {
        let write = crate::kit::wrote(Some(text("hola")), false);
        let refused = later.client_late("vie 2026-11-20 13:00", received, "ana", write);
        let Err(DecideError::Refused(refusal)) = refused else { panic!("{refused:?}") };
        assert_eq!(refusal.code, RefusalCode::Merged);
        assert!(refusal.text.contains(&name), "{}", refusal.text);
    }
    let (handled, received) = ("vie 2026-11-20 13:10", "vie 2026-11-20 11:30");
    later.client_late(handled, received, "ana", SpocAct::Withdraw).expect("kept");
    assert_eq!(later.status(), "1 merged vie 2026-11-20 12:00");
    assert!(later.wait("lun 2026-11-30 10:00").is_empty());
}

/// Who cannot be merged is told why; nothing changes.
#[test]
fn refused() {
    let not = Some(RefusalCode::NotMergeable);
    let open = || (second("vie 2026-11-20 11:00", "ana"), world().open("vie 2026-11-20 10:00"));
    let when = "vie 2026-11-20 12:00";
    let try_it = |mut later: World, mut survivor: World| {
        code(merged(when, &mut later, &mut survivor).map(|(one, other)| one + other))
    };
    let (mut later, survivor) = open();
    later.client("vie 2026-11-20 11:10", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(try_it(later, survivor), not, "closed");
    let (later, mut survivor) = open();
    survivor.client("vie 2026-11-20 11:10", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(try_it(later, survivor), not, "closed");
    // A reply that is on its way may still attend it.
    let (mut later, survivor) = open();
    let reply = later.reply("vie 2026-11-20 11:55", Answer);
    assert_eq!(try_it(later.clone(), survivor.clone()), not, "on its way");
    later.accepted(reply, "vie 2026-11-20 11:56");
    assert_eq!(try_it(later, survivor), None, "it went out");
    // An emergency needs a ticket for which somebody is called.
    let (mut later, mut survivor) = open();
    let declare = || SpocAct::DeclareCritical(declaration());
    later.client("vie 2026-11-20 11:50", "ana", declare()).expect("she may");
    assert_eq!(try_it(later.clone(), survivor.clone()), not, "critical");
    survivor.client("vie 2026-11-20 11:51", "ana", declare()).expect("she may");
    assert_eq!(survivor.result(IMMEDIATE), "pending");
    assert_eq!(try_it(later, survivor), None, "both are");
    let (later, survivor) = open();
    let scene = later.scene();
    let side = MergeSide { scene: &scene, ticket: later.ticket() };
    let own = merge(side, side, why(), Vec::new(), &staff("luis"));
    assert_eq!(code(own.map(|_| 0)), not, "with itself");
    // The desk closes no ticket as merged without saying with which.
    let close = DeskAct::Close { reason: domain::ticket::ClosureReason::Merged, text: why() };
    let closed = decide(
        &survivor.scene(),
        survivor.ticket(),
        domain::ticket::Command::Desk(close),
        staff("luis"),
    );
    assert_eq!(code(closed.map(|_| 0)), Some(RefusalCode::ReasonNotAllowed));
}

/// A ticket into which others were merged hands their clocks on, each under its own name.
#[test]
fn merged_twice() {
    let mut first = world().open("vie 2026-11-20 09:00");
    let mut middle = world().open("vie 2026-11-20 10:00");
    let mut last = second("vie 2026-11-20 11:00", "ana");
    merged("vie 2026-11-20 11:30", &mut last, &mut middle).expect("both are open");
    middle.ticket.as_mut().expect("a ticket").opened.reference =
        ClientId::parse("ACME").expect("a client code").reference([9, 9, 9, 9, 9, 9, 9, 9]);
    middle.thorough = false;
    merged("vie 2026-11-20 12:00", &mut middle, &mut first).expect("both are open");
    assert_eq!(first.ticket().took_in.len(), 2);
    let clocks = &first.ticket().cycle.taken;
    assert_eq!(clocks.len(), 2);
    assert!(clocks.iter().any(|it| it.from == last.ticket().opened.reference));
    first.sends("vie 2026-11-20 13:00", Answer);
    for place in [0, 1] {
        assert_eq!(first.result(ClockName::Taken(place)), "met vie 2026-11-20 13:00");
    }
    let taken = first.events.iter().filter(|event| matches!(event.fact, Fact::TookIn(_)));
    assert_eq!(taken.count(), 1);
    assert_eq!(first.ticket().followers, [spoc("ana")]);
    assert_eq!(first.events.last().map(|event| &event.by), Some(&Actor::System));
}

/// What the later ticket's client wrote joins the survivor, each message at its receipt.
#[test]
fn every_message_joins_the_survivor() {
    let mut survivor = world().open("mar 2026-11-17 10:00");
    let mut later = second("mar 2026-11-17 09:30", "ana");
    later.ticket.as_mut().expect("a ticket").opened.received_at = at("mar 2026-11-17 10:30");
    later.thorough = false;
    for when in ["mar 2026-11-17 09:59", "mar 2026-11-17 10:00", "mar 2026-11-17 11:30"] {
        later.writes(when);
    }
    merged("mar 2026-11-17 12:00", &mut later, &mut survivor).expect("both are open");
    let messages = survivor.ticket().cycle.inbound.iter().map(|it| show(it.received_at));
    let since_its_receipt = ["mar 2026-11-17 10:00", "mar 2026-11-17 11:30"];
    assert_eq!(messages.collect::<Vec<_>>(), since_its_receipt);
}

/// A clock that was taken over counts pauses as its tier does: in contracted hours, or, of an emergency
/// that is attended at any hour, in natural time.
#[test]
fn pauses_of_a_clock_that_was_taken_over() {
    let plan = agreement("plan-1", |plan| plan.emergency_hours = Some(EmergencyHours::All));
    for (critical, target) in [(false, "jue 2026-11-19 09:45"), (true, "mié 2026-11-18 18:10")] {
        let (opened, received) = ("mar 2026-11-17 16:50", "mar 2026-11-17 10:00");
        let mut survivor = World::of(plan.clone()).open("mar 2026-11-17 09:00");
        let mut later = second(if critical { opened } else { received }, "ana");
        for world in [&mut survivor, &mut later].into_iter().filter(|_| critical) {
            let declare = SpocAct::DeclareCritical(declaration());
            world.client("mar 2026-11-17 16:55", "ana", declare).expect("hers");
        }
        merged("mar 2026-11-17 16:58", &mut later, &mut survivor).expect("both are open");
        survivor.sends("mar 2026-11-17 17:00", InformationRequest);
        survivor.writes("mié 2026-11-18 17:45");
        let taken = survivor.ticket().cycle.taken.len() - 1;
        let name = ClockName::Taken(u8::try_from(taken).expect("few clocks"));
        assert_eq!(survivor.target(name), target, "{critical}");
    }
}

/// So many clocks and so many tickets have room, and one more has not.
#[test]
fn room_for_so_many() {
    for (attended, most) in [(false, TAKEN_CLOCKS_MAX), (true, TAKEN_TICKETS_MAX)] {
        let mut survivor = world().open("vie 2026-11-20 09:00");
        survivor.thorough = false;
        let full = Some(RefusalCode::LimitReached);
        for place in 0..=most {
            let mut later = second("vie 2026-11-20 09:10", "ana");
            if attended {
                later.sends("vie 2026-11-20 09:20", Answer);
            }
            let result = merged("vie 2026-11-20 10:00", &mut later, &mut survivor);
            let refused = code(result.map(|(one, _)| one));
            assert_eq!(refused, full.filter(|_| place == most), "{attended}, {place}");
        }
        assert_eq!(survivor.ticket().took_in.len(), most);
    }
}

/// The cost of an emergency depends on its own clock, whatever clocks came with another ticket.
#[test]
fn the_charge_of_an_emergency_depends_on_its_own_clock() {
    let cost = EmergencySurcharge::WithCost(Centavos(300_000));
    let plan = agreement("plan-1", |plan| plan.emergency_surcharge = Some(cost));
    let mut survivor = World::of(plan).open_critical("vie 2026-11-20 10:00");
    survivor.client("vie 2026-11-20 10:05", "caro", SpocAct::AcceptEmergencyCost).expect("may");
    survivor.sends("vie 2026-11-20 10:10", Answer);
    assert_eq!(survivor.charges(), ["Emergency Accrued"]);
    let mut later = second("vie 2026-11-20 11:00", "ana");
    merged("vie 2026-11-20 12:00", &mut later, &mut survivor).expect("both are open");
    assert_eq!(survivor.result(TAKEN), "pending");
    assert_eq!(survivor.charges(), ["Emergency Accrued"]);
}

/// A call before the merging was not for the clock that was taken over: the desk is warned of it.
#[test]
fn a_call_of_before_attends_no_clock_that_was_taken_over() {
    let mut survivor = world().open("vie 2026-11-20 10:00");
    let (started_at, ended_at) = (at("vie 2026-11-20 10:20"), at("vie 2026-11-20 10:30"));
    let call =
        DeskAct::RecordAct { act: ActKind::Call, started_at, ended_at, text: text("llamada") };
    survivor.desk("vie 2026-11-20 10:30", call).expect("recorded in time");
    let mut later = second("vie 2026-11-20 11:00", "ana");
    assert_eq!(merged("vie 2026-11-20 12:00", &mut later, &mut survivor), Ok((2, 1)));
    assert_eq!(survivor.wait("vie 2026-11-20 17:00"), ["vie 2026-11-20 16:15 desk_warning>desk"]);
}
