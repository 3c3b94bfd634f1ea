//! The payment ladder: months that fall due, their notices, suspension, annulment and reactivation.
//!
//! > *10. Pago dentro de los primeros 5 días del mes. Falta de pago suspende el soporte.*
//!
//! It runs at 00:00 and 09:00 of Mexico City, and works through the accounts that are due by then. One
//! that runs late, twice or not for a month ends in the same state and suspends nobody backwards (10.3, G7);
//! the sweep finds the instants between.

use app::Failure;
pub use app::account::Run;
use app::ports::Env;
use domain::account::Concern;

/// Works through the accounts that are due.
///
/// # Errors
/// When the due index cannot be read. What fails for one account stops no other and is found again.
pub async fn handle<E: Env>(env: &E) -> Result<Run, Failure> {
    let run = app::account::run(env, Concern::Payment).await?;
    tracing::info!(worked = run.worked, failed = run.failed, "accounts that were due");
    Ok(run)
}
