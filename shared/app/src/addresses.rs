//! Whose a mail address is (1.2, 1.2a), looked up without the address in any key.
//!
//! A code stands for the address: its HMAC under a key that never rotates. A domain of a client has the
//! code of `@` and the domain.

use domain::ticket::{Refusal, RefusalCode};
use domain::{ClientId, ParticipantId};
use hmac::{Hmac, KeyInit, Mac};
use mail::Address;
use sha2::Sha256;

use crate::auth::hex;
use crate::codec::Stored;
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::keys;
use crate::ports::{Env, KeyPurpose, Secrets, Settings, Store};
use crate::records::Owner;

/// A code has so many bytes of the HMAC.
const CODE_BYTES: usize = 16;
/// A participant's id has so many of them.
const PARTICIPANT_BYTES: usize = 8;

/// Gives addresses their codes.
pub struct Codes {
    key: Vec<u8>,
}

impl Codes {
    /// Reads the key.
    ///
    /// # Errors
    /// [`Failure::Retryable`] when it cannot be read now; [`Failure::Fault`] when there is none.
    pub async fn read<E: Env>(env: &E) -> Result<Self, Failure> {
        let found = env.secrets().keys(KeyPurpose::Addresses).await;
        let found = found.map_err(|error| Failure::Retryable(error.to_string()))?;
        let none = || Failure::Fault("there is no key for addresses".to_owned());
        Ok(Self { key: found.into_iter().next().ok_or_else(none)?.bytes })
    }

    /// The code of an address, the same for every spelling of it.
    #[must_use]
    pub fn of(&self, address: &Address) -> String {
        hex(&self.digest(&address.canonical())[..CODE_BYTES])
    }

    /// The code of a domain.
    #[must_use]
    pub fn of_domain(&self, domain: &str) -> String {
        hex(&self.digest(&format!("@{}", domain.to_ascii_lowercase()))[..CODE_BYTES])
    }

    /// The id under which an address takes part in a ticket (1.5).
    ///
    /// # Errors
    /// Never: sixteen hexadecimal digits are an id.
    pub fn participant(&self, address: &Address) -> Result<ParticipantId, Failure> {
        let digits = hex(&self.digest(&address.canonical())[..PARTICIPANT_BYTES]);
        ParticipantId::parse(&digits).map_err(|error| Failure::Fault(error.to_string()))
    }

    fn digest(&self, text: &str) -> Vec<u8> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// Whether an address is this system's own: its mailbox with all its reply addresses, the desk's, the one
/// that is paged.
#[must_use]
pub fn is_ours(settings: &Settings, address: &Address) -> bool {
    let canonical = address.canonical();
    address.domain() == settings.mail_domain
        || [&settings.desk, &settings.on_call].into_iter().any(|own| *own == canonical)
}

/// Whose an address is: by itself, else by its domain.
///
/// # Errors
/// What the store says.
pub async fn owner_of<E: Env>(
    env: &E,
    codes: &Codes,
    address: &Address,
) -> Result<Option<Owner>, Failure> {
    let found = [keys::owner(&codes.of(address)), keys::owner(&codes.of_domain(address.domain()))];
    let items = env.store().get_many(&found).await?;
    items.first().map(|item| Ok(Stored::<Owner>::read(item)?.doc)).transpose()
}

/// The id under which the desk adds an address to a ticket of a client. People of his, and people whom no
/// client has, may take part; nobody of another client ever does (1.5, 13).
///
/// # Errors
/// [`Failure::Refused`] with the reason when it may not be added; what the store says.
pub async fn invited<E: Env>(
    env: &E,
    client: &ClientId,
    address: &Address,
) -> Result<ParticipantId, Failure> {
    let codes = Codes::read(env).await?;
    let refused = |code, rule, why: &str| Err(Failure::Refused(Refusal::new(code, rule, why)));
    match owner_of(env, &codes, address).await? {
        _ if is_ours(env.settings(), address) => {
            refused(RefusalCode::Nothing, "1.5", "es una dirección de este sistema")
        }
        Some(Owner::Spoc { client: theirs, .. }) if theirs == *client => refused(
            RefusalCode::Nothing,
            "1.5",
            "es de un contacto autorizado del cliente, que ya participa en sus tickets",
        ),
        Some(Owner::Domain { client: theirs, .. }) if theirs == *client => {
            codes.participant(address)
        }
        Some(Owner::Spoc { .. } | Owner::Domain { .. }) => refused(
            RefusalCode::NotAuthorised,
            "13",
            "la dirección es de otro cliente: no puede participar en este ticket",
        ),
        Some(Owner::Staff { .. } | Owner::OdooHelpdesk) => refused(
            RefusalCode::Nothing,
            "1.5",
            "es de la mesa o de Odoo: sus correos sobre un ticket quedan como notas",
        ),
        None => codes.participant(address),
    }
}

/// Enters whose an address or a domain is, once.
///
/// # Errors
/// [`Failure::Invalid`] at `place` when it is somebody else's; what the store says otherwise.
pub async fn enter<E: Env>(env: &E, code: &str, owner: &Owner, place: &str) -> Result<(), Failure> {
    let key = keys::owner(code);
    let item = Stored::new(owner.clone()).item(key.clone(), env.settings().write_schema)?;
    let writes = vec![Write::Put { item, when: Condition::Absent }];
    match env.store().commit(&Commit { writes }).await {
        Ok(()) => return Ok(()),
        Err(CommitError::Conflict(_)) => {}
        Err(
            error @ (CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_)),
        ) => return Err(error.into()),
    }
    match env.store().get(&key).await? {
        Some(item) if Stored::<Owner>::read(&item)?.doc == *owner => Ok(()),
        Some(_) | None => {
            let problem = "ya está registrado a nombre de alguien más; una dirección y un dominio \
                           pertenecen a un solo cliente";
            Err(Failure::Invalid(vec![InputFault::new(place, problem)]))
        }
    }
}
