//! Credentials: bearer tokens of SPoCs and of the desk's members.
//!
//! A token is 32 random bytes, shown once. What is stored is its SHA-256, under which it is found: a
//! stolen table gives nobody access. A token can be revoked and may lapse.

use domain::{ClientId, Instant, Role, SpocId, StaffId, StaffMember};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::codec::{Document, SCHEMA, Stored};
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::Failure;
use crate::item::{Item, Key, ListEntry};
use crate::keys;
use crate::ports::{Clock, Entropy, Env, Query, Store};

/// What every token starts with, so that one that leaks is recognised.
pub const TOKEN_PREFIX: &str = "mll_";
/// A token is at most so long, in characters.
pub const TOKEN_CHARS_MAX: usize = 128;

/// Tokens of a principal are read so many at a time.
const TOKENS_PAGE: u32 = 100;

/// Whoever a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A SPoC of a client.
    Spoc {
        /// Whose.
        client: ClientId,
        /// Who.
        spoc: SpocId,
    },
    /// A member of the desk.
    Staff {
        /// Who.
        staff: StaffId,
    },
}

impl Principal {
    /// The principal in keys.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Spoc { client, spoc } => format!("{client}.{spoc}"),
            Self::Staff { staff } => format!("staff.{staff}"),
        }
    }
}

/// A token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// Whom it stands for.
    pub principal: Principal,
    /// When it was issued.
    pub issued_at: Instant,
    /// From when on it counts no more.
    pub expires_at: Option<Instant>,
    /// From when on it counts no more, because somebody said so.
    pub revoked_at: Option<Instant>,
}

impl Document for TokenRecord {}

/// A member of the desk as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRecord {
    /// Who.
    pub id: StaffId,
    /// Name as clients read it under a reply.
    pub name: String,
    /// As what.
    pub role: Role,
    /// May act.
    pub active: bool,
}

impl Document for StaffRecord {}

/// What somebody may act by, his token or his membership, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    key: Key,
    rev: u64,
}

impl Ground {
    fn of(item: &Item) -> Self {
        Self { key: item.key.clone(), rev: item.rev }
    }
}

/// A token as it is shown in lists: never its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    /// Its id: the start of its digest, by which it is revoked.
    pub id: String,
    /// What is stored of it.
    pub record: TokenRecord,
}

/// Issues a token. The text is returned once and never again.
///
/// # Errors
/// What the store says.
pub async fn issue<E: Env>(env: &E, principal: Principal) -> Result<String, Failure> {
    let mut random = [0_u8; 32];
    env.entropy().fill(&mut random);
    let now = env.clock().now();
    let (token, write) = new_token(principal, random, now, env.settings().write_schema)?;
    env.store().commit(&Commit { writes: vec![write] }).await?;
    Ok(token)
}

/// Makes the first admin of a new table, with his token; `None` when there has been one already, since
/// whoever comes later is entered by an admin. It needs no more than the table: nothing else of a
/// deployment is in use before somebody may act.
///
/// # Errors
/// What the store says.
pub async fn first_admin<S: Store>(
    store: &S,
    admin: StaffRecord,
    random: [u8; 32],
    now: Instant,
) -> Result<Option<String>, Failure> {
    let principal = Principal::Staff { staff: admin.id.clone() };
    let (token, token_write) = new_token(principal, random, now, SCHEMA)?;
    let member = keys::staff(&admin.id);
    let mark = Stored::new(admin.clone()).item(keys::first_admin(), SCHEMA)?;
    let admin = Stored::new(admin).item(member, SCHEMA)?;
    let mut writes = vec![token_write];
    writes.extend([mark, admin].map(|item| Write::Put { item, when: Condition::Absent }));
    match store.commit(&Commit { writes }).await {
        Ok(()) => Ok(Some(token)),
        Err(CommitError::Conflict(_)) => Ok(None),
        Err(
            error @ (CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_)),
        ) => Err(error.into()),
    }
}

fn new_token(
    principal: Principal,
    random: [u8; 32],
    now: Instant,
    schema: u16,
) -> Result<(String, Write), Failure> {
    let token = format!("{TOKEN_PREFIX}{}", hex(&random));
    let record = TokenRecord { principal, issued_at: now, expires_at: None, revoked_at: None };
    let item = token_item(&Stored::new(record), keys::token(&digest(&token)), schema)?;
    Ok((token, Write::Put { item, when: Condition::Absent }))
}

/// The tokens of a principal, revoked ones included, oldest first.
///
/// # Errors
/// What the store says.
pub async fn tokens<E: Env>(env: &E, principal: &Principal) -> Result<Vec<TokenView>, Failure> {
    let mut tokens = Vec::new();
    for item in env.store().get_many(&token_keys(env, principal).await?).await? {
        let id = token_id(&item.key);
        tokens.push(TokenView { id, record: Stored::<TokenRecord>::read(&item)?.doc });
    }
    Ok(tokens)
}

/// However many there are: one that is not found could not be revoked.
async fn token_keys<E: Env>(env: &E, principal: &Principal) -> Result<Vec<Key>, Failure> {
    let mut query = Query::new(keys::tokens_of(&principal.word()), "", TOKENS_PAGE);
    let mut found = Vec::new();
    loop {
        let page = env.store().list(&query).await?;
        found.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(found),
        }
    }
}

