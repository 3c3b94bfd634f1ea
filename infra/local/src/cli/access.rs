//! Who may act: members of the desk and tokens, as an admin; and the first admin of a new deployment,
//! who is entered in the table itself because nobody may act yet.

use app::auth::{self, StaffRecord};
use app::ports::{Clock as _, Entropy as _};
use aws::clock::SystemClock;
use aws::connection::{AccessKey, Connection};
use aws::dynamodb::DynamoStore;
use aws::entropy::OsEntropy;
use clap::{Args, Subcommand, ValueEnum};
use domain::{Role, StaffId};
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble, query};
use super::show;

#[derive(Args)]
pub(super) struct AccessArgs {
    #[command(subcommand)]
    order: AccessOrder,
}

#[derive(Subcommand)]
enum AccessOrder {
    #[command(
        about = "Da de alta a una persona de la mesa, o cambia sus datos.",
        after_help = "Ejemplo:\n  millora access member --as admin luis --name \"Luis Ortega\" --role agent"
    )]
    Member {
        #[arg(value_name = "CLAVE", help = "Su clave: minúsculas, cifras y guiones.")]
        id: String,
        #[arg(long, value_name = "NOMBRE", help = "El nombre que leen los clientes.")]
        name: String,
        #[arg(long, value_enum, value_name = "FUNCIÓN", help = "Qué hace en la mesa.")]
        role: RoleName,
        #[arg(long, help = "Ya no puede actuar.")]
        inactive: bool,
    },
    #[command(
        about = "Emite una credencial; se muestra esta única vez.",
        after_help = "Ejemplo:\n  millora access issue --as admin --client FERRE --spoc ana"
    )]
    Issue(Holder),
    #[command(
        about = "Las credenciales de una persona, con su clave y su fecha.",
        after_help = "Ejemplo:\n  millora access list --as admin --staff luis"
    )]
    List(Holder),
    #[command(
        about = "Revoca una credencial.",
        after_help = "Ejemplo:\n  millora access revoke --as admin --staff luis 0a1b2c3d4e5f"
    )]
    Revoke {
        #[command(flatten)]
        holder: Holder,
        #[arg(value_name = "CLAVE", help = "La clave de la credencial, como aparece en la lista.")]
        id: String,
    },
}

/// Whose credential.
#[derive(Args)]
struct Holder {
    #[arg(long, value_name = "CLIENTE", requires = "spoc", help = "La clave del cliente.")]
    client: Option<String>,
    #[arg(long, value_name = "CONTACTO", requires = "client", help = "La clave del contacto.")]
    spoc: Option<String>,
    #[arg(
        long,
        value_name = "PERSONA",
        conflicts_with_all = ["client", "spoc"],
        help = "La clave de alguien de la mesa."
    )]
    staff: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Agent,
    Senior,
    Finance,
    Admin,
}

impl RoleName {
    const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Senior => "senior",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }
}

impl Holder {
    fn body(&self) -> Value {
        match &self.staff {
            Some(staff) => json!({ "staff": staff }),
            None => json!({ "client": self.client, "spoc": self.spoc }),
        }
    }
}

pub(super) fn run(caller: &Caller, args: AccessArgs) -> Result<String, Trouble> {
    let answer = match args.order {
        AccessOrder::Member { id, name, role, inactive } => {
            let body = json!({ "id": id, "name": name, "role": role.name(), "active": !inactive });
            caller.post(Side::Desk, "/desk/staff", &body)?
        }
        AccessOrder::Issue(holder) => caller.post(Side::Desk, "/desk/tokens", &holder.body())?,
        AccessOrder::List(holder) => {
            let pairs = [
                ("client", holder.client.as_deref()),
                ("spoc", holder.spoc.as_deref()),
                ("staff", holder.staff.as_deref()),
            ];
            caller.get(Side::Desk, &format!("/desk/tokens{}", query(&pairs)))?
        }
        AccessOrder::Revoke { holder, id } => {
            let mut body = holder.body();
            body["id"] = Value::String(id);
            caller.post(Side::Desk, "/desk/tokens/revoke", &body)?
        }
    };
    Ok(caller.shown(&answer, show::plain))
}

/// The first admin of a new deployment. Credentials come from the environment only, under the names
/// that every tool of the cloud reads: an option would show them to everybody on the machine.
#[derive(Args)]
pub(super) struct FirstAdminArgs {
    #[arg(long, value_name = "TABLA", help = "El nombre de la tabla.")]
    table: String,
    #[arg(long, value_name = "CLAVE", help = "Su clave: minúsculas, cifras y guiones.")]
    id: String,
    #[arg(long, value_name = "NOMBRE", help = "El nombre que leen los clientes.")]
    name: String,
    #[arg(long, env = "AWS_REGION", value_name = "REGIÓN", help = "La región.")]
    region: String,
    #[arg(long, env = "AWS_ENDPOINT_URL", hide = true, help = "Otra dirección del servicio.")]
    endpoint_url: Option<String>,
}

/// Enters the first admin and says his token.
pub(super) fn first_admin(args: FirstAdminArgs) -> Result<String, Trouble> {
    let id = StaffId::parse(&args.id).map_err(|error| Trouble::Usage(error.to_string()))?;
    let key = access_key(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
    let connection = Connection::new(args.region, key, args.endpoint_url);
    let store = DynamoStore::new(&connection, &args.table);
    let admin = StaffRecord { id, name: args.name, role: Role::Admin, active: true };
    let mut random = [0_u8; 32];
    OsEntropy.fill(&mut random);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::Failed(error.to_string()))?;
    let made = runtime.block_on(auth::first_admin(&store, admin, random, SystemClock.now()));
    match made.map_err(|failure| Trouble::Failed(failure.to_string()))? {
        Some(token) => Ok(format!(
            "{token}\nEs su credencial y no volverá a mostrarse. Con ella dé de alta a los demás: \
             millora access member …"
        )),
        None => Err(Trouble::Failed(
            "La mesa ya tuvo una primera persona de administración: pídale a quien administra que le \
             dé de alta (millora access member …)."
                .to_owned(),
        )),
    }
}

/// Reads the credentials, and names all that are missing at once.
fn access_key(variable: impl Fn(&str) -> Option<String>) -> Result<AccessKey, Trouble> {
    const ID: &str = "AWS_ACCESS_KEY_ID";
    const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
    match (variable(ID), variable(SECRET)) {
        (Some(id), Some(secret)) => {
            Ok(AccessKey { id, secret, session_token: variable("AWS_SESSION_TOKEN") })
        }
        (id, secret) => {
            let missing = [(ID, id.is_none()), (SECRET, secret.is_none())];
            let names: Vec<_> =
                missing.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
            Err(Trouble::Usage(format!(
                "Falta en el entorno: {}. Son las credenciales de AWS de quien puede escribir en la \
                 tabla.",
                names.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_come_from_the_environment_and_all_that_are_missing_are_named() {
        let of = |known: &'static [&'static str]| {
            access_key(move |name| known.contains(&name).then(|| name.to_lowercase()))
        };
        let told = |known| match of(known) {
            Ok(key) => format!("{} {} {:?}", key.id, key.secret, key.session_token),
            Err(trouble) => trouble.to_string().split_once('.').unwrap().0.to_owned(),
        };
        assert_eq!(told(&[]), "Falta en el entorno: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY");
        assert_eq!(told(&["AWS_ACCESS_KEY_ID"]), "Falta en el entorno: AWS_SECRET_ACCESS_KEY");
        assert_eq!(
            told(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
            "aws_access_key_id aws_secret_access_key None"
        );
    }
}
