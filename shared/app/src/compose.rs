//! From a notice to a finished mail: looks up texts, names and addresses, and has it rendered.
//!
//! What the mail says was fixed when the notice was recorded. Texts, names and addresses lie apart and
//! are read now: one that was erased is not told.

mod account;
mod clients;
mod held;

use domain::standing::StandingCause;
use domain::ticket::{self, ClockName, ClosureReason, Notice, OfferContent, Promise, Recipient};
use domain::{Actor, Instant, Power, Spoc};
use mail::outbound::{
    self as out, ActionLink, Clock, Envelope, LinkedAct, Sender, ServiceStop, Severity, Ticketed,
    Wanted,
};
use mail::threading::Key as ThreadingKey;
use mail::{Address, Body, Line};

use crate::auth;
use crate::client::ClientFile;
use crate::execute::Loaded;
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::links;
use crate::ports::{Env, KeyPurpose, Outgoing, Secrets, Settings};
use crate::records::{Attachment, Head, NoticeRecord, NoticeSubject};
use crate::texts;

/// Renders the notice at `key`, with its ticket as it was `loaded` if it is about one.
///
/// # Errors
/// [`Failure::Retryable`] when the store, a blob or a key cannot be read now; [`Failure::Fault`] when
/// it can never be rendered, for example because a SPoC has no usable address.
pub async fn compose<E: Env>(
    env: &E,
    key: &Key,
    record: &NoticeRecord,
    loaded: Option<&Loaded>,
) -> Result<Outgoing, Failure> {
    match (&record.subject, loaded) {
        (NoticeSubject::Ticket { notice, .. }, Some(loaded)) => {
            of_ticket(env, key, notice, loaded, record.recorded_at).await
        }
        (NoticeSubject::Ticket { reference, .. }, None) => {
            Err(Failure::Fault(format!("{reference} has no head")))
        }
        (NoticeSubject::Mail(notice), Some(_) | None) => {
            held::of_mail(env, key, notice, record.recorded_at).await
        }
        (NoticeSubject::Account { client, notice }, Some(_) | None) => {
            account::of_account(env, key, client, notice, record.recorded_at).await
        }
        (NoticeSubject::Client(notice), Some(_) | None) => {
            clients::of_client(env, key, notice, record.recorded_at).await
        }
    }
}

async fn of_ticket<E: Env>(
    env: &E,
    key: &Key,
    notice: &Notice,
    loaded: &Loaded,
    recorded_at: Instant,
) -> Result<Outgoing, Failure> {
    let settings = env.settings();
    let (head, file) = (&loaded.head.doc, &loaded.file);
    let client = &head.ticket.opened.client;
    let threading = threading_key(env).await?;
    let sender = ours(settings)?;
    let added = added_address(env, head, &notice.to).await?;
    let (to, to_name) = recipient(settings, file, added.as_deref(), &notice.to)?;
    let composer = Composer { file, head, notice };
    let words = read_words(env, notice, head).await?;
    let content = composer.content(&words)?;
    let notice_id = key.sk.trim_start_matches(keys::NOTICES);
    let ticket = Ticketed {
        reference: &head.ticket.opened.reference,
        client,
        client_name: Line::new(&file.client.name),
        key: &threading,
        number: notice.about.max(1),
        request: Some(Line::new(&head.subject)),
        copy_of: composer.copy_of(),
    };
    let envelope = Envelope {
        sender: &sender,
        notice_id,
        at: recorded_at,
        to: &to,
        to_name,
        ticket: Some(ticket),
        answers: None,
        links: composer.links(env, recorded_at).await?,
    };
    outgoing(&envelope, &content, key)
}

