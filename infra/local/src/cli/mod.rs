//! The command line. What it prints is for people of Millora, in Spanish; with `--json` it prints
//! what the server answered, for programs.
//!
//! Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the server cannot be reached.

mod access;
mod account;
mod agreement;
mod bank;
mod call;
mod client;
mod clock;
mod desk;
mod doctor;
mod files;
mod mail;
mod received;
mod send;
mod show;
mod simulate;
mod spanish;
mod ticket;
mod whole;

use std::io::{self, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::ValueParser;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use domain::Instant;
use domain::instant::InstantError;

use self::call::{Caller, Trouble};
use crate::explain;
use crate::up::{self, Options};

/// Longest text that is read from standard input, in bytes.
const STDIN_MAX: u64 = 1024 * 1024;

#[derive(Parser)]
#[command(
    name = "millora",
    about = "La mesa de soporte de Millora: en esta máquina, y sus órdenes."
)]
struct Cli {
    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand)]
enum Order {
    #[command(
        about = "Arranca la mesa completa en esta máquina, con datos de demostración.",
        after_help = "Ejemplo:\n  millora up --data ./data --port 8080"
    )]
    Up(UpArgs),
    #[command(
        about = "El reloj de la mesa local: verlo y adelantarlo.",
        after_help = "Ejemplo:\n  millora clock advance 48h"
    )]
    Clock(With<clock::ClockArgs>),
    #[command(
        about = "El correo de la mesa local: el que ha enviado, y el que se le escribe.",
        after_help = "Ejemplo:\n  millora mail show 1"
    )]
    Mail(With<mail::MailArgs>),
    #[command(
        about = "Lo que hace un contacto autorizado del cliente con sus tickets.",
        after_help = "Ejemplo:\n  millora ticket open --subject \"No timbra\" --text \"La factura no se timbra.\""
    )]
    Ticket(With<ticket::TicketArgs>),
    #[command(
        about = "La póliza del cliente: pagos, cancelación, no renovación.",
        after_help = "Ejemplo:\n  millora account show --as ana"
    )]
    Account(With<account::AccountArgs>),
    #[command(
        about = "Lo que hace la mesa de soporte.",
        after_help = "Ejemplo:\n  millora desk work --view due"
    )]
    Desk(With<desk::DeskArgs>),
    #[command(
        about = "Clientes: revisar y aplicar su archivo, y qué se les prometió (administración).",
        after_help = "Ejemplo:\n  millora client lint events/clients/ferretera.toml"
    )]
    Client(With<client::ClientArgs>),
    #[command(
        about = "Ediciones del acuerdo: verlas y publicarlas (administración).",
        after_help = "Ejemplo:\n  millora edition list"
    )]
    Edition(With<agreement::EditionArgs>),
    #[command(
        about = "Días festivos oficiales: cambios con su fuente, y qué moverían (administración).",
        after_help = "Ejemplo:\n  millora holiday list"
    )]
    Holiday(With<agreement::HolidayArgs>),
    #[command(
        about = "Quién puede actuar: personas de la mesa y credenciales (administración).",
        after_help = "Ejemplo:\n  millora access issue --as admin --client FERRE --spoc ana"
    )]
    Access(With<access::AccessArgs>),
    #[command(
        about = "Da de alta a la primera persona de administración de una tabla nueva.",
        after_help = "Las credenciales de AWS se toman del entorno: AWS_ACCESS_KEY_ID, \
                      AWS_SECRET_ACCESS_KEY y, si la hay, AWS_SESSION_TOKEN.\n\nEjemplo:\n  \
                      millora first-admin --table millora --id rosa --name \"Rosa Lara\" \
                      --region us-east-1"
    )]
    FirstAdmin(access::FirstAdminArgs),
    #[command(
        about = "Explica fechas según el acuerdo: una línea JSON por pregunta, una por respuesta.",
        after_help = "Ejemplo:\n  echo '{\"kind\":\"attention\",\"received_at\":\"2026-11-20T13:59:59-06:00\"}' \
                      | millora explain --text"
    )]
    Explain(ExplainArgs),
    #[command(
        about = "Dice qué pasaría de aquí a una fecha, sobre una copia de los datos: no envía ni guarda nada.",
        after_help = "Ejemplo:\n  millora simulate --to 2026-12-31T00:00:00-06:00 --client FERRE"
    )]
    Simulate(simulate::SimulateArgs),
    #[command(
        about = "Revisa un despliegue, o la mesa local, y dice qué falta y qué hacer: no cambia nada.",
        after_help = "Un despliegue se revisa con la AWS CLI, con la sesión que esté abierta en ella; \
                      basta con que pueda leer.\n\nEjemplo:\n  millora doctor --stack millora \
                      --region us-east-1"
    )]
    Doctor(With<doctor::DoctorArgs>),
}

