//! What a line of a script can say of mails that come in, and of the links in mails of ours.
//!
//! ```text
//! Ana escribe un correo: "No timbra la factura"
//! Ana escribe un correo (sin comprobar) (con copia a karla@ferretera.example): "No timbra"
//! Ana contesta el último correo: "Sigue igual"
//! Ana contesta el correo «Solución propuesta»: "Gracias"
//! ramon@ferretera.example escribe un correo sobre el ticket: "A mí también me falla"
//! Ana abre el enlace "Quedó resuelto"
//! Ana oprime el enlace "Quedó resuelto"
//! la mesa (Luis) descarta el correo: "No es para nosotros"
//! ```

use crate::doors::{DeskVerb, MailVerb, Verb};
use crate::moment;
use crate::phrases::{asides, words};
use crate::script::{About, Action, How, MailStep, Proof};

/// Reads a phrase about mail; none when it is about something else.
///
/// # Errors
/// When it lacks something, or says what no mail can be.
pub fn action(text: &str) -> Result<Option<Action>, String> {
    let (head, words) = words(text);
    let (head, asides) = asides(&head);
    if let Some(phrase) = head.strip_prefix("la mesa ") {
        return desk(phrase, words, &asides);
    }
    let Some((name, phrase)) = head.split_once(' ') else { return Ok(None) };
    let name = name.to_owned();
    let link = match phrase {
        "abre el enlace" => Some(false),
        "oprime el enlace" => Some(true),
        _ => None,
    };
    if let Some(press) = link {
        let label = words.ok_or("falta cuál enlace, entre comillas")?;
        return Ok(Some(Action::Link { name, label, press }));
    }
    let about = match phrase {
        "escribe un correo" => About::New,
        "escribe un correo sobre el ticket" => About::Ticket,
        "contesta el último correo" => About::Answer(String::new()),
        _ => match phrase.strip_prefix("contesta el correo «").and_then(|it| it.strip_suffix('»'))
        {
            Some(subject) => About::Answer(subject.to_owned()),
            None => return Ok(None),
        },
    };
    let text = words.ok_or("faltan las palabras, entre comillas")?;
    let mut step = MailStep {
        from: name,
        about,
        text,
        cc: Vec::new(),
        proof: Proof::Passes,
        automatic: false,
        rules: 1,
        event_lost: false,
        received_at: None,
        ticket: None,
    };
    for aside in &asides {
        told(&mut step, aside)?;
    }
    Ok(Some(Action::Mail(step)))
}

/// A particular of a mail.
fn told(step: &mut MailStep, aside: &str) -> Result<(), String> {
    if let Some(at) = aside.strip_prefix("recibido ") {
        step.received_at = moment::read(at)?.map(|(at, _)| at);
    } else if let Some(n) = aside.strip_prefix("ticket ") {
        step.ticket = n.parse().ok();
    } else if let Some(names) = aside.strip_prefix("con copia a ") {
        step.cc = names.split([',', ' ']).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    } else {
        match aside {
            "sin comprobar" => step.proof = Proof::Fails,
            "su dominio lo rechaza" => step.proof = Proof::Rejected,
            "respuesta automática" => step.automatic = true,
            "por dos reglas" => step.rules = 2,
            "el aviso se pierde" => step.event_lost = true,
            _ => return Err(format!("un correo no sabe «{aside}»")),
        }
    }
    Ok(())
}

/// What the desk makes of a mail.
fn desk(phrase: &str, words: Option<String>, asides: &[String]) -> Result<Option<Action>, String> {
    let verb = match phrase {
        "libera el correo" => MailVerb::Release,
        "asigna el correo al ticket" => MailVerb::Link,
        "descarta el correo" => MailVerb::Discard,
        _ => match phrase.strip_prefix("adopta el correo por ") {
            Some(spoc) => MailVerb::Adopt { spoc: spoc.to_lowercase() },
            None => return Ok(None),
        },
    };
    let reason = words.ok_or("falta por qué, entre comillas")?;
    let (mut name, mut mail, mut how) = (None, 0, How::default());
    for aside in asides {
        if let Some(n) = aside.strip_prefix("correo ") {
            mail = n.parse().map_err(|_| format!("«{n}» no es un número"))?;
        } else if let Some(n) = aside.strip_prefix("ticket ") {
            how.ticket = n.parse().ok();
        } else {
            name = Some(aside.clone());
        }
    }
    let name = name.ok_or("falta quién de la mesa, entre paréntesis")?;
    let verb = Verb::Desk(DeskVerb::SettleMail { verb, mail, id: String::new(), reason });
    Ok(Some(Action::Act { name, verb, how }))
}