/// Renders a mail and addresses it.
fn outgoing(
    envelope: &Envelope<'_>,
    content: &out::Content,
    key: &Key,
) -> Result<Outgoing, Failure> {
    let rendered = out::render(envelope, content).map_err(|error| fault(&error.to_string()))?;
    Ok(Outgoing {
        from: rendered.from,
        to: rendered.to,
        mime: rendered.mime,
        notice_id: envelope.notice_id.to_owned(),
        subject_tag: keys::tag_of_aggregate(&key.pk),
    })
}

/// The support mailbox, from which mails go out and to which they come in.
///
/// # Errors
/// When the settings hold no such mailbox.
pub(crate) fn ours(settings: &Settings) -> Result<Sender, Failure> {
    let sender = Sender::new(&settings.mailbox, &settings.mail_domain, &settings.base_url);
    sender.map_err(|faults| fault(&faults.to_string()))
}

fn fault(why: &str) -> Failure {
    Failure::Fault(why.to_owned())
}

async fn threading_key<E: Env>(env: &E) -> Result<ThreadingKey, Failure> {
    let keys = env.secrets().keys(KeyPurpose::MailThreading).await;
    let keys = keys.map_err(|error| Failure::Retryable(error.to_string()))?;
    let newest = keys.first().ok_or_else(|| fault("there is no key for threading"))?;
    ThreadingKey::new(newest.id, &newest.bytes).map_err(|error| fault(&error.to_string()))
}

/// The address that was added to the ticket, where the notice goes to one; it lies with the event that
/// added it.
async fn added_address<E: Env>(
    env: &E,
    head: &Head,
    to: &Recipient,
) -> Result<Option<String>, Failure> {
    let Recipient::Participant(id) = to else { return Ok(None) };
    let known = head.ticket.participants.iter().find(|known| known.id == *id);
    let known = known.ok_or_else(|| fault("the participant is not on the ticket"))?;
    match texts::of_event(env, &head.ticket.opened.reference, known.seq).await? {
        Some(text) => texts::words(env, &text).await,
        None => Ok(None),
    }
}

fn recipient(
    settings: &Settings,
    file: &ClientFile,
    added: Option<&str>,
    to: &Recipient,
) -> Result<(Address, Line), Failure> {
    let (address, name) = match to {
        Recipient::Spoc(id) => {
            let spoc = file.spoc(id).ok_or_else(|| fault("the SPoC is not registered any more"))?;
            let first = spoc.emails.first().ok_or_else(|| fault("the SPoC has no address"))?;
            (first.as_str(), spoc.name.as_str())
        }
        Recipient::Participant(_) => {
            (added.ok_or_else(|| fault("the participant's address was erased"))?, "")
        }
        Recipient::Desk => (settings.desk.as_str(), ""),
        Recipient::OnCall => (settings.on_call.as_str(), ""),
    };
    let parsed = Address::parse(address);
    let parsed = parsed.map_err(|error| fault(&format!("the recipient's address: {error}")))?;
    Ok((parsed, Line::new(name)))
}

/// A text of the ticket with the name of who wrote it.
struct Words {
    author: Line,
    text: Option<Body>,
}

/// The event whose text the mail shows, if it shows one.
fn shown_text(notice: &Notice, head: &Head) -> Option<u32> {
    use ticket::Content as Told;
    match &notice.content {
        Told::DeskNew { .. } => Some(head.ticket.cycle.reopened_by.unwrap_or(1)),
        Told::Downgraded { .. }
        | Told::InformationRequest { .. }
        | Told::InformationReminder { .. }
        | Told::Reply { .. }
        | Told::Solution { .. } => Some(notice.about),
        Told::Acknowledgement { .. }
        | Told::SameDayOffer { .. }
        | Told::SameDayAccepted { .. }
        | Told::EmergencyCost { .. }
        | Told::SolutionReminder { .. }
        | Told::Closing { .. }
        | Told::Reopened { .. }
        | Told::ClosingCorrected { .. }
        | Told::ReopeningAnnulled { .. }
        | Told::ClockStarted { .. }
        | Told::Recalculated { .. }
        | Told::NotServed { .. }
        | Told::DeskWarning { .. }
        | Told::DeskMissed { .. }
        | Told::DeskMissRetracted { .. }
        | Told::DeskPage { .. }
        | Told::DeskBounce { .. }
        | Told::DeskDeadNotice { .. }
        | Told::DeskNoAnswer
        | Told::DeskReactivated { .. } => None,
    }
}

