//! What is internal to the desk never reaches a client: canaries in everything that the desk writes
//! for itself, looked for in everything that the client can read.

use serde_json::json;

use crate::world;

const CANARIES: [&str; 6] = [
    "CANARIO-NOTA",
    "CANARIO-ACTO",
    "CANARIO-PAUSA",
    "CANARIO-CIERRE",
    "CANARIO-CARGO",
    "CANARIO-TARDE",
];

#[test]
fn no_canary_reaches_a_client() {
    let world = world("2026-11-20T14:10:00-06:00");
    let reference = world.open("ana", "Reporte");
    let act = |who: &str, path: &str, body| {
        world.env.clock.advance_ms(1_000);
        let told = world.post(who, format!("/desk/tickets/{reference}/{path}"), body);
        assert!(told.status < 300, "{path}: {}", told.json);
        told.json["event"].as_u64()
    };
    world.post("ana", format!("/tickets/{reference}/same-day"), json!({"accept": true}));
    act("marta", "notes", json!({"text": "CANARIO-NOTA"}));
    act("marta", "assign", json!({"to": "saul"}));
    let asked =
        act("marta", "replies", json!({"kind": "access_request", "text": "Comparta el acceso"}));
    world.accept(&reference, asked.unwrap());
    act("marta", "end-pause", json!({"text": "CANARIO-PAUSA"}));
    world.set_clock("2026-11-20T14:40:00-06:00");
    let call = |from: &str, to: &str, text: &str| json!({"kind": "call", "started_at": from, "ended_at": to, "text": text});
    act(
        "marta",
        "acts",
        call("2026-11-20T14:30:00-06:00", "2026-11-20T14:35:00-06:00", "CANARIO-ACTO"),
    );
    act("marta", "close", json!({"reason": "not_a_request", "text": "CANARIO-CIERRE"}));
    act("fina", "waive-charge", json!({"reason": "CANARIO-CARGO"}));
    world.set_clock("2026-11-20T16:00:00-06:00");
    act(
        "marta",
        "acts",
        call("2026-11-20T14:31:00-06:00", "2026-11-20T14:36:00-06:00", "CANARIO-TARDE"),
    );

    let whole = world.get("marta", format!("/desk/tickets/{reference}"));
    let desk = String::from_utf8_lossy(&whole.bytes).into_owned();
    for canary in CANARIES {
        assert!(desk.contains(canary), "the desk reads {canary}");
    }
    let key = |who: &str, path: String, body| {
        world.ask("POST", path).by(who).header("idempotency-key", "k").json(&body).send()
    };
    let message = || key("ana", format!("/tickets/{reference}/messages"), json!({"text": "hola"}));
    let answers = [
        world.get("ana", "/tickets"),
        world.get("luis", format!("/tickets/{reference}")),
        world.get("ana", format!("/tickets/{reference}/why")),
        message(),
        message(),
        world.get("ana", format!("/tickets/{reference}")),
        world.get("ana", format!("/desk/tickets/{reference}")),
    ];
    for told in answers {
        let read = String::from_utf8_lossy(&told.bytes).into_owned();
        for hidden in CANARIES.iter().chain(&["marta", "saul", "fina", "Saúl", "Fina", "assignee"])
        {
            assert!(!read.contains(hidden), "a client reads {hidden}: {read}");
        }
    }
}

#[test]
fn nothing_of_one_client_reaches_the_other() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "CANARIO-ASUNTO");
    let answers = [
        world.get("berta", "/tickets"),
        world.get("berta", "/tickets?state=closed"),
        world.get("berta", format!("/tickets/{reference}")),
        world.get("berta", format!("/tickets/{reference}/why")),
        world.post("berta", format!("/tickets/{reference}/messages"), json!({"text": "a"})),
        world.post("berta", format!("/tickets/{reference}/withdraw"), json!({})),
    ];
    for told in answers {
        let read = String::from_utf8_lossy(&told.bytes).into_owned();
        assert!(
            !read.contains("CANARIO") && !read.contains("ACME") && !read.contains("Ana"),
            "{read}"
        );
    }
    assert_eq!(world.get("ana", format!("/tickets/{reference}")).json["state"], "open");
}
