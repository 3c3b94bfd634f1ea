//! The real clock and the real random bytes, and the environment of a deployed function.

use app::ports::{Blobs as _, Clock, Env, KeyPurpose, Secrets as _};
use app::records::Attachment;
use aws::clock::SystemClock;
use aws::config::{Config, Needs};
use aws::denied::{NoBlobs, NoKeys, NoMail, NoSchedules};
use aws::entropy::OsEntropy;
use aws::production::Production;
use aws::s3::S3Blobs;
use aws::scheduler::EventBridgeSchedules;
use aws::ses::SesMailer;
use aws::ssm::SsmSecrets;
use chrono::TimeDelta;
use domain::Instant;
use tests_conformance::suites;

#[test]
fn the_clock() {
    suites::small::clock(&SystemClock);
    // 2025-01-01: whatever host this runs on, it was written later.
    assert!(SystemClock.now() > Instant::from_millis(1_735_689_600_000));
}

#[test]
fn the_random_bytes() {
    suites::small::entropy(&OsEntropy);
}

fn config() -> Config {
    let value = |name: &str| match name {
        "WRITE_SCHEMA" => "1".to_owned(),
        "AWS_ENDPOINT_URL" => "http://127.0.0.1:9".to_owned(),
        "ON_CALL" | "DESK" => "mesa@millora.example".to_owned(),
        other => other.to_lowercase(),
    };
    Config::read(Needs { mail: true, schedules: true }, |name| Some(value(name)))
        .expect("every variable is set")
}

/// What a handler asks of its environment.
fn handler(env: &impl Env) -> &str {
    &env.settings().mail_domain
}

#[test]
fn a_function_has_the_table_alone_unless_it_names_more() {
    let plain: Production = Production::new(&config());
    let _: (&NoBlobs, &NoKeys) = (plain.blobs(), plain.secrets());
    let _: (&NoMail, &NoSchedules) = (plain.mailer(), plain.schedules());
    assert_eq!(<Production>::NEEDS, Needs::NOTHING);
    assert_eq!(handler(&plain), "mail_domain");
}

#[test]
fn the_relay_has_everything() {
    type Relay = Production<S3Blobs, SsmSecrets, SesMailer, EventBridgeSchedules>;
    assert_eq!(Relay::NEEDS, Needs { mail: true, schedules: true });
    assert_eq!(handler(&Relay::new(&config())), "mail_domain");
}

#[tokio::test]
async fn what_a_function_is_without_refuses_everything() {
    let day = TimeDelta::days(1);
    let file = Attachment {
        id: "1".to_owned(),
        name: "factura.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        size: 1,
        blob: "attachments/1".to_owned(),
    };
    assert!(NoBlobs.put("a", b"a").await.is_err());
    assert!(NoBlobs.get("a").await.is_err());
    assert!(NoBlobs.list("a", None, 1).await.is_err());
    assert!(NoBlobs.rename("a", "b").await.is_err());
    assert!(NoBlobs.delete("a").await.is_err());
    assert!(NoBlobs.upload_link(&file, day).await.is_err());
    assert!(NoBlobs.download_link(&file, day).await.is_err());
    assert!(NoKeys.keys(KeyPurpose::ActionLinks).await.is_err());
}
