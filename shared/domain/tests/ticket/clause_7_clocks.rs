//! "Emergente: Atención inmediata para incidencias críticas, con posible costo adicional." Rules 7.8
//! to 7.10, pages, and the sentence that says why.

use domain::attention::AttentionTier;
use domain::standing::StandingCause::NonPayment;
use domain::terms::{EmergencyHours, SameDayExtended};
use domain::ticket::{ClockName, Content, DeskAct, ReplyKind, SpocAct, timers};

use crate::kit::{IMMEDIATE, ORDINARY, World, agreement, declaration, show, text, world};

fn raise(world: &mut World, when: &str) {
    let declare = SpocAct::DeclareCritical(declaration());
    world.client(when, "ana", declare).expect("ana may declare");
}

fn downgrade(world: &mut World, when: &str) {
    let downgrade = DeskAct::Downgrade { text: text("no impide") };
    world.desk(when, downgrade).expect("the desk downgrades");
}

/// Rule 7.8: each attention clock is a row of its own.
#[test]
fn rows_of_clocks() {
    let mut world = world().open("vie 2026-11-20 10:00");
    raise(&mut world, "vie 2026-11-20 12:00");
    assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00", "the old one stays");
    assert_eq!(world.target(IMMEDIATE), "vie 2026-11-20 12:30");
    downgrade(&mut world, "vie 2026-11-20 12:10");
    raise(&mut world, "vie 2026-11-20 13:00");
    assert_eq!(world.result(IMMEDIATE), "superseded vie 2026-11-20 12:10");
    assert_eq!(world.target(ClockName::Immediate(1)), "vie 2026-11-20 13:30");
    world.sends("vie 2026-11-20 13:20", ReplyKind::Answer);
    assert_eq!(world.result(ORDINARY), "met vie 2026-11-20 13:20");
    assert_eq!(world.result(IMMEDIATE), "superseded vie 2026-11-20 12:10");
    assert_eq!(world.result(ClockName::Immediate(1)), "met vie 2026-11-20 13:20");
}

/// Rule 7.8: downgraded before the target the clock is superseded, after it the miss stays.
#[test]
fn downgrade_before_and_after() {
    #[rustfmt::skip]
    let rows = [
        ("vie 2026-11-20 10:30", "superseded vie 2026-11-20 10:30"), // met at its instant (G4)
        ("vie 2026-11-20 10:30:00.001", "missed"),
        ("vie 2026-11-20 12:00", "missed"),
    ];
    for (when, result) in rows {
        let mut world = world().open_critical("vie 2026-11-20 10:00");
        downgrade(&mut world, when);
        assert_eq!(world.result(IMMEDIATE), result, "{when}");
        assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00", "from the original receipt");
        let told = world.wait("vie 2026-11-20 12:30");
        let missed = told.iter().filter(|told| told.ends_with("desk_missed>desk")).count();
        assert_eq!(missed, usize::from(result == "missed"), "{when}");
    }
}

/// Rule 7.9: once attended, the first unanswered message starts a reply clock.
#[test]
fn reply_clock() {
    let reply = |world: &World| {
        let clock = world.view().reply_clock().expect("in the calendar");
        clock.and_then(|clock| clock.target.target).map_or("none".to_owned(), show)
    };
    let mut world = world().open("jue 2026-11-19 10:00");
    world.writes("jue 2026-11-19 10:30");
    assert_eq!(reply(&world), "none", "not attended yet");
    world.sends("jue 2026-11-19 11:00", ReplyKind::Answer);
    assert_eq!(reply(&world), "none");
    world.writes("jue 2026-11-19 13:59");
    assert_eq!(reply(&world), "jue 2026-11-19 18:00");
    world.writes("jue 2026-11-19 16:00");
    assert_eq!(reply(&world), "jue 2026-11-19 18:00", "further messages do not restart it");
    world.sends("jue 2026-11-19 17:00", ReplyKind::Answer);
    assert_eq!(reply(&world), "none");
    world.writes("jue 2026-11-19 17:10");
    assert_eq!(reply(&world), "vie 2026-11-20 18:00");
    assert!(world.charges().is_empty());
    raise(&mut world, "jue 2026-11-19 17:20");
    assert_eq!(reply(&world), "jue 2026-11-19 17:40", "critical: as 7.4, from that message");
}

