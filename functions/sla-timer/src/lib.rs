//! sla-timer