/// Reads the text that the mail shows.
async fn read_words<E: Env>(env: &E, notice: &Notice, head: &Head) -> Result<Words, Failure> {
    let none = Words { author: Line::new("Mesa de soporte"), text: None };
    let Some(about) = shown_text(notice, head) else { return Ok(none) };
    let text = texts::of_event(env, &head.ticket.opened.reference, about).await?;
    let Some(text) = text else { return Ok(none) };
    let author = match &text.by {
        Actor::Staff(member) => {
            let known = auth::staff_record(env, &member.id).await?;
            known.map_or(none.author, |known| Line::new(&known.name))
        }
        Actor::Spoc(_) | Actor::Participant(_) | Actor::System => none.author,
    };
    let words = texts::words(env, &text).await?;
    let words = words.map(|words| with_files(words, &text.attachments));
    let text = words.map(|words| Body::new(&words)).transpose();
    Ok(Words { author, text: text.map_err(|error| fault(&error.to_string()))? })
}

/// The words of a message, with the names of the files that came with it: a mail does not carry them.
fn with_files(mut words: String, files: &[Attachment]) -> String {
    if !files.is_empty() {
        words.push_str("\n\nArchivos adjuntos, que se descargan del ticket:");
    }
    for file in files {
        words.push_str(&format!("\n- {} ({} KB)", file.name, file.size.div_ceil(1024)));
    }
    words
}

struct Composer<'a> {
    file: &'a ClientFile,
    head: &'a Head,
    notice: &'a Notice,
}

