//! The reference vectors of the rules, by clause, with the agreement's own words beside them.
//!
//! Contracted hours are Monday to Friday 09:00 to 18:00, Mexico City, unless a row says otherwise.
//! Instants are written as local wall-clock times.

use domain::attention::{self, AttentionTarget, AttentionTier, Request};
use domain::auto_close::{auto_close, reopening_window_end};
use domain::calendar::{ContractedHours, Holidays, MinuteOfDay, OutOfCalendar, WorkCalendar};
use domain::inbound::{adoption_ends_at, question_expires_at};
use domain::pauses::Interval;
use domain::terms::{
    AutoCloseMode, Centavos, EmergencyHours, Parameters, SameDayExtended, Span, Terms,
};
use domain::{Instant, TimeDelta, whatsapp};

/// A local wall-clock time, `2026-11-20 14:00:00`; seconds may be left out.
fn at(text: &str) -> Instant {
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let local =
        formats.iter().find_map(|format| chrono::NaiveDateTime::parse_from_str(text, format).ok());
    Instant::from_local(local.unwrap_or_else(|| panic!("{text} is a local time")))
}

/// Pauses of a row: begin and end, the end empty while it is open.
type Pauses = &'static [(&'static str, &'static str)];

fn intervals(pauses: Pauses) -> Vec<Interval> {
    let one = |(from, to): &(&str, &str)| Interval {
        from: at(from),
        to: (!to.is_empty()).then(|| at(to)),
    };
    pauses.iter().map(one).collect()
}

/// Monday to Friday with one interval.
fn hours(from: (u16, u16), to: (u16, u16)) -> ContractedHours {
    let day = vec![(MinuteOfDay::hm(from.0, from.1), MinuteOfDay::hm(to.0, to.1))];
    ContractedHours::new([day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]])
        .expect("a plain week")
}

fn calendar(hours: &ContractedHours) -> WorkCalendar {
    WorkCalendar::new(hours, &Holidays::official())
}

fn terms(plan: Parameters) -> Terms {
    Terms::resolve(None, &plan, &[], at("2026-01-01 00:00").date())
}

/// Checks a target and that the steps it is explained by arrive at it.
fn attention(plan: Parameters, request: &Request<'_>) -> AttentionTarget {
    let terms = terms(plan);
    let calendar = calendar(&terms.contracted_hours.value);
    let mut steps = Vec::new();
    let found = attention::target(request, &terms, &calendar, &mut steps).expect("in the calendar");
    assert_eq!(attention::target(request, &terms, &calendar, &mut ()), Ok(found));
    let arrived = found.target.is_none_or(|at| steps.iter().any(|step| step.at == Some(at)));
    assert!(arrived, "no step arrives at {found:?}: {steps:#?}");
    found
}

