//! The real clock and the real random bytes, and the environment of a deployed function.

use app::ports::{Clock, Env};
use aws::clock::SystemClock;
use aws::config::{Config, Needs};
use aws::denied::{NoMail, NoSchedules};
use aws::entropy::OsEntropy;
use aws::production::Production;
use aws::scheduler::EventBridgeSchedules;
use aws::ses::SesMailer;
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
fn most_functions_neither_send_nor_schedule() {
    let plain: Production = Production::new(&config());
    let _: (&NoMail, &NoSchedules) = (plain.mailer(), plain.schedules());
    assert_eq!(Production::<NoMail, NoSchedules>::NEEDS, Needs::default());
    assert_eq!(handler(&plain), "mail_domain");
}

#[test]
fn the_relay_and_the_sweep_do_both() {
    type Both = Production<SesMailer, EventBridgeSchedules>;
    assert_eq!(Both::NEEDS, Needs { mail: true, schedules: true });
    assert_eq!(handler(&Both::new(&config())), "mail_domain");
}
