//! One way to change an aggregate, whichever it is: load, decide, commit, and again when somebody else
//! was faster (A3).

use std::future::Future;

use domain::evidence::Link;

use crate::commit::{Commit, CommitError};
use crate::failure::Failure;
use crate::ports::{Env, Store};

/// An act is tried so often before somebody else was faster too often. Each round lets one of those
/// who try at once through, so that twenty acts at once on one aggregate all go through.
pub const ATTEMPTS_MAX: u32 = 32;

/// The events of an act: by them it is known again when it is not known whether they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Number of the first.
    pub first: u32,
    /// All of them.
    pub links: Vec<Link>,
}

/// What one attempt would write.
#[derive(Debug)]
pub enum Planned<T> {
    /// Nothing: there is nothing to do, or it was done before.
    Nothing(T),
    /// One commit.
    Commit {
        /// Everything that is written.
        commit: Commit,
        /// So many of its last writes are the caller's own: where one of those fails, trying again makes
        /// no sense.
        also: usize,
        /// The events among it, if there are any.
        sealed: Option<Sealed>,
        /// What was done once it is written.
        done: T,
    },
}

/// An act that can be planned again and again, each time from what the store says then.
pub trait Plans: Send {
    /// What was done.
    type Done: Send;

    /// Loads and decides. `unknown` are the events of an attempt of which it is not known whether it was
    /// written: if they lie in the store, it was.
    fn plan(
        &mut self,
        unknown: Option<&Sealed>,
    ) -> impl Future<Output = Result<Planned<Self::Done>, Failure>> + Send;
}

/// Carries an act out.
///
/// # Errors
/// What the plan or the store says; [`Failure::Retryable`] when a write of the caller's own did not
/// hold, or somebody else was faster too often.
pub async fn carry_out<E: Env, P: Plans>(env: &E, plans: &mut P) -> Result<P::Done, Failure> {
    let mut last = String::new();
    let mut unknown: Option<Sealed> = None;
    for _ in 0..ATTEMPTS_MAX {
        // On the heap: what a plan awaits lies too deep for the layout of a function's own future.
        let planned = Box::pin(plans.plan(unknown.as_ref())).await?;
        let (commit, also, sealed, done) = match planned {
            Planned::Nothing(done) => return Ok(done),
            Planned::Commit { commit, also, sealed, done } => (commit, also, sealed, done),
        };
        match env.store().commit(&commit).await {
            Ok(()) => return Ok(done),
            Err(error) => {
                if also_failed(&error, &commit, also) {
                    return Err(Failure::Retryable(error.to_string()));
                }
                if matches!(error, CommitError::Unknown(_)) && sealed.is_some() {
                    unknown = sealed;
                }
                last = again(error)?;
            }
        }
    }
    Err(Failure::Retryable(format!("somebody else was faster {ATTEMPTS_MAX} times: {last}")))
}

/// Why a commit, which was not written or perhaps was, may be tried again after another look.
///
/// # Errors
/// [`Failure::Fault`] where it never will be written.
pub(crate) fn again(error: CommitError) -> Result<String, Failure> {
    match error {
        CommitError::Fault(why) => Err(Failure::Fault(why)),
        CommitError::Conflict(_) | CommitError::Retryable(_) | CommitError::Unknown(_) => {
            Ok(error.to_string())
        }
    }
}

/// Whether one of the caller's own writes failed, so that trying again makes no sense.
fn also_failed(error: &CommitError, commit: &Commit, also: usize) -> bool {
    match error {
        CommitError::Conflict(failed) => {
            let first = commit.writes.len() - also;
            failed.iter().any(|place| *place >= first)
        }
        CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_) => false,
    }
}
