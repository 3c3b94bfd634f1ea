//! Names of things: short, checked strings that are safe in keys, mails and addresses.

use serde::{Deserialize, Serialize};

/// Symbols of references: Crockford's base 32, without I, L, O and U.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of the check character: ISO 7064, MOD 37,36.
const CHECK_SYMBOLS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The longest technical name of a module.
const MODULE_CHARS_MAX: usize = 64;
/// How many random symbols a reference has.
pub const REFERENCE_SYMBOLS: usize = 8;

/// Why a text is no valid name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{text}» is not a valid {what}: {why}")]
pub struct IdError {
    /// What was expected.
    pub what: &'static str,
    /// What was given, cut to a readable length.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

fn refuse(what: &'static str, text: &str, why: &'static str) -> IdError {
    IdError { what, text: text.chars().take(80).collect(), why }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// When the text has not the form of this name.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> Result<(), &'static str> = $check;
                match check(text) {
                    Ok(()) => Ok(Self(text.to_owned())),
                    Err(why) => Err(refuse($what, text, why)),
                }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// A client's code: 2 to 8 capital letters and digits. It starts each of its references.
    ClientId, "client code", client_code;
    /// A SPoC of a client: 1 to 24 lower-case letters, digits and hyphens.
    SpocId, "SPoC id", slug;
    /// A member of Millora's staff: 1 to 24 lower-case letters, digits and hyphens.
    StaffId, "staff id", slug;
    /// A bank whose statements are read: 1 to 24 lower-case letters, digits and hyphens.
    BankName, "bank name", slug;
    /// An address that was added to a ticket (1.5): 16 lower-case hexadecimal digits. They are drawn
    /// from a keyed digest of the address, so that the id says nothing of it.
    ParticipantId, "participant id", participant;
    /// Technical name of an Odoo module: 1 to 64 lower-case letters, digits and underscores.
    ModuleName, "module name", module;
    /// A ticket's reference: client code, 8 random symbols, check character; `ACME-7K2QX9RD-E`.
    TicketRef, "ticket reference", reference;
}

fn client_code(text: &str) -> Result<(), &'static str> {
    let fits = (2..=8).contains(&text.len());
    let symbols = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if fits && symbols { Ok(()) } else { Err("it takes 2 to 8 capital letters and digits") }
}

fn slug(text: &str) -> Result<(), &'static str> {
    let fits = (1..=24).contains(&text.len());
    let symbols = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits && symbols {
        Ok(())
    } else {
        Err("it takes 1 to 24 lower-case letters, digits and hyphens")
    }
}

fn participant(text: &str) -> Result<(), &'static str> {
    let symbols = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if text.len() == 16 && symbols {
        Ok(())
    } else {
        Err("it takes 16 lower-case hexadecimal digits")
    }
}

fn module(text: &str) -> Result<(), &'static str> {
    let fits = (1..=MODULE_CHARS_MAX).contains(&text.len());
    let symbols = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fits && symbols {
        Ok(())
    } else {
        Err("it takes 1 to 64 lower-case letters, digits and underscores")
    }
}

fn reference(text: &str) -> Result<(), &'static str> {
    let (body, check) = text.rsplit_once('-').ok_or("it has no check character")?;
    let (client, random) = body.split_once('-').ok_or("it has no client code")?;
    client_code(client)?;
    if random.len() != REFERENCE_SYMBOLS || !random.bytes().all(|b| SYMBOLS.contains(&b)) {
        return Err("its middle part takes 8 symbols of Crockford's base 32");
    }
    if check.as_bytes() != [check_symbol(client, random)] {
        return Err("its check character does not fit: it was mistyped");
    }
    Ok(())
}

impl ClientId {
    /// The reference that `entropy` draws for this client.
    #[must_use]
    pub fn reference(&self, entropy: [u8; REFERENCE_SYMBOLS]) -> TicketRef {
        let random: String =
            entropy.iter().map(|b| char::from(SYMBOLS[usize::from(b % 32)])).collect();
        let check = char::from(check_symbol(&self.0, &random));
        TicketRef(format!("{}-{random}-{check}", self.0))
    }
}

impl TicketRef {
    /// The client to whom the reference belongs.
    #[must_use]
    pub fn client(&self) -> ClientId {
        ClientId(self.0.split('-').next().unwrap_or_default().to_owned())
    }
}

/// ISO 7064, MOD 37,36: finds every single wrong symbol, and all but a few of the swaps of
/// neighbours.
fn check_symbol(client: &str, random: &str) -> u8 {
    let mut product = 36_usize;
    for symbol in client.bytes().chain(random.bytes()) {
        let value = CHECK_SYMBOLS.iter().position(|s| *s == symbol).unwrap_or_default();
        let sum = match (product + value) % 36 {
            0 => 36,
            rest => rest,
        };
        product = sum * 2 % 37;
    }
    CHECK_SYMBOLS[(37 - product) % 36]
}
