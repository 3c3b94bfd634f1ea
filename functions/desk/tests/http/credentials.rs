//! Who may do what at the desk.

use serde_json::json;

use crate::world;

/// Every path that changes something, with who may.
const ACTS: [(&str, &[&str]); 24] = [
    ("/desk/tickets", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/assign", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/notes", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/replies", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/acts", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/confirm-critical", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/downgrade", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/end-pause", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/escalate", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/thanks", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/close", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/ack-page", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/waive-charge", &["fina", "adela"]),
    ("/desk/tickets/{ref}/approve", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/reject", &["marta", "saul", "adela"]),
    ("/desk/tickets/{ref}/participants", &["marta", "saul", "adela"]),
    ("/desk/mails/m1/adopt", &["marta", "saul", "adela"]),
    ("/desk/mails/m1/release", &["marta", "saul", "adela"]),
    ("/desk/mails/m1/link", &["marta", "saul", "adela"]),
    ("/desk/mails/m1/retry", &["marta", "saul", "adela"]),
    ("/desk/mails/m1/discard", &["marta", "saul", "adela"]),
    ("/desk/offers/stop", &["marta", "saul", "adela"]),
    ("/desk/notices/{ref}/abc/resend", &["marta", "saul", "adela"]),
    ("/desk/notices/{ref}/abc/give-up", &["marta", "saul", "adela"]),
];
const READS: [&str; 7] = [
    "/desk/me",
    "/desk/work",
    "/desk/tickets?client=ACME",
    "/desk/tickets/{ref}",
    "/desk/tickets/{ref}/why",
    "/desk/notices?failed",
    "/desk/mails?list=held",
];

#[test]
fn every_path_asks_for_a_member_of_the_desk_with_the_right_role() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let fill = |path: &str| path.replace("{ref}", &reference);
    for path in READS {
        let path = fill(path);
        assert_eq!(world.ask("GET", &path).send().status, 401, "{path}");
        assert_eq!(world.get("gone", &path).status, 401, "{path}");
        let told = world.get("ana", &path);
        assert_eq!((told.status, told.code()), (403, "wrong_audience"), "{path}");
        for who in ["marta", "saul", "fina", "adela"] {
            assert_eq!(world.get(who, &path).status, 200, "{who} {path}");
        }
    }
    for (path, may) in ACTS {
        let path = fill(path);
        assert_eq!(world.ask("POST", &path).send().status, 401, "{path}");
        let told = world.post("ana", &path, json!({}));
        assert_eq!((told.status, told.code()), (403, "wrong_audience"), "{path}");
        for who in ["marta", "saul", "fina", "adela"] {
            let told = world.post(who, &path, json!({"unknown": 1}));
            let refused = told.code() == "role_not_allowed";
            assert_eq!(refused, !may.contains(&who), "{who} {path}: {}", told.json);
            assert_eq!(told.status, if refused { 403 } else { 422 }, "{who} {path}");
        }
    }
}

#[test]
fn a_member_is_told_who_he_is() {
    let world = world("2026-11-20T10:00:00-06:00");
    let told = world.get("fina", "/desk/me");
    let expected = json!({"id": "fina", "name": "Fina Lara", "role": "finance", "duties": ["reading", "charges"]});
    assert_eq!(told.json, expected);
}

#[test]
fn unknown_and_malformed_references_look_the_same() {
    let world = world("2026-11-20T10:00:00-06:00");
    let expected = world.get("marta", "/desk/tickets/ACME-00000000-0");
    assert_eq!((expected.status, expected.code()), (404, "not_found"));
    let drawn = domain::ClientId::parse("ACME").unwrap().reference([1; 8]);
    for reference in [drawn.as_str(), "x", "%ff"] {
        let told = world.get("marta", format!("/desk/tickets/{reference}"));
        assert_eq!((told.status, &told.bytes), (404, &expected.bytes));
        let path = format!("/desk/tickets/{reference}/notes");
        let told = world.post("marta", path, json!({"text": "a"}));
        assert_eq!((told.status, &told.bytes), (404, &expected.bytes));
    }
}
