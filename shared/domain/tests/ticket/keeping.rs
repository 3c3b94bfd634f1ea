//! What the state keeps of a long conversation: what can still decide something. Every message stays in
//! the events.

use domain::ticket::ReplyKind::{Answer, InformationRequest, Solution};
use domain::ticket::limits::MESSAGES_MAX;
use domain::ticket::{
    ActDone, ActKind, ClockName, Command, Concern, Cycle, DeskAct, Fact, Inbound, Outbound,
    SpocAct, Ticket, View, decide,
};
use domain::{Actor, Instant, Participant, TimeDelta};
use proptest::prelude::*;

use crate::clause_4::{merged, second};
use crate::kit::{
    IMMEDIATE, ORDINARY, World, at, declaration, show, spoc, staff, text, world, wrote,
};
use crate::properties::config;

const START: &str = "lun 2026-11-23 09:00";

/// The instant so many minutes after the start.
fn minute(n: usize) -> Instant {
    at(START) + TimeDelta::minutes(i64::try_from(n).expect("a minute"))
}

/// What happens next, by one letter.
fn happens(world: &mut World, what: char) {
    let now = show(world.now);
    let call = |minutes| DeskAct::RecordAct {
        act: ActKind::Call,
        started_at: at(&now) - TimeDelta::minutes(minutes),
        ended_at: at(&now),
        text: text("llamada"),
    };
    match what {
        // The client writes, or declares the incident critical.
        'c' => drop(world.writes(&now)),
        'd' => {
            let declare = SpocAct::DeclareCritical(declaration());
            world.client(&now, "ana", declare).expect("hers");
        }
        // The desk answers, asks, solves; an answer waits for the mail service.
        'a' => drop(world.sends(&now, Answer)),
        'r' => drop(world.sends(&now, InformationRequest)),
        's' => drop(world.sends(&now, Solution)),
        'u' => drop(world.reply(&now, Answer)),
        // A call begins now; one that began two minutes ago ends.
        'l' => drop(world.desk(&now, call(0)).expect("may be recorded")),
        'L' => drop(world.desk(&now, call(2)).expect("may be recorded")),
        '.' => {}
        other => panic!("{other}"),
    }
}

/// A conversation in which each minute has a letter.
fn conversation(letters: &str) -> World {
    let mut world = world().open(START);
    for (n, letter) in letters.chars().enumerate() {
        world.now = minute(n);
        happens(&mut world, letter);
    }
    world
}

/// The letters of what is kept.
fn kept(cycle: &Cycle, letters: &str) -> String {
    let inbound = cycle.inbound.iter().map(|it| it.received_at);
    let outbound = cycle.outbound.iter().map(|it| it.committed_at);
    let acts = cycle.acts.iter().map(|it| it.started_at);
    let known: Vec<Instant> = inbound.chain(outbound).chain(acts).collect();
    let letters = letters.chars().enumerate();
    let call = |it: char| if it == '.' { 'l' } else { it };
    letters.map(|(n, it)| if known.contains(&minute(n)) { call(it) } else { '.' }).collect()
}

/// Of each side 13 are kept. The first accepted answers since a clock's start may be attention, two of
/// them since the first may turn out to have reached nobody; requests pause; the last two solutions may
/// close; the last two messages may be the answer. Of the client's messages the first one since whatever
/// may be answered; of the calls the first one since a clock's start, and the last ones.
#[test]
fn which_messages_stay() {
    #[rustfmt::skip]
    let rows = [
        // Calls.
        ("lllllllllllll", "lllllllllllll"),
        ("llllllllllllll", "l.llllllllllll"),
        ("llllllllllllllllllll", "l.......llllllllllll"),
        ("llldlllllllllllllllll", "l..dl.....lllllllllll"),
        // One that is recorded after a later one has its place before it.
        ("ll..Llllllllllll", "l.l..lllllllllll"),
        // Answers.
        ("aaaaaaaaaaaaa", "aaaaaaaaaaaaa"),
        ("aaaaaaaaaaaaaa", "aa.aaaaaaaaaaa"),
        ("aaaaaaaaaaaaaaaaaaaa", "aa.......aaaaaaaaaaa"),
        ("aaaadaaaaaaaaaaaaaa", "aa..daa...aaaaaaaaa"),
        // Solutions.
        ("aassssaaaaaaaaaa", "aa..ss.aaaaaaaaa"),
        // Requests.
        ("rrraaaaaaaaaaaa", "rrraa..aaaaaaaa"),
        // So much may decide that a spare leaves.
        ("aadaarrrrrrrraa", "a.daarrrrrrrraa"),
        ("aadaarrrrrrraaa", "aadaarrrrrrr.aa"),
        // No answer is accepted: any of the first ones may be the attention.
        ("uuuuuuuuuuuuuu", "uu.uuuuuuuuuuu"),
        ("uuruuuuuuuuuuu", "uur.uuuuuuuuuu"),
        // The client's messages.
        ("ccccccccccccc", "ccccccccccccc"),
        ("cccccccccccccc", "c.cccccccccccc"),
        ("ccrccsccaccacclcccccccc", "c.rc.sc.ac.ac.lcccccccc"),
        ("acacacacacacacacacacacacacac", "aca..cacacacacacacacacacacac"),
        // Each of them is the first one since something: one in the middle leaves.
        ("crcrcrcrcrcrcrcrcscscacaclc", "crcrcrcrcrcrcr.rcscscacaclc"),
    ];
    for (letters, expected) in rows {
        let world = conversation(letters);
        assert_eq!(kept(&world.ticket().cycle, letters), expected, "of {letters}");
    }
}

