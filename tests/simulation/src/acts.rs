//! Scenes become calls of functions.

use std::sync::{Arc, PoisonError};

use app::item::Key;
use app::memory::MailAnswer;
use app::ports::{Blobs as _, KeyPurpose};
use domain::ticket::{ActKind, ClosureReason, EscalationLevel, EssentialOperation, ReplyKind};
use domain::{ClientId, Instant, TicketRef, TimeDelta};
use futures::FutureExt as _;
use mail_parser::MessageParser;
use serde_json::json;
use tests_scenarios::doors::{ClientVerb, DeskVerb, MailVerb, Request, Verb};
use tests_scenarios::letters::{Letter, OURS};
use tests_scenarios::script::Proof;

use crate::dice::Dice;
use crate::job::Job;
use crate::life::{Act, ClientAct, DeskAct, MailKind, MoneyAct, Scene, When, WorldAct};
use crate::town::{Happening, Town};
use crate::watch::{number, parsed};
use crate::weather::DEADLY;

/// A mail that was sent to us.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    /// The mail service's id.
    pub(crate) id: String,
    /// The mail.
    pub(crate) letter: Letter,
}

/// An act that lies further ahead than this comes at once: a life is not that long.
const AHEAD_MAX: TimeDelta = TimeDelta::days(20);
/// Of so many of a thousand mails, each is longer than an item may be.
const LONG_MAILS: u64 = 20;
/// How often its words are repeated.
const LONG_MAIL: usize = 22_000;

impl Town {
    /// When a scene happens.
    pub(crate) fn when(&self, scene: &Scene) -> Instant {
        let now = self.now();
        let at = match scene.when {
            When::After(ms) => now + TimeDelta::milliseconds(ms),
            When::Hour { hour, days, beside } => {
                let on = |days: i64| {
                    let day = (now + TimeDelta::days(days)).date();
                    let time = day.and_hms_opt(hour, 0, 0).expect("an hour of the day");
                    Instant::from_local(time) + TimeDelta::milliseconds(beside)
                };
                if on(days) > now { on(days) } else { on(days + 1) }
            }
            When::Due(beside) => {
                let due = self.ports.store.inner.due_entries().into_iter();
                let heads = due.filter(|it| it.key.sk == app::keys::HEAD && it.at > now);
                let next = heads.map(|it| it.at).min();
                next.unwrap_or(now) + TimeDelta::milliseconds(beside)
            }
            When::Closing(beside) => {
                let closing = self.next_closing().unwrap_or(now + TimeDelta::hours(1));
                closing + TimeDelta::milliseconds(beside)
            }
        };
        if at > now + AHEAD_MAX { now } else { at.max(now) }
    }

    /// When the newest ticket that waits for silence has something due.
    fn next_closing(&self) -> Option<Instant> {
        self.tickets.iter().rev().find_map(|reference| {
            let item = self.ports.store.inner.peek(&app::keys::head(reference))?;
            let closing = parsed(&item)["wake"]["closing"].as_i64()?;
            Some(Instant::from_millis(closing)).filter(|at| *at > self.now())
        })
    }

    /// A scene happens now.
    pub(crate) fn act(&mut self, n: usize, scene: &Scene) {
        let now = self.now();
        self.trace.add(&now.millis().to_le_bytes());
        self.trace.note(now, || format!("{:?}", scene.act));
        match &scene.act {
            Act::Client { who, ticket, verb } => self.client(n, who, *ticket, *verb),
            Act::Mail { who, ticket, kind, twice } => self.mail(n, who, *ticket, *kind, *twice),
            Act::Links { who, press } => self.links(who, *press),
            Act::Desk { who, ticket, verb } => self.desk(n, who, *ticket, *verb),
            Act::Money { client, verb } => self.money(n, client, *verb),
            Act::World(act) => self.world(act),
        }
    }

    /// One of the tickets of a client, counted from the newest.
    fn ticket(&self, client: Option<&str>, back: usize) -> Option<TicketRef> {
        let mine = |it: &&TicketRef| client.is_none_or(|code| it.as_str().starts_with(code));
        let mine: Vec<_> = self.tickets.iter().rev().filter(mine).collect();
        mine.get(back % mine.len().max(1)).map(|it| (*it).clone())
    }

