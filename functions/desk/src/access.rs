//! Who may act: the desk's members, and everybody's tokens. Admins only.
//!
//! A token is shown once, when it is issued. Afterwards it is known by its id, under which it is listed
//! and revoked.

use std::sync::Arc;

use app::auth::{self, Principal, StaffRecord, TokenView};
use app::client;
use app::ports::Env;
use axum::extract::State;
use domain::{ClientId, SpocId, StaffId};
use serde::Serialize;
use utoipa::ToSchema;
use web::codes::Role;
use web::limits::NAME_CHARS_MAX;
use web::views::Moment;
use web::{Answer, Duty, Fields, Input, Params, Problem, ReadErrors, StaffCaller, WriteErrors};

/// A member of the desk, as an admin enters or changes him.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberBody {
    /// 1 to 24 lower-case letters, digits and hyphens.
    #[schema(value_type = String, example = "luis")]
    pub id: StaffId,
    /// The name that clients read, up to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// As what.
    pub role: Role,
    /// Whether he may act.
    pub active: bool,
}

impl MemberBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let id = fields.name("id", "la clave de alguien de la mesa", StaffId::parse);
        let name = fields.line("name", NAME_CHARS_MAX);
        let role = fields.code("role");
        let active = fields.boolean("active");
        Some(Self { id: id?, name: name?, role: role?, active: active? })
    }
}

/// Whose token: a SPoC of a client, or a member of the desk.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderBody {
    /// The client's code, together with `spoc`.
    #[schema(value_type = Option<String>, example = "FERRE")]
    pub client: Option<ClientId>,
    /// The SPoC, together with `client`.
    #[schema(value_type = Option<String>, example = "ana")]
    pub spoc: Option<SpocId>,
    /// The member of the desk, alone.
    #[schema(value_type = Option<String>)]
    pub staff: Option<StaffId>,
}

/// Which token is revoked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeBody {
    /// The client's code, together with `spoc`.
    #[schema(value_type = Option<String>, example = "FERRE")]
    pub client: Option<ClientId>,
    /// The SPoC, together with `client`.
    #[schema(value_type = Option<String>, example = "ana")]
    pub spoc: Option<SpocId>,
    /// The member of the desk, alone.
    #[schema(value_type = Option<String>)]
    pub staff: Option<StaffId>,
    /// The token's id, as it is listed.
    pub id: String,
}

/// A member of the desk as he is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    pub id: String,
    /// The name that clients read.
    pub name: String,
    /// As what.
    pub role: Role,
    /// Whether he may act.
    pub active: bool,
}

/// A token that was just issued.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Issued {
    /// The token: shown this once.
    pub token: String,
    /// By which it is revoked.
    pub id: String,
}

/// A token as it is listed: never its text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Token {
    /// By which it is revoked.
    pub id: String,
    /// When it was issued.
    pub issued_at: Moment,
    /// From when on it counts no more.
    pub revoked_at: Option<Moment>,
}

/// The tokens of one holder.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tokens {
    /// Oldest first.
    pub tokens: Vec<Token>,
}

impl From<TokenView> for Token {
    fn from(view: TokenView) -> Self {
        let TokenView { id, record } = view;
        let revoked_at = record.revoked_at.map(Moment::from);
        Self { id, issued_at: record.issued_at.into(), revoked_at }
    }
}

/// Enters a member of the desk, or changes his name, his role or whether he may act.
#[utoipa::path(
    post,
    path = "/desk/staff",
    operation_id = "desk_put_member",
    tag = "Desk",
    security(("token" = [])),
    request_body = MemberBody,
    responses((status = 200, description = "Entered.", body = Member), WriteErrors),
)]
pub(crate) async fn put_member<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<Member>, Problem> {
    caller.require(Duty::Administration)?;
    let own = caller.member.id;
    let MemberBody { id, name, role, active } = input.read(|fields| {
        let body = MemberBody::read(fields)?;
        // Nobody locks himself out: another admin has to do it.
        if body.id == own && (body.role != Role::Admin || !body.active) {
            fields.fault("id", "usted no puede quitarse la administración; pídalo a otra persona");
        }
        Some(body)
    })?;
    let record = StaffRecord { id: id.clone(), name: name.clone(), role: role.into(), active };
    auth::put_staff(env.as_ref(), record, &caller.grounds).await?;
    Ok(Answer::ok(Member { id: id.to_string(), name, role, active }))
}

