//! Requests and their answers, and everything that is no request.

use std::io::BufReader;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{FAULTS_MAX, LINE_BYTES_MAX, PAUSES_MAX, run};

/// All the answers to some bytes, and whether one was an error.
fn answers(input: &[u8], text: bool) -> (Vec<String>, bool) {
    let mut output = Vec::new();
    // A small buffer, so that lines span several reads.
    let any_error = run(BufReader::with_capacity(7, input), &mut output, text).unwrap();
    let output = String::from_utf8(output).expect("answers are UTF-8");
    (output.lines().map(ToOwned::to_owned).collect(), any_error)
}

/// The one answer to one line.
fn one(line: &str) -> String {
    let (mut lines, _) = answers(line.as_bytes(), false);
    assert_eq!(lines.len(), 1, "{line}");
    lines.remove(0)
}

#[test]
fn requests_and_their_answers() {
    #[rustfmt::skip]
    let rows = [
        (r#"{"kind":"attention","received_at":"2026-11-20T13:59:59-06:00"}"#,
         r#"{"target":"2026-11-20T18:00:00-06:00","tier":"same_day_standard","warn_at":"2026-11-20T16:59:59-06:00","steps":[{"rule":"7.1","clause":7,"#),
        (r#"{"kind":"attention","received_at":"2026-11-20T20:00:00Z","severity":"non_critical"}"#,
         r#"{"target":"2026-11-23T18:00:00-06:00","tier":"next_business_day","warn_at":"2026-11-23T14:45:00-06:00","steps":[{"rule":"7.2","clause":7,"#),
        (r#"{"kind":"attention","received_at":"2026-11-20T14:00:00-06:00","same_day_accepted_at":"2026-11-20T15:10:00-06:00"}"#,
         r#"{"target":"2026-11-20T18:00:00-06:00","tier":"same_day_extended","warn_at":"2026-11-20T17:00:00-06:00","steps":["#),
        (r#"{"kind":"attention","received_at":"2026-11-21T02:00:00-06:00","severity":"critical","emergency_hours":"all","pauses":[{"from":"2026-11-21T02:10:00-06:00","to":"2026-11-21T05:10:00-06:00"}]}"#,
         r#"{"target":"2026-11-21T05:30:00-06:00","tier":"immediate","warn_at":"2026-11-21T05:22:30-06:00","steps":[{"rule":"7.4","#),
        (r#"{"kind":"attention","received_at":"2026-11-21T02:00:00.250-06:00","severity":"critical","emergency_hours":"all"}"#,
         r#"{"target":"2026-11-21T02:30:00.250-06:00","tier":"immediate","warn_at":"2026-11-21T02:22:30.250-06:00","steps":["#),
        (r#"{"kind":"attention","received_at":"2026-11-20T10:00:00-06:00","pauses":[{"from":"2026-11-20T11:00:00-06:00"}]}"#,
         r#"{"target":null,"tier":"same_day_standard","warn_at":null,"steps":["#),
        (r#"{"kind":"attention","received_at":"2026-11-20T15:30:00-06:00","contracted_hours":{"mon":[["09:00","16:00"]],"fri":[["09:00","16:00"]]},"same_day_accepted_at":"2026-11-20T16:30:00-06:00"}"#,
         r#"{"target":"2026-11-23T16:00:00-06:00","tier":"next_business_day","#),
        (r#"{"kind":"auto_close","solution_at":"2026-11-20T17:00:00-06:00"}"#,
         r#"{"target":"2026-11-22T17:00:00-06:00","reminder_at":"2026-11-21T17:00:00-06:00","steps":[{"rule":"9.2","clause":9,"#),
        (r#"{"kind":"auto_close","solution_at":"2026-11-20T17:00:00-06:00","mode":"guarded"}"#,
         r#"{"target":"2026-11-23T17:00:00-06:00","reminder_at":"2026-11-23T09:00:00-06:00","steps":["#),
        (r#"{"kind":"whatsapp_reply","received_at":"2026-09-15T17:00:00-06:00","contracted_hours":null}"#,
         r#"{"target":"2026-09-17T12:00:00-06:00","steps":[{"rule":"6.2","clause":6,"#),
        (r#"{"kind":"business_time","from":"2022-10-28T17:00:00-05:00","seconds":7200}"#,
         r#"{"target":"2022-10-31T10:00:00-06:00"}"#),
        (r#"{"kind":"business_time","from":"2026-11-20T10:00:00-06:00","seconds":0.125}"#,
         r#"{"target":"2026-11-20T10:00:00.125-06:00"}"#),
        (r#"{"kind":"business_time","from":"2026-11-21T10:00:00-06:00","seconds":-0.0}"#,
         r#"{"target":"2026-11-21T10:00:00-06:00"}"#),
        (r#"{"kind":"business_time","from":"2026-11-20T10:00:00-06:00","seconds":3.6e3}"#,
         r#"{"target":"2026-11-20T11:00:00-06:00"}"#),
        (r#"{"kind":"business_elapsed","from":"2026-11-20T17:00:00-06:00","to":"2026-11-23T10:00:00-06:00"}"#,
         r#"{"seconds":7200}"#),
        (r#"{"kind":"business_elapsed","from":"2026-11-20T17:00:00-06:00","to":"2026-11-20T17:00:01.050-06:00"}"#,
         r#"{"seconds":1.05}"#),
        (r#"{"kind":"business_elapsed","from":"2007-01-01T00:00:00-06:00","to":"2050-12-31T23:59:59.999-06:00","contracted_hours":{"mon":[["00:00","24:00"]],"sun":[["00:00","24:00"]]}}"#,
         r#"{"seconds":380419200}"#),
    ];
    let input: String = rows.iter().map(|(request, _)| format!("{request}\r\n")).collect();
    let (found, any_error) = answers(input.as_bytes(), false);
    assert_eq!(found.len(), rows.len());
    for ((request, expected), found) in rows.iter().zip(&found) {
        assert!(
            found.starts_with(expected),
            "{request}\n  answered {found}\n  expected {expected}"
        );
        serde_json::from_str::<serde_json::Value>(found).expect("an answer is JSON");
    }
    assert!(!any_error);
}

#[test]
fn the_whole_explanation() {
    let found = one(
        r#"{"kind":"attention","received_at":"2026-11-13T16:30:00-06:00","same_day_accepted_at":"2026-11-13T17:00:00-06:00"}"#,
    );
    let expected = concat!(
        r#"{"target":"2026-11-17T18:00:00-06:00","tier":"next_business_day","warn_at":"2026-11-17T15:22:30-06:00","steps":["#,
        r#"{"rule":"7.2","clause":7,"text":"Recibido entre las 14:00 y las 17:00 de un día hábil: sin costo adicional se atiende el siguiente día hábil con servicio (el lunes 16 de noviembre de 2026 es día festivo oficial, Aniversario de la Revolución).","at":"2026-11-17T18:00:00-06:00","used":["#,
        r#"{"parameter":"same_day_cutoff","value":"14:00","layer":"product","clause":7},"#,
        r#"{"parameter":"same_day_extended_cutoff","value":"17:00","layer":"product","clause":7},"#,
        r#"{"parameter":"contracted_hours","value":"lunes a viernes 09:00 a 18:00","layer":"product","clause":6}]},"#,
        r#"{"rule":"7.2a","clause":7,"text":"La aceptación del vie 13 nov 2026, 17:00 h no tiene efecto: la atención el mismo día podía aceptarse desde la recepción y antes del límite (vie 13 nov 2026, 17:00 h).","used":["#,
        r#"{"parameter":"same_day_extended","value":"con costo","layer":"product","clause":7},"#,
        r#"{"parameter":"same_day_surcharge","value":"$0.00 MXN","layer":"product","clause":7},"#,
        r#"{"parameter":"same_day_extended_cutoff","value":"17:00","layer":"product","clause":7},"#,
        r#"{"parameter":"same_day_offer_minimum","value":"30 min","layer":"product","clause":7}]},"#,
        r#"{"rule":"7.10","clause":7,"text":"Se avisa a la mesa de soporte al transcurrir el 75 % del tiempo hasta el objetivo.","at":"2026-11-17T15:22:30-06:00","used":["#,
        r#"{"parameter":"warning_percent","value":"75 %","layer":"product","clause":7}]}]}"#,
    );
    assert_eq!(found, expected);
}

#[test]
fn faults_are_told_all_at_once() {
    #[rustfmt::skip]
    let rows: &[(&str, &[&str])] = &[
        ("", &[]),
        ("   \n", &["the line is blank: write one JSON object"]),
        ("\r\n", &["the line is blank: write one JSON object"]),
        ("hola", &["not JSON: expected value at column 1"]),
        ("{}", &["kind is missing: write one of attention, auto_close, whatsapp_reply, business_time, business_elapsed"]),
        ("[]", &["is not a JSON object"]),
        ("{} {}", &["not JSON: trailing characters at column 4"]),
        (r#"{"kind":"renewal"}"#, &["kind is not one of attention, auto_close, whatsapp_reply, business_time, business_elapsed"]),
        (r#"{"kind":7}"#, &["kind is not one of attention, auto_close, whatsapp_reply, business_time, business_elapsed"]),
        (r#"{"kind":"attention"}"#, &["received_at is missing"]),
        (r#"{"kind":"attention","kind":"attention","received_at":"2026-11-20T13:59:59Z"}"#, &["kind is there twice"]),
        (r#"{"kind":"attention","received_at":"2026-11-20T13:59:59","severity":"URGENTE","colour":1,"pauses":{},"contracted_hours":[]}"#, &[
            "received_at has no offset: write Z or one such as -06:00 after the time",
            "severity is not one of critical, non_critical",
            "contracted_hours is not a JSON object",
            "pauses is not an array",
            "colour is not a field here; the fields are kind, received_at, severity, emergency_hours, contracted_hours, same_day_accepted_at, pauses",
        ]),
        (r#"{"kind":"attention","received_at":"2006-12-31T23:59:59-06:00","same_day_accepted_at":"2051-01-01T00:00:00-06:00"}"#, &[
            "received_at lies outside the calendar, which covers 2007 to 2050 in Mexico City",
            "same_day_accepted_at lies outside the calendar, which covers 2007 to 2050 in Mexico City",
        ]),
        (r#"{"kind":"attention","received_at":"2050-12-31T19:00:00-06:00"}"#, &["received_at leads to an instant outside the calendar, which covers 2007 to 2050"]),
        (r#"{"kind":"attention","received_at":"2026-11-20T13:59:59Z","pauses":[{"from":"2026-11-20T13:59:59Z","to":"2026-11-20T13:59:58Z"},{"to":null},7,{"from":1,"until":2,"from":3}]}"#, &[
            "pauses[0].to lies before from",
            "pauses[1].from is missing",
            "pauses[2] is not a JSON object",
            "pauses[3].from is there twice",
            "pauses[3].from is not an RFC 3339 instant such as 2026-11-20T13:59:59-06:00",
            "pauses[3].until is not a field here; the fields are from, to",
            "pauses[3].from is not an RFC 3339 instant such as 2026-11-20T13:59:59-06:00",
        ]),
        (r#"{"kind":"auto_close","solution_at":"2026-11-20T13:59:59Z","contracted_hours":{"mon":[["9:00","18:00"],["22:00","06:00"]],"lun":[],"tue":[["09:00"]],"wed":"no"}}"#, &[
            "contracted_hours.tue[0] is not a pair of times such as [\"09:00\", \"18:00\"]",
            "contracted_hours.wed is not an array",
        ]),
        (r#"{"kind":"auto_close","solution_at":"2026-11-20T13:59:59Z","contracted_hours":{"mon":[["9:00","18:00"],["22:00","06:00"]],"lun":[]}}"#, &[
            "contracted_hours.lun is not a weekday: use mon, tue, wed, thu, fri, sat, sun",
            "contracted_hours.mon[0][0] \"9:00\" is not a time written as HH:MM from 00:00 to 24:00",
            "contracted_hours.mon[1] ends at 06:00, before it begins at 22:00; hours past midnight are two intervals, 22:00 to 24:00 and, on the next day, 00:00 to 06:00",
        ]),
        (r#"{"kind":"auto_close","solution_at":"2026-11-20T13:59:59Z","contracted_hours":{}}"#, &["contracted_hours has no interval from Monday to Friday"]),
        (r#"{"kind":"business_time","from":"2026-11-20T13:59:59Z","seconds":1e400}"#, &["not JSON: number out of range at column 69"]),
        (r#"{"kind":"business_time","from":"2026-11-20T13:59:59Z","seconds":1e300}"#, &["seconds leads to an instant outside the calendar, which covers 2007 to 2050"]),
        (r#"{"kind":"business_time","from":"2026-11-20T13:59:59Z","seconds":9e9}"#, &["seconds leads to an instant outside the calendar, which covers 2007 to 2050"]),
        (r#"{"kind":"business_time","from":"2026-11-20T13:59:59Z","seconds":-1}"#, &["seconds is negative: time only runs forward"]),
        (r#"{"kind":"business_time","from":"2026-11-20T13:59:59Z","seconds":0.0001}"#, &["seconds has more than three decimals: time is in whole milliseconds"]),
        (r#"{"kind":"business_time","from":"2026-11-20T13:59:59Z","seconds":"60"}"#, &["seconds is not a number of seconds"]),
        (r#"{"kind":"business_time","from":"2026-11-20T13:59:59Z"}"#, &["seconds is missing"]),
        (r#"{"kind":"business_elapsed","from":"2026-11-20T13:59:59Z","to":"2026-11-20T13:59:58Z"}"#, &["to lies before from"]),
    ];
    for (line, expected) in rows {
        let (found, any_error) = answers(line.as_bytes(), false);
        if expected.is_empty() {
            assert!(found.is_empty() && !any_error, "{line}: {found:?}");
            continue;
        }
        assert!(any_error, "{line}");
        let found: serde_json::Value = serde_json::from_str(&found[0]).unwrap();
        let told: Vec<String> = found["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| {
                format!("{} {}", fault["at"].as_str().unwrap(), fault["problem"].as_str().unwrap())
            })
            .map(|fault| fault.trim().to_owned())
            .collect();
        assert_eq!(&told, expected, "{line}");
        assert_eq!(found["error"], told.join("; "), "{line}");
    }
}

#[test]
fn a_bad_line_stops_no_other() {
    let good = r#"{"kind":"business_elapsed","from":"2026-11-20T17:00:00-06:00","to":"2026-11-20T18:00:00-06:00"}"#;
    let long = format!(r#"{{"kind":"{}"}}"#, "a".repeat(LINE_BYTES_MAX));
    let deep = "[".repeat(100_000);
    let pause = r#"{"from":"2026-11-20T17:00:00-06:00"}"#;
    let pauses = vec![pause; PAUSES_MAX + 1].join(",");
    let many = format!(
        r#"{{"kind":"attention","received_at":"2026-11-20T17:00:00-06:00","pauses":[{pauses}]}}"#
    );
    let keys: Vec<String> = (0..5000).map(|n| format!(r#""k{n}":{n}"#)).collect();
    let unknown = format!(r#"{{"kind":"attention",{}}}"#, keys.join(","));
    let mut input = Vec::new();
    let bad: [&[u8]; 7] = [
        long.as_bytes(),
        b"\xff\xfe{}",
        deep.as_bytes(),
        b"\0",
        many.as_bytes(),
        unknown.as_bytes(),
        "{\"kind\":\"\u{202e}attention\"}".as_bytes(),
    ];
    for line in bad {
        input.extend_from_slice(line);
        input.push(b'\n');
        input.extend_from_slice(good.as_bytes());
        input.push(b'\n');
    }
    let (found, any_error) = answers(&input, false);
    assert!(any_error);
    assert_eq!(found.len(), 2 * bad.len());
    for pair in found.chunks(2) {
        assert!(pair[0].starts_with(r#"{"error":"#), "{}", pair[0]);
        assert_eq!(pair[1], r#"{"seconds":3600}"#);
    }
    assert!(found[0].contains("longer than 1048576 bytes"), "{}", found[0]);
    assert!(found[8].contains("holds 1001 pauses; at most 1000 are read"), "{}", found[8]);
    assert_eq!(found[10].matches(r#""at""#).count(), FAULTS_MAX);
}

#[test]
fn for_people_in_spanish() {
    let input = concat!(
        r#"{"kind":"attention","received_at":"2026-11-21T02:00:00-06:00","severity":"critical"}"#,
        "\n\n",
        r#"{"kind":"attention","received_at":"2026-11-20T10:00","severity":"alta"}"#,
        "\n",
        r#"{"kind":"business_elapsed","from":"2026-11-20T17:00:00-06:00","to":"2026-11-23T10:30:00-06:00"}"#,
    );
    let mut output = Vec::new();
    let any_error = run(input.as_bytes(), &mut output, true).unwrap();
    assert!(any_error);
    let expected = "\
Línea 1
  Objetivo: lunes 23 de noviembre de 2026, 09:30 h (hora de la Ciudad de México)
  Nivel de atención: emergente
  Aviso a la mesa de soporte: lunes 23 de noviembre de 2026, 09:22 h (hora de la Ciudad de México)
  Por qué:
    1. Incidencia crítica: atención inmediata, dentro de 30 min de horario contratado. (regla 7.4, cláusula 7) → lun 23 nov 2026, 09:30 h
       emergency_minutes = 30 min (valor predeterminado)
       emergency_hours = horario contratado (valor predeterminado)
       contracted_hours = lunes a viernes 09:00 a 18:00 (valor predeterminado)
    2. Se avisa a la mesa de soporte al transcurrir el 75 % del tiempo hasta el objetivo. (regla 7.10, cláusula 7) → lun 23 nov 2026, 09:22 h
       warning_percent = 75 % (valor predeterminado)

Línea 2: no se puede responder.
  - la línea está vacía: escriba un objeto JSON

Línea 3: no se puede responder.
  - received_at: no es un instante RFC 3339 como 2026-11-20T13:59:59-06:00
  - severity: no es uno de critical, non_critical

Línea 4
  Tiempo contratado: 2 h 30 min

";
    assert_eq!(String::from_utf8(output).unwrap(), expected);
}

/// The seed is fixed, so that every run is the same one; `PROPTEST_RNG_SEED` sets another.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_120);
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_line_has_one_answer(lines in prop::collection::vec(line(), 0..6), text in any::<bool>()) {
        let input = lines.iter().map(|line| [line.as_slice(), b"\n"].concat()).collect::<Vec<_>>();
        let (found, _) = answers(&input.concat(), false);
        prop_assert_eq!(found.len(), lines.len());
        for answer in found {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&answer).is_ok());
        }
        answers(&input.concat(), text);
    }
}

/// Any bytes without a line end, and requests with one byte changed.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let request = r#"{"kind":"attention","received_at":"2026-11-20T16:30:00.25-06:00","severity":"non_critical","contracted_hours":{"fri":[["09:00","18:00"]]},"same_day_accepted_at":"2026-11-20T16:59:59-06:00","pauses":[{"from":"2026-11-20T17:00:00-06:00","to":"2026-11-20T17:30:00-06:00"}]}"#;
    let changed = (0..request.len(), any::<u8>()).prop_map(move |(at, byte)| {
        let mut bytes = request.as_bytes().to_vec();
        bytes[at] = byte;
        bytes
    });
    prop_oneof![changed, prop::collection::vec(any::<u8>(), 0..80)].prop_map(|mut bytes| {
        bytes.retain(|byte| *byte != b'\n');
        bytes
    })
}
