//! The binary as a person meets it: how it starts, refuses to start, stops, and comes back.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

const START: &str = "2026-11-20T10:00:00-06:00";

fn millora(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_millora"));
    command
        .env_clear()
        .env("MILLORA_PROFILES", data.join("profiles.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A bundle that runs until it is dropped or stopped.
struct Up {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Up {
    fn start(data: &Path) -> Self {
        let mut command = millora(data);
        command.args([
            "up",
            "--port",
            "0",
            "--smtp-port",
            "0",
            "--clock-frozen",
            "--clock-start",
            START,
            "--data",
        ]);
        let mut child = command.arg(data).stderr(Stdio::inherit()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        output.read_line(&mut address).unwrap();
        Self { child, output, address: address.trim_end().to_owned() }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// What else it printed, once it has ended with this code.
    fn ended(mut self, code: Option<i32>) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), code);
        rest
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // One that has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(data: &Path, args: &[&str]) -> Output {
    millora(data).args(args).output().unwrap()
}

fn refused(data: &Path, args: &[&str], code: i32, words: &[&str]) {
    let output = run(data, args);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
    for word in words {
        assert!(told.contains(word), "{args:?} does not say {word}: {told}");
    }
}

fn json(data: &Path, args: &[&str]) -> Value {
    let output = run(data, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn it_tells_its_address_first_and_stops_cleanly() {
    let home = tempfile::tempdir().unwrap();
    for signal in ["-INT", "-TERM"] {
        let up = Up::start(home.path());
        let (host, port) = up.address.split_once(':').unwrap();
        assert_eq!(host, "127.0.0.1");
        assert!(port.parse::<u16>().unwrap() > 0);
        up.signal(signal);
        let rest = up.ended(Some(0));
        assert_eq!(rest.contains("mll_"), signal == "-INT", "tokens are shown once: {rest}");
        assert!(rest.contains("millora ticket open"), "{rest}");
    }
}

#[test]
fn a_kill_loses_neither_time_nor_profiles() {
    let home = tempfile::tempdir().unwrap();
    let up = Up::start(home.path());
    json(home.path(), &["clock", "advance", "26h", "--json"]);
    let profiles = std::fs::read_to_string(home.path().join("profiles.toml")).unwrap();
    up.signal("-KILL");
    up.ended(None);
    let again = Up::start(home.path());
    let clock = json(home.path(), &["clock", "show", "--json"]);
    assert_eq!(clock["now"], "2026-11-21T12:00:00-06:00");
    let tokens = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("token")).map(str::to_owned).collect()
    };
    let now = std::fs::read_to_string(home.path().join("profiles.toml")).unwrap();
    assert_eq!(tokens(&now), tokens(&profiles));
    assert!(now.contains(&again.address));
}

#[test]
fn the_clock_moves_forward_only() {
    let home = tempfile::tempdir().unwrap();
    let _up = Up::start(home.path());
    let set = json(home.path(), &["clock", "set", "2026-11-20T13:59:00-06:00", "--json"]);
    assert_eq!(set["from"], START);
    assert_eq!(set["now"], "2026-11-20T13:59:00-06:00");
    refused(home.path(), &["clock", "set", START], 1, &["nunca va hacia atrás"]);
    refused(home.path(), &["clock", "advance", "500d"], 1, &["400 días"]);
    refused(home.path(), &["clock", "advance", "mucho"], 1, &["«mucho»", "48h"]);
    refused(home.path(), &["clock", "set", "mañana"], 2, &["RFC 3339"]);
    let clock = json(home.path(), &["clock", "show", "--json"]);
    assert_eq!(clock["now"], "2026-11-20T13:59:00-06:00");
    assert_eq!(clock["frozen"], true);
}

#[test]
fn what_cannot_start_says_why_and_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let foreign = home.path().join("ajena");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("tesis.doc"), "no tocar").unwrap();
    let up = |path: &Path, words: &[&str]| {
        refused(path, &["up", "--port", "0", "--smtp-port", "0", "--data", text(path)], 1, words);
    };
    up(&foreign, &["ya contiene archivos", "--data"]);
    assert_eq!(std::fs::read_dir(&foreign).unwrap().count(), 1);

    let ours = home.path().join("nuestra");
    let held = Up::start(&ours);
    up(&ours, &["Otro proceso", "--data"]);
    drop(held);

    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let args = ["up", "--port", &port, "--data", text(&ours)];
    refused(&ours, &args, 1, &[&port, "ocupado", "--port 0"]);
}

#[test]
fn commands_tell_usage_refusal_and_silence_apart() {
    let home = tempfile::tempdir().unwrap();
    let nowhere = ["clock", "show", "--url", "http://127.0.0.1:9"];
    refused(home.path(), &["clock", "show"], 2, &["millora up", "--profiles"]);
    refused(home.path(), &nowhere, 3, &["No responde nadie", "--url"]);
    let _up = Up::start(home.path());
    refused(home.path(), &["mail", "show", "7"], 1, &["No hay tal correo"]);
    refused(home.path(), &["ticket", "list", "--as", "nadie"], 2, &["ana", "luis"]);
    refused(home.path(), &["ticket", "list", "--as", "mesa"], 1, &[]);
    refused(home.path(), &["volar"], 2, &["volar"]);
    assert_eq!(json(home.path(), &["mail", "list", "--json"]), serde_json::json!({ "mails": [] }));
}

#[test]
fn the_local_pages_answer_this_machine_alone() {
    use std::io::Write as _;
    let home = tempfile::tempdir().unwrap();
    let up = Up::start(home.path());
    for (host, status) in [("127.0.0.1", "200"), ("localhost:1", "200"), ("mala.example", "403")] {
        let mut stream = std::net::TcpStream::connect(&up.address).unwrap();
        write!(stream, "GET /local/mail HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
}

/// Recipients and subjects of the mails about a ticket, in order.
fn mails_about(data: &Path, reference: &str) -> Vec<(String, String)> {
    let all = json(data, &["mail", "list", "--ticket", reference, "--json"]);
    let word = |mail: &Value, key: &str| mail[key].as_str().unwrap().to_owned();
    let mails = all["mails"].as_array().unwrap();
    mails.iter().map(|mail| (word(mail, "to"), word(mail, "subject"))).collect()
}

/// Whether the mails of the opening were out when the process was killed or not: each notice goes
/// out once, the wake-ups are there again, and the dates are explained.
#[test]
fn a_ticket_goes_on_where_a_kill_left_it() {
    for is_quiet in [true, false] {
        let home = tempfile::tempdir().unwrap();
        let up = Up::start(home.path());
        let open = ["ticket", "open", "--subject", "No timbra", "--text", "Desde ayer.", "--json"];
        let ticket = json(home.path(), &open);
        let reference = ticket["reference"].as_str().unwrap().to_owned();
        assert_eq!(ticket["target"], "2026-11-20T18:00:00-06:00");
        if is_quiet {
            assert_eq!(mails_about(home.path(), &reference).len(), 2);
        }
        up.signal("-KILL");
        up.ended(None);

        let _again = Up::start(home.path());
        let moved = json(home.path(), &["clock", "set", "2026-11-20T18:30:00-06:00", "--json"]);
        let stops = moved["stops"].as_array().unwrap();
        let woken: Vec<&Value> = stops
            .iter()
            .filter(|stop| !stop["wakes"].as_array().unwrap().is_empty())
            .map(|stop| &stop["at"])
            .collect();
        assert_eq!(woken, ["2026-11-20T16:00:00-06:00", "2026-11-20T18:00:00.001-06:00"]);
        let mut mails = mails_about(home.path(), &reference);
        assert_eq!(mails.len(), 4, "{mails:#?}");
        mails.sort();
        mails.dedup();
        assert_eq!(mails.len(), 4, "each notice once");
        let first = json(home.path(), &["mail", "show", "1", "--json"]);
        assert!(first["text"].as_str().unwrap().contains(&reference), "{first:#}");
        let why = json(home.path(), &["ticket", "why", &reference, "--json"]);
        assert_eq!(why["clocks"][0]["steps"][0]["rule"], "7.1");
    }
}

/// > *9. Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado.*
#[test]
fn a_person_sees_the_reminder_and_then_the_closing() {
    let home = tempfile::tempdir().unwrap();
    let _up = Up::start(home.path());
    let open = ["ticket", "open", "--subject", "No timbra", "--text", "Desde ayer.", "--json"];
    let reference = json(home.path(), &open)["reference"].as_str().unwrap().to_owned();
    json(home.path(), &["ticket", "answer", &reference, "Error 301.", "--json"]);
    json(home.path(), &["desk", "solve", &reference, "Se renovó el certificado.", "--json"]);
    let output = run(home.path(), &["clock", "advance", "49h"]);
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "sáb 21 nov 2026, 10:00 h", "{told}");
    assert!(lines[1].ends_with("Su ticket está por cerrarse: No timbra"), "{told}");
    assert_eq!(lines[2], "dom 22 nov 2026, 10:00 h", "{told}");
    assert!(lines[3].ends_with("Ticket cerrado: No timbra"), "{told}");
    assert_eq!(
        lines[4],
        "Ahora es domingo 22 de noviembre de 2026, 11:00 h (hora de la Ciudad de México)."
    );
    let closed = json(home.path(), &["ticket", "show", &reference, "--json"]);
    assert_eq!(closed["closed"]["reason"], "auto");
    let shown = json(home.path(), &["desk", "show", &reference, "--json"]);
    assert_eq!(shown["chain"]["verified"], true);
}

#[test]
fn a_mail_that_comes_back_is_shown_to_the_desk() {
    let home = tempfile::tempdir().unwrap();
    let _up = Up::start(home.path());
    let open = [
        "ticket",
        "open",
        "--as",
        "rebeca",
        "--subject",
        "Sin caja",
        "--text",
        "No abre.",
        "--json",
    ];
    let reference = json(home.path(), &open)["reference"].as_str().unwrap().to_owned();
    let all = json(home.path(), &["mail", "list", "--to", "rebote@", "--json"]);
    assert_eq!(all["mails"][0]["fate"], "bounced");
    let failed = json(home.path(), &["desk", "notices", "--json"]);
    assert_eq!(failed["notices"][0]["subject"], reference, "{failed:#}");
    let id = failed["notices"][0]["notice"]["id"].as_str().unwrap();
    json(home.path(), &["desk", "give-up", &reference, id, "--json"]);
    let failed = json(home.path(), &["desk", "notices", "--json"]);
    assert_eq!(failed["notices"].as_array().unwrap().len(), 0, "{failed:#}");
}
