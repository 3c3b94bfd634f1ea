//! The paths of the desk, through both routers as they are merged on one machine, on the ports in
//! memory.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod access;
mod accounts;
mod acts;
mod at_once;
mod banks;
mod calendars;
mod clients;
mod credentials;
mod files;
mod gateway;
mod inputs;
#[path = "../../../intake-http/tests/http/kit.rs"]
mod kit;
mod lists;
mod mails;
mod notices;
mod secrets;
mod whole;

use kit::World;

/// A world in which both clients and the desk are served.
fn world(start: &str) -> World {
    World::new(start, |env| intake_http::router(env.clone()).merge(desk::router(env.clone())))
}
