//! Amounts as banks write them, read strictly: what could be two amounts is none (G9).

use domain::terms::Centavos;

use crate::limits::CENTAVOS_MAX;
use crate::mapping::Decimal;
use crate::words::echo;

/// Reads an amount with its sign. Thousands may be parted, in threes, by the mark that is not the
/// decimal one, by spaces or by apostrophes; a negative one is written with a minus on either side, or
/// in parentheses.
///
/// # Errors
/// What is wrong with it, in Spanish.
pub(crate) fn read(text: &str, decimal: Decimal) -> Result<Centavos, String> {
    let trimmed = text.trim();
    if trimmed.starts_with(['=', '@']) {
        return Err(format!("la cantidad «{}» es una fórmula: no se calcula", echo(text)));
    }
    let unreadable = || {
        format!(
            "la cantidad «{}» no se entiende: se esperan cifras, como {}",
            echo(text),
            match decimal {
                Decimal::Point => "11,600.00",
                Decimal::Comma => "11.600,00",
            }
        )
    };
    let (negative, bare) = sign(trimmed).ok_or_else(unreadable)?;
    let bare = bare.trim_start_matches('$').trim_end_matches("MXN").trim();
    let (whole, fraction) = match bare.split_once(decimal.mark()) {
        Some((whole, fraction)) => (whole, fraction),
        None => (bare, ""),
    };
    let pesos = grouped(whole, decimal.other()).ok_or_else(unreadable)?;
    let digits = fraction.len() <= 2 && fraction.bytes().all(|b| b.is_ascii_digit());
    if !digits || (fraction.is_empty() && bare.contains(decimal.mark())) {
        return Err(unreadable());
    }
    let centavos = format!("{pesos}{fraction:0<2}").parse::<i64>().map_err(|_| unreadable())?;
    if centavos > CENTAVOS_MAX {
        return Err(format!("la cantidad «{}» es demasiado grande", echo(text)));
    }
    Ok(Centavos(if negative { -centavos } else { centavos }))
}

/// Whether the amount is negative, and the rest of it.
fn sign(text: &str) -> Option<(bool, &str)> {
    if let Some(inside) = text.strip_prefix('(') {
        return inside.strip_suffix(')').map(|rest| (true, rest.trim()));
    }
    if let Some(rest) = text.strip_suffix('-') {
        return Some((true, rest.trim()));
    }
    let text = text.strip_prefix('$').unwrap_or(text).trim_start();
    match text.strip_prefix('-') {
        Some(rest) => Some((true, rest.trim())),
        None => Some((false, text.strip_prefix('+').unwrap_or(text).trim())),
    }
}

/// The digits of a whole number whose thousands may be parted.
fn grouped(text: &str, mark: char) -> Option<String> {
    let part = |c: char| c == mark || c == ' ' || c == '\u{a0}' || c == '\'';
    let mut groups = text.split(part);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let all_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let fits = !first.is_empty()
        && all_digits(first)
        && (rest.is_empty() || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3 && all_digits(group));
    fits.then(|| std::iter::once(first).chain(rest).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_banks_write_them() {
        for (text, decimal, expected) in [
            ("11600.00", Decimal::Point, 1_160_000),
            ("11,600.00", Decimal::Point, 1_160_000),
            (" $ 11,600.00 MXN ", Decimal::Point, 1_160_000),
            ("+11,600", Decimal::Point, 1_160_000),
            ("11600.5", Decimal::Point, 1_160_050),
            ("0.00", Decimal::Point, 0),
            ("11.600,00", Decimal::Comma, 1_160_000),
            ("11 600,00", Decimal::Comma, 1_160_000),
            ("1'160'000.01", Decimal::Point, 116_000_001),
            ("-11,600.00", Decimal::Point, -1_160_000),
            ("$-11,600.00", Decimal::Point, -1_160_000),
            ("11,600.00-", Decimal::Point, -1_160_000),
            ("(11,600.00)", Decimal::Point, -1_160_000),
        ] {
            assert_eq!(read(text, decimal), Ok(Centavos(expected)), "{text}");
        }
    }

    #[test]
    fn what_could_be_two_amounts_is_none() {
        for (text, decimal) in [
            ("", Decimal::Point),
            ("once mil", Decimal::Point),
            // Eleven thousand six hundred to one, eleven pesos sixty to another.
            ("11.600", Decimal::Point),
            ("11,600", Decimal::Comma),
            ("11.600,00", Decimal::Point),
            ("11,600.00", Decimal::Comma),
            ("1,16,000.00", Decimal::Point),
            ("1160,000.00", Decimal::Point),
            ("11600.", Decimal::Point),
            (".50", Decimal::Point),
            ("11600.005", Decimal::Point),
            ("1.16E4", Decimal::Point),
            ("(11600", Decimal::Point),
            ("--1", Decimal::Point),
            ("=1+1", Decimal::Point),
            ("=CMD|' /C calc'!A0", Decimal::Point),
            ("@SUM(A1)", Decimal::Point),
            ("99999999999999999999", Decimal::Point),
            ("10000000000001.00", Decimal::Point),
            ("١١٦٠٠", Decimal::Point),
        ] {
            assert!(read(text, decimal).is_err(), "{text}");
        }
    }
}