    fn request(&mut self, n: usize, who: &str, ticket: Option<TicketRef>, verb: Verb) {
        let token = self.tokens.get(who).cloned().expect("in the cast");
        let key = format!("acto-{n:03}");
        let received_at = self.now();
        let request = Request { token, received_at, key, ticket, verb };
        self.push(received_at, Happening::Start(Job::Http(Box::new(request)), 0));
    }

    fn client(&mut self, n: usize, who: &str, ticket: usize, verb: ClientAct) {
        let (client, _) = self.cast.spoc(who).expect("in the cast");
        let told = match verb {
            ClientAct::Open | ClientAct::OpenCritical => {
                let critical =
                    (verb == ClientAct::OpenCritical).then_some(EssentialOperation::Invoicing);
                let text = format!("No timbra ({n})");
                let verb = Verb::Client(ClientVerb::Open { critical, text });
                return self.request(n, who, None, verb);
            }
            ClientAct::Write | ClientAct::StillFails => {
                let still_fails = verb == ClientAct::StillFails;
                ClientVerb::Write { text: format!("¿Novedades? ({n})"), still_fails }
            }
            ClientAct::AcceptSameDay => ClientVerb::SameDay { accept: true },
            ClientAct::DeclineSameDay => ClientVerb::SameDay { accept: false },
            ClientAct::AcceptCost => ClientVerb::AcceptCost,
            ClientAct::Declare => {
                ClientVerb::Declare { operation: EssentialOperation::SalesPos, text: None }
            }
            ClientAct::Confirm => ClientVerb::Confirm,
            ClientAct::Withdraw => ClientVerb::Withdraw,
        };
        let reference = self.ticket(Some(client.as_str()), ticket);
        if reference.is_some() {
            self.request(n, who, reference, Verb::Client(told));
        }
    }

    fn mail(&mut self, n: usize, who: &str, ticket: usize, kind: MailKind, twice: bool) {
        let Some(letter) = self.letter(n, who, ticket, kind) else { return };
        for copy in 0..=usize::from(twice) {
            let kills = if kind == MailKind::Deadly { DEADLY } else { "" };
            let id = format!("correo-{n:03}-{copy}{kills}");
            let object = format!("{}{id}", app::inbound::INBOUND);
            let bytes = match kind {
                MailKind::Garbage => vec![0xff, 0x00, 0x0d, 0x0a, 0xfe],
                MailKind::New
                | MailKind::Answer
                | MailKind::Numbered
                | MailKind::OutOfOffice
                | MailKind::Spoofed
                | MailKind::SpoofedBadly
                | MailKind::UnprovenAnswer
                | MailKind::Deadly
                | MailKind::Again => letter.object(&id),
            };
            let stored = self.ports.blobs.put(&object, &bytes).now_or_never();
            stored.expect("nothing in memory waits").expect("the bucket takes it");
            let event = Arc::new(letter.event(&id));
            let now = self.now();
            self.announce(now, Job::Mail { id: id.clone(), event }, 4_000);
            self.letters.push(Posted { id, letter: letter.clone() });
        }
    }

    fn letter(&self, n: usize, who: &str, ticket: usize, kind: MailKind) -> Option<Letter> {
        if kind == MailKind::Again {
            let (_, from) = self.cast.mailbox(who);
            return self
                .letters
                .iter()
                .rev()
                .find(|it| it.letter.from == from)
                .map(|it| it.letter.clone());
        }
        let (name, from) = self.cast.mailbox(who);
        let domain = from.rsplit('@').next().unwrap_or_default().to_owned();
        let text = format!("Sobre la factura ({n})");
        let mut letter = Letter {
            name,
            to: OURS.to_owned(),
            cc: Vec::new(),
            subject: text.clone(),
            text,
            message_id: format!("acto-{n}@{domain}"),
            answers: Vec::new(),
            proof: Proof::Passes,
            automatic: false,
            received_at: self.now(),
            from,
        };
        if Dice::apart(self.seed, &format!("long mail {n}")).happens(LONG_MAILS) {
            letter.text = format!("{} {}", letter.text, "y otra factura más, ".repeat(LONG_MAIL));
        }
        match kind {
            MailKind::New | MailKind::Garbage | MailKind::Deadly | MailKind::Again => {}
            MailKind::Spoofed => letter.proof = Proof::Fails,
            MailKind::SpoofedBadly => letter.proof = Proof::Rejected,
            MailKind::Numbered => {
                let reference = self.ticket(None, ticket)?;
                letter.subject = format!("[{reference}] {}", letter.subject);
            }
            MailKind::Answer | MailKind::OutOfOffice | MailKind::UnprovenAnswer => {
                let mut his =
                    self.post.mails.iter().rev().filter(|it| it.message.to == letter.from);
                let mail = his.nth(ticket)?;
                letter.answer_to(mail);
                letter.automatic = kind == MailKind::OutOfOffice;
                if kind == MailKind::UnprovenAnswer {
                    letter.proof = Proof::Fails;
                }
            }
        }
        Some(letter)
    }

