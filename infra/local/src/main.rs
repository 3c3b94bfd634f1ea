//! The bundle.
fn main() {}
