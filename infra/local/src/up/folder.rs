//! The data folder: whose it is, and that only one process has it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The layout of the folder that this program reads and writes.
const FORMAT: u32 = 1;
/// The file that says that a folder is ours.
const MARKER: &str = "millora.toml";
/// The file that one process holds locked.
const LOCK: &str = "lock";

/// A data folder that belongs to this process until it is dropped. The lock ends with the process,
/// however it ends.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

/// Why a folder cannot be used. The words are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// There are files in it, and they are not ours.
    #[error(
        "La carpeta {0} ya contiene archivos que no son de millora. Indique otra con --data, o una \
         vacía; aquí no se toca nada."
    )]
    Foreign(PathBuf),
    /// There is no data of ours in it.
    #[error(
        "En {0} no hay datos de millora. Arranque una mesa sobre esa carpeta con «millora up», o \
         indique otra con --data."
    )]
    NotOurs(PathBuf),
    /// A newer release wrote it, or the marker is damaged.
    #[error(
        "La carpeta {0} tiene el formato {1}, y esta versión de millora solo entiende el {FORMAT}. \
         Use la versión que la creó, o indique otra carpeta con --data."
    )]
    Format(PathBuf, String),
    /// Another process has it.
    #[error(
        "Otro proceso está usando la carpeta {0}. Deténgalo (Ctrl-C en su terminal) o indique otra \
         carpeta con --data."
    )]
    Locked(PathBuf),
    /// The system says no.
    #[error("No se puede usar la carpeta {0}: {1}")]
    Io(PathBuf, io::Error),
}

impl Folder {
    /// Opens the folder, or creates it; refuses one that is somebody else's.
    ///
    /// # Errors
    /// When it is foreign, of another format, held by another process, or cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self, FolderError> {
        let io = |error| FolderError::Io(path.to_owned(), error);
        fs::create_dir_all(path).map_err(io)?;
        let marker = path.join(MARKER);
        if !marker.exists() && !holds_only_a_lock(path).map_err(io)? {
            return Err(FolderError::Foreign(path.to_owned()));
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::Locked(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        if marker.exists() {
            check_format(path, &fs::read_to_string(&marker).map_err(io)?)?;
        } else {
            let text =
                format!("# Carpeta de datos de millora. No la edite a mano.\nformat = {FORMAT}\n");
            write_atomically(&marker, text.as_bytes(), Access::Everyone).map_err(io)?;
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Only looks whether the folder is ours, whoever has it.
    ///
    /// # Errors
    /// When it is foreign, of another format, or cannot be read.
    pub(crate) fn look_at(path: &Path) -> Result<(), FolderError> {
        match fs::read_to_string(path.join(MARKER)) {
            Ok(text) => check_format(path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(FolderError::NotOurs(path.to_owned()))
            }
            Err(error) => Err(FolderError::Io(path.to_owned(), error)),
        }
    }

    /// A file or folder inside.
    #[must_use]
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// A start that was cut before the marker was written leaves nothing but the lock behind.
fn holds_only_a_lock(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if name != LOCK && name != format!("{MARKER}.tmp").as_str() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn check_format(path: &Path, text: &str) -> Result<(), FolderError> {
    let format = toml::from_str::<toml::Table>(text)
        .ok()
        .and_then(|table| table.get("format").cloned())
        .map_or_else(|| "desconocido".to_owned(), |format| format.to_string());
    if format == FORMAT.to_string() {
        Ok(())
    } else {
        Err(FolderError::Format(path.to_owned(), format))
    }
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever the system's defaults let.
    Everyone,
    /// Its owner alone: keys and tokens.
    Owner,
}

/// Replaces a file as a whole: a crash leaves the old one or the new one, never a mixture, and
/// what was written is on the disk when this returns.
///
/// # Errors
/// When the system says no.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    write_dated(path, bytes, access, None)
}

/// The same, of a file that is as old as `modified` says from the moment in which it is there.
///
/// # Errors
/// When the system says no.
pub(crate) fn write_dated(
    path: &Path,
    bytes: &[u8],
    access: Access,
    modified: Option<SystemTime>,
) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    // A temporary file that a crash left behind would keep its old permissions.
    if temporary.exists() {
        fs::remove_file(&temporary)?;
    }
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    if access == Access::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    if let Some(modified) = modified {
        file.set_modified(modified)?;
    }
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Makes the names in a folder last through a loss of power.
///
/// # Errors
/// When the system says no.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{Access, Folder, FolderError, write_atomically};

    #[test]
    fn a_new_folder_is_made_ours_and_opens_again() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("nueva/datos");
        drop(Folder::open(&path).unwrap());
        drop(Folder::open(&path).unwrap());
    }

    #[test]
    fn a_held_folder_is_refused_and_free_again_afterwards() {
        let home = tempfile::tempdir().unwrap();
        let held = Folder::open(home.path()).unwrap();
        let refused = Folder::open(home.path()).unwrap_err();
        assert!(matches!(refused, FolderError::Locked(_)), "{refused}");
        assert!(refused.to_string().contains("--data"), "{refused}");
        drop(held);
        Folder::open(home.path()).unwrap();
    }

    #[test]
    fn a_foreign_folder_is_refused_and_left_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("tesis.doc"), "no tocar").unwrap();
        let refused = Folder::open(home.path()).unwrap_err();
        assert!(matches!(refused, FolderError::Foreign(_)), "{refused}");
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn another_format_is_refused_by_name() {
        for (text, shown) in [("format = 2\n", "formato 2"), ("[[", "formato desconocido")] {
            let home = tempfile::tempdir().unwrap();
            std::fs::write(home.path().join("millora.toml"), text).unwrap();
            let refused = Folder::open(home.path()).unwrap_err();
            assert!(refused.to_string().contains(shown), "{refused}");
        }
    }

    #[test]
    fn a_start_that_was_cut_can_be_repeated() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("lock"), "").unwrap();
        std::fs::write(home.path().join("millora.toml.tmp"), "for").unwrap();
        Folder::open(home.path()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_secret_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("secrets.toml");
        std::fs::write(home.path().join("secrets.toml.tmp"), "resto de una caída").unwrap();
        write_atomically(&path, b"a = 1", Access::Owner).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a = 1");
    }
}
