//! The gateway's own events, as they come: through the gateway's adapter into the router.

use lambda_http::request::from_str;

use crate::world;

const WORK: &str = include_str!("../../../../events/http/work.json");

#[test]
fn the_work_list_is_read_by_the_gateways_event_at_the_gateways_instant() {
    use tower::ServiceExt as _;
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let event = WORK.replace("TOKEN", &world.token("marta"));
    let request = desk::gateway::received(from_str(&event).unwrap());
    let response = world.block_on(desk::router(world.env.clone()).oneshot(request)).unwrap();
    assert_eq!(response.status(), 200);
    let read = world.block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).unwrap();
    let list: serde_json::Value = serde_json::from_slice(&read).unwrap();
    assert_eq!(list["tickets"][0]["reference"], reference.as_str());
}
