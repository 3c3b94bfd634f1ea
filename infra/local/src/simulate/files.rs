//! Clients' files alone: they are entered into empty data as the desk would enter them.

use std::fs;
use std::path::PathBuf;

use app::memory::MemoryEnv;
use app::{InputFault, account, clients};
use client_file::{Kind, between};
use domain::{Instant, Role, StaffId, StaffMember};

use super::SimulateError;
use super::assume::list;
use super::copy::empty;

/// The member in whose name they are entered.
const MEMBER: &str = "simulacion";
/// Why they are entered.
const REASON: &str = "Simulación";

/// An environment in memory in which these clients are entered at an instant, and nothing else is.
///
/// # Errors
/// When a file cannot be read, or its client cannot be entered: every fault of all of them.
pub(super) async fn enter(files: &[PathBuf], at: Instant) -> Result<MemoryEnv, SimulateError> {
    let env = empty(at);
    let id = StaffId::parse(MEMBER).map_err(|error| app::Failure::Fault(error.to_string()))?;
    let member = StaffMember { id, role: Role::Admin };
    let mut reports = Vec::new();
    for path in files {
        let text = fs::read_to_string(path);
        let text = text.map_err(|error| SimulateError::File(path.clone(), error))?;
        reports.push((path.display().to_string(), client_file::read(&text)));
    }
    let mut faults = Vec::new();
    for (name, report) in &reports {
        let blocking = report.findings.iter().filter(|it| it.kind.blocks());
        faults.extend(blocking.map(|it| {
            InputFault::new(format!("{name}, línea {}, {}", it.line, it.at), it.text.clone())
        }));
    }
    let together = between(&reports);
    let together = together.iter().filter(|(_, it)| it.kind == Kind::Contradictory);
    faults.extend(
        together.map(|(n, it)| {
            InputFault::new(format!("{}, {}", reports[*n].0, it.at), it.text.clone())
        }),
    );
    if faults.is_empty() {
        for (name, report) in &reports {
            let Some(entry) = &report.entry else { continue };
            match clients::enter(&env, entry, REASON, &member).await {
                Ok(_) => account::follow_terms(&env, &entry.client.id).await?,
                Err(app::Failure::Invalid(found)) => faults.extend(
                    found
                        .into_iter()
                        .map(|it| InputFault::new(format!("{name}, {}", it.at), it.problem)),
                ),
                Err(failure) => return Err(failure.into()),
            }
        }
    }
    if faults.is_empty() { Ok(env) } else { Err(SimulateError::Files(list(&faults))) }
}
