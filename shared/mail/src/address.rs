//! Mail addresses: parsed, and written again from what was parsed.

use std::fmt;

use serde::{Serialize, Serializer};

/// The part before the `@` has at most so many octets (RFC 5321, 4.5.3.1.1).
const LOCAL_OCTETS_MAX: usize = 64;
/// An address has at most so many octets, so that it fits a path (RFC 5321, 4.5.3.1.3).
const ADDRESS_OCTETS_MAX: usize = 254;
/// One label of a domain has at most so many octets (RFC 1035).
const LABEL_OCTETS_MAX: usize = 63;

/// A mail address that can be written into a header or an envelope as it stands: ASCII, a plain
/// local part (no quotes, comments or white space) and a domain of host names. The domain is kept in
/// lower case.
///
/// Addresses outside ASCII are refused: the mail service takes domains in their `xn--` form only and
/// no local part outside ASCII.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    local: String,
    domain: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is not exactly one `@` with something on both sides.
    #[error("an address has the form name@domain")]
    Form,
    /// A character that cannot stand in a plain address.
    #[error("before the @ only ASCII letters, digits and !#$%&'*+-/=?^_`{{|}}~ with single dots")]
    Local,
    /// The domain is not one.
    #[error("after the @ comes a domain: labels of ASCII letters, digits and hyphens, with a dot")]
    Domain,
    /// It is longer than the protocol takes.
    #[error("an address has at most 64 octets before the @ and 254 in all")]
    Length,
}

impl Address {
    /// Parses `text`, without display name and angle brackets.
    ///
    /// # Errors
    /// When it is no plain ASCII address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (local, domain) = text.split_once('@').ok_or(AddressError::Form)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(AddressError::Form);
        }
        if local.len() > LOCAL_OCTETS_MAX || text.len() > ADDRESS_OCTETS_MAX {
            return Err(AddressError::Length);
        }
        if !local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_text)) {
            return Err(AddressError::Local);
        }
        if !is_domain(domain) {
            return Err(AddressError::Domain);
        }
        Ok(Self { local: local.to_owned(), domain: domain.to_ascii_lowercase() })
    }

    /// The part before the `@`, as it was written.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The form in which two spellings of one mailbox are the same: all in lower case.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("{}@{}", self.local.to_ascii_lowercase(), self.domain)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// As it is written.
impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Addresses stay out of logs.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

fn is_atom_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=LABEL_OCTETS_MAX).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain_or_refused() {
        let long = format!("{}@acme.example", "a".repeat(65));
        let longer = format!("a@{}example", "a.".repeat(130));
        let table: &[(&str, Result<&str, AddressError>)] = &[
            ("ana@acme.example", Ok("ana@acme.example")),
            ("Ana.Lopez+x@ACME.Example", Ok("Ana.Lopez+x@acme.example")),
            ("o'hara@xn--maana-pta.example", Ok("o'hara@xn--maana-pta.example")),
            ("ana", Err(AddressError::Form)),
            ("@acme.example", Err(AddressError::Form)),
            ("ana@", Err(AddressError::Form)),
            ("ana@b@acme.example", Err(AddressError::Form)),
            ("ana@acme.example\r\nBcc: x@evil.example", Err(AddressError::Form)),
            ("ana\r\nBcc: x@acme.example", Err(AddressError::Local)),
            ("ana\0@acme.example", Err(AddressError::Local)),
            ("ana>@acme.example", Err(AddressError::Local)),
            ("ana..x@acme.example", Err(AddressError::Local)),
            (".ana@acme.example", Err(AddressError::Local)),
            ("\"a b\"@acme.example", Err(AddressError::Local)),
            ("año@acme.example", Err(AddressError::Local)),
            ("ana@localhost", Err(AddressError::Domain)),
            ("ana@acme..example", Err(AddressError::Domain)),
            ("ana@-acme.example", Err(AddressError::Domain)),
            ("ana@acme.example.", Err(AddressError::Domain)),
            ("ana@acme.example\n", Err(AddressError::Domain)),
            ("ana@[127.0.0.1]", Err(AddressError::Domain)),
            (&long, Err(AddressError::Length)),
            (&longer, Err(AddressError::Length)),
        ];
        for (given, expected) in table {
            let parsed = Address::parse(given).map(|address| address.to_string());
            assert_eq!(parsed, expected.map(str::to_owned), "{given:?}");
        }
    }
}
