//! Finding a ticket: by its reference, its client, or words of its subject.

use std::sync::Arc;

use app::codec::Stored;
use app::ports::{Env, Store as _};
use app::records::Head;
use app::{Failure, keys, tickets};
use axum::extract::State;
use domain::{ClientId, TicketRef};
use web::limits::{PAGE_ITEMS_MAX, SCAN_TICKETS_MAX, SUBJECT_CHARS_MAX};
use web::{Answer, Duty, Params, Problem, ReadErrors, StaffCaller};

use crate::views::Found;
use crate::work::Clients;

/// What to look for.
enum Sought {
    Reference(String),
    Client(ClientId, Words),
    Words(Words),
}

/// Words that a subject must contain, all of them; none fit every subject.
struct Words(Vec<String>);

/// Finds tickets by their reference, their client, or words of their subject.
///
/// Words are looked for in open tickets, and in closed ones too when the client is said, whatever
/// their case and accents.
#[utoipa::path(
    get,
    path = "/desk/tickets",
    operation_id = "desk_find_tickets",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = Option<String>, Query, description = "Exactly this reference; alone."),
        ("client" = Option<String>, Query, description = "The client's code."),
        ("words" = Option<String>, Query, description = "Words of the subject, all of them."),
    ),
    responses((status = 200, description = "What was found.", body = Found), ReadErrors),
)]
pub(crate) async fn find<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    params: Params,
) -> Result<Answer<Found>, Problem> {
    caller.require(Duty::Reading)?;
    let sought = params.read(|params| {
        let reference = params.optional_line("ref", SUBJECT_CHARS_MAX);
        let client = params.optional_name("client", "la clave de un cliente", ClientId::parse);
        let words = params.optional_line("words", SUBJECT_CHARS_MAX);
        match (reference, client, words) {
            (Some(reference), None, None) => Some(Sought::Reference(reference)),
            (None, Some(client), words) => Some(Sought::Client(client, Words::of(words))),
            (None, None, Some(words)) => Some(Sought::Words(Words::of(Some(words)))),
            (Some(_), _, _) => {
                params.fault("ref", "se busca sola: quite client y words");
                None
            }
            (None, None, None) => {
                params.fault("?", "diga qué buscar: ref, client o words");
                None
            }
        }
    })?;
    let env = env.as_ref();
    let (heads, complete) = match sought {
        Sought::Reference(reference) => (by_reference(env, &reference).await?, true),
        Sought::Client(client, words) => by_client(env, &client, &words).await?,
        Sought::Words(words) => by_words(env, &words).await?,
    };
    let tickets = Clients::default().show(env, heads, caller.received_at).await?;
    let note = (!complete).then(|| {
        format!("Se revisaron {SCAN_TICKETS_MAX} tickets y hay más: acote la búsqueda por cliente")
    });
    Ok(Answer::ok(Found { tickets, complete, note }))
}

async fn by_reference<E: Env>(env: &E, text: &str) -> Result<Vec<Head>, Problem> {
    let Ok(reference) = TicketRef::parse(&text.to_ascii_uppercase()) else {
        return Ok(Vec::new());
    };
    let item = env.store().get(&keys::head(&reference)).await.map_err(Failure::from)?;
    Ok(item
        .map(|item| Stored::<Head>::read(&item))
        .transpose()?
        .map(|it| it.doc)
        .into_iter()
        .collect())
}

async fn by_client<E: Env>(
    env: &E,
    client: &ClientId,
    words: &Words,
) -> Result<(Vec<Head>, bool), Problem> {
    let (mut found, mut read) = (Vec::new(), 0);
    for open in [true, false] {
        let mut after = None;
        loop {
            let page = tickets::of_client(env, client, open, after, PAGE_ITEMS_MAX).await?;
            read += page.items.len();
            found.extend(page.items.into_iter().filter(|head| words.fit(&head.subject)));
            after = page.next;
            if after.is_none() {
                break;
            }
            if read >= SCAN_TICKETS_MAX {
                return Ok((found, false));
            }
        }
    }
    Ok((found, true))
}

async fn by_words<E: Env>(env: &E, words: &Words) -> Result<(Vec<Head>, bool), Problem> {
    let (mut found, mut read, mut after) = (Vec::new(), 0, None);
    loop {
        let page = tickets::work(env, after, PAGE_ITEMS_MAX).await?;
        read += page.items.len();
        found.extend(page.items.into_iter().filter(|head| words.fit(&head.subject)));
        after = page.next;
        if after.is_none() || read >= SCAN_TICKETS_MAX {
            return Ok((found, after.is_none()));
        }
    }
}

impl Words {
    fn of(text: Option<String>) -> Self {
        let text = plain(&text.unwrap_or_default());
        Self(text.split_whitespace().map(ToOwned::to_owned).collect())
    }

    fn fit(&self, subject: &str) -> bool {
        let subject = plain(subject);
        self.0.iter().all(|word| subject.contains(word))
    }
}

/// Lower case without the accents of Spanish, nor those combined with a letter before them.
fn plain(text: &str) -> String {
    let combining = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !combining(c))
        .map(without_accent)
        .collect()
}

const fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case_and_accents() {
        let table = [
            ("facturacion", "Facturación detenida", true),
            ("FACTURACIÓN detenida", "detenida la facturacio\u{301}n", true),
            ("nomina", "Nómina de noviembre", true),
            ("ano", "Cierre del año", true),
            ("inventario", "Facturación detenida", false),
            ("facturación inventario", "Facturación detenida", false),
        ];
        for (words, subject, fits) in table {
            assert_eq!(
                Words::of(Some(words.to_owned())).fit(subject),
                fits,
                "{words} in {subject}"
            );
        }
    }
}