#[derive(Args)]
struct UpArgs {
    #[arg(long, value_name = "CARPETA", default_value = "./data", help = "Carpeta de datos.")]
    data: PathBuf,
    #[arg(
        long,
        value_name = "PUERTO",
        default_value_t = up::DEFAULT_PORT,
        help = "Puerto en 127.0.0.1; 0 toma uno libre."
    )]
    port: u16,
    #[arg(
        long,
        value_name = "PUERTO",
        default_value_t = 2525,
        help = "Puerto en 127.0.0.1 donde se recibe correo por SMTP; 0 toma uno libre."
    )]
    smtp_port: u16,
    #[arg(
        long,
        value_name = "HOST:PUERTO",
        help = "Entrega cada correo también a este servidor SMTP."
    )]
    smtp_relay: Option<String>,
    #[arg(
        long,
        value_name = "FECHA",
        value_parser = instant(),
        help = "Dónde empieza el reloj de una carpeta nueva (RFC 3339 con desfase)."
    )]
    clock_start: Option<Instant>,
    #[arg(
        long,
        help = "El tiempo solo pasa con «millora clock», y un milisegundo tras cada acto."
    )]
    clock_frozen: bool,
    #[arg(
        long,
        value_name = "NIVEL",
        default_value = "warn,dynoxide=error",
        help = "Nivel de la bitácora en la salida de errores: error, warn, info, debug."
    )]
    log: String,
}

#[derive(Args)]
struct ExplainArgs {
    #[arg(long, help = "Responde para personas, en español.")]
    text: bool,
}

/// Orders that speak with a server.
#[derive(Args)]
struct With<T: Args> {
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    order: T,
}

/// Where the server is, as whom, and how the answer is printed.
#[derive(Args)]
struct ServerArgs {
    #[arg(
        long,
        global = true,
        env = "MILLORA_URL",
        hide_env_values = true,
        value_name = "URL",
        help = "Dirección de la mesa; si falta, la del archivo de perfiles."
    )]
    url: Option<String>,
    #[arg(
        long = "as",
        global = true,
        value_name = "PERFIL",
        help = "Como quién: ana, luis, mesa, …; si falta, el primero del lado que toca."
    )]
    profile: Option<String>,
    #[arg(
        long,
        global = true,
        env = "MILLORA_TOKEN",
        hide_env_values = true,
        value_name = "CREDENCIAL",
        help = "Credencial, en lugar de la del perfil."
    )]
    token: Option<String>,
    #[arg(
        long,
        global = true,
        env = "MILLORA_PROFILES",
        hide_env_values = true,
        value_name = "ARCHIVO",
        default_value = up::PROFILES_USUAL,
        help = "Archivo de perfiles."
    )]
    profiles: PathBuf,
    #[arg(long, global = true, help = "Imprime la respuesta del servidor en JSON.")]
    json: bool,
}

/// Runs the process's command line.
#[must_use]
pub fn main() -> ExitCode {
    let matches = spanish::headed(Cli::command()).try_get_matches();
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => run(cli),
        Err(error) => spanish::told(&error),
    }
}

