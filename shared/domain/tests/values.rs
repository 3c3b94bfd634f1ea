//! How the values of the agreement are read and written, and the words for them (2.2).

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use core::num::NonZeroU8;

use domain::NaiveDate;
use domain::calendar::ContractedHours;
use domain::terms::{
    AnnulmentClock, AutoCloseMode, BusinessDays, EmergencyHours, EmergencySurcharge, Modality,
    NaturalDays, Proration, SameDayExtended, Shown, Span,
};
use serde::de::DeserializeOwned;

/// A span is text with a unit, or a number of seconds, of at most 366 days; it is written with the largest
/// unit that is whole.
#[test]
fn spans() {
    let span = "is not a span such as 48h, 30m or 45s, from 0s to 8784h";
    let expected = "expected a span such as 48h, 30m or 45s, or a number of seconds";
    let rows = [
        (r#""48h""#, Ok("48h")),
        (r#""90m""#, Ok("90m")),
        (r#""120m""#, Ok("2h")),
        (r#""45s""#, Ok("45s")),
        (r#""0h""#, Ok("0s")),
        ("5400", Ok("90m")),
        ("31622400", Ok("8784h")),
        ("31622401", Err(span)),
        (r#""8785h""#, Err(span)),
        ("-1", Err(span)),
        (r#""h""#, Err(span)),
        (r#""-1h""#, Err(span)),
        (r#""+1h""#, Err(span)),
        (r#""48""#, Err(span)),
        ("true", Err(expected)),
    ];
    for (stored, read) in rows {
        match (serde_json::from_str::<Span>(stored), read) {
            (Ok(found), Ok(written)) => assert_eq!(found.to_string(), written, "{stored}"),
            (Err(found), Err(why)) => assert!(found.to_string().contains(why), "{stored}: {found}"),
            (found, _) => panic!("{stored}: {found:?}"),
        }
    }
}

/// A constant is cut to what may be written.
#[test]
fn spans_are_cut() {
    for (seconds, written) in
        [(31_622_399, "31622399s"), (31_622_400, "8784h"), (u32::MAX, "8784h")]
    {
        assert_eq!(Span::seconds(seconds).to_string(), written);
    }
}

/// A stored value in words.
type Words = fn(&str) -> String;

fn words<T: Shown + DeserializeOwned>(stored: &str) -> String {
    serde_json::from_str::<T>(stored).unwrap().shown()
}

/// What the document of the agreement says of each value.
#[test]
fn every_value_has_its_words() {
    let rows: [(Words, &str, &str); 38] = [
        (words::<bool>, "true", "sí"),
        (words::<bool>, "false", "no"),
        (words::<BusinessDays>, "1", "1 día hábil"),
        (words::<BusinessDays>, "5", "5 días hábiles"),
        (words::<Vec<BusinessDays>>, "[]", "ninguno"),
        (words::<Vec<BusinessDays>>, "[2, 5, 10]", "2, 5, 10 días hábiles"),
        (words::<NaturalDays>, "1", "1 día natural"),
        (words::<NaturalDays>, "30", "30 días naturales"),
        (words::<Vec<NaturalDays>>, "[]", "ninguno"),
        (words::<Vec<NaturalDays>>, "[1]", "1 día natural"),
        (words::<Vec<NaturalDays>>, "[15, 8]", "15, 8 días naturales"),
        (words::<Proration>, r#""by_days""#, "por días naturales"),
        (words::<Proration>, r#""whole""#, "mes completo"),
        (words::<AnnulmentClock>, r#""count""#, "cuenta como si no hubiera existido"),
        (words::<AnnulmentClock>, r#""pause""#, "en pausa hasta que se registra el pago"),
        (words::<NaiveDate>, r#""2026-01-01""#, "jueves 1 de enero de 2026"),
        (words::<Option<NaiveDate>>, "null", "sin registrar"),
        (words::<NonZeroU8>, "1", "1 mes"),
        (words::<NonZeroU8>, "12", "12 meses"),
        (words::<ContractedHours>, r#"{"mon": [["09:00", "18:00"]]}"#, "lunes 09:00 a 18:00"),
        (words::<SameDayExtended>, r#""with_cost""#, "con costo"),
        (words::<SameDayExtended>, r#""included""#, "incluida"),
        (words::<SameDayExtended>, r#""unavailable""#, "no disponible"),
        (words::<EmergencyHours>, r#""contracted""#, "horario contratado"),
        (words::<EmergencyHours>, r#""all""#, "todas las horas"),
        (words::<EmergencySurcharge>, r#""included""#, "incluida"),
        (words::<EmergencySurcharge>, r#"{"with_cost": 348000}"#, "con costo de $3,480.00 MXN"),
        (words::<AutoCloseMode>, r#""natural""#, "horas naturales"),
        (words::<AutoCloseMode>, r#""guarded""#, "horas naturales con un día contratado completo"),
        (words::<Modality>, r#""remote""#, "remota"),
        (words::<Modality>, r#"{"monthly_visits": 1}"#, "1 visita al mes"),
        (words::<Modality>, r#"{"monthly_visits": 2}"#, "2 visitas al mes"),
        (words::<Modality>, r#"{"in_plant": ["Mon", "Thu"]}"#, "en planta: lunes, jueves"),
        (words::<Modality>, r#"{"in_plant": ["Tue", "Fri"]}"#, "en planta: martes, viernes"),
        (words::<Modality>, r#"{"in_plant": ["Wed", "Sat"]}"#, "en planta: miércoles, sábado"),
        (words::<Modality>, r#"{"in_plant": ["Sun"]}"#, "en planta: domingo"),
        (words::<Span>, r#""48h""#, "48 h"),
        (words::<Span>, r#""90m""#, "1 h 30 min"),
    ];
    for (words, stored, said) in rows {
        assert_eq!(words(stored), said, "{stored}");
    }
}
