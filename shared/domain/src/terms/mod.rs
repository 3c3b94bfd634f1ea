//! The terms of a póliza: named parameters, resolved through four layers (clause 2, G5, G6).
//!
//! "En caso de contradicción, discrepancia o interpretación divergente entre el presente Contrato
//! y el SLA, prevalecerán en todo momento las disposiciones del presente Contrato Marco."

mod layers;
mod modality;
mod money;
mod parameters;
mod values;
mod versions;

pub use layers::{Layer, Layered, MasterOverride, MasterOverrides};
pub use modality::Modality;
pub use money::Centavos;
pub use parameters::{Parameter, Parameters, Terms};
pub use values::{
    AnnulmentClock, AutoCloseMode, BusinessDays, EmergencyHours, EmergencySurcharge, NaturalDays,
    Percent, Proration, SameDayExtended, Shown, Span, SpanError,
};
pub use versions::{Stretch, Version, known_after, resolve};
