//! Exactly the rights that are used: every call of every function, against the roles of the template.
//!
//! All scripts are played, the mails of `events/mail` are taken by each function that takes mail, and
//! people use the HTTP API. Each world is played twice: with the stream, where the relay carries the
//! effects out, and without it, where the sweep does.

mod mails;
mod people;
mod scene;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use app::memory::faults::Call;
use tests_infra::rights::{Right, compare};
use tests_infra::{Project, calls, functions};
use tests_scenarios::play::play_in;
use tests_scenarios::script::Script;
use tests_scenarios::world::{Ear, World};
use tests_tidy::none;

use crate::scene::Carrier;

/// Everything that was asked for so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<BTreeSet<Right>>>);

impl Log {
    fn ear(&self) -> Ear {
        let log = self.clone();
        Arc::new(move |function: &'static str, call: &Call<'_>| log.add(function, call))
    }

    fn add(&self, function: &str, call: &Call<'_>) {
        let rights = calls::rights(function, call);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(rights);
    }

    fn all(&self) -> BTreeSet<Right> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn scripts(log: &Log, carrier: Carrier) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/scripts");
    for entry in std::fs::read_dir(folder).expect("the scripts are there") {
        let path = entry.expect("the scripts are there").path();
        if path.extension().is_some_and(|it| it == "txt") {
            let text = std::fs::read_to_string(&path).expect("the scripts are there");
            let script = Script::parse(&text).expect("a script can be read");
            let start = script.steps.iter().find_map(|step| step.at).expect("a first moment");
            let mut world = World::in_memory(start).await;
            world.ear = Some(log.ear());
            world.stream_alive = carrier == Carrier::Relay;
            world.renewal_first = carrier == Carrier::Sweep;
            Box::pin(play_in(world, &script)).await;
        }
    }
}

#[tokio::test]
async fn what_is_used_is_granted_and_what_is_granted_is_used() {
    let log = Log::default();
    for carrier in [Carrier::Relay, Carrier::Sweep] {
        scripts(&log, carrier).await;
        mails::play(&log, carrier).await;
        people::play(&log, carrier).await;
    }
    none(compare(&Project::read().main, &log.all(), &functions::packages()));
}
