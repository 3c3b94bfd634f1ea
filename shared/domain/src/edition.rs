//! Editions of the agreement, and from when one may be in force.
//!
//! > *14. Millora podrá modificar este SLA con un aviso previo de 30 días naturales mediante
//! > publicación en su sitio web.*

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::calendar::{MinuteOfDay, OutOfCalendar, covers, local_instant};
use crate::explanation::{Step, Trace};
use crate::instant::spanish_date;
use crate::terms::{Parameter, Parameters, Terms};

/// One edition of the agreement as it was published (14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Its number, from 1.
    pub n: u32,
    /// The digest of its text.
    pub text_hash: String,
    /// Where it is published.
    pub url: String,
    /// When it was published.
    pub published_at: Instant,
    /// From when it is in force.
    pub effective_at: Instant,
}

/// An edition as clocks are pinned to it: a version that is known since its publication and holds from
/// when it is in force (14, G6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionTerms {
    /// Its number, from 1.
    pub n: u32,
    /// The digest of its text.
    pub text_hash: String,
    /// Where it is published.
    pub url: String,
    /// The parameters that it sets.
    #[serde(default)]
    pub parameters: Parameters,
}

/// Why an edition cannot be published as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditionFault {
    /// It would be in force before the notice has run (14).
    #[error(
        "effective_at lies before {earliest}, the first instant after the notice of natural days \
         that clause 14 asks for: write that instant or a later one"
    )]
    TooEarly {
        /// The first instant at which it may be in force.
        earliest: Instant,
    },
    /// An instant lies outside the calendar (G1).
    #[error(transparent)]
    Calendar(#[from] OutOfCalendar),
}

/// The first instant at which an edition published at `published_at` may be in force (14): 00:00
/// local of the day after the 30th natural day, the day of publication not counted.
///
/// # Errors
/// When the publication or the answer lies outside the calendar (G1).
pub fn effective_from(
    published_at: Instant,
    terms: &Terms,
    trace: &mut impl Trace,
) -> Result<Instant, OutOfCalendar> {
    if !covers(published_at) {
        return Err(OutOfCalendar::Instant(published_at));
    }
    let notice = terms.edition_notice_days.value;
    let beyond = OutOfCalendar::Beyond(published_at);
    let last = published_at.date().checked_add_days(notice.days()).ok_or(beyond)?;
    let effective = local_instant(last, MinuteOfDay::END).map_err(|_| beyond)?;
    trace.step(|| Step {
        rule: "14",
        text: format!(
            "Publicada el {}: el aviso previo es de {} días naturales, sin contar el de la \
             publicación, y termina el {} a las 24:00 h.",
            spanish_date(published_at.date()),
            notice.get(),
            spanish_date(last)
        ),
        at: Some(effective),
        used: vec![terms.used(Parameter::EditionNoticeDays)],
    });
    Ok(effective)
}

impl Edition {
    /// Refuses an edition that would be in force too early (14).
    ///
    /// # Errors
    /// When it would, or an instant lies outside the calendar (G1).
    pub fn check(&self, terms: &Terms) -> Result<(), EditionFault> {
        let earliest = effective_from(self.published_at, terms, &mut ())?;
        match self.effective_at {
            at if at < earliest => Err(EditionFault::TooEarly { earliest }),
            at if !covers(at) => Err(OutOfCalendar::Instant(at).into()),
            _ => Ok(()),
        }
    }
}
