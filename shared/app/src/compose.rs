//! From a notice to a finished mail: looks up texts, names and addresses, and has it rendered.

use crate::failure::Failure;
use crate::item::Key;
use crate::ports::{Env, Outgoing};
use crate::records::{Head, NoticeRecord};

/// Renders the notice at `key`.
///
/// # Errors
/// [`Failure::Retryable`] when the store, a blob or a key cannot be read now; [`Failure::Fault`] when
/// it can never be rendered.
pub async fn compose<E: Env>(
    _env: &E,
    key: &Key,
    _record: &NoticeRecord,
    _head: Option<&Head>,
) -> Result<Outgoing, Failure> {
    Err(Failure::Fault(key.sk.clone()))
}
