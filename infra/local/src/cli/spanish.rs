//! Help and faults of the command line in Spanish, throughout: clap's own words are English.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};

/// What clap writes around values, and the same in Spanish.
const PHRASES: [(&str, &str); 6] = [
    ("Usage:", "Uso:"),
    ("[OPTIONS]", "[OPCIONES]"),
    ("[COMMAND]", "[ORDEN]"),
    ("[default:", "[si falta:"),
    ("[env:", "[variable:"),
    ("[possible values:", "[valores:"),
];

/// The help's headings and own texts.
pub(super) fn headed(command: Command) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help("Muestra esta ayuda.");
    command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .help_template(StyledStr::from(
            "{about-with-newline}\nUso: {usage}\n\n{all-args}{after-help}\n",
        ))
        .subcommand_help_heading("Órdenes")
        .subcommand_value_name("ORDEN")
        .arg(help)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "Argumentos" } else { "Opciones" };
            arg.help_heading(heading)
        })
        .mut_subcommands(headed)
}

/// Prints what clap has to say, help (code 0) or a fault (code 2).
pub(super) fn told(error: &Error) -> ExitCode {
    let text = format!("{}\n", words(error).trim_end());
    // A reader that has gone away is no failure; the exit code still tells.
    let _ = if error.use_stderr() {
        io::stderr().write_all(text.as_bytes())
    } else {
        io::stdout().write_all(text.as_bytes())
    };
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

fn words(error: &Error) -> String {
    let argument = context(error, ContextKind::InvalidArg);
    let value = context(error, ContextKind::InvalidValue);
    let fault = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("No existe la orden «{}».", context(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("Aquí no va «{argument}»."),
        ErrorKind::MissingRequiredArgument => format!("Falta: {argument}."),
        ErrorKind::InvalidValue if value.is_empty() => format!("Falta el valor de {argument}."),
        ErrorKind::InvalidValue => format!("«{value}» no es un valor de {argument}."),
        ErrorKind::ValueValidation => {
            format!("«{value}» no sirve como {argument}{}.", reason(error))
        }
        ErrorKind::ArgumentConflict => {
            format!("{argument} no va junto con {}.", context(error, ContextKind::PriorArg))
        }
        ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::NoEquals => format!("{argument} no lleva esos valores."),
        ErrorKind::InvalidUtf8 => "Un argumento no es texto UTF-8.".to_owned(),
        // Help; what a later clap may add comes in its own words.
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion
        | ErrorKind::MissingSubcommand
        | ErrorKind::Io
        | ErrorKind::Format
        | _ => return translated(&error.render().to_string()),
    };
    let mut lines = vec![fault];
    let valid = context(error, ContextKind::ValidValue);
    if !valid.is_empty() {
        lines.push(format!("Valores: {valid}."));
    }
    let kinds =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let meant = kinds.map(|kind| likeliest(error, kind)).into_iter().find(|text| !text.is_empty());
    lines.extend(meant.map(|meant| format!("¿Quiso decir «{meant}»?")));
    let usage = context(error, ContextKind::Usage);
    if !usage.is_empty() {
        lines.push(translated(usage.trim_end()));
    }
    lines.push("Con --help se explica.".to_owned());
    lines.join("\n")
}

/// Why a value does not serve: in the words of our own readers; a number's are clap's or Rust's.
fn reason(error: &Error) -> String {
    let Some(source) = std::error::Error::source(error) else { return String::new() };
    let text = source.to_string();
    if let Some((_, range)) = text.split_once(" is not in ") {
        return format!(": no está entre {}", range.replace("..=", " y "));
    }
    if source.is::<std::num::ParseIntError>() || text.contains("invalid digit") {
        return ": no es un número entero".to_owned();
    }
    format!(": {text}")
}

/// Of several suggestions the likeliest, which is the last.
fn likeliest(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.last().cloned().unwrap_or_default(),
        Some(_) | None => context(error, kind),
    }
}

fn context(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(texts)) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        // Numbers and flags are not among those that are asked for.
        Some(_) | None => String::new(),
    }
}

fn translated(text: &str) -> String {
    PHRASES.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
