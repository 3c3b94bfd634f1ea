//! How clients are sent and shown.

use app::client::ClientFile;
use app::clients::{ChangeRecord, Dates, Entered, TicketDates};
use domain::agreement::Agreement;
use domain::client::{ClientEntry, Implementer};
use domain::terms::{Parameter, resolve};
use domain::{Instant, Power, Spoc};
use serde::Serialize;
use utoipa::ToSchema;
use web::views::{ClockName, Moment, UsedView};

/// A client's file.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientFileBody {
    /// The file as it is, TOML, up to 128 KB. Its form is `docs/client-file.schema.json`.
    pub file: String,
}

/// A client's file and why it is entered.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterClientBody {
    /// The file as it is, TOML, up to 128 KB. Its form is `docs/client-file.schema.json`.
    pub file: String,
    /// Why, up to 2,000 characters; it is kept with the change.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

web::codes! {
    /// The kinds of findings that do not stand in the way of a file.
    FindingKind {
        /// Somebody has to ask for it; until then the file counts all the same.
        Missing = "missing",
        /// It can be read in two ways, or works in a way that may surprise.
        Ambiguous = "ambiguous",
        /// The agreement is silent, and nobody has chosen for this client: the default holds.
        Choice = "choice",
    }
}

/// Something that was found in a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingView {
    /// The line of the file, from 1.
    pub line: usize,
    /// The field.
    pub at: String,
    /// Of which kind it is.
    pub kind: FindingKind,
    /// The rule that it comes from.
    pub rule: &'static str,
    /// What is the matter, in Spanish.
    pub text: String,
}

impl From<&client_file::Finding> for FindingView {
    fn from(finding: &client_file::Finding) -> Self {
        use client_file::Kind;
        let kind = match finding.kind {
            Kind::Missing => FindingKind::Missing,
            // What blocks never comes so far.
            Kind::Ambiguous | Kind::Wrong | Kind::Contradictory => FindingKind::Ambiguous,
            Kind::Choice => FindingKind::Choice,
        };
        Self {
            line: finding.line,
            at: finding.at.clone(),
            kind,
            rule: finding.rule,
            text: finding.text.clone(),
        }
    }
}

/// What entering a file did, or would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnteredView {
    /// The client's code.
    pub client: String,
    /// Whether it was done; false for a preview.
    pub applied: bool,
    /// The client was not known before.
    pub is_new: bool,
    /// In words.
    pub text: String,
    /// What changes, each as one sentence; empty where nothing does.
    pub differences: Vec<String>,
    /// The SPoCs who are told of it (1.2).
    pub told: Vec<String>,
    /// The running dates of open tickets. None of them moves (G6).
    pub dates: DatesView,
    /// What was found in the file.
    pub findings: Vec<FindingView>,
}

impl EnteredView {
    /// What was done, or would be.
    #[must_use]
    pub fn new(
        entry: &ClientEntry,
        entered: Entered,
        findings: Vec<FindingView>,
        applied: bool,
    ) -> Self {
        let id = &entry.client.id;
        let text = match (entered.differences.len(), applied) {
            (0, _) => format!("Nada cambia: {id} ya es lo que dice el archivo"),
            (1, true) => format!("Se registró 1 cambio de {id}"),
            (count, true) => format!("Se registraron {count} cambios de {id}"),
            (1, false) => format!("Se registraría 1 cambio de {id}"),
            (count, false) => format!("Se registrarían {count} cambios de {id}"),
        };
        Self {
            client: id.to_string(),
            applied,
            is_new: entered.is_new,
            text,
            differences: entered.differences,
            told: entered.told.iter().map(ToString::to_string).collect(),
            dates: DatesView::from(&entered.dates),
            findings,
        }
    }
}

/// The running dates of open tickets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DatesView {
    /// Oldest first, up to 200 of them.
    pub tickets: Vec<TicketDatesView>,
    /// There are others, which were not looked at.
    pub more: bool,
}

impl From<&Dates> for DatesView {
    fn from(dates: &Dates) -> Self {
        Self {
            tickets: dates.tickets.iter().map(TicketDatesView::from).collect(),
            more: dates.more,
        }
    }
}

