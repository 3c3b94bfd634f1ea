//! The file of assumptions: facts that are taken to happen besides what the data say.

use std::path::{Path, PathBuf};
use std::{fs, io};

use app::InputFault;
use app::client;
use app::memory::MemoryEnv;
use domain::billing::Month;
use domain::terms::{Centavos, Parameters};
use domain::{ClientId, Instant, NaiveDate, SpocId, TicketRef};
use serde_json::Value;
use web::Fields;
use web::limits::{NAME_CHARS_MAX, REASON_CHARS_MAX, TEXT_CHARS_MAX};

/// The file is at most so long, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// So many assumptions of each kind at most.
const EACH_MAX: usize = 200;

/// Everything that is assumed, in the order in which it happens.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assumptions(Vec<Assumption>);

/// Something that is assumed to happen.
#[derive(Debug, Clone)]
pub(super) struct Assumption {
    /// When; none for as early as the simulation can.
    pub(super) at: Option<Instant>,
    /// What.
    pub(super) what: Assumed,
    /// Its place in the file, such as `reply[0]`.
    place: String,
}

/// What is assumed.
#[derive(Debug, Clone)]
pub(super) enum Assumed {
    /// A SPoC answers on a ticket.
    ClientReply {
        /// Which ticket.
        ticket: TicketRef,
        /// Who.
        by: SpocId,
        /// His words.
        text: String,
        /// The solution did not work.
        still_fails: bool,
    },
    /// The desk writes on a ticket.
    DeskReply {
        /// Which ticket.
        ticket: TicketRef,
        /// What kind of message, as the API calls it.
        kind: String,
        /// Its words.
        text: String,
    },
    /// A payment is recorded (10.2).
    Payment {
        /// Whose.
        client: ClientId,
        /// How much.
        amount: Centavos,
        /// The bank's value date; the day on which it is recorded if absent.
        value_date: Option<NaiveDate>,
        /// The month that it names.
        month: Option<Month>,
    },
    /// A month is not paid: the bank takes back what settles it (10.4).
    NoPayment {
        /// Whose.
        client: ClientId,
        /// Which.
        month: Month,
    },
    /// A day becomes an official holiday.
    Holiday {
        /// Which day.
        date: NaiveDate,
        /// Where it is said.
        source: String,
    },
    /// A client's póliza says something else from a day on.
    Terms {
        /// Whose.
        client: ClientId,
        /// From when it holds.
        valid_from: Instant,
        /// What it says then of these parameters.
        set: Box<Parameters>,
    },
}

/// Why a file of assumptions is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssumeError {
    /// It cannot be read.
    #[error("No se puede leer {0}: {1}")]
    Io(PathBuf, io::Error),
    /// It is no TOML, or longer than a file of assumptions is.
    #[error("No se entiende {0}: {1}")]
    Form(PathBuf, String),
    /// It says something that cannot be.
    #[error("Los supuestos de {0} no pueden tomarse:\n{list}", list = list(.1))]
    Faults(PathBuf, Vec<InputFault>),
}

/// All faults, one a line.
pub(super) fn list(faults: &[InputFault]) -> String {
    let lines = faults.iter().map(|fault| format!("  {}: {}", fault.at, fault.problem));
    lines.collect::<Vec<_>>().join("\n")
}

impl Assumptions {
    /// Reads a file. Each table is one assumption: `[[client_reply]]`, `[[desk_reply]]`,
    /// `[[payment]]`, `[[no_payment]]`, `[[holiday]]`, `[[terms]]`.
    ///
    /// # Errors
    /// When it cannot be read; every fault of what it says.
    pub(crate) fn read(path: &Path) -> Result<Self, AssumeError> {
        let unreadable = |error| AssumeError::Io(path.to_owned(), error);
        let form = |why: String| AssumeError::Form(path.to_owned(), why);
        if fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
            return Err(form(format!("tiene más de {FILE_BYTES_MAX} bytes")));
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let table: toml::Table = toml::from_str(&text).map_err(|error| form(error.to_string()))?;
        Fields::of(json(toml::Value::Table(table)))
            .gather(all)
            .map_err(|faults| AssumeError::Faults(path.to_owned(), faults))
    }

