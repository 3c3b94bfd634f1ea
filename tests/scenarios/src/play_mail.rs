//! Plays what a script says of mails that come in, and writes down what became of each.

use std::sync::Arc;

use app::ports::{Blobs as _, Store};
use http::header::AUTHORIZATION;
use mail_parser::MessageParser;
use serde_json::Value;
use tower::ServiceExt as _;
use web::ReceivedAt;

use crate::letters::{Letter, OURS};
use crate::moment::show;
use crate::pages::{self, Page};
use crate::play::Play;
use crate::post::Mail;
use crate::script::{About, MailStep};
use crate::trial::Work;
use crate::world::Heard;

/// A mail that came in.
pub(crate) struct Arrived {
    /// The id that the mail service gave it.
    pub(crate) id: String,
    /// How it stood when it was last written down.
    standing: String,
}

impl<S: Store + Clone + 'static> Play<S> {
    /// The mail service takes a mail, stores it once for each rule, and tells of it.
    pub(crate) async fn mail(&mut self, step: &MailStep) {
        let letter = self.letter(step);
        for _ in 0..step.rules {
            let id = format!("correo-{:03}", self.arrived.len() + 1);
            let object = format!("{}{id}", app::inbound::INBOUND);
            let stored = self.world.env.blobs.put(&object, &letter.object(&id)).await;
            stored.expect("the bucket takes it");
            if !step.event_lost {
                let event = letter.event(&id);
                let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
                    let event = event.clone();
                    Box::pin(async move { intake_mail::handle(&*env, &event).await })
                };
                self.world.run("intake-mail", work).await.expect("the mail is taken");
            }
            self.arrived.push(Arrived { id, standing: String::new() });
        }
        self.mails_changed().await;
    }

    fn letter(&self, step: &MailStep) -> Letter {
        let cast = &self.world.cast;
        let (name, from) = cast.mailbox(&step.from);
        let domain = from.rsplit('@').next().unwrap_or_default();
        let mut letter = Letter {
            name,
            to: OURS.to_owned(),
            cc: step.cc.iter().map(|name| cast.mailbox(name).1).collect(),
            subject: step.text.clone(),
            text: step.text.clone(),
            message_id: format!("paso-{}@{domain}", self.steps),
            answers: Vec::new(),
            proof: step.proof,
            automatic: step.automatic,
            received_at: step.received_at.unwrap_or(self.world.now()),
            from,
        };
        match &step.about {
            About::New => {}
            About::Ticket => {
                let references = self.transcript.references();
                let place = step.ticket.unwrap_or(references.len());
                let reference = references.get(place.wrapping_sub(1)).expect("there is a ticket");
                letter.subject = format!("[{reference}] {}", step.text);
            }
            About::Answer(words) => {
                let subject = |mail: &&&Mail| subject(mail).contains(words.as_str());
                let mails = self.world.post.mails.iter().rev();
                let mut his = mails.filter(|mail| mail.message.to == letter.from);
                let mail = his.by_ref().find(|mail| subject(&mail));
                letter.answer_to(mail.unwrap_or_else(|| panic!("{} got no such mail", step.from)));
            }
        }
        letter
    }

    /// Writes down of each mail how it stands, where that has changed.
    pub(crate) async fn mails_changed(&mut self) {
        for place in 0..self.arrived.len() {
            let Some(seen) = self.seen_by_the_desk(&self.arrived[place].id).await else {
                continue;
            };
            self.number_of(&seen);
            let standing = standing(&seen);
            if standing != self.arrived[place].standing {
                self.transcript.line(format!("    → correo {}: {standing}", place + 1));
                self.arrived[place].standing = standing;
            }
        }
    }

    /// Writes down at the end what became of each mail (G10).
    pub(crate) async fn mails_at_the_end(&mut self) {
        if self.arrived.is_empty() {
            return;
        }
        self.transcript.line("correos recibidos");
        for place in 0..self.arrived.len() {
            let id = self.arrived[place].id.clone();
            let seen = self.seen_by_the_desk(&id).await.unwrap_or_else(|| panic!("{id} is lost"));
            let mail = &seen["mail"];
            let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
            let at = domain::Instant::parse_rfc3339(&text("received_at")).expect("an instant");
            let (from, subject) = (text("from"), text("subject"));
            let line = format!("{}  {from} «{subject}»: {}", show(at), standing(&seen));
            self.transcript.line(format!("  {:>3}  {line}", place + 1));
        }
        let waiting = self.world.env.blobs.keys();
        let waiting: Vec<_> =
            waiting.iter().filter(|key| key.starts_with(app::inbound::INBOUND)).collect();
        assert!(waiting.is_empty(), "at rest nothing lies in the bucket: {waiting:?}");
    }

    /// The mail as a member of the desk sees it; none while nobody has taken it.
    async fn seen_by_the_desk(&self, id: &str) -> Option<Value> {
        let member = self.world.cast.seed.staff.first().expect("there is a desk");
        let name = member.name.split(' ').next().unwrap_or_default();
        let request = http::Request::get(format!("/desk/mails/{id}"))
            .header(AUTHORIZATION, format!("Bearer {}", self.world.tokens[name]))
            .extension(ReceivedAt(self.world.now()))
            .body(axum::body::Body::empty())
            .expect("a request of ours is well formed");
        let Ok(answer) = desk::router(self.world.env.clone()).oneshot(request).await;
        let found = answer.status() != http::StatusCode::NOT_FOUND;
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
        let seen = serde_json::from_slice(&bytes.expect("the body is in memory"));
        found.then(|| seen.expect("the answer is JSON"))
    }

    /// A ticket that a mail opened gets its number.
    fn number_of(&mut self, seen: &Value) {
        if let Some(reference) = seen["mail"]["ticket"].as_str() {
            let reference = domain::TicketRef::parse(reference).expect("a reference");
            self.transcript.number(&reference);
        }
    }

    /// Somebody follows a link in the newest mail of his that has it; a page that he had opened before
    /// is the one whose button he presses.
    pub(crate) async fn link(&mut self, name: &str, label: &str, press: bool) {
        let path = self.link_in_a_mail(name, label);
        let now = self.world.now();
        let env = &self.world.env;
        let before = self.pages.remove(name).filter(|page| page.path == path);
        let page = match before {
            Some(page) if press => page,
            Some(_) | None => pages::open(env, &path, now).await,
        };
        let page = if press {
            let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
                let page = page.clone();
                Box::pin(async move { pages::press(&env, &page, now).await })
            };
            self.world.run("intake-http", work).await
        } else {
            self.pages.insert(name.to_owned(), page.clone());
            page
        };
        self.mails_changed().await;
        self.page(&page);
    }

    fn page(&mut self, page: &Page) {
        for line in &page.lines {
            self.transcript.line(format!("        ▏ {line}"));
        }
    }

    fn link_in_a_mail(&self, name: &str, label: &str) -> String {
        let (_, address) = self.world.cast.mailbox(name);
        let start = format!("{label}: ");
        let his = self.world.post.mails.iter().rev().filter(|mail| mail.message.to == address);
        let mut urls = his.filter_map(|mail| {
            let parsed = MessageParser::default().parse(&mail.message.mime)?;
            let text = parsed.body_text(0)?.into_owned();
            text.lines().find_map(|line| Some(line.strip_prefix(&start)?.trim().to_owned()))
        });
        let url = urls.next().unwrap_or_else(|| panic!("{name} got no link «{label}»"));
        let (_, token) = url.split_once("/a/").expect("a link of ours");
        format!("/a/{token}")
    }
}

fn subject(mail: &Mail) -> String {
    let parsed = MessageParser::default().parse(&mail.message.mime).expect("it is a mail");
    parsed.subject().unwrap_or_default().to_owned()
}

/// What became of a mail, as the desk reads it.
fn standing(seen: &Value) -> String {
    let mail = &seen["mail"];
    let text = |name: &str| mail[name].as_str().unwrap_or_default();
    let ticket = match text("ticket") {
        "" => String::new(),
        ticket => format!(", {ticket}"),
    };
    format!("{}{ticket} (regla {})", text("status_text"), text("rule"))
}
