//! One believable mail of each kind, and of each branch that changes its words.

use domain::attention::AttentionTier;
use domain::terms::Centavos;
use domain::{ClientId, Instant, TicketRef};
use mail::outbound::{
    Acknowledgement, Action, ActionLink, Clock, ClockStarted, Closing, ClosingCorrected,
    ClosingReason, Content, DesignationChange, DeskBounce, DeskDeadNotice, DeskMail,
    DeskMailMatter, DeskMissRetracted, DeskMissed, DeskNew, DeskNoAnswer, DeskPage,
    DeskReactivated, DeskWarning, Downgraded, EditionPublished, EmergencyCost, Envelope, Held,
    HeldDigest, HeldMail, InformationReminder, InformationRequest, LinkedAct, MailAction, Message,
    NotServed, Offer, Question, Recalculated, Rendered, Reopened, ReopeningAnnulled, Reply,
    SameDayAccepted, SameDayOffer, Sender, ServiceStop, Severity, Solution, SolutionReminder,
    SpocsChanged, Ticketed, Unknown, Wanted, render,
};
use mail::threading::Key;
use mail::{Address, Body, Line, MessageId};

/// What an envelope borrows, and what a test may change of it.
pub(crate) struct World {
    pub(crate) sender: Sender,
    pub(crate) key: Key,
    pub(crate) client: ClientId,
    pub(crate) ticket: TicketRef,
    pub(crate) to: Address,
    pub(crate) to_name: Line,
    pub(crate) client_name: Line,
    pub(crate) request: Option<Line>,
    pub(crate) copy_of: Option<Line>,
    pub(crate) links: Vec<ActionLink>,
    /// The mail is about mail that is no ticket's.
    pub(crate) of_mail: bool,
}

impl World {
    pub(crate) fn new() -> Self {
        let client = ClientId::parse("ACME").unwrap();
        let system = "https://tickets.millora.example";
        Self {
            sender: Sender::new("soporte", "soporte.millora.example", system).unwrap(),
            key: Key::new(1, &[7; 32]).unwrap(),
            ticket: client.reference([7, 20, 2, 24, 29, 9, 25, 13]),
            client,
            to: Address::parse("ana.lopez@acme.example").unwrap(),
            to_name: "Ana López".into(),
            client_name: "Distribuidora Acme".into(),
            request: Some("No podemos timbrar facturas".into()),
            copy_of: None,
            links: Vec::new(),
            of_mail: false,
        }
    }

    /// About mail that is no ticket's, to a client.
    pub(crate) fn of_mail() -> Self {
        Self { of_mail: true, ..Self::new() }
    }

    pub(crate) fn desk() -> Self {
        let to = Address::parse("mesa@millora.example").unwrap();
        Self { to, to_name: Line::default(), ..Self::new() }
    }

    /// The same with links for these acts.
    pub(crate) fn with(mut self, actions: &[Action]) -> Self {
        let token = "ACME-7M2QX9RD-4.ana.x.1.5.1795215600000.01";
        let link = |action: &Action| ActionLink {
            act: LinkedAct::Ticket(*action),
            url: format!("{}/a/{token}", self.sender.ticket_system()),
        };
        self.links = actions.iter().map(link).collect();
        self
    }

    /// The same with the link of an act on held mail.
    fn with_mail(mut self, action: MailAction) -> Self {
        let url = format!("{}/a/ACME.ana.y.9f86d0.1795190400000", self.sender.ticket_system());
        self.links = vec![ActionLink { act: LinkedAct::Mail(action), url }];
        self
    }

    pub(crate) fn render(&self, content: &Content) -> Rendered {
        let ticket = Ticketed {
            reference: &self.ticket,
            client: &self.client,
            client_name: self.client_name.clone(),
            key: &self.key,
            number: 3,
            request: self.request.clone(),
            copy_of: self.copy_of.clone(),
        };
        let envelope = Envelope {
            sender: &self.sender,
            notice_id: "0f3a9c",
            at: at("2026-11-20T10:00:00-06:00"),
            to: &self.to,
            to_name: self.to_name.clone(),
            ticket: (!self.of_mail).then_some(ticket),
            answers: matches!(content, Content::Held(_) | Content::Unknown(_)).then(answered),
            links: self.links.clone(),
        };
        render(&envelope, content).expect("samples render")
    }
}

