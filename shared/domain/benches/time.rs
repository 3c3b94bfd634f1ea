//! How long business time takes: `cargo bench -p domain`.
//!
//! The aim is at most 50 ns for `advance`, for `elapsed` and for a whole attention target. Figures
//! are printed and never asserted: a busy machine is no fault of the code.

use std::hint::black_box;

use divan::Bencher;
use domain::attention::{self, Request};
use domain::auto_close::auto_close;
use domain::calendar::{ContractedHours, Holidays, WorkCalendar};
use domain::terms::Terms;
use domain::{Instant, TimeDelta};

fn main() {
    divan::main();
}

/// Receipts spread over the calendar and over the hours of a day, the same in every run.
fn receipts() -> Vec<Instant> {
    let first = Instant::parse_rfc3339("2026-01-01T00:00:00-06:00").expect("an instant");
    // An odd step of about 71 hours and 17 minutes visits every hour and weekday.
    (0..1024).map(|n| first + TimeDelta::seconds(256_631 * n)).collect()
}

fn calendar() -> WorkCalendar {
    WorkCalendar::new(&ContractedHours::default(), &Holidays::official())
}

/// Runs one question on 1,024 receipts; divan prints the time per receipt.
fn each<T>(bencher: Bencher<'_, '_>, question: impl Fn(&WorkCalendar, Instant) -> T) {
    let (calendar, receipts) = (calendar(), receipts());
    let mut next = 0;
    bencher.bench_local(|| {
        next = (next + 1) & 1023;
        question(black_box(&calendar), black_box(receipts[next]))
    });
}

#[divan::bench(args = [3_600, 36_000, 3_600_000])]
fn advance(bencher: Bencher<'_, '_>, seconds: i64) {
    each(bencher, move |calendar, t| calendar.advance(t, TimeDelta::seconds(black_box(seconds))));
}

#[divan::bench]
fn elapsed(bencher: Bencher<'_, '_>) {
    each(bencher, |calendar, t| calendar.elapsed(t, t + TimeDelta::hours(1000)));
}

#[divan::bench(args = [false, true])]
fn attention_target(bencher: Bencher<'_, '_>, immediate: bool) {
    let terms = Terms::product();
    each(bencher, move |calendar, received_at| {
        let request = Request { received_at, immediate, same_day_accepted_at: None, pauses: &[] };
        attention::target(&request, black_box(&terms), calendar, &mut ())
    });
}

#[divan::bench]
fn attention_target_with_steps(bencher: Bencher<'_, '_>) {
    let terms = Terms::product();
    each(bencher, move |calendar, received_at| {
        let request =
            Request { received_at, immediate: false, same_day_accepted_at: None, pauses: &[] };
        let mut steps = Vec::new();
        attention::target(&request, black_box(&terms), calendar, &mut steps).map(|_| steps)
    });
}

#[divan::bench]
fn closing(bencher: Bencher<'_, '_>) {
    let terms = Terms::product();
    each(bencher, move |calendar, t| auto_close(t, &[], black_box(&terms), calendar, &mut ()));
}

#[divan::bench]
fn build_a_calendar(bencher: Bencher<'_, '_>) {
    let (hours, holidays) = (ContractedHours::default(), Holidays::official());
    bencher.bench(|| WorkCalendar::new(black_box(&hours), black_box(&holidays)));
}
