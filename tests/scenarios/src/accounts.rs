//! What scripts say of accounts, and how an account is written down.

use app::account::Loaded;
use domain::account::View;
use domain::{ClientId, Instant, standing};
use serde_json::{Value, json};

use crate::doors::{ClientVerb, DeskVerb};
use crate::moment::show;

/// What the desk does with an account: "en la cuenta TALLER …".
///
/// # Errors
/// When nobody knows the phrase.
pub fn desk_verb(phrase: &str, words: Option<&str>) -> Result<DeskVerb, String> {
    let (client, phrase) = phrase.split_once(' ').ok_or("falta qué hace con la cuenta")?;
    let client = ClientId::parse(client).map_err(|error| error.to_string())?;
    let (act, body) = told(phrase, words)?;
    Ok(DeskVerb::Account { client, act: act.to_owned(), body })
}

fn told(phrase: &str, words: Option<&str>) -> Result<(&'static str, Value), String> {
    let reason = || words.ok_or_else(|| "falta la razón, entre comillas".to_owned());
    if let Some(payment) = phrase.strip_prefix("registra el pago ") {
        let (reference, rest) = payment.split_once(" por ").ok_or("falta por cuánto")?;
        let (amount, rest) = rest.split_once(" con fecha valor ").ok_or("falta la fecha valor")?;
        let (value_date, month) = match rest.split_once(" para ") {
            Some((day, month)) => (day, Some(month)),
            None => (rest, None),
        };
        let body = json!({
            "reference": reference, "amount": centavos(amount)?, "value_date": value_date,
            "month": month,
        });
        return Ok(("payments", body));
    }
    if let Some(reference) = phrase.strip_prefix("registra que el banco devolvió el pago ") {
        return Ok(("reversals", json!({ "reference": reference })));
    }
    if let Some(rest) = phrase.strip_prefix("concede hasta ") {
        let (until, month) = rest.split_once(" para ").ok_or("falta para qué mes")?;
        return Ok(("tolerations", json!({ "month": month, "until": until, "reason": reason()? })));
    }
    if let Some(month) = phrase.strip_prefix("condona ") {
        return Ok(("waivers", json!({ "month": month, "reason": reason()? })));
    }
    Ok(match phrase {
        "reactiva la póliza" => ("reactivate", json!({})),
        "propone suspender por una obligación" => {
            ("non-compliance", json!({ "reason": reason()? }))
        }
        "aprueba suspender" => ("non-compliance/approve", json!({})),
        "rechaza suspender" => ("non-compliance/reject", json!({})),
        "termina la suspensión por la obligación" => {
            ("non-compliance/end", json!({ "reason": reason()? }))
        }
        _ => return Err(format!("la mesa no sabe «{phrase}» de una cuenta")),
    })
}

/// What a SPoC does with his account.
#[must_use]
pub fn client_verb(phrase: &str) -> Option<ClientVerb> {
    let (act, body) = match phrase {
        "cancela la póliza" => ("cancel", json!({})),
        "cancela la póliza de inmediato" => ("cancel", json!({ "at_once": true })),
        "avisa que no renueva" => ("decline-renewal", json!({})),
        _ => return None,
    };
    Some(ClientVerb::Account { act: act.to_owned(), body })
}

/// Pesos with two decimals, as centavos.
pub(crate) fn centavos(pesos: &str) -> Result<i64, String> {
    let (whole, cents) = pesos.split_once('.').unwrap_or((pesos, "00"));
    let digits = format!("{}{cents}", whole.replace(',', ""));
    digits.parse().map_err(|_| format!("«{pesos}» no es una cantidad"))
}

/// The account as it stands, line by line.
///
/// # Panics
/// When a date lies outside the calendar.
#[must_use]
pub fn describe(loaded: &Loaded, now: Instant) -> Vec<String> {
    let Some(view) = loaded.view() else { return vec!["sin cuenta".to_owned()] };
    let mut lines = vec![service(&view, now)];
    for month in view.months(now).expect("inside the calendar") {
        lines.push(format!(
            "{}: {}, {} de {}",
            month.due.month,
            month.found.spanish(),
            month.paid(),
            month.owed
        ));
        for annulled in &month.found.annulled {
            let (from, at) = (show(annulled.from), show(annulled.at));
            lines.push(format!("  suspensión anulada: desde {from}, se supo {at}"));
        }
    }
    for waiting in view.allocation(now).expect("inside the calendar").waiting {
        lines.push(format!("por aplicar: {} de {}", waiting.amount, waiting.reference));
    }
    if let Some(next) = view.upcoming(now).expect("inside the calendar").first() {
        lines.push(format!("sigue: {}", show(next.at())));
    }
    lines
}

fn service(view: &View<'_>, now: Instant) -> String {
    let spans = view.spans(now).expect("inside the calendar");
    match standing::closed_at(&spans, now) {
        None => "activa".to_owned(),
        Some(cause) => cause.spanish().to_owned(),
    }
}