/// The mail that an automatic answer is to.
pub(crate) fn answered() -> MessageId {
    MessageId::parse("CAF=x_1@mail.gmail.example").unwrap()
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// Every sample by name, with the world that it is rendered in.
pub(crate) fn all() -> Vec<(&'static str, World, Content)> {
    let mut all = acknowledgements();
    all.extend(to_the_client());
    all.extend(reminders_and_closings());
    all.extend(from_a_person());
    all.extend(to_the_desk());
    all.extend(to_the_desk_later());
    all.extend(held());
    all.extend(held_to_the_desk());
    all.extend(crate::accounts::all());
    all.extend(of_clients());
    all
}

fn running() -> Clock {
    Clock::Running {
        target: at("2026-11-20T18:00:00-06:00"),
        tier: AttentionTier::SameDayStandard,
        why: "Recibido antes de las 14:00 de un día hábil con horario contratado por delante: se \
              atiende el mismo día, hasta el fin del horario contratado (cláusula 7)."
            .into(),
    }
}

fn message(text: &str) -> Message {
    Message { author: "Luis Ortega".into(), text: Body::new(text).unwrap() }
}

fn offer(may_accept: bool) -> Offer {
    Offer {
        limit: at("2026-11-20T17:00:00-06:00"),
        price: Centavos(150_000),
        same_day_target: at("2026-11-20T18:00:00-06:00"),
        may_accept,
    }
}

fn acknowledgement() -> Acknowledgement {
    Acknowledgement {
        received_at: at("2026-11-20T10:00:00-06:00"),
        by_call: false,
        severity: Severity::NonCritical,
        module: Some("Facturación".into()),
        continues: None,
        clock: running(),
        offer: None,
    }
}

fn acknowledgements() -> Vec<(&'static str, World, Content)> {
    let plain = acknowledgement();
    let late = Acknowledgement {
        received_at: at("2026-11-20T14:30:00-06:00"),
        clock: Clock::Running {
            target: at("2026-11-23T18:00:00-06:00"),
            tier: AttentionTier::NextBusinessDay,
            why: "Recibido entre las 14:00 y las 17:00 de un día hábil: sin costo adicional se \
                  atiende el siguiente día hábil con servicio (cláusula 7)."
                .into(),
        },
        offer: Some(offer(true)),
        ..acknowledgement()
    };
    let told = Acknowledgement { offer: Some(offer(false)), ..late.clone() };
    let critical = Acknowledgement {
        by_call: true,
        severity: Severity::Critical("facturación".into()),
        continues: Some("ACME-11111111-X".into()),
        clock: Clock::Running {
            target: at("2026-11-20T10:30:00-06:00"),
            tier: AttentionTier::Immediate,
            why: "Incidencia crítica: atención inmediata, dentro de 30 min de horario contratado \
                  (cláusula 7)."
                .into(),
        },
        ..acknowledgement()
    };
    let held = |cause| Acknowledgement { clock: Clock::Held(cause), ..acknowledgement() };
    let copy =
        World { copy_of: Some("Ana López".into()), to_name: "Raúl Peña".into(), ..World::new() };
    let unquoted = World { request: None, to_name: Line::default(), ..World::new() };
    vec![
        (
            "acknowledgement",
            World::new().with(&[Action::DeclareCritical]),
            Content::Acknowledgement(plain.clone()),
        ),
        ("acknowledgement_offer", World::new(), Content::Acknowledgement(late)),
        ("acknowledgement_offer_told", copy, Content::Acknowledgement(told)),
        ("acknowledgement_critical_call", World::new(), Content::Acknowledgement(critical)),
        (
            "acknowledgement_held_unpaid",
            World::new(),
            Content::Acknowledgement(held(ServiceStop::NonPayment)),
        ),
        (
            "acknowledgement_held_expired",
            World::new(),
            Content::Acknowledgement(held(ServiceStop::Expired)),
        ),
        ("acknowledgement_unquoted", unquoted, Content::Acknowledgement(plain)),
    ]
}

fn to_the_client() -> Vec<(&'static str, World, Content)> {
    let (friday, monday) = (at("2026-11-20T18:00:00-06:00"), at("2026-11-23T18:00:00-06:00"));
    let offered = SameDayOffer { offer: offer(true), free_target: Some(monday) };
    let accepted =
        SameDayAccepted {
            by: Some("Raúl Peña".into()), target: friday, price: Centavos(150_000)
        };
    let cost = EmergencyCost {
        price: Centavos(350_000),
        accept_until: Some(at("2026-11-20T11:00:00-06:00")),
    };
    let downgraded = Downgraded {
        reason: Some(Body::new("Solo falla un cliente; el resto se factura.").unwrap()),
        target: Some(friday),
    };
    let undecided = Downgraded { reason: None, target: None };
    let world = World::new;
    vec![
        (
            "same_day_offer",
            world().with(&[Action::AcceptSameDay, Action::DeclineSameDay]),
            Content::SameDayOffer(offered),
        ),
        ("same_day_accepted", world(), Content::SameDayAccepted(accepted)),
        (
            "emergency_cost",
            world().with(&[Action::AcceptEmergencyCost]),
            Content::EmergencyCost(cost),
        ),
        ("downgraded", world(), Content::Downgraded(downgraded)),
        ("downgraded_decided", world(), Content::Downgraded(undecided)),
    ]
}

fn reminders_and_closings() -> Vec<(&'static str, World, Content)> {
    let asked_at = Some(at("2026-11-17T11:00:00-06:00"));
    let closing = |reason| {
        Content::Closing(Closing {
            at: at("2026-11-19T10:00:00-06:00"),
            reason,
            reopens_until: at("2026-11-27T00:00:00-06:00"),
            merged_into: (reason == ClosingReason::Merged).then(|| Line::new("ACME-7K2QX9RD-E")),
        })
    };
    let reminder = |n, last, wanted| {
        let request = Some(Body::new("¿Qué usuario ve el error?\n¿Desde cuándo?").unwrap());
        Content::InformationReminder(InformationReminder { n, last, wanted, asked_at, request })
    };
    let unknown =
        InformationReminder { n: 2, last: false, wanted: None, asked_at: None, request: None };
    let reminded = |closes_at, instead_of| {
        let solution_at = asked_at;
        Content::SolutionReminder(SolutionReminder { solution_at, closes_at, instead_of })
    };
    let closes_at = at("2026-11-19T11:00:00-06:00");
    let moved_to = at("2026-11-21T10:00:00-06:00");
    let received_at = at("2026-11-20T09:40:00-06:00");
    let closed_at = at("2026-11-20T18:00:00-06:00");
    let world = World::new;
    vec![
        ("information_reminder", world(), reminder(1, false, Some(Wanted::Information))),
        ("information_reminder_unknown", world(), Content::InformationReminder(unknown)),
        ("information_reminder_last", world(), reminder(3, true, Some(Wanted::Access))),
        (
            "solution_reminder",
            world().with(&[Action::Confirm, Action::StillFails]),
            reminded(closes_at, None),
        ),
        (
            "solution_reminder_moved",
            world().with(&[Action::Confirm, Action::StillFails]),
            reminded(moved_to, Some(closes_at)),
        ),
        (
            "closing",
            world().with(&[Action::Confirm, Action::StillFails]),
            closing(ClosingReason::Auto),
        ),
        ("closing_merged", world(), closing(ClosingReason::Merged)),
        ("closing_service_ended", world(), closing(ClosingReason::ServiceEnded)),
        ("reopened", world(), Content::Reopened(Reopened { received_at, clock: running() })),
        (
            "reopened_held",
            world(),
            Content::Reopened(Reopened {
                received_at,
                clock: Clock::Held(ServiceStop::NonCompliance),
            }),
        ),
        ("closing_corrected", world(), Content::ClosingCorrected(ClosingCorrected { closed_at })),
        (
            "reopening_annulled",
            world(),
            Content::ReopeningAnnulled(ReopeningAnnulled {
                closed_at,
                reopens_until: Some(closed_at + domain::TimeDelta::days(7)),
            }),
        ),
        (
            "reopening_annulled_late",
            world(),
            Content::ReopeningAnnulled(ReopeningAnnulled { closed_at, reopens_until: None }),
        ),
        ("clock_started", world(), Content::ClockStarted(ClockStarted { clock: running() })),
        ("recalculated", world(), Content::Recalculated(Recalculated { clock: running() })),
        (
            "clock_started_paused",
            world(),
            Content::ClockStarted(ClockStarted { clock: Clock::Paused }),
        ),
        ("not_served", world(), Content::NotServed(NotServed { cause: ServiceStop::NonPayment })),
    ]
}

fn from_a_person() -> Vec<(&'static str, World, Content)> {
    let ask = "Revisamos la configuración y necesitamos dos datos:\n\n\t1. ¿Qué usuario ve el error?\n\t2. ¿Desde cuándo?";
    let both = [Action::Confirm, Action::StillFails];
    let request = |wanted, answers| {
        Content::InformationRequest(InformationRequest { wanted, answers, message: message(ask) })
    };
    let reply = |out_of_scope, text| Content::Reply(Reply { out_of_scope, message: message(text) });
    let solution = Solution {
        message: message("Renovamos el certificado <CSD> y timbramos la factura A-1024 & dos más."),
        silence_hours: 48,
    };
    vec![
        ("information_request", World::new(), request(Wanted::Information, false)),
        ("information_request_access", World::new(), request(Wanted::Access, true)),
        ("reply", World::new(), reply(false, "Ya estamos revisando el certificado.")),
        (
            "reply_out_of_scope",
            World::new(),
            reply(true, "El complemento de carta porte es un desarrollo nuevo."),
        ),
        ("solution", World::new().with(&both), Content::Solution(solution.clone())),
        (
            "solution_without_the_power",
            World::new().with(&[Action::StillFails]),
            Content::Solution(solution),
        ),
    ]
}

fn to_the_desk() -> Vec<(&'static str, World, Content)> {
    let new = DeskNew {
        reopened: false,
        opened_by: "Ana López".into(),
        received_at: at("2026-11-20T10:00:00-06:00"),
        severity: Severity::NonCritical,
        module: Some("Facturación".into()),
        clock: running(),
        text: Some(Body::new("Desde hoy no timbra.\n\nError: CFDI40102").unwrap()),
    };
    let held = DeskNew {
        clock: Clock::Held(ServiceStop::NonPayment),
        severity: Severity::Critical("facturación".into()),
        ..new.clone()
    };
    let reopened = DeskNew { reopened: true, ..new.clone() };
    vec![
        ("desk_new", World::desk(), Content::DeskNew(new)),
        ("desk_new_reopened", World::desk(), Content::DeskNew(reopened)),
        ("desk_new_held", World::desk(), Content::DeskNew(held)),
    ]
}

fn to_the_desk_later() -> Vec<(&'static str, World, Content)> {
    let target = at("2026-11-20T18:00:00-06:00");
    let (clock_name, assigned) = (Line::new("atención ordinaria"), Some("Luis Ortega".into()));
    let page = |n, target| {
        let declared_by = Some("Ana López".into());
        Content::DeskPage(DeskPage {
            n,
            operation: Some("facturación".into()),
            declared_by,
            target,
        })
    };
    let bounce = |nobody| {
        Content::DeskBounce(DeskBounce {
            what: "solución del vie 20 nov 2026, 10:00 h".into(),
            recipient: "Ana López".into(),
            address: Some(Address::parse("ana.lopez@acme.example").unwrap()),
            diagnostic: Some("550 5.1.1 user unknown".into()),
            nobody,
        })
    };
    let dead = DeskDeadNotice {
        what: "recordatorio de cierre".into(),
        notice: "0f3a9c".into(),
        recipient: Some("Ana López".into()),
        reason: Some("el servicio de correo rechazó el mensaje".into()),
    };
    let missed = DeskMissed {
        clock_name: Some(clock_name.clone()),
        target,
        level: "nivel 2, consultor senior".into(),
        assigned: None,
    };
    let retracted = DeskMissRetracted { clock_name: clock_name.clone() };
    let warning = DeskWarning { clock_name: Some(clock_name), target, assigned };
    let asked_at = Some(at("2026-11-02T11:00:00-06:00"));
    let desk = World::desk;
    vec![
        ("desk_warning", desk(), Content::DeskWarning(warning)),
        ("desk_missed", desk(), Content::DeskMissed(missed)),
        ("desk_miss_retracted", desk(), Content::DeskMissRetracted(retracted)),
        ("desk_page", desk(), page(1, Some(at("2026-11-20T10:30:00-06:00")))),
        ("desk_page_again", desk(), page(2, None)),
        ("desk_bounce", desk(), bounce(false)),
        ("desk_bounce_nobody", desk(), bounce(true)),
        ("desk_dead_notice", desk(), Content::DeskDeadNotice(dead)),
        ("desk_no_answer", desk(), Content::DeskNoAnswer(DeskNoAnswer { asked_at })),
        (
            "desk_reactivated",
            desk(),
            Content::DeskReactivated(DeskReactivated { clock: running() }),
        ),
    ]
}

fn held() -> Vec<(&'static str, World, Content)> {
    let received_at = at("2026-11-20T13:50:00-06:00");
    // Before 24:00 of the fifth and of the tenth business day.
    let (fifth, tenth) = (at("2026-11-28T00:00:00-06:00"), at("2026-12-05T00:00:00-06:00"));
    let question = Question { received_at: vec![received_at], expires_at: fifth };
    let twice = Question {
        received_at: vec![received_at, at("2026-11-20T14:05:00-06:00")],
        ..question.clone()
    };
    let told = Held { received_at, subject: "No podemos timbrar".into(), lapses_at: tenth };
    let untitled = Held { subject: Line::default(), ..told.clone() };
    let mail = |author: &str, address, subject: &str| HeldMail {
        author: author.into(),
        address: Address::parse(address).unwrap(),
        subject: subject.into(),
        received_at,
        lapses_at: tenth,
    };
    let first = mail("Pedro Almada", "pedro@acme.example", "No podemos timbrar");
    let second = mail("almacen@acme.example", "almacen@acme.example", "");
    let one = HeldDigest { mails: vec![first.clone()], more: 0 };
    let many = HeldDigest { mails: vec![first, second], more: 7 };
    let world = World::of_mail;
    let colleague = || World {
        to: Address::parse("pedro@acme.example").unwrap(),
        to_name: "Pedro Almada".into(),
        ..World::of_mail()
    };
    let asked = || world().with_mail(MailAction::SentIt);
    let adopts = || world().with_mail(MailAction::Adopt);
    vec![
        ("question", asked(), Content::Question(question)),
        ("question_of_two", asked(), Content::Question(twice)),
        ("held", colleague(), Content::Held(told)),
        ("held_untitled", colleague(), Content::Held(untitled)),
        ("unknown", colleague(), Content::Unknown(Unknown { received_at })),
        ("held_digest", adopts(), Content::HeldDigest(one)),
        ("held_digest_of_many", adopts(), Content::HeldDigest(many)),
    ]
}

fn held_to_the_desk() -> Vec<(&'static str, World, Content)> {
    let until = at("2026-11-28T00:00:00-06:00");
    let named = ClientId::parse("BETA").unwrap().reference([1; 8]);
    let mail = |matter| {
        Content::DeskMail(DeskMail {
            matter,
            id: "0100018f3a9c".into(),
            author: Some("Ana López <ana.lopez@acme.example>".into()),
            client_name: Some("Distribuidora Acme".into()),
            subject: Some("No podemos timbrar".into()),
            received_at: at("2026-11-20T13:50:00-06:00"),
        })
    };
    let unread = DeskMail {
        matter: DeskMailMatter::Poison,
        id: "0100018f3a9c".into(),
        author: None,
        client_name: None,
        subject: None,
        received_at: at("2026-11-20T13:50:00-06:00"),
    };
    let dead = DeskDeadNotice {
        what: "pregunta al remitente".into(),
        notice: "0f3a9c".into(),
        recipient: None,
        reason: None,
    };
    let world = || World { of_mail: true, ..World::desk() };
    let why = "el dominio del remitente pide apartar lo que no puede comprobarse";
    vec![
        ("desk_foreign_ticket", world(), mail(DeskMailMatter::ForeignTicket(named))),
        ("desk_held_unproven", world(), mail(DeskMailMatter::Unproven(until))),
        ("desk_held_colleague", world(), mail(DeskMailMatter::Colleague(until))),
        ("desk_quarantined", world(), mail(DeskMailMatter::Quarantined(why.into()))),
        ("desk_poison", world(), Content::DeskMail(unread)),
        ("desk_dead_notice_of_mail", world(), Content::DeskDeadNotice(dead)),
    ]
}

fn of_clients() -> Vec<(&'static str, World, Content)> {
    let change = |name: &str, what, powers: &str| DesignationChange {
        name: name.into(),
        what,
        powers: powers.into(),
    };
    let begun = change(
        "Pedro Almada",
        "fue designado como contacto autorizado",
        "solicitar soporte, autorizar costos",
    );
    let ended = change("Luis Nava", "dejó de ser contacto autorizado", "");
    let changed = SpocsChanged {
        client_name: "Distribuidora Acme".into(),
        at: at("2026-11-20T10:00:00-06:00"),
        changes: vec![begun, ended],
    };
    let published = EditionPublished {
        n: 2,
        url: "https://millora.example/sla/2".into(),
        effective_at: at("2027-01-01T00:00:00-06:00"),
    };
    let world = World::of_mail;
    vec![
        ("spocs_changed", world(), Content::SpocsChanged(changed)),
        ("edition_published", world(), Content::EditionPublished(published)),
    ]
}
