//! What is stored of an account.

use domain::Instant;
use domain::account::{Account, Timers};
use domain::billing::Payment;
use serde::{Deserialize, Serialize};

use crate::codec::{Document, Stored};
use crate::failure::Failure;
use crate::item::{Item, ListEntry};
use crate::keys;

/// State of an account, with its due entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHead {
    /// The fold of the events.
    pub account: Account,
    /// When there is something to do next.
    #[serde(default)]
    pub wake: AccountWake,
}

impl Document for AccountHead {
    const STRUCTS: &'static [&'static str] = &["account", "wake"];
}

/// What time will bring about, as the head's due entry needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountWake {
    /// When `payment-due` has something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Instant>,
    /// When `renewal-notice` has something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Instant>,
}

impl From<Timers> for AccountWake {
    fn from(timers: Timers) -> Self {
        let Timers { payment, renewal } = timers;
        Self { payment, renewal }
    }
}

impl From<AccountWake> for Timers {
    fn from(wake: AccountWake) -> Self {
        let AccountWake { payment, renewal } = wake;
        Self { payment, renewal }
    }
}

/// That a payment was recorded: its reference is known for good, also when its month is closed (10.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMark {
    /// The event that recorded it.
    pub seq: u32,
    /// The payment, so that another one under its reference is told from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
}

impl Document for PaymentMark {}

/// The item of a head. It stands in the desk's list of accounts, by the client's code.
///
/// # Errors
/// When it cannot be written as JSON.
pub(super) fn account_item(head: &Stored<AccountHead>, schema: u16) -> Result<Item, Failure> {
    let client = &head.doc.account.client;
    let key = keys::account_head(client);
    let due = Timers::from(head.doc.wake).earliest().map(|at| keys::due(&key.pk, at));
    let mut item = head.item(key, schema)?;
    item.due = due;
    item.list = Some(ListEntry { pk: keys::DESK_ACCOUNTS.to_owned(), sk: client.to_string() });
    Ok(item)
}
