//! What the desk writes and records, and what the mail service says of it.
//!
//! > *2. […] tiempos de atención del servicio de soporte Odoo proporcionado por Millora.*
//!
//! Rules 2.1, 2.1a, 7.7 and G15. Attention is the first substantive act by a person. An act that was
//! recorded after the target, or long after its end, needs a second person.

use super::closing::closed_already;
use super::decide::{Act, Outcome};
use super::event::{ActKind, ClosureReason, Fact, Proposed, ReplyKind};
use super::limits::{PROPOSALS_MAX, REQUESTS_MAX};
use super::notice::Content;
use super::refusal::{Refusal, RefusalCode};
use super::state::ActDone;
use crate::evidence::TextDigest;
use crate::{Instant, Participant, StaffId};

impl Act<'_> {
    /// A public message. On a closed ticket the desk may still answer, which changes nothing (10.5).
    pub(super) fn reply(&mut self, reply: ReplyKind, text: TextDigest) -> Outcome {
        let at = self.now();
        self.record_closing_before(at)?;
        if self.ticket.cycle.closure.is_some() && reply != ReplyKind::Answer {
            return Err(closed_already().into());
        }
        let requests = self.ticket.cycle.outbound.iter().filter(|m| m.reply.is_request()).count();
        if reply.is_request() && requests >= REQUESTS_MAX {
            return Err(Refusal::new(
                RefusalCode::LimitReached,
                "7.7",
                format!("ya se pidió información {requests} veces en este ciclo; llame al cliente"),
            )
            .into());
        }
        let recipients = self.readers();
        if recipients.is_empty() {
            return Err(Refusal::new(
                RefusalCode::Nothing,
                "1.2",
                "el cliente no tiene un contacto vigente a quien escribir; regístrelo primero",
            )
            .into());
        }
        let fact =
            Fact::DeskWrote { reply, committed_at: at, recipients: recipients.clone(), text };
        let message = self.record(fact);
        let content = self.message_content(reply);
        for reader in recipients {
            self.notify(reader.into(), at, Some(message), content.clone());
        }
        Ok(())
    }

    fn message_content(&self, reply: ReplyKind) -> Content {
        match reply {
            ReplyKind::Answer => Content::Reply { scope_decision: false },
            ReplyKind::ScopeDecision => Content::Reply { scope_decision: true },
            ReplyKind::InformationRequest => {
                Content::InformationRequest { access: false, answers: false }
            }
            ReplyKind::AccessRequest => {
                Content::InformationRequest { access: true, answers: false }
            }
            ReplyKind::AnswerAndRequest => {
                Content::InformationRequest { access: false, answers: true }
            }
            ReplyKind::Solution => {
                let silence = self.view().agreement.terms.solution_silence.value.delta();
                let silence_hours = u32::try_from(silence.num_hours()).unwrap_or(u32::MAX);
                Content::Solution { silence_hours }
            }
        }
    }

    /// The mail service's acceptance: the first one of a message counts (G15).
    pub(super) fn message_accepted(&mut self, message: u32, at: Instant) {
        let known = self.ticket.outbound(message);
        if known.is_some_and(|known| known.accepted_at.is_none_or(|before| at < before)) {
            self.record(Fact::MessageAccepted { message, at });
        }
    }

    /// A recipient who will never be reached. When it was the last one, the desk is told (G15).
    pub(super) fn message_bounced(&mut self, message: u32, recipient: Participant) {
        let known = self.ticket.outbound(message);
        let news = known.is_some_and(|known| {
            known.recipients.contains(&recipient) && !known.bounced.contains(&recipient)
        });
        if !news {
            return;
        }
        let at = self.now();
        self.record(Fact::MessageBounced { message, recipient });
        if self.ticket.outbound(message).is_some_and(super::state::Outbound::is_void) {
            self.tell_desk(at, Content::DeskBounce { message });
        }
    }

    /// It was given up for a recipient, and the mail service had taken it after all: that it never reaches
    /// him was not true (G7), and it counts from its acceptance as ever (G15).
    pub(super) fn message_taken(&mut self, message: u32, recipient: Participant, at: Instant) {
        let known = self.ticket.outbound(message);
        if known.is_some_and(|known| known.bounced.contains(&recipient)) {
            self.record(Fact::BounceUndone { message, recipient });
        }
        self.message_accepted(message, at);
    }

    /// A message is sent again to a recipient whom it had not reached (G15).
    pub(super) fn message_resent(&mut self, message: u32, recipient: Participant) {
        let known = self.ticket.outbound(message);
        if known.is_some_and(|known| known.bounced.contains(&recipient)) {
            let at = self.now();
            self.record(Fact::MessageResent { message, recipient, at });
        }
    }

    /// A call, a remote session or a visit (2.1, 2.1a).
    pub(super) fn record_act(
        &mut self,
        act: ActKind,
        started_at: Instant,
        ended_at: Instant,
        text: TextDigest,
    ) -> Outcome {
        let now = self.now();
        self.require_instants(started_at, ended_at)?;
        let same = |done: &ActDone| done.act == act && done.started_at == started_at;
        if self.ticket.cycle.acts.iter().any(same) {
            return Ok(());
        }
        let late = self.view().agreement.terms.late_recording.value.delta();
        let missed = self.view().clocks(now)?.iter().any(|clock| {
            clock.target.target.is_some_and(|target| target < now && started_at <= target)
        });
        if !missed && now <= ended_at + late {
            self.record(Fact::ActRecorded { act, started_at, ended_at, approved_by: None, text });
            return Ok(());
        }
        self.propose(Proposed::Act { act, started_at, ended_at }, text)
    }

    fn require_instants(&self, started_at: Instant, ended_at: Instant) -> Outcome {
        let why = if ended_at > self.now() {
            "el acto no puede terminar después de su registro"
        } else if started_at > ended_at {
            "el acto no puede terminar antes de empezar"
        } else if started_at < self.ticket.opened.received_at {
            "el acto no puede empezar antes de que se recibiera la solicitud"
        } else {
            return Ok(());
        };
        Err(Refusal::new(RefusalCode::WrongInstant, "2.1a", why).into())
    }

    pub(super) fn propose_not_a_request(&mut self, text: TextDigest) -> Outcome {
        self.propose(Proposed::NotARequest, text)
    }

    fn propose(&mut self, proposal: Proposed, text: TextDigest) -> Outcome {
        if self.ticket.proposals.iter().any(|waiting| waiting.what == proposal) {
            return Ok(());
        }
        if self.ticket.proposals.len() >= PROPOSALS_MAX {
            return Err(Refusal::new(
                RefusalCode::LimitReached,
                "2.1a",
                "ya hay demasiadas propuestas por revisar en este ticket; revíselas primero",
            )
            .into());
        }
        self.record(Fact::Proposed { proposal, text });
        Ok(())
    }

    /// The second person says yes. The fact is recorded in his name, and cites the proposal's text.
    pub(super) fn approve(&mut self, proposal: u32) -> Outcome {
        let (waiting, second) = self.proposal_for_second_person(proposal)?;
        match waiting.what {
            Proposed::Act { act, started_at, ended_at } => {
                let text = waiting.text;
                let approved_by = Some(second);
                self.record(Fact::ActRecorded { act, started_at, ended_at, approved_by, text });
                Ok(())
            }
            Proposed::NotARequest => {
                let at = self.now();
                self.record_closing_before(at)?;
                if self.ticket.cycle.closure.is_some() {
                    return Err(closed_already().into());
                }
                self.close(ClosureReason::NotARequest, at, Some(proposal))
            }
        }
    }

    pub(super) fn reject(&mut self, proposal: u32) -> Outcome {
        self.proposal_for_second_person(proposal)?;
        self.record(Fact::ProposalRejected { proposal });
        Ok(())
    }

    fn proposal_for_second_person(
        &self,
        proposal: u32,
    ) -> Result<(super::state::Proposal, StaffId), super::DecideError> {
        let waiting = self.ticket.proposals.iter().find(|waiting| waiting.seq == proposal);
        let Some(waiting) = waiting.cloned() else {
            return Err(Refusal::new(
                RefusalCode::Nothing,
                "2.1a",
                "no hay una propuesta con ese número por revisar",
            )
            .into());
        };
        match self.member() {
            Some(member) if member != waiting.by => Ok((waiting, member)),
            Some(_) | None => Err(Refusal::new(
                RefusalCode::SamePerson,
                "2.1a",
                "la segunda persona debe ser otra que la que propuso",
            )
            .into()),
        }
    }

    pub(super) fn end_pause(&mut self, text: TextDigest) -> Outcome {
        if self.view().open_request().is_none() {
            return Err(Refusal::new(
                RefusalCode::Nothing,
                "7.7",
                "no hay una solicitud de información o accesos pendiente",
            )
            .into());
        }
        let at = self.now();
        self.record(Fact::PauseEnded { at, text });
        Ok(())
    }

    pub(super) fn acknowledge_page(&mut self) -> Outcome {
        let told = &self.ticket.cycle.told;
        if told.pages == 0 || told.page_acknowledged {
            return Ok(());
        }
        let at = self.now();
        self.record(Fact::PageAcknowledged { at });
        Ok(())
    }
}
