//! Banks and statements as the desk sees them.

use app::account::Settled;
use app::bank::{BankMapping, Line, Mode, Outcome};
use domain::{BankName, ClientId, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;
use web::views::{Amount, Moment};

use super::bodies::MappingView;

web::codes! {
    /// What became of a line of a statement, or would.
    LineCode {
        /// The payment is recorded, or would be.
        Recorded = "recorded",
        /// It was recorded before, or stands in an earlier line.
        Known = "known",
        /// It names no client.
        NoClient = "no_client",
        /// It names several.
        Ambiguous = "ambiguous",
        /// No money came in.
        NotADeposit = "not_a_deposit",
        /// It cannot be read.
        Faulty = "faulty",
        /// A rule says no.
        Refused = "refused",
        /// It could not be recorded now.
        Failed = "failed",
    }
}

/// A bank with how it writes its statements.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BankView {
    /// The bank's name here.
    pub bank: String,
    /// How it writes its statements.
    pub mapping: MappingView,
    /// So many lines of a file come before the movements.
    pub head_lines: u32,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Moment,
}

impl BankView {
    pub(super) fn new(bank: &BankName, known: BankMapping) -> Self {
        let BankMapping { mapping, by, at } = known;
        Self {
            bank: bank.to_string(),
            head_lines: mapping.head_lines(),
            mapping: mapping.into(),
            set_by: by.to_string(),
            set_at: at.into(),
        }
    }
}

/// What became of a statement, or would.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatementView {
    /// The bank's name here.
    pub bank: String,
    /// Whether it was applied; a preview writes nothing.
    pub applied: bool,
    /// The lines that are not blank, in order.
    pub lines: Vec<LineView>,
}

impl StatementView {
    pub(super) fn new(bank: &BankName, mode: Mode, lines: Vec<Line>) -> Self {
        let lines = lines.into_iter().map(|line| LineView::new(mode, line)).collect();
        Self { bank: bank.to_string(), applied: mode == Mode::Apply, lines }
    }
}

/// A line of a statement and what became of it, or would.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineView {
    /// The line of the file, from 1.
    pub line: u32,
    /// What became of it.
    pub outcome: LineCode,
    /// The same in Spanish, with what to do.
    pub text: String,
    /// The bank's reference, where money came in.
    pub reference: Option<String>,
    /// How much.
    pub amount: Option<Amount>,
    /// The bank's value date.
    #[schema(value_type = Option<String>, format = Date)]
    pub value_date: Option<NaiveDate>,
    /// Whose payment it is.
    pub client: Option<String>,
    /// The months that it settles.
    pub months: Vec<String>,
}

impl LineView {
    fn new(mode: Mode, line: Line) -> Self {
        let Line { line, deposit, outcome } = line;
        let (code, text) = told(mode, &outcome);
        let months = match &outcome {
            Outcome::Recorded { settled, .. } => settled.months.as_slice(),
            Outcome::Known { .. }
            | Outcome::NoClient
            | Outcome::Ambiguous(_)
            | Outcome::NotADeposit
            | Outcome::Faulty(_)
            | Outcome::Refused { .. }
            | Outcome::Failed { .. } => &[],
        };
        Self {
            line,
            outcome: code,
            text,
            reference: deposit.as_ref().map(|it| it.reference.clone()),
            amount: deposit.as_ref().map(|it| it.amount.into()),
            value_date: deposit.as_ref().map(|it| it.value_date),
            client: client(&outcome).map(ToString::to_string),
            months: months.iter().map(ToString::to_string).collect(),
        }
    }
}

const fn client(outcome: &Outcome) -> Option<&ClientId> {
    match outcome {
        Outcome::Recorded { client, .. }
        | Outcome::Known { client }
        | Outcome::Refused { client, .. } => Some(client),
        Outcome::NoClient
        | Outcome::Ambiguous(_)
        | Outcome::NotADeposit
        | Outcome::Faulty(_)
        | Outcome::Failed { .. } => None,
    }
}

fn told(mode: Mode, outcome: &Outcome) -> (LineCode, String) {
    match outcome {
        Outcome::Recorded { client, settled } => {
            let verb = match mode {
                Mode::Preview => "Se registraría",
                Mode::Apply => "Registrado",
            };
            (LineCode::Recorded, format!("{verb} para {client}: {}", what_it_settles(settled)))
        }
        Outcome::Known { client } => {
            (LineCode::Known, format!("Ya estaba registrado para {client}: nada cambia"))
        }
        Outcome::NoClient => {
            let text = "Sin cliente: ni la referencia ni el concepto llevan su clave; regístrelo a mano, \
                        o agregue el ordenante a la plantilla del banco";
            (LineCode::NoClient, text.to_owned())
        }
        Outcome::Ambiguous(clients) => {
            let clients: Vec<_> = clients.iter().map(ClientId::as_str).collect();
            let clients = clients.join(", ");
            let text = format!("Nombra a varios clientes ({clients}): regístrelo a mano");
            (LineCode::Ambiguous, text)
        }
        Outcome::NotADeposit => (LineCode::NotADeposit, "No es un depósito".to_owned()),
        Outcome::Faulty(faults) => {
            (LineCode::Faulty, format!("No se registra: {}", faults.join("; ")))
        }
        Outcome::Refused { client, refusal } => {
            let text = format!("No se registra para {client}: {}", refusal.text);
            (LineCode::Refused, format!("{text} (regla {})", refusal.rule))
        }
        Outcome::Failed { again: true } => {
            let text = "No se pudo registrar en este momento: aplique el archivo otra vez";
            (LineCode::Failed, text.to_owned())
        }
        Outcome::Failed { again: false } => {
            let text = "No se pudo registrar por una falla: revise que el cliente tenga una póliza \
                        vigente, y aplique el archivo otra vez";
            (LineCode::Failed, text.to_owned())
        }
    }
}

fn what_it_settles(settled: &Settled) -> String {
    let Settled { months, waiting } = settled;
    let months: Vec<String> = months.iter().map(|month| month.spanish()).collect();
    match (months.is_empty(), waiting.0 > 0) {
        (false, false) => months.join(", "),
        (false, true) => format!("{}; {waiting} esperan al mes siguiente", months.join(", ")),
        (true, _) => "espera a que se cobre el mes siguiente".to_owned(),
    }
}
