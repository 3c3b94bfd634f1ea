//! The types of the parameters: spans, percents, counts of business days and closed choices.

use core::fmt;
use core::num::NonZeroU8;

use chrono::{NaiveDate, TimeDelta};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Centavos;
use crate::calendar::{ContractedHours, MinuteOfDay};
use crate::instant::{spanish_date, spanish_span};

/// A value as people read and write it, in Spanish.
pub trait Shown {
    /// How a value is written in data, with an example.
    const FORM: &'static str;

    /// The value in words.
    fn shown(&self) -> String;
}

/// A span of time that a parameter sets, in whole seconds, from zero to 366 days. Written `48h`,
/// `30m` or `45s`; a bare number is seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u32);

/// Why a text is not a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a span such as 48h, 30m or 45s, from 0s to 8784h")]
pub struct SpanError;

impl Span {
    /// The longest span: 366 days.
    pub const SECONDS_MAX: u32 = 366 * 24 * 3600;

    /// A span of whole hours; hours beyond 366 days are cut.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self::seconds(hours.saturating_mul(3600))
    }

    /// A span of whole minutes; minutes beyond 366 days are cut.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// A span of whole seconds; seconds beyond 366 days are cut.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(if seconds > Self::SECONDS_MAX { Self::SECONDS_MAX } else { seconds })
    }

    /// The span as a difference of instants.
    #[must_use]
    pub const fn delta(self) -> TimeDelta {
        TimeDelta::seconds(self.0 as i64)
    }

    /// Reads `48h`, `30m`, `45s`.
    ///
    /// # Errors
    /// When the text has another form or is longer than 366 days.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let unit = match text.as_bytes().last() {
            Some(b'h') => 3600,
            Some(b'm') => 60,
            Some(b's') => 1,
            Some(_) | None => return Err(SpanError),
        };
        let digits = &text[..text.len() - 1];
        // The number alone would be read with a sign too.
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SpanError);
        }
        let count: u32 = digits.parse().map_err(|_| SpanError)?;
        Self::checked(u64::from(count) * unit)
    }

    fn checked(seconds: u64) -> Result<Self, SpanError> {
        match u32::try_from(seconds) {
            Ok(seconds) if seconds <= Self::SECONDS_MAX => Ok(Self(seconds)),
            Ok(_) | Err(_) => Err(SpanError),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds if seconds != 0 && seconds.is_multiple_of(3600) => {
                write!(f, "{}h", seconds / 3600)
            }
            seconds if seconds != 0 && seconds.is_multiple_of(60) => write!(f, "{}m", seconds / 60),
            seconds => write!(f, "{seconds}s"),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Span;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a span such as 48h, 30m or 45s, or a number of seconds")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Span, E> {
                Span::parse(text).map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Span, E> {
                Span::checked(seconds).map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Span, E> {
                u64::try_from(seconds)
                    .map_err(|_| E::custom(SpanError))
                    .and_then(|s| self.visit_u64(s))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A whole percentage from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Percent(u8);

impl Percent {
    /// A percentage, when it lies between 1 and 100.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        match percent {
            1..=100 => Some(Self(percent)),
            _ => None,
        }
    }

    /// The number before the sign.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = u8::deserialize(deserializer)?;
        Self::new(percent).ok_or_else(|| D::Error::custom("a percentage lies between 1 and 100"))
    }
}

/// A count of natural days, from 1 to 366.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NaturalDays(u16);

impl NaturalDays {
    /// A count, when it lies between 1 and 366.
    #[must_use]
    pub const fn new(days: u16) -> Option<Self> {
        match days {
            1..=366 => Some(Self(days)),
            _ => None,
        }
    }

    /// The count.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The count as a difference of dates.
    #[must_use]
    pub const fn days(self) -> chrono::Days {
        chrono::Days::new(self.0 as u64)
    }
}

impl<'de> Deserialize<'de> for NaturalDays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let days = u16::deserialize(deserializer)?;
        Self::new(days).ok_or_else(|| D::Error::custom("a count of days lies between 1 and 366"))
    }
}

/// How a month that is not charged whole is charged (10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proration {
    /// By its natural days.
    ByDays,
    /// The whole month's fee.
    Whole,
}

/// How clocks run over a suspension that was annulled (10.2a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnulmentClock {
    /// As if it had never been; a miss that results is printed with its cause.
    Count,
    /// The time from its effective instant to the recording of the payment is a pause.
    Pause,
}

/// A count of business days (1.3), read as in G4: "within n business days".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BusinessDays(pub u16);

/// Whether the same day can be had for a request between the two cut-offs (7.2a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameDayExtended {
    /// It is offered at an additional cost, and applies once it is accepted.
    WithCost,
    /// It applies without asking and without charge.
    Included,
    /// It cannot be had.
    Unavailable,
}

/// In which hours an emergency is attended (7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyHours {
    /// In contracted hours: minutes of contracted time.
    Contracted,
    /// Always, by an emergency line: natural minutes.
    All,
}

/// What an emergency costs beyond the póliza (7.4a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencySurcharge {
    /// Nothing.
    Included,
    /// This amount, tax included, when it is accepted.
    WithCost(Centavos),
}

