//! The four layers of a parameter (G5) and the overrides of the Contrato Marco (2.2).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Parameters;

/// Where a value comes from. A later variant wins over an earlier one (G5, clause 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The product's default, a choice written down where the agreement is silent.
    Product,
    /// The edition of the agreement in force.
    Edition,
    /// The client's póliza.
    Plan,
    /// An override from the client's Contrato Marco, which prevails always.
    MasterAgreement,
}

impl Layer {
    /// The layer's name for people, in Spanish.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Product => "valor predeterminado",
            Self::Edition => "edición vigente del acuerdo",
            Self::Plan => "póliza",
            Self::MasterAgreement => "Contrato Marco",
        }
    }
}

/// A value and the layer that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layered<T> {
    /// The value that holds.
    pub value: T,
    /// The layer that won.
    pub layer: Layer,
    /// The document that set it, for a layer of the Contrato Marco.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

impl<T> Layered<T> {
    /// The product's own default.
    pub(super) const fn product(value: T) -> Self {
        Self { value, layer: Layer::Product, document: None }
    }

    /// Lets a higher layer replace the value, if it sets one.
    pub(super) fn replace(&mut self, value: Option<&T>, layer: Layer, document: Option<&str>)
    where
        T: Clone,
    {
        if let Some(value) = value {
            *self = Self { value: value.clone(), layer, document: document.map(ToOwned::to_owned) };
        }
    }
}

/// All that a client's Contrato Marco says instead of the agreement, as it is known at one time: a
/// document that is no longer named no longer holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterOverrides {
    /// Each document's values, in the order in which a person lists them.
    pub overrides: Vec<MasterOverride>,
}

/// Values that one document of the Contrato Marco sets for one client (2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterOverride {
    /// What it sets.
    pub parameters: Parameters,
    /// The document that says so, as people cite it.
    pub document: String,
    /// Its first local day.
    pub valid_from: NaiveDate,
    /// Its last local day, that day included; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
}

impl MasterOverride {
    /// Whether it holds on a local day.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}
