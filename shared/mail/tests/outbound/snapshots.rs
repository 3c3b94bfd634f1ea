//! Every mail as it is sent, so that a changed word is seen and agreed to.
//!
//! `cargo test` fails on a changed mail and writes the new one beside the old; to accept it, read
//! both and run `INSTA_UPDATE=always cargo test -p mail`.

use mail_parser::MessageParser;

use crate::samples;

#[test]
fn every_mail() {
    for (name, world, content) in samples::all() {
        let rendered = world.render(&content);
        let parsed = MessageParser::default().parse(&rendered.mime).unwrap();
        let (headers, _) = header_section(&rendered.mime);
        let html = parsed.body_html(0).unwrap().replace("\r\n", "\n");
        // Conditions leave empty lines in the HTML, which nobody sees.
        let html: Vec<&str> = html.lines().filter(|line| !line.trim().is_empty()).collect();
        let shown = format!("{headers}\n\n{}\n\n{}", rendered.text.trim_end(), html.join("\n"));
        insta::assert_snapshot!(name, shown);
    }
}

#[test]
fn the_same_notice_gives_the_same_bytes() {
    for ((name, world, content), (_, again, _)) in samples::all().into_iter().zip(samples::all()) {
        assert_eq!(world.render(&content).mime, again.render(&content).mime, "{name}");
    }
}

/// The headers with their folds undone, and the body.
pub(crate) fn header_section(mime: &[u8]) -> (String, &str) {
    let mime = std::str::from_utf8(mime).expect("mails are written in ASCII");
    let (headers, body) = mime.split_once("\r\n\r\n").expect("a blank line ends the headers");
    (headers.replace("\r\n", "\n"), body)
}