/// How the 48 hours after a solution run (9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoCloseMode {
    /// As the text says: natural hours.
    Natural,
    /// Natural hours, and at least one full contracted day, and never outside contracted hours.
    Guarded,
}

impl Shown for bool {
    const FORM: &'static str = "true o false";

    fn shown(&self) -> String {
        if *self { "sí" } else { "no" }.to_owned()
    }
}

impl Shown for Span {
    const FORM: &'static str = "un tiempo: \"48h\", \"30m\" o \"45s\"";

    fn shown(&self) -> String {
        spanish_span(self.delta())
    }
}

impl Shown for Percent {
    const FORM: &'static str = "un número de 1 a 100";

    fn shown(&self) -> String {
        format!("{} %", self.0)
    }
}

impl Shown for BusinessDays {
    const FORM: &'static str = "un número de días hábiles: 5";

    fn shown(&self) -> String {
        if self.0 == 1 { "1 día hábil".to_owned() } else { format!("{} días hábiles", self.0) }
    }
}

impl Shown for Vec<BusinessDays> {
    const FORM: &'static str = "una lista de días hábiles: [2, 5, 10]";

    fn shown(&self) -> String {
        let days: Vec<String> = self.iter().map(|days| days.0.to_string()).collect();
        match self.as_slice() {
            [] => "ninguno".to_owned(),
            [one] => one.shown(),
            [..] => format!("{} días hábiles", days.join(", ")),
        }
    }
}

impl Shown for NaturalDays {
    const FORM: &'static str = "un número de días naturales, de 1 a 366";

    fn shown(&self) -> String {
        if self.0 == 1 {
            "1 día natural".to_owned()
        } else {
            format!("{} días naturales", self.0)
        }
    }
}

impl Shown for Vec<NaturalDays> {
    const FORM: &'static str = "una lista de días naturales, cada uno de 1 a 366: [15, 8]";

    fn shown(&self) -> String {
        let days: Vec<String> = self.iter().map(|days| days.0.to_string()).collect();
        match self.as_slice() {
            [] => "ninguno".to_owned(),
            [one] => one.shown(),
            [..] => format!("{} días naturales", days.join(", ")),
        }
    }
}

impl Shown for Proration {
    const FORM: &'static str = "\"by_days\" o \"whole\"";

    fn shown(&self) -> String {
        match self {
            Self::ByDays => "por días naturales",
            Self::Whole => "mes completo",
        }
        .to_owned()
    }
}

impl Shown for AnnulmentClock {
    const FORM: &'static str = "\"count\" o \"pause\"";

    fn shown(&self) -> String {
        match self {
            Self::Count => "cuenta como si no hubiera existido",
            Self::Pause => "en pausa hasta que se registra el pago",
        }
        .to_owned()
    }
}

impl Shown for Centavos {
    const FORM: &'static str = "un número entero de centavos con impuestos: 87000 son $870.00";

    fn shown(&self) -> String {
        self.to_string()
    }
}

/// What has no default: it is told that nothing was recorded.
impl<T: Shown> Shown for Option<T> {
    const FORM: &'static str = T::FORM;

    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| "sin registrar".to_owned(), Shown::shown)
    }
}

impl Shown for NaiveDate {
    const FORM: &'static str = "un día: 2026-01-01";

    fn shown(&self) -> String {
        spanish_date(*self)
    }
}

/// Months of a term.
impl Shown for NonZeroU8 {
    const FORM: &'static str = "un número de meses, de 1 a 255";

    fn shown(&self) -> String {
        if self.get() == 1 { "1 mes".to_owned() } else { format!("{self} meses") }
    }
}

impl Shown for MinuteOfDay {
    const FORM: &'static str = "una hora de \"00:00\" a \"24:00\"";

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for ContractedHours {
    const FORM: &'static str =
        "una tabla de días, cada uno con sus intervalos: { mon = [[\"09:00\", \"18:00\"]] }";

    fn shown(&self) -> String {
        self.spanish()
    }
}

impl Shown for SameDayExtended {
    const FORM: &'static str = "\"with_cost\", \"included\" o \"unavailable\"";

    fn shown(&self) -> String {
        match self {
            Self::WithCost => "con costo",
            Self::Included => "incluida",
            Self::Unavailable => "no disponible",
        }
        .to_owned()
    }
}

impl Shown for EmergencyHours {
    const FORM: &'static str = "\"contracted\" o \"all\"";

    fn shown(&self) -> String {
        match self {
            Self::Contracted => "horario contratado",
            Self::All => "todas las horas",
        }
        .to_owned()
    }
}

impl Shown for EmergencySurcharge {
    const FORM: &'static str = "\"included\" o { with_cost = 348000 }, en centavos con impuestos";

    fn shown(&self) -> String {
        match self {
            Self::Included => "incluida".to_owned(),
            Self::WithCost(amount) => format!("con costo de {amount}"),
        }
    }
}

impl Shown for AutoCloseMode {
    const FORM: &'static str = "\"natural\" o \"guarded\"";

    fn shown(&self) -> String {
        match self {
            Self::Natural => "horas naturales",
            Self::Guarded => "horas naturales con un día contratado completo",
        }
        .to_owned()
    }
}
