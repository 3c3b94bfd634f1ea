//! What the desk sends about an account.

use domain::NaiveDate;
use domain::billing::Month;
use domain::terms::Centavos;
use serde::Serialize;
use utoipa::ToSchema;
use web::Fields;
use web::limits::REASON_CHARS_MAX;

/// A payment, as the desk records it (10.2).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    /// The bank's reference, up to 64 characters, by which it is known again.
    #[schema(min_length = 1, max_length = 64, example = "SPEI-20261205-0001")]
    pub reference: String,
    /// The bank's value date, not after today.
    #[schema(value_type = String, format = Date)]
    pub value_date: NaiveDate,
    /// Centavos of MXN, above zero.
    #[schema(value_type = i64, minimum = 1, example = 1_160_000)]
    pub amount: Centavos,
    /// The month that it names; without it, it settles the oldest unpaid one.
    #[schema(value_type = Option<String>, example = "2026-12")]
    pub month: Option<Month>,
}

impl PaymentBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let reference = fields.bank_reference("reference");
        let value_date = fields.day("value_date");
        let amount = fields.centavos("amount");
        let month = fields.optional_month("month");
        Some(Self { reference: reference?, value_date: value_date?, amount: amount?, month })
    }
}

/// A payment that the bank took back (10.4).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReversalBody {
    /// The payment's reference.
    #[schema(min_length = 1, max_length = 64)]
    pub reference: String,
    /// Why, up to 2,000 characters.
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

impl ReversalBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let found = fields.bank_reference("reference");
        let reason = fields.optional_text("reason", REASON_CHARS_MAX);
        Some(Self { reference: found?, reason })
    }
}

/// A later limit (10.3).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TolerateBody {
    /// For which month.
    #[schema(value_type = String, example = "2026-12")]
    pub month: Month,
    /// The last day on which it can be paid in time, that day included.
    #[schema(value_type = String, format = Date)]
    pub until: NaiveDate,
    /// Why, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl TolerateBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let month = fields.month("month");
        let until = fields.day("until");
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some(Self { month: month?, until: until?, reason: reason? })
    }
}

/// What is waived of a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiveBody {
    /// Of which month.
    #[schema(value_type = String, example = "2026-12")]
    pub month: Month,
    /// How many centavos; all that is left when absent.
    #[schema(value_type = Option<i64>, minimum = 1)]
    pub amount: Option<Centavos>,
    /// Why, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl WaiveBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let month = fields.month("month");
        let amount = fields.optional_centavos("amount");
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some(Self { month: month?, amount, reason: reason? })
    }
}

/// Why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhyBody {
    /// Up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl WhyBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some(Self { reason: reason? })
    }
}
