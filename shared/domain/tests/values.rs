//! How the values of the agreement are read and written: spans, and the words of its document (2.2).

use core::num::NonZeroU8;

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::{ContractedHours, MinuteOfDay};
use domain::terms::{
    AnnulmentClock, AutoCloseMode, BusinessDays, Centavos, EmergencyHours, EmergencySurcharge,
    Modality, NaturalDays, Percent, Proration, SameDayExtended, Shown, Span,
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

/// Spans that the code itself names are cut at 366 days, and not before.
#[test]
fn spans_are_cut_at_the_longest() {
    let longest = Span::SECONDS_MAX;
    let rows = [
        (Span::seconds(0), 0),
        (Span::seconds(longest - 1), longest - 1),
        (Span::seconds(longest), longest),
        (Span::seconds(longest + 1), longest),
        (Span::seconds(u32::MAX), longest),
        (Span::minutes(u32::MAX), longest),
        (Span::hours(8783), longest - 3600),
        (Span::hours(8785), longest),
        (Span::hours(u32::MAX), longest),
    ];
    for (span, seconds) in rows {
        assert_eq!(span.delta(), TimeDelta::seconds(i64::from(seconds)), "{span}");
    }
}

/// Each value, as it is stored, reads so in the agreement's document.
fn reads<T: Shown + DeserializeOwned>(rows: &[(&str, &str)]) {
    for (stored, words) in rows {
        match serde_json::from_str::<T>(stored) {
            Ok(value) => assert_eq!(value.shown(), *words, "{stored}"),
            Err(error) => panic!("{stored}: {error}"),
        }
    }
}

/// What is measured is told with its unit, in the singular where it is one.
#[test]
fn measures_in_words() {
    reads::<Span>(&[(r#""48h""#, "48 h"), (r#""90m""#, "1 h 30 min"), ("0", "0 min")]);
    reads::<Percent>(&[("1", "1 %"), ("100", "100 %")]);
    reads::<Centavos>(&[("87000", "$870.00 MXN"), ("123456789", "$1,234,567.89 MXN")]);
    reads::<Option<Centavos>>(&[("null", "sin registrar"), ("5", "$0.05 MXN")]);
    reads::<NonZeroU8>(&[("1", "1 mes"), ("2", "2 meses"), ("12", "12 meses")]);
    reads::<BusinessDays>(&[
        ("0", "0 días hábiles"),
        ("1", "1 día hábil"),
        ("2", "2 días hábiles"),
    ]);
    reads::<Vec<BusinessDays>>(&[
        ("[]", "ninguno"),
        ("[1]", "1 día hábil"),
        ("[5]", "5 días hábiles"),
        ("[2,5,10]", "2, 5, 10 días hábiles"),
    ]);
    reads::<NaturalDays>(&[("1", "1 día natural"), ("2", "2 días naturales")]);
    reads::<Vec<NaturalDays>>(&[
        ("[]", "ninguno"),
        ("[1]", "1 día natural"),
        ("[8]", "8 días naturales"),
        ("[15,8]", "15, 8 días naturales"),
    ]);
}

/// Days and hours are told by their names.
#[test]
fn days_and_hours_in_words() {
    reads::<NaiveDate>(&[(r#""2026-01-01""#, "jueves 1 de enero de 2026")]);
    reads::<MinuteOfDay>(&[(r#""09:05""#, "09:05"), (r#""24:00""#, "24:00")]);
    reads::<ContractedHours>(&[
        (r#"{"mon":[["09:00","18:00"]]}"#, "lunes 09:00 a 18:00"),
        (
            r#"{"thu":[["09:00","14:00"]],"fri":[["09:00","14:00"]]}"#,
            "jueves y viernes 09:00 a 14:00",
        ),
        (
            r#"{"mon":[["09:00","14:00"],["15:00","18:00"]],"sat":[["10:00","13:00"]]}"#,
            "lunes 09:00 a 14:00 y 15:00 a 18:00; sábado 10:00 a 13:00",
        ),
    ]);
    reads::<Modality>(&[
        (r#""remote""#, "remota"),
        (r#"{"monthly_visits":1}"#, "1 visita al mes"),
        (r#"{"monthly_visits":2}"#, "2 visitas al mes"),
        (
            r#"{"in_plant":["mon","tue","wed","thu","fri","sat","sun"]}"#,
            "en planta: lunes, martes, miércoles, jueves, viernes, sábado, domingo",
        ),
    ]);
}

/// Each choice is told in its own words.
#[test]
fn choices_in_words() {
    reads::<bool>(&[("true", "sí"), ("false", "no")]);
    reads::<Proration>(&[(r#""by_days""#, "por días naturales"), (r#""whole""#, "mes completo")]);
    reads::<AnnulmentClock>(&[
        (r#""count""#, "cuenta como si no hubiera existido"),
        (r#""pause""#, "en pausa hasta que se registra el pago"),
    ]);
    reads::<SameDayExtended>(&[
        (r#""with_cost""#, "con costo"),
        (r#""included""#, "incluida"),
        (r#""unavailable""#, "no disponible"),
    ]);
    reads::<EmergencyHours>(&[
        (r#""contracted""#, "horario contratado"),
        (r#""all""#, "todas las horas"),
    ]);
    reads::<EmergencySurcharge>(&[
        (r#""included""#, "incluida"),
        (r#"{"with_cost":348000}"#, "con costo de $3,480.00 MXN"),
    ]);
    reads::<AutoCloseMode>(&[
        (r#""natural""#, "horas naturales"),
        (r#""guarded""#, "horas naturales con un día contratado completo"),
    ]);
}
