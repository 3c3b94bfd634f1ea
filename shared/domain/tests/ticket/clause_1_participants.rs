//! "SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte." Rule 1.5: an address that was
//! added to a ticket may answer, say that it still fails, and reopen; nothing else.

use domain::standing::StandingCause::NonPayment;
use domain::ticket::ReplyKind::{Answer, InformationRequest, Solution};
use domain::ticket::limits::FOLLOWERS_MAX;
use domain::ticket::{Command, DeskAct, Fact, NotedMail, Open, RefusalCode, SpocAct, Written};
use domain::{Actor, Participant, Spoc, StaffId};

use crate::kit::{
    ORDINARY, World, added, at, code, participant, request, spoc, staff, text, world, wrote,
};

const FIRST: &str = "participant:0000000000000001";

/// A ticket of Tuesday 09:00 with one added address.
fn with_participant() -> World {
    let mut world = world();
    let request = Open { participants: vec![added(1)], ..request("mar 2026-11-17 09:00", "ana") };
    world.register(request).expect("ana may open");
    world
}

/// Who may add, each address once, and up to a limit.
#[test]
fn adding() {
    let mut world = with_participant();
    let reason = || text("Es su contador.");
    let add = |place| DeskAct::AddParticipant { added: added(place), reason: reason() };
    assert_eq!(world.desk("mar 2026-11-17 09:10", add(1)), Ok(0), "it is there already");
    assert_eq!(world.desk("mar 2026-11-17 09:10", add(2)), Ok(2));
    assert_eq!(world.events[3].fact, Fact::Noted { text: reason() }, "why");
    // A SPoC's mail brings more than there is room for: the first are added, the message counts.
    let participants = (1..=9).map(added).collect();
    let text_of = Some(text("va copia"));
    let write = SpocAct::Write(Written { text: text_of, participants, ..Written::default() });
    assert_eq!(world.client("mar 2026-11-17 09:20", "beto", write), Ok(5));
    let known: Vec<_> = world.ticket().participants.iter().map(|it| it.id.clone()).collect();
    assert_eq!(known, [1, 2, 3, 4, 5, 6].map(participant));
    let full = world.desk("mar 2026-11-17 09:30", add(7));
    assert_eq!(code(full), Some(RefusalCode::LimitReached));
    // The chain holds the id and a digest; who added it is said by the event.
    let by_desk = &world.events[2];
    assert_eq!(by_desk.by, staff("luis"));
    let Fact::ParticipantAdded { id, text } = &by_desk.fact else { panic!("{by_desk:?}") };
    assert_eq!((id, text), (&participant(2), &added(2).text));
    assert_eq!(world.ticket().participants[1].seq, by_desk.seq, "where the address lies");
}

/// A SPoC to whom another one's mail is copied reads along; who is none any more does not.
#[test]
fn spocs_in_copy_read_along() {
    let mut world = world();
    let followers = vec![spoc("beto"), spoc("nadie")];
    let request = Open { followers, ..request("mar 2026-11-17 09:00", "ana") };
    world.register(request).expect("ana may open");
    assert_eq!(world.ticket().followers, [spoc("ana"), spoc("beto")]);
    world.reply("mar 2026-11-17 10:00", Answer);
    assert_eq!(world.told_to("spoc:beto"), ["reply"]);
    let followers = vec![spoc("ana"), spoc("caro")];
    let text = Some(text("va copia"));
    let write = SpocAct::Write(Written { text, followers, ..Written::default() });
    assert_eq!(
        world.client("mar 2026-11-17 10:20", "beto", write),
        Ok(2),
        "ana reads along already"
    );
    assert_eq!(world.ticket().followers, [spoc("ana"), spoc("beto"), spoc("caro")]);
}

/// Public messages, reminders and the closing go to it too.
#[test]
fn what_it_is_told() {
    let mut world = with_participant();
    assert!(world.told_to(FIRST).is_empty(), "the acknowledgement is the opener's");
    for (when, reply, kind) in [
        ("mar 2026-11-17 10:00", Answer, "reply"),
        ("mar 2026-11-17 10:10", InformationRequest, "information_request"),
        ("mar 2026-11-17 10:20", Solution, "solution"),
    ] {
        world.reply(when, reply);
        assert_eq!(world.told_to(FIRST), [kind]);
    }
    let solution = world.ticket().seq;
    world.accepted(solution, "mar 2026-11-17 10:20");
    let told = world.wait("jue 2026-11-19 10:20");
    let told: Vec<_> = told.iter().filter(|told| told.ends_with(FIRST)).collect();
    assert_eq!(
        told,
        [
            "mié 2026-11-18 10:20 solution_reminder>participant:0000000000000001",
            "jue 2026-11-19 10:20 closing>participant:0000000000000001",
        ]
    );
}

