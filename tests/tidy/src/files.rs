//! The files of the repository: everything that is not ignored.

use std::fs;
use std::path::{Path, PathBuf};

/// A file with its path from the root of the repository, with `/`.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the root.
    pub path: String,
    /// Content, when it is text.
    pub text: Option<String>,
}

impl File {
    /// A file made up by a test.
    #[must_use]
    pub fn made_up(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: Some(text.to_owned()) }
    }

    /// Content, empty when it is no text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// The numbered lines, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text().lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// Whether it is Rust.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// The root of the repository.
///
/// # Panics
/// When this package has been moved.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this package lies two folders below the root").to_owned()
}

/// Every file that is not ignored, sorted by path.
///
/// # Panics
/// When a file cannot be read.
#[must_use]
pub fn all() -> Vec<File> {
    let root = root();
    let ignored =
        ignored(&fs::read_to_string(root.join(".gitignore")).expect(".gitignore is there"));
    let mut files = Vec::new();
    walk(&root, &root, &ignored, &mut files);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// One file of the repository.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What `.gitignore` names: a path from the root, a name of a folder, or an ending.
enum Ignored {
    Path(String),
    Name(String),
    Ending(String),
}

fn ignored(gitignore: &str) -> Vec<Ignored> {
    let lines = gitignore.lines().map(str::trim);
    let mut ignored: Vec<Ignored> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match (line.strip_prefix('/'), line.strip_prefix('*')) {
            (Some(path), _) => Ignored::Path(path.trim_end_matches('/').to_owned()),
            (None, Some(ending)) => Ignored::Ending(ending.to_owned()),
            (None, None) => Ignored::Name(line.trim_end_matches('/').to_owned()),
        })
        .collect();
    ignored.push(Ignored::Path(".git".to_owned()));
    ignored
}

fn walk(root: &Path, folder: &Path, ignored: &[Ignored], files: &mut Vec<File>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{folder:?}: {error}")).path();
        let relative = path.strip_prefix(root).expect("it lies below the root");
        let relative = relative.to_string_lossy().replace('\\', "/");
        let name = relative.rsplit('/').next().unwrap_or_default();
        let skip = ignored.iter().any(|one| match one {
            Ignored::Path(path) => relative == *path,
            Ignored::Name(wanted) => name == wanted,
            Ignored::Ending(ending) => name.ends_with(ending),
        });
        if skip {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, ignored, files);
        } else if let Ok(bytes) = fs::read(&path) {
            // A file that another test removes while this one walks is none of ours.
            files.push(File { path: relative, text: String::from_utf8(bytes).ok() });
        }
    }
}
