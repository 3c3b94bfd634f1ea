//! Python as the client's mail program: it writes mails, hands them over, and reads ours.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::kit::Desk;

/// Runs `mail.py` with this input.
fn python(args: &[&str], input: &[u8]) -> Vec<u8> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/e2e/mail.py");
    let mut child = Command::new("python3")
        .arg(script)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("python3 is needed: install Python 3");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A thread writes, so that neither side waits for the other with a full pipe.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A program that ends before it has read everything is judged by its output.
    let _ = writer.join().unwrap();
    assert!(output.status.success(), "mail.py {args:?}");
    output.stdout
}

/// A mail as Python writes it.
pub(crate) fn built(what: &Value) -> Vec<u8> {
    python(&["build"], what.to_string().as_bytes())
}

/// Hands a mail over as Python does; answers the code of the server's last answer.
pub(crate) fn sent(server: &str, from: &str, to: &[&str], mail: &[u8]) -> u16 {
    let args = [&["send", server, from], to].concat();
    String::from_utf8(python(&args, mail)).unwrap().trim().parse().unwrap()
}

/// Mails as Python reads them.
pub(crate) fn read(files: &[PathBuf]) -> Vec<Value> {
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let output = python(&[&["read"], names.as_slice()].concat(), b"");
    let lines = String::from_utf8(output).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The files of the mails that were sent until nothing was left to do, in order.
pub(crate) fn files(desk: &Desk) -> Vec<PathBuf> {
    desk.json(&["mail", "list"]);
    let folder = std::fs::read_dir(desk.file("mail/cur")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Python finds no fault in any mail that was sent, and reads what the other parser reads.
pub(crate) fn every_mail_is_well_made(desk: &Desk) {
    let ours = desk.mails();
    let theirs = read(&files(desk));
    assert!(ours.len() == theirs.len() && !ours.is_empty());
    for (theirs, ours) in theirs.iter().zip(&ours) {
        assert_eq!(theirs["defects"], json!([]), "{}", ours.raw);
        assert_eq!(theirs["content_type"], "multipart/alternative");
        assert_eq!(theirs["parts"], json!(["text/plain", "text/html"]));
        assert_eq!(theirs["to"], json!([ours.to]));
        assert_eq!(theirs["from"], json!(["soporte@millora.example"]));
        assert_eq!(theirs["subject"], json!(ours.subject));
        assert_eq!(theirs["text"].as_str().unwrap().trim(), ours.text.trim());
        let html = ours.html.replace("\r\n", "\n");
        assert_eq!(theirs["html"].as_str().unwrap().trim(), html.trim());
        assert!(theirs["longest_line"].as_u64().unwrap() <= 998, "RFC 5322, 2.1.1: {}", ours.raw);
        let headers = ["date", "message-id", "x-auto-response-suppress"];
        let of_ticket = ours.subject.starts_with('[').then_some("references");
        for header in headers.into_iter().chain(of_ticket) {
            assert!(theirs["headers"][header].is_string(), "{header}: {}", ours.raw);
        }
    }
}

/// A mail of the demo.
pub(crate) fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/demo").join(name)
}
