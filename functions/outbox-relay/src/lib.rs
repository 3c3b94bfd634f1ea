//! The table's stream: notices become mails, due entries become schedules, a changed standing is
//! spread. The only function besides the sweep that may send mail or create schedules (A4).

use app::ports::Env;
use app::relay::{self, StreamBatch, StreamResponse};

/// Works through a batch. Records that have to come again are named in the answer; the rest is done.
pub async fn handle<E: Env>(env: &E, batch: &StreamBatch) -> StreamResponse {
    relay::work(env, batch).await
}
