//! `millora simulate`: what would happen, before it happens.
//!
//! The functions' own handlers run on a copy of a desk's data in memory, against a clock that jumps
//! from one instant at which something may be due to the next. Nothing is decided here: whatever the
//! handlers commit and send in the copy is what would happen. Nothing is sent and nothing is touched:
//! the mails stay in memory, and the data folder is only read.

mod act;
mod assume;
mod copy;
mod door;
mod files;
mod happening;
mod report;
#[cfg(test)]
mod tests;
mod world;

use std::io;
use std::path::PathBuf;

use app::ports::Clock as _;
use aws::clock::SystemClock;
use domain::{ClientId, Instant, TimeDelta};

pub(crate) use self::assume::Assumptions;
pub(crate) use self::report::Report;
use self::world::World;
use crate::up::FolderError;

/// A simulation looks at most so many days ahead.
const DAYS_MAX: i64 = 1_830;

/// What is simulated.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// What is simulated from.
    pub(crate) source: Source,
    /// From when on is told what happens; from the desk's present instant if absent.
    pub(crate) from: Option<Instant>,
    /// Until when.
    pub(crate) to: Instant,
    /// Of which clients is told; of all if empty.
    pub(crate) clients: Vec<ClientId>,
    /// What is assumed to happen besides.
    pub(crate) assumptions: Assumptions,
}

/// What a simulation starts from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A desk's data folder, which is copied.
    Folder(PathBuf),
    /// Clients' files alone, entered at the beginning.
    Files(Vec<PathBuf>),
}

/// Why nothing was simulated. The words are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SimulateError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The folder is ours, and no desk ever ran on it.
    #[error(
        "La carpeta {0} no tiene datos: arranque una vez la mesa sobre ella con «millora up --data \
         {0}», o indique otra con --data."
    )]
    Empty(PathBuf),
    /// The desk writes faster than it can be copied.
    #[error("La mesa está escribiendo en {0} sin parar: inténtelo de nuevo en un momento.")]
    Busy(PathBuf),
    /// The beginning has passed.
    #[error(
        "La simulación no puede empezar antes de lo que la mesa ya sabe: para ella es {now}. Pida \
         --from desde entonces, u omítalo.", now = .0.spanish()
    )]
    Past(Instant),
    /// The end is not after the beginning.
    #[error("--to debe ser posterior al comienzo de la simulación, {from}.", from = .0.spanish())]
    Backwards(Instant),
    /// Too far.
    #[error("De una vez se simulan a lo más {DAYS_MAX} días: pida una fecha más cercana.")]
    TooFar,
    /// A client who is not there.
    #[error("No hay un cliente con la clave {0}: revise --client.")]
    NoClient(ClientId),
    /// A client's file that cannot be read.
    #[error("No se puede leer {0}: {1}")]
    File(PathBuf, io::Error),
    /// Clients' files that cannot be entered, one fault a line.
    #[error("Los archivos de clientes no pueden aplicarse:\n{0}")]
    Files(String),
    /// Assumptions that cannot be, one a line.
    #[error("Los supuestos no pueden tomarse:\n{0}")]
    Assumptions(String),
    /// Something underneath.
    #[error("No se pudo simular: {0}")]
    Io(#[from] io::Error),
    /// The use cases.
    #[error("No se pudo simular: {0}")]
    App(#[from] app::Failure),
}

/// Simulates, and tells what happened.
///
/// # Errors
/// When the data cannot be copied, or the span makes no sense.
pub(crate) async fn run(options: Options) -> Result<Report, SimulateError> {
    let env = match &options.source {
        Source::Folder(folder) => copy::read(folder).await?,
        Source::Files(files) => {
            files::enter(files, options.from.unwrap_or_else(|| SystemClock.now())).await?
        }
    };
    let now = env.clock.now();
    let from = options.from.unwrap_or(now);
    if from < now {
        return Err(SimulateError::Past(now));
    }
    if options.to <= from {
        return Err(SimulateError::Backwards(from));
    }
    if options.to - now > TimeDelta::days(DAYS_MAX) {
        return Err(SimulateError::TooFar);
    }
    for client in &options.clients {
        if app::client::load(&env, client).await?.is_none() {
            return Err(SimulateError::NoClient(client.clone()));
        }
    }
    let faults = options.assumptions.faults(&env, now, options.to).await?;
    if !faults.is_empty() {
        return Err(SimulateError::Assumptions(assume::list(&faults)));
    }
    let mut world = World::new(env).await?;
    for assumption in options.assumptions.in_order() {
        world.advance(assumption.at.unwrap_or(now)).await?;
        world.assume(assumption).await?;
    }
    world.advance(options.to).await?;
    Ok(Report::new(from, options.to, world.happened, &options.clients))
}
