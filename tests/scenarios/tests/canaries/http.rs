//! Requests: well made, badly made, and made of nothing, with a canary wherever something can stand.

use std::sync::Arc;

use app::memory::faults::Faulty;
use app::ports::Env;
use axum::Router;
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use tests_hostile::canaries::Canaries;
use tests_scenarios::world::World;
use tower::ServiceExt as _;
use web::ReceivedAt;

use super::Unwell;

struct Ask {
    method: &'static str,
    path: String,
    token: String,
    media: String,
    body: Vec<u8>,
}

/// Asks both functions everything; with `every`, one of so many calls to a port fails.
pub(crate) async fn asked(world: &World, canaries: &mut Canaries, every: usize) {
    let env = &world.env;
    let ticket = opened(world, canaries).await;
    let asks = by_clients(world, canaries, &ticket)
        .into_iter()
        .chain(by_the_desk(world, canaries, &ticket));
    for ask in asks {
        if every == 0 {
            send(world, &routers(env), ask, canaries).await;
        } else {
            let unwell = Arc::new(Faulty::new((**env).clone(), Unwell(every)));
            send(world, &routers(&unwell), ask, canaries).await;
        }
    }
}

fn routers<E: Env>(env: &Arc<E>) -> [Router; 2] {
    [intake_http::router(Arc::clone(env)), desk::router(Arc::clone(env))]
}

async fn opened(world: &World, canaries: &mut Canaries) -> String {
    let body = json!({ "subject": canaries.another(), "text": canaries.another() });
    let ask = json_ask(world, "Ana", "/tickets".to_owned(), &body);
    let answer = send(world, &routers(&world.env), ask, canaries).await;
    answer["reference"].as_str().unwrap().to_owned()
}

fn json_ask(world: &World, who: &str, path: String, body: &Value) -> Ask {
    let token = world.tokens.get(who).cloned().unwrap_or_else(|| who.to_owned());
    let media = "application/json".to_owned();
    Ask { method: "POST", path, token, media, body: body.to_string().into_bytes() }
}

fn look(world: &World, who: &str, path: String) -> Ask {
    Ask { method: "GET", ..json_ask(world, who, path, &Value::Null) }
}

/// Each body as it should be and in the ways in which it should not.
fn and_worse(asks: Vec<Ask>, canaries: &mut Canaries) -> Vec<Ask> {
    let mut all = Vec::new();
    for ask in asks {
        let Ask { method, path, token, media, body } = &ask;
        let again = |body: Vec<u8>, media: &str| {
            let (path, token, media) = (path.clone(), token.clone(), media.to_owned());
            Ask { method, path, token, media, body }
        };
        let mut fields: Value = serde_json::from_slice(body).unwrap();
        let name = canaries.another();
        if let Some(fields) = fields.as_object_mut() {
            fields.insert(name.clone(), json!([canaries.another()]));
            all.push(again(json!(fields).to_string().into_bytes(), media));
            for value in fields.values_mut() {
                *value = json!({ canaries.another(): canaries.another() });
            }
            all.push(again(json!(fields).to_string().into_bytes(), media));
        }
        all.push(again(json!(canaries.another()).to_string().into_bytes(), media));
        all.push(again(format!("{{\"text\": \"{}", canaries.another()).into_bytes(), media));
        all.push(again(
            [name.as_bytes(), b"\xff"].concat(),
            &format!("text/{}", canaries.another()),
        ));
        all.push(ask);
    }
    all
}

