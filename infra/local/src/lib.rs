//! The whole bundle on one machine: what the binary `millora` does.
//!
//! `up` runs the desk; everything else speaks HTTP with it, or with a deployment.

pub mod cli;
mod doctor;
mod explain;
mod profiles;
mod simulate;
mod smtp;
mod up;
