//! Plays a script in a world and checks what must hold of any world.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::item::Key;
use app::memory::MailAnswer;
use app::ports::Store;
use app::{standing, tickets};
use domain::standing::{Gate, Span};
use domain::ticket::Ticket;
use domain::{ClientId, TicketRef, TimeDelta, evidence};

use crate::accounts;
use crate::doors::{self, Answer, DeskVerb, Request, Verb};
use crate::moment::show;
use crate::pages::Page;
use crate::play_mail::Arrived;
use crate::script::{Action, How, Part, Script, Standing};
use crate::state;
use crate::transcript::Transcript;
use crate::trial::Work;
use crate::world::{Heard, World};

/// Plays a script in a world that stands at its first moment, and returns the transcript.
///
/// # Panics
/// When the script cannot be played, or when something does not hold that must hold of any world.
pub async fn play_in<S: Store + Clone + 'static>(world: World<S>, script: &Script) -> String {
    let mut transcript = Transcript::default();
    transcript.whole_mails = script.whole_mails;
    let (arrived, pages) = (Vec::new(), BTreeMap::new());
    let mut play = Play { world, transcript, mails: 0, sweeps: 0, steps: 0, arrived, pages };
    play.transcript.line(format!("# {}", script.title));
    for step in &script.steps {
        play.steps += 1;
        if let Some(at) = step.at {
            play.world.advance(at).await;
            play.write_down().await;
        }
        play.transcript.line(String::new());
        play.transcript.line(step.text.clone());
        play.action(&step.action).await;
        play.world.settle().await;
        play.write_down().await;
    }
    // Whatever is still on its way arrives.
    play.world.pass(TimeDelta::minutes(6)).await;
    play.write_down().await;
    play.transcript.line(String::new());
    for reference in play.transcript.references().to_vec() {
        let whole = tickets::whole(&*play.world.env, &reference).await.expect("it was opened");
        play.transcript.file(&whole);
    }
    play.mails_at_the_end().await;
    let repeated = check(&mut play.world, play.transcript.references()).await;
    assert_eq!(repeated.len(), script.repeats_max, "mails that went out twice: {repeated:?}");
    play.transcript.finish()
}

pub(crate) struct Play<S: Store + 'static> {
    pub(crate) world: World<S>,
    pub(crate) transcript: Transcript,
    mails: usize,
    sweeps: usize,
    pub(crate) steps: usize,
    /// Mails that came in, in their order.
    pub(crate) arrived: Vec<Arrived>,
    /// The page that each person has open.
    pub(crate) pages: BTreeMap<String, Page>,
}

