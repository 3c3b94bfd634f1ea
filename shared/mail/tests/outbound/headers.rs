//! The headers of each mail, as another program reads them.

use mail::Address;
use mail::outbound::Content;
use mail::threading::Mark;
use mail_parser::{HeaderValue, MessageParser};

use crate::samples;
use crate::snapshots::header_section;

#[test]
fn every_mail_reads_back() {
    for (name, world, content) in samples::all() {
        let rendered = world.render(&content);
        let parsed = MessageParser::default().parse(&rendered.mime).unwrap();
        assert_eq!(parsed.subject(), Some(rendered.subject.as_str()), "{name}");
        let from = parsed.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some("Soporte Millora"), "{name}");
        assert_eq!(from.address(), Some(rendered.from.as_str()), "{name}");
        let recipients: Vec<_> = parsed.to().unwrap().iter().collect();
        assert_eq!(recipients.len(), 1, "{name}");
        assert_eq!(recipients[0].address(), Some(rendered.to.as_str()), "{name}");
        let named = (!world.to_name.is_empty()).then(|| world.to_name.as_str());
        assert_eq!(recipients[0].name(), named, "{name}");
        assert!(parsed.cc().is_none() && parsed.bcc().is_none(), "{name}");
        let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
        assert_eq!(text.trim_end(), rendered.text.trim_end(), "{name}");
        assert_eq!(parsed.date().unwrap().to_timestamp(), 1_795_190_400, "{name}");
        assert_eq!(parsed.attachment_count(), 0, "{name}");
    }
}

#[test]
fn an_answer_finds_its_ticket() {
    for (name, world, content) in samples::all().into_iter().filter(|(_, it, _)| !it.of_mail) {
        let rendered = world.render(&content);
        let parsed = MessageParser::default().parse(&rendered.mime).unwrap();
        let keys = [world.key.clone()];
        let verified = |mark: &Mark| {
            mark.ticket() == &world.ticket && mark.verify(&keys, &world.client, &world.to)
        };
        let HeaderValue::TextList(references) = parsed.references() else {
            panic!("{name} has no References")
        };
        let marks: Vec<_> = references
            .iter()
            .map(|id| Mark::in_message_id(&world.sender, id).expect("a token of ours"))
            .collect();
        assert!(marks.iter().all(verified), "{name}");
        assert_eq!(marks.iter().map(Mark::number).collect::<Vec<_>>(), [Some(0), Some(3)]);
        assert_eq!(parsed.in_reply_to().as_text(), Some(references[0].as_ref()), "{name}");
        match parsed.reply_to() {
            Some(reply_to) => {
                let address = reply_to.first().unwrap().address().unwrap();
                let address = Address::parse(address).unwrap();
                assert!(verified(&Mark::in_address(&world.sender, &address).unwrap()), "{name}");
            }
            None => assert!(name.starts_with("desk_"), "{name} cannot be answered"),
        }
    }
}

#[test]
fn a_mail_of_no_ticket_threads_nowhere() {
    for (name, world, content) in samples::all().into_iter().filter(|(_, it, _)| it.of_mail) {
        let rendered = world.render(&content);
        let parsed = MessageParser::default().parse(&rendered.mime).unwrap();
        assert!(parsed.reply_to().is_none(), "{name}");
        // An automatic answer shows beside the mail that it is to; nothing else refers to anything.
        let answered = samples::answered();
        let answers = matches!(content, Content::Held(_) | Content::Unknown(_));
        let expected = answers.then_some(answered.as_str());
        assert_eq!(parsed.in_reply_to().as_text(), expected, "{name}");
        assert_eq!(parsed.references().as_text(), expected, "{name}");
        let whole = String::from_utf8(rendered.mime).unwrap() + &rendered.text;
        assert!(!whole.contains(world.ticket.as_str()), "{name} names a ticket");
        assert!(!whole.contains(world.request.unwrap().as_str()), "{name} quotes a request");
    }
}

#[test]
fn only_what_a_person_wrote_is_not_automatic() {
    for (name, world, content) in samples::all() {
        let rendered = world.render(&content);
        let parsed = MessageParser::default().parse(&rendered.mime).unwrap();
        let by_person = matches!(
            content,
            Content::Reply(_) | Content::Solution(_) | Content::InformationRequest(_)
        );
        let header = |name: &'static str| parsed.header(name).and_then(|value| value.as_text());
        let answers = matches!(content, Content::Held(_) | Content::Unknown(_));
        let automatic = if answers { "auto-replied" } else { "auto-generated" };
        assert_eq!(header("Auto-Submitted"), (!by_person).then_some(automatic), "{name}");
        assert_eq!(
            rendered.text.contains("de forma automática"),
            !by_person && !rendered.text.contains("Aviso interno de la mesa"),
            "{name}"
        );
        assert_eq!(header("X-Auto-Response-Suppress"), Some("All"), "{name}");
        assert_eq!(header("X-Millora-Notice"), Some("0f3a9c"), "{name}");
        let language = parsed.header_raw("Content-Language").map(str::trim);
        assert_eq!(language, Some("es-MX"), "{name}");
    }
}

#[test]
fn lines_are_short_and_ascii() {
    for (name, world, content) in samples::all() {
        let rendered = world.render(&content);
        let (headers, _) = header_section(&rendered.mime);
        assert!(headers.lines().all(|line| line.len() <= 200), "{name}:\n{headers}");
        assert_lines(&rendered.mime, name);
    }
}

/// Only CRLF ends a line, no line is longer than the protocol takes, and all is ASCII.
pub(crate) fn assert_lines(mime: &[u8], what: &str) {
    let text = std::str::from_utf8(mime).unwrap();
    assert!(text.is_ascii(), "{what}");
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "{what}: a line of {} octets", line.len());
        assert!(!line.contains(['\r', '\n', '\0']), "{what}: {line:?}");
    }
}