#[test]
fn clause_7_ordinary() {
    use AttentionTier::{NextBusinessDay as Next, SameDayExtended as Ext, SameDayStandard as Std};
    let nine_six = ((9, 0), (18, 0));
    #[rustfmt::skip]
    let rows = [
        // "Mismo día (hasta 14:00): Tickets recibidos antes de esa hora."
        ("7.1", nine_six, "2026-11-20 13:59:59", None, "2026-11-20 18:00", Std),
        ("7.1", nine_six, "2026-11-20 13:59:59.999", None, "2026-11-20 18:00", Std),
        ("7.1", nine_six, "2026-11-20 00:00:00", None, "2026-11-20 18:00", Std),
        // Midnight belongs to the day that begins, also in the years with summer time.
        ("7.1", nine_six, "2022-07-15 00:00:00", None, "2022-07-15 18:00", Std),
        // "Mismo día (hasta 17:00): Puede aplicar costo adicional."
        ("7.2", nine_six, "2026-11-20 14:00:00", None, "2026-11-23 18:00", Next),
        ("7.2", nine_six, "2026-11-20 14:00:00", Some("2026-11-20 15:10:00"), "2026-11-20 18:00", Ext),
        ("7.2a", nine_six, "2026-11-20 16:30:00", Some("2026-11-20 16:59:59"), "2026-11-20 18:00", Ext),
        ("7.2a", nine_six, "2026-11-20 16:30:00", Some("2026-11-20 16:30:00"), "2026-11-20 18:00", Ext),
        ("7.2a", nine_six, "2026-11-20 16:30:00", Some("2026-11-20 16:29:59.999"), "2026-11-23 18:00", Next),
        ("7.2a", nine_six, "2026-11-20 16:30:00.001", Some("2026-11-20 16:50"), "2026-11-23 18:00", Next),
        ("7.2a", nine_six, "2026-11-20 16:45:00", Some("2026-11-20 16:50:00"), "2026-11-23 18:00", Next),
        ("7.2", nine_six, "2026-11-20 16:30:00", Some("2026-11-20 17:00:00"), "2026-11-23 18:00", Next),
        ("7.2a", ((9, 0), (16, 0)), "2026-11-20 15:30", Some("2026-11-20 16:30"), "2026-11-23 16:00", Next),
        ("7.2a", ((9, 0), (16, 0)), "2026-11-20 15:30", Some("2026-11-20 15:59:59"), "2026-11-20 16:00", Ext),
        ("7.2", nine_six, "2026-12-31 16:00", None, "2027-01-04 18:00", Next),
        // 7.3, "Día hábil: Lunes a viernes, excluyendo días festivos oficiales en México."
        ("7.3", nine_six, "2026-11-20 17:00:00", None, "2026-11-23 18:00", Next),
        ("7.3", nine_six, "2026-11-20 10:00:00", Some("2026-11-20 10:05"), "2026-11-20 18:00", Std),
        ("7.3", ((9, 0), (13, 0)), "2026-11-20 13:30", None, "2026-11-23 13:00", Next),
        ("7.3", ((9, 0), (13, 0)), "2026-11-20 13:00", None, "2026-11-23 13:00", Next),
        ("7.3", nine_six, "2026-11-13 17:30", None, "2026-11-17 18:00", Next),
        ("7.3", nine_six, "2026-11-16 10:00", None, "2026-11-17 18:00", Next),
        ("7.3", nine_six, "2026-12-24 17:05", None, "2026-12-28 18:00", Next),
        ("7.3", nine_six, "2027-04-30 18:30", None, "2027-05-03 18:00", Next),
        ("7.3", nine_six, "2030-09-30 19:00", None, "2030-10-02 18:00", Next),
    ];
    for (rule, (from, to), received, accepted, target, tier) in rows {
        let plan = Parameters {
            contracted_hours: Some(hours(from, to)),
            same_day_surcharge: Some(Centavos(50_000)),
            ..Parameters::default()
        };
        let request = Request {
            received_at: at(received),
            immediate: false,
            same_day_accepted_at: accepted.map(at),
            pauses: &[],
        };
        let found = attention(plan, &request);
        assert_eq!((found.target, found.tier), (Some(at(target)), tier), "{rule} {received}");
    }
}

#[test]
fn clause_7_2a_modes_of_the_same_day() {
    use AttentionTier::{NextBusinessDay, SameDayExtended as Extended};
    #[rustfmt::skip]
    let rows = [
        // "Puede aplicar costo adicional": también puede no aplicar.
        (SameDayExtended::Included, "2026-11-20 16:59:59", "2026-11-20 18:00", Extended, false),
        (SameDayExtended::Included, "2026-11-20 17:00:00", "2026-11-23 18:00", NextBusinessDay, false),
        (SameDayExtended::Unavailable, "2026-11-20 14:00:00", "2026-11-23 18:00", NextBusinessDay, false),
        (SameDayExtended::WithCost, "2026-11-20 14:00:00", "2026-11-23 18:00", NextBusinessDay, true),
    ];
    for (mode, received, target, tier, offered) in rows {
        let plan = Parameters { same_day_extended: Some(mode), ..Parameters::default() };
        let request = Request {
            received_at: at(received),
            immediate: false,
            same_day_accepted_at: None,
            pauses: &[],
        };
        let found = attention(plan, &request);
        assert_eq!((found.target, found.tier), (Some(at(target)), tier), "{mode:?}");
        assert_eq!(found.offer.is_some(), offered, "{mode:?}");
    }
}

