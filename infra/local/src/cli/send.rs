//! `millora mail send`: writes to the local desk as a mail program does, by SMTP.

use std::path::{Path, PathBuf};

use app::auth::hex;
use app::ports::{Entropy as _, SendError};
use aws::entropy::OsEntropy;
use clap::Args;
use domain::Instant;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::message_id::MessageId;
use mail_parser::MessageParser;
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble, part};
use super::files::{media_type, read};
use super::show::word;
use crate::smtp::{self, Handed};

/// What is sent, from whom, to whom.
#[derive(Args)]
pub(super) struct SendArgs {
    #[arg(
        long,
        value_name = "DIRECCIÓN",
        help = "De quién: «Ana Robles <ana@x.example>» o solo la dirección; si falta, quien recibió el \
                correo que se contesta, o quien firma el archivo."
    )]
    from: Option<String>,
    #[arg(
        long,
        value_name = "DIRECCIÓN",
        help = "Para quién; puede repetirse. Si falta, el buzón de soporte, o la dirección a la que pide \
                respuesta el correo que se contesta."
    )]
    to: Vec<String>,
    #[arg(
        long,
        value_name = "ASUNTO",
        required_unless_present_any = ["file", "in_reply_to"],
        help = "Asunto; si falta, «Re:» y el del correo que se contesta."
    )]
    subject: Option<String>,
    #[arg(
        long,
        value_name = "TEXTO",
        required_unless_present = "file",
        help = "Texto; «-» lo lee de la entrada."
    )]
    text: Option<String>,
    #[arg(long, value_name = "ARCHIVO", help = "Un archivo adjunto; puede repetirse.")]
    attach: Vec<PathBuf>,
    #[arg(
        long,
        value_name = "ARCHIVO",
        conflicts_with_all = ["subject", "text", "attach"],
        help = "Un correo entero (.eml), que se envía tal cual."
    )]
    file: Option<PathBuf>,
    #[arg(long, value_name = "N", help = "Contesta el correo de este número de la lista.")]
    in_reply_to: Option<u32>,
    #[arg(
        long,
        value_name = "VEREDICTOS",
        help = "Lo que el servicio de correo comprueba: «dmarc=FAIL policy=reject», «spam=FAIL», …"
    )]
    verdict: Option<String>,
}

/// The mail of the desk that is answered.
#[derive(Default)]
struct Answered {
    /// Who received it, and now writes.
    to: Option<String>,
    reply_to: Option<String>,
    subject: Option<String>,
    message_id: Option<String>,
    /// What it refers to.
    references: Vec<String>,
}

/// A mail on its way.
struct Posted {
    from: String,
    to: Vec<String>,
    bytes: Vec<u8>,
}

pub(super) fn run(caller: &Caller, args: SendArgs) -> Result<String, Trouble> {
    let info = caller.get(Side::Nobody, "/local/info")?;
    let answered = match args.in_reply_to {
        Some(number) => answered(caller, number)?,
        None => Answered::default(),
    };
    let mailbox = answered.reply_to.clone().unwrap_or_else(|| word(&info, "mailbox").to_owned());
    let to = if args.to.is_empty() { vec![mailbox] } else { args.to.clone() };
    let verdict = args.verdict.clone();
    let mut posted = match &args.file {
        Some(file) => from_file(file, args.from.as_deref(), to, &answered)?,
        None => written(caller, args, to, &answered)?,
    };
    if let Some(verdict) = verdict {
        let head = format!("X-Millora-Verdict: {}\r\n", one_line(&verdict));
        posted.bytes.splice(0..0, head.into_bytes());
    }
    let server = word(&info, "smtp");
    let answer = hand_over(server, &posted)?;
    // The last word of the answer of this machine's server is the mail's id.
    let id = answer.rsplit(' ').next().unwrap_or_default();
    let received = caller.get(Side::Nobody, &format!("/local/received/{}", part(id)))?;
    let shown = json!({
        "from": posted.from,
        "to": posted.to,
        "id": id,
        "outcome": received["outcome"],
        "ticket": received["ticket"],
    });
    Ok(caller.shown(&shown, |shown| {
        format!("De:    {}\nPara:  {}\n{}", posted.from, posted.to.join(", "), outcome(shown))
    }))
}

/// What became of the mail, for people. What a release does not know yet it shows as it comes.
fn outcome(shown: &Value) -> String {
    let ticket = match word(shown, "ticket") {
        "" => String::new(),
        ticket => format!(" {ticket}"),
    };
    match word(shown, "outcome") {
        "ticket" => format!("Abrió el ticket{ticket}"),
        "reply" => format!("Respuesta en el ticket{ticket}"),
        "note" if ticket.is_empty() => "Nota sin ticket: la mesa la ve en su lista".to_owned(),
        "note" => format!("Nota en el ticket{ticket}"),
        "held_unproven" => "Retenido: se pregunta a la dirección registrada si lo envió".to_owned(),
        "held_colleague" => "Retenido: espera a que un contacto autorizado lo adopte".to_owned(),
        "quarantined" => "En cuarentena: solo lo ve la mesa".to_owned(),
        "duplicate" => format!("Repetido: ya se había recibido{ticket}"),
        "poison" => "No se pudo leer: la mesa lo ve en su lista".to_owned(),
        other => format!("{other}{ticket}"),
    }
}

