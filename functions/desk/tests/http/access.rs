//! Members of the desk and tokens: admins only, shown once, revocable.

use app::auth::{self, StaffRecord};
use app::ports::{Clock as _, Env as _};
use domain::{Role, StaffId};
use serde_json::json;

use crate::kit::Told;
use crate::world;

#[test]
fn a_token_is_shown_once_works_and_is_revoked() {
    let world = world("2026-11-20T10:00:00-06:00");
    let ana = json!({ "client": "ACME", "spoc": "ana" });
    let issued = world.post("adela", "/desk/tokens", ana.clone());
    assert_eq!(issued.status, 200);
    let token = issued.json["token"].as_str().unwrap().to_owned();
    let with = |token: &str| -> Told {
        world.ask("GET", "/tickets").header("authorization", format!("Bearer {token}")).send()
    };
    assert_eq!(with(&token).status, 200);

    let listed = world.get("adela", "/desk/tokens?client=ACME&spoc=ana");
    assert!(!String::from_utf8_lossy(&listed.bytes).contains(&token), "a list shows a token");
    let id = issued.json["id"].as_str().unwrap();
    let ids = listed.json["tokens"].as_array().unwrap().iter().filter(|it| it["id"] == id);
    assert_eq!(ids.count(), 1);
    let revoke = json!({ "client": "ACME", "spoc": "ana", "id": id });
    for _ in 0..2 {
        let told = world.post("adela", "/desk/tokens/revoke", revoke.clone());
        assert_eq!(told.status, 200, "revoking twice is no fault");
    }
    assert_eq!(with(&token).status, 401);
    let unknown = json!({ "client": "ACME", "spoc": "ana", "id": "000000000000" });
    assert_eq!(world.post("adela", "/desk/tokens/revoke", unknown).status, 404);
}

/// However many he had, the newest is listed and can be revoked.
#[test]
fn the_hundred_and_first_token_is_revoked_as_the_first() {
    let world = world("2026-11-20T10:00:00-06:00");
    let mut id = serde_json::Value::Null;
    for _ in 0..101 {
        world.env.clock.advance_ms(1);
        id = world.post("adela", "/desk/tokens", json!({ "staff": "marta" })).json["id"].clone();
    }
    let revoked = json!({ "staff": "marta", "id": id });
    let told = world.post("adela", "/desk/tokens/revoke", revoked);
    assert_eq!(told.status, 200, "{}", told.json);
    let tokens = told.json["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 102, "with the one from before");
    assert_eq!((&tokens[101]["id"], tokens[101]["revoked_at"].is_null()), (&id, false));
}

#[test]
fn a_new_member_acts_until_he_is_made_inactive() {
    let world = world("2026-11-20T10:00:00-06:00");
    let member = |active: bool| json!({ "id": "nuevo", "name": "Noé Vela", "role": "agent", "active": active });
    let nobody = world.post("adela", "/desk/tokens", json!({ "staff": "nuevo" }));
    assert_eq!(nobody.status, 404, "no token is issued to whoever is not entered yet");
    assert_eq!(world.post("adela", "/desk/staff", member(true)).status, 200);
    let issued = world.post("adela", "/desk/tokens", json!({ "staff": "nuevo" })).json;
    let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
    let me = || world.ask("GET", "/desk/me").header("authorization", bearer.clone()).send();
    assert_eq!(me().json["name"], "Noé Vela");
    assert_eq!(world.post("adela", "/desk/staff", member(false)).status, 200);
    assert!(matches!(me().status, 401 | 403), "an inactive member may not act");
}

#[test]
fn only_admins_and_never_against_oneself() {
    let world = world("2026-11-20T10:00:00-06:00");
    let holder = json!({ "staff": "marta" });
    assert_eq!(world.post("marta", "/desk/tokens", holder.clone()).status, 403);
    assert_eq!(world.get("fina", "/desk/tokens?staff=marta").status, 403);
    assert_eq!(world.post("marta", "/desk/tokens/revoke", holder).status, 403);
    let demoted = json!({ "id": "adela", "name": "Adela Solís", "role": "agent", "active": true });
    assert_eq!(world.post("marta", "/desk/staff", demoted.clone()).status, 403);
    let told = world.post("adela", "/desk/staff", demoted);
    assert_eq!((told.status, told.places()), (422, vec!["id"]));
}

#[test]
fn whose_token_is_said_in_one_way() {
    let world = world("2026-11-20T10:00:00-06:00");
    for body in [
        json!({}),
        json!({ "client": "ACME" }),
        json!({ "spoc": "ana" }),
        json!({ "client": "ACME", "spoc": "ana", "staff": "marta" }),
    ] {
        assert_eq!(world.post("adela", "/desk/tokens", body.clone()).status, 422, "{body}");
    }
    let unknown = json!({ "client": "NADIE", "spoc": "ana" });
    assert_eq!(world.post("adela", "/desk/tokens", unknown).status, 404);
}

#[test]
fn a_table_has_one_first_admin() {
    let world = world("2026-11-20T10:00:00-06:00");
    let env = world.env.as_ref();
    let admin = |id: &str| StaffRecord {
        id: StaffId::parse(id).unwrap(),
        name: "Rosa Lara".to_owned(),
        role: Role::Admin,
        active: true,
    };
    let now = env.clock().now();
    let first = auth::first_admin(env.store(), admin("rosa"), [7; 32], now);
    let token = world.block_on(first).unwrap().unwrap();
    let bearer = format!("Bearer {token}");
    let me = world.ask("GET", "/desk/me").header("authorization", bearer).send();
    assert_eq!((me.status, &me.json["role"]), (200, &json!("admin")));
    for id in ["rosa", "otro"] {
        let again = auth::first_admin(env.store(), admin(id), [8; 32], now);
        assert_eq!(world.block_on(again).unwrap(), None, "{id}");
    }
}
