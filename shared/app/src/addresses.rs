//! Whose a mail address is (1.2, 1.2a), looked up without the address in any key.
//!
//! A code stands for the address: its HMAC under a key that never rotates. A domain of a client has the
//! code of `@` and the domain.

use domain::ParticipantId;
use hmac::{Hmac, KeyInit, Mac};
use mail::Address;
use sha2::Sha256;

use crate::auth::hex;
use crate::codec::Stored;
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::keys;
use crate::ports::{Env, KeyPurpose, Secrets, Store};
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
