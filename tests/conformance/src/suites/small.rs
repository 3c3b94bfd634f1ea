//! What the smaller ports must do.

use std::collections::BTreeSet;

use app::ports::{
    Blobs, Clock, Entropy, KeyPurpose, Mailer, Outgoing, Schedules, Secrets, TimerFunction, Wake,
};
use domain::Instant;

/// A message to `to`.
#[must_use]
pub fn message(to: &str) -> Outgoing {
    Outgoing {
        from: "soporte@soporte.millora.example".to_owned(),
        to: to.to_owned(),
        mime: b"Subject: Hola\r\n\r\nUn d\xc3\xada.\r\n".to_vec(),
        notice_id: "n-0123456789abcdef".to_owned(),
        subject_tag: "ACME-7K2QX9RD-E".to_owned(),
    }
}

/// A wake-up.
#[must_use]
pub fn wake(name: &str, at_ms: i64) -> Wake {
    Wake {
        name: name.to_owned(),
        at: Instant::from_millis(at_ms),
        function: TimerFunction::SlaTimer,
        pk: "T#ACME-7K2QX9RD-E".to_owned(),
    }
}

/// Every message that is taken gets an id of its own.
pub async fn mailer(mailer: &impl Mailer) {
    let mut ids = BTreeSet::new();
    for to in ["ana@acme.example", "ana@acme.example", "luis@acme.example"] {
        let id = mailer.send(&message(to)).await.unwrap().id;
        assert!(!id.is_empty());
        assert!(ids.insert(id), "two messages have one id");
    }
}

/// Creating twice is moving; deleting what is not there is no error.
pub async fn schedules(schedules: &impl Schedules) {
    let at = 1_795_219_200_000;
    assert_eq!(schedules.delete("sla-timer.none").await, Ok(()));
    assert_eq!(schedules.put(&wake("sla-timer.a", at)).await, Ok(()));
    assert_eq!(schedules.put(&wake("sla-timer.a", at)).await, Ok(()));
    assert_eq!(schedules.put(&wake("sla-timer.a", at + 60_000)).await, Ok(()));
    assert_eq!(schedules.put(&wake("sla-timer.b", at)).await, Ok(()));
    assert_eq!(schedules.delete("sla-timer.a").await, Ok(()));
    assert_eq!(schedules.delete("sla-timer.a").await, Ok(()));
    assert_eq!(schedules.put(&wake("sla-timer.a", at)).await, Ok(()));
}

/// Bytes come back as they were; a key holds one blob for ever.
pub async fn blobs(blobs: &impl Blobs) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let large = vec![b'x'; 3 * 1024 * 1024];
    for (key, bytes) in [
        ("texts/ACME-7K2QX9RD-E/1", &every_byte),
        ("texts/Ñandú y #1.eml", &b"hola".to_vec()),
        ("texts/empty", &Vec::new()),
        ("inbound/large", &large),
    ] {
        assert_eq!(blobs.get(key).await, Ok(None), "{key}");
        assert_eq!(blobs.put(key, bytes).await, Ok(()), "{key}");
        assert_eq!(blobs.put(key, bytes).await, Ok(()), "{key} again");
        assert!(blobs.put(key, b"other").await.is_err(), "{key} was overwritten");
        assert_eq!(
            blobs.get(key).await.map(|held| held.as_ref() == Some(bytes)),
            Ok(true),
            "{key}"
        );
    }
    assert_eq!(blobs.get("texts").await, Ok(None));
    blobs_in_order(blobs).await;
    blobs_that_move(blobs).await;
}

/// A listing names what is there under a prefix, in the order of the keys' bytes, page by page.
async fn blobs_in_order(blobs: &impl Blobs) {
    let keys = ["list/1", "list/10", "list/2", "list/a b+c", "list/a/b", "list/é", "lista"];
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(blobs.put(key, &vec![b'x'; at + 1]).await, Ok(()));
    }
    for limit in [1, 2, 3, 6, 100] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = blobs.list("list/", after.as_deref(), limit).await.unwrap();
            assert!(page.items.len() <= limit as usize);
            seen.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let named: Vec<_> = seen.iter().map(|it| (it.key.as_str(), it.size)).collect();
        let expected: Vec<_> = keys[..6].iter().copied().zip(1..).collect();
        assert_eq!(named, expected, "{limit} at a time");
        assert!(seen.iter().all(|it| it.last_modified.is_some()));
    }
    assert_eq!(blobs.list("none/", None, 10).await.unwrap().items, []);
}

/// A rename happens once, however often it is asked for; a blob that is deleted is gone.
async fn blobs_that_move(blobs: &impl Blobs) {
    let (from, to) = ("inbound/a b+ñ", "done/a b+ñ");
    assert!(blobs.rename(from, to).await.is_err(), "neither is there");
    assert_eq!(blobs.put(from, b"hola").await, Ok(()));
    for _ in 0..2 {
        assert_eq!(blobs.rename(from, to).await, Ok(()));
        assert_eq!(blobs.get(from).await, Ok(None));
        assert_eq!(blobs.get(to).await, Ok(Some(b"hola".to_vec())));
    }
    // The copy was made and the source is still there, as after a crash.
    assert_eq!(blobs.put(from, b"hola").await, Ok(()));
    assert_eq!(blobs.rename(from, to).await, Ok(()));
    assert_eq!(blobs.get(from).await, Ok(None));
    // What is not the same is not lost.
    assert_eq!(blobs.put(from, b"other").await, Ok(()));
    assert!(blobs.rename(from, to).await.is_err(), "{to} was overwritten");
    assert_eq!(blobs.get(from).await, Ok(Some(b"other".to_vec())));
    assert_eq!(blobs.get(to).await, Ok(Some(b"hola".to_vec())));
    for _ in 0..2 {
        assert_eq!(blobs.delete(from).await, Ok(()));
        assert_eq!(blobs.get(from).await, Ok(None));
    }
}

/// Every purpose has keys of 32 bytes with ids of their own, and no two purposes share one.
pub async fn secrets(secrets: &impl Secrets) {
    let mut all = BTreeSet::new();
    for purpose in KeyPurpose::ALL {
        let keys = secrets.keys(purpose).await.unwrap();
        assert!(!keys.is_empty(), "{purpose:?} has no key");
        let ids: BTreeSet<u8> = keys.iter().map(|key| key.id).collect();
        assert_eq!(ids.len(), keys.len(), "{purpose:?} has two keys of one id");
        for key in keys {
            assert_eq!(key.bytes.len(), 32);
            assert!(!format!("{key:?}").contains(&format!("{:?}", key.bytes)), "a key is shown");
            assert!(all.insert(key.bytes), "a key serves twice");
        }
        let again = secrets.keys(purpose).await.unwrap();
        assert_eq!(again.len(), ids.len());
    }
}

/// A clock does not go backwards while nobody moves it.
pub fn clock(clock: &impl Clock) {
    let mut last = clock.now();
    for _ in 0..100 {
        let now = clock.now();
        assert!(now >= last, "{now:?} came after {last:?}");
        last = now;
    }
}

/// Buffers of any length are filled, each time with other bytes.
pub fn entropy(entropy: &impl Entropy) {
    let mut seen = BTreeSet::new();
    for length in [16, 17, 31, 32, 33, 100, 1000] {
        let mut bytes = vec![0; length];
        entropy.fill(&mut bytes);
        // A stretch of eight zeros comes by chance once in 2^64.
        assert!(bytes.chunks_exact(8).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
        assert!(seen.insert(bytes[..16].to_vec()), "the same bytes came twice");
    }
    entropy.fill(&mut []);
}
