//! What every mail says: the same in both parts, and nothing that the agreement does not.

use mail_parser::MessageParser;

use crate::samples;

#[test]
fn both_parts_say_the_same_words() {
    for (name, world, content) in samples::all() {
        let rendered = world.render(&content);
        let parsed = MessageParser::default().parse(&rendered.mime).unwrap();
        let html = parsed.body_html(0).unwrap();
        let (_, body) = html.split_once("</head>").unwrap();
        // The text spells out the address of a link, which HTML has in the link itself.
        let base = format!(" {}/a/", world.sender.ticket_system());
        let spelled = rendered.text.lines().map(|line| match line.split_once(&base) {
            Some((label, _)) => label,
            None => line,
        });
        let text = spelled.collect::<Vec<_>>().join("\n");
        assert_eq!(words(&visible(body)), words(&text), "{name}");
    }
}

#[test]
fn every_mail_names_ticket_law_and_millora_and_speaks_of_objectives() {
    for (name, world, content) in samples::all() {
        let rendered = world.render(&content);
        let ticket = if world.of_mail { "Millora, soporte Odoo" } else { world.ticket.as_str() };
        for told in [
            ticket,
            "Leyes de México; tribunales de la Ciudad de México",
            "Nubes Norte 200, Jardines del Pedregal, Álvaro Obregón, Ciudad de México, C.P. 01900",
        ] {
            assert!(rendered.text.contains(told), "{name} does not say {told}");
        }
        let lower = rendered.text.to_lowercase();
        for avoided in ["garant", "incumpl", " tú ", " tu ", "{{", "{%", "cláusula 0", "  "] {
            let layout = rendered.text.lines().filter(|line| !line.starts_with(['>', '\t']));
            assert!(
                !layout.collect::<String>().to_lowercase().contains(avoided),
                "{name}: {avoided}"
            );
        }
        assert!(!lower.contains("\n\n\n"), "{name} has an empty paragraph:\n{}", rendered.text);
        assert!(rendered.text.ends_with("Ciudad de México"), "{name}");
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    for (name, world, content) in samples::all() {
        let rendered = world.render(&content);
        let parsed = MessageParser::default().parse(&rendered.mime).unwrap();
        let html = parsed.body_html(0).unwrap();
        for element in ["<img", "<link", "<script", "<style", "<iframe", "<form", "url(", "src="] {
            assert!(!html.contains(element), "{name} has {element}");
        }
        for link in html.split("href=\"").skip(1) {
            assert!(link.starts_with(world.sender.ticket_system()), "{name} links elsewhere");
        }
        let opened = html.matches("<div").count() + html.matches("<p").count();
        let closed = html.matches("</div>").count() + html.matches("</p>").count();
        assert_eq!(opened, closed, "{name} leaves an element open");
    }
}

#[test]
fn a_text_of_an_unproven_sender_is_not_quoted() {
    let (_, world, content) = samples::all()
        .into_iter()
        .find(|(name, _, _)| *name == "acknowledgement_unquoted")
        .unwrap();
    let rendered = world.render(&content);
    assert!(!rendered.text.contains("Asunto"), "{}", rendered.text);
    assert_eq!(rendered.subject, format!("[{}] Recibimos su solicitud", world.ticket));
}

/// The text of HTML: tags out, entities decoded.
fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text, |text, (entity, plain)| text.replace(entity, plain))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}