/// Rule 7.10: the warning, once; recomputed when the same day is accepted.
#[test]
fn warning() {
    let told = |world: &mut World, until: &str| -> Vec<String> {
        world.wait(until).into_iter().filter(|told| told.contains("desk_")).collect()
    };
    let mut plain = world().open("vie 2026-11-20 10:00");
    assert_eq!(
        told(&mut plain, "vie 2026-11-20 23:00"),
        ["vie 2026-11-20 16:00 desk_warning>desk", "vie 2026-11-20 18:00:00.001 desk_missed>desk",]
    );
    let mut accepted = world().open("vie 2026-11-20 16:00");
    accepted.client("vie 2026-11-20 16:50", "caro", SpocAct::AcceptSameDay).expect("counts");
    assert_eq!(
        told(&mut accepted, "vie 2026-11-20 17:59"),
        ["vie 2026-11-20 17:30 desk_warning>desk"]
    );
    let mut later = world().open("vie 2026-11-20 15:00");
    later.client("vie 2026-11-20 16:59", "caro", SpocAct::AcceptSameDay).expect("counts");
    assert_eq!(
        told(&mut later, "vie 2026-11-20 17:59"),
        ["vie 2026-11-20 17:15 desk_warning>desk"]
    );
    // A timer that comes too late says only what is still news.
    let mut late = world().open("vie 2026-11-20 10:00");
    assert_eq!(late.tick("vie 2026-11-20 20:00"), ["desk_missed>desk"]);
    assert!(late.tick("vie 2026-11-20 21:00").is_empty());
    // A reply is on its way: nobody is warned.
    let mut sent = world().open("vie 2026-11-20 10:00");
    sent.reply("vie 2026-11-20 11:00", ReplyKind::Answer);
    assert_eq!(told(&mut sent, "vie 2026-11-20 18:00"), [""; 0]);
}

/// Rule 7.4: the page, at once inside contracted hours, repeated every 10 minutes until a person
/// takes it.
#[test]
fn pages() {
    let mut world = world().open_critical("vie 2026-11-20 17:40");
    assert_eq!(world.told_to("on-call"), ["desk_page"]);
    let page = world.notices.iter().find(|it| it.content.kind() == "desk_page").cloned();
    let pages = |world: &mut World, until: &str| -> Vec<String> {
        let told = world.wait(until).into_iter();
        told.filter_map(|told| told.strip_suffix(" desk_page>on-call").map(str::to_owned)).collect()
    };
    assert_eq!(pages(&mut world, "vie 2026-11-20 23:00"), ["vie 2026-11-20 17:50"]);
    assert_eq!(
        pages(&mut world, "lun 2026-11-23 09:15"),
        ["lun 2026-11-23 09:00", "lun 2026-11-23 09:10"],
        "inside contracted hours, else at the next opening"
    );
    assert_eq!(world.desk("lun 2026-11-23 09:16", DeskAct::AcknowledgePage), Ok(1));
    assert_eq!(world.desk("lun 2026-11-23 09:17", DeskAct::AcknowledgePage), Ok(0));
    assert!(pages(&mut world, "lun 2026-11-23 12:00").is_empty());
    assert!(!page.expect("a page").still_due(world.ticket(), world.now));

    let plan = agreement("plan-2", |plan| plan.emergency_hours = Some(EmergencyHours::All));
    let mut line = World::of(plan).open_critical("sáb 2026-11-21 02:00");
    assert_eq!(line.told_to("on-call"), ["desk_page"]);
    assert_eq!(line.target(IMMEDIATE), "sáb 2026-11-21 02:30");
    assert_eq!(
        pages(&mut line, "sáb 2026-11-21 02:25"),
        ["sáb 2026-11-21 02:10", "sáb 2026-11-21 02:20"]
    );
    line.reply("sáb 2026-11-21 02:26", ReplyKind::Answer);
    assert!(pages(&mut line, "sáb 2026-11-21 05:00").is_empty(), "somebody has answered");
}

/// Outside contracted hours the page waits for the next opening.
#[test]
fn page_at_the_opening() {
    let mut world = world().open_critical("sáb 2026-11-21 02:00");
    assert!(world.told_to("on-call").is_empty());
    assert_eq!(world.wait("lun 2026-11-23 09:00"), ["lun 2026-11-23 09:00 desk_page>on-call"]);
    downgrade(&mut world, "lun 2026-11-23 09:01");
    assert!(world.wait("lun 2026-11-23 12:00").iter().all(|told| !told.contains("page")));
}

