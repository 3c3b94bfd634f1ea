//! What a function is called with, and what it says.

use std::sync::Arc;

use app::Failure;
use app::memory::MemoryEnv;
use app::memory::faults::Faulty;
use app::ports::TimerFunction;
use app::relay::{StreamBatch, StreamRecord};
use app::timers::TimerEvent;
use domain::{Instant, TimeDelta};
use serde_json::Value;
use tests_scenarios::doors::{self, Answer, Request};
use tests_scenarios::pages;

use crate::weather::Run;
use crate::witness::Witnessed;

/// The ports.
pub type Ports = MemoryEnv<Witnessed>;
/// The ports as one run of a function has them.
pub type Host = Faulty<Ports, Run>;

/// One call of a function.
#[derive(Debug, Clone)]
pub enum Job {
    /// A request over HTTP.
    Http(Box<Request>),
    /// A link is opened; its button is pressed.
    Link {
        /// Where it leads.
        path: String,
        /// Whether a person presses the button.
        press: bool,
        /// When.
        at: Instant,
    },
    /// A mail lies in the bucket.
    Mail {
        /// Its id.
        id: String,
        /// The mail service's event.
        event: Arc<Value>,
    },
    /// A schedule fires.
    Wake {
        /// Which function.
        function: TimerFunction,
        /// For whom.
        pk: String,
    },
    /// A batch of the stream.
    Stream {
        /// Of which shard.
        shard: usize,
        /// The records.
        records: Vec<StreamRecord>,
    },
    /// The mail service tells what became of a mail.
    Told {
        /// Which event, counted from the first.
        number: usize,
        /// The event.
        event: Arc<mail_events::Event>,
    },
    /// The sweep's tick.
    Sweep,
    /// The ladders' tick.
    Ladder {
        /// That of the renewal.
        renewal: bool,
    },
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done(String),
    /// A rule says no, or the input is wrong: the same again is refused again.
    Refused(String),
    /// It may succeed later.
    Later(String),
    /// We are wrong.
    Broken(String),
    /// These records of a batch have to come again.
    Records(Vec<usize>),
}

impl Job {
    /// The function that is called.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        match self {
            Self::Http(request) => request.verb.function(),
            Self::Link { .. } => "intake-http",
            Self::Mail { .. } => "intake-mail",
            Self::Wake { function, .. } => function.name(),
            Self::Stream { .. } => "outbox-relay",
            Self::Told { .. } => "mail-events",
            Self::Sweep => "sweep",
            Self::Ladder { renewal: false } => "payment-due",
            Self::Ladder { renewal: true } => "renewal-notice",
        }
    }

    /// After so long it is cut, as deployed.
    #[must_use]
    pub fn time_limit(&self) -> TimeDelta {
        TimeDelta::seconds(match self {
            Self::Http(_) | Self::Link { .. } => 15,
            Self::Stream { .. } | Self::Told { .. } => 60,
            Self::Wake { function: TimerFunction::SlaTimer, .. } => 60,
            Self::Mail { .. } | Self::Wake { function: TimerFunction::AutoClose, .. } => 120,
            Self::Sweep => 270,
            Self::Ladder { .. } => 600,
        })
    }

    /// After how many seconds whoever called calls again, call by call.
    #[must_use]
    pub const fn again_after(&self) -> &'static [i64] {
        match self {
            // A person, or his program, with the same Idempotency-Key.
            Self::Http(_) => &[2, 15, 60, 600],
            Self::Link { .. } => &[5, 60],
            Self::Mail { .. } | Self::Wake { .. } | Self::Told { .. } | Self::Ladder { .. } => {
                &[60, 120]
            }
            // The stream and the sweep come again by themselves.
            Self::Stream { .. } | Self::Sweep => &[],
        }
    }

    /// What it is about, in a few words that are its own.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Http(request) => {
                let ticket = request.ticket.as_ref().map_or("", |it| it.as_str());
                format!("{} {ticket} {}", request.verb.function(), request.key)
            }
            Self::Link { path, press, .. } => {
                let short = path.get(..14).unwrap_or(path);
                format!("link {short}… {}", if *press { "pressed" } else { "opened" })
            }
            Self::Mail { id, .. } => format!("intake-mail {id}"),
            Self::Wake { function, pk } => format!("{} {pk}", function.name()),
            Self::Stream { shard, records } => {
                let first = records.first().map_or("", |it| it.dynamodb.sequence_number.as_str());
                format!("outbox-relay {shard}/{first}+{}", records.len())
            }
            Self::Told { number, event } => {
                format!("mail-events {number} {}", event.detail.event_type)
            }
            Self::Sweep | Self::Ladder { .. } => self.function().to_owned(),
        }
    }

    /// Calls the function.
    pub async fn run(self, env: Arc<Host>) -> Outcome {
        match self {
            Self::Http(request) => answered(doors::ask(&env, &request).await),
            Self::Link { path, press, at } => follow(&env, &path, press, at).await,
            Self::Mail { event, .. } => ended(intake_mail::handle(&*env, &event).await),
            Self::Wake { function, pk } => ended(wake(&env, function, pk).await),
            Self::Stream { records, .. } => {
                let answer = outbox_relay::handle(&*env, &StreamBatch { records }).await;
                let failed =
                    answer.failures.iter().filter_map(|it| it.sequence_number.parse().ok());
                Outcome::Records(failed.collect())
            }
            Self::Told { event, .. } => ended(mail_events::handle(&*env, &event).await),
            Self::Sweep => match sweep::handle(&*env).await {
                Ok(report) => {
                    if report.failed > 0 {
                        env.script().blemish();
                    }
                    Outcome::Done(format!("{report:?}"))
                }
                Err(failure) => failed(&failure),
            },
            Self::Ladder { renewal } => {
                let run = if renewal {
                    renewal_notice::handle(&*env).await
                } else {
                    payment_due::handle(&*env).await
                };
                match run {
                    Ok(run) => {
                        Outcome::Done(format!("{} worked, {} failed", run.worked, run.failed))
                    }
                    Err(failure) => failed(&failure),
                }
            }
        }
    }
}