impl<S: Store + Clone + 'static> Play<S> {
    async fn action(&mut self, action: &Action) {
        match action {
            Action::Wait => {}
            Action::State => self.state().await,
            Action::Account(client) => self.account(client).await,
            Action::Act { name, verb, how } => self.act(name, verb, how).await,
            Action::BankTells(event) => self.bank_tells(event).await,
            Action::Statement { name, lines } => self.statement(name, lines).await,
            Action::Mail(step) => self.mail(step).await,
            Action::Link { name, label, press } => self.link(name, label, *press).await,
            Action::Switch(part, failing) => self.switch(part, *failing),
            Action::Standing(client, change) => self.standing(client, change).await,
        }
    }

    /// Writes down what has happened since the last time.
    async fn write_down(&mut self) {
        self.mails_changed().await;
        let mut mails = self.world.post.mails[self.mails..].to_vec();
        // Of what happens at one instant the order follows from random references: any is as good.
        mails.sort_by_cached_key(|mail| (mail.at, self.transcript.place(mail)));
        let sweeps = self.world.sweeps[self.sweeps..].to_vec();
        self.mails += mails.len();
        self.sweeps += sweeps.len();
        let mut mails = mails.iter().peekable();
        for swept in &sweeps {
            while let Some(mail) = mails.next_if(|mail| mail.at < swept.at) {
                self.transcript.mail(mail);
            }
            self.transcript.swept(swept);
        }
        mails.for_each(|mail| self.transcript.mail(mail));
    }

    async fn state(&mut self) {
        let now = self.world.now();
        for reference in self.transcript.references().to_vec() {
            let loaded = app::execute::load(&*self.world.env, &reference).await;
            let loaded = loaded.expect("the ticket was opened");
            for (n, line) in state::describe(&loaded, now).iter().enumerate() {
                let name = if n == 0 { format!("{reference}: ") } else { String::new() };
                let indent = if n == 0 { "    " } else { "      " };
                self.transcript.line(format!("{indent}{name}{line}"));
            }
        }
    }

    async fn account(&mut self, client: &ClientId) {
        let loaded = app::account::load(&*self.world.env, client).await;
        let loaded = loaded.expect("the client is in the cast");
        for line in accounts::describe(&loaded, self.world.now()) {
            self.transcript.line(format!("    {line}"));
        }
    }

    async fn act(&mut self, name: &str, verb: &Verb, how: &How) {
        let opens = matches!(
            verb,
            Verb::Client(doors::ClientVerb::Open { .. }) | Verb::Desk(DeskVerb::OpenByCall { .. })
        );
        let place = how.ticket.unwrap_or(self.transcript.references().len());
        let ticket = self.transcript.references().get(place.wrapping_sub(1)).cloned();
        let verb = self.resolve(name, verb, ticket.as_ref()).await;
        let token = self.world.tokens.get(name).cloned().unwrap_or_else(|| no_such(name));
        let key = how.key.clone().unwrap_or_else(|| format!("paso-{}", self.steps));
        let received_at = how.received_at.unwrap_or(self.world.now());
        let ticket = ticket.filter(|_| !opens);
        let ticket = match &verb {
            Verb::Desk(DeskVerb::SettleNotice { notice: Some(key), .. }) => {
                app::keys::ticket_of(&key.pk)
            }
            Verb::Desk(_) | Verb::Client(_) => ticket,
        };
        let request = Request { token, received_at, key, ticket, verb };
        let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
            let request = request.clone();
            Box::pin(async move { doors::knock(&env, &request).await })
        };
        let answer = self.world.run(request.verb.function(), work).await;
        self.answer(&answer, request.ticket.as_ref());
        self.mails_changed().await;
    }

    fn answer(&mut self, answer: &Answer, ticket: Option<&TicketRef>) {
        let line = match answer {
            Answer::Done { reference: Some(reference), replayed: true, .. } => {
                self.transcript.number(reference);
                format!("→ lo mismo que antes, en {reference}")
            }
            Answer::Done { reference: Some(reference), seq, replayed: false } => {
                let known = self.transcript.references().contains(reference);
                self.transcript.number(reference);
                match (known, seq) {
                    (false, _) => format!("→ ticket nuevo: {reference}"),
                    (true, Some(seq)) if Some(reference) == ticket => format!("→ hecho, {seq}"),
                    (true, Some(seq)) => format!("→ hecho en {reference}, {seq}"),
                    (true, None) => "→ sin cambio".to_owned(),
                }
            }
            Answer::Done { reference: None, .. } => "→ hecho".to_owned(),
            Answer::Refused { rule, text } => format!("→ rechazado ({rule}): {text}"),
            Answer::Later(why) => format!("→ ahora no: {why}"),
        };
        self.transcript.line(format!("    {line}"));
    }

    /// Fills in the numbers that a script leaves open: the last message, the last proposal, the
    /// notice that failed.
    async fn resolve(&self, name: &str, verb: &Verb, ticket: Option<&TicketRef>) -> Verb {
        let cast = &self.world.cast;
        if let Verb::Desk(DeskVerb::OpenByCall { spoc, started_at, text, .. }) = verb {
            let client = cast.spoc(spoc).map(|(client, _)| client);
            let (spoc, text) = (spoc.clone(), text.clone());
            return Verb::Desk(DeskVerb::OpenByCall {
                client,
                spoc,
                started_at: *started_at,
                text,
            });
        }
        if let Verb::Desk(DeskVerb::SettleMail { verb, mail, reason, .. }) = verb {
            let mail = if *mail == 0 { self.arrived.len() } else { *mail };
            let id = self.arrived.get(mail.wrapping_sub(1)).map(|it| it.id.clone());
            let id = id.unwrap_or_else(|| panic!("no mail {mail} came in"));
            let (verb, reason) = (verb.clone(), reason.clone());
            return Verb::Desk(DeskVerb::SettleMail { verb, mail, id, reason });
        }
        let (Verb::Desk(desk), Some(reference)) = (verb, ticket) else { return verb.clone() };
        let loaded = app::execute::load(&*self.world.env, reference).await;
        let ticket = loaded.expect("the ticket was opened").head.doc.ticket;
        let mut desk = desk.clone();
        if let DeskVerb::Thanks { message } = &mut desk {
            let reopened = ticket.cycle.reopened_by;
            let last = ticket.cycle.inbound.last().map(|message| message.seq);
            *message = last.or(reopened).unwrap_or_default();
        } else if let DeskVerb::Merge { with, .. } = &mut desk {
            let place: usize = with.parse().expect("the number of a ticket in the script");
            let other = self.transcript.references().get(place.wrapping_sub(1));
            *with = other.expect("the other ticket was opened").to_string();
        } else if let DeskVerb::Assign { to } = &mut desk {
            *to = cast.staff(name).unwrap_or_else(|| no_such(name)).id.to_string();
        } else if let DeskVerb::Approve { proposal } | DeskVerb::Reject { proposal } = &mut desk {
            *proposal = ticket.proposals.last().map_or(0, |proposal| proposal.seq);
        } else if let DeskVerb::SettleNotice { notice, .. } = &mut desk {
            *notice = self.failed_notice().await;
        }
        Verb::Desk(desk)
    }

    async fn failed_notice(&self) -> Option<Key> {
        let page = tickets::failed_notices(&*self.world.env, None).await;
        page.expect("the list is read").items.first().map(|(key, _, _)| key.clone())
    }

    fn switch(&mut self, part: &Part, failing: bool) {
        let world = &mut self.world;
        let everybody = || {
            let mut all = world.cast.addresses();
            all.extend([world.env.settings.desk.clone(), world.env.settings.on_call.clone()]);
            all
        };
        let address = |name: &str| world.cast.address(name).unwrap_or_else(|| no_such(name));
        match part {
            Part::Stream => world.stream_alive = !failing,
            Part::Scheduler => world.set_scheduler(!failing),
            Part::Sweep => world.sweep_alive = !failing,
            Part::Everything => {
                world.stream_alive = !failing;
                world.sweep_alive = !failing;
                world.set_scheduler(!failing);
                if !failing {
                    // What the stream held is lost: only the sweep is left.
                    world.lose_stream();
                }
            }
            Part::MailBusy => {
                let answer = if failing { MailAnswer::Retry } else { MailAnswer::Take };
                world.post.answer_all(&everybody(), answer);
            }
            Part::MailSilent(delay) => {
                let answer = if failing { MailAnswer::TakeSilently } else { MailAnswer::Take };
                world.post.answer_all(&everybody(), answer);
                world.post.set_silence(failing.then_some(*delay));
            }
            Part::Bounces(name) => {
                let address = address(name);
                world.post.set_bouncing(&address, failing);
            }
            Part::Refuses(name) => {
                let answer = if failing { MailAnswer::Refuse } else { MailAnswer::Take };
                world.post.answer_all(&[address(name)], answer);
            }
        }
    }

    async fn standing(&mut self, client: &ClientId, change: &Standing) {
        let env = &*self.world.env;
        let file = app::client::load(env, client).await.expect("the store answers");
        let Gate { mut spans, .. } = file.expect("the client is in the cast").gate;
        match change {
            Standing::Ends(cause, from) => {
                spans.push(Span { cause: *cause, from: *from, to: None });
            }
            Standing::Returns(at) => {
                spans.last_mut().expect("a suspension").to = Some(*at);
            }
            Standing::Annulled => {
                spans.pop();
            }
        }
        let rev = standing::change(env, client, spans, Vec::new()).await;
        let rev = rev.expect("the gate is written");
        self.transcript.line(format!("    → revisión {rev}"));
    }
}

