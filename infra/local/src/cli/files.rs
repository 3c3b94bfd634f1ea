//! Files that come with messages: uploaded before the message names them, saved from it afterwards.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble, part};
use super::show::word;
use super::ticket::Reference;

#[derive(Args)]
pub(super) struct Attach {
    #[arg(
        long = "attach",
        value_name = "ARCHIVO",
        help = "Un archivo que acompaña al mensaje; puede repetirse."
    )]
    paths: Vec<PathBuf>,
}

#[derive(Args)]
pub(super) struct Save {
    #[command(flatten)]
    reference: Reference,
    #[arg(value_name = "ADJUNTO", help = "Su identificador, como lo muestra el ticket.")]
    id: String,
    #[arg(
        long,
        value_name = "RUTA",
        help = "Dónde se guarda: una carpeta o un archivo nuevo; si falta, aquí y con su nombre."
    )]
    to: Option<PathBuf>,
}

impl Attach {
    /// Uploads the files, and names them in the body of a message. `root` is where the tickets are.
    pub(super) fn add(
        &self,
        body: &mut Value,
        caller: &Caller,
        side: Side,
        root: &str,
    ) -> Result<(), Trouble> {
        let mut ids = Vec::new();
        for (path, bytes) in self.read()? {
            let file = json!({
                "name": path.file_name().unwrap_or_default().to_string_lossy(),
                "media_type": media_type(path),
                "size": bytes.len(),
            });
            let link = caller.post(side, &format!("{root}/attachments"), &file)?;
            caller.put_to(&link, &bytes)?;
            ids.push(link["file"]["id"].clone());
        }
        if !ids.is_empty() {
            body["attachments"] = ids.into();
        }
        Ok(())
    }

    /// The files with their bytes; what cannot be read is told at once for all of them.
    fn read(&self) -> Result<Vec<(&Path, Vec<u8>)>, Trouble> {
        let (mut files, mut troubles) = (Vec::new(), Vec::new());
        for path in &self.paths {
            match read(path) {
                Ok(bytes) => files.push((path.as_path(), bytes)),
                Err(trouble) => troubles.push(trouble.to_string()),
            }
        }
        if troubles.is_empty() { Ok(files) } else { Err(Trouble::Usage(troubles.join("\n"))) }
    }
}

/// The bytes of a file.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Trouble> {
    fs::read(file)
        .map_err(|error| Trouble::Usage(format!("No se puede leer {}: {error}", file.display())))
}

/// Saves a file of a ticket under `root`. What is there already stays.
pub(super) fn save(
    caller: &Caller,
    side: Side,
    root: &str,
    args: &Save,
) -> Result<String, Trouble> {
    let path = format!("{}/{}", args.reference.path(root, "attachments"), part(&args.id));
    save_link(caller, &caller.get(side, &path)?, args.to.as_deref())
}

/// Saves what a link leads to.
pub(super) fn save_link(
    caller: &Caller,
    link: &Value,
    to: Option<&Path>,
) -> Result<String, Trouble> {
    // A name is only a name, whatever the server says.
    let name = Path::new(word(&link["file"], "name")).file_name().unwrap_or("adjunto".as_ref());
    let to = match to {
        Some(to) if to.is_dir() => to.join(name),
        Some(to) => to.to_path_buf(),
        None => PathBuf::from(name),
    };
    let bytes = caller.get_from(link)?;
    let mut options = OpenOptions::new();
    let written = options.write(true).create_new(true).open(&to);
    written.and_then(|mut file| file.write_all(&bytes)).map_err(|error| {
        let to = to.display();
        Trouble::Failed(if error.kind() == ErrorKind::AlreadyExists {
            format!("Ya existe {to}: indique otro lugar con --to")
        } else {
            format!("No se puede guardar {to}: {error}")
        })
    })?;
    let saved = json!({ "saved": to.display().to_string(), "bytes": bytes.len() });
    Ok(caller.shown(&saved, |_| format!("Guardado: {} ({} bytes)", to.display(), bytes.len())))
}

/// What a mail program would call a file with this ending.
pub(super) fn media_type(file: &Path) -> &'static str {
    let ending = file.extension().and_then(|it| it.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "txt" | "log" => "text/plain",
        "csv" => "text/csv",
        "zip" => "application/zip",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}
