//! The signed tokens of action links: who may do what with which ticket or held mail, and until when.
//!
//! A token is one line of letters, digits, hyphens and dots: what it acts on, SPoC, act, last instant,
//! key, signature. It is no secret of the ticket but a credential of the SPoC: whoever holds it may do
//! the one act that it names. Each token has exactly one spelling, and none is of two kinds: those of
//! tickets start with a reference, the others with a client's code and a word of their own.

use domain::{ClientId, Instant, SpocId, TicketRef};
use hmac::{Hmac, KeyInit as _, Mac as _};
use mail::outbound::{AccountAction, Action, MailAction};
use sha2::{Digest as _, Sha256};

use crate::auth::hex;
use crate::ports::SigningKey;

/// A token is at most so long, in characters; the longest that can be signed has 177.
pub const LINK_CHARS_MAX: usize = 192;
/// The HMAC is cut to so many bytes, 160 bits: a whole number of symbols, so that every symbol counts.
const MAC_BYTES: usize = 20;
const SYMBOLS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Separates these signatures from any other use of the same key.
const PURPOSE: &str = "action link";

/// What the link of an act on a ticket says.
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

/// What the link of an act on held mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailToken {
    /// The client.
    pub client: ClientId,
    /// On whose behalf it acts.
    pub spoc: SpocId,
    /// What it does, and with which mails.
    pub act: MailAct,
    /// From this instant on it does nothing.
    pub expires_at: Instant,
}

/// What the link to a client's account says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountToken {
    /// The client.
    pub client: ClientId,
    /// On whose behalf it acts.
    pub spoc: SpocId,
    /// What it shows or does.
    pub action: AccountAction,
    /// The number of the edition that it accepts, where it accepts one (0.1).
    pub edition: Option<u32>,
    /// From this instant on it does nothing.
    pub expires_at: Instant,
}

/// What a link does with which mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailAct {
    /// Says that the SPoC sent what is held from an address, by the question that was asked (M1a).
    SentIt {
        /// The address's code.
        address: String,
        /// When the question was asked.
        asked_at: Instant,
    },
    /// Adopts what a notice lists, one by one (1.2a).
    Adopt {
        /// The notice's id.
        notice: String,
    },
}

impl MailAct {
    /// The act without its mails.
    #[must_use]
    pub const fn action(&self) -> MailAction {
        match self {
            Self::SentIt { .. } => MailAction::SentIt,
            Self::Adopt { .. } => MailAction::Adopt,
        }
    }
}

impl Token {
    /// The token as it stands in a link, signed with `key`.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        sign(&self.words(), key)
    }

    /// Reads a token that one of `keys` signed; `None` for anything else. The time it takes does not
    /// depend on how much of the signature fits.
    #[must_use]
    pub fn read(text: &str, keys: &[SigningKey]) -> Option<Self> {
        Self::parse(verified(text, keys)?)
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
            expires_at: instant(next()?)?,
        };
        // One spelling only: no sign, no leading zero, nothing more behind.
        (token.words() == words).then_some(token)
    }
}

impl MailToken {
    /// The token as it stands in a link, signed with `key`.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        sign(&self.words(), key)
    }

    /// Reads a token that one of `keys` signed; `None` for anything else.
    #[must_use]
    pub fn read(text: &str, keys: &[SigningKey]) -> Option<Self> {
        Self::parse(verified(text, keys)?)
    }

    fn words(&self) -> String {
        let Self { client, spoc, act, expires_at } = self;
        let (word, millis) = (mail_word(act.action()), expires_at.millis());
        match act {
            MailAct::SentIt { address, asked_at } => {
                format!("{client}.{spoc}.{word}.{address}.{}.{millis}", asked_at.millis())
            }
            MailAct::Adopt { notice } => format!("{client}.{spoc}.{word}.{notice}.{millis}"),
        }
    }

    fn parse(words: &str) -> Option<Self> {
        let mut parts = words.split('.');
        let mut next = || parts.next();
        let client = ClientId::parse(next()?).ok()?;
        let spoc = SpocId::parse(next()?).ok()?;
        let action =
            next().and_then(|it| MailAction::ALL.into_iter().find(|act| mail_word(*act) == it))?;
        let act = match action {
            MailAction::SentIt => {
                let address = next()?.to_owned();
                MailAct::SentIt { address, asked_at: instant(next()?)? }
            }
            MailAction::Adopt => MailAct::Adopt { notice: next()?.to_owned() },
        };
        let token = Self { client, spoc, act, expires_at: instant(next()?)? };
        (token.words() == words).then_some(token)
    }
}

