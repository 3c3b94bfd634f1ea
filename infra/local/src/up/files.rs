//! Blobs and keys as files of the data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use app::ports::{BlobError, Blobs, Entropy, KeyPurpose, SecretError, Secrets, SigningKey};
use serde::{Deserialize, Serialize};

use super::folder::{Access, write_atomically};

/// Bytes of a new key.
const KEY_BYTES: usize = 32;

/// Blobs, one file each. A file's name is its key with every byte but letters and digits written in
/// hexadecimal, so that no key can name a place outside the folder.
#[derive(Debug, Clone)]
pub(crate) struct FileBlobs {
    folder: PathBuf,
}

impl FileBlobs {
    /// Blobs in `folder`, which is created.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
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

impl Blobs for FileBlobs {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), BlobError> {
        write_atomically(&self.path(key), bytes, Access::Owner)
            .map_err(|error| BlobError(error.to_string()))
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError> {
        match fs::read(self.path(key)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(BlobError(error.to_string())),
        }
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

/// Bytes in hexadecimal.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != KEY_BYTES * 2 || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use app::memory::MemoryEntropy;
    use app::ports::{Blobs as _, KeyPurpose, Secrets as _};

    use super::{FileBlobs, FileSecrets};

    #[tokio::test]
    async fn blobs_stay_inside_their_folder_and_apart() {
        let home = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::open(home.path().join("blobs")).unwrap();
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
