//! `{"kind":"payment"}`: how a month of a póliza stands, at one or several instants (10.1 to 10.3).

use domain::Step;
use domain::billing::{Charge, LastNotice, Month, MonthFacts, standing_of};
use domain::calendar::OutOfCalendar;
use domain::terms::Terms;

use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, State, Value};

/// Answers it. `fee` is the monthly fee of the póliza, of which a first month owes its natural days;
/// without `last_notice_at`, the last notice was recorded when it was due.
pub(super) fn answer(mut reader: Reader) -> Result<Reply, Vec<Fault>> {
    let month = reader.month("month");
    let start = reader.date("start");
    let fee = reader.fee("fee");
    let payments = reader.payments("payments");
    let last_notice_at = reader.optional_instant("last_notice_at");
    let as_of = reader.instants("as_of");
    if let (Some(month), Some(start)) = (month, start)
        && month.last_day() < start
    {
        reader.fault("month", Problem::Before("start"));
    }
    let read = month.zip(start).zip(fee).zip(payments).zip(as_of);
    let ((((month, start), fee), parts), as_of) = reader.finish(read)?;
    let outside =
        |_: OutOfCalendar| vec![Fault { at: "month".into(), problem: Problem::LeadsOutside }];
    let terms = Terms::product();
    let mut steps: Vec<Step> = Vec::new();
    let charge = charge(month, start)?;
    let limit = charge.limit(&terms, &mut steps).map_err(outside)?;
    let owed = charge.fee(fee, &terms, &mut steps);
    let ordinary = charge.ladder(&terms).map_err(outside)?.last_notice_at;
    let recorded_at = last_notice_at.unwrap_or(ordinary);
    let last_notices = vec![LastNotice { recorded_at, limit_day: limit.day }];
    let (tolerations, reactivated) = (Vec::new(), Vec::new());
    let facts = MonthFacts { charge, owed, parts, last_notices, tolerations, reactivated };
    let mut states = Vec::with_capacity(as_of.len());
    for as_of in as_of {
        let found = standing_of(&facts, as_of, &terms, &mut steps).map_err(outside)?;
        states.push(State { as_of, standing: found.standing });
    }
    Ok(Reply {
        values: vec![
            ("due_until", "Límite de pago", Value::Limit(limit.until)),
            ("states", "Situación", Value::States(states)),
        ],
        steps: Some(steps),
    })
}

/// What is charged of the month. One that ends before the póliza begins was refused before.
fn charge(month: Month, start: domain::NaiveDate) -> Result<Charge, Vec<Fault>> {
    Charge::new(month, start, None)
        .ok_or_else(|| vec![Fault { at: "month".into(), problem: Problem::Before("start") }])
}