fn by_clients(world: &World, canaries: &mut Canaries, ticket: &str) -> Vec<Ask> {
    let mut c = || canaries.another();
    let posts = vec![
        json_ask(
            world,
            "Ana",
            "/tickets".to_owned(),
            &json!({ "subject": c(), "text": c(), "module": c() }),
        ),
        json_ask(world, "Ana", format!("/tickets/{ticket}/messages"), &json!({ "text": c() })),
        json_ask(
            world,
            "Ana",
            format!("/tickets/{ticket}/messages"),
            &json!({ "text": c(), "attachments": [c()] }),
        ),
        json_ask(
            world,
            "Ana",
            format!("/tickets/{ticket}/critical"),
            &json!({ "essential_operation": c(), "fully_blocked": true, "description": c() }),
        ),
        json_ask(
            world,
            "Ana",
            "/tickets/attachments".to_owned(),
            &json!({ "name": c(), "media_type": format!("text/{}", c()), "size": 9 }),
        ),
        json_ask(world, &c(), "/tickets".to_owned(), &json!({ "subject": c(), "text": c() })),
        json_ask(world, "Carla", format!("/tickets/{ticket}/messages"), &json!({ "text": c() })),
        json_ask(world, "Ana", format!("/tickets/{}/messages", c()), &json!({ "text": c() })),
    ];
    let mut page = json_ask(world, "Ana", format!("/a/{}", c()), &Value::Null);
    page.media = "application/x-www-form-urlencoded".to_owned();
    page.body = format!("{}={}", c(), c()).into_bytes();
    let looks = vec![
        page,
        look(world, "Ana", format!("/a/{}?{}={}", c(), c(), c())),
        look(world, "Ana", format!("/tickets?after={}&state={}&{}=1", c(), c(), c())),
        look(world, "Ana", format!("/tickets/{}", c())),
        look(world, "Ana", format!("/tickets/{ticket}/attachments/{}", c())),
        look(world, &c(), format!("/{}", c())),
    ];
    and_worse(posts, canaries).into_iter().chain(looks).collect()
}

fn by_the_desk(world: &World, canaries: &mut Canaries, ticket: &str) -> Vec<Ask> {
    let mut c = || canaries.another();
    let acts = [
        ("replies", json!({ "kind": "answer", "text": c() })),
        ("replies", json!({ "kind": c(), "text": c() })),
        ("notes", json!({ "text": c() })),
        ("assign", json!({ "to": c() })),
        ("downgrade", json!({ "text": c() })),
        ("end-pause", json!({ "text": c() })),
        ("waive-charge", json!({ "reason": c() })),
        ("close", json!({ "reason": c(), "text": c() })),
        ("close", json!({ "reason": "not_a_request", "text": c() })),
    ];
    let act = |(act, body): (&str, Value)| {
        json_ask(world, "Mariana", format!("/desk/tickets/{ticket}/{act}"), &body)
    };
    let mut posts: Vec<Ask> = acts.into_iter().map(act).collect();
    posts.extend([
        json_ask(
            world,
            "Mariana",
            "/desk/tickets".to_owned(),
            &json!({ "client": "FERRE", "spoc": c(), "started_at": c(), "subject": c(), "text": c() }),
        ),
        json_ask(world, "Mariana", "/desk/offers/stop".to_owned(), &json!({ "reason": c() })),
        json_ask(world, "Mariana", format!("/desk/mails/{}/adopt", c()), &json!({ "reason": c() })),
        json_ask(
            world,
            "Rodrigo",
            "/desk/staff".to_owned(),
            &json!({ "id": c(), "name": c(), "role": c(), "active": true }),
        ),
        json_ask(world, "Rodrigo", "/desk/tokens".to_owned(), &json!({ "client": c(), "spoc": c() })),
    ]);
    let looks = vec![
        look(world, "Mariana", format!("/desk/tickets?text={}&{}=1", c(), c())),
        look(world, "Mariana", format!("/desk/mails?list={}&after={}", c(), c())),
        look(world, "Mariana", format!("/desk/mails/{}/raw", c())),
        look(world, "Mariana", format!("/desk/work?view={}", c())),
    ];
    and_worse(posts, canaries).into_iter().chain(looks).collect()
}

async fn send(world: &World, routers: &[Router; 2], ask: Ask, canaries: &mut Canaries) -> Value {
    let router = usize::from(ask.path.starts_with("/desk"));
    let mut request = http::Request::builder()
        .method(ask.method)
        .uri(ask.path)
        .header(AUTHORIZATION, format!("Bearer {}", ask.token))
        .header("User-Agent", canaries.another())
        .extension(ReceivedAt(world.now()));
    if ask.method == "POST" {
        request =
            request.header(CONTENT_TYPE, ask.media).header("Idempotency-Key", canaries.another());
    }
    let body = if ask.method == "POST" { ask.body } else { Vec::new() };
    let request = request.body(Body::from(body)).unwrap();
    let Ok(answer) = routers[router].clone().oneshot(request).await;
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 22).await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
