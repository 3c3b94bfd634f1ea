//! The mails as pages for a browser. Plain, without scripts.

use domain::Instant;

use super::mailbox::{Mail, Opened};
use super::mailer::Fate;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
padding:0 1rem;color:#222;background:#fff}h1{font-size:1.3rem}table{width:100%;\
border-collapse:collapse}td:nth-child(2){white-space:nowrap}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd;\
vertical-align:top}a{color:#0b5394}dl{display:grid;grid-template-columns:max-content 1fr;\
gap:.2rem 1rem}dt{color:#666}dd{margin:0}pre{white-space:pre-wrap;background:#f6f6f6;padding:1rem}\
iframe{width:100%;height:38rem;border:1px solid #ddd}.bounced{color:#a00}\
@media(max-width:40rem){td:nth-child(3){display:none}th:nth-child(3){display:none}}";

/// The list of mails, the last one first.
#[must_use]
pub(crate) fn list(mails: &[Mail], now: Instant) -> String {
    let mut rows = String::new();
    for mail in mails.iter().rev() {
        rows.push_str(&format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><a href=\"/local/mail/{}\">{}</a>{}</td></tr>",
            mail.number,
            escaped(&mail.at.spanish_short()),
            escaped(&mail.to),
            mail.number,
            escaped(&mail.subject),
            fate(mail.fate),
        ));
    }
    let body = if rows.is_empty() {
        "<p>Todavía no se ha enviado ningún correo.</p>".to_owned()
    } else {
        format!(
            "<table><thead><tr><th>N.º</th><th>Cuándo</th><th>Para</th><th>Asunto</th></tr></thead>\
             <tbody>{rows}</tbody></table>"
        )
    };
    document("Correos enviados", &format!("<p>Ahora es {}.</p>{body}", escaped(&now.spanish())))
}

/// One mail.
#[must_use]
pub(crate) fn one(opened: &Opened) -> String {
    let mail = &opened.mail;
    let reply_to = opened.reply_to.as_deref().unwrap_or("-");
    let frame = if opened.html.is_some() {
        format!(
            "<iframe sandbox title=\"El correo como lo ve quien lo recibe\" \
             src=\"/local/mail/{}/html\"></iframe>",
            mail.number
        )
    } else {
        String::new()
    };
    document(
        &mail.subject,
        &format!(
            "<p><a href=\"/local/mail\">Todos los correos</a> · \
             <a href=\"/local/mails/{}/raw\">Tal como se envió</a></p>\
             <dl><dt>Para</dt><dd>{}{}</dd><dt>De</dt><dd>{}</dd><dt>Responder a</dt><dd>{}</dd>\
             <dt>Enviado</dt><dd>{}</dd></dl>{frame}<h2>Texto</h2><pre>{}</pre>",
            mail.number,
            escaped(&mail.to),
            fate(mail.fate),
            escaped(&mail.from),
            escaped(reply_to),
            escaped(&mail.at.spanish()),
            escaped(&opened.text),
        ),
    )
}

const fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Delivered => "",
        Fate::Bounced => " <span class=\"bounced\">(rebotado)</span>",
    }
}

fn document(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html><html lang=\"es-MX\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>"
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use domain::Instant;

    use super::list;
    use crate::up::mailbox::Mail;
    use crate::up::mailer::Fate;

    #[test]
    fn what_a_mail_says_is_text_in_the_page() {
        let at = Instant::parse_rfc3339("2026-11-20T10:00:00-06:00").unwrap();
        let mail = Mail {
            number: 1,
            at,
            from: "a@x".to_owned(),
            to: "\"<b>\"@x".to_owned(),
            subject: "<script>alert('x')</script>".to_owned(),
            fate: Fate::Bounced,
            notice_id: "n".to_owned(),
            subject_tag: "t".to_owned(),
        };
        let page = list(&[mail], at);
        assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
        assert!(page.contains("(rebotado)") && page.contains("vie 20 nov 2026, 10:00 h"), "{page}");
    }
}
