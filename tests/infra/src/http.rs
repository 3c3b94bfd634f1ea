//! The HTTP API: every path of the description leads to the function that serves it.

use serde_json::Value;
use tests_tidy::Fault;

use crate::functions::package;
use crate::template::{Resource, Template, target, text};

/// What a line of the access log may not hold: paths carry the tokens of action links, addresses are
/// personal.
const NOT_LOGGED: [&str; 6] =
    ["$context.path", "requestPath", "sourceIp", "userAgent", "$context.identity", "protocol"];

/// The gateway waits at most so long.
const GATEWAY_MS_MAX: u64 = 30_000;

/// The function that serves a path of the API.
fn server(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("desk") => "desk",
        Some("webhooks") => "payment-webhook",
        Some(_) | None => "intake-http",
    }
}

/// Routes, limits and access log.
#[must_use]
pub fn check(template: &Template, openapi: &Value) -> Vec<Fault> {
    let mut faults = check_routes(template, openapi);
    for stage in template.of("AWS::ApiGatewayV2::Stage") {
        let set = [
            "DefaultRouteSettings/ThrottlingBurstLimit",
            "DefaultRouteSettings/ThrottlingRateLimit",
            "RouteSettings/ANY ~1a~1{token}/ThrottlingRateLimit",
            "AccessLogSettings/DestinationArn",
            "AccessLogSettings/Format",
        ];
        faults.extend(template.missing(stage, &set));
        let format = text(stage.property("AccessLogSettings/Format")).unwrap_or_default();
        for word in NOT_LOGGED.iter().filter(|word| format.contains(*word)) {
            let what = format!("the access log holds {word}");
            faults.push(template.fault(stage.id, what, "Log the route, never what identifies"));
        }
    }
    for integration in template.of("AWS::ApiGatewayV2::Integration") {
        faults.extend(check_time(template, integration));
    }
    faults
}

fn check_routes(template: &Template, openapi: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let routes: Vec<Resource<'_>> = template.of("AWS::ApiGatewayV2::Route").collect();
    let paths = openapi["paths"].as_object().into_iter().flatten();
    for (path, methods) in paths {
        for method in methods.as_object().into_iter().flat_map(|it| it.keys()) {
            let method = method.to_uppercase();
            let route = routes.iter().find(|route| {
                let key = route.property("RouteKey").as_str().unwrap_or_default();
                matches(key, &method, path)
            });
            let served = route.and_then(|route| function(template, *route)).map(package);
            if served != Some(server(path)) {
                let what = format!("{method} {path} leads to {served:?}");
                let remedy = format!("Add a route to {}", server(path));
                faults.push(template.fault("Api", what, &remedy));
            }
        }
    }
    faults
}

/// Whether a route takes a method and a path.
fn matches(key: &str, method: &str, path: &str) -> bool {
    let Some((its_method, its_path)) = key.split_once(' ') else { return false };
    if its_method != "ANY" && its_method != method {
        return false;
    }
    match its_path.strip_suffix("{proxy+}") {
        Some(front) => path.starts_with(front) && path.len() > front.len(),
        None => its_path == path,
    }
}

fn function<'a>(template: &'a Template, route: Resource<'_>) -> Option<Resource<'a>> {
    let integration = text(route.property("Target"))?.strip_prefix("integrations/${")?;
    let integration = template.resource(integration.strip_suffix('}')?)?;
    template.resource(target(integration.property("IntegrationUri"))?)
}

/// The gateway waits longer than the function may take, so that an answer is never cut off.
fn check_time(template: &Template, integration: Resource<'_>) -> Vec<Fault> {
    let function = target(integration.property("IntegrationUri"));
    let function = function.and_then(|id| template.resource(id));
    let seconds = function.and_then(|it| it.property("Timeout").as_u64()).unwrap_or(u64::MAX);
    let waits = integration.property("TimeoutInMillis").as_u64().unwrap_or_default();
    if waits > GATEWAY_MS_MAX || waits <= seconds.saturating_mul(1000) {
        let what = format!("it waits {waits} ms for a function that may take {seconds} s");
        return vec![template.fault(integration.id, what, "Wait longer, or let it take less")];
    }
    Vec::new()
}
