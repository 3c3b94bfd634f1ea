//! The AWS CLI, called as a program.

use std::io;
use std::process::Command;

use serde_json::Value;
use ureq::Agent;

use super::{Cloud, Knock, Refusal};

/// The AWS CLI, as whoever is logged in there.
pub(crate) struct Cli {
    /// The region; its own if there is none.
    pub(crate) region: Option<String>,
    /// What asks the deployment's own address.
    pub(crate) agent: Agent,
}

impl Cloud for Cli {
    fn ask(&self, arguments: &[String]) -> Result<Value, Refusal> {
        let mut command = Command::new("aws");
        command.args(arguments).args(["--output", "json"]).env("AWS_PAGER", "");
        if let Some(region) = &self.region {
            command.args(["--region", region]);
        }
        let output = command.output().map_err(|error| Refusal::Nobody(not_run(&error)))?;
        if !output.status.success() {
            return Err(refusal(String::from_utf8_lossy(&output.stderr).trim()));
        }
        read(&output.stdout)
    }

    fn knock(&self, url: &str) -> Result<Knock, String> {
        let answer = self.agent.get(url).call().map_err(|error| error.to_string())?;
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
        let date = date.unwrap_or_default().to_owned();
        Ok(Knock { status: answer.status().as_u16(), date })
    }
}

fn not_run(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return "no se encuentra el programa «aws»: instale la AWS CLI".to_owned();
    }
    format!("no se puede ejecutar «aws»: {error}")
}

/// Where nothing is listed, the program may print nothing at all.
fn read(stdout: &[u8]) -> Result<Value, Refusal> {
    if stdout.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(stdout)
        .map_err(|error| Refusal::Nobody(format!("la respuesta de «aws» no es JSON: {error}")))
}

/// `An error occurred (Code) when calling the X operation: words` is the service's; the rest is the
/// program's own trouble.
fn refusal(told: &str) -> Refusal {
    let after = told.split_once("An error occurred (").map(|(_, after)| after);
    match after.and_then(|after| after.split_once(')')) {
        Some((code, _)) => Refusal::Said { code: code.to_owned(), text: told.to_owned() },
        None => Refusal::Nobody(told.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Refusal, read, refusal};

    #[test]
    fn the_program_is_understood() {
        let said = "\nAn error occurred (AccessDenied) when calling the GetAccount operation: No.";
        let code = "AccessDenied".to_owned();
        assert_eq!(refusal(said), Refusal::Said { code, text: said.to_owned() });
        let own = "Unable to locate credentials. You can configure credentials by \"aws login\".";
        assert_eq!(refusal(own), Refusal::Nobody(own.to_owned()));
        assert_eq!(read(b"\n"), Ok(json!(null)));
        assert_eq!(read(b"{\"Parameters\":[]}"), Ok(json!({"Parameters": []})));
        assert!(matches!(read(b"Parameters"), Err(Refusal::Nobody(_))));
    }
}