/// Offers and whatever concerns cost it is never told, nor that the póliza is not served.
#[test]
fn what_it_is_not_told() {
    let mut offered = world();
    let request = Open { participants: vec![added(1)], ..request("vie 2026-11-20 14:30", "ana") };
    offered.register(request).expect("ana may open");
    assert!(offered.told().iter().any(|told| told.starts_with("same_day_offer")));
    assert!(offered.told_to(FIRST).is_empty());
    offered.client("vie 2026-11-20 14:40", "caro", SpocAct::AcceptSameDay).expect("in time");
    assert!(offered.told().iter().any(|told| told.starts_with("same_day_accepted")));
    assert!(offered.told_to(FIRST).is_empty());

    // It reopens a ticket while the póliza is not served.
    let mut world = with_participant();
    world.sends("mar 2026-11-17 10:00", Solution);
    world.wait("jue 2026-11-19 10:00");
    let (from, to) = ("vie 2026-11-20 00:00", "lun 2026-11-23 09:00");
    world.suspended("vie 2026-11-20 00:00", NonPayment, from, "");
    world.participant_writes("vie 2026-11-20 12:00", 1).expect("it takes part");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.target(ORDINARY), "no clock", "held, as by HTTP (10.5)");
    assert!(world.told().contains(&"reopened>spoc:ana".to_owned()));
    assert!(world.told_to(FIRST).is_empty());
    world.participant_writes("vie 2026-11-20 12:30", 1).expect("it takes part");
    assert!(world.told().is_empty(), "{:?}", world.told());
    world.suspended("lun 2026-11-23 09:00", NonPayment, from, to);
    assert_eq!(world.target(ORDINARY), "lun 2026-11-23 18:00");
    assert!(world.told().contains(&"clock_started>spoc:ana".to_owned()));
    assert!(world.told_to(FIRST).is_empty());
}

/// It answers a request, stops the silence, and reopens; its message is recorded as its own.
#[test]
fn what_it_may_do() {
    let mut world = with_participant();
    world.sends("mar 2026-11-17 10:00", InformationRequest);
    world.participant_writes("mar 2026-11-17 11:00", 1).expect("it takes part");
    assert_eq!(world.target(ORDINARY), "mié 2026-11-18 10:00", "the pause ends");
    let wrote = world.events.last().expect("an event");
    assert_eq!(wrote.by, Actor::Participant(participant(1)));
    let Fact::ClientWrote { by, still_fails, .. } = &wrote.fact else { panic!("{wrote:?}") };
    assert_eq!((by, still_fails), (&Participant::Added(participant(1)), &true));
    assert_eq!(world.ticket().followers, [spoc("ana")]);

    world.sends("mar 2026-11-17 12:00", Solution);
    world.participant_writes("mié 2026-11-18 11:00", 1).expect("it takes part");
    assert!(world.wait("lun 2026-11-23 12:00").is_empty(), "answered");
    world.sends("lun 2026-11-23 12:00", Solution);
    world.wait("mié 2026-11-25 12:00");
    assert_eq!(world.status(), "1 auto mié 2026-11-25 12:00");
    world.participant_writes("jue 2026-11-26 13:00", 1).expect("it takes part");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.target(ORDINARY), "jue 2026-11-26 18:00");
    assert_eq!(world.told_to(FIRST), ["reopened"]);
}

/// Nobody else's address is heard, and without a SPoC nobody is written to.
#[test]
fn what_it_may_not_do() {
    let mut world = with_participant();
    let stranger = world.participant_writes("mar 2026-11-17 10:00", 2);
    assert_eq!(code(stranger), Some(RefusalCode::NotAuthorised));
    world.spocs.iter_mut().for_each(|it| it.valid_to = Some(at("mar 2026-11-17 11:00")));
    let act = DeskAct::Reply { reply: Answer, text: text("?") };
    assert_eq!(code(world.desk("mar 2026-11-17 12:00", act)), Some(RefusalCode::Nothing));
}

