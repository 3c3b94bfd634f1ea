//! The rules of the support agreement: pure decisions over recorded facts (A1, A2).

pub mod account;
pub mod agreement;
pub mod attention;
pub mod auto_close;
pub mod billing;
pub mod calendar;
pub mod client;
pub mod contacts;
pub mod edition;
pub mod evidence;
pub mod explanation;
pub mod ids;
pub mod inbound;
pub mod instant;
pub mod pauses;
pub mod renewal;
pub mod same_day;
pub mod standing;
pub mod terms;
pub mod ticket;
pub mod whatsapp;

pub use chrono::{NaiveDate, TimeDelta, Weekday};
pub use explanation::{Step, Trace, Used};
pub use instant::{Instant, InstantError};

pub use client::{Client, MailDomain, is_public_provider};
pub use contacts::{Actor, Participant, Power, Role, Spoc, StaffMember};
pub use ids::{BankName, ClientId, IdError, ModuleName, ParticipantId, SpocId, StaffId, TicketRef};