fn run(cli: Cli) -> ExitCode {
    let done = match cli.order {
        Order::Up(args) => return start(args),
        Order::Explain(args) => return explained(args.text),
        Order::Clock(with) => speak(&with.server, |caller| clock::run(caller, with.order)),
        Order::Mail(with) => speak(&with.server, |caller| mail::run(caller, with.order)),
        Order::Ticket(with) => speak(&with.server, |caller| ticket::run(caller, with.order)),
        Order::Account(with) => speak(&with.server, |caller| account::run(caller, with.order)),
        Order::Desk(with) => speak(&with.server, |caller| desk::run(caller, with.order)),
        Order::Edition(with) => speak(&with.server, |it| agreement::edition(it, with.order)),
        Order::Holiday(with) => speak(&with.server, |it| agreement::holiday(it, with.order)),
        Order::Client(with) => client::run(&with.server, with.order),
        Order::Access(with) => speak(&with.server, |caller| access::run(caller, with.order)),
        Order::FirstAdmin(args) => access::first_admin(args),
        Order::Simulate(args) => simulate::run(args),
        Order::Doctor(with) => return examined(&with.server, &with.order),
    };
    match done.and_then(|text| print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            complain(&trouble.to_string());
            ExitCode::from(trouble.code())
        }
    }
}

/// Exit code 1 says that something is to be done; the report says what.
fn examined(server: &ServerArgs, args: &doctor::DoctorArgs) -> ExitCode {
    let done = doctor::run(server, args).and_then(|(text, well)| print(&text).map(|()| well));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            complain(&trouble.to_string());
            ExitCode::from(trouble.code())
        }
    }
}

fn speak(
    server: &ServerArgs,
    act: impl FnOnce(&Caller) -> Result<String, Trouble>,
) -> Result<String, Trouble> {
    act(&Caller::new(server)?)
}

/// A reader that has gone away (`| head`) is no failure.
fn print(text: &str) -> Result<(), Trouble> {
    let mut output = io::stdout().lock();
    match writeln!(output, "{}", text.trim_end()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Trouble::Failed(format!("No se puede escribir la respuesta: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn complain(text: &str) {
    // When not even that can be written, the exit code still tells.
    let _ = writeln!(io::stderr(), "{text}");
}

fn start(args: UpArgs) -> ExitCode {
    let filter = match tracing_subscriber::EnvFilter::try_new(&args.log) {
        Ok(filter) => filter,
        Err(error) => {
            complain(&format!("No se entiende --log {:?}: {error}", args.log));
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .with_env_filter(filter)
        .init();
    let options = Options {
        data: args.data,
        port: args.port,
        smtp_port: args.smtp_port,
        smtp_relay: args.smtp_relay,
        clock_start: args.clock_start,
        clock_frozen: args.clock_frozen,
        program: std::env::args().next().unwrap_or_else(|| "millora".to_owned()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("No se puede arrancar: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(up::run(options, io::stdout()));
    // What is still under way after the grace is cut with the process.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn explained(text: bool) -> ExitCode {
    let input = BufReader::new(io::stdin().lock());
    match explain::run(input, io::stdout().lock(), text) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::FAILURE,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("No se puede leer o escribir: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// A text as given, or from standard input when it is `-`.
fn words(text: String) -> Result<String, Trouble> {
    if text != "-" {
        return Ok(text);
    }
    let mut read = String::new();
    let mut input = io::stdin().lock().take(STDIN_MAX);
    match input.read_to_string(&mut read) {
        Ok(_) => Ok(read.trim_end().to_owned()),
        Err(error) => Err(Trouble::Usage(format!("No se puede leer el texto: {error}"))),
    }
}

/// Reads an instant of the command line.
fn instant() -> ValueParser {
    ValueParser::from(|text: &str| {
        Instant::parse_rfc3339(text).map_err(|error| match error {
            InstantError::Form => "no es una fecha RFC 3339, como 2026-11-20T13:59:59-06:00",
            InstantError::NoOffset => "le falta el desfase: Z, o uno como -06:00, tras la hora",
            InstantError::NoSuchTime => "la fecha, la hora o el desfase no existen",
        })
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;
    use super::spanish::headed;

    #[test]
    fn every_order_says_what_it_does_with_an_example() {
        let mut commands = vec![(String::new(), headed(Cli::command()))];
        while let Some((path, command)) = commands.pop() {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path} says nothing");
            let is_leaf = command.get_subcommands().next().is_none();
            let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(!is_leaf || example.contains("millora "), "{path} has no example");
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{path}: {} is not explained", arg.get_id());
            }
            commands.extend(command.get_subcommands().map(|sub| (path.clone(), sub.clone())));
        }
        headed(Cli::command()).debug_assert();
    }
}
