//! Mails out: each kind as it is sent, and what holds of all of them.

mod headers;
mod hostile;
mod samples;
mod snapshots;
mod words;
