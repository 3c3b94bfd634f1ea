//! Who asks: a SPoC of a client, or a member of the desk.

use std::sync::Arc;

use app::auth::{self, Ground, Principal};
use app::client::{self, ClientFile};
use app::ports::Env;
use axum::extract::FromRequestParts;
use domain::{ClientId, Instant, Role, SpocId, StaffMember};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::problem::Problem;

/// When our side received the request (G2), as an extension of the request. API Gateway says it in
/// Lambda, the bundle's clock on one machine; a router that is not given it answers 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceivedAt(pub Instant);

/// A SPoC, by his token.
#[derive(Debug, Clone)]
pub struct SpocCaller {
    /// Whose: from the credential alone.
    pub client: ClientId,
    /// Who.
    pub spoc: SpocId,
    /// When the request was received.
    pub received_at: Instant,
}

/// A member of the desk, by his token, with the role that counts now.
#[derive(Debug, Clone)]
pub struct StaffCaller {
    /// Who, as what.
    pub member: StaffMember,
    /// The name that clients read.
    pub name: String,
    /// When the request was received.
    pub received_at: Instant,
    /// What he acts by: his token and his membership, as they were read.
    pub grounds: [Ground; 2],
}

/// What a role is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Reading: everybody at the desk.
    Reading,
    /// Work on tickets.
    TicketWork,
    /// Charges.
    Charges,
    /// The desk's members and everybody's tokens.
    Administration,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 4] =
        [Self::Reading, Self::TicketWork, Self::Charges, Self::Administration];

    /// Whether a role includes it.
    #[must_use]
    pub const fn is_of(self, role: Role) -> bool {
        match (self, role) {
            (Self::Reading, _) | (_, Role::Admin) => true,
            (Self::TicketWork, Role::Agent | Role::Senior) | (Self::Charges, Role::Finance) => true,
            (Self::TicketWork, Role::Finance)
            | (Self::Charges, Role::Agent | Role::Senior)
            | (Self::Administration, Role::Agent | Role::Senior | Role::Finance) => false,
        }
    }
}

impl SpocCaller {
    /// The caller as the ports know him.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::Spoc { client: self.client.clone(), spoc: self.spoc.clone() }
    }

    /// Reads the caller's client, and requires that he is still a SPoC (1.2). Acts need not ask: the
    /// domain reads powers at their receipt.
    ///
    /// # Errors
    /// 403 when the designation does not hold; what the store says.
    pub async fn file<E: Env>(&self, env: &E) -> Result<ClientFile, Problem> {
        let file = client::load(env, &self.client).await?;
        let file = file.filter(|file| self.holds_in(file));
        file.ok_or_else(Problem::no_longer_spoc)
    }

    /// Whether the caller is a SPoC of the client at the receipt.
    #[must_use]
    pub fn holds_in(&self, file: &ClientFile) -> bool {
        file.spoc_at(&self.spoc, self.received_at)
            .is_some_and(|spoc| spoc.holds_at(self.received_at))
    }
}

impl StaffCaller {
    /// The caller as the ports know him.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::Staff { staff: self.member.id.clone() }
    }

    /// Requires a duty of the caller's role.
    ///
    /// # Errors
    /// 403 with the roles that have it.
    pub fn require(&self, duty: Duty) -> Result<(), Problem> {
        if duty.is_of(self.member.role) {
            return Ok(());
        }
        Err(Problem::role(match duty {
            Duty::Reading => "Todas las funciones de la mesa pueden consultar".to_owned(),
            Duty::TicketWork => {
                "El trabajo en tickets es de agentes, consultores senior y administración"
                    .to_owned()
            }
            Duty::Charges => "Pagos, cargos y cuentas son de finanzas y administración".to_owned(),
            Duty::Administration => {
                "Las credenciales y las personas de la mesa son de administración".to_owned()
            }
        }))
    }
}

impl<E: Env> FromRequestParts<Arc<E>> for SpocCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, env: &Arc<E>) -> Result<Self, Problem> {
        let received_at = received_at(parts)?;
        match principal(env.as_ref(), &parts.headers).await?.0 {
            Principal::Spoc { client, spoc } => Ok(Self { client, spoc, received_at }),
            Principal::Staff { .. } => Err(Problem::wrong_audience(
                "Los tickets de un cliente se consultan aquí con el token de uno de sus contactos; la \
                 mesa trabaja en /desk",
            )),
        }
    }
}

impl<E: Env> FromRequestParts<Arc<E>> for StaffCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, env: &Arc<E>) -> Result<Self, Problem> {
        let received_at = received_at(parts)?;
        let (principal, token) = principal(env.as_ref(), &parts.headers).await?;
        let staff = match principal {
            Principal::Staff { staff } => staff,
            Principal::Spoc { .. } => {
                return Err(Problem::wrong_audience(
                    "/desk es para la mesa de soporte de Millora; sus tickets están en /tickets",
                ));
            }
        };
        let caller = auth::caller(env.as_ref(), &staff).await?;
        let (record, membership) = caller.ok_or_else(Problem::wrong_token)?;
        let grounds = [token, membership];
        Ok(Self { member: record.member(), name: record.name, received_at, grounds })
    }
}

pub(crate) fn received_at(parts: &Parts) -> Result<Instant, Problem> {
    let ReceivedAt(at) = parts
        .extensions
        .get()
        .copied()
        .ok_or_else(|| Problem::fault("the request does not say when it was received"))?;
    Ok(at)
}

async fn principal<E: Env>(env: &E, headers: &HeaderMap) -> Result<(Principal, Ground), Problem> {
    let token = bearer(headers).ok_or_else(Problem::no_token)?;
    auth::principal(env, token).await?.ok_or_else(Problem::wrong_token)
}

/// The token of the one `Authorization` header; two of them are none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (only, None) = (sent.next()?, sent.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
