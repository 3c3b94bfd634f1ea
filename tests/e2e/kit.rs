//! A process that runs, people who call it over HTTP, and its command line.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use mail_parser::MessageParser;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

/// Half past two on a Friday: the next business day, or the same day at a cost (7.2).
pub(crate) const FRIDAY: &str = "2026-11-20T14:30:00-06:00";

/// A data folder, and the process that works on it.
pub(crate) struct Desk {
    home: TempDir,
    start: String,
    is_frozen: bool,
    running: Option<Running>,
}

struct Running {
    child: Child,
    address: String,
    // Held open, so that what is printed after the address finds a reader.
    _output: BufReader<ChildStdout>,
}

impl Desk {
    /// Starts on a new folder; time stands still.
    pub(crate) fn start(at: &str) -> Self {
        Self::new(at, true)
    }

    /// Starts on a new folder; time passes.
    pub(crate) fn start_running(at: &str) -> Self {
        Self::new(at, false)
    }

    fn new(at: &str, is_frozen: bool) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut desk = Self { home, start: at.to_owned(), is_frozen, running: None };
        desk.up();
        desk
    }

    /// Starts the process, again if need be: the clock goes on from where it stood.
    pub(crate) fn up(&mut self) {
        let mut command =
            self.command(&["up", "--port", "0", "--smtp-port", "0", "--clock-start", &self.start]);
        if self.is_frozen {
            command.arg("--clock-frozen");
        }
        command.arg("--data").arg(self.home.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        output.read_line(&mut address).unwrap();
        let address = address.trim_end().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "the address comes first: {address:?}");
        self.running = Some(Running { child, address, _output: output });
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let mut running = self.running.take().expect("it runs");
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    }

    /// `kill -9`, and a new start on the same folder.
    pub(crate) fn kill_and_start(&mut self) {
        self.kill();
        self.up();
    }

    /// A person of the demo.
    pub(crate) fn person(&self, name: &str) -> Person {
        let text = std::fs::read_to_string(self.profiles()).unwrap();
        let profiles: toml::Table = toml::from_str(&text).unwrap();
        let token = profiles["profiles"][name]["token"].as_str().unwrap();
        let running = self.running.as_ref().expect("it runs");
        Person::new(&running.address, Some(token))
    }

    /// Somebody with this credential, or with none.
    pub(crate) fn stranger(&self, token: Option<&str>) -> Person {
        Person::new(&self.running.as_ref().expect("it runs").address, token)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.running.as_ref().expect("it runs").address
    }

    /// Where it takes mail by SMTP.
    pub(crate) fn smtp(&self) -> String {
        let info = self.stranger(None).get("/local/info").body;
        info["smtp"].as_str().unwrap().to_owned()
    }

    /// A file or folder of the data folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn profiles(&self) -> PathBuf {
        self.home.path().join("profiles.toml")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = millora();
        command.env("MILLORA_PROFILES", self.profiles()).args(args);
        command
    }

    /// Runs an order of the command line.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs an order that is carried out, with `--json`.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.command(args).arg("--json").output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {told}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs an order that is carried out, for people.
    pub(crate) fn text(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Moves the clock by a span and answers the stops.
    pub(crate) fn advance(&self, by: &str) -> Vec<Value> {
        self.json(&["clock", "advance", by])["stops"].as_array().unwrap().clone()
    }

    /// The mails that were sent until nothing was left to do, in order.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.json(&["mail", "list"]);
        let folder = self.home.path().join("mail").join("cur");
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| Mail::read(path)).collect()
    }

    /// How many mails lie in the maildir now, whatever else is under way.
    pub(crate) fn mails_on_disk(&self) -> usize {
        std::fs::read_dir(self.home.path().join("mail").join("cur")).map_or(0, Iterator::count)
    }

    /// The mails about a ticket: to whom and what they are, without reference and subject.
    pub(crate) fn mails_about(&self, reference: &str) -> Vec<(String, String)> {
        let tag = format!("[{reference}] ");
        let about = |mail: Mail| {
            let subject = mail.subject.strip_prefix(&tag)?;
            let kind = subject.split(": ").next().unwrap_or(subject);
            Some((mail.to, kind.to_owned()))
        };
        self.mails().into_iter().filter_map(about).collect()
    }

    /// A ticket as the desk sees it; its chain is whole.
    pub(crate) fn whole(&self, reference: &str) -> Value {
        // The list of mails answers when what was caused is done.
        self.json(&["mail", "list", "--after", "4000000000"]);
        let ticket = self.json(&["desk", "show", reference]);
        assert_eq!(ticket["chain"]["verified"], true, "{:#}", ticket["chain"]);
        let numbers: Vec<u64> = array(&ticket["timeline"])
            .iter()
            .map(|event| event["number"].as_u64().unwrap())
            .collect();
        let gapless: Vec<u64> = (1..=ticket["chain"]["events"].as_u64().unwrap()).collect();
        assert_eq!(numbers, gapless, "events are numbered without a gap");
        ticket
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            // One that has ended already is fine.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

/// The binary, without anything of this process's environment.
pub(crate) fn millora() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_millora"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// Runs the binary with this input.
pub(crate) fn fed(args: &[&str], input: &[u8]) -> Output {
    let mut command = millora();
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A thread writes, so that neither side waits for the other with a full pipe.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A program that ends before it has read everything is judged by its output.
    let _ = writer.join().unwrap();
    output
}

/// A mail as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) raw: String,
}

impl Mail {
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let message = MessageParser::default().parse(&bytes).unwrap();
        let to = message.to().unwrap().first().unwrap().address().unwrap().to_owned();
        Self {
            to,
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().replace("\r\n", "\n"),
            html: message.body_html(0).unwrap().into_owned(),
            raw: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

/// Somebody who calls over HTTP.
#[derive(Clone)]
pub(crate) struct Person {
    agent: Agent,
    url: String,
    token: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Answer {
    /// The stable code of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The reference of the ticket that it speaks of.
    pub(crate) fn reference(&self) -> String {
        self.body["reference"].as_str().unwrap().to_owned()
    }
}

impl Person {
    fn new(address: &str, token: Option<&str>) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self { agent, url: format!("http://{address}"), token: token.map(str::to_owned) }
    }

    /// Asks.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        answer(request.call()).unwrap()
    }

    /// Acts, under this `Idempotency-Key`; an error when nobody answers, or not to the end.
    pub(crate) fn try_post(
        &self,
        path: &str,
        key: &str,
        body: &str,
    ) -> Result<Answer, ureq::Error> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        answer(request.send(body))
    }

    /// Acts, under this `Idempotency-Key`.
    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.try_post(path, key, &body.to_string()).unwrap()
    }

    /// Presses a button of a page: a form with these fields.
    pub(crate) fn press(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url));
        answer(request.send_form(fields.iter().copied())).unwrap()
    }

    /// Opens a ticket.
    pub(crate) fn open(&self, key: &str, subject: &str) -> Answer {
        self.post("/tickets", key, &request(subject))
    }
}

/// What opens a ticket.
pub(crate) fn request(subject: &str) -> Value {
    json!({ "subject": subject, "text": "Error 301 al timbrar." })
}

fn answer(
    result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, ureq::Error> {
    let response = result?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let text = response.into_body().read_to_string()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, headers, body })
}

/// The rows of an array.
pub(crate) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// How often something happened according to a ticket's timeline.
pub(crate) fn times(ticket: &Value, kind: &str) -> usize {
    array(&ticket["timeline"]).iter().filter(|event| event["kind"] == kind).count()
}
