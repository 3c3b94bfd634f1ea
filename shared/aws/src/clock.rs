//! The one real clock.

use std::time::{SystemTime, UNIX_EPOCH};

use app::ports::Clock;
use domain::Instant;

/// The host's clock, cut to the millisecond (G1).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "this adapter is the one real clock")]
        let now = SystemTime::now();
        // A host whose clock stands before 1970 is broken beyond our help; 1970 makes nothing due.
        let ms = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Instant::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
    }
}
