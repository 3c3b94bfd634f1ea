//! Signed marks by which an answer finds its ticket: the reply address and the token in References.
//!
//! Rule M2. The mail service replaces our Message-ID, so an answer can only be threaded by what a
//! mail program carries back by itself: the address it answers to and the References header.
//! Both name the ticket and carry an HMAC-SHA-256 over client, ticket and recipient, so neither can
//! be made up, moved to another ticket or used by somebody else. They thread a mail; they grant
//! nothing, and who may do what is decided by the proof of sender alone.
//!
//! Mail programs and servers change the case of addresses, so nothing here depends on it. The
//! symbols are Crockford's base 32, lower case, read strictly: no symbol stands for another one.

use std::fmt;

use domain::{ClientId, TicketRef};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Address;
use crate::outbound::Sender;

/// A key has at least so many bytes: as many as the hash gives.
pub const KEY_BYTES_MIN: usize = 32;
/// The HMAC is cut to so many bytes, 120 bits: a whole number of symbols, so that every symbol counts.
const MAC_BYTES: usize = 15;
const MAC_SYMBOLS: usize = MAC_BYTES * 8 / 5;
/// The key's id takes two symbols.
const KEY_SYMBOLS: usize = 2;
const SYMBOLS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The longest mailbox name that leaves room for the longest reference and its signature within the
/// 64 octets of a local part: `mailbox+CLIENT00-XXXXXXXX-X.` and 26 symbols.
pub const MAILBOX_OCTETS_MAX: usize = 64 - 1 - 19 - 1 - KEY_SYMBOLS - MAC_SYMBOLS;

/// A key with the id that travels with each signature, so that keys can be rotated: mails are signed
/// with the newest, and answers to older ones verify with the older keys.
#[derive(Clone)]
pub struct Key {
    id: u8,
    bytes: Vec<u8>,
}

/// A key is too short to sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("key {id} has {bytes} bytes; a signing key has at least {KEY_BYTES_MIN}")]
pub struct KeyTooShort {
    /// The key's id.
    pub id: u8,
    /// Its length.
    pub bytes: usize,
}

impl Key {
    /// A key of at least [`KEY_BYTES_MIN`] secret bytes.
    ///
    /// # Errors
    /// When it is shorter.
    pub fn new(id: u8, bytes: &[u8]) -> Result<Self, KeyTooShort> {
        if bytes.len() < KEY_BYTES_MIN {
            return Err(KeyTooShort { id, bytes: bytes.len() });
        }
        Ok(Self { id, bytes: bytes.to_owned() })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// What a signature is bound to.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'a> {
    /// The client whose ticket it is.
    pub client: &'a ClientId,
    /// The ticket.
    pub ticket: &'a TicketRef,
    /// The address that the mail goes to, and that an answer must come from.
    pub recipient: &'a Address,
}

/// The address to which an answer goes: `soporte+acme-7k2qx9rd-4.<key><mac>@…`.
///
/// # Panics
/// Never: the mailbox of a [`Sender`] leaves room, and every part is plain text of an address.
#[must_use]
pub fn reply_address(sender: &Sender, key: &Key, bound: Bound<'_>) -> Address {
    let ticket = bound.ticket.as_str().to_ascii_lowercase();
    let signature = sign(key, Purpose::Reply, bound);
    let mailbox = sender.mailbox();
    Address::parse(&format!("{mailbox}+{ticket}.{signature}@{}", sender.domain()))
        .expect("a sender's mailbox leaves room for a reference and its signature")
}

/// The token that References carries, a message id without its brackets:
/// `t.acme-7k2qx9rd-4.<number>.<key><mac>@…`. Number 0 is the same in every mail of a ticket to one
/// recipient, so that mail programs show one conversation; the others tell which mail was answered.
#[must_use]
pub fn message_token(sender: &Sender, key: &Key, bound: Bound<'_>, number: u32) -> String {
    let ticket = bound.ticket.as_str().to_ascii_lowercase();
    let signature = sign(key, Purpose::Message(number), bound);
    format!("t.{ticket}.{number}.{signature}@{}", sender.domain())
}

/// What a reply address or a token says, not yet believed: look the ticket up, then [`verify`] it.
///
/// [`verify`]: Mark::verify
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    ticket: TicketRef,
    purpose: Purpose,
    key: u8,
    mac: [u8; MAC_BYTES],
}