impl AccountToken {
    /// The token as it stands in a link, signed with `key`.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        sign(&self.words(), key)
    }

    /// Reads a token that one of `keys` signed; `None` for anything else.
    #[must_use]
    pub fn read(text: &str, keys: &[SigningKey]) -> Option<Self> {
        Self::parse(verified(text, keys)?)
    }

    fn words(&self) -> String {
        let Self { client, spoc, action, edition, expires_at } = self;
        let edition = edition.map_or_else(String::new, |n| format!("{n}."));
        format!("{client}.{spoc}.{}.{edition}{}", account_word(*action), expires_at.millis())
    }

    fn parse(words: &str) -> Option<Self> {
        let mut parts = words.split('.');
        let mut next = || parts.next();
        let client = ClientId::parse(next()?).ok()?;
        let spoc = SpocId::parse(next()?).ok()?;
        let mut known = AccountAction::ALL.into_iter();
        let action = next().and_then(|it| known.find(|action| account_word(*action) == it))?;
        let edition = match action {
            AccountAction::Accept => Some(next()?.parse().ok()?),
            AccountAction::Show | AccountAction::DeclineRenewal | AccountAction::Cancel => None,
        };
        let token = Self { client, spoc, action, edition, expires_at: instant(next()?)? };
        (token.words() == words).then_some(token)
    }
}

fn instant(millis: &str) -> Option<Instant> {
    millis.parse().ok().map(Instant::from_millis)
}

fn sign(words: &str, key: &SigningKey) -> String {
    let full = mac(words, key).finalize().into_bytes();
    let signature = encode(&full[..MAC_BYTES]);
    format!("{words}.{:02x}{signature}", key.id)
}

/// The words that one of `keys` signed.
fn verified<'a>(text: &'a str, keys: &[SigningKey]) -> Option<&'a str> {
    if text.len() > LINK_CHARS_MAX {
        return None;
    }
    let (words, signature) = text.rsplit_once('.')?;
    let (id, signature) = signature.split_at_checked(2)?;
    let signature = decode(signature)?;
    let signed = |key: &&SigningKey| format!("{:02x}", key.id) == id;
    let fits = keys
        .iter()
        .filter(signed)
        .any(|key| mac(words, key).verify_truncated_left(&signature).is_ok());
    fits.then_some(words)
}

fn mac(words: &str, key: &SigningKey) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&key.bytes).expect("HMAC takes keys of any length");
    mac.update(PURPOSE.as_bytes());
    mac.update(b"\n");
    // The words hold no line feed and part at dots, which no part contains.
    mac.update(words.as_bytes());
    mac
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

/// The act on held mail in a token; none of them is that of an act on a ticket.
const fn mail_word(action: MailAction) -> &'static str {
    match action {
        MailAction::SentIt => "y",
        MailAction::Adopt => "p",
    }
}

