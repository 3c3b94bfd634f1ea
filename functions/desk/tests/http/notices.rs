//! Notices that failed.

use app::commit::Commit;
use app::item::Key;
use app::keys;
use app::outbox;
use app::ports::Store as _;
use app::records::{NoticeStatus, mail_notice};
use domain::inbound::{MailContent, MailNotice, MailRecipient};
use domain::{ClientId, TicketRef};
use serde_json::json;

use crate::kit::at;
use crate::world;

#[test]
fn a_failed_notice_is_sent_again_or_given_up() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    let notices = whole["notices"].as_array().unwrap();
    let acknowledgement = notices.iter().find(|it| it["kind"] == "acknowledgement").unwrap();
    assert_eq!(
        (&acknowledgement["status"], &acknowledgement["spoc"]),
        (&json!("pending"), &json!("ana"))
    );
    let id = acknowledgement["id"].as_str().unwrap();
    assert_eq!(world.get("marta", "/desk/notices?failed").json["notices"], json!([]));
    let path = format!("/desk/notices/{reference}/{id}");
    assert_eq!(
        world.post("marta", format!("{path}/resend"), json!({})).status,
        404,
        "it has not failed"
    );

    let pk = keys::ticket(&TicketRef::parse(&reference).unwrap());
    let key: Key = keys::notice(&pk, id);
    let fail = |key: &Key| {
        let failed = outbox::mark_failed(world.env.as_ref(), key, NoticeStatus::Dead, "sin buzón");
        world.block_on(failed).unwrap();
    };
    fail(&key);
    let listed = world.get("marta", "/desk/notices?failed=true").json;
    assert_eq!(listed["notices"][0]["subject"], reference.as_str());
    assert_eq!(listed["notices"][0]["notice"]["id"], id);
    assert_eq!(listed["notices"][0]["notice"]["problem"], "sin buzón");
    let told = world.post("marta", format!("{path}/resend"), json!({}));
    assert_eq!((told.status, &told.json["status"]), (200, &json!("pending")));
    let again = told.json["id"].as_str().unwrap();
    assert_eq!(again, format!("{id}-again-1"), "a notice of its own");
    let twice = world.post("marta", format!("{path}/resend"), json!({}));
    assert_eq!(twice.status, 404, "it was sent again already");
    fail(&key);
    assert_eq!(world.get("marta", "/desk/notices?failed").json["notices"], json!([]));
    fail(&keys::notice(&pk, again));
    let path = format!("/desk/notices/{reference}/{again}");
    let told = world.post("marta", format!("{path}/resend"), json!({}));
    let again = told.json["id"].as_str().unwrap();
    assert_eq!(again, format!("{id}-again-2"));
    fail(&keys::notice(&pk, again));
    let path = format!("/desk/notices/{reference}/{again}");
    let told = world.post("marta", format!("{path}/give-up"), json!({}));
    assert_eq!((told.status, &told.json["status"]), (200, &json!("given_up")));
    assert_eq!(world.get("marta", "/desk/notices?failed").json["notices"], json!([]));
}

/// G15: what was given up and had been taken by the mail service after all counts as an answer.
#[test]
fn a_mail_that_was_given_up_counts_once_it_turns_out_to_be_sent() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let body = json!({"kind": "answer", "text": "Ya lo vemos."});
    world.post("marta", format!("/desk/tickets/{reference}/replies"), body);
    let result = || {
        let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
        whole["clocks"][0]["result"].as_str().unwrap().to_owned()
    };
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    let notices = whole["notices"].as_array().unwrap();
    let reply = notices.iter().find(|it| it["kind"] == "reply").unwrap();
    let pk = keys::ticket(&TicketRef::parse(&reference).unwrap());
    let key = keys::notice(&pk, reply["id"].as_str().unwrap());
    let env = world.env.as_ref();
    world.block_on(outbox::mark_failed(env, &key, NoticeStatus::Dead, "sin buzón")).unwrap();
    assert_eq!(result(), "pending");
    let at = at("2026-11-20T10:01:00-06:00");
    for _ in 0..2 {
        world.block_on(outbox::mark_sent(env, &key, "ses-1", at)).unwrap();
        assert_eq!(result(), "met");
    }
    assert_eq!(world.get("marta", "/desk/notices?failed").json["notices"], json!([]));
}

#[test]
fn a_notice_about_mail_is_listed_and_settled_too() {
    let start = "2026-11-20T10:00:00-06:00";
    let world = world(start);
    let content = MailContent::DeskPoison;
    let notice = MailNotice { to: MailRecipient::Author, due: at(start), content };
    for (pk, subject) in [
        (keys::inbound("0100abc").pk, "IN_0100abc"),
        (keys::address("9f86d081"), "A_9f86d081"),
        (keys::client(&ClientId::parse("ACME").unwrap()), "ACME"),
    ] {
        let write = mail_notice(&pk, notice.clone(), at(start), 1).unwrap();
        let key = write.key().clone();
        let commit = Commit { writes: vec![write] };
        world.block_on(world.env.store.commit(&commit)).unwrap();
        let failed = outbox::mark_failed(world.env.as_ref(), &key, NoticeStatus::Dead, "sin buzón");
        world.block_on(failed).unwrap();
        let listed = world.get("marta", "/desk/notices?failed").json;
        let told = &listed["notices"][0];
        assert_eq!(told["subject"], subject, "{listed}");
        assert_eq!(
            (&told["notice"]["kind"], &told["notice"]["to"], &told["notice"]["about"]),
            (&json!("desk_poison"), &json!("author"), &json!(null))
        );
        let id = told["notice"]["id"].as_str().unwrap();
        let told = world.post("marta", format!("/desk/notices/{subject}/{id}/give-up"), json!({}));
        assert_eq!((told.status, &told.json["status"]), (200, &json!("given_up")));
        assert_eq!(world.get("marta", "/desk/notices?failed").json["notices"], json!([]));
    }
}

#[test]
fn a_notice_that_is_not_there_is_not_found() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let expected = world.get("marta", "/desk/tickets/x").bytes;
    for path in [
        format!("{reference}/abc"),
        "ACME/abc".to_owned(),
        "x/abc".to_owned(),
        format!("{reference}/%23"),
        "IN_0100abc/abc".to_owned(),
        "K_abc/abc".to_owned(),
    ] {
        for act in ["resend", "give-up"] {
            let told = world.post("marta", format!("/desk/notices/{path}/{act}"), json!({}));
            assert_eq!((told.status, &told.bytes), (404, &expected), "{path}");
        }
    }
}