#[test]
fn clause_7_immediate_and_pauses() {
    use EmergencyHours::{All, Contracted};
    #[rustfmt::skip]
    let rows: [(&str, bool, EmergencyHours, &str, Pauses, &str); _] = [
        // "Emergente: Atención inmediata para incidencias críticas, con posible costo adicional."
        ("7.4", true, Contracted, "2026-11-20 10:00", &[], "2026-11-20 10:30"),
        ("7.4", true, Contracted, "2026-11-20 17:45", &[], "2026-11-23 09:15"),
        ("7.4", true, Contracted, "2026-11-21 02:00", &[], "2026-11-23 09:30"),
        ("7.4", true, All, "2026-11-21 02:00", &[], "2026-11-21 02:30"),
        ("7.4, 7.7", true, All, "2026-11-21 02:00", &[("2026-11-21 02:10", "2026-11-21 05:10")], "2026-11-21 05:30"),
        // "Información correcta del cliente. Accesos necesarios otorgados oportunamente."
        ("7.7", false, Contracted, "2026-11-20 10:00", &[("2026-11-20 09:00", "2026-11-20 11:00")], "2026-11-23 10:00"),
        ("7.7 overlap", false, Contracted, "2026-11-20 10:00",
            &[("2026-11-20 11:30", "2026-11-20 12:30"), ("2026-11-20 11:00", "2026-11-20 12:00")], "2026-11-23 10:30"),
        ("7.7 at the target", false, Contracted, "2026-11-20 10:00", &[("2026-11-20 18:00", "2026-11-24 12:00")], "2026-11-20 18:00"),
        ("7.7 before the moved target", false, Contracted, "2026-11-20 10:00",
            &[("2026-11-20 17:00", "2026-11-20 18:00"), ("2026-11-23 09:30", "2026-11-23 11:30")], "2026-11-23 12:00"),
        ("7.7 out of hours", false, Contracted, "2026-11-19 17:30", &[("2026-11-19 18:00", "2026-11-20 09:00")], "2026-11-20 18:00"),
        ("7.7 over before the receipt", false, Contracted, "2026-11-20 10:00", &[("2026-11-20 08:00", "2026-11-20 10:00")], "2026-11-20 18:00"),
        // M1a: la pregunta "¿lo enviaste tú?" y su confirmación.
        ("M1a", false, Contracted, "2026-11-20 13:50", &[("2026-11-20 13:50", "2026-11-20 14:20")], "2026-11-23 09:30"),
    ];
    for (rule, immediate, emergency, received, pauses, target) in rows {
        let plan = Parameters { emergency_hours: Some(emergency), ..Parameters::default() };
        let pauses = intervals(pauses);
        let request = Request {
            received_at: at(received),
            immediate,
            same_day_accepted_at: None,
            pauses: &pauses,
        };
        let found = attention(plan, &request);
        assert_eq!(found.target, Some(at(target)), "{rule} {received}");
    }
}

#[test]
fn clause_7_7_an_open_pause_has_no_target_only_time_left() {
    let pauses = intervals(&[("2026-11-20 12:00", ""), ("2026-11-20 13:00", "2026-11-20 14:00")]);
    let request = Request {
        received_at: at("2026-11-20 10:00"),
        immediate: false,
        same_day_accepted_at: None,
        pauses: &pauses,
    };
    let found = attention(Parameters::default(), &request);
    assert_eq!((found.target, found.warn_at), (None, None));
    assert_eq!(found.left, Some(TimeDelta::hours(6)));
    let late = intervals(&[("2026-11-20 18:00", "")]);
    let found = attention(Parameters::default(), &Request { pauses: &late, ..request });
    assert_eq!((found.target, found.left), (Some(at("2026-11-20 18:00")), None));
}

#[test]
fn clause_7_9_replies() {
    let calendar = calendar(&ContractedHours::default());
    #[rustfmt::skip]
    let rows = [
        ("2026-11-20 13:59:59", false, "2026-11-20 18:00"),
        ("2026-11-20 14:00", false, "2026-11-23 18:00"),
        ("2026-11-21 10:00", false, "2026-11-23 18:00"),
        ("2026-11-20 14:00", true, "2026-11-20 14:30"),
    ];
    for (received, immediate, target) in rows {
        let terms = Terms::product();
        let found =
            attention::reply_target(at(received), immediate, &terms, &calendar, &[], &mut ());
        assert_eq!(found.map(|one| one.target), Ok(Some(at(target))), "{received}");
    }
}

