//! Names, subjects and texts that try to be more than text.

use mail::outbound::{Content, Message, Rendered, Reply};
use mail::{Body, Line};
use mail_parser::MessageParser;
use proptest::prelude::*;

use crate::headers::assert_lines;
use crate::samples::World;
use crate::snapshots::header_section;

/// The headers that a reply has, in their order; nothing may add one.
const HEADERS: &[&str] = &[
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "X-Millora-Notice",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
];

#[test]
fn hostile_texts_stay_text() {
    let long = "x".repeat(5_000);
    let astral = "𝒜👩\u{200d}💻".repeat(300);
    for text in [
        "\r\nBcc: victima@otra.example\r\n\r\n<html>",
        "=?utf-8?Q?=0D=0ABcc:_x=40evil.example?=",
        "=?utf-8?B?4oCuZmRwLmV4ZQ==?= =?x",
        "factura\u{202e}fdp.exe \u{2066}\u{0}\u{7}\u{1b}[2J",
        "<script>alert(1)</script><img src=x onerror=alert(1)> & \"comillas\" '",
        "Ana\" <otra@evil.example>, \"Ana",
        "ACME-11111111-1] [ACME",
        "{{ frame.ticket }} {% include \"layout.html\" %}",
        "--=_millora-0f3a9c--\r\n\r\n--=_millora-0f3a9c\r\nContent-Type: text/html\r\n\r\nx",
        ".\r\n.\r\nQUIT",
        "(comentario) ; , : \\ @ [ ]",
        "\u{85}\u{2028}\u{2029}\u{feff}",
        "   ",
        "",
        &long,
        &astral,
    ] {
        check(text).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_stays_text(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_mixture_of_what_mails_are_made_of_stays_text(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "\r\n", "\n", "\r", "\0", " ", "\t", ":", "Bcc", "=?utf-8?Q?", "?=", "=0D=0A", "<", ">", "\"",
                "\\", "@", ",", ";", "--=_millora-0f3a9c", "ñ", "😀", "\u{202e}", "\u{a0}", "=", ".", "From ",
                "(", ")", "palabra", "éééééééééééééééééééé",
            ]),
            0..60,
        )
    ) {
        check(&parts.concat())?;
    }
}

/// Renders a reply with `text` in every place that a person can fill, and reads it back.
fn check(text: &str) -> Result<(), TestCaseError> {
    let mut world = World::new();
    world.to_name = Line::new(text);
    world.client_name = Line::new(text);
    world.request = Some(Line::new(text));
    world.copy_of = Some(Line::new(text));
    let body = Body::new(text).expect("short enough");
    let message = Message { author: Line::new(text), text: body.clone() };
    let rendered = world.render(&Content::Reply(Reply { out_of_scope: false, message }));
    assert_lines(&rendered.mime, text);
    check_headers(&rendered, &world)?;
    let parsed = MessageParser::default().parse(&rendered.mime).expect("it is a mail");
    let shown = parsed.body_text(0).expect("it has text").replace("\r\n", "\n");
    prop_assert!(shown.contains(body.as_str()), "{shown:?} does not hold {body:?}");
    prop_assert_eq!(parsed.text_body_count(), 1);
    prop_assert_eq!(parsed.html_body_count(), 1);
    prop_assert_eq!(parsed.attachment_count(), 0);
    let html = parsed.body_html(0).expect("it has HTML");
    for element in ["<script", "<img", "<html>"] {
        prop_assert!(!html.contains(element), "{html}");
    }
    for part in [&shown, &*html, rendered.subject.as_str()] {
        let hidden = part.contains(['\u{202e}', '\u{2066}', '\0', '\u{1b}']);
        prop_assert!(!hidden);
    }
    Ok(())
}

fn check_headers(rendered: &Rendered, world: &World) -> Result<(), TestCaseError> {
    let (headers, _) = header_section(&rendered.mime);
    let names: Vec<&str> = headers
        .lines()
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap_or_default())
        .collect();
    prop_assert_eq!(names, HEADERS);
    let parsed = MessageParser::default().parse(&rendered.mime).expect("it is a mail");
    prop_assert_eq!(parsed.subject(), Some(rendered.subject.as_str()));
    let to: Vec<_> = parsed.to().expect("it has a recipient").iter().collect();
    prop_assert_eq!(to.len(), 1);
    prop_assert_eq!(to[0].address(), Some(rendered.to.as_str()));
    let name = world.to_name.at_most(80).as_str().replace("=?", "= ?");
    prop_assert_eq!(to[0].name().unwrap_or_default(), name);
    prop_assert!(parsed.bcc().is_none() && parsed.cc().is_none());
    Ok(())
}
