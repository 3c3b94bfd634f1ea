//! What both HTTP functions share: credentials, problems, idempotency, limits, and how clocks,
//! explanations and people are shown.
//!
//! A handler is given what a request is allowed to say, already checked: who asks ([`SpocCaller`],
//! [`StaffCaller`]), about which ticket ([`Reference`]), with which parameters ([`Params`]) and which
//! body ([`Input`]). It calls one use case and shows the result. Whatever goes wrong on the way is a
//! [`Problem`].
//!
//! Architecture invariants: the tenant comes from the credential alone, and the instant of receipt
//! ([`ReceivedAt`]) from the gateway or the bundle's clock, never from the input or from the time at
//! which a handler happened to run (G2).

mod answer;
mod api;
pub mod bodies;
mod callers;
pub mod codes;
mod errors;
mod fields;
mod input;
mod json;
pub mod limits;
mod names;
mod paging;
mod problem;
mod routes;
mod surface;
pub mod views;

pub use answer::{Answer, replayed_header};
pub use api::api;
pub use callers::{Duty, ReceivedAt, SpocCaller, StaffCaller};
pub use errors::{ReadErrors, WriteErrors};
pub use fields::Fields;
pub use input::{
    AttachmentPath, BankPath, ClientPath, EventId, Input, MailId, Params, RawBody, Reference,
    Subject,
};
pub use names::Names;
pub use paging::Cursor;
pub use problem::{Fault, Problem};
pub use routes::{Docs, Routes, Silent};
pub use surface::surface;