    /// Every link of the newest mail to somebody that has any is opened, and one is pressed.
    fn links(&mut self, who: &str, press: Option<usize>) {
        let (_, address) = self.cast.mailbox(who);
        let his = self.post.mails.iter().rev().filter(|it| it.message.to == address).take(4);
        let links = his.map(|mail| links_in(&mail.message.mime)).find(|links| !links.is_empty());
        let Some(links) = links else { return };
        let now = self.now();
        let pressed = press.map(|nth| nth % links.len());
        for (place, path) in links.into_iter().enumerate() {
            let press = pressed == Some(place);
            self.push(now, Happening::Start(Job::Link { path, press, at: now }, 0));
        }
    }

    fn desk(&mut self, n: usize, who: &str, ticket: usize, verb: DeskAct) {
        if verb == DeskAct::OpenByCall {
            let started_at = self.now() - TimeDelta::minutes(7);
            let (client, _) = self.cast.spoc("Ana").expect("in the cast");
            let (client, spoc) = (Some(client), "ana".to_owned());
            let text = format!("Por teléfono ({n})");
            let verb = DeskVerb::OpenByCall { client, spoc, started_at, text };
            return self.request(n, who, None, Verb::Desk(verb));
        }
        let Some(reference) = self.ticket(None, ticket) else { return };
        let Some(verb) = self.desk_verb(n, &reference, ticket, verb) else { return };
        self.request(n, who, Some(reference), Verb::Desk(verb));
    }

    fn desk_verb(
        &self,
        n: usize,
        reference: &TicketRef,
        back: usize,
        verb: DeskAct,
    ) -> Option<DeskVerb> {
        let now = self.now();
        let text = format!("Lo vemos ({n})");
        let reply = |kind: ReplyKind| DeskVerb::Reply(kind, format!("Le escribimos ({n})"));
        let close = |reason: ClosureReason| DeskVerb::Close(reason, format!("Se cierra ({n})"));
        let call = |ago: i64| DeskVerb::RecordAct {
            act: ActKind::Call,
            started_at: now - TimeDelta::minutes(ago),
            ended_at: now - TimeDelta::minutes(ago - 5),
            text: format!("Llamada ({n})"),
        };
        let mail = |verb: MailVerb| self.mail_to_settle(back, verb);
        Some(match verb {
            DeskAct::Answer => reply(ReplyKind::Answer),
            DeskAct::AskInformation => reply(ReplyKind::InformationRequest),
            DeskAct::AskAccess => reply(ReplyKind::AccessRequest),
            DeskAct::AnswerAndAsk => reply(ReplyKind::AnswerAndRequest),
            DeskAct::Solve => reply(ReplyKind::Solution),
            DeskAct::OutOfScope => reply(ReplyKind::ScopeDecision),
            DeskAct::Note => DeskVerb::Note(text),
            DeskAct::Call => call(5),
            DeskAct::LateCall => call(90),
            DeskAct::EndPause => DeskVerb::EndPause(text),
            DeskAct::Escalate => DeskVerb::Escalate(EscalationLevel::Senior),
            DeskAct::EscalateToEmergency => DeskVerb::Escalate(EscalationLevel::Emergency),
            DeskAct::CloseOutOfScope => close(ClosureReason::OutOfScope),
            DeskAct::CloseNoAnswer => close(ClosureReason::NoAnswer),
            DeskAct::CloseNotARequest => close(ClosureReason::NotARequest),
            DeskAct::CloseServiceEnded => close(ClosureReason::ServiceEnded),
            DeskAct::Thanks => DeskVerb::Thanks { message: self.last_message(reference)? },
            DeskAct::Merge => {
                let code = reference.as_str().split('-').next();
                let with = self.ticket(code, back + 1).filter(|other| other != reference)?;
                DeskVerb::Merge { with: with.to_string(), text }
            }
            DeskAct::AcknowledgePage => DeskVerb::AcknowledgePage,
            DeskAct::ConfirmCriticality => DeskVerb::ConfirmCriticality,
            DeskAct::Downgrade => DeskVerb::Downgrade(text),
            DeskAct::StopOffers => DeskVerb::StopOffers(text),
            DeskAct::Waive => DeskVerb::Waive(text),
            DeskAct::Approve => DeskVerb::Approve { proposal: self.last_proposal(reference)? },
            DeskAct::Reject => DeskVerb::Reject { proposal: self.last_proposal(reference)? },
            DeskAct::Recalculate => DeskVerb::Recalculate(text),
            DeskAct::Assign => DeskVerb::Assign { to: "sofia".to_owned() },
            DeskAct::ResendNotice => self.settle_notice(reference, true)?,
            DeskAct::GiveUpNotice => self.settle_notice(reference, false)?,
            DeskAct::ReleaseMail => mail(MailVerb::Release)?,
            DeskAct::AdoptMail => mail(MailVerb::Adopt { spoc: "ana".to_owned() })?,
            DeskAct::LinkMail => mail(MailVerb::Link)?,
            DeskAct::DiscardMail => mail(MailVerb::Discard)?,
            DeskAct::OpenByCall => return None,
        })
    }

