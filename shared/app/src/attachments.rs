//! Files over HTTP.
//!
//! Whoever may write asks for an upload and gets a link; the bytes go straight to the blob store, which
//! lets the link store them once, with the size and the type that were said. The message that names
//! the upload ties it in its own transaction. An upload that no message names lapses after a day, and
//! the sweep deletes it. What is tied is read by a link of its own, made for whoever may read the
//! message and for nobody else (13).

use std::collections::BTreeSet;

use domain::{Instant, TimeDelta};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::auth::{Principal, hex};
use crate::codec::{Document, Stored};
use crate::commit::{Commit, Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::idempotency::REMEMBERED_DAYS;
use crate::item::{Item, Key, ListEntry};
use crate::keys;
use crate::limits::{ATTACHMENTS_MAX, DOWNLOAD_LINK, UPLOAD_LAPSE, UPLOAD_LINK, UPLOADS_OPEN_MAX};
use crate::ports::{BlobError, Blobs, Clock, Entropy, Env, Link, Query, Store};
use crate::records::{Attachment, Salted};

/// Status of an upload that waits for a message.
const OFFERED: &str = "offered";
/// Status of an upload that a message has.
const TIED: &str = "tied";
/// Status of an upload that no message can have any more.
const LAPSED: &str = "lapsed";

/// Bytes of an id, which is written in hexadecimal.
const ID_BYTES: usize = 16;

/// A file that was uploaded, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The file as it will be tied.
    pub file: Attachment,
    /// Who asked for it: nobody else may name it.
    pub by: Principal,
    /// From this instant on no message can have it.
    pub lapses_at: Instant,
}

impl Document for Upload {}

/// A file that somebody wants to upload, checked by whoever read the request.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Name, cleaned.
    pub name: String,
    /// What it is, such as `application/pdf`.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// A link and until when it counts.
#[derive(Debug)]
pub struct Offered {
    /// The file.
    pub file: Attachment,
    /// Its link.
    pub link: Link,
    /// Until when the link counts.
    pub until: Instant,
}

/// Offers an upload under a fresh id. Asked again it offers another one; what is not used lapses.
///
/// # Errors
/// [`Failure::Invalid`] when too many uploads of the caller wait for a message; what the store says.
pub async fn offer<E: Env>(env: &E, by: Principal, new: NewUpload) -> Result<Offered, Failure> {
    let open = Query::new(keys::uploads_of(&by.word()), "", UPLOADS_OPEN_MAX);
    if env.store().list(&open).await?.items.len() >= UPLOADS_OPEN_MAX as usize {
        let problem = format!(
            "ya hay {UPLOADS_OPEN_MAX} archivos suyos que ningún mensaje ha usado: úselos, o espere a \
             que caduquen"
        );
        return Err(Failure::Invalid(vec![InputFault::new("cuerpo", problem)]));
    }
    let mut id = [0_u8; ID_BYTES];
    env.entropy().fill(&mut id);
    let id = hex(&id);
    let now = env.clock().now();
    let NewUpload { name, media_type, size } = new;
    let file =
        Attachment { blob: format!("attachments/{id}"), id: id.clone(), name, media_type, size };
    let upload = Upload { file: file.clone(), by, lapses_at: now + UPLOAD_LAPSE };
    let item = item(&Stored::new(upload), OFFERED, env.settings().write_schema)?;
    let write = Write::Put { item, when: Condition::Absent };
    env.store().commit(&Commit { writes: vec![write] }).await?;
    let link = env.blobs().upload_link(&file, UPLOAD_LINK).await.map_err(not_now)?;
    Ok(Offered { file, link, until: now + UPLOAD_LINK })
}

/// A link to read a file that belongs to a message. Whether the caller may read the message has been
/// decided.
///
/// # Errors
/// When the blob store does not answer.
pub async fn download<E: Env>(env: &E, file: Attachment) -> Result<Offered, Failure> {
    let link = env.blobs().download_link(&file, DOWNLOAD_LINK).await.map_err(not_now)?;
    Ok(Offered { file, link, until: env.clock().now() + DOWNLOAD_LINK })
}

fn not_now(error: BlobError) -> Failure {
    Failure::Retryable(error.to_string())
}

/// The files of a message that is about to be written.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The files, in the order in which they were named.
    pub attachments: Vec<Attachment>,
    /// What ties them, for the transaction of the message. None for files that were never uploads.
    pub ties: Vec<Write>,
}

impl Files {
    /// The uploads of `by` that a request names at `attachments`. One that a message already has is
    /// let through: the same request may have been made before, and the transaction tells.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with every upload that is not his, has lapsed or has not arrived, all
    /// alike where a stranger must not learn more; what the store says.
    pub async fn claim<E: Env>(env: &E, by: &Principal, ids: &[String]) -> Result<Self, Failure> {
        let (mut files, mut faults) = (Self::default(), Vec::new());
        if ids.len() > ATTACHMENTS_MAX {
            let count = ids.len();
            let problem = format!("son {count} archivos: el máximo es {ATTACHMENTS_MAX}");
            return Err(Failure::Invalid(vec![InputFault::new("attachments", problem)]));
        }
        let mut seen = BTreeSet::new();
        for (at, id) in ids.iter().enumerate() {
            let taken = if seen.insert(id) { files.take(env, by, id).await? } else { Err(TWICE) };
            if let Err(problem) = taken {
                faults.push(InputFault::new(format!("attachments[{at}]"), problem));
            }
        }
        if faults.is_empty() { Ok(files) } else { Err(Failure::Invalid(faults)) }
    }