#[test]
fn clause_7_10_warnings() {
    #[rustfmt::skip]
    let rows: [(&str, Option<&str>, Pauses, &str); _] = [
        ("2026-11-20 10:00", None, &[], "2026-11-20 16:00"),
        // Three quarters of 7:59:59.999 are cut to whole seconds.
        ("2026-11-20 10:00:00.001", None, &[], "2026-11-20 15:59:59.001"),
        // Nine contracted hours until Monday 18:00 and one today: 7 h 30 min of ten.
        ("2026-11-20 17:00", None, &[], "2026-11-23 15:30"),
        // Two and a half hours remain at 15:30; the acceptance comes before three quarters.
        ("2026-11-20 15:30", Some("2026-11-20 15:40"), &[], "2026-11-20 17:22:30"),
        // Accepted after three quarters of the time to the extended target: not before it.
        ("2026-11-20 14:00", Some("2026-11-20 16:59:59"), &[], "2026-11-20 17:00"),
        ("2026-11-20 16:29", Some("2026-11-20 16:59"), &[], "2026-11-20 17:37:15"),
        // A pause before the warning moves it; one after it does not.
        ("2026-11-20 10:00", None, &[("2026-11-20 11:00", "2026-11-20 12:00")], "2026-11-20 17:00"),
        ("2026-11-20 10:00", None, &[("2026-11-20 16:00", "2026-11-20 17:00")], "2026-11-20 16:00"),
    ];
    for (received, accepted, pauses, warn_at) in rows {
        let pauses = intervals(pauses);
        let request = Request {
            received_at: at(received),
            immediate: false,
            same_day_accepted_at: accepted.map(at),
            pauses: &pauses,
        };
        let found = attention(Parameters::default(), &request);
        assert_eq!(found.warn_at, Some(at(warn_at)), "{received}");
    }
    let wide = Parameters {
        contracted_hours: Some(hours((9, 0), (17, 30))),
        warning_percent: domain::terms::Percent::new(10),
        ..Parameters::default()
    };
    let request = Request {
        received_at: at("2026-11-20 14:00"),
        immediate: false,
        same_day_accepted_at: Some(at("2026-11-20 16:30")),
        pauses: &[],
    };
    assert_eq!(attention(wide, &request).warn_at, Some(at("2026-11-20 16:30")), "the acceptance");
}

#[test]
fn clause_6_2_whatsapp() {
    // "Tiempo máximo de respuesta: hasta 4 horas, en horario contratado."
    let calendar = calendar(&ContractedHours::default());
    let rows = [
        ("2026-11-20 14:00", "2026-11-20 18:00"),
        ("2026-11-20 16:30", "2026-11-23 11:30"),
        ("2026-11-13 16:30", "2026-11-17 11:30"),
        ("2026-09-15 17:00", "2026-09-17 12:00"),
    ];
    for (received, due) in rows {
        let mut steps = Vec::new();
        let found = whatsapp::reply_due(at(received), &Terms::product(), &calendar, &mut steps);
        assert_eq!(found, Ok(at(due)), "{received}");
        assert_eq!(steps.last().and_then(|step| step.at), Some(at(due)));
    }
}

#[test]
fn clause_9_2_closing() {
    use AutoCloseMode::{Guarded, Natural};
    #[rustfmt::skip]
    let rows: [(AutoCloseMode, &str, Pauses, &str, &str); _] = [
        // "Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado."
        (Natural, "2026-11-17 10:00", &[], "2026-11-19 10:00", "2026-11-18 10:00"),
        (Guarded, "2026-11-17 10:00", &[], "2026-11-19 10:00", "2026-11-18 10:00"),
        (Natural, "2026-11-20 17:00", &[], "2026-11-22 17:00", "2026-11-21 17:00"),
        (Guarded, "2026-11-20 17:00", &[], "2026-11-23 17:00", "2026-11-23 09:00"),
        (Guarded, "2026-11-20 09:00", &[], "2026-11-23 09:00", "2026-11-20 18:00"),
        (Guarded, "2026-11-20 18:00", &[], "2026-11-24 09:00", "2026-11-23 09:00"),
        (Natural, "2026-11-13 17:00", &[], "2026-11-15 17:00", "2026-11-14 17:00"),
        (Guarded, "2026-11-13 17:00", &[], "2026-11-17 17:00", "2026-11-17 09:00"),
        (Natural, "2026-12-23 17:30", &[], "2026-12-25 17:30", "2026-12-24 17:30"),
        (Guarded, "2026-12-23 17:30", &[], "2026-12-28 09:00", "2026-12-24 17:30"),
        // A pause of 10 h, of which 3 h are contracted.
        (Natural, "2026-11-17 10:00", &[("2026-11-17 15:00", "2026-11-18 01:00")], "2026-11-19 20:00", "2026-11-18 20:00"),
        (Guarded, "2026-11-17 10:00", &[("2026-11-17 15:00", "2026-11-18 01:00")], "2026-11-20 09:00", "2026-11-19 09:00"),
    ];
    for (mode, solution, pauses, closing, reminder) in rows {
        let terms = terms(Parameters { auto_close: Some(mode), ..Parameters::default() });
        let calendar = calendar(&terms.contracted_hours.value);
        let mut steps = Vec::new();
        let found = auto_close(at(solution), &intervals(pauses), &terms, &calendar, &mut steps)
            .expect("in the calendar");
        let row = format!("{mode:?} {solution}");
        assert_eq!(
            (found.closing, found.reminder),
            (Some(at(closing)), Some(at(reminder))),
            "{row}"
        );
        for wanted in [closing, reminder] {
            assert!(steps.iter().any(|step| step.at == Some(at(wanted))), "{row}: {steps:#?}");
        }
    }
}