/// Issues a token. It is shown in this answer and never again.
#[utoipa::path(
    post,
    path = "/desk/tokens",
    operation_id = "desk_issue_token",
    tag = "Desk",
    security(("token" = [])),
    request_body = HolderBody,
    responses((status = 200, description = "Issued.", body = Issued), WriteErrors),
)]
pub(crate) async fn issue<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<Issued>, Problem> {
    caller.require(Duty::Administration)?;
    let holder = input.read(holder)?;
    require_known(env.as_ref(), &holder).await?;
    let token = auth::issue(env.as_ref(), holder).await?;
    let id = auth::id_of(&token);
    Ok(Answer::ok(Issued { token, id }))
}

/// Lists the tokens of a SPoC or of a member of the desk, revoked ones included.
#[utoipa::path(
    get,
    path = "/desk/tokens",
    operation_id = "desk_tokens",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("client" = Option<String>, Query, description = "The client's code, with `spoc`."),
        ("spoc" = Option<String>, Query, description = "The SPoC, with `client`."),
        ("staff" = Option<String>, Query, description = "The member of the desk, alone."),
    ),
    responses((status = 200, description = "The tokens.", body = Tokens), ReadErrors),
)]
pub(crate) async fn list<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    params: Params,
) -> Result<Answer<Tokens>, Problem> {
    caller.require(Duty::Administration)?;
    let holder = params.read(holder)?;
    let tokens = auth::tokens(env.as_ref(), &holder).await?;
    Ok(Answer::ok(Tokens { tokens: tokens.into_iter().map(Token::from).collect() }))
}

/// Revokes a token; one that is revoked already stays so.
#[utoipa::path(
    post,
    path = "/desk/tokens/revoke",
    operation_id = "desk_revoke_token",
    tag = "Desk",
    security(("token" = [])),
    request_body = RevokeBody,
    responses((status = 200, description = "Revoked.", body = Tokens), WriteErrors),
)]
pub(crate) async fn revoke<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<Tokens>, Problem> {
    caller.require(Duty::Administration)?;
    let (holder, id) = input.read(|fields| {
        let holder = holder(fields);
        let id = fields.line("id", NAME_CHARS_MAX);
        Some((holder?, id?))
    })?;
    auth::revoke(env.as_ref(), &holder, &id, &caller.grounds).await?;
    let tokens = auth::tokens(env.as_ref(), &holder).await?;
    Ok(Answer::ok(Tokens { tokens: tokens.into_iter().map(Token::from).collect() }))
}

/// Reads whose token: `client` and `spoc`, or `staff`.
fn holder(fields: &mut Fields) -> Option<Principal> {
    let client = fields.optional_name("client", "la clave de un cliente", ClientId::parse);
    let spoc = fields.optional_name("spoc", "la clave de un contacto", SpocId::parse);
    let staff = fields.optional_name("staff", "la clave de alguien de la mesa", StaffId::parse);
    match (client, spoc, staff) {
        (Some(client), Some(spoc), None) => Some(Principal::Spoc { client, spoc }),
        (None, None, Some(staff)) => Some(Principal::Staff { staff }),
        (_, _, _) => {
            fields.fault("client", "indique «client» y «spoc», o solo «staff»");
            None
        }
    }
}

/// A token for nobody would be found by whoever is entered later under that name.
async fn require_known<E: Env>(env: &E, holder: &Principal) -> Result<(), Problem> {
    let known = match holder {
        Principal::Spoc { client, spoc } => {
            let file = client::load(env, client).await?;
            file.is_some_and(|file| file.spoc(spoc).is_some())
        }
        Principal::Staff { staff } => auth::staff(env, staff).await?.is_some(),
    };
    if known { Ok(()) } else { Err(app::Failure::NotFound.into()) }
}