    async fn take<E: Env>(
        &mut self,
        env: &E,
        by: &Principal,
        id: &str,
    ) -> Result<Result<(), &'static str>, Failure> {
        if id.len() != ID_BYTES * 2 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(Err(UNKNOWN));
        }
        let Some(found) = env.store().get(&keys::upload(id)).await? else {
            return Ok(Err(UNKNOWN));
        };
        let stored = Stored::<Upload>::read(&found)?;
        let Upload { file, by: owner, lapses_at } = &stored.doc;
        if owner != by {
            return Ok(Err(UNKNOWN));
        }
        match stored.status.as_deref() {
            Some(TIED) => {}
            Some(OFFERED) if env.clock().now() < *lapses_at => {
                let found = env.blobs().list(&file.blob, None, 1).await.map_err(not_now)?.items;
                if !found.iter().any(|it| it.key == file.blob && it.size == file.size) {
                    return Ok(Err(NOT_ARRIVED));
                }
            }
            Some(_) | None => return Ok(Err(UNKNOWN)),
        }
        let item = item(&stored, TIED, env.settings().write_schema)?;
        self.ties.push(Write::Put { item, when: Condition::StatusIs(OFFERED.to_owned()) });
        self.attachments.push(file.clone());
        Ok(Ok(()))
    }

    /// Gives the files to the text of an act, and what ties them to its transaction.
    pub(crate) fn tie(&self, texts: &mut [Salted]) -> Vec<Write> {
        if let Some(text) = texts.first_mut() {
            text.attachments.clone_from(&self.attachments);
        }
        self.ties.clone()
    }

    /// Whether another message has got one of the uploads meanwhile: asked when a transaction failed.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with those that are not free any more; what the store says.
    pub(crate) async fn still_free<E: Env>(&self, env: &E) -> Result<(), Failure> {
        let mut faults = Vec::new();
        for (at, tie) in self.ties.iter().enumerate() {
            let item = env.store().get(tie.key()).await?;
            if item.is_none_or(|item| item.status.as_deref() != Some(OFFERED)) {
                faults.push(InputFault::new(format!("attachments[{at}]"), TAKEN));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Failure::Invalid(faults)) }
    }
}

const UNKNOWN: &str = "no hay un archivo suyo con esa clave, o ya caducó: súbalo de nuevo";
const NOT_ARRIVED: &str = "aún no se ha recibido: súbalo primero con el enlace que se le dio";
const TWICE: &str = "aparece más de una vez: déjelo una sola";
const TAKEN: &str = "ya acompaña a otro mensaje: súbalo de nuevo";

/// Deletes an upload that no message has had in time. First nobody can tie it any more, then its bytes
/// go, then it does itself; whatever cuts this short, the next sweep goes on.
///
/// # Errors
/// What the store or the blob store says.
pub async fn lapse<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let Some(found) = env.store().get(key).await? else { return Ok(()) };
    let stored = Stored::<Upload>::read(&found)?;
    let is_due = stored.doc.lapses_at <= env.clock().now();
    let rev = match stored.status.as_deref() {
        Some(LAPSED) => stored.rev,
        Some(OFFERED) if is_due => {
            let item = item(&stored, LAPSED, env.settings().write_schema)?;
            let rev = item.rev;
            let write = Write::Put { item, when: Condition::RevisionIs(stored.rev) };
            env.store().commit(&Commit { writes: vec![write] }).await?;
            rev
        }
        Some(_) | None => return Ok(()),
    };
    env.blobs().delete(&stored.doc.file.blob).await.map_err(not_now)?;
    let write = Write::Delete { key: key.clone(), when: Condition::RevisionIs(rev) };
    Ok(env.store().commit(&Commit { writes: vec![write] }).await?)
}

/// The item of an upload: due while it may lapse, listed while it counts as open, and kept after it
/// was tied as long as a repeated request is known.
fn item(stored: &Stored<Upload>, status: &str, schema: u16) -> Result<Item, Failure> {
    let upload = &stored.doc;
    let mut item = stored.item(keys::upload(&upload.file.id), schema)?;
    item.status = Some(status.to_owned());
    if status == TIED {
        item.expires_at = Some(upload.lapses_at + TimeDelta::days(REMEMBERED_DAYS));
    } else {
        item.due = Some(keys::due(&item.key.pk, upload.lapses_at));
        item.list = Some(ListEntry {
            pk: keys::uploads_of(&upload.by.word()),
            sk: keys::by_instant(upload.lapses_at, &upload.file.id),
        });
    }
    Ok(item)
}

impl Attachment {
    /// The header with which it is served: to be saved, never shown (RFC 6266). Programs that do not
    /// know the second form of the name take the first, in which only plain letters are left.
    #[must_use]
    pub fn disposition(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_.()".contains(c);
        let plain: String = self.name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let exact = utf8_percent_encode(&self.name, NON_ALPHANUMERIC);
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
    }
}

#[cfg(test)]
mod tests {
    use super::Attachment;

    #[test]
    fn a_file_is_served_to_be_saved_under_its_name() {
        for (name, expected) in [
            ("captura.png", "filename=\"captura.png\"; filename*=UTF-8''captura%2Epng"),
            (
                "año \"1\".pdf",
                "filename=\"a_o _1_.pdf\"; filename*=UTF-8''a%C3%B1o%20%221%22%2Epdf",
            ),
            ("a\r\nb;c", "filename=\"a__b_c\"; filename*=UTF-8''a%0D%0Ab%3Bc"),
        ] {
            let [id, media_type, blob] = ["", "image/png", ""].map(str::to_owned);
            let file = Attachment { id, name: name.to_owned(), media_type, size: 1, blob };
            assert_eq!(file.disposition(), format!("attachment; {expected}"));
        }
    }
}
