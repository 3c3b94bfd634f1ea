//! A bank's statement: the mapping that is kept for each bank, and what becomes of each line (10.2).
//!
//! > *10. […] Pago dentro de los primeros 5 días del mes. Falta de pago suspende el soporte.*
//!
//! A deposit is recorded by the same use case as a payment that the desk tells of, under the bank's own
//! reference, so that a file may be applied again and again: what a crash left out is recorded then, and
//! nothing twice. Every line is told what became of it, and none loses another.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bank_file::{Deposit, Found, Mapping, Mention, PIECE_BYTES_MAX, PIECE_LINES_MAX, Statement};
use domain::ticket::Refusal;
use domain::{Actor, BankName, ClientId, Instant, StaffId, StaffMember};
use serde::{Deserialize, Serialize};

use crate::account::{self, Loaded, NewPayment, PaymentMark, Settled};
use crate::codec::{Document, Stored};
use crate::commit::{Commit, Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::keys;
use crate::ports::{Clock, Env, Store};

/// The mapping of a bank as it is kept, with who set it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankMapping {
    /// How the bank writes its statements.
    pub mapping: Mapping,
    /// Who set it.
    pub by: StaffId,
    /// When.
    pub at: Instant,
}

impl Document for BankMapping {
    const STRUCTS: &'static [&'static str] = &["mapping"];
}

/// A line of a statement and what became of it, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line of the file, from 1.
    pub line: u32,
    /// What came in, where it could be read.
    pub deposit: Option<Deposit>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The payment is recorded, or would be.
    Recorded {
        /// Whose.
        client: ClientId,
        /// What it settles.
        settled: Settled,
    },
    /// It was recorded before, by whatever way, or stands in an earlier line.
    Known {
        /// Whose.
        client: ClientId,
    },
    /// It names no client.
    NoClient,
    /// It names several: none is guessed.
    Ambiguous(Vec<ClientId>),
    /// No money came in.
    NotADeposit,
    /// It cannot be read: every fault, in Spanish.
    Faulty(Vec<String>),
    /// A rule says no.
    Refused {
        /// Whose.
        client: ClientId,
        /// Which, and why.
        refusal: Refusal,
    },
    /// It could not be recorded now.
    Failed {
        /// Whether applying the file again may help by itself.
        again: bool,
    },
}

/// Whether a file is only looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is written. Each line is told what would become of it after those before it.
    Preview,
    /// What can be recorded is.
    Apply,
}

/// The mapping of a bank; none where none was set.
///
/// # Errors
/// What the store says.
pub async fn mapping<E: Env>(env: &E, bank: &BankName) -> Result<Option<BankMapping>, Failure> {
    let item = env.store().get(&keys::bank(bank)).await?;
    item.as_ref().map(|item| Ok(Stored::<BankMapping>::read(item)?.doc)).transpose()
}

/// Sets the mapping of a bank.
///
/// # Errors
/// [`Failure::Invalid`] with every fault of it; what the store says.
pub async fn set_mapping<E: Env>(
    env: &E,
    bank: &BankName,
    mapping: Mapping,
    by: &StaffMember,
) -> Result<BankMapping, Failure> {
    let faults = mapping.faults();
    if !faults.is_empty() {
        let faults = faults.into_iter().map(|it| InputFault::new(it.at, it.problem));
        return Err(Failure::Invalid(faults.collect()));
    }
    let key = keys::bank(bank);
    let set = BankMapping { mapping, by: by.id.clone(), at: env.clock().now() };
    let mut stored = match env.store().get(&key).await? {
        Some(item) => Stored::<BankMapping>::read(&item)?,
        None => Stored::new(set.clone()),
    };
    stored.doc = set.clone();
    let when = Condition::unchanged(stored.rev);
    let item = stored.item(key, env.settings().write_schema)?;
    env.store().commit(&Commit { writes: vec![Write::Put { item, when }] }).await?;
    Ok(set)
}

/// Works through a file, or a piece of one of which `skipped` lines lie between the head and the rest.
///
/// # Errors
/// [`Failure::Invalid`] where the file as a whole cannot be read. What goes wrong with a line is told of
/// the line.
pub async fn work<E: Env>(
    env: &E,
    mapping: &Mapping,
    (file, skipped): (&[u8], u32),
    mode: Mode,
    by: &StaffMember,
) -> Result<Vec<Line>, Failure> {
    let invalid = |problem: String| InputFault::new("file", problem);
    let faults = too_much(mapping, file);
    if !faults.is_empty() {
        return Err(Failure::Invalid(faults.into_iter().map(invalid).collect()));
    }
    let statement = Statement::open(mapping, file)
        .map_err(|faults| Failure::Invalid(faults.into_iter().map(invalid).collect()))?;
    let mut desk = Desk {
        env,
        mode,
        by,
        clients: BTreeMap::new(),
        accounts: BTreeMap::new(),
        seen: BTreeMap::new(),
    };
    let mut lines = Vec::new();
    for movement in statement {
        let line = movement.line.saturating_add(skipped);
        let (deposit, outcome) = match movement.found {
            Found::NotADeposit => (None, Outcome::NotADeposit),
            Found::Faulty(faults) => (None, Outcome::Faulty(faults)),
            Found::Deposit(deposit) => {
                let outcome = match Box::pin(desk.outcome(line, &deposit)).await {
                    Ok(outcome) => outcome,
                    Err(failure) => {
                        tracing::error!(line, %failure, "a line of a statement was not recorded");
                        Outcome::Failed { again: failure.is_retryable() }
                    }
                };
                (Some(deposit), outcome)
            }
        };
        lines.push(Line { line, deposit, outcome });
    }
    Ok(lines)
}