/// Revokes a token of a principal by its id; one that is revoked already is no error. Whoever does it
/// does it by `grounds`.
///
/// # Errors
/// [`Failure::NotFound`] when the principal has no such token; [`Failure::Retryable`] when somebody
/// changed it, or the grounds, meanwhile; what the store says otherwise.
pub async fn revoke<E: Env>(
    env: &E,
    principal: &Principal,
    id: &str,
    grounds: &[Ground],
) -> Result<(), Failure> {
    let mut keys = token_keys(env, principal).await?.into_iter();
    let key = keys.find(|key| token_id(key) == id).ok_or(Failure::NotFound)?;
    let item = env.store().get(&key).await?.ok_or(Failure::NotFound)?;
    let mut stored = Stored::<TokenRecord>::read(&item)?;
    if stored.doc.revoked_at.is_some() {
        return Ok(());
    }
    stored.doc.revoked_at = Some(env.clock().now());
    let when = Condition::RevisionIs(stored.rev);
    let item = token_item(&stored, key, env.settings().write_schema)?;
    Ok(env.store().commit(&by_grounds(item, when, grounds)).await?)
}

/// A write that may take from somebody what he acts by, under the condition that whoever makes it still has
/// what he acts by: of two who take it from each other at once one does. What he changes of his own he
/// changes as it was when he asked.
fn by_grounds(item: Item, when: Condition, grounds: &[Ground]) -> Commit {
    let (own, others): (Vec<_>, Vec<_>) = grounds.iter().partition(|it| it.key == item.key);
    let when = own.first().map_or(when, |it| Condition::RevisionIs(it.rev));
    let checks = others.into_iter().map(|it| {
        let (key, when) = (it.key.clone(), Condition::RevisionIs(it.rev));
        Write::Check { key, when }
    });
    Commit { writes: std::iter::once(Write::Put { item, when }).chain(checks).collect() }
}

fn token_item(stored: &Stored<TokenRecord>, key: Key, schema: u16) -> Result<Item, Failure> {
    let list = ListEntry {
        pk: keys::tokens_of(&stored.doc.principal.word()),
        sk: keys::by_instant(stored.doc.issued_at, &token_id(&key)),
    };
    let mut item = stored.item(key, schema)?;
    item.list = Some(list);
    Ok(item)
}

/// The start of a token's digest: enough to tell a principal's few tokens apart.
fn token_id(key: &Key) -> String {
    key.pk.trim_start_matches("K#").chars().take(12).collect()
}

/// The id under which a token is listed and revoked.
#[must_use]
pub fn id_of(token: &str) -> String {
    token_id(&keys::token(&digest(token)))
}

/// Writes a member of the desk: a new one, or a changed name, role or standing. Whoever does it does it by
/// `grounds`.
///
/// # Errors
/// What the store says; [`Failure::Retryable`] when somebody else changed him, or the grounds, meanwhile.
pub async fn put_staff<E: Env>(
    env: &E,
    record: StaffRecord,
    grounds: &[Ground],
) -> Result<(), Failure> {
    let key = keys::staff(&record.id);
    let (mut stored, when) = match env.store().get(&key).await? {
        Some(item) => {
            let stored = Stored::<StaffRecord>::read(&item)?;
            let when = Condition::RevisionIs(stored.rev);
            (stored, when)
        }
        None => (Stored::new(record.clone()), Condition::Absent),
    };
    stored.doc = record;
    let item = stored.item(key, env.settings().write_schema)?;
    Ok(env.store().commit(&by_grounds(item, when, grounds)).await?)
}

/// Whom a token stands for now, and the token as it was read; `None` when it counts for nothing. One that is
/// revoked may count for a moment more, as it would have a moment before.
///
/// # Errors
/// What the store says.
pub async fn principal<E: Env>(
    env: &E,
    token: &str,
) -> Result<Option<(Principal, Ground)>, Failure> {
    if !token.starts_with(TOKEN_PREFIX) || token.len() > TOKEN_CHARS_MAX {
        return Ok(None);
    }
    let Some(item) = env.store().glance(&keys::token(&digest(token))).await? else {
        return Ok(None);
    };
    let record = Stored::<TokenRecord>::read(&item)?.doc;
    let now = env.clock().now();
    let over = |end: Option<Instant>| end.is_some_and(|end| end <= now);
    if over(record.expires_at) || over(record.revoked_at) {
        return Ok(None);
    }
    Ok(Some((record.principal, Ground::of(&item))))
}

/// The member of the desk behind an id, whether he may still act or not; for his name.
///
/// # Errors
/// What the store says.
pub async fn staff_record<E: Env>(env: &E, id: &StaffId) -> Result<Option<StaffRecord>, Failure> {
    Ok(read_staff(env, id).await?.map(|(record, _)| record))
}

async fn read_staff<E: Env>(
    env: &E,
    id: &StaffId,
) -> Result<Option<(StaffRecord, Ground)>, Failure> {
    let Some(item) = env.store().glance(&keys::staff(id)).await? else { return Ok(None) };
    Ok(Some((Stored::<StaffRecord>::read(&item)?.doc, Ground::of(&item))))
}

/// The member of the desk who asks, with the role that counts now, and his membership as it was read; `None`
/// when he may not act.
///
/// # Errors
/// What the store says.
pub async fn caller<E: Env>(
    env: &E,
    id: &StaffId,
) -> Result<Option<(StaffRecord, Ground)>, Failure> {
    Ok(read_staff(env, id).await?.filter(|(record, _)| record.active))
}

/// The member of the desk behind an id, with the role that counts now; `None` when he may not act.
///
/// # Errors
/// What the store says.
pub async fn staff<E: Env>(env: &E, id: &StaffId) -> Result<Option<StaffRecord>, Failure> {
    Ok(caller(env, id).await?.map(|(record, _)| record))
}

impl StaffRecord {
    /// The member as events record him.
    #[must_use]
    pub fn member(&self) -> StaffMember {
        StaffMember { id: self.id.clone(), role: self.role }
    }
}

fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that hexadecimal digits of either case stand for; none for anything else.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let nibble = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(nibble(*high)? * 16 + nibble(*low)?).ok(),
            _ => None,
        })
        .collect()
}