impl Composer<'_> {
    fn content(&self, words: &Words) -> Result<out::Content, Failure> {
        use ticket::Content as Told;
        Ok(match &self.notice.content {
            Told::Acknowledgement { promise, critical, offer } => {
                self.acknowledgement(promise, *critical, *offer)
            }
            Told::SameDayOffer { offer } => out::Content::SameDayOffer(out::SameDayOffer {
                offer: self.offer(*offer),
                free_target: None,
            }),
            Told::SameDayAccepted { target, price } => {
                let by = self.accepted_by();
                out::Content::SameDayAccepted(out::SameDayAccepted {
                    by,
                    target: *target,
                    price: *price,
                })
            }
            Told::EmergencyCost { price } => out::Content::EmergencyCost(out::EmergencyCost {
                price: *price,
                accept_until: None,
            }),
            Told::Downgraded { target } => out::Content::Downgraded(out::Downgraded {
                reason: words.text.clone(),
                target: *target,
            }),
            Told::InformationRequest { access, answers } => {
                out::Content::InformationRequest(out::InformationRequest {
                    wanted: wanted(*access),
                    answers: *answers,
                    message: message(words)?,
                })
            }
            Told::InformationReminder { n } => self.information_reminder(*n, words),
            Told::Reply { scope_decision } => out::Content::Reply(out::Reply {
                out_of_scope: *scope_decision,
                message: message(words)?,
            }),
            Told::Solution { silence_hours } => out::Content::Solution(out::Solution {
                message: message(words)?,
                silence_hours: *silence_hours,
            }),
            Told::SolutionReminder { closes_at, instead_of } => {
                self.solution_reminder(*closes_at, *instead_of)
            }
            Told::Closing { at, reason, reopens_until } => out::Content::Closing(out::Closing {
                at: *at,
                reason: closing_reason(*reason),
                reopens_until: *reopens_until,
                merged_into: self.head.ticket.merged_into.as_ref().map(|it| Line::new(it.as_str())),
            }),
            Told::Reopened { promise } => out::Content::Reopened(out::Reopened {
                received_at: self.notice.due,
                clock: clock(promise),
            }),
            Told::ClosingCorrected { closed_at } => {
                out::Content::ClosingCorrected(out::ClosingCorrected { closed_at: *closed_at })
            }
            Told::ReopeningAnnulled { closed_at, reopens_until, .. } => {
                out::Content::ReopeningAnnulled(out::ReopeningAnnulled {
                    closed_at: *closed_at,
                    reopens_until: *reopens_until,
                })
            }
            Told::Recalculated { promise } => {
                out::Content::Recalculated(out::Recalculated { clock: clock(promise) })
            }
            Told::ClockStarted { promise } => {
                out::Content::ClockStarted(out::ClockStarted { clock: clock(promise) })
            }
            Told::NotServed { cause } => {
                out::Content::NotServed(out::NotServed { cause: stop(*cause) })
            }
            Told::DeskNew { promise, critical } => self.desk_new(promise, *critical, words),
            Told::DeskWarning { target } => out::Content::DeskWarning(out::DeskWarning {
                clock_name: None,
                target: *target,
                assigned: self.assigned(),
            }),
            Told::DeskMissed { target, level } => out::Content::DeskMissed(out::DeskMissed {
                clock_name: None,
                target: *target,
                level: Line::new(level.spanish()),
                assigned: self.assigned(),
            }),
            Told::DeskMissRetracted { clock } => {
                out::Content::DeskMissRetracted(out::DeskMissRetracted {
                    clock_name: Line::new(clock_name(*clock)),
                })
            }
            Told::DeskPage { n, target } => self.desk_page(*n, *target),
            Told::DeskBounce { message } => self.desk_bounce(*message),
            Told::DeskDeadNotice { notice, what } => {
                out::Content::DeskDeadNotice(out::DeskDeadNotice {
                    what: Line::new(kind_spanish(what)),
                    notice: Line::new(notice),
                    recipient: None,
                    reason: None,
                })
            }
            Told::DeskNoAnswer => {
                out::Content::DeskNoAnswer(out::DeskNoAnswer { asked_at: self.asked_at() })
            }
            Told::DeskReactivated { promise } => {
                out::Content::DeskReactivated(out::DeskReactivated { clock: clock(promise) })
            }
        })
    }

    /// The links that the recipient is given: each a credential of his own (G14).
    async fn links<E: Env>(&self, env: &E, at: Instant) -> Result<Vec<ActionLink>, Failure> {
        let Recipient::Spoc(spoc) = &self.notice.to else { return Ok(Vec::new()) };
        let known = self.file.spoc_at(spoc, at);
        let may = |action| known.is_some_and(|known| links::may(known, action, at));
        let mut offered = links::offered(&self.notice.content, at);
        offered.retain(|(action, _)| may(*action));
        if offered.is_empty() {
            return Ok(Vec::new());
        }
        let keys = links::signing_keys(env).await?;
        let key = keys.first().ok_or_else(|| fault("there is no key for action links"))?;
        let link = |(action, expires_at)| {
            let token = links::Token {
                reference: self.head.ticket.opened.reference.clone(),
                spoc: spoc.clone(),
                action,
                cycle: self.notice.cycle,
                about: self.notice.about,
                expires_at,
            };
            ActionLink { act: LinkedAct::Ticket(action), url: links::url(env, &token.sign(key)) }
        };
        Ok(offered.into_iter().map(link).collect())
    }

    fn assigned(&self) -> Option<Line> {
        self.head.ticket.assignee.as_ref().map(|id| Line::new(id.as_str()))
    }

    fn desk_new(&self, promise: &Promise, critical: bool, words: &Words) -> out::Content {
        out::Content::DeskNew(out::DeskNew {
            reopened: self.notice.cycle > 1,
            opened_by: self.name_of(&self.head.ticket.opened.opener),
            received_at: self.head.ticket.cycle.received_at,
            severity: self.severity(critical),
            module: self.module(),
            clock: clock(promise),
            text: words.text.clone(),
        })
    }

    fn desk_page(&self, n: u32, target: Option<Instant>) -> out::Content {
        let operation = Some(Line::new(self.operation()));
        out::Content::DeskPage(out::DeskPage { n, operation, declared_by: None, target })
    }

    fn desk_bounce(&self, message: u32) -> out::Content {
        out::Content::DeskBounce(out::DeskBounce {
            what: Line::new(&format!("el mensaje {message} del ticket")),
            recipient: Line::new("ningún destinatario"),
            address: None,
            diagnostic: None,
            nobody: true,
        })
    }

    fn acknowledgement(
        &self,
        promise: &Promise,
        critical: bool,
        offer: Option<OfferContent>,
    ) -> out::Content {
        let opened = &self.head.ticket.opened;
        out::Content::Acknowledgement(out::Acknowledgement {
            received_at: opened.received_at,
            by_call: opened.channel == ticket::Channel::Call,
            severity: self.severity(critical),
            module: self.module(),
            continues: opened.continues.as_ref().map(|it| Line::new(it.as_str())),
            clock: clock(promise),
            offer: offer.map(|offer| self.offer(offer)),
        })
    }

    fn information_reminder(&self, n: u32, words: &Words) -> out::Content {
        let request = self.head.ticket.outbound(self.notice.about);
        let access = request.map(|request| request.reply == ticket::ReplyKind::AccessRequest);
        out::Content::InformationReminder(out::InformationReminder {
            n,
            last: n >= 3,
            wanted: access.map(wanted),
            asked_at: request.map(|request| request.committed_at),
            request: words.text.clone(),
        })
    }

    fn solution_reminder(&self, closes_at: Instant, instead_of: Option<Instant>) -> out::Content {
        let solution = self.head.ticket.outbound(self.notice.about);
        let solution_at = solution.and_then(ticket::Outbound::started_at);
        out::Content::SolutionReminder(out::SolutionReminder { solution_at, closes_at, instead_of })
    }

    fn offer(&self, offer: OfferContent) -> out::Offer {
        let may_accept = match &self.notice.to {
            Recipient::Spoc(id) => {
                let spoc: Option<&Spoc> = self.file.spoc(id);
                spoc.is_some_and(|spoc| spoc.powers.contains(&Power::AuthoriseCost))
            }
            Recipient::Participant(_) | Recipient::Desk | Recipient::OnCall => false,
        };
        out::Offer {
            limit: offer.limit,
            price: offer.price,
            same_day_target: offer.same_day_target,
            may_accept,
        }
    }

    /// To a SPoC who is not the one who asked, whose request it is.
    fn copy_of(&self) -> Option<Line> {
        let opener = &self.head.ticket.opened.opener;
        match &self.notice.to {
            Recipient::Spoc(id) if id == opener => None,
            Recipient::Spoc(_) | Recipient::Participant(_) => Some(self.name_of(opener)),
            Recipient::Desk | Recipient::OnCall => None,
        }
    }

    fn accepted_by(&self) -> Option<Line> {
        match &self.head.ticket.cycle.same_day {
            Some(ticket::SameDayAnswer::Accepted { by, .. }) => Some(self.name_of(by)),
            Some(ticket::SameDayAnswer::Declined { .. }) | None => None,
        }
    }

    fn name_of(&self, id: &domain::SpocId) -> Line {
        Line::new(self.file.spoc(id).map_or(id.as_str(), |spoc| spoc.name.as_str()))
    }

    fn module(&self) -> Option<Line> {
        self.head.ticket.opened.module.as_ref().map(|module| Line::new(module.as_str()))
    }

    fn operation(&self) -> &'static str {
        self.head.ticket.cycle.spells.last().map_or("", |spell| spell.operation.spanish())
    }

    fn severity(&self, critical: bool) -> Severity {
        if critical {
            Severity::Critical(Line::new(self.operation()))
        } else {
            Severity::NonCritical
        }
    }

    fn asked_at(&self) -> Option<Instant> {
        let requests = self.head.ticket.cycle.outbound.iter().rfind(|it| it.reply.is_request());
        requests.and_then(ticket::Outbound::started_at)
    }
}