async fn wake(env: &Host, function: TimerFunction, pk: String) -> Result<(), Failure> {
    let event = TimerEvent { function: function.name().to_owned(), aggregate: pk };
    match function {
        TimerFunction::SlaTimer => sla_timer::handle(env, &event).await,
        TimerFunction::AutoClose => auto_close::handle(env, &event).await,
    }
}

async fn follow(env: &Arc<Host>, path: &str, press: bool, at: Instant) -> Outcome {
    let page = match pages::look(env, path, at).await {
        Ok(page) => page,
        Err(trouble) => return troubled(trouble),
    };
    // The button is there only where it would do something.
    let has_button = page.lines.iter().any(|line| line.starts_with('['));
    if !press || !has_button {
        return Outcome::Done(page.lines.first().cloned().unwrap_or_default());
    }
    match pages::try_press(env, &page, at).await {
        Ok(page) => Outcome::Done(page.lines.first().cloned().unwrap_or_default()),
        Err(trouble) => troubled(trouble),
    }
}

fn troubled((status, text): (u16, String)) -> Outcome {
    if status == 503 { Outcome::Later(text) } else { Outcome::Broken(format!("{status}: {text}")) }
}

fn answered(answer: Result<Answer, String>) -> Outcome {
    match answer {
        Ok(Answer::Done { reference, seq, replayed }) => {
            let reference = reference.map(|it| it.to_string()).unwrap_or_default();
            let replayed = if replayed { ", as before" } else { "" };
            Outcome::Done(format!("{reference} {}{replayed}", seq.unwrap_or_default()))
        }
        Ok(Answer::Refused { rule, text }) => Outcome::Refused(format!("{rule}: {text}")),
        Ok(Answer::Later(why)) => Outcome::Later(why),
        Err(fault) => Outcome::Broken(fault),
    }
}

fn ended(result: Result<(), Failure>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done(String::new()),
        Err(failure) => failed(&failure),
    }
}

fn failed(failure: &Failure) -> Outcome {
    match failure {
        Failure::Retryable(why) => Outcome::Later(why.clone()),
        Failure::Refused(_) | Failure::Invalid(_) | Failure::NotFound | Failure::KeyReused => {
            Outcome::Refused(failure.to_string())
        }
        Failure::Fault(_) => Outcome::Broken(failure.to_string()),
    }
}
