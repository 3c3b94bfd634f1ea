//! Profiles: where the desk is reached and as whom, so that no command needs a token.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};

/// The profiles of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profiles {
    /// Base address of the API, without a trailing slash.
    pub(crate) url: String,
    /// The profile that `millora ticket` uses unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<String>,
    /// The profile that `millora desk` uses unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) desk: Option<String>,
    /// By name.
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, Profile>,
}

/// One person's way in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// Who it is, for people.
    pub(crate) who: String,
    /// On which side.
    pub(crate) kind: Kind,
    /// The bearer token.
    pub(crate) token: String,
}

/// The token stays out of logs.
impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// On which side of the desk somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A client's SPoC.
    Spoc,
    /// A member of Millora's desk.
    Staff,
}

impl Profiles {
    /// Reads a file of profiles; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, or does not hold profiles.
    pub(crate) fn read(file: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let parsed = toml::from_str(&text);
        parsed.map(Some).map_err(|error| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("no es un archivo de perfiles: {error}"),
            )
        })
    }

    /// The file's text.
    ///
    /// # Errors
    /// Never for values that were read or built here.
    pub(crate) fn text(&self) -> io::Result<String> {
        let body = toml::to_string(self).map_err(io::Error::other)?;
        Ok(format!("# Perfiles de millora: contienen credenciales, no los comparta.\n{body}"))
    }
}
