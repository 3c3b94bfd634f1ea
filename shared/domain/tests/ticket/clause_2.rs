//! "Millora se obliga a realizar sus mejores esfuerzos profesionales […] sin garantizar la resolución
//! definitiva de todas las incidencias." What is measured is attention (2.1).

use domain::ticket::{ActKind, ClosureReason, DeskAct, RefusalCode, ReplyKind};

use crate::kit::{ORDINARY, at, code, text, world};

/// Rule 2.1: which messages of the desk are attention.
#[test]
fn what_is_attention() {
    let met = "met vie 2026-11-20 11:00";
    let rows = [
        (ReplyKind::Answer, met),
        (ReplyKind::Solution, met),
        (ReplyKind::ScopeDecision, met),
        (ReplyKind::AnswerAndRequest, met),
        (ReplyKind::InformationRequest, "pending"),
        (ReplyKind::AccessRequest, "pending"),
    ];
    for (reply, result) in rows {
        let mut world = world().open("vie 2026-11-20 10:00");
        world.sends("vie 2026-11-20 11:00", reply);
        assert_eq!(world.result(ORDINARY), result, "{reply:?}");
    }
}

fn act(started: &str, ended: &str) -> DeskAct {
    let (started_at, ended_at) = (at(started), at(ended));
    DeskAct::RecordAct { act: ActKind::Call, started_at, ended_at, text: text("llamada") }
}

/// Rule 2.1a: an act has its own instants; recorded after the target, or over 30 minutes after its
/// end, it needs a second person.
#[test]
fn acts_recorded_later() {
    #[rustfmt::skip]
    let rows = [
        // recorded, started, ended (all on the Friday), what becomes of it
        ("vie 2026-11-20 11:10", "vie 2026-11-20 11:00", "vie 2026-11-20 11:10", "recorded"),
        ("vie 2026-11-20 11:40", "vie 2026-11-20 11:00", "vie 2026-11-20 11:10", "recorded"),
        ("vie 2026-11-20 11:40:00.001", "vie 2026-11-20 11:00", "vie 2026-11-20 11:10", "proposed"),
        ("vie 2026-11-20 18:00", "vie 2026-11-20 17:40", "vie 2026-11-20 17:55", "recorded"),
        ("vie 2026-11-20 18:00:01", "vie 2026-11-20 17:40", "vie 2026-11-20 17:55", "proposed"),
        // It cannot change the result: attended late.
        ("vie 2026-11-20 18:30", "vie 2026-11-20 18:10", "vie 2026-11-20 18:20", "recorded"),
        ("vie 2026-11-20 11:00", "vie 2026-11-20 11:00", "vie 2026-11-20 11:10", "refused"),
        ("vie 2026-11-20 11:30", "vie 2026-11-20 11:10", "vie 2026-11-20 11:00", "refused"),
        ("vie 2026-11-20 11:30", "vie 2026-11-20 09:50", "vie 2026-11-20 10:10", "refused"),
    ];
    for (recorded, started, ended, expected) in rows {
        let mut world = world().open("vie 2026-11-20 10:00");
        let result = world.desk(recorded, act(started, ended));
        let found = match (&result, world.ticket().proposals.len(), world.ticket().cycle.acts.len())
        {
            (Ok(1), 0, 1) => "recorded",
            (Ok(1), 1, 0) => "proposed",
            (Err(_), 0, 0) => "refused",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{recorded} {started} {ended}");
        if expected == "refused" {
            assert_eq!(code(result), Some(RefusalCode::WrongInstant));
        } else {
            assert_eq!(world.desk(recorded, act(started, ended)), Ok(0), "the same act again");
        }
    }
}

/// Rule 2.1a: the second person is another one; then the act counts from its start.
#[test]
fn the_second_person() {
    let mut world = world().open("vie 2026-11-20 10:00");
    assert!(
        world.wait("vie 2026-11-20 19:00").iter().any(|told| told.ends_with("desk_missed>desk"))
    );
    assert_eq!(world.result(ORDINARY), "missed");
    world
        .desk("vie 2026-11-20 19:00", act("vie 2026-11-20 17:00", "vie 2026-11-20 17:10"))
        .expect("proposed");
    let proposal = world.ticket().seq;
    let approve = || DeskAct::Approve { proposal };
    let same = world.desk_by("vie 2026-11-20 19:05", "luis", approve());
    assert_eq!(code(same), Some(RefusalCode::SamePerson));
    assert_eq!(world.result(ORDINARY), "missed");
    world.desk_by("vie 2026-11-20 19:06", "mara", approve()).expect("another one");
    assert_eq!(world.result(ORDINARY), "met vie 2026-11-20 17:00");
    assert_eq!(world.told(), ["desk_miss_retracted>desk"]);
    assert!(world.ticket().cycle.acts[0].late, "printed as «registrado después»");
    assert!(world.ticket().cycle.levels.is_empty(), "level 2 was reached by the miss alone");
    let again = world.desk_by("vie 2026-11-20 19:07", "mara", approve());
    assert_eq!(code(again), Some(RefusalCode::Nothing));
}

/// A rejected act never was; one that waits outlives the closing of the ticket.
#[test]
fn rejected_or_waiting() {
    let mut world = world().open("vie 2026-11-20 10:00");
    let propose = act("vie 2026-11-20 12:00", "vie 2026-11-20 12:10");
    world.desk("vie 2026-11-20 16:00", propose.clone()).expect("proposed");
    let proposal = world.ticket().seq;
    world.desk_by("vie 2026-11-20 16:05", "mara", DeskAct::Reject { proposal }).expect("rejected");
    assert_eq!(world.result(ORDINARY), "pending");
    world.desk("vie 2026-11-20 16:10", propose).expect("proposed again");
    let proposal = world.ticket().seq;
    world.client("vie 2026-11-20 17:00", "ana", domain::ticket::SpocAct::Withdraw).expect("hers");
    assert_eq!(world.result(ORDINARY), "closed vie 2026-11-20 17:00");
    world.desk_by("lun 2026-11-23 09:00", "mara", DeskAct::Approve { proposal }).expect("approved");
    assert_eq!(world.result(ORDINARY), "met vie 2026-11-20 12:00");
}

/// A proposal that is no act waits on when an act is recorded.
#[test]
fn another_proposal_waits_on() {
    let mut world = world().open("vie 2026-11-20 10:00");
    let close = DeskAct::Close { reason: ClosureReason::NotARequest, text: text("publicidad") };
    world.desk("vie 2026-11-20 10:05", close).expect("proposed");
    let call = act("vie 2026-11-20 10:10", "vie 2026-11-20 10:20");
    world.desk("vie 2026-11-20 10:20", call).expect("recorded in time");
    assert_eq!(world.ticket().proposals.len(), 1);
}