/// The acknowledgement says in one sentence why, naming the clause.
#[test]
fn why() {
    use AttentionTier::{Immediate, NextBusinessDay, SameDayExtended as Extended, SameDayStandard};
    let included = agreement("plan-2", |plan| {
        plan.same_day_extended = Some(SameDayExtended::Included);
    });
    #[rustfmt::skip]
    let rows = [
        (world().open("vie 2026-11-20 10:00"), SameDayStandard, "Recibido antes de las 14:00"),
        (world().open("vie 2026-11-20 15:00"), NextBusinessDay, "sin costo adicional se atiende el siguiente día hábil"),
        (world().open("vie 2026-11-20 17:00"), NextBusinessDay, "Recibido a las 17:00 o después"),
        (world().open("vie 2026-11-13 17:30"), NextBusinessDay, "16 de noviembre de 2026 es día festivo oficial"),
        (world().open("lun 2026-11-16 10:00"), NextBusinessDay, "día festivo oficial"),
        (World::of(included).open("vie 2026-11-20 15:00"), Extended, "incluye la atención el mismo día"),
        (world().open_critical("vie 2026-11-20 10:00"), Immediate, "Incidencia crítica"),
    ];
    for (world, tier, words) in rows {
        let Content::Acknowledgement { promise, .. } = &world.notices[0].content else {
            panic!("{:?}", world.notices)
        };
        assert_eq!(promise.tier, Some(tier), "{words}");
        assert!(promise.why.contains(words), "{}", promise.why);
        assert!(promise.why.ends_with("cláusula 7)."), "{}", promise.why);
        assert_eq!(promise.why.matches(". ").count(), 0, "one sentence: {}", promise.why);
    }
}

/// A target that was met too late is missed in the millisecond after it, also where nobody was awake then.
#[test]
fn a_miss_that_nobody_noticed() {
    let mut world = world().open("lun 2026-11-09 09:00");
    world.sends("mar 2026-11-10 10:00", ReplyKind::Answer);
    let due = timers(world.ticket(), world.agreement()).expect("in the calendar").attention;
    assert_eq!(due.map(show).as_deref(), Some("lun 2026-11-09 18:00:00.001"));
}

/// Rule 7.9: the clock of an answer stands still while the póliza is suspended.
#[test]
fn an_answer_that_is_owed_waits_for_the_poliza() {
    let mut world = world().open("lun 2026-11-09 09:00");
    world.sends("lun 2026-11-09 10:00", ReplyKind::Answer);
    world.writes("lun 2026-11-09 11:00");
    let target = |world: &World| {
        let reply = world.view().reply_clock().expect("in the calendar").expect("it is owed");
        show(reply.target.target.expect("a date"))
    };
    let before = target(&world);
    let (from, to) = ("lun 2026-11-09 12:00", "mar 2026-11-10 12:00");
    world.suspended(to, NonPayment, from, to);
    assert_ne!(target(&world), before);
}

/// Rule 7.8: what was declared before a downgrade and comes to light after it was covered by the first
/// declaration; in the instant of the downgrade another spell begins.
#[test]
fn declared_around_a_downgrade() {
    for (declared, events) in [("lun 2026-11-09 10:59:59.999", 0), ("lun 2026-11-09 11:00", 2)] {
        let mut world = world().open("lun 2026-11-09 09:00");
        raise(&mut world, "lun 2026-11-09 10:00");
        downgrade(&mut world, "lun 2026-11-09 11:00");
        let declare = SpocAct::DeclareCritical(declaration());
        let made = world.client_late("lun 2026-11-09 11:05", declared, "ana", declare);
        assert_eq!(made, Ok(events), "{declared}");
    }
}

/// Rule 7.8: who is told of a downgrade is told the ordinary target, while it is not decided.
#[test]
fn what_a_downgrade_tells() {
    let told = |world: &mut World| {
        downgrade(world, "lun 2026-11-09 11:00");
        let told = world.notices.iter().find_map(|it| {
            let Content::Downgraded { target } = &it.content else { return None };
            Some(target.map(show))
        });
        told.expect("they are told")
    };
    let mut world = world().open("lun 2026-11-09 09:00");
    raise(&mut world, "lun 2026-11-09 10:00");
    let mut attended = world.clone();
    assert_eq!(told(&mut world).as_deref(), Some("lun 2026-11-09 18:00"));
    attended.sends("lun 2026-11-09 10:30", ReplyKind::Answer);
    assert_eq!(told(&mut attended), None);
}