    fn seq_of_last(&self, reference: &TicketRef, kinds: &[&str]) -> Option<u32> {
        let history = self.watch.histories().get(&app::keys::ticket(reference))?;
        let is_it = |it: &&serde_json::Value| kinds.iter().any(|kind| it["fact"]["kind"] == *kind);
        let event = history.events.iter().rev().find(is_it)?;
        u32::try_from(number(event, "seq")).ok()
    }

    fn last_message(&self, reference: &TicketRef) -> Option<u32> {
        self.seq_of_last(reference, &["client_wrote"])
    }

    fn last_proposal(&self, reference: &TicketRef) -> Option<u32> {
        self.seq_of_last(reference, &["proposed"])
    }

    fn settle_notice(&self, reference: &TicketRef, resend: bool) -> Option<DeskVerb> {
        let pk = app::keys::ticket(reference);
        let failed = ["bounced", "dead", "complained"];
        let mut statuses = self.watch.statuses(&pk);
        let key: Key =
            statuses.find(|(_, status)| failed.contains(status)).map(|(key, _)| key.clone())?;
        Some(DeskVerb::SettleNotice { resend, notice: Some(key) })
    }

    fn mail_to_settle(&self, back: usize, verb: MailVerb) -> Option<DeskVerb> {
        let open = ["held_unproven", "held_colleague", "quarantined", "note"];
        let waits = |it: &&Posted| {
            let status = self.watch.status_of(&app::keys::inbound(&it.id));
            status.is_some_and(|status| open.contains(&status))
        };
        let waiting: Vec<_> = self.letters.iter().rev().filter(waits).collect();
        let posted = waiting.get(back % waiting.len().max(1))?;
        let (id, reason) = (posted.id.clone(), "Lo dijo por teléfono".to_owned());
        Some(DeskVerb::SettleMail { verb, mail: 0, id, reason })
    }

