//! Blobs and keys as files of the data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use app::auth::{hex, unhex};
use app::item::Page;
use app::ports::{
    BlobError, BlobInfo, Blobs, Clock, Entropy, KeyPurpose, Link, SecretError, Secrets, SigningKey,
};
use app::records::Attachment;
use domain::{Instant, TimeDelta};
use serde::{Deserialize, Serialize};

use super::blob_links::{BlobLinks, Claim, May};
use super::folder::{Access, write_atomically, write_dated};

/// Bytes of a new key.
const KEY_BYTES: usize = 32;

/// Blobs, one file each. A file's name is its key with every byte but letters and digits written in
/// hexadecimal, so that no key can name a place outside the folder.
#[derive(Debug)]
pub(crate) struct FileBlobs<C> {
    folder: PathBuf,
    clock: Arc<C>,
    /// Signs and reads the links to them.
    pub(crate) links: BlobLinks,
}

impl<C: Clock> FileBlobs<C> {
    /// Blobs in `folder`, which is created. What is stored is stored at the instant of `clock`.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(crate) fn open(folder: PathBuf, clock: Arc<C>, links: BlobLinks) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, clock, links })
    }

    fn link(&self, may: May, file: &Attachment, valid: TimeDelta) -> Result<Link, BlobError> {
        let claim = Claim { may, file: file.clone(), until: self.clock.now() + valid };
        self.links.sign(&claim).map_err(|error| BlobError(error.to_string()))
    }

    /// The bundle's clock is not the machine's: a file is as old as the former says.
    fn write(&self, key: &str, bytes: &[u8]) -> io::Result<()> {
        let millis = u64::try_from(self.clock.now().millis()).unwrap_or(0);
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        write_dated(&self.path(key), bytes, Access::Owner, Some(now))
    }

    fn read(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(key)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every blob, in the order of the keys.
    fn all(&self) -> io::Result<Vec<BlobInfo>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // What a crash left half written is no blob.
            let Some(key) = entry.file_name().to_str().and_then(key_of) else { continue };
            let metadata = entry.metadata()?;
            let age = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH);
            let millis = age.ok().and_then(|age| i64::try_from(age.as_millis()).ok());
            let last_modified = millis.map(Instant::from_millis);
            all.push(BlobInfo { key, size: metadata.len(), last_modified });
        }
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(all)
    }

    fn path(&self, key: &str) -> PathBuf {
        let mut name = String::with_capacity(key.len());
        for byte in key.bytes() {
            if byte.is_ascii_alphanumeric() {
                name.push(char::from(byte));
            } else {
                name.push_str(&format!("-{byte:02x}"));
            }
        }
        self.folder.join(name)
    }
}

/// The key whose file has this name.
fn key_of(name: &str) -> Option<String> {
    let mut key = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'-' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte if byte.is_ascii_alphanumeric() => byte,
            _ => return None,
        };
        key.push(byte);
    }
    String::from_utf8(key).ok()
}

fn blob_error(error: &io::Error) -> BlobError {
    BlobError(error.to_string())
}