fn answered(caller: &Caller, number: u32) -> Result<Answered, Trouble> {
    let opened = caller.get(Side::Nobody, &format!("/local/mails/{number}"))?;
    let raw = caller.get_text(&format!("/local/mails/{number}/raw"))?;
    let message = MessageParser::default().parse(raw.as_bytes()).unwrap_or_default();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let references = message.references().as_text_list().unwrap_or_default();
    Ok(Answered {
        to: some(word(&opened["mail"], "to")),
        reply_to: some(word(&opened, "reply_to")),
        subject: some(word(&opened["mail"], "subject")),
        message_id: message.message_id().map(str::to_owned),
        references: references.iter().map(ToString::to_string).collect(),
    })
}

impl Answered {
    /// What an answer refers to: what the mail refers to, and the mail itself (RFC 5322, 3.6.4).
    fn chain(&self) -> Vec<String> {
        self.references.iter().chain(&self.message_id).cloned().collect()
    }
}

/// A whole mail as it lies in a file. Its envelope's sender is that of its Return-Path, or its
/// author. What it answers is written on top of it.
fn from_file(
    file: &Path,
    from: Option<&str>,
    to: Vec<String>,
    answered: &Answered,
) -> Result<Posted, Trouble> {
    let bytes = read(file)?;
    let message = MessageParser::default().parse(&bytes).unwrap_or_default();
    let author = message.from().and_then(|from| from.first()).and_then(|from| from.address());
    // As it is written: the null path is an address to no parser.
    let path = message.header_raw("Return-Path").map(str::trim).or(author);
    let from = match (from, path) {
        (Some(from), _) => mailbox(from).1,
        (None, Some(path)) => path.trim_matches(['<', '>']).to_owned(),
        (None, None) => {
            let text = format!("{} no dice de quién es: indíquelo con --from.", file.display());
            return Err(Trouble::Usage(text));
        }
    };
    let mut head = String::new();
    if let Some(id) = &answered.message_id {
        let chain: Vec<String> = answered.chain().iter().map(|id| format!("<{id}>")).collect();
        head = format!("In-Reply-To: <{id}>\r\nReferences: {}\r\n", chain.join("\r\n "));
    }
    Ok(Posted { from, to, bytes: [head.into_bytes(), bytes].concat() })
}

/// A mail as a mail program would write it.
fn written(
    caller: &Caller,
    args: SendArgs,
    to: Vec<String>,
    answered: &Answered,
) -> Result<Posted, Trouble> {
    let from = args.from.or_else(|| answered.to.clone()).ok_or_else(|| {
        Trouble::Usage("No se sabe de quién es el correo: indíquelo con --from.".to_owned())
    })?;
    let (name, from) = mailbox(&from);
    let subject = args.subject.or_else(|| {
        let subject = answered.subject.as_ref()?;
        Some(if subject.starts_with("Re: ") { subject.clone() } else { format!("Re: {subject}") })
    });
    let mut random = [0; 12];
    OsEntropy.fill(&mut random);
    let id = hex(&random);
    let domain = from.rsplit('@').next().unwrap_or_default();
    let clock = caller.get(Side::Nobody, "/local/clock")?;
    let now = Instant::parse_rfc3339(word(&clock, "now"));
    let seconds = now.map_or(0, |now| now.millis().div_euclid(1000));
    let recipients: Vec<Mailbox<'_>> =
        to.iter().map(|to| Mailbox::new_address(None::<String>, mailbox(to).1)).collect();
    let mut message = MessageBuilder::new()
        .from(Mailbox::new_address(name, from.clone()))
        .to(Mailbox::new_list(recipients))
        .subject(subject.unwrap_or_default())
        .date(seconds)
        .message_id(format!("{id}@{domain}"))
        .text_body(super::words(args.text.unwrap_or_default())?);
    if let Some(answered_id) = &answered.message_id {
        message =
            message.in_reply_to(answered_id.clone()).references(MessageId::from(answered.chain()));
    }
    for path in &args.attach {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        message = message.attachment(media_type(path), name, read(path)?);
    }
    let bytes = message.write_to_vec().map_err(|error| Trouble::Failed(error.to_string()))?;
    let to = to.iter().map(|to| mailbox(to).1).collect();
    Ok(Posted { from, to, bytes })
}

fn hand_over(server: &str, posted: &Posted) -> Result<String, Trouble> {
    let to: Vec<&str> = posted.to.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::Failed(error.to_string()))?;
    let handed = runtime.block_on(smtp::hand_over(server, &posted.from, &to, &posted.bytes));
    match handed {
        Ok(Handed::Taken(answer)) => Ok(answer),
        Ok(Handed::Refused(why)) => {
            Err(Trouble::Failed(format!("El servidor de correo no lo acepta: {why}")))
        }
        Err(SendError::Refused(_)) => Err(Trouble::Usage(format!(
            "Una dirección no tiene la forma nombre@dominio: {}, {}",
            posted.from,
            posted.to.join(", ")
        ))),
        Err(SendError::Retryable(why)) => Err(Trouble::Unreachable(format!(
            "El servidor de correo en {server} no lo tomó; intente de nuevo: {why}"
        ))),
        Err(SendError::Unknown(why)) => Err(Trouble::Unreachable(format!(
            "No se sabe si el servidor de correo en {server} lo tomó: {why}"
        ))),
    }
}

/// Name and address of «Ana Robles <ana@x.example>», or of an address alone.
fn mailbox(text: &str) -> (Option<String>, String) {
    match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => {
            let name = name.trim().trim_matches('"');
            ((!name.is_empty()).then(|| name.to_owned()), address.trim().to_owned())
        }
        None => (None, text.trim().to_owned()),
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
