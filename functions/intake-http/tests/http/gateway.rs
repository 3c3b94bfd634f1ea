//! The gateway's own events, as they come: through the gateway's adapter into the router.

use lambda_http::request::from_str;

use crate::kit::World;

const OPEN: &str = include_str!("../../../../events/http/open.json");

#[test]
fn a_ticket_is_opened_by_the_gateways_event_at_the_gateways_instant() {
    use tower::ServiceExt as _;
    // The function runs hours late; the receipt is the gateway's (G2).
    let world = World::new("2026-11-20T19:00:00-06:00", |env| intake_http::router(env.clone()));
    let event = OPEN.replace("TOKEN", &world.token("ana"));
    let request = intake_http::gateway::received(from_str(&event).unwrap());
    let response = world.block_on(intake_http::router(world.env.clone()).oneshot(request)).unwrap();
    assert_eq!(response.status(), 201);
    let list = world.get("ana", "/tickets").json;
    let ticket = &list["tickets"][0];
    assert_eq!(ticket["received_at"], "2026-11-20T13:59:59.999-06:00");
    assert_eq!(ticket["clock"]["tier"], "same_day_standard");
    assert_eq!(ticket["subject"], "No timbra");
}

#[test]
fn an_event_that_does_not_say_when_is_our_own_fault() {
    use tower::ServiceExt as _;
    let world = World::new("2026-11-20T19:00:00-06:00", |env| intake_http::router(env.clone()));
    let event = OPEN.replace("TOKEN", &world.token("ana")).replace("timeEpoch", "timeEpochX");
    let request = intake_http::gateway::received(from_str(&event).unwrap());
    let response = world.block_on(intake_http::router(world.env.clone()).oneshot(request)).unwrap();
    assert_eq!(response.status(), 500);
}