impl<C: Clock> Blobs for FileBlobs<C> {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), BlobError> {
        match self.get(key).await? {
            Some(held) if held == bytes => Ok(()),
            Some(_) => Err(BlobError(format!("{key} already holds other bytes"))),
            None => self.write(key, bytes).map_err(|error| blob_error(&error)),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError> {
        self.read(key).map_err(|error| blob_error(&error))
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<BlobInfo>, BlobError> {
        let all = self.all().map_err(|error| blob_error(&error))?;
        Ok(BlobInfo::page(all, prefix, after, limit))
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), BlobError> {
        let Some(bytes) = self.get(from).await? else {
            let moved = self.get(to).await?.is_some();
            return if moved { Ok(()) } else { Err(BlobError(format!("{from} is not there"))) };
        };
        self.put(to, &bytes).await?;
        self.delete(from).await
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match fs::remove_file(self.path(key)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(blob_error(&error)),
        }
    }

    async fn upload_link(&self, file: &Attachment, valid: TimeDelta) -> Result<Link, BlobError> {
        self.link(May::Store, file, valid)
    }

    async fn download_link(&self, file: &Attachment, valid: TimeDelta) -> Result<Link, BlobError> {
        self.link(May::Read, file, valid)
    }
}

/// Keys, read from one file that its owner alone may read, and made at the first start.
#[derive(Debug, Clone)]
pub(crate) struct FileSecrets {
    keys: BTreeMap<KeyPurpose, Vec<SigningKey>>,
}

/// What the file holds: by purpose, the signing key first.
type Saved = BTreeMap<String, Vec<SavedKey>>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedKey {
    id: u8,
    hex: String,
}

impl FileSecrets {
    /// Reads the keys; a purpose that has none gets one.
    ///
    /// # Errors
    /// When the file cannot be read or written, or does not hold what it should.
    pub(crate) fn open(path: &Path, entropy: &impl Entropy) -> io::Result<Self> {
        let mut saved: Saved = match fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map_err(|error| damaged(path, &error.to_string()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Saved::new(),
            Err(error) => return Err(error),
        };
        let mut is_new = false;
        for purpose in KeyPurpose::ALL {
            if !saved.contains_key(purpose.name()) {
                let mut bytes = [0; KEY_BYTES];
                entropy.fill(&mut bytes);
                let key = SavedKey { id: 1, hex: hex(&bytes) };
                saved.insert(purpose.name().to_owned(), vec![key]);
                is_new = true;
            }
        }
        if is_new {
            let text = toml::to_string(&saved).map_err(io::Error::other)?;
            write_atomically(path, text.as_bytes(), Access::Owner)?;
        }
        let mut keys = BTreeMap::new();
        for purpose in KeyPurpose::ALL {
            let mut of_purpose = Vec::new();
            for key in saved.get(purpose.name()).into_iter().flatten() {
                let bytes = unhex(&key.hex)
                    .filter(|bytes| bytes.len() == KEY_BYTES)
                    .ok_or_else(|| damaged(path, &format!("{} is no key", purpose.name())))?;
                of_purpose.push(SigningKey { id: key.id, bytes });
            }
            keys.insert(purpose, of_purpose);
        }
        Ok(Self { keys })
    }
}

impl Secrets for FileSecrets {
    async fn keys(&self, purpose: KeyPurpose) -> Result<Vec<SigningKey>, SecretError> {
        let keys = self.keys.get(&purpose).cloned().unwrap_or_default();
        if keys.is_empty() {
            return Err(SecretError(format!("there is no key for {}", purpose.name())));
        }
        Ok(keys)
    }
}

fn damaged(path: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use app::memory::{MemoryClock, MemoryEntropy};
    use app::ports::{Blobs as _, KeyPurpose, Secrets as _};
    use domain::Instant;
    use tests_conformance::suites;

    use super::{BlobLinks, FileBlobs, FileSecrets};

    fn blobs(home: &tempfile::TempDir) -> FileBlobs<MemoryClock> {
        let clock = MemoryClock::new(Instant::from_millis(1_795_219_200_000));
        let links = BlobLinks::new("http://127.0.0.1:1", &MemoryEntropy::new(1));
        FileBlobs::open(home.path().join("blobs"), Arc::new(clock), links).unwrap()
    }

    #[tokio::test]
    async fn the_suites() {
        let home = tempfile::tempdir().unwrap();
        suites::small::blobs(&blobs(&home)).await;
        let path = home.path().join("secrets.toml");
        let secrets = FileSecrets::open(&path, &MemoryEntropy::new(1)).unwrap();
        suites::small::secrets(&secrets).await;
    }

    #[tokio::test]
    async fn a_blob_is_as_old_as_the_bundles_clock_says() {
        let home = tempfile::tempdir().unwrap();
        let blobs = blobs(&home);
        blobs.put("inbound/a", b"hola").await.unwrap();
        blobs.clock.advance_ms(60_000);
        blobs.put("inbound/b", b"hola").await.unwrap();
        std::fs::write(home.path().join("blobs/inbound-2fc.tmp"), "ho").unwrap();
        let listed = blobs.list("inbound/", None, 10).await.unwrap().items;
        let ages: Vec<_> = listed.iter().map(|it| it.last_modified.unwrap().millis()).collect();
        assert_eq!(ages, [1_795_219_200_000, 1_795_219_260_000]);
    }

    #[tokio::test]
    async fn blobs_stay_inside_their_folder_and_apart() {
        let home = tempfile::tempdir().unwrap();
        let blobs = blobs(&home);
        let keys = ["../fuera", "a/b", "a-2fb", "T#X/ñ", ""];
        for (n, key) in keys.iter().enumerate() {
            if !key.is_empty() {
                blobs.put(key, &[n as u8]).await.unwrap();
            }
        }
        for (n, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_empty()) {
            assert_eq!(blobs.get(key).await.unwrap(), Some(vec![n as u8]), "{key}");
        }
        assert_eq!(blobs.get("nada").await.unwrap(), None);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn keys_are_made_once_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("secrets.toml");
        let first = FileSecrets::open(&path, &MemoryEntropy::new(1)).unwrap();
        let again = FileSecrets::open(&path, &MemoryEntropy::new(2)).unwrap();
        let keys = first.keys(KeyPurpose::MailThreading).await.unwrap();
        assert_eq!(keys[0].bytes.len(), 32);
        assert!(keys == again.keys(KeyPurpose::MailThreading).await.unwrap());
        std::fs::write(&path, "mail-threading = [{ id = 1, hex = \"zz\" }]").unwrap();
        let error = FileSecrets::open(&path, &MemoryEntropy::new(1)).unwrap_err();
        assert!(error.to_string().contains("mail-threading"), "{error}");
    }
}