/// The answer to a solution stays, however many others were written and answered since: the ticket does
/// not close by a silence that there was not.
#[test]
fn who_has_answered_a_solution_has_answered_it() {
    let mut world = world().open(START);
    let mut now = at(START);
    for letter in "cacacacacacacscacacacacacacacac".chars() {
        // Two days and more between the answer to the solution and the next message.
        now = now + TimeDelta::hours(30);
        world.wait(&show(now));
        happens(&mut world, letter);
        assert_eq!(world.status(), "1 open", "{}", show(now));
    }
}

/// A clock that came with a merged ticket keeps its attention.
#[test]
fn the_attention_of_a_merged_ticket() {
    let mut survivor = conversation("aaa");
    let mut later = second("lun 2026-11-23 09:10", "ana");
    merged("lun 2026-11-23 09:20", &mut later, &mut survivor).expect("both are open");
    for n in 30..50 {
        survivor.now = minute(n);
        happens(&mut survivor, 'a');
    }
    assert_eq!(survivor.result(ClockName::Taken(0)), format!("met {}", show(minute(30))));
    assert_eq!(survivor.result(ORDINARY), format!("met {START}"));
}

/// A late reply makes two cycles one: the clock that was declared in the second keeps its attention.
#[test]
fn the_attention_of_a_cycle_that_never_was() {
    let mut world = conversation("as");
    world.wait("mié 2026-11-25 09:01");
    world.writes("mié 2026-11-25 10:00");
    assert_eq!(world.status(), "2 open");
    for (n, letter) in (0..).zip("daaaaaaaaaaaaaaaaaaaa".chars()) {
        world.now = at("mié 2026-11-25 10:01") + TimeDelta::minutes(n);
        happens(&mut world, letter);
    }
    world.writes_late("mié 2026-11-25 11:00", "mar 2026-11-24 09:00");
    assert_eq!(world.status(), "1 open");
    assert_eq!(world.result(IMMEDIATE), "met mié 2026-11-25 10:02");
}

/// Of a cycle that has ended fewer are kept, and among them the message that began the next one: it may
/// still turn out to be mere thanks.
#[test]
fn the_message_that_reopens() {
    let mut world = conversation("rcrcrcrcrcrc");
    world.now = minute(20);
    world.client(&show(minute(20)), "ana", SpocAct::Withdraw).expect("hers");
    let message = world.writes(&show(minute(30)));
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.ticket().before.as_ref().expect("the first cycle").inbound.len(), 6);
    world.desk(&show(minute(40)), DeskAct::MarkThanks { message }).expect("it is known");
    assert_eq!(world.status(), format!("1 withdrawn {}", show(minute(20))));
}

/// The cycle as it would be if nothing were dropped.
fn whole(world: &World) -> Cycle {
    let kept = world.ticket().cycle.clone();
    let mut whole = Cycle { inbound: vec![], outbound: vec![], acts: vec![], ..kept };
    for event in &world.events {
        add(&mut whole, event.seq, &event.fact);
    }
    whole
}

