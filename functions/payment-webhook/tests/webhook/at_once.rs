//! Two at once at what a bank tells, in every order in which their calls to the table can come: what is
//! written, and what each of them hears, is what one of the two orders one after the other brings about.

use std::sync::Arc;

use app::account::{self, NewPayment};
use app::keys;
use app::memory::orders::{Deed, every_order};
use app::ports::{Clock as _, Env};
use app::{Failure, payment_events};
use axum::body::Body;
use domain::Actor;
use domain::terms::Centavos;
use http::Request;
use tower::ServiceExt as _;
use web::ReceivedAt;

use crate::events::{fina, payment, reversal};
use crate::kit::{World, ferre};

/// What somebody does.
#[derive(Debug, Clone)]
enum Does {
    /// The bank tells it: the header and the body.
    Tell(String, String),
    /// The relay or the sweep applies it.
    Apply(&'static str),
    /// Finance has it tried again.
    Retry(&'static str),
    /// Finance puts it aside.
    Discard(&'static str),
    /// Finance records the payment by hand.
    Record(&'static str),
}

async fn done<E: Env>(env: E, does: Does) -> Result<(), Failure> {
    let by = fina();
    match does {
        Does::Tell(header, body) => {
            let request = Request::post("/webhooks/payments").header("x-signature", header);
            let request = request.extension(ReceivedAt(env.clock().now())).body(Body::from(body));
            let router = payment_webhook::router(Arc::new(env));
            let told = router.oneshot(request.unwrap()).await.unwrap().status().as_u16();
            if told == 200 { Ok(()) } else { Err(Failure::Retryable(told.to_string())) }
        }
        Does::Apply(id) => payment_events::apply(&env, &keys::payment_event(id)).await,
        Does::Retry(id) => payment_events::retry(&env, id, &by).await.map(drop),
        Does::Discard(id) => payment_events::discard(&env, id, "De otro.", &by).await.map(drop),
        Does::Record(reference) => {
            let (client, value_date) = (ferre(), "2026-12-03".parse().unwrap());
            let (reference, amount) = (reference.to_owned(), Centavos(1_160_000));
            let new = NewPayment { client, reference, value_date, amount, names: None };
            account::record_payment(&env, &new, Actor::Staff(by)).await.map(drop)
        }
    }
}

/// A world in which a payment and its reversal are told, and pairs of whoever acts then.
fn cases(world: &World) -> Vec<[Does; 2]> {
    let tell = |event: serde_json::Value| {
        let body = event.to_string();
        Does::Tell(world.signed(&body), body)
    };
    for event in [payment("e1", "S1"), payment("e2", "S1"), reversal("e3", "S0")] {
        assert_eq!(world.tell(&event).0, 200);
    }
    world.block_on(done(world.env.as_ref().clone(), Does::Record("S0"))).unwrap();
    // Of a payment that is known nothing is left to record.
    assert_eq!(world.tell(&payment("e4", "S0")).0, 200);
    vec![
        [tell(payment("e9", "S9")), tell(payment("e9", "S9"))],
        [tell(payment("e9", "S9")), tell(payment("e9", "S8"))],
        [tell(reversal("e1", "S1")), Does::Apply("e1")],
        [Does::Apply("e1"), Does::Apply("e1")],
        [Does::Apply("e1"), Does::Apply("e2")],
        [Does::Apply("e1"), Does::Apply("e3")],
        [Does::Apply("e1"), Does::Record("S1")],
        [Does::Apply("e1"), Does::Retry("e1")],
        [Does::Apply("e1"), Does::Discard("e1")],
        [Does::Apply("e3"), Does::Discard("e3")],
        [Does::Retry("e3"), Does::Discard("e3")],
        [Does::Retry("e4"), Does::Discard("e4")],
    ]
}

#[test]
fn of_two_at_once_each_is_whole_and_one_wins() {
    let world = World::new();
    let mut wrong = Vec::new();
    for case in cases(&world) {
        let deeds = case.each_ref().map(|does| -> Deed<'_, Result<(), Failure>> {
            Box::new(move |env| Box::pin(done(env, does.clone())))
        });
        let found = every_order(&world.env, &deeds, |env, told| {
            let told = told.into_iter().zip(&case).map(|(told, does)| match told {
                // Whoever is told to do it again does so: the stream, the sweep, the bank, a person.
                Err(Failure::Retryable(_)) => world.block_on(done(env.clone(), does.clone())),
                Ok(()) | Err(_) => told,
            });
            let told: Vec<_> = told.map(|it| format!("{it:?}")).collect();
            let items = env.store.dump();
            (items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>(), told)
        });
        let strange = found.ends.iter().find(|(_, end)| !found.usual.contains(end));
        println!("{case:?}: {} choices, {} ends", found.choices, found.ends.len());
        if let Some((order, (items, told))) = strange {
            let events = items.iter().filter(|it| it.contains("W#")).collect::<Vec<_>>();
            wrong.push(format!("{case:?}: {order:?}: {told:?} {events:#?}"));
        }
        assert!(found.ends.len() > 1, "{case:?}: nobody raced");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