/// A reminder comes before the closing, or not at all.
#[test]
fn clause_9_2_a_reminder_of_the_closing_itself_is_none() {
    let solution = at("2026-11-17 10:00");
    for (hours, reminder) in [(47, Some(at("2026-11-19 09:00"))), (48, None), (49, None)] {
        let mut terms = Terms::product();
        terms.auto_close.value = AutoCloseMode::Natural;
        terms.solution_reminder.value = Span::hours(hours);
        let calendar = calendar(&terms.contracted_hours.value);
        let found = auto_close(solution, &[], &terms, &calendar, &mut ()).unwrap();
        assert_eq!((found.closing, found.reminder), (Some(at("2026-11-19 10:00")), reminder));
    }
}

#[test]
fn clause_9_2_where_the_last_closing_lies_before_the_solution() {
    // Three hours a day: the next opening leaves under four, and the closing before lies before
    // the solution, so the reminder is the next opening after all.
    let plan = Parameters {
        auto_close: Some(AutoCloseMode::Guarded),
        contracted_hours: Some(hours((9, 0), (12, 0))),
        ..Parameters::default()
    };
    let terms = terms(plan);
    let calendar = calendar(&terms.contracted_hours.value);
    let found = auto_close(at("2026-11-20 12:00"), &[], &terms, &calendar, &mut ()).unwrap();
    assert_eq!(found.closing, Some(at("2026-11-24 09:00")));
    assert_eq!(found.reminder, Some(at("2026-11-23 09:00")));
}

/// "SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte." Before 24:00 of the fifth
/// business day after the question, and of the tenth after a colleague's mail (M1a, 1.2a).
#[test]
fn clause_1_how_long_a_held_mail_waits() {
    let (calendar, terms) = (calendar(&ContractedHours::default()), Terms::product());
    for (from, confirmed, adopted) in [
        ("2026-11-20 13:50", "2026-11-28 00:00", "2026-12-05 00:00"),
        // Monday 16 is a holiday.
        ("2026-11-13 23:59", "2026-11-24 00:00", "2026-12-01 00:00"),
        ("2026-11-14 00:00", "2026-11-24 00:00", "2026-12-01 00:00"),
    ] {
        assert_eq!(question_expires_at(at(from), &terms, &calendar), Ok(at(confirmed)), "{from}");
        assert_eq!(adoption_ends_at(at(from), &terms, &calendar), Ok(at(adopted)), "{from}");
    }
}

#[test]
fn clause_9_7_window_to_reopen() {
    let calendar = calendar(&ContractedHours::default());
    for (closed, end) in [
        ("2026-11-19 10:00", "2026-11-27 00:00"),
        ("2026-11-22 17:00", "2026-11-28 00:00"),
        ("2026-11-13 17:00", "2026-11-24 00:00"),
    ] {
        let found = reopening_window_end(at(closed), &Terms::product(), &calendar);
        assert_eq!(found, Ok(at(end)), "{closed}");
    }
}

#[test]
fn g1_business_time_over_the_last_clock_change() {
    let calendar = calendar(&ContractedHours::default());
    let from = Instant::parse_rfc3339("2022-10-28T17:00:00-05:00").unwrap();
    let found = calendar.advance(from, TimeDelta::hours(2)).map(Instant::to_rfc3339);
    assert_eq!(found.as_deref(), Ok("2022-10-31T10:00:00-06:00"));
}

#[test]
fn clause_7_4_pages() {
    use EmergencyHours::{All, Contracted};
    let calendar = calendar(&ContractedHours::default());
    for (mode, received, page) in [
        (Contracted, "2026-11-20 10:00", "2026-11-20 10:00"),
        (Contracted, "2026-11-20 18:00", "2026-11-23 09:00"),
        (All, "2026-11-21 02:00", "2026-11-21 02:00"),
    ] {
        let terms = terms(Parameters { emergency_hours: Some(mode), ..Parameters::default() });
        assert_eq!(attention::page_at(at(received), &terms, &calendar), Ok(at(page)), "{received}");
        let never = Instant::from_millis(i64::MAX);
        let outside = Err(OutOfCalendar::Instant(never));
        assert_eq!(attention::page_at(never, &terms, &calendar), outside, "{mode:?}");
    }
}
