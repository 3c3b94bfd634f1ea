//! Who a client is: its name, its mail domains, its modules, and that it accepted the agreement.
//!
//! > *4. El soporte cubre únicamente: Incidencias sobre módulos activos del cliente. Módulos
//! > implementados directamente por Millora.*
//!
//! Rules 0.1, 1.2a and 4.1.

mod changes;
mod differences;
mod notice;

pub use changes::{ChangeFault, Changes, Known, Start, changes, known_from, starts};
pub use differences::{differences, told};
pub use notice::{ClientContent, ClientNotice, Designation, SpocChange};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::terms::{MasterOverride, Parameters, Stretch};
use crate::{ClientId, Instant, ModuleName, Spoc, SpocId};

/// A client of Millora.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The client's code.
    pub id: ClientId,
    /// The name as clients read it.
    pub name: String,
    /// Its mail domains: whoever writes from one of them and is no SPoC is a colleague (1.2a).
    #[serde(default)]
    pub domains: Vec<MailDomain>,
    /// Its Odoo modules (4.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<Module>,
    /// Who accepted the agreement; where it is missing, the desk sees it, and it blocks nothing (0.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
}

/// An Odoo module of a client (4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its technical name.
    pub technical_name: ModuleName,
    /// The first local day on which it is active.
    pub active_from: NaiveDate,
    /// The last local day on which it is, that day included; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_to: Option<NaiveDate>,
    /// Who implemented it.
    pub implemented_by: Implementer,
}

/// Who implemented a module (4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Implementer {
    /// "Módulos implementados directamente por Millora".
    Millora,
    /// Somebody else.
    Other,
}

/// The acceptance of the agreement as a fact (0.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The SPoC who accepted.
    pub spoc: SpocId,
    /// The digest of the text of the edition that he accepted.
    pub edition: String,
    /// When.
    pub at: Instant,
    /// By which act, as people cite it.
    pub act: String,
}

/// All that a person says of a client at once. How it becomes known, [`changes`] decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientEntry {
    /// Who it is.
    pub client: Client,
    /// Its SPoCs (1.2).
    pub spocs: Vec<Spoc>,
    /// What its póliza says, in order, no two stretches at once.
    pub plans: Vec<Stretch<Parameters>>,
    /// What its Contrato Marco says instead of the agreement (2.2).
    pub overrides: Vec<MasterOverride>,
}

/// A mail domain of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDomain {
    /// The domain, in lower case.
    pub name: String,
    /// Why SPF for this very domain proves a sender where the domain publishes no DMARC policy;
    /// without a reason it does not (M1).
    #[serde(default)]
    pub spf_suffices: Option<String>,
}

/// Domains at which anybody can have an address: they are no client's (1.2a).
const PUBLIC_PROVIDERS: [&str; 22] = [
    "aol.com",
    "gmail.com",
    "gmx.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.com.mx",
    "hotmail.es",
    "icloud.com",
    "infinitummail.com",
    "live.com",
    "live.com.mx",
    "mac.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "outlook.es",
    "prodigy.net.mx",
    "proton.me",
    "protonmail.com",
    "yahoo.com",
    "yahoo.com.mx",
];

/// Whether anybody can have an address at this domain, so that it proves nothing of a client (1.2a).
#[must_use]
pub fn is_public_provider(domain: &str) -> bool {
    PUBLIC_PROVIDERS.iter().any(|known| domain.eq_ignore_ascii_case(known))
}

/// Words that banks and payers write into statements whoever pays, as codes spell them. A list, since
/// no rule tells a word from a code.
const STATEMENT_WORDS: [&str; 87] = [
    "ABONO", "ABONOS", "ABRIL", "AGOSTO", "ANTICIPO", "AZTECA", "BANAMEX", "BANCARIO", "BANCO",
    "BANCOMER", "BANORTE", "BANREGIO", "BBVA", "CARGO", "CDMX", "CHEQUE", "CIA", "CLABE", "CLAVE",
    "CLIENTE", "COBRO", "COMPRA", "CONCEPTO", "CONTRATO", "CTA", "CUENTA", "CV", "DE", "DEL",
    "DEPOSITO", "DIA", "EFECTIVO", "EL", "EN", "ENERO", "FACT", "FACTURA", "FEBRERO", "FECHA",
    "FOLIO", "HSBC", "INBURSA", "INGRESO", "IVA", "JULIO", "JUNIO", "LA", "LAS", "LOS", "MARZO",
    "MAYO", "MES", "MEXICO", "MILLORA", "MN", "MXN", "NO", "NOMINA", "NUM", "ODOO", "ORDEN",
    "PAGO", "PAGOS", "PARA", "PESOS", "POLIZA", "POR", "RECIBO", "REF", "RFC", "SA", "SALDO",
    "SAPI", "SCOTIA", "SERVICIO", "SOPORTE", "SPEI", "SPID", "SRL", "SUCURSAL", "TEF", "TOTAL",
    "TRANSFER", "TRASPASO", "USD", "VENTA", "VENTAS",
];

/// Whether a word, spelled as a code, stands in a bank's statement whoever pays, so that it says of no
/// deposit whose it is (10.2). Figures alone are dates, accounts and amounts.
#[must_use]
pub fn is_statement_word(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit()) || STATEMENT_WORDS.contains(&word)
}
