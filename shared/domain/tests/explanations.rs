//! What people read of each computation, as one document: explanations.golden. Each case of the table is a
//! paragraph, with the steps that led to its date.
//!
//! `UPDATE_GOLDEN=1 cargo test -p domain --test explanations` writes the document anew.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use std::fmt::Write as _;

use domain::attention::{self, Request};
use domain::auto_close::auto_close;
use domain::billing::{Charge, LastNotice, Month, MonthFacts, Part, standing_of};
use domain::calendar::{ContractedHours, Holidays, WorkCalendar};
use domain::pauses::Interval;
use domain::renewal::renewal;
use domain::terms::{
    AutoCloseMode, Centavos, EmergencyHours, Parameters, Percent, Proration, SameDayExtended, Terms,
};
use domain::{Instant, NaiveDate, Step};

/// When each of some pauses began and ended; one that is open ends nowhere.
type Spans<'a> = &'a [(&'a str, &'a str)];
/// A case of an attention target: what it is, the póliza, the receipt, whether it is critical, when the same
/// day was accepted, and the pauses.
type Asked<'a> = (&'a str, &'a Parameters, &'a str, bool, &'a str, Spans<'a>);
/// A payment: amount, value date, when it was recorded and when the bank took it back.
type Paid<'a> = (i64, &'a str, &'a str, &'a str);
/// A case of a month: what it is, the last notice's limit and record, payments, and as of when it is asked.
type Owed<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [Paid<'a>], &'a str);

/// `2026-11-20 13:50` in Mexico City.
fn at(text: &str) -> Instant {
    let text = format!("{}T{}:00-06:00", &text[..10], &text[11..]);
    Instant::parse_rfc3339(&text).unwrap_or_else(|error| panic!("{text} {error}"))
}

fn pauses(spans: Spans<'_>) -> Vec<Interval> {
    let to = |text: &str| (!text.is_empty()).then(|| at(text));
    spans.iter().map(|(from, until)| Interval { from: at(from), to: to(until) }).collect()
}

