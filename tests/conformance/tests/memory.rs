//! The ports in memory pass the suites.

use app::memory::{
    MemoryBlobs, MemoryClock, MemoryEntropy, MemoryMailer, MemorySchedules, MemorySecrets,
    MemoryStore,
};
use app::ports::{KeyPurpose, Secrets};
use domain::Instant;
use tests_conformance::{store_conformance, suites};

store_conformance!(std::future::ready(MemoryStore::new()));

#[tokio::test]
async fn small_ports() {
    let clock = MemoryClock::new(Instant::from_millis(0));
    suites::small::mailer(&MemoryMailer::new(clock)).await;
    suites::small::schedules(&MemorySchedules::new()).await;
    suites::small::blobs(&MemoryBlobs::new(MemoryClock::new(Instant::from_millis(1_000)))).await;
    suites::small::entropy(&MemoryEntropy::new(7));
}

#[tokio::test]
async fn keys_before_and_after_a_rotation() {
    let secrets = MemorySecrets::new();
    suites::small::secrets(&secrets).await;
    secrets.rotate(KeyPurpose::MailThreading);
    suites::small::secrets(&secrets).await;
    let ids: Vec<u8> =
        secrets.keys(KeyPurpose::MailThreading).await.unwrap().iter().map(|key| key.id).collect();
    assert_eq!(ids, [2, 1], "the new key signs");
    secrets.lose(KeyPurpose::MailThreading);
    assert!(secrets.keys(KeyPurpose::MailThreading).await.is_err());
}

#[test]
fn the_clock_moves_only_forwards() {
    use app::ports::Clock;

    let clock = MemoryClock::new(Instant::from_millis(1_000));
    suites::small::clock(&clock);
    clock.set(Instant::from_millis(500));
    assert_eq!(clock.now(), Instant::from_millis(1_000));
    clock.set(Instant::from_millis(2_000));
    assert_eq!(clock.advance_ms(5), Instant::from_millis(2_005));
    suites::small::clock(&clock);
}
