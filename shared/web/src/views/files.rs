//! Files: those of a message, and the links by which they are uploaded and downloaded.

use std::collections::BTreeMap;

use app::attachments::Offered;
use app::records::Attachment;
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;

/// A file that came with a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its id in the ticket.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its sender says that it is.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

impl From<&Attachment> for AttachmentView {
    fn from(file: &Attachment) -> Self {
        Self {
            id: file.id.clone(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
        }
    }
}

/// A link that is a credential by itself. It goes to the store of the files: send no token to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LinkView {
    /// The file.
    pub file: AttachmentView,
    /// `PUT` to upload, `GET` to download.
    #[schema(example = "PUT")]
    pub method: &'static str,
    /// Where.
    pub url: String,
    /// The headers that the request must carry.
    pub headers: BTreeMap<String, String>,
    /// Until when the link counts.
    pub expires_at: Moment,
}

impl LinkView {
    /// A link to upload.
    #[must_use]
    pub fn upload(offered: Offered) -> Self {
        Self::of(offered, "PUT")
    }

    /// A link to download.
    #[must_use]
    pub fn download(offered: Offered) -> Self {
        Self::of(offered, "GET")
    }

    fn of(offered: Offered, method: &'static str) -> Self {
        Self {
            file: (&offered.file).into(),
            method,
            url: offered.link.url,
            headers: offered.link.headers.into_iter().collect(),
            expires_at: offered.until.into(),
        }
    }
}