/// The running dates of an open ticket, and what they would be if a person recalculated them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketDatesView {
    /// Which ticket.
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// Whether a date would be another one, recalculated.
    pub would_move: bool,
    /// Its running clocks.
    pub clocks: Vec<ClockDatesView>,
    /// When silence closes it.
    pub closes_at: Option<Moment>,
    /// When it would, recalculated.
    pub would_close_at: Option<Moment>,
}

/// The target of a running clock.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClockDatesView {
    /// Which clock.
    pub clock: ClockName,
    /// Its target, which stays; null while it is paused.
    pub target: Option<Moment>,
    /// What it would be, recalculated.
    pub would_be: Option<Moment>,
}

impl From<&TicketDates> for TicketDatesView {
    fn from(dates: &TicketDates) -> Self {
        let clocks = dates.clocks.iter().map(|clock| ClockDatesView {
            clock: ClockName::from(clock.name),
            target: clock.target.map(Moment),
            would_be: clock.would_be.map(Moment),
        });
        Self {
            reference: dates.reference.to_string(),
            subject: dates.subject.clone(),
            would_move: dates.would_move(),
            clocks: clocks.collect(),
            closes_at: dates.closes_at.map(Moment),
            would_close_at: dates.would_close_at.map(Moment),
        }
    }
}

/// A client as he was known.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClientView {
    /// The client's code.
    pub client: String,
    /// The name as clients read it.
    pub name: String,
    /// For what was received then.
    pub at: Moment,
    /// As it was known then.
    pub known_at: Moment,
    /// Who accepted the agreement, when and how (0.1); null where that is not known.
    pub acceptance: Option<AcceptanceView>,
    /// What the desk has to see.
    pub warnings: Vec<String>,
    /// Mail domains.
    pub domains: Vec<String>,
    /// Modules (4.1).
    pub modules: Vec<ModuleView>,
    /// SPoCs whose designation holds at `at`, as it was known then.
    pub spocs: Vec<SpocView>,
    /// The póliza; null where none was known to hold.
    pub plan: Option<PlanView>,
    /// Every parameter with its value and the layer that set it (G5).
    pub parameters: Vec<UsedView>,
    /// The client's changes, newest first.
    pub changes: Vec<ChangeView>,
}

/// The acceptance of the agreement (0.1).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AcceptanceView {
    /// The SPoC who accepted.
    pub spoc: String,
    /// The digest of the text that he accepted.
    pub edition: String,
    /// When.
    pub at: Moment,
    /// By which act.
    pub act: String,
}

/// A module (4.1).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModuleView {
    /// Its technical name.
    pub technical_name: String,
    /// The first day on which it is active.
    #[schema(format = Date)]
    pub active_from: String,
    /// The last one; null while it is.
    #[schema(format = Date)]
    pub active_to: Option<String>,
    /// Who implemented it: `millora` or `other`.
    pub implemented_by: &'static str,
}

/// A SPoC (1.2). Addresses and telephones are in his file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SpocView {
    /// Who.
    pub id: String,
    /// His name.
    pub name: String,
    /// What he may do, in words.
    pub powers: Vec<&'static str>,
    /// From when.
    pub valid_from: Moment,
    /// Until when; null while it is open.
    pub valid_to: Option<Moment>,
    /// Who or what designated him.
    pub designated_by: Option<String>,
    /// Since when this is known; null for always.
    pub known_from: Option<Moment>,
}

/// The terms of a póliza over a stretch of time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanView {
    /// The version's id, to which clocks are pinned (G6).
    pub id: String,
    /// From when it holds.
    pub valid_from: Moment,
    /// Until when; null while it is open.
    pub valid_to: Option<Moment>,
    /// Since when it is known.
    pub known_from: Moment,
    /// The edition of the agreement; null before the first one.
    pub edition: Option<String>,
    /// The version of the holiday calendar; null for article 74 alone.
    pub calendar: Option<String>,
    /// The version of what the Contrato Marco says; null where nothing was said.
    pub master: Option<String>,
}

/// A change of a client.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeView {
    /// When, and since when it is known.
    pub at: Moment,
    /// Who did it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What changed.
    pub differences: Vec<String>,
}

