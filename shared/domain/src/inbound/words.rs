//! How people read why a mail was set aside.

use super::{NotProven, QuarantineReason};

impl QuarantineReason {
    /// The reason in Spanish, as the end of a sentence.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Virus => "contiene un virus",
            Self::Spam => "se considera correo no deseado",
            Self::Dmarc => "no pasó la comprobación que el dominio del remitente exige (DMARC)",
            Self::NotProven(why) => why.spanish(),
            Self::Stranger => "nadie conoce al remitente",
            Self::Bulk => "es un envío masivo o de una lista",
            Self::Unusable => "no se pudo leer",
        }
    }
}

impl NotProven {
    /// The reason in Spanish, as the end of a sentence.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::NoFrom => "no dice quién lo envía",
            Self::SeveralFrom => "dice tener varios remitentes",
            Self::UnreadableFrom => "su remitente no se puede leer",
            Self::OtherDomain => "se comprobó un dominio distinto al del remitente",
            Self::DmarcFailed => "no pasó la comprobación de su dominio (DMARC)",
            Self::Unsigned => "su dominio no lo firma",
            Self::ProcessingFailed => "la comprobación no se pudo hacer",
            Self::NoVerdict => "no hay comprobación del remitente",
        }
    }
}
