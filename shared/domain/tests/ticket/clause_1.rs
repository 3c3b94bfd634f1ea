//! "SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte." "Incidencia crítica: Problema
//! que impide completamente una operación esencial del negocio (ej. facturación)."

use domain::ticket::{
    ClockName, Declaration, DeskAct, EssentialOperation, RefusalCode, ReplyKind, SpocAct,
};

use crate::kit::{IMMEDIATE, ORDINARY, World, agreement, code, declaration, text, world, wrote};

fn write() -> SpocAct {
    wrote(Some(text("hola")), false)
}

/// Rule 1.2: only a SPoC with the power acts; powers and validity are read at the receipt.
#[test]
fn powers_at_the_receipt() {
    use RefusalCode::NotAuthorised as No;
    let declare = || SpocAct::DeclareCritical(declaration());
    #[rustfmt::skip]
    let rows = [
        // received, who, act, refused
        ("vie 2026-11-20 15:00", "ana", write(), None),
        ("vie 2026-11-20 15:00", "beto", write(), None), // a participant, whatever his powers (1.5)
        ("vie 2026-11-20 15:00", "nadie", write(), Some(No)),
        ("vie 2026-11-20 15:00", "beto", declare(), Some(No)),
        ("vie 2026-11-20 15:00", "caro", declare(), Some(No)),
        ("vie 2026-11-20 15:00", "dora", declare(), None),
        ("vie 2026-11-20 15:00", "beto", SpocAct::Withdraw, Some(No)),
        ("vie 2026-11-20 15:00", "caro", SpocAct::Confirm, Some(No)),
        ("vie 2026-11-20 15:00", "dora", SpocAct::AcceptSameDay, Some(No)),
        ("vie 2026-11-20 15:00", "beto", SpocAct::DeclineSameDay, Some(No)),
        ("vie 2026-11-20 15:00", "caro", SpocAct::AcceptSameDay, None),
        // Her designation ends on Monday at 00:00.
        ("dom 2026-11-22 23:59:59.999", "dora", write(), None),
        ("lun 2026-11-23 00:00", "dora", write(), Some(No)),
        ("lun 2026-11-23 00:00", "dora", SpocAct::Withdraw, Some(No)),
    ];
    for (received, who, act, refused) in rows {
        let mut world = world().open("vie 2026-11-20 14:30");
        // Handled a day later: that changes nothing.
        let result = world.client_late("mar 2026-11-24 12:00", received, who, act.clone());
        assert_eq!(code(result), refused, "{received} {who} {act:?}");
    }
    for (who, may) in [("ana", true), ("beto", false), ("caro", false), ("nadie", false)] {
        let opened = world().open_by("vie 2026-11-20 10:00", who, None);
        assert_eq!(opened.is_ok(), may, "{who}");
    }
}

/// Rule 1.4: an essential operation and fully blocked; `other` takes words.
#[test]
fn what_a_declaration_takes() {
    use EssentialOperation::{Invoicing, Other};
    let no = Some(RefusalCode::NotCritical);
    #[rustfmt::skip]
    let rows = [
        (Invoicing, true, false, None), (Invoicing, false, false, no),
        (Other, true, false, no), (Other, true, true, None), (Other, false, true, no),
    ];
    for (operation, fully_blocked, described, refused) in rows {
        let words = described.then(|| text("la báscula"));
        let it = Declaration { operation, fully_blocked, text: words };
        let mut late = world().open("vie 2026-11-20 10:00");
        let act = SpocAct::DeclareCritical(it.clone());
        assert_eq!(code(late.client("vie 2026-11-20 10:05", "ana", act)), refused, "{it:?}");
        let opened = world().open_by("vie 2026-11-20 10:00", "ana", Some(it.clone()));
        assert_eq!(opened.is_ok(), refused.is_none(), "{it:?}");
    }
}

/// Rule 1.4: declared, then confirmed or downgraded with a reason; all of it recorded.
#[test]
fn confirmed_and_downgraded() {
    let mut world = world().open_critical("vie 2026-11-20 10:00");
    assert_eq!(world.target(IMMEDIATE), "vie 2026-11-20 10:30");
    assert_eq!(world.target(ORDINARY), "no clock");
    assert_eq!(world.desk("vie 2026-11-20 10:05", DeskAct::ConfirmCriticality), Ok(1));
    assert_eq!(world.desk("vie 2026-11-20 10:06", DeskAct::ConfirmCriticality), Ok(0));
    let downgrade = || DeskAct::Downgrade { text: text("sí se puede facturar") };
    assert_eq!(world.desk("vie 2026-11-20 10:10", downgrade()), Ok(1));
    assert_eq!(world.told_to("spoc:ana"), ["downgraded"]);
    assert_eq!(
        code(world.desk("vie 2026-11-20 10:11", downgrade())),
        Some(RefusalCode::NotCritical)
    );
    let confirm = world.desk("vie 2026-11-20 10:11", DeskAct::ConfirmCriticality);
    assert_eq!(code(confirm), Some(RefusalCode::NotCritical));
    assert_eq!(world.result(IMMEDIATE), "superseded vie 2026-11-20 10:10");
    assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00");
}

/// Of two declarations the first one received counts, in whatever order they are handled (G7).
#[test]
fn the_first_declaration_counts() {
    let (early, late) = ("vie 2026-11-20 10:05", "vie 2026-11-20 10:20");
    let declare = || SpocAct::DeclareCritical(declaration());
    for (first, second, links) in [(early, late, 0), (late, early, 1)] {
        let mut world = world().open("vie 2026-11-20 10:00");
        world.client_late("vie 2026-11-20 10:21", first, "ana", declare()).expect("may declare");
        let handled = world.client_late("vie 2026-11-20 10:21", second, "dora", declare());
        assert_eq!(handled, Ok(links));
        assert_eq!(world.target(IMMEDIATE), "vie 2026-11-20 10:35");
        assert_eq!(world.target(ClockName::Immediate(1)), "no clock");
    }
}

/// A póliza without emergency attention: a critical incident follows the ordinary tiers (7.4a).
#[test]
fn without_emergency_attention() {
    let plan = agreement("plan-2", |plan| plan.emergency_attention = Some(false));
    let mut world = World::of(plan).open_critical("vie 2026-11-20 10:00");
    assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00");
    assert_eq!(world.target(IMMEDIATE), "no clock");
    assert!(world.told_to("on-call").is_empty());
    // Level 3 asks for the declaration alone.
    world.sends("vie 2026-11-20 10:10", ReplyKind::Answer);
    assert_eq!(world.result(ORDINARY), "met vie 2026-11-20 10:10");
}