impl Mark {
    /// Reads a reply address of ours; `None` when it is none.
    #[must_use]
    pub fn in_address(sender: &Sender, address: &Address) -> Option<Self> {
        if address.domain() != sender.domain() {
            return None;
        }
        let local = address.local().to_ascii_lowercase();
        let (mailbox, tag) = local.split_once('+')?;
        let (ticket, signature) = tag.rsplit_once('.')?;
        if mailbox != sender.mailbox() {
            return None;
        }
        Self::read(ticket, Purpose::Reply, signature)
    }

    /// Reads a token of ours from a message id without its brackets; `None` when it is none.
    #[must_use]
    pub fn in_message_id(sender: &Sender, id: &str) -> Option<Self> {
        let id = id.to_ascii_lowercase();
        let token = id.strip_prefix("t.")?.strip_suffix(sender.domain())?.strip_suffix('@')?;
        let (rest, signature) = token.rsplit_once('.')?;
        let (ticket, digits) = rest.rsplit_once('.')?;
        let number: u32 = digits.parse().ok()?;
        // One number has one spelling: no sign, no leading zero.
        if number.to_string() != digits {
            return None;
        }
        Self::read(ticket, Purpose::Message(number), signature)
    }

    /// The ticket that it names.
    #[must_use]
    pub fn ticket(&self) -> &TicketRef {
        &self.ticket
    }

    /// The number of the mail that is answered, where it is a token.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        match self.purpose {
            Purpose::Reply => None,
            Purpose::Message(number) => Some(number),
        }
    }

    /// Whether one of `keys` signed it for this client, this ticket and the address from which the
    /// answer came. The time it takes does not depend on how much of the signature fits.
    #[must_use]
    pub fn verify(&self, keys: &[Key], client: &ClientId, from: &Address) -> bool {
        let bound = Bound { client, ticket: &self.ticket, recipient: from };
        keys.iter()
            .filter(|key| key.id == self.key)
            .any(|key| mac(key, self.purpose, bound).verify_truncated_left(&self.mac).is_ok())
    }

    fn read(ticket: &str, purpose: Purpose, signature: &str) -> Option<Self> {
        let ticket = TicketRef::parse(&ticket.to_ascii_uppercase()).ok()?;
        if signature.len() != KEY_SYMBOLS + MAC_SYMBOLS || !signature.is_ascii() {
            return None;
        }
        let (key, mac) = signature.split_at(KEY_SYMBOLS);
        let key = key.bytes().try_fold(0, |sum: u16, b| Some(sum * 32 + u16::from(value(b)?)))?;
        Some(Self { ticket, purpose, key: u8::try_from(key).ok()?, mac: decode(mac)? })
    }
}

/// What a signature is for; one for the other is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Reply,
    Message(u32),
}

fn sign(key: &Key, purpose: Purpose, bound: Bound<'_>) -> String {
    let full = mac(key, purpose, bound).finalize().into_bytes();
    let id = [key.id / 32, key.id % 32].map(|n| char::from(SYMBOLS[usize::from(n)]));
    id.into_iter().chain(encode(&full[..MAC_BYTES])).collect()
}

/// Each part goes in behind its length, so that no two different bindings give the same input.
fn mac(key: &Key, purpose: Purpose, bound: Bound<'_>) -> Hmac<Sha256> {
    let purpose = match purpose {
        Purpose::Reply => "reply".to_owned(),
        Purpose::Message(number) => format!("message {number}"),
    };
    let recipient = bound.recipient.canonical();
    let parts = [&purpose, bound.client.as_str(), bound.ticket.as_str(), &recipient];
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&key.bytes).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}

/// Five bytes are eight symbols.
fn encode(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.chunks(5).flat_map(|five| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |at| char::from(SYMBOLS[(bits >> (at * 5) & 31) as usize]))
    })
}

fn decode(symbols: &str) -> Option<[u8; MAC_BYTES]> {
    let mut bytes = [0; MAC_BYTES];
    for (eight, five) in symbols.as_bytes().chunks(8).zip(bytes.chunks_mut(5)) {
        let bits =
            eight.iter().try_fold(0_u64, |bits, b| Some(bits << 5 | u64::from(value(*b)?)))?;
        five.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(bytes)
}

fn value(symbol: u8) -> Option<u8> {
    SYMBOLS.iter().position(|s| *s == symbol).and_then(|at| u8::try_from(at).ok())
}