fn terms(plan: &Parameters) -> Terms {
    Terms::resolve(None, plan, &[], NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"))
}

fn calendar() -> WorkCalendar {
    WorkCalendar::new(&ContractedHours::default(), &Holidays::official())
}

fn paragraph(document: &mut String, heading: &str, at: Option<Instant>, steps: &[Step]) {
    let at = at.map_or_else(|| "sin fecha".to_owned(), Instant::spanish_short);
    writeln!(document, "{heading}\n  = {at}").expect("a string takes any text");
    for Step { rule, text, at, used } in steps {
        let at = at.map(|at| format!(" [{}]", at.spanish_short())).unwrap_or_default();
        let used: Vec<&str> = used.iter().map(|used| used.parameter).collect();
        writeln!(document, "  {rule}{at} {text}").expect("a string takes any text");
        if !used.is_empty() {
            writeln!(document, "      de {}", used.join(", ")).expect("a string takes any text");
        }
    }
    document.push('\n');
}

fn targets(document: &mut String) {
    let with_cost = Parameters {
        same_day_extended: Some(SameDayExtended::WithCost),
        same_day_surcharge: Some(Centavos(58_000)),
        ..Parameters::default()
    };
    let mode = |mode| Parameters { same_day_extended: Some(mode), ..Parameters::default() };
    let included = mode(SameDayExtended::Included);
    let unavailable = mode(SameDayExtended::Unavailable);
    let all_hours =
        Parameters { emergency_hours: Some(EmergencyHours::All), ..Parameters::default() };
    let plain = Parameters::default();
    let warned_early = Parameters { warning_percent: Percent::new(25), ..with_cost.clone() };
    #[rustfmt::skip]
    let rows: &[Asked<'_>] = &[
        ("antes de las 14:00", &plain, "2026-11-20 13:59", false, "", &[]),
        ("antes de las 14:00, con aceptación", &plain, "2026-11-20 13:59", false, "2026-11-20 14:10", &[]),
        ("a las 14:00", &with_cost, "2026-11-20 14:00", false, "", &[]),
        ("aceptado en su momento", &with_cost, "2026-11-20 14:00", false, "2026-11-20 14:20", &[]),
        ("aceptado cuando ya era hora de avisar", &warned_early, "2026-11-20 14:00", false, "2026-11-20 16:59", &[]),
        ("aceptado tarde", &with_cost, "2026-11-20 14:00", false, "2026-11-20 17:00", &[]),
        ("queda poco hasta el límite", &with_cost, "2026-11-20 16:45", false, "", &[]),
        ("queda poco, y se aceptó", &with_cost, "2026-11-20 16:45", false, "2026-11-20 16:50", &[]),
        ("incluido", &included, "2026-11-20 14:00", false, "", &[]),
        ("no disponible", &unavailable, "2026-11-20 14:00", false, "", &[]),
        ("a las 17:00", &plain, "2026-11-20 17:00", false, "", &[]),
        ("sin horario por delante", &plain, "2026-11-20 18:00", false, "", &[]),
        ("en sábado", &plain, "2026-11-21 10:00", false, "", &[]),
        ("en día festivo", &plain, "2026-11-16 10:00", false, "", &[]),
        ("en domingo, antes de un lunes festivo", &plain, "2026-11-15 10:00", false, "", &[]),
        ("por la tarde, antes de un lunes festivo", &unavailable, "2026-11-13 14:30", false, "", &[]),
        ("por la tarde, antes de un sábado festivo", &unavailable, "2027-04-30 14:30", false, "", &[]),
        ("con festivo al día siguiente, un viernes", &plain, "2026-12-24 17:30", false, "", &[]),
        ("en pausa", &plain, "2026-11-20 10:00", false, "", &[("2026-11-20 16:30", "")]),
        ("tras una pausa", &plain, "2026-11-20 10:00", false, "", &[("2026-11-20 12:00", "2026-11-20 13:30")]),
        ("pausa fuera del horario", &plain, "2026-11-20 10:00", false, "", &[("2026-11-20 19:00", "2026-11-20 20:00")]),
        ("crítica", &plain, "2026-11-22 03:00", true, "", &[]),
        ("crítica, a toda hora", &all_hours, "2026-11-22 03:00", true, "", &[]),
        ("crítica, a toda hora, tras una pausa", &all_hours, "2026-11-22 03:00", true, "", &[("2026-11-22 03:10", "2026-11-22 03:25")]),
    ];
    for (heading, plan, received, immediate, accepted, list) in rows {
        let request = Request {
            received_at: at(received),
            immediate: *immediate,
            same_day_accepted_at: (!accepted.is_empty()).then(|| at(accepted)),
            pauses: &pauses(list),
        };
        let mut steps = Vec::new();
        let found = attention::target(&request, &terms(plan), &calendar(), &mut steps).unwrap();
        paragraph(document, &format!("Atención, {heading}: {received}"), found.target, &steps);
    }
}

fn replies(document: &mut String) {
    #[rustfmt::skip]
    let rows: &[(&str, &str, bool, Spans<'_>)] = &[
        ("antes de las 14:00", "2026-11-20 13:59", false, &[]),
        ("a las 14:00", "2026-11-20 14:00", false, &[]),
        ("en domingo", "2026-11-22 10:00", false, &[]),
        ("en pausa", "2026-11-20 10:00", false, &[("2026-11-20 17:00", "")]),
        ("crítica", "2026-11-20 17:45", true, &[]),
    ];
    for (heading, received, immediate, list) in rows {
        let (terms, calendar) = (Terms::product(), calendar());
        let mut steps = Vec::new();
        let found = attention::reply_target(
            at(received),
            *immediate,
            &terms,
            &calendar,
            &pauses(list),
            &mut steps,
        );
        let target = found.unwrap().target;
        paragraph(document, &format!("Respuesta, {heading}: {received}"), target, &steps);
    }
}

fn closings(document: &mut String) {
    let natural = Parameters::default();
    let guarded = Parameters { auto_close: Some(AutoCloseMode::Guarded), ..Parameters::default() };
    #[rustfmt::skip]
    let rows: &[(&str, &Parameters, &str, Spans<'_>)] = &[
        ("natural", &natural, "2026-11-20 17:00", &[]),
        ("natural, con una pausa", &natural, "2026-11-17 10:00", &[("2026-11-18 09:00", "2026-11-18 11:00")]),
        ("natural, en pausa", &natural, "2026-11-17 10:00", &[("2026-11-17 12:00", "")]),
        ("con día completo", &guarded, "2026-11-17 10:00", &[]),
        ("con día completo, a la apertura", &guarded, "2026-11-20 17:00", &[]),
        ("con día completo, recordado al final del horario anterior", &guarded, "2026-11-19 20:00", &[]),
        ("con día completo, recordado a la apertura", &guarded, "2026-11-17 06:00", &[]),
        ("con día completo, en pausa", &guarded, "2026-11-17 10:00", &[("2026-11-17 12:00", "")]),
    ];
    for (heading, plan, solution, list) in rows {
        let mut steps = Vec::new();
        let found =
            auto_close(at(solution), &pauses(list), &terms(plan), &calendar(), &mut steps).unwrap();
        paragraph(document, &format!("Cierre, {heading}: {solution}"), found.closing, &steps);
    }
}

fn charges(document: &mut String) {
    let whole = Parameters { proration: Some(Proration::Whole), ..Parameters::default() };
    let plain = Parameters::default();
    #[rustfmt::skip]
    let rows: &[(&str, &Parameters, &str, Option<&str>)] = &[
        ("el mes completo", &plain, "2025-03-10", None),
        ("desde el día en que comienza la póliza", &plain, "2026-12-21", None),
        ("hasta el día en que termina", &plain, "2025-03-10", Some("2026-12-10")),
        ("completo aunque se preste en parte", &whole, "2026-12-21", None),
    ];
    let date = |text: &str| text.parse::<NaiveDate>().expect("a date");
    for (heading, plan, first, last) in rows {
        let (terms, month) = (terms(plan), Month::parse("2026-12").expect("a month"));
        let charge = Charge::new(month, date(first), last.map(date)).expect("it is charged");
        let mut steps = Vec::new();
        let fee = charge.fee(Centavos(1_160_000), &terms, &mut steps);
        let limit = charge.limit(&terms, &mut steps).unwrap();
        paragraph(document, &format!("Cobro, {heading}: {fee}"), Some(limit.until), &steps);
    }
}

/// December 2026, of which 11,600 pesos are owed.
fn months(document: &mut String) {
    let notice = ("2026-12-05", "2026-12-05 09:00");
    let all = 1_160_000;
    #[rustfmt::skip]
    let rows: &[Owed<'_>] = &[
        ("por pagar", None, &[(580_000, "2026-12-02", "2026-12-02 10:00", "")], "2026-12-03 10:00"),
        ("en el último instante del plazo", None, &[], "2026-12-05 23:59"),
        ("sin último aviso", None, &[], "2026-12-06 00:00"),
        ("con la suspensión por delante", Some(("2026-12-05", "2026-12-06 09:00")), &[], "2026-12-06 10:00"),
        ("pagado", Some(notice), &[(all, "2026-12-05", "2026-12-05 20:00", "")], "2026-12-07 10:00"),
        ("pagado, y una parte después del plazo", Some(notice), &[(all, "2026-12-05", "2026-12-05 20:00", ""), (100, "2026-12-06", "2026-12-06 20:00", "")], "2026-12-07 10:00"),
        ("pagado tarde y sin suspensión", None, &[(all, "2026-12-06", "2026-12-06 10:00", "")], "2026-12-07 10:00"),
        ("suspendido", Some(notice), &[(1, "2026-12-07", "2026-12-07 09:00", "")], "2026-12-07 10:00"),
        ("por pagar de nuevo tras una devolución", Some(notice), &[(all, "2026-12-05", "2026-12-05 20:00", "2026-12-10 10:00"), (200, "2026-12-04", "2026-12-04 10:00", "")], "2026-12-12 10:00"),
        ("pago recibido", Some(notice), &[(all, "2026-12-07", "2026-12-07 09:00", "")], "2026-12-07 10:00"),
        ("suspensión anulada", Some(notice), &[(all, "2026-12-05", "2026-12-08 10:00", "")], "2026-12-08 10:00"),
    ];
    for (heading, notice, paid, as_of) in rows {
        let date = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let month = Month::parse("2026-12").expect("a month");
        let part = |(n, (amount, value, recorded, back)): (usize, &Paid<'_>)| Part {
            recorded_at: at(recorded),
            value_date: date(value),
            amount: Centavos(*amount),
            reference: n.to_string(),
            reversed_at: (!back.is_empty()).then(|| at(back)),
        };
        let last_notice = notice.map(|(limit, recorded)| LastNotice {
            recorded_at: at(recorded),
            limit_day: date(limit),
        });
        let facts = MonthFacts {
            charge: Charge::new(month, date("2025-03-10"), None).expect("it is charged"),
            owed: Centavos(all),
            parts: paid.iter().enumerate().map(part).collect(),
            last_notices: last_notice.into_iter().collect(),
            tolerations: Vec::new(),
            reactivated: Vec::new(),
        };
        let mut steps = Vec::new();
        let found = standing_of(&facts, at(as_of), &Terms::product(), &mut steps).unwrap();
        let heading = format!("Mes, {heading}: {}", found.standing.name());
        paragraph(document, &heading, Some(at(as_of)), &steps);
    }
}

fn renewals(document: &mut String) {
    let last = NaiveDate::from_ymd_opt(2027, 3, 31).expect("a date");
    let mut steps = Vec::new();
    let found = renewal(last, &Terms::product(), &mut steps).unwrap();
    paragraph(document, "Renovación: 2027-03-31", Some(found.renewal_at), &steps);
}

#[test]
fn what_people_read_of_each_computation() {
    let mut document = String::new();
    targets(&mut document);
    replies(&mut document);
    closings(&mut document);
    charges(&mut document);
    months(&mut document);
    renewals(&mut document);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/explanations.golden");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &document).expect("the folder is there");
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    let mut both = golden.lines().zip(document.lines());
    if let Some((before, now)) = both.find(|(before, now)| before != now) {
        panic!("{path} says\n{before}\n  and now it is\n{now}");
    }
    assert_eq!(golden.len(), document.len(), "{path} has another end");
}
