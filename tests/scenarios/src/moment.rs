//! Moments as the scripts write them: `vie 2026-11-20 13:59` in the contract's local time.

use domain::{Instant, NaiveDate};

const WEEKDAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"];

/// Writes a moment; seconds and milliseconds only where they are not zero.
#[must_use]
pub fn show(at: Instant) -> String {
    let local = at.local();
    let date = local.date();
    let millis = at.millis().rem_euclid(1000);
    let seconds = at.millis().div_euclid(1000).rem_euclid(60);
    let mut text = format!("{} {date} {}", weekday(date), local.format("%H:%M"));
    if seconds != 0 || millis != 0 {
        text.push_str(&format!(":{seconds:02}"));
    }
    if millis != 0 {
        text.push_str(&format!(".{millis:03}"));
    }
    text
}

/// Reads a moment from the start of `text`, and what follows it.
///
/// # Errors
/// When the weekday does not fit the date, or there is no such moment; `None` inside `Ok` when the
/// text does not start with a weekday at all.
pub fn read(text: &str) -> Result<Option<(Instant, &str)>, String> {
    let Some(name) = text.split(' ').next().filter(|word| WEEKDAYS.contains(word)) else {
        return Ok(None);
    };
    let rest = text[name.len()..].trim_start();
    let (date, rest) = rest.split_once(' ').ok_or("faltan la fecha y la hora")?;
    let rest = rest.trim_start();
    let (time, rest) = rest.split_once([' ', ',']).unwrap_or((rest, ""));
    let at = parse(date, time)?;
    if weekday(at.date()) != name {
        return Err(format!("el {date} es {}, no {name}", weekday(at.date())));
    }
    Ok(Some((at, rest.trim_start())))
}

/// A time of day on the local day of `day`.
///
/// # Errors
/// When there is no such time.
pub fn on_day(day: Instant, time: &str) -> Result<Instant, String> {
    parse(&day.date().to_string(), time)
}

fn parse(date: &str, time: &str) -> Result<Instant, String> {
    let (clock, millis) = time.split_once('.').unwrap_or((time, "0"));
    let clock = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    // The offset of the year's standard time: the scripts play after summer time was given up.
    let text = format!("{date}T{clock}-06:00");
    let at = Instant::parse_rfc3339(&text).map_err(|error| format!("{date} {time} {error}"))?;
    let millis: i64 = millis.parse().map_err(|_| format!("{time} no es una hora"))?;
    Ok(Instant::from_millis(at.millis() + millis))
}

fn weekday(date: NaiveDate) -> &'static str {
    let day = date.format("%u").to_string().parse::<usize>().unwrap_or(1);
    WEEKDAYS[day - 1]
}
