//! The renewal ladder: notices fifteen and eight days before, renewal, expiry.
//!
//! > *10. Las pólizas se renuevan automáticamente salvo aviso con 5 días de anticipación.*
//!
//! Rule 10.8. It runs at 00:00 and 09:00 of Mexico City, and works through the accounts that are due by then. One
//! that runs late, twice or not for a month ends in the same state (G7); the sweep finds the rest.

use app::Failure;
pub use app::account::Run;
use app::ports::Env;
use domain::account::Concern;

/// Works through the accounts that are due.
///
/// # Errors
/// When the due index cannot be read. What fails for one account stops no other and is found again.
pub async fn handle<E: Env>(env: &E) -> Result<Run, Failure> {
    let run = app::account::run(env, Concern::Renewal).await?;
    tracing::info!(worked = run.worked, failed = run.failed, "terms that were due");
    Ok(run)
}