impl ClientView {
    /// The client at `at` as he was known at `known_at`, with the agreement that held, if any did.
    #[must_use]
    pub fn new(
        file: &ClientFile,
        agreement: Option<&Agreement>,
        changes: Vec<ChangeRecord>,
        at: Instant,
        known_at: Instant,
    ) -> Self {
        let client = &file.client;
        let holds = |spoc: &&Spoc| {
            spoc.known_at(known_at)
                && spoc.valid_from <= at
                && spoc.valid_to.is_none_or(|to| at < to)
        };
        let used = |agreement: &Agreement| -> Vec<UsedView> {
            let all = Parameter::ALL.iter().map(|it| agreement.terms.used(*it));
            all.map(UsedView::from).collect()
        };
        Self {
            client: client.id.to_string(),
            name: client.name.clone(),
            at: at.into(),
            known_at: known_at.into(),
            acceptance: client.acceptance.as_ref().map(|it| AcceptanceView {
                spoc: it.spoc.to_string(),
                edition: it.edition.clone(),
                at: it.at.into(),
                act: it.act.clone(),
            }),
            warnings: warnings(file, agreement),
            domains: client.domains.iter().map(|it| it.name.clone()).collect(),
            modules: client.modules.iter().map(ModuleView::from).collect(),
            spocs: file.spocs.iter().filter(holds).map(SpocView::from).collect(),
            plan: agreement.and_then(|agreement| plan(file, agreement, at, known_at)),
            parameters: agreement.map(used).unwrap_or_default(),
            changes: changes.into_iter().map(ChangeView::from).collect(),
        }
    }
}

/// What is missing for everything to work (0.1, 10.2, 10.8).
fn warnings(file: &ClientFile, agreement: Option<&Agreement>) -> Vec<String> {
    let mut told = Vec::new();
    if file.client.acceptance.is_none() {
        told.push("No consta que el cliente haya aceptado el acuerdo (regla 0.1)".to_owned());
    }
    if let Some(agreement) = agreement {
        let lacks = [
            (agreement.terms.fee.value.is_none(), Parameter::Fee),
            (agreement.terms.start.value.is_none(), Parameter::Start),
            (agreement.terms.term_months.value.is_none(), Parameter::TermMonths),
            (agreement.terms.auto_renew.value.is_none(), Parameter::AutoRenew),
        ];
        told.extend(lacks.iter().filter(|(lacks, _)| *lacks).map(|(_, parameter)| {
            let (name, rule) = (parameter.name(), parameter.rule());
            format!("Sin registrar: {name} (regla {rule}). {}", parameter.spanish())
        }));
    } else {
        told.push("No se conocía ninguna póliza para ese instante".to_owned());
    }
    told
}

fn plan(
    file: &ClientFile,
    agreement: &Agreement,
    at: Instant,
    known_at: Instant,
) -> Option<PlanView> {
    let version = resolve(&file.plans, at, known_at)?;
    Some(PlanView {
        id: version.id.clone(),
        valid_from: version.valid_from.into(),
        valid_to: version.valid_to.map(Moment),
        known_from: version.known_from.into(),
        edition: agreement.pinned.edition.clone(),
        calendar: agreement.pinned.calendar.clone(),
        master: agreement.pinned.master.clone(),
    })
}

impl From<&domain::client::Module> for ModuleView {
    fn from(module: &domain::client::Module) -> Self {
        Self {
            technical_name: module.technical_name.to_string(),
            active_from: module.active_from.to_string(),
            active_to: module.active_to.map(|day| day.to_string()),
            implemented_by: match module.implemented_by {
                Implementer::Millora => "millora",
                Implementer::Other => "other",
            },
        }
    }
}

impl From<&Spoc> for SpocView {
    fn from(spoc: &Spoc) -> Self {
        Self {
            id: spoc.id.to_string(),
            name: spoc.name.clone(),
            powers: spoc.powers.iter().copied().map(Power::spanish).collect(),
            valid_from: spoc.valid_from.into(),
            valid_to: spoc.valid_to.map(Moment),
            designated_by: spoc.designated_by.clone(),
            known_from: spoc.known_from.map(Moment),
        }
    }
}

impl From<ChangeRecord> for ChangeView {
    fn from(record: ChangeRecord) -> Self {
        let ChangeRecord { at, by, reason, differences } = record;
        Self { at: at.into(), by: by.id.to_string(), reason, differences }
    }
}
