//! The SMTP server of the bundle against clients of every kind. What was answered with 250 lies on the
//! disk; what was not is nowhere.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use serde_json::json;

use crate::kit::{Desk, FRIDAY};
use crate::post;

const SOPORTE: &str = "soporte@millora.example";

/// A client that says what it likes.
struct Raw(BufReader<TcpStream>);

impl Raw {
    fn new(desk: &Desk) -> Self {
        Self(BufReader::new(TcpStream::connect(desk.smtp()).unwrap()))
    }

    fn say(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Hears until the server hangs up.
    fn rest(mut self) -> String {
        let mut heard = String::new();
        self.0.read_to_string(&mut heard).unwrap();
        heard
    }

    /// Hears up to an answer with this code.
    fn until(&mut self, code: &str) -> String {
        let mut line = String::new();
        while !line.starts_with(code) {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "{code} never came");
        }
        line
    }
}

/// Hands one mail over; answers its id, or nothing when the server is gone before it said so.
pub(crate) fn sent(server: &str, from: &str, to: &str, mail: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(server).ok()?;
    let head = format!("EHLO pc\r\nMAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
    stream.write_all(&[head.as_bytes(), mail, b".\r\nQUIT\r\n"].concat()).ok()?;
    let mut heard = Vec::new();
    // A server that was killed may reset the connection: what it said before counts.
    let _ = stream.read_to_end(&mut heard);
    let heard = String::from_utf8(heard).unwrap();
    let answer = heard.lines().find_map(|line| line.strip_prefix("250 2.0.0 Guardado como "));
    answer.map(str::to_owned)
}

fn opening(to: &str) -> String {
    format!("EHLO pc\r\nMAIL FROM:<ana.robles@ferretera.example>\r\nRCPT TO:<{to}>\r\nDATA\r\n")
}

/// The files of mails, wherever in the bucket they lie by now.
fn kept(desk: &Desk, id: &str) -> bool {
    let mut folders = vec![desk.file("blobs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_it = path.file_name().unwrap().to_str().unwrap().ends_with(id);
            if path.is_dir() {
                folders.push(path);
            } else if is_it {
                return true;
            }
        }
    }
    false
}

#[test]
fn python_hands_a_mail_over_and_strangers_are_not_served() {
    let desk = Desk::start(FRIDAY);
    let server = desk.smtp();
    let mail = post::built(&json!({
        "from": ["Ana Robles", "ana.robles@ferretera.example"],
        "to": SOPORTE,
        "subject": "No timbra",
        "text": ".\n..\nAcción\n",
    }));
    assert_eq!(post::sent(&server, "ana.robles@ferretera.example", &[SOPORTE], &mail), 250);
    assert_eq!(post::sent(&server, "", &["soporte+x.1@MILLORA.example"], &mail), 250);
    assert_eq!(post::sent(&server, "ana.robles@ferretera.example", &["ana@x.example"], &mail), 550);
    let wrong = [b"X-Millora-Verdict: dmarc=BIEN\r\n", mail.as_slice()].concat();
    assert_eq!(post::sent(&server, "ana.robles@ferretera.example", &[SOPORTE], &wrong), 550);
    let large = [mail.as_slice(), &b"0123456789\r\n".repeat(3_600_000)].concat();
    assert_eq!(post::sent(&server, "ana.robles@ferretera.example", &[SOPORTE], &large), 552);
}

#[test]
fn a_client_that_waits_for_nothing_and_one_that_speaks_http() {
    let desk = Desk::start(FRIDAY);
    let mut hasty = Raw::new(&desk);
    let two = format!("{0}uno\r\n.\r\n{0}dos\r\n.\r\nQUIT\r\n", opening(SOPORTE));
    hasty.say(two.as_bytes());
    let heard = hasty.rest();
    let ids: Vec<&str> =
        heard.lines().filter_map(|it| it.strip_prefix("250 2.0.0 Guardado como ")).collect();
    assert_eq!(ids.len(), 2, "{heard}");
    assert!(ids.iter().all(|id| kept(&desk, id)));

    let mut browser = Raw::new(&desk);
    browser.say(format!("POST / HTTP/1.1\r\n\r\n{}uno\r\n.\r\n", opening(SOPORTE)).as_bytes());
    let heard = browser.rest();
    assert!(heard.contains("\r\n500 ") && !heard.contains("Guardado"), "{heard}");
}

#[test]
fn many_clients_at_once_are_each_heard_or_put_off() {
    let desk = Desk::start(FRIDAY);
    let clients: Vec<_> = (0..80)
        .map(|n| {
            let mut client = Raw::new(&desk);
            thread::spawn(move || {
                // One that was put off has been hung up on, and cannot say it all.
                let said = format!("{}caso {n}\r\n.\r\nQUIT\r\n", opening(SOPORTE));
                let _ = client.0.get_mut().write_all(said.as_bytes());
                let mut heard = String::new();
                let _ = client.0.read_to_string(&mut heard);
                heard
            })
        })
        .collect();
    let heard: Vec<String> = clients.into_iter().map(|it| it.join().unwrap()).collect();
    let taken = heard.iter().filter(|it| it.contains("Guardado como")).count();
    let put_off = heard.iter().filter(|it| it.starts_with("421 ") || it.is_empty()).count();
    assert_eq!(taken + put_off, 80, "{heard:?}");
    assert!(taken >= 64, "only {taken} were heard");
}

/// Killed right after the answer, and in the middle of a mail.
#[test]
fn what_was_answered_survives_a_kill_and_what_was_not_never_was() {
    let mut desk = Desk::start(FRIDAY);
    let (mut whole, mut half) = (Raw::new(&desk), Raw::new(&desk));
    half.say(format!("{}a medias\r\n", opening(SOPORTE)).as_bytes());
    half.until("354");
    whole.say(format!("{}entero\r\n.\r\n", opening(SOPORTE)).as_bytes());
    let answer = whole.until("250 2.0.0 Guardado");
    desk.kill();
    assert!(kept(&desk, answer.trim().rsplit(' ').next().unwrap()));
    let bucket = std::fs::read_dir(desk.file("blobs")).unwrap().map(|it| it.unwrap().path());
    let text = bucket.filter(|it| it.is_file()).map(|it| std::fs::read_to_string(it).unwrap());
    assert!(!text.into_iter().any(|text| text.contains("a medias")));
    desk.up();
    assert!(kept(&desk, answer.trim().rsplit(' ').next().unwrap()));
}

#[test]
fn the_command_writes_mails_and_says_what_became_of_them() {
    let desk = Desk::start(FRIDAY);
    desk.person("ana").open("k1", "No timbra");
    desk.mails();
    let ana = "ana.robles@ferretera.example";
    let table = [
        ("nuevo.eml", ana, "reply"),
        ("respuesta.eml", ana, "reply"),
        ("ausente.eml", "", "note"),
        ("suplantado.eml", "rebotes@envios.example", "held_unproven"),
        ("colega.eml", "ramon.pena@ferretera.example", "held_colleague"),
        // The same mail again, by another road.
        ("respuesta.eml", ana, "duplicate"),
    ];
    for (file, from, outcome) in table {
        let path = post::demo(file);
        let args = ["mail", "send", "--file", path.to_str().unwrap(), "--in-reply-to", "1"];
        let told = desk.json(&args);
        assert!(kept(&desk, told["id"].as_str().unwrap()), "{file}: {told:#}");
        assert_eq!(told["from"], from, "{file}: the envelope is the file's");
        assert!(told["to"][0].as_str().unwrap().starts_with("soporte+ferre-"), "{told:#}");
        assert_eq!(told["outcome"], outcome, "{file}: {told:#}");
    }
    let new = ["mail", "send", "--from", "Ana <ana.robles@ferretera.example>", "--subject", "Otra"];
    let told = desk.text(&[&new[..], &["--text", "Hola"]].concat());
    let head = format!("De:    {ana}\nPara:  soporte@millora.example\nAbrió el ticket FERRE-");
    assert!(told.starts_with(&head), "{told}");
    let told = desk.text(&[&new[..], &["--text", "Oferta", "--verdict", "spam=FAIL"]].concat());
    assert!(told.ends_with("En cuarentena: solo lo ve la mesa\n"), "{told}");

    let table: [(&[&str], i32, &str); 5] = [
        (
            &["--text", "Hola", "--verdict", "spam=TAL"],
            1,
            "no se entiende spam=TAL; se entiende spf",
        ),
        (
            &["--text", "Hola", "--to", "ana@x.example"],
            1,
            "Solo se recibe correo para millora.example",
        ),
        (&["--text", "Hola", "--to", "nadie"], 1, "no tiene la forma nombre@dominio"),
        (
            &["--text", "Hola", "--to", "a b@x"],
            2,
            "nombre@dominio: ana.robles@ferretera.example, a b@x",
        ),
        (&["--text", "Hola", "--attach", "/no/hay"], 2, "/no/hay"),
    ];
    for (rest, code, words) in table {
        let output = desk.run(&[&new[..], rest].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{rest:?}: {told}");
        assert!(told.contains(words), "{rest:?}: {told}");
    }
    let output = desk.run(&["mail", "send", "--text", "Hola", "--subject", "De nadie"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("indíquelo con --from"));
}
