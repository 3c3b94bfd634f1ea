//! Every five minutes: whatever is overdue or stuck, by the same use cases as the timers and the
//! relay. The schedules and the stream are punctuality; this is the guarantee.

use app::Failure;
use app::ports::Env;
pub use app::sweep::Report;

/// Works through everything that is due. When there is more than one sweep takes, it goes on in the
/// next one.
///
/// # Errors
/// When the due index cannot be read.
pub async fn handle<E: Env>(env: &E) -> Result<Report, Failure> {
    let report = app::sweep::sweep(env).await?;
    tracing::info!(
        worked = report.worked,
        failed = report.failed,
        more = report.more,
        mails = report.mail.taken,
        mails_failed = report.mail.failed,
        metric = report.more.then_some("SweepMore"),
        "swept what was due"
    );
    Ok(report)
}
