//! Who signed a body: `X-Signature: t=…,v1=…`, as payment providers have it.
//!
//! `t` is the instant of the signature in seconds since 1970, `v1` the HMAC-SHA256 of `t`, a full stop
//! and the body's bytes, in hexadecimal. The header may carry several `v1`, and several keys may be in
//! force, so that either side can change its key without losing an event.

use app::ports::SigningKey;
use domain::{Instant, TimeDelta};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The header.
pub const HEADER: &str = "x-signature";
/// A signature counts for so long before and after its instant.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// A header is at most so long.
const HEADER_CHARS_MAX: usize = 1_024;
/// A header carries at most so many signatures.
const SIGNATURES_MAX: usize = 4;

/// Whether one of the keys signed the body within five minutes of its receipt. Compared in constant
/// time; why it did not is told to nobody.
#[must_use]
pub fn is_signed(header: &str, body: &[u8], received_at: Instant, keys: &[SigningKey]) -> bool {
    let Some((stamp, signatures)) = parts(header) else { return false };
    let Some(signed_at) = stamp.parse::<i64>().ok().and_then(|it| it.checked_mul(1_000)) else {
        return false;
    };
    let apart = received_at.millis().abs_diff(signed_at);
    if apart > TOLERANCE.num_milliseconds().unsigned_abs() {
        return false;
    }
    keys.iter().any(|key| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.bytes) else { return false };
        mac.update(stamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    })
}

/// The instant as it was written, and the signatures.
fn parts(header: &str) -> Option<(&str, Vec<Vec<u8>>)> {
    if header.len() > HEADER_CHARS_MAX {
        return None;
    }
    let mut stamp = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", at) if stamp.is_none() && at.bytes().all(|b| b.is_ascii_digit()) => {
                stamp = Some(at);
            }
            ("t", _) => return None,
            ("v1", hex) => signatures.push(app::auth::unhex(hex)?),
            // A newer scheme beside ours.
            (_, _) => {}
        }
    }
    let fits = (1..=SIGNATURES_MAX).contains(&signatures.len());
    stamp.filter(|_| fits).map(|stamp| (stamp, signatures))
}
