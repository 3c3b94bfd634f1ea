//! mail-events