fn no_such<T>(name: &str) -> T {
    panic!("nobody in the cast is called {name}")
}

/// Checks what must hold of any world at rest, and returns the notices that went out more than once.
///
/// # Panics
/// When it does not hold.
pub async fn check<S: Store + Clone + 'static>(
    world: &mut World<S>,
    references: &[TicketRef],
) -> Vec<String> {
    for reference in references {
        let whole = tickets::whole(&*world.env, reference).await.expect("it was opened");
        let head = &whole.loaded.head.doc;
        let chain = evidence::verify(reference.as_str(), &whole.links).expect("the chain is whole");
        assert_eq!(chain, head.ticket.chain, "{reference}: the head is at the end of the chain");
        let events: Vec<_> = whole.links.iter().map(|link| link.event().expect("read")).collect();
        let hashes = whole.links.iter().map(|link| &link.hash);
        let folded = Ticket::fold(events.iter().zip(hashes)).expect("it starts with an opening");
        assert_eq!(folded, head.ticket, "{reference}: the state is the fold of the events");
    }
    if world.sweep_alive {
        let now = world.now();
        let overdue: Vec<_> =
            world.env.store.due_entries().into_iter().filter(|(_, at)| *at <= now).collect();
        let text = format!("at rest at {} nothing is overdue", show(now));
        assert!(overdue.is_empty(), "{text}: {overdue:?}");
    }
    let mut seen = BTreeMap::new();
    for mail in &world.post.mails {
        let key = (mail.message.subject_tag.as_str(), mail.message.notice_id.as_str());
        *seen.entry(key).or_insert(0_usize) += 1;
    }
    seen.into_iter().filter(|(_, count)| *count > 1).map(|((_, id), _)| id.to_owned()).collect()
}