fn clock(promise: &Promise) -> Clock {
    match (promise.held, promise.target, promise.tier) {
        (Some(cause), _, _) => Clock::Held(stop(cause)),
        (None, Some(target), Some(tier)) => {
            Clock::Running { target, tier, why: Line::new(&promise.why) }
        }
        (None, _, _) => Clock::Paused,
    }
}

fn message(words: &Words) -> Result<out::Message, Failure> {
    let text = words.text.clone().ok_or_else(|| fault("the message's text was erased"))?;
    Ok(out::Message { author: words.author.clone(), text })
}

const fn wanted(access: bool) -> Wanted {
    if access { Wanted::Access } else { Wanted::Information }
}

const fn stop(cause: StandingCause) -> ServiceStop {
    match cause {
        StandingCause::NonPayment => ServiceStop::NonPayment,
        StandingCause::NonCompliance => ServiceStop::NonCompliance,
        StandingCause::Expired => ServiceStop::Expired,
        StandingCause::Cancelled => ServiceStop::Cancelled,
        StandingCause::NotBegun => ServiceStop::NotBegun,
    }
}

const fn closing_reason(reason: ClosureReason) -> out::ClosingReason {
    match reason {
        ClosureReason::Auto => out::ClosingReason::Auto,
        ClosureReason::Confirmed => out::ClosingReason::Confirmed,
        ClosureReason::Withdrawn => out::ClosingReason::Withdrawn,
        ClosureReason::Merged => out::ClosingReason::Merged,
        ClosureReason::OutOfScope => out::ClosingReason::OutOfScope,
        ClosureReason::NoAnswer => out::ClosingReason::NoAnswer,
        ClosureReason::NotARequest => out::ClosingReason::NotARequest,
        ClosureReason::ServiceEnded => out::ClosingReason::ServiceEnded,
    }
}