    /// What is assumed, in order.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Assumption> {
        self.0.iter()
    }

    /// Whatever cannot be, as the copied data are: instants outside the span, and names that are not
    /// there.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn faults(
        &self,
        env: &MemoryEnv,
        now: Instant,
        to: Instant,
    ) -> Result<Vec<InputFault>, app::Failure> {
        let mut faults = Vec::new();
        for one in &self.0 {
            let mut fault = |field: &str, problem: String| {
                faults.push(InputFault::new(format!("{}.{field}", one.place), problem));
            };
            if let Some(at) = one.at.filter(|at| *at < now || *at > to) {
                let (now, to) = (now.spanish_short(), to.spanish_short());
                let at = at.spanish_short();
                fault("at", format!("{at} no está entre el comienzo ({now}) y el final ({to})"));
            }
            let ticket = match &one.what {
                Assumed::ClientReply { ticket, .. } | Assumed::DeskReply { ticket, .. } => ticket,
                Assumed::Payment { client, .. }
                | Assumed::NoPayment { client, .. }
                | Assumed::Terms { client, .. } => {
                    if client::load(env, client).await?.is_none() {
                        fault("client", format!("no hay un cliente {client}"));
                    }
                    continue;
                }
                Assumed::Holiday { .. } => continue,
            };
            match app::execute::load(env, ticket).await {
                Err(app::Failure::NotFound) => {
                    fault("ticket", format!("no hay un ticket {ticket}"))
                }
                Err(failure) => return Err(failure),
                Ok(loaded) => {
                    if let Assumed::ClientReply { by, .. } = &one.what
                        && loaded.file.spoc(by).is_none()
                    {
                        fault("by", format!("el cliente no tiene un contacto {by}"));
                    }
                }
            }
        }
        Ok(faults)
    }
}

/// TOML as JSON; its dates and times as they are written.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(yes) => Value::Bool(yes),
        toml::Value::Datetime(at) => Value::String(at.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(name, value)| (name, json(value))).collect())
        }
    }
}

fn all(fields: &mut Fields) -> Option<Assumptions> {
    let mut all = Vec::new();
    type Read = fn(&mut Fields) -> Option<Told>;
    let kinds: [(&str, Read); 6] = [
        ("client_reply", client_reply),
        ("desk_reply", desk_reply),
        ("payment", payment),
        ("no_payment", no_payment),
        ("holiday", holiday),
        ("terms", terms),
    ];
    for (name, read) in kinds {
        let mut number = 0;
        all.extend(fields.objects(name, EACH_MAX, |fields| {
            let place = format!("{name}[{number}]");
            number += 1;
            let (at, what) = read(fields)?;
            Some(Assumption { at, what, place })
        }));
    }
    // As early as can be comes first; of the same instant, what stands first in the file.
    all.sort_by_key(|one| one.at);
    Some(Assumptions(all))
}

type Told = (Option<Instant>, Assumed);

fn client_reply(fields: &mut Fields) -> Option<Told> {
    let at = fields.instant("at");
    let ticket = ticket(fields);
    let by = fields.name("by", "la clave de un contacto autorizado, como ana", SpocId::parse);
    let text = fields.text("text", TEXT_CHARS_MAX);
    let still_fails = fields.flag("still_fails");
    let (ticket, by, text) = (ticket?, by?, text?);
    Some((Some(at?), Assumed::ClientReply { ticket, by, text, still_fails }))
}

fn desk_reply(fields: &mut Fields) -> Option<Told> {
    let at = fields.instant("at");
    let ticket = ticket(fields);
    let kind = fields.optional_line("kind", NAME_CHARS_MAX).unwrap_or_else(|| "answer".to_owned());
    let text = fields.text("text", TEXT_CHARS_MAX);
    Some((Some(at?), Assumed::DeskReply { ticket: ticket?, kind, text: text? }))
}

fn payment(fields: &mut Fields) -> Option<Told> {
    let at = fields.instant("at");
    let client = client_code(fields);
    let amount = fields.centavos("amount");
    let value_date = fields.optional_day("value_date");
    let month = fields.optional_month("month");
    Some((Some(at?), Assumed::Payment { client: client?, amount: amount?, value_date, month }))
}

fn no_payment(fields: &mut Fields) -> Option<Told> {
    let at = fields.optional_instant("at");
    let client = client_code(fields);
    let month = fields.month("month");
    Some((at, Assumed::NoPayment { client: client?, month: month? }))
}

fn holiday(fields: &mut Fields) -> Option<Told> {
    let at = fields.optional_instant("at");
    let date = fields.day("date");
    let source = fields.line("source", REASON_CHARS_MAX);
    Some((at, Assumed::Holiday { date: date?, source: source? }))
}

fn terms(fields: &mut Fields) -> Option<Told> {
    let at = fields.optional_instant("at");
    let client = client_code(fields);
    let valid_from = fields.instant("valid_from");
    let set = fields.parsed("set");
    let (client, valid_from, set) = (client?, valid_from?, Box::new(set?));
    Some((at, Assumed::Terms { client, valid_from, set }))
}

fn ticket(fields: &mut Fields) -> Option<TicketRef> {
    fields.name("ticket", "la referencia de un ticket", TicketRef::parse)
}

fn client_code(fields: &mut Fields) -> Option<ClientId> {
    fields.name("client", "la clave de un cliente, como FERRE", ClientId::parse)
}