    fn money(&mut self, n: usize, client: &str, verb: MoneyAct) {
        let now = self.now();
        let spoc = if client == "FERRE" { "Ana" } else { "Carla" };
        let fee: i64 = if client == "FERRE" { 1_160_000 } else { 2_320_000 };
        let month = now.date().format("%Y-%m").to_string();
        let day = |ago: i64| (now - TimeDelta::days(ago)).date().to_string();
        let (who, act, body) = match verb {
            MoneyAct::Pay { percent, days_ago } => {
                let body = json!({
                    "reference": format!("SPEI-{n}"), "amount": fee * percent / 100,
                    "value_date": day(days_ago), "month": null,
                });
                self.payments.entry(client.to_owned()).or_default().push(body.clone());
                ("Fernanda", "payments", body)
            }
            MoneyAct::PayAgain => match self.payments.get(client).and_then(|it| it.last()) {
                Some(body) => ("Fernanda", "payments", body.clone()),
                None => return,
            },
            MoneyAct::Reverse => match self.payments.get(client).and_then(|it| it.last()) {
                Some(body) => ("Fernanda", "reversals", json!({ "reference": body["reference"] })),
                None => return,
            },
            MoneyAct::Tolerate(days) => {
                let until = day(-days);
                let body = json!({ "month": month, "until": until, "reason": "Lo pidió" });
                ("Fernanda", "tolerations", body)
            }
            MoneyAct::Waive => {
                ("Fernanda", "waivers", json!({ "month": month, "reason": "Por la falla" }))
            }
            MoneyAct::Reactivate => ("Fernanda", "reactivate", json!({})),
            MoneyAct::ProposeBreach => {
                ("Mariana", "non-compliance", json!({ "reason": "Sin accesos" }))
            }
            MoneyAct::ApproveBreach => ("Rodrigo", "non-compliance/approve", json!({})),
            MoneyAct::EndBreach => {
                ("Rodrigo", "non-compliance/end", json!({ "reason": "Ya los dio" }))
            }
            MoneyAct::Cancel => (spoc, "cancel", json!({})),
            MoneyAct::CancelAtOnce => (spoc, "cancel", json!({ "at_once": true })),
            MoneyAct::DeclineRenewal => (spoc, "decline-renewal", json!({})),
        };
        let act = act.to_owned();
        let verb = if who == spoc {
            Verb::Client(ClientVerb::Account { act, body })
        } else {
            let client = ClientId::parse(client).expect("a client's code");
            Verb::Desk(DeskVerb::Account { client, act, body })
        };
        self.request(n, who, None, verb);
    }

    fn world(&mut self, act: &WorldAct) {
        let now = self.now();
        let until = |minutes: i64| now + TimeDelta::minutes(minutes);
        match act {
            WorldAct::SchedulerDead(minutes) => {
                self.dead.scheduler = until(*minutes);
                self.ports.schedules.set_down(true);
            }
            WorldAct::StreamDead(minutes) => self.dead.stream = until(*minutes),
            WorldAct::SweepDead(minutes) => self.dead.sweep = until(*minutes),
            WorldAct::MailDead(minutes) => {
                self.dead.mail = Some(until(*minutes));
                self.mail_answers(MailAnswer::Retry);
            }
            WorldAct::Bounces { who, on } => {
                let address = self.cast.address(who).expect("in the cast");
                self.post.set_bouncing(&address, *on);
            }
            WorldAct::Refuses { who, on } => {
                let address = self.cast.address(who).expect("in the cast");
                let answer = if *on { MailAnswer::Refuse } else { MailAnswer::Take };
                self.post.answer_all(&[address], answer);
            }
            WorldAct::RotateKeys => {
                self.ports.secrets.rotate(KeyPurpose::MailThreading);
                self.ports.secrets.rotate(KeyPurpose::ActionLinks);
            }
            WorldAct::Expire => {
                self.ports.store.expire(now);
                self.after_writes();
            }
            WorldAct::Fault(fault) => {
                self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault.clone());
            }
            WorldAct::EventsAgain => self.events_again(),
            WorldAct::Sweep => self.push(now, Happening::Start(Job::Sweep, 0)),
        }
    }

    /// How every address is answered from now on.
    pub(crate) fn mail_answers(&self, answer: MailAnswer) {
        let mut all = self.cast.addresses();
        all.extend([self.ports.settings.desk.clone(), self.ports.settings.on_call.clone()]);
        self.post.answer_all(&all, answer);
    }
}

/// The paths of the links in a mail, in order.
fn links_in(mime: &[u8]) -> Vec<String> {
    let Some(parsed) = MessageParser::default().parse(mime) else { return Vec::new() };
    let Some(text) = parsed.body_text(0) else { return Vec::new() };
    let tokens = text.lines().filter_map(|line| line.split_once("/a/").map(|(_, token)| token));
    tokens.map(|token| format!("/a/{}", token.trim())).collect()
}
