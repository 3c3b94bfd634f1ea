//! Money in time: which days of a month are charged, until when it can be paid, which payments
//! settle it, and what the system says of it at any instant.
//!
//! > *10. No existe plazo forzoso. No hay reembolsos. Pago dentro de los primeros 5 días del mes.
//! > Falta de pago suspende el soporte.*
//!
//! Everything here is a pure function of recorded facts (G7). A payment counts on its bank value
//! date; what is known at an instant is what had been recorded by then. A job that runs late, twice
//! or never changes when somebody is told, never what is true.

mod allocation;
mod charge;
mod explain;
mod month;
mod phases;
mod standing;

pub use allocation::{Allocation, Payment, PaymentFault, Reversal, Waiting, allocate};
pub use charge::{Charge, Ladder, Limit};
pub use month::Month;
pub use standing::{
    Annulment, LastNotice, MonthFacts, MonthStanding, Part, PaymentStanding, Toleration,
    standing_of, suspension_at,
};
