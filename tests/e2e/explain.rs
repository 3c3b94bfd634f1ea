//! `millora explain`: lines in, lines out.

use serde_json::{Value, json};

use crate::kit::fed;

fn answers(input: &[u8], code: i32) -> Vec<Value> {
    let output = fed(&["explain"], input);
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn one_line_out_for_each_line_in() {
    let good = r#"{"kind":"attention","received_at":"2026-11-20T13:59:59-06:00"}
{"kind":"auto_close","solution_at":"2026-11-20T17:00:00-06:00","mode":"guarded"}
{"kind":"whatsapp_reply","received_at":"2026-11-20T16:30:00-06:00"}
{"kind":"business_time","from":"2022-10-28T17:00:00-05:00","seconds":7200}
{"kind":"business_elapsed","from":"2026-11-20T17:00:00-06:00","to":"2026-11-23T09:00:00.5-06:00"}
"#;
    let answers = answers(good.as_bytes(), 0);
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[0]["target"], "2026-11-20T18:00:00-06:00");
    assert_eq!(answers[0]["tier"], "same_day_standard");
    assert_eq!(answers[0]["steps"][0]["rule"], "7.1");
    assert_eq!(answers[1]["target"], "2026-11-23T17:00:00-06:00");
    assert_eq!(answers[1]["reminder_at"], "2026-11-23T09:00:00-06:00");
    assert_eq!(answers[2]["target"], "2026-11-23T11:30:00-06:00");
    assert_eq!(answers[3], json!({ "target": "2022-10-31T10:00:00-06:00" }));
    assert_eq!(answers[4], json!({ "seconds": 3600.5 }));
}

#[test]
fn a_bad_line_is_answered_in_its_place() {
    let mixed = [
        &br#"{"kind":"attention","received_at":"2026-11-20T13:59:59-06:00"}"#[..],
        b"\n{\"kind\":\"nada\"}\nno es JSON\n\xff\xfe\n",
        br#"{"kind":"attention","received_at":"2026-11-20T13:59:59"}"#,
        b"\n",
        br#"{"kind":"attention","received_at":"1999-11-20T13:59:59-06:00"}"#,
        b"\n",
        br#"{"kind":"attention","received_at":"2026-11-20T14:00:00-06:00"}"#,
    ]
    .concat();
    let answers = answers(&mixed, 1);
    let bad: Vec<bool> = answers.iter().map(|answer| answer.get("error").is_some()).collect();
    assert_eq!(bad, [false, true, true, true, true, true, false], "{answers:#?}");
    assert_eq!(answers[6]["target"], "2026-11-23T18:00:00-06:00");
}

#[test]
fn nothing_in_nothing_out_and_many_lines_at_once() {
    assert!(answers(b"", 0).is_empty());
    let line = "{\"kind\":\"attention\",\"received_at\":\"2026-11-20T13:59:59-06:00\"}\n";
    assert_eq!(answers(line.repeat(20_000).as_bytes(), 0).len(), 20_000);
    let told = fed(&["explain", "--text"], line.as_bytes());
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("viernes 20 de noviembre de 2026, 18:00 h"), "{told}");
}
