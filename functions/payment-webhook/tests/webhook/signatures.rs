//! Only who has the key is heard, and only for five minutes.

use app::ports::{Clock as _, KeyPurpose, Secrets as _, SigningKey};
use domain::{Instant, TimeDelta};
use lambda_http::request::from_str;
use payment_webhook::signature::is_signed;
use serde_json::json;

use crate::kit::{World, header, signature};

const EVENT: &str = include_str!("../../../../events/webhooks/payment.json");

/// As Python's `hmac` signs `1796313600.{}` with the bytes from 0 to 31.
#[test]
fn a_signature_of_another_program_counts() {
    let keys = [SigningKey { id: 1, bytes: (0..32).collect() }];
    let at = Instant::from_millis(1_796_313_600_000);
    let theirs = "d4729103801ccc9e1c46362171b13188e589e1e31726909a1d45c11e46ac067b";
    assert_eq!(signature(&keys[0].bytes, 1_796_313_600, "{}"), theirs);
    assert!(is_signed(&format!("t=1796313600,v1={theirs}"), b"{}", at, &keys));
    assert!(!is_signed(&format!("t=1796313600,v1={theirs}"), b"{ }", at, &keys));
}

#[test]
fn a_bad_signature_is_401_without_a_word_why_and_nothing_is_kept() {
    let world = World::new();
    let body = json!({ "id": "e1", "kind": "reversal", "client": "FERRE", "reference": "R" });
    let body = body.to_string();
    let good = world.signed(&body);
    let now = world.env.clock.now();
    let key = world.block_on(world.env.secrets.keys(KeyPurpose::PaymentWebhook)).unwrap();
    let key = key[0].bytes.as_slice();
    let seconds = now.millis() / 1_000;
    let aside = |span: TimeDelta| header(key, now + span, &body);
    let other = world.block_on(world.env.secrets.keys(KeyPurpose::ActionLinks)).unwrap();
    let bad = [
        String::new(),
        "t=,v1=".to_owned(),
        format!("v1={}", signature(key, seconds, &body)),
        format!("t={seconds}"),
        good.replace("v1=", "v0="),
        good.replace("t=", "t=0"),
        format!("t={seconds},{good}"),
        format!("{}0", good),
        good[..good.len() - 2].to_owned(),
        header(&other[0].bytes, now, &body),
        header(key, now, format!("{body} ")),
        aside(TimeDelta::seconds(-301)),
        aside(TimeDelta::seconds(301)),
        format!("t={},v1={}", i64::MAX, signature(key, i64::MAX, &body)),
        format!("t={seconds}{}", format!(",v1={}", "00".repeat(32)).repeat(5)),
    ];
    let mut told = Vec::new();
    for header in bad {
        let (status, answer) = world.send(&header, body.clone());
        assert_eq!(status, 401, "{header}");
        told.push(answer.to_string());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "all are told the same: {told:?}");
    assert!(world.kept("e1").is_none());
    // What a signed body says is not looked at before it is signed.
    assert_eq!(world.send("", "no es JSON").0, 401);
    for fine in [
        good.clone(),
        good.replace(',', ", "),
        format!("{good},v2=abc"),
        format!("t={seconds},v1={},v1={}", "00".repeat(32), signature(key, seconds, &body)),
        aside(TimeDelta::seconds(-300)),
        aside(TimeDelta::seconds(300)),
    ] {
        assert_eq!(world.send(&fine, body.clone()).0, 200, "{fine}");
    }
}

#[test]
fn two_keys_are_in_force_while_they_rotate() {
    let world = World::new();
    let body = json!({ "id": "e1", "kind": "reversal", "client": "FERRE", "reference": "R" });
    let body = body.to_string();
    let before = world.signed(&body);
    world.env.secrets.rotate(KeyPurpose::PaymentWebhook);
    let after = world.signed(&body);
    assert_ne!(before, after);
    for header in [&before, &after] {
        assert_eq!(world.send(header, body.clone()).0, 200);
    }
    world.env.secrets.lose(KeyPurpose::PaymentWebhook);
    assert_eq!(world.send(&after, body).0, 503, "without a key nobody is turned away for good");
}

/// The gateway hands a body over in base64 where it takes it for bytes; what was signed are the bytes.
#[test]
fn the_gateways_own_event_is_verified_over_the_bytes() {
    use tower::ServiceExt as _;
    let world = World::new();
    let body =
        "{\"id\":\"evt_1\",\"kind\":\"reversal\",\"client\":\"FERRE\",\"reference\":\"R\"}\n";
    let event = EVENT.replace("SIGNATURE", &world.signed(body));
    let request = payment_webhook::gateway::received(from_str(&event).unwrap());
    let router = payment_webhook::router(world.env.clone());
    let response = world.block_on(router.oneshot(request)).unwrap();
    assert_eq!(response.status(), 200);
    assert!(world.kept("evt_1").is_some());
}
