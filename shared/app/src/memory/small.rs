//! The small ports in memory: blobs, keys, the clock and random bytes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Instant, TimeDelta};

use crate::item::Page;
use crate::ports::{
    BlobError, BlobInfo, Blobs, Clock, Entropy, KeyPurpose, Link, SecretError, Secrets, SigningKey,
};
use crate::records::Attachment;

/// What the links to blobs in memory start with; the blob's key follows. Nobody answers there.
pub const MEMORY_URL: &str = "memory:///";

/// Blobs in memory. A clone is another handle to the same blobs.
#[derive(Clone)]
pub struct MemoryBlobs {
    by_key: Arc<Mutex<BTreeMap<String, Blob>>>,
    clock: MemoryClock,
}

#[derive(Clone)]
struct Blob {
    bytes: Vec<u8>,
    stored_at: Instant,
}

impl MemoryBlobs {
    /// No blobs; what is stored is stored at the instant of `clock`.
    #[must_use]
    pub fn new(clock: MemoryClock) -> Self {
        Self { by_key: Arc::default(), clock }
    }

    /// The keys that hold something, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// When the oldest of the blobs was stored whose key starts with `prefix`.
    #[must_use]
    pub fn oldest(&self, prefix: &str) -> Option<Instant> {
        let by_key = self.lock();
        let behind = by_key.range(prefix.to_owned()..);
        let mine = behind.take_while(|(key, _)| key.starts_with(prefix));
        mine.map(|(_, blob)| blob.stored_at).min()
    }

