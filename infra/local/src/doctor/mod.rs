//! What a deployment needs and has, asked and judged. Nothing is changed.
//!
//! [`stack`] says what there is to ask: it follows from what the stack holds, so that a queue or a
//! function that is new is asked about as well. [`judge`] turns each answer into findings, without
//! asking anything itself. Who is asked is a [`Cloud`]: the AWS CLI ([`cli`]), or recorded answers.

pub(crate) mod cli;
mod judge;
mod local;
mod mail;
mod stack;
mod state;
#[cfg(test)]
mod tests;

use std::sync::Mutex;
use std::thread;

use domain::Instant;
use serde::Serialize;
use serde_json::Value;

pub(crate) use local::judge as local;
use stack::{Question, Stack};

/// Questions that are asked side by side: each is a process that mostly waits.
const ASKED_AT_ONCE: usize = 8;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// It is not as it has to be.
    Wrong,
    /// It could not be asked.
    Unknown,
    /// It cannot be seen from here: a person looks.
    ByHand,
    /// It is as it has to be.
    Good,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// How it is.
    pub(crate) level: Level,
    /// What was looked at.
    pub(crate) about: String,
    /// What was found.
    pub(crate) found: String,
    /// What to do about it; empty where there is nothing to do.
    pub(crate) todo: String,
}

impl Finding {
    fn good(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self { level: Level::Good, about: about.into(), found: found.into(), todo: String::new() }
    }

    fn wrong(about: impl Into<String>, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { level: Level::Wrong, about: about.into(), found: found.into(), todo: todo.into() }
    }

    /// Whether somebody has to do something before all is known to be well.
    pub(crate) const fn is_trouble(&self) -> bool {
        matches!(self.level, Level::Wrong | Level::Unknown)
    }
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The service said no: its code, and its words.
    Said {
        /// For example `ResourceNotFoundException`.
        code: String,
        /// The whole message.
        text: String,
    },
    /// Nobody could be asked: no program, no credentials, no network.
    Nobody(String),
}

/// What the deployment's own address answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Knock {
    /// The status.
    pub(crate) status: u16,
    /// The header `Date`.
    pub(crate) date: String,
}

/// Who is asked.
pub(crate) trait Cloud: Sync {
    /// Asks the service with the arguments of the AWS CLI. An answer without content is null.
    fn ask(&self, arguments: &[String]) -> Result<Value, Refusal>;
    /// Asks the deployment's own address for a page that anybody may read.
    fn knock(&self, url: &str) -> Result<Knock, String>;
}

/// Looks at everything that the deployment of the stack `name` needs.
///
/// # Errors
/// When the stack itself cannot be read.
pub(crate) fn examine(
    cloud: &dyn Cloud,
    name: &str,
    now: Instant,
) -> Result<Vec<Finding>, Refusal> {
    let described = cloud.ask(&stack::describe(name))?;
    let resources = cloud.ask(&stack::resources(name))?;
    let stack = Stack::read(name, &described, &resources);
    let questions = stack.questions();
    let mut findings = vec![judge::standing(&stack, &described)];
    for (question, answer) in questions.iter().zip(asked(cloud, &questions)) {
        findings.extend(match answer {
            Ok(answer) => judge::judge(&stack, &question.check, &answer, now),
            Err(refusal) => vec![judge::refused(&question.check, &refusal)],
        });
    }
    findings.extend(judge::door(&stack, cloud.knock(&stack.description_url()), now));
    findings.push(mail::exchanger(&stack));
    Ok(findings)
}

/// Asks every question; the answers come in the order of the questions.
fn asked(cloud: &dyn Cloud, questions: &[Question]) -> Vec<Result<Value, Refusal>> {
    let next = Mutex::new(questions.iter().enumerate());
    let answers = Mutex::new(vec![None; questions.len()]);
    let take = || next.lock().ok()?.next();
    thread::scope(|scope| {
        for _ in 0..ASKED_AT_ONCE {
            scope.spawn(|| {
                while let Some((at, question)) = take() {
                    let answer = cloud.ask(&question.arguments);
                    if let Ok(mut answers) = answers.lock() {
                        answers[at] = Some(answer);
                    }
                }
            });
        }
    });
    let lost = || Err(Refusal::Nobody("la pregunta no terminó".to_owned()));
    let answers = answers.into_inner().unwrap_or_default();
    answers.into_iter().map(|answer| answer.unwrap_or_else(lost)).collect()
}

/// The findings for people: first what somebody has to do.
pub(crate) fn report(of: &str, findings: &[Finding]) -> String {
    let count = |level| findings.iter().filter(|it| it.level == level).count();
    let mut out = format!(
        "{of}: {} en orden, {} por arreglar, {} sin respuesta.\n",
        count(Level::Good),
        count(Level::Wrong),
        count(Level::Unknown)
    );
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.level);
    for finding in sorted {
        let Finding { level, about, found, todo } = finding;
        let mark = match level {
            Level::Wrong => "MAL   ",
            Level::Unknown => "¿?    ",
            Level::ByHand => "A MANO",
            Level::Good => "bien  ",
        };
        out.push_str(&format!("{mark}  {about}: {found}\n"));
        if !todo.is_empty() {
            out.push_str(&format!("        {todo}\n"));
        }
    }
    out
}
