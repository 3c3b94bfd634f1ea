//! `millora doctor`.

use app::ports::Clock as _;
use aws::clock::SystemClock;
use clap::Args;
use serde_json::json;

use super::ServerArgs;
use super::call::{Caller, Side, Trouble, agent};
use crate::doctor::{self, Finding, Refusal, cli};

#[derive(Args)]
pub(super) struct DoctorArgs {
    #[arg(
        long,
        value_name = "PILA",
        help = "El despliegue, por el nombre de su pila; si falta, la mesa de esta máquina."
    )]
    stack: Option<String>,
    #[arg(
        long,
        value_name = "REGIÓN",
        requires = "stack",
        help = "La región del despliegue; si falta, la de la AWS CLI."
    )]
    region: Option<String>,
}

/// The report, and whether all is well.
pub(super) fn run(server: &ServerArgs, args: &DoctorArgs) -> Result<(String, bool), Trouble> {
    let (of, findings) = match &args.stack {
        Some(stack) => {
            let cloud = cli::Cli { region: args.region.clone(), agent: agent() };
            let found = doctor::examine(&cloud, stack, SystemClock.now());
            (format!("Despliegue «{stack}»"), found.map_err(not_examined)?)
        }
        None => {
            let answer = Caller::new(server)?.get(Side::Nobody, "/local/doctor")?;
            ("La mesa de esta máquina".to_owned(), doctor::local(&answer))
        }
    };
    let well = !findings.iter().any(Finding::is_trouble);
    if server.json {
        return Ok((json!({ "well": well, "findings": findings }).to_string(), well));
    }
    Ok((doctor::report(&of, &findings), well))
}

fn not_examined(refusal: Refusal) -> Trouble {
    match refusal {
        Refusal::Said { text, .. } => Trouble::Failed(format!(
            "No se puede leer la pila: {text}\nRevise --stack y --region, o despliegue primero \
             (docs/deploy.md)."
        )),
        Refusal::Nobody(text) => Trouble::Unreachable(format!(
            "No se puede preguntar a AWS: {text}\nAbra una sesión en la AWS CLI (aws login o aws \
             configure) e indique --region."
        )),
    }
}