    /// A copy that lives on its own, by another clock.
    #[must_use]
    pub fn fork(&self, clock: MemoryClock) -> Self {
        Self { by_key: Arc::new(Mutex::new(self.lock().clone())), clock }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Blob>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blobs for MemoryBlobs {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), BlobError> {
        let mut by_key = self.lock();
        match by_key.get(key) {
            Some(held) if held.bytes == bytes => Ok(()),
            Some(_) => Err(BlobError(format!("{key} already holds other bytes"))),
            None => {
                let blob = Blob { bytes: bytes.to_vec(), stored_at: self.clock.now() };
                by_key.insert(key.to_owned(), blob);
                Ok(())
            }
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError> {
        Ok(self.lock().get(key).map(|blob| blob.bytes.clone()))
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<BlobInfo>, BlobError> {
        let by_key = self.lock();
        let infos = by_key.iter().map(|(key, blob)| BlobInfo {
            key: key.clone(),
            size: blob.bytes.len() as u64,
            last_modified: Some(blob.stored_at),
        });
        Ok(BlobInfo::page(infos, prefix, after, limit))
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), BlobError> {
        let mut by_key = self.lock();
        match (by_key.get(from).cloned(), by_key.get(to)) {
            (None, Some(_)) => Ok(()),
            (None, None) => Err(BlobError(format!("{from} is not there"))),
            (Some(blob), Some(held)) if blob.bytes != held.bytes => {
                Err(BlobError(format!("{to} already holds other bytes")))
            }
            (Some(blob), held) => {
                let kept = held.cloned().unwrap_or(Blob { stored_at: self.clock.now(), ..blob });
                by_key.remove(from);
                by_key.insert(to.to_owned(), kept);
                Ok(())
            }
        }
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        self.lock().remove(key);
        Ok(())
    }

    async fn upload_link(&self, file: &Attachment, _: TimeDelta) -> Result<Link, BlobError> {
        let headers = vec![
            ("content-length".to_owned(), file.size.to_string()),
            ("content-type".to_owned(), file.media_type.clone()),
        ];
        Ok(Link { url: format!("{MEMORY_URL}{}", file.blob), headers })
    }

    async fn download_link(&self, file: &Attachment, _: TimeDelta) -> Result<Link, BlobError> {
        Ok(Link { url: format!("{MEMORY_URL}{}", file.blob), headers: Vec::new() })
    }
}

/// Fixed keys, one for each purpose, the same in every run. For tests only: they are no secret.
#[derive(Clone)]
pub struct MemorySecrets {
    by_purpose: Arc<Mutex<BTreeMap<KeyPurpose, Vec<SigningKey>>>>,
}

impl MemorySecrets {
    /// One key for each purpose.
    #[must_use]
    pub fn new() -> Self {
        let keys = KeyPurpose::ALL.into_iter().map(|purpose| (purpose, vec![fixed(purpose, 1)]));
        Self { by_purpose: Arc::new(Mutex::new(keys.collect())) }
    }

    /// Puts a new signing key before those that there are.
    pub fn rotate(&self, purpose: KeyPurpose) {
        let mut by_purpose = self.lock();
        let keys = by_purpose.entry(purpose).or_default();
        let id = keys.iter().map(|key| key.id).max().unwrap_or(0).wrapping_add(1);
        keys.insert(0, fixed(purpose, id));
    }

    /// Puts these keys in the place of those that there are, the signing one first.
    pub fn set(&self, purpose: KeyPurpose, keys: Vec<SigningKey>) {
        self.lock().insert(purpose, keys);
    }

    /// Takes every key of `purpose` away, so that reading them fails.
    pub fn lose(&self, purpose: KeyPurpose) {
        self.lock().remove(&purpose);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<KeyPurpose, Vec<SigningKey>>> {
        self.by_purpose.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemorySecrets {
    fn default() -> Self {
        Self::new()
    }
}

impl Secrets for MemorySecrets {
    async fn keys(&self, purpose: KeyPurpose) -> Result<Vec<SigningKey>, SecretError> {
        let keys = self.lock().get(&purpose).cloned();
        keys.ok_or_else(|| SecretError(format!("there is no key for {}", purpose.name())))
    }
}

/// 32 bytes that follow from the purpose and the id.
fn fixed(purpose: KeyPurpose, id: u8) -> SigningKey {
    let seed = purpose.name().bytes().fold(u64::from(id), |sum, byte| {
        sum.wrapping_mul(0x0100_0000_01b3).wrapping_add(u64::from(byte))
    });
    let mut bytes = vec![0; 32];
    MemoryEntropy::new(seed).fill(&mut bytes);
    SigningKey { id, bytes }
}

/// A clock that stands still until it is moved, and never goes backwards. A clone is another
/// handle to the same clock.
#[derive(Clone)]
pub struct MemoryClock {
    now_ms: Arc<AtomicI64>,
}

impl MemoryClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn new(start: Instant) -> Self {
        Self { now_ms: Arc::new(AtomicI64::new(start.millis())) }
    }

    /// Moves the clock to `to`. An instant that has passed leaves it where it is.
    pub fn set(&self, to: Instant) {
        self.now_ms.fetch_max(to.millis(), Ordering::SeqCst);
    }

    /// Moves the clock forward by `ms` milliseconds and returns where it stands then.
    pub fn advance_ms(&self, ms: u32) -> Instant {
        let before = self.now_ms.fetch_add(i64::from(ms), Ordering::SeqCst);
        Instant::from_millis(before + i64::from(ms))
    }
}

impl Clock for MemoryClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.now_ms.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and follow from a seed (SplitMix64). For tests only: whoever knows the
/// seed knows every byte. A clone is another handle to the same sequence.
#[derive(Clone)]
pub struct MemoryEntropy {
    state: Arc<AtomicU64>,
}

impl MemoryEntropy {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: Arc::new(AtomicU64::new(seed)) }
    }

    /// A copy that goes on with the same bytes, on its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::new(self.state.load(Ordering::SeqCst))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Entropy for MemoryEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random = self.next().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryEntropy;

    #[test]
    fn the_sequence_is_splitmix64() {
        // The published first outputs for the seed 1234567.
        let entropy = MemoryEntropy::new(1_234_567);
        let outputs =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for output in outputs {
            let output: u64 = output;
            assert_eq!(entropy.next(), output);
        }
    }
}
