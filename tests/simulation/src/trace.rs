//! What happened, as a hash, and as a story where somebody wants to read it.

use domain::Instant;
use tests_scenarios::moment::show;

use crate::dice::Hash;
use crate::job::Outcome;

/// The trace of a life.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Of everything so far.
    pub hash: Hash,
    /// Calls of functions so far.
    pub events: u64,
    /// The story, line by line; none where nobody reads it.
    pub story: Option<Vec<String>>,
}

impl Trace {
    /// An empty one. `record` keeps the story.
    #[must_use]
    pub fn new(record: bool) -> Self {
        Self { hash: Hash::new(), events: 0, story: record.then(Vec::new) }
    }

    /// A line of the story that is not part of the trace.
    pub fn note(&mut self, at: Instant, text: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{}  {}", show(at), text()));
        }
    }

    /// Something became known that has to be the same in every run.
    pub fn add(&mut self, bytes: &[u8]) {
        self.hash = self.hash.with(bytes);
    }

    /// A function is called.
    pub fn called(&mut self, at: Instant, label: &str) {
        self.events += 1;
        self.add(&at.millis().to_le_bytes());
        self.add(label.as_bytes());
    }

    /// It died.
    pub fn died(&mut self, at: Instant, label: &str, happened: &[String]) {
        self.add(b"died");
        self.note(at, || format!("    {label} died: {}", happened.join(", ")));
    }

    /// It ended.
    pub fn ended(
        &mut self,
        at: Instant,
        label: &str,
        outcome: &Outcome,
        calls: usize,
        troubled: &[String],
    ) {
        self.add(&calls.to_le_bytes());
        let text = match outcome {
            Outcome::Done(text) => {
                self.add(text.as_bytes());
                text.clone()
            }
            Outcome::Refused(why) => {
                self.add(why.as_bytes());
                format!("refused, {why}")
            }
            Outcome::Later(why) => format!("not now, {why}"),
            Outcome::Broken(why) => format!("our fault, {why}"),
            Outcome::Records(failed) if failed.is_empty() => String::new(),
            Outcome::Records(failed) => format!("again: {failed:?}"),
        };
        let text = if text.is_empty() { "done".to_owned() } else { text };
        let wrong =
            if troubled.is_empty() { String::new() } else { format!(" [{}]", troubled.join(", ")) };
        self.note(at, || format!("    {label}: {text}{wrong}"));
    }
}
