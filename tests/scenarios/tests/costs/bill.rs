//! What is counted, in dollars: a thousand tickets, and a month in which nothing happens.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{Counted, Door, Life, sum};

/// A price in picodollars (a millionth of a millionth of a dollar) for one.
#[derive(Debug, Clone, Copy)]
struct Price {
    what: &'static str,
    told: &'static str,
    pico: u64,
}

const PICO: u64 = 1_000_000_000_000;
/// Tickets of the first table.
const TICKETS: u64 = 1_000;
/// Days of a month.
const DAYS: u64 = 30;
/// Sweeps of a day, as the template says.
const SWEEPS_A_DAY: u64 = 24 * 12;
/// Runs of a day of the two ladders together, as the template says.
const LADDERS_A_DAY: u64 = 4;
/// What a call is taken to bill, waiting included: more than any step of the life computes.
const CALL_MS: u64 = 100;
/// With so much memory.
const CALL_MB: u64 = 256;
/// What a call is taken to leave in the logs: the platform's lines and ours.
const CALL_LOG_BYTES: u64 = 2_000;
const ALARM: &str = "AWS::CloudWatch::Alarm";
const DASHBOARD: &str = "AWS::CloudWatch::Dashboard";

const MAIL_OUT: Price = price("mail sent", "$0.10 / thousand", 100_000_000);
const MAIL_IN: Price = price("mail received, up to 256 KB", "$0.19 / thousand", 190_000_000);
const WRITE: Price = price("write units", "$0.625 / million", 625_000);
const READ: Price = price("read units", "$0.125 / million", 125_000);
const REQUEST: Price = price("requests to the HTTP API", "$1.00 / million", 1_000_000);
const CALL: Price = price("calls of functions", "$0.20 / million", 200_000);
const GB_SECOND: Price =
    price("their time, 100 ms at 256 MB each", "$0.0000166667 / GB-second", 16_666_700);
const WAKE: Price = price("schedules that fire", "$1.00 / million", 1_000_000);
const PUT: Price = price("objects stored, moved or listed", "$5.00 / million", 5_000_000);
const GET: Price = price("objects read", "$0.40 / million", 400_000);
const LOG: Price = price("logs, 2 KB for each call", "$0.50 / GB", 500);
const ALARMS: Price = price("alarms", "$0.10 each", PICO / 10);
const OWN_METRICS: Price = price("metrics of our own", "$0.30 each", 3 * PICO / 10);
const DASHBOARDS: Price = price("dashboard", "$3.00 each", 3 * PICO);

const fn price(what: &'static str, told: &'static str, pico: u64) -> Price {
    Price { what, told, pico }
}

/// A line of a bill.
struct Line {
    price: Price,
    /// As it is written.
    count: String,
    cost: u64,
}

fn line(price: Price, count: u64) -> Line {
    Line { price, count: count.to_string(), cost: price.pico * count }
}

/// Read units are counted in halves.
fn reads(halves: u64) -> Line {
    let half = if halves.is_multiple_of(2) { "" } else { ".5" };
    let count = format!("{}{half}", halves / 2);
    Line { price: READ, count, cost: READ.pico * halves / 2 }
}

/// What calls of functions cost beside what they ask for.
fn calls(count: u64) -> [Line; 3] {
    let time = count * CALL_MS * CALL_MB * GB_SECOND.pico / 1_000 / 1_024;
    let seconds = format!("{:.0} GB-s", (count * CALL_MS * CALL_MB) as f64 / 1_024_000.0);
    let bytes = count * CALL_LOG_BYTES;
    [
        line(CALL, count),
        Line { price: GB_SECOND, count: seconds, cost: time },
        Line { price: LOG, count: format!("{} MB", bytes / 1_000_000), cost: bytes * LOG.pico },
    ]
}

fn dollars(pico: u64) -> String {
    format!("{:.2}", pico as f64 / PICO as f64)
}

/// A thousand lives that begin at a door.
pub(super) fn thousand<S: Counted>(life: &Life<S>, door: Door) -> String {
    let units = sum(life.rows.iter().flat_map(|row| [row.act, row.after]));
    let called = life.world.called();
    let of = |names: &[&str]| names.iter().filter_map(|name| called.get(name)).sum::<u64>();
    let wakes = of(&["sla-timer", "auto-close"]);
    let asked = |names: &[&str]| {
        let calls = life.bucket.iter().filter(|call| names.contains(*call));
        calls.count() as u64
    };
    let arrivals = life.mails;
    let functions = of(&["outbox-relay", "mail-events"]) + wakes + arrivals + life.requests;
    let stored = asked(&["blobs.put", "blobs.rename", "blobs.list"]) + arrivals;
    let mut lines = vec![
        line(MAIL_OUT, life.world.env.mailer.taken().len() as u64 * TICKETS),
        line(MAIL_IN, arrivals * TICKETS),
        line(WRITE, units.write * TICKETS),
        reads(units.read_halves * TICKETS),
        line(REQUEST, life.requests * TICKETS),
        line(WAKE, wakes * TICKETS),
        line(PUT, stored * TICKETS),
        line(GET, asked(&["blobs.get"]) * TICKETS),
    ];
    lines.extend(calls(functions * TICKETS));
    let title = format!("{TICKETS} tickets, {}", door.title().replacen("By", "by", 1));
    written(&title, &lines)
}

/// A month without a ticket: the sweep and the ladders find nothing, and what is there is paid.
pub(super) fn idle(sweep_read_halves: u64, ladder_read_halves: u64) -> String {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/template.yaml");
    let template = fs::read_to_string(template).expect("the template is there");
    let resources = |kind: &str| template.matches(&format!("Type: {kind}\n")).count() as u64;
    let (sweeps, ladders) = (SWEEPS_A_DAY * DAYS, LADDERS_A_DAY * DAYS);
    let mut lines = vec![
        line(ALARMS, resources(ALARM)),
        line(DASHBOARDS, resources(DASHBOARD)),
        line(OWN_METRICS, aws::telemetry::METRICS.len() as u64),
        reads(sweeps * sweep_read_halves + ladders * ladder_read_halves),
        line(WAKE, sweeps + ladders),
        // The sweep looks whether mail lies in the bucket.
        line(PUT, sweeps),
    ];
    lines.extend(calls(sweeps + ladders));
    written(&format!("A month of {DAYS} days without a ticket"), &lines)
}

fn written(title: &str, lines: &[Line]) -> String {
    let mut text =
        format!("**{title}.**\n\n| for | price | count | dollars |\n|---|--:|--:|--:|\n");
    for Line { price, count, cost } in lines.iter().filter(|line| line.cost > 0) {
        let _ =
            writeln!(text, "| {} | {} | {count} | {} |", price.what, price.told, dollars(*cost));
    }
    let all = lines.iter().map(|line| line.cost).sum();
    let _ = writeln!(text, "| **sum** | | | **{}** |", dollars(all));
    text
}
