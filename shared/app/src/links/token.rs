//! The signed token of an action link: who may do what with which ticket, and until when.
//!
//! A token is one line of letters, digits, hyphens and dots: reference, SPoC, act, cycle, event, last
//! instant, key, signature. It is no secret of the ticket but a credential of the SPoC: whoever holds
//! it may do the one act that it names, once. Each token has exactly one spelling.

use domain::{Instant, SpocId, TicketRef};
use hmac::{Hmac, KeyInit as _, Mac as _};
use mail::outbound::Action;
use sha2::{Digest as _, Sha256};

use crate::auth::hex;
use crate::ports::SigningKey;

/// A token is at most so long, in characters; the longest that can be signed has 131.
pub const LINK_CHARS_MAX: usize = 160;
/// The HMAC is cut to so many bytes, 160 bits: a whole number of symbols, so that every symbol counts.
const MAC_BYTES: usize = 20;
const SYMBOLS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Separates these signatures from any other use of the same key.
const PURPOSE: &str = "action link";

/// What an action link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The ticket.
    pub reference: TicketRef,
    /// On whose behalf it acts.
    pub spoc: SpocId,
    /// What it does.
    pub action: Action,
    /// The cycle that it acts in (9.0).
    pub cycle: u32,
    /// The event that the mail was about.
    pub about: u32,
    /// From this instant on it does nothing.
    pub expires_at: Instant,
}

impl Token {
    /// The token as it stands in a link, signed with `key`.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        let full = self.mac(key).finalize().into_bytes();
        let signature = encode(&full[..MAC_BYTES]);
        format!("{}.{:02x}{signature}", self.words(), key.id)
    }

    /// Reads a token that one of `keys` signed; `None` for anything else. The time it takes does not
    /// depend on how much of the signature fits.
    #[must_use]
    pub fn read(text: &str, keys: &[SigningKey]) -> Option<Self> {
        if text.len() > LINK_CHARS_MAX {
            return None;
        }
        let (words, signature) = text.rsplit_once('.')?;
        let token = Self::parse(words)?;
        let (id, signature) = signature.split_at_checked(2)?;
        let mac = decode(signature)?;
        let signed = |key: &&SigningKey| format!("{:02x}", key.id) == id;
        let fits = keys
            .iter()
            .filter(signed)
            .any(|key| token.mac(key).verify_truncated_left(&mac).is_ok());
        fits.then_some(token)
    }

    /// What is signed, and what stands before the signature.
    fn words(&self) -> String {
        let Self { reference, spoc, action, cycle, about, expires_at } = self;
        let millis = expires_at.millis();
        format!("{reference}.{spoc}.{}.{cycle}.{about}.{millis}", word(*action))
    }

    fn parse(words: &str) -> Option<Self> {
        let mut parts = words.split('.');
        let mut next = || parts.next();
        let token = Self {
            reference: TicketRef::parse(next()?).ok()?,
            spoc: SpocId::parse(next()?).ok()?,
            action: next().and_then(|it| Action::ALL.into_iter().find(|act| word(*act) == it))?,
            cycle: next()?.parse().ok()?,
            about: next()?.parse().ok()?,
            expires_at: Instant::from_millis(next()?.parse().ok()?),
        };
        // One spelling only: no sign, no leading zero, nothing more behind.
        (token.words() == words).then_some(token)
    }

    fn mac(&self, key: &SigningKey) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&key.bytes).expect("HMAC takes keys of any length");
        mac.update(PURPOSE.as_bytes());
        mac.update(b"\n");
        // The words hold no line feed and part at dots, which no part contains.
        mac.update(self.words().as_bytes());
        mac
    }
}

/// The digest by which the use of a link is found: the token itself is stored nowhere.
#[must_use]
pub(super) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The act in a token. These words never change their meaning: mails with them are on their way.
const fn word(action: Action) -> &'static str {
    match action {
        Action::Confirm => "c",
        Action::StillFails => "f",
        Action::AcceptSameDay => "a",
        Action::DeclineSameDay => "d",
        Action::AcceptEmergencyCost => "e",
        Action::DeclareCritical => "k",
    }
}

/// Five bytes are eight symbols.
fn encode(bytes: &[u8]) -> String {
    let eight = |five: &[u8]| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |at| char::from(SYMBOLS[(bits >> (at * 5) & 31) as usize]))
    };
    bytes.chunks(5).flat_map(eight).collect()
}

fn decode(symbols: &str) -> Option<[u8; MAC_BYTES]> {
    if symbols.len() != MAC_BYTES * 8 / 5 {
        return None;
    }
    let value = |symbol: u8| SYMBOLS.iter().position(|known| *known == symbol);
    let mut bytes = [0; MAC_BYTES];
    for (eight, five) in symbols.as_bytes().chunks(8).zip(bytes.chunks_mut(5)) {
        let bits = eight.iter().try_fold(0_u64, |bits, b| Some(bits << 5 | value(*b)? as u64))?;
        five.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use domain::{ClientId, Instant, SpocId};
    use mail::outbound::Action;

    use super::{LINK_CHARS_MAX, Token};
    use crate::ports::SigningKey;

    fn key(id: u8) -> SigningKey {
        SigningKey { id, bytes: vec![id; 32] }
    }

    fn token(action: Action) -> Token {
        Token {
            reference: ClientId::parse("ACME").unwrap().reference([7, 20, 2, 24, 29, 9, 25, 13]),
            spoc: SpocId::parse("ana").unwrap(),
            action,
            cycle: 1,
            about: 5,
            expires_at: Instant::from_millis(1_795_215_600_000),
        }
    }

    #[test]
    fn what_was_signed_is_read_with_its_own_key_only() {
        for action in Action::ALL {
            let token = token(action);
            let text = token.sign(&key(2));
            assert_eq!(Token::read(&text, &[key(1), key(2)]), Some(token));
            assert_eq!(Token::read(&text, &[key(1)]), None);
            let renamed = SigningKey { id: 2, bytes: vec![9; 32] };
            assert_eq!(Token::read(&text, &[renamed]), None);
        }
    }

    #[test]
    fn no_other_text_is_read() {
        let text = token(Action::Confirm).sign(&key(1));
        for at in 0..text.len() {
            for symbol in (0x20..0x7f_u8).map(char::from) {
                let changed = format!("{}{symbol}{}", &text[..at], &text[at + 1..]);
                let same = changed == text;
                assert_eq!(Token::read(&changed, &[key(1)]).is_some(), same, "{changed}");
                let longer = format!("{}{symbol}{}", &text[..at], &text[at..]);
                assert_eq!(Token::read(&longer, &[key(1)]), None, "{longer}");
            }
            assert_eq!(Token::read(&text[..at], &[key(1)]), None);
        }
        for text in ["", ".", "é", "ñ.ñ", "a.b.c.d.e.f.g", &"x".repeat(LINK_CHARS_MAX + 1)] {
            assert_eq!(Token::read(text, &[key(1)]), None, "{text}");
        }
    }

    #[test]
    fn the_longest_token_fits() {
        let longest = Token {
            reference: ClientId::parse("ABCDEFGH").unwrap().reference([31; 8]),
            spoc: SpocId::parse(&"z".repeat(24)).unwrap(),
            action: Action::Confirm,
            cycle: u32::MAX,
            about: u32::MAX,
            expires_at: Instant::from_millis(i64::MIN),
        };
        let text = longest.sign(&key(255));
        assert!(text.len() <= LINK_CHARS_MAX, "{}", text.len());
        assert_eq!(Token::read(&text, &[key(255)]), Some(longest));
    }
}