/// What a conversation of [`happens`] is made of.
fn add(whole: &mut Cycle, seq: u32, fact: &Fact) {
    let received = |received_at| Inbound { seq, received_at, thanks: false, confirmation: None };
    if let Fact::ClientWrote { received_at: at, .. } | Fact::DeclaredCritical { at, .. } = fact {
        whole.inbound.push(received(*at));
    } else if let Fact::DeskWrote { reply, committed_at, recipients, .. } = fact {
        whole.outbound.push(Outbound {
            seq,
            reply: *reply,
            committed_at: *committed_at,
            accepted_at: None,
            resent_at: None,
            recipients: recipients.clone(),
            bounced: Vec::new(),
            reminders: 0,
            reminded: None,
        });
    } else if let Fact::MessageAccepted { message, at } = fact {
        sent(whole, *message).accepted_at = Some(*at);
    } else if let Fact::MessageBounced { message, recipient } = fact {
        sent(whole, *message).bounced.push(recipient.clone());
    } else if let Fact::InformationReminded { request, n, .. } = fact {
        sent(whole, *request).reminders = *n;
    } else if let Fact::SolutionReminded { solution, closes_at, .. } = fact {
        sent(whole, *solution).reminded = Some(*closes_at);
    } else if let Fact::ActRecorded { act, started_at, .. } = fact {
        whole.acts.push(ActDone { act: *act, started_at: *started_at, late: false });
    }
}

fn sent(cycle: &mut Cycle, message: u32) -> &mut Outbound {
    cycle.outbound.iter_mut().find(|it| it.seq == message).expect("a message")
}

/// What follows from a cycle, as far as it can be asked.
fn answers(world: &World, cycle: &Cycle) -> String {
    let view = View { cycle, ..world.view() };
    let clocks = view.clocks(world.now).expect("in the calendar");
    let reply = view.reply_clock().expect("in the calendar");
    let charges = view.charges(world.now).expect("in the calendar");
    let upcoming = view.upcoming(world.now).expect("in the calendar");
    let limit = view.emergency_cost_limit().expect("in the calendar");
    format!("{clocks:?} {reply:?} {charges:?} {upcoming:?} {limit:?} {:?}", view.pauses())
}

/// What a command comes to.
fn decided(world: &World, cycle: Cycle, command: Command, by: Actor) -> String {
    let ticket = Ticket { cycle, ..world.ticket().clone() };
    let decision = decide(&world.scene(), &ticket, command, by);
    format!("{:?}", decision.map(|it| (it.events, it.notices, it.timers)))
}

/// Everything is as if nothing had been dropped: what can be asked, and what an act comes to.
fn is_as_with_everything(world: &World) -> Result<(), TestCaseError> {
    let (kept, whole) = (&world.ticket().cycle, whole(world));
    prop_assert_eq!(answers(world, kept), answers(world, &whole));
    let ana = |act| Command::Spoc { by: spoc("ana"), received_at: world.now, act };
    let acts = [
        (ana(SpocAct::Confirm), Actor::Spoc(spoc("ana"))),
        (ana(wrote(Some(text("hola")), false)), Actor::Spoc(spoc("ana"))),
        (Command::Desk(DeskAct::EndPause { text: text("por teléfono") }), staff("luis")),
        (Command::Desk(DeskAct::Downgrade { text: text("no impide") }), staff("luis")),
        (Command::Tick(Concern::Attention), Actor::System),
        (Command::Tick(Concern::Closing), Actor::System),
    ];
    for (act, by) in acts {
        let one = decided(world, kept.clone(), act.clone(), by.clone());
        prop_assert_eq!(one, decided(world, whole.clone(), act, by));
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(60))]

    /// A long conversation, close together and far apart, in which one of the messages that are attention
    /// or the last one turns out to have reached nobody.
    #[test]
    fn what_is_dropped_decides_nothing(
        steps in proptest::collection::vec(
            (
                prop_oneof![6 => 1_i64..60, 1 => 60_i64..4000],
                prop_oneof![
                    8 => Just('c'), 8 => Just('a'), 2 => Just('s'), 1 => Just('r'), 1 => Just('u'),
                    1 => Just('l'), 1 => Just('d'),
                ],
            ),
            20..70,
        ),
        bounce in 10_usize..70,
        last in any::<bool>(),
    ) {
        let mut world = world().open(START);
        world.thorough = false;
        for (place, (gap, letter)) in steps.into_iter().enumerate() {
            let now = world.now + TimeDelta::minutes(gap);
            world.wait(&show(now));
            let asked = world.ticket().cycle.outbound.iter().filter(|it| it.reply.is_request());
            if world.status() != "1 open" {
                break;
            }
            if letter != 'r' || asked.count() < 4 {
                happens(&mut world, letter);
            }
            let cycle = &world.ticket().cycle;
            let message = if last { cycle.outbound.last() } else { cycle.outbound.first() };
            if let (true, Some(message)) = (place == bounce, message.map(|it| it.seq)) {
                let recipient = Participant::Spoc(spoc("ana"));
                let command = Command::MessageBounced { message, recipient };
                world.act(command, Actor::System).expect("a bounce is never refused");
            }
            // Before that nothing is dropped.
            if place >= MESSAGES_MAX {
                is_as_with_everything(&world)?;
            }
        }
    }
}