/// A message of the desk is void when it reaches nobody at all (G15).
#[test]
fn a_message_that_reaches_it_alone_counts() {
    let mut world = with_participant();
    let answer = world.sends("mar 2026-11-17 10:00", Answer);
    world.bounced("mar 2026-11-17 10:05", answer, "ana");
    assert_eq!(world.result(ORDINARY), "met mar 2026-11-17 10:00");
    assert!(world.told().is_empty());
    let recipient = Participant::Added(participant(1));
    let command = Command::MessageBounced { message: answer, recipient };
    assert_eq!(world.act(command.clone(), Actor::System), Ok(1));
    assert_eq!(world.told(), ["desk_bounce>desk"]);
    assert_eq!(world.result(ORDINARY), "pending");
    assert_eq!(world.act(command, Actor::System), Ok(0), "told once");
}

/// A SPoC is written into the chain by his id, as ever; an address by its own behind a sign that no
/// SPoC's id has.
#[test]
fn how_participants_are_written() {
    for (participant, written) in [
        (Participant::Spoc(spoc("ana")), r#""ana""#),
        (Participant::Added(participant(1)), r#""@0000000000000001""#),
    ] {
        assert_eq!(serde_json::to_string(&participant).expect("JSON"), written);
        assert_eq!(serde_json::from_str::<Participant>(written).expect("readable"), participant);
    }
    for wrong in [r#""@ana""#, r#""@""#, r#""@000000000000000G""#, r#""""#] {
        assert!(serde_json::from_str::<Participant>(wrong).is_err(), "{wrong}");
    }
}

/// A machine's and Odoo's mails are kept and change nothing (M3, 3.1): neither an answer nor attention.
#[test]
fn mails_that_change_nothing() {
    let mut world = with_participant();
    world.sends("mar 2026-11-17 10:00", Solution);
    let before = world.ticket().clone();
    let noted = |received, mail| Command::MailNoted {
        received_at: at(received),
        mail,
        text: text("fuera de la oficina"),
    };
    for mail in [NotedMail::Automatic, NotedMail::Upstream] {
        world.now = at("mar 2026-11-17 11:00");
        assert_eq!(world.act(noted("mar 2026-11-17 10:59", mail), Actor::System), Ok(1));
        assert!(world.told().is_empty());
        let (seq, chain) = (world.ticket().seq, world.ticket().chain.clone());
        let unchanged = domain::ticket::Ticket { seq, chain, ..before.clone() };
        assert_eq!(world.ticket(), &unchanged);
    }
    world.wait("jue 2026-11-19 10:00");
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
    // Nor does one reopen what is closed.
    let late = noted("jue 2026-11-19 11:00", NotedMail::Automatic);
    world.now = at("jue 2026-11-19 11:00");
    world.act(late, Actor::System).expect("never refused");
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
}

/// Whoever is added is heard with his words; who is assigned already is not assigned again; and a SPoC who
/// writes follows as long as there is room.
#[test]
fn heard_assigned_and_followed() {
    let mut world = world().open("lun 2026-11-09 09:00");
    let ids = (0..FOLLOWERS_MAX).map(|n| spoc(&format!("s{n}")));
    let ana = world.spocs[0].clone();
    world.spocs.extend(ids.map(|id| Spoc { id, ..ana.clone() }));
    let write = SpocAct::Write(Written {
        text: Some(text("con copia")),
        participants: vec![added(1)],
        followers: (0..FOLLOWERS_MAX).map(|n| spoc(&format!("s{n}"))).collect(),
        ..Written::default()
    });
    world.client("lun 2026-11-09 09:30", "ana", write).expect("hers");
    assert_eq!(world.participant_writes("lun 2026-11-09 09:40", 1), Ok(1));
    assert!(world.events.last().and_then(|it| it.fact.text()).is_some());
    let assign = || DeskAct::Assign { to: StaffId::parse("luis").ok() };
    assert_eq!(world.desk("lun 2026-11-09 09:50", assign()), Ok(1));
    assert_eq!(world.desk("lun 2026-11-09 09:51", assign()), Ok(0));
    assert_eq!(world.ticket().followers.len(), FOLLOWERS_MAX);
    world
        .client("lun 2026-11-09 10:00", "dora", wrote(Some(text("yo también")), false))
        .expect("hers");
    assert_eq!(world.ticket().followers.len(), FOLLOWERS_MAX);
}
