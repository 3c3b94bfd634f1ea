//! A client's file: who the client is, who may act for it, what its póliza and its Contrato Marco say,
//! in one TOML file that a person can write and check before it counts.
//!
//! [`read`] finds everything at once: what is malformed or missing, what contradicts itself, and every
//! place where the agreement is silent and nobody has said for this client how it is to be read
//! (clause 2, G5). It knows no other client and no clock, so that it runs anywhere.
//!
//! ```
//! let report = client_file::read("code = \"ACME\"\nname = \"Acme\"\n");
//! assert!(!report.is_applicable());
//! assert!(report.findings.iter().any(|it| it.at == "plans" && it.line == 1));
//! ```

mod checks;
mod choices;
mod fields;
mod finding;
mod identity;
mod limits;
mod moments;
mod overrides;
mod parameters;
mod plans;

pub mod schema;
mod spocs;
mod together;
mod words;

pub use finding::{Finding, Kind, Report};
pub use limits::FILE_BYTES_MAX;
pub use together::between;

use domain::client::ClientEntry;
use domain::terms::Parameters;

use fields::{Reader, Section};

/// Names of the fields at the top of a file.
pub(crate) const TOP: &[&str] =
    &["code", "name", "acceptance", "domains", "modules", "spocs", "plans", "overrides"];

/// Reads a client's file and checks it as a whole.
#[must_use]
pub fn read(text: &str) -> Report {
    let reader = Reader::new(text);
    if text.len() > FILE_BYTES_MAX {
        let kilobytes = FILE_BYTES_MAX / 1024;
        reader.wrong(1, "", format!("el archivo pasa de {kilobytes} KB: no es de un cliente"));
        return reader.report(None);
    }
    let Some(document) = reader.document(text) else { return reader.report(None) };
    let top = Section::top(&reader, &document);
    let identity = identity::read(&top);
    let spocs = spocs::read(&top);
    let plans = plans::read(&top);
    let overrides = overrides::read(&top);
    let found = checks::Found { identity, spocs, plans, overrides };
    checks::check(&reader, &found);
    choices::list(&reader, &found);
    let entry = found.entry();
    reader.report(entry)
}

/// Reads parameters alone, one `name = value` on a line, as an edition sets them: what could be read,
/// and every fault.
#[must_use]
pub fn parameters(text: &str) -> (Parameters, Vec<Finding>) {
    let reader = Reader::new(text);
    let read = match reader.document(text) {
        Some(document) => parameters::read(&Section::loose(&reader, &document)),
        None => Parameters::default(),
    };
    (read, reader.report(None).findings)
}

impl checks::Found {
    /// What was read, where nothing that is needed lacks.
    fn entry(self) -> Option<ClientEntry> {
        Some(ClientEntry {
            client: self.identity.client?,
            spocs: self.spocs.into_iter().map(|it| it.value).collect(),
            plans: self.plans.into_iter().map(|it| it.value).collect(),
            overrides: self.overrides.into_iter().map(|it| it.value).collect(),
        })
    }
}
