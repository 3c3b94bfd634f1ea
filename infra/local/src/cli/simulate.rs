//! `millora simulate`.

use std::path::PathBuf;

use clap::Args;
use domain::{ClientId, Instant};

use super::call::Trouble;
use super::instant;
use crate::simulate::{self, Assumptions, Options, Source};

#[derive(Args)]
pub(super) struct SimulateArgs {
    #[arg(
        long,
        value_name = "FECHA",
        value_parser = instant(),
        help = "Desde cuándo se cuenta lo que pasaría (RFC 3339 con desfase); si falta, desde ahora."
    )]
    from: Option<Instant>,
    #[arg(
        long,
        value_name = "FECHA",
        value_parser = instant(),
        help = "Hasta cuándo (RFC 3339 con desfase)."
    )]
    to: Instant,
    #[arg(
        long = "client",
        value_name = "CLAVE",
        help = "Solo lo de este cliente; puede repetirse."
    )]
    clients: Vec<String>,
    #[arg(
        long,
        value_name = "ARCHIVO",
        help = "Hechos que se suponen además (TOML; hay un ejemplo en events/simulate)."
    )]
    assume: Option<PathBuf>,
    #[arg(
        long,
        value_name = "CARPETA",
        default_value = "./data",
        conflicts_with = "client_files",
        help = "Carpeta de datos de la que se parte; solo se lee."
    )]
    data: PathBuf,
    #[arg(
        long = "client-file",
        value_name = "ARCHIVO",
        help = "Parte solo de archivos de clientes, sin datos; puede repetirse."
    )]
    client_files: Vec<PathBuf>,
    #[arg(long, help = "Imprime la lista en JSON.")]
    json: bool,
}

pub(super) fn run(args: SimulateArgs) -> Result<String, Trouble> {
    let mut clients = Vec::new();
    for code in &args.clients {
        let client = ClientId::parse(code);
        clients.push(client.map_err(|_| {
            Trouble::Usage(format!("--client: «{code}» no es la clave de un cliente, como FERRE"))
        })?);
    }
    let assumptions = args.assume.as_deref().map(Assumptions::read).transpose();
    let assumptions = assumptions.map_err(|error| Trouble::Usage(error.to_string()))?;
    let options = Options {
        source: match args.client_files.is_empty() {
            true => Source::Folder(args.data),
            false => Source::Files(args.client_files),
        },
        from: args.from,
        to: args.to,
        clients,
        assumptions: assumptions.unwrap_or_default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::Failed(error.to_string()))?;
    let report = runtime.block_on(simulate::run(options));
    let report = report.map_err(|error| Trouble::Failed(error.to_string()))?;
    Ok(if args.json { report.json().to_string() } else { report.text() })
}