/// What a kind of notice is called when people read of it.
fn kind_spanish(kind: &str) -> &str {
    match kind {
        "acknowledgement" => "acuse de recibo",
        "same_day_offer" => "oferta de atención el mismo día",
        "same_day_accepted" => "aceptación del mismo día",
        "emergency_cost" => "costo de la atención emergente",
        "downgraded" => "cambio de clasificación",
        "information_request" => "solicitud de información o acceso",
        "information_reminder" => "recordatorio de información",
        "reply" => "respuesta",
        "solution" => "solución propuesta",
        "solution_reminder" => "recordatorio de cierre",
        "closing" => "aviso de cierre",
        "reopened" => "aviso de reapertura",
        "closing_corrected" => "corrección de un cierre",
        "reopening_annulled" => "corrección de una reapertura",
        "clock_started" => "reactivación del servicio",
        "recalculated" => "cambio de la fecha objetivo",
        "not_served" => "mensaje guardado sin servicio",
        "desk_page" => "llamado a la guardia",
        "question" => "pregunta a un remitente sin comprobar",
        "held" => "aviso a un remitente cuyo mensaje espera",
        "unknown" => "aviso a una dirección desconocida",
        "held_digest" => "lista de mensajes por adoptar",
        "spocs_changed" => "cambio de contactos autorizados",
        "edition_published" => "aviso de una nueva edición del acuerdo",
        other => account::kind_spanish(other),
    }
}

const fn clock_name(clock: ClockName) -> &'static str {
    match clock {
        ClockName::Ordinary => "atención ordinaria",
        ClockName::Immediate(_) => "atención emergente",
        ClockName::Taken(_) => "atención de un ticket unido",
    }
}
