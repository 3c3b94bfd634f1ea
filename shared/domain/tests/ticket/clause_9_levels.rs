//! "Escalamiento: Nivel 1: Atención estándar. Nivel 2: Consultor senior. Nivel 3: Emergencia (solo si
//! cumple criterios)." Rule 9.8.

use domain::ticket::EscalationLevel::{Emergency, Senior, Standard};
use domain::ticket::{DeskAct, RefusalCode, SpocAct};

use crate::kit::{ORDINARY, code, declaration, text, world};

/// To 2 by a person; to 3 only while the criticality is declared; 3 implies 2; each once.
#[test]
fn levels() {
    let mut world = world().open("vie 2026-11-20 10:00");
    let to = |level| DeskAct::Escalate { level };
    let wrong = Some(RefusalCode::WrongLevel);
    assert_eq!(code(world.desk("vie 2026-11-20 10:05", to(Standard))), wrong);
    assert_eq!(code(world.desk("vie 2026-11-20 10:05", to(Emergency))), wrong);
    let declare = SpocAct::DeclareCritical(declaration());
    world.client("vie 2026-11-20 10:10", "ana", declare.clone()).expect("hers");
    assert_eq!(world.desk("vie 2026-11-20 10:11", to(Emergency)), Ok(2), "3 implies 2");
    assert_eq!(world.desk("vie 2026-11-20 10:12", to(Emergency)), Ok(0));
    assert_eq!(world.desk("vie 2026-11-20 10:12", to(Senior)), Ok(0));
    assert_eq!(world.ticket().cycle.level(), Emergency);
    let downgrade = DeskAct::Downgrade { text: text("no impide") };
    world.desk("vie 2026-11-20 10:20", downgrade).expect("the desk downgrades");
    assert_eq!(world.ticket().cycle.level(), Senior, "level 3 is past, level 2 remains");
    assert_eq!(world.ticket().cycle.highest_level(), Emergency);
    assert_eq!(
        code(world.desk("vie 2026-11-20 10:21", to(Emergency))),
        wrong,
        "the criterion ended"
    );
}

/// To 2 by itself when the target is missed; taken back with the miss, but not what a person did.
#[test]
fn by_a_miss() {
    let mut world = world().open_critical("vie 2026-11-20 10:00");
    world.wait("vie 2026-11-20 10:31");
    assert_eq!(world.ticket().cycle.level(), Senior);
    assert_eq!(world.desk("vie 2026-11-20 10:32", DeskAct::Escalate { level: Emergency }), Ok(1));
    // It turns out that somebody had called at 10:20.
    let (started_at, ended_at) =
        (crate::kit::at("vie 2026-11-20 10:20"), crate::kit::at("vie 2026-11-20 10:30"));
    let act = domain::ticket::ActKind::Call;
    let call = DeskAct::RecordAct { act, started_at, ended_at, text: text("llamada") };
    world.desk("vie 2026-11-20 10:35", call).expect("proposed");
    let proposal = world.ticket().seq;
    world.desk_by("vie 2026-11-20 10:36", "mara", DeskAct::Approve { proposal }).expect("approved");
    assert_eq!(world.told(), ["desk_miss_retracted>desk"]);
    assert_eq!(world.ticket().cycle.level(), Emergency);
    let downgrade = DeskAct::Downgrade { text: text("no impide") };
    world.desk("vie 2026-11-20 10:40", downgrade).expect("the desk downgrades");
    assert_eq!(world.ticket().cycle.level(), Senior);
}

/// A host whose clock is behind that of the one which declared the miss takes nothing back (G7).
#[test]
fn a_clock_that_is_behind_is_no_fact() {
    let mut world = world().open_critical("vie 2026-11-20 10:00");
    world.wait("vie 2026-11-20 10:31");
    world.now = crate::kit::at("vie 2026-11-20 10:28");
    world.desk("vie 2026-11-20 10:28", DeskAct::Note { text: text("sin novedad") }).expect("noted");
    assert_eq!(world.told(), [] as [&str; 0]);
    assert_eq!(world.ticket().cycle.level(), Senior);
}

/// A level that a person gave is not given again by a miss, and is none that a reopening suggests.
#[test]
fn given_already() {
    let mut world = world().open("lun 2026-11-09 10:00");
    world.desk("lun 2026-11-09 10:05", DeskAct::Escalate { level: Senior }).expect("a person");
    world.wait("mar 2026-11-10 10:00");
    assert_eq!(world.result(ORDINARY), "missed");
    assert_eq!(world.ticket().cycle.levels.len(), 1);

    let mut again = self::world().open("lun 2026-11-09 10:00");
    for day in ["lun 2026-11-09 11:00", "mar 2026-11-10 11:00"] {
        assert!(!again.ticket().suggests_senior(), "before {day}");
        again.client(day, "ana", SpocAct::Withdraw).expect("hers");
        again.writes(&day.replace("11:00", "12:00"));
    }
    assert_eq!(again.status(), "3 open");
    assert!(again.ticket().suggests_senior());
    again.desk("mar 2026-11-10 12:05", DeskAct::Escalate { level: Senior }).expect("a person");
    assert!(!again.ticket().suggests_senior());
}