/// The page about an account in a token; none of them is that of an act on held mail.
const fn account_word(action: AccountAction) -> &'static str {
    match action {
        AccountAction::Show => "s",
        AccountAction::DeclineRenewal => "n",
        AccountAction::Cancel => "x",
        AccountAction::Accept => "o",
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
    use mail::outbound::{AccountAction, Action};

    use super::{AccountToken, LINK_CHARS_MAX, MailAct, MailToken, Token};
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

    fn mail_tokens() -> Vec<MailToken> {
        let sent_it = MailAct::SentIt {
            address: "9f86d081884c7d65".to_owned(),
            asked_at: Instant::from_millis(1_795_190_400_000),
        };
        let adopt = MailAct::Adopt { notice: "0f3a9c".to_owned() };
        let token = |act| MailToken {
            client: ClientId::parse("ACME").unwrap(),
            spoc: SpocId::parse("ana").unwrap(),
            act,
            expires_at: Instant::from_millis(1_795_215_600_000),
        };
        vec![token(sent_it), token(adopt)]
    }

    fn account_tokens() -> Vec<AccountToken> {
        let token = |action| AccountToken {
            client: ClientId::parse("ACME").unwrap(),
            spoc: SpocId::parse("ana").unwrap(),
            action,
            edition: (action == AccountAction::Accept).then_some(3),
            expires_at: Instant::from_millis(1_795_215_600_000),
        };
        AccountAction::ALL.map(token).to_vec()
    }

    #[test]
    fn what_was_signed_is_read_with_its_own_key_only() {
        let renamed = SigningKey { id: 2, bytes: vec![9; 32] };
        for action in Action::ALL {
            let token = token(action);
            let text = token.sign(&key(2));
            assert_eq!(Token::read(&text, &[key(1), key(2)]), Some(token));
            assert_eq!(Token::read(&text, &[key(1)]), None);
            assert_eq!(Token::read(&text, std::slice::from_ref(&renamed)), None);
            assert_eq!(MailToken::read(&text, &[key(2)]), None);
        }
        for token in mail_tokens() {
            let text = token.sign(&key(2));
            assert_eq!(MailToken::read(&text, &[key(1), key(2)]), Some(token));
            assert_eq!(MailToken::read(&text, &[key(1)]), None);
            assert_eq!(MailToken::read(&text, std::slice::from_ref(&renamed)), None);
            assert_eq!(Token::read(&text, &[key(2)]), None);
            assert_eq!(AccountToken::read(&text, &[key(2)]), None);
        }
        for token in account_tokens() {
            let text = token.sign(&key(2));
            assert_eq!(AccountToken::read(&text, &[key(1), key(2)]), Some(token));
            assert_eq!(AccountToken::read(&text, &[key(1)]), None);
            assert_eq!(AccountToken::read(&text, std::slice::from_ref(&renamed)), None);
            assert_eq!(Token::read(&text, &[key(2)]), None);
            assert_eq!(MailToken::read(&text, &[key(2)]), None);
        }
    }

    #[test]
    fn no_other_text_is_read() {
        let keys = [key(1)];
        let is_read = |text: &str| {
            Token::read(text, &keys).is_some()
                || MailToken::read(text, &keys).is_some()
                || AccountToken::read(text, &keys).is_some()
        };
        let signed = mail_tokens().into_iter().map(|token| token.sign(&key(1)));
        let accounts = account_tokens().into_iter().map(|token| token.sign(&key(1)));
        for text in signed.chain(accounts).chain([token(Action::Confirm).sign(&key(1))]) {
            for at in 0..text.len() {
                for symbol in (0x20..0x7f_u8).map(char::from) {
                    let changed = format!("{}{symbol}{}", &text[..at], &text[at + 1..]);
                    assert_eq!(is_read(&changed), changed == text, "{changed}");
                    let longer = format!("{}{symbol}{}", &text[..at], &text[at..]);
                    assert!(!is_read(&longer), "{longer}");
                }
                assert!(!is_read(&text[..at]));
            }
        }
        for text in ["", ".", "é", "ñ.ñ", "a.b.c.d.e.f.g", &"x".repeat(LINK_CHARS_MAX + 1)] {
            assert!(!is_read(text), "{text}");
        }
    }

    #[test]
    fn the_longest_token_fits() {
        let (client, spoc) = ("ABCDEFGH", "z".repeat(24));
        let (client, spoc) = (ClientId::parse(client).unwrap(), SpocId::parse(&spoc).unwrap());
        let latest = Instant::from_millis(i64::MIN);
        let longest = Token {
            reference: client.reference([31; 8]),
            spoc: spoc.clone(),
            action: Action::Confirm,
            cycle: u32::MAX,
            about: u32::MAX,
            expires_at: latest,
        };
        let text = longest.sign(&key(255));
        assert!(text.len() <= LINK_CHARS_MAX, "{}", text.len());
        assert_eq!(Token::read(&text, &[key(255)]), Some(longest));
        let act = MailAct::SentIt { address: "f".repeat(64), asked_at: latest };
        let longest = MailToken { client, spoc, act, expires_at: latest };
        let text = longest.sign(&key(255));
        assert!(text.len() <= LINK_CHARS_MAX, "{}", text.len());
        assert_eq!(MailToken::read(&text, &[key(255)]), Some(longest));
    }
}
