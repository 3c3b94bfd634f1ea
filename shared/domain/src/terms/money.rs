//! Money (G9): integer centavos of MXN; prices are shown with their tax.

use core::fmt;

use serde::{Deserialize, Serialize};

/// An amount of Mexican pesos in centavos, tax included where it is shown to a client (G9).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Centavos(pub i64);

impl fmt::Display for Centavos {
    /// `$1,234.00 MXN`; a debt is `-$1,234.00 MXN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        let pesos = (amount / 100).to_string();
        write!(f, "{sign}$")?;
        for (at, digit) in pesos.chars().enumerate() {
            if at != 0 && (pesos.len() - at).is_multiple_of(3) {
                write!(f, ",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{:02} MXN", amount % 100)
    }
}