/// The limits that a file exceeds, told before anything is recorded.
fn too_much(mapping: &Mapping, file: &[u8]) -> Vec<String> {
    let lines = file.iter().filter(|b| **b == b'\n').count();
    let lines_max = mapping.head_lines() + PIECE_LINES_MAX;
    let remedy = "divídalo; «millora desk bank» lo divide por usted";
    let mut faults = Vec::new();
    if lines > lines_max as usize {
        faults.push(format!("tiene {lines} líneas, y aquí caben {lines_max}: {remedy}"));
    }
    if file.len() > PIECE_BYTES_MAX {
        let bytes = file.len();
        faults.push(format!("tiene {bytes} bytes, y aquí caben {PIECE_BYTES_MAX}: {remedy}"));
    }
    faults
}

/// A file in work.
struct Desk<'a, E> {
    env: &'a E,
    mode: Mode,
    by: &'a StaffMember,
    /// Which words are clients, as far as it was looked up.
    clients: BTreeMap<ClientId, bool>,
    /// The accounts as they would be after the lines so far, where nothing is recorded.
    accounts: BTreeMap<ClientId, Loaded>,
    /// The deposits that would be recorded, by client and reference, and their lines.
    seen: BTreeMap<(ClientId, String), (Deposit, u32)>,
}

impl<E: Env> Desk<'_, E> {
    async fn outcome(&mut self, line: u32, deposit: &Deposit) -> Result<Outcome, Failure> {
        let mut named = self.named(&deposit.mentions).await?;
        let client = match (named.pop(), named.is_empty()) {
            (None, _) => return Ok(Outcome::NoClient),
            (Some(last), false) => {
                named.push(last);
                return Ok(Outcome::Ambiguous(named));
            }
            (Some(only), true) => only,
        };
        let key = (client.clone(), deposit.reference.clone());
        if let Some((earlier, at)) = self.seen.get(&key) {
            return Ok(repeated(client, deposit, earlier, *at));
        }
        let new = NewPayment {
            client: client.clone(),
            reference: deposit.reference.clone(),
            value_date: deposit.value_date,
            amount: deposit.amount,
            names: None,
        };
        let outcome = match self.mode {
            Mode::Preview => self.preview(&new).await,
            Mode::Apply => self.record(&new).await,
        };
        match outcome {
            Ok(Some(settled)) => {
                self.seen.insert(key, (deposit.clone(), line));
                Ok(Outcome::Recorded { client, settled })
            }
            Ok(None) => Ok(Outcome::Known { client }),
            Err(Failure::Refused(refusal)) => Ok(Outcome::Refused { client, refusal }),
            Err(failure) => Err(failure),
        }
    }

    async fn preview(&mut self, new: &NewPayment) -> Result<Option<Settled>, Failure> {
        let (env, by) = (self.env, self.actor());
        let loaded = match self.accounts.entry(new.client.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(account::load(env, &new.client).await?),
        };
        account::would_settle(env, loaded, new, by).await
    }

    async fn record(&self, new: &NewPayment) -> Result<Option<Settled>, Failure> {
        let done = account::record_payment(self.env, new, self.actor()).await?;
        let Some(first) = done.first else { return Ok(None) };
        // What the act recorded may be a month that fell due, and the payment known all the same.
        let mark = self.env.store().get(&keys::payment(&new.client, &new.reference)).await?;
        let mark = mark.as_ref().map(Stored::<PaymentMark>::read).transpose()?;
        if mark.is_none_or(|mark| mark.doc.seq < first) {
            return Ok(None);
        }
        account::settled(self.env, &new.client, &new.reference).await.map(Some)
    }

    fn actor(&self) -> Actor {
        Actor::Staff(self.by.clone())
    }

    /// The clients among those whom a line mentions, each once.
    async fn named(&mut self, mentions: &[Mention]) -> Result<Vec<ClientId>, Failure> {
        let mut named = Vec::new();
        for mention in mentions {
            let (Mention::Word(client) | Mention::Sender(client)) = mention;
            if self.is_client(client).await? && !named.contains(client) {
                named.push(client.clone());
            }
        }
        Ok(named)
    }

    async fn is_client(&mut self, client: &ClientId) -> Result<bool, Failure> {
        if let Some(known) = self.clients.get(client) {
            return Ok(*known);
        }
        let found = self.env.store().glance(&keys::profile(client)).await?.is_some();
        self.clients.insert(client.clone(), found);
        Ok(found)
    }
}

/// A deposit whose reference stands in an earlier line of the file.
fn repeated(client: ClientId, deposit: &Deposit, earlier: &Deposit, line: u32) -> Outcome {
    if (deposit.amount, deposit.value_date) == (earlier.amount, earlier.value_date) {
        return Outcome::Known { client };
    }
    let fault = format!(
        "la referencia {} ya está en la línea {line} con otra cantidad u otra fecha: compruébela",
        deposit.reference
    );
    Outcome::Faulty(vec![fault])
}
