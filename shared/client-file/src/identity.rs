//! Who the client is: code, name, domains, modules, acceptance (0.1, 1.2a, 4.1).

use domain::client::{
    Acceptance, Client, MailDomain, Module, is_public_provider, is_statement_word,
};
use domain::{ClientId, ModuleName, SpocId};

use crate::fields::{Placed, Section};
use crate::finding::Kind;
use crate::words::{IMPLEMENTERS, known, one_of, overlap};

/// Fields of an acceptance.
pub(crate) const ACCEPTANCE: &[&str] = &["spoc", "edition", "at", "act"];
/// Fields of a domain.
pub(crate) const DOMAIN: &[&str] = &["name", "spf_suffices"];
/// Fields of a module.
pub(crate) const MODULE: &[&str] =
    &["technical_name", "active_from", "active_to", "implemented_by"];

/// Digits of a SHA-256 in hexadecimal.
const DIGEST_DIGITS: usize = 64;

/// What the file says of who the client is.
pub(crate) struct Identity {
    /// The client; none where its code or its name lacks.
    pub(crate) client: Option<Client>,
    /// The line of the acceptance.
    pub(crate) acceptance_line: usize,
}

pub(crate) fn read(top: &Section<'_, '_>) -> Identity {
    let what = "la clave de un cliente: de 2 a 8 mayúsculas y dígitos";
    let id = top.required("code", top.parsed("code", what, |it| ClientId::parse(it).ok()));
    if let Some(code) = id.as_ref().filter(|code| is_statement_word(code.as_str())) {
        let text = format!(
            "«{code}» está en los estados de cuenta pague quien pague: ningún depósito se reconocería por \
             esta clave, que es la referencia de pago de la póliza; elija otra, o agregue sus ordenantes \
             a la plantilla de cada banco"
        );
        top.reader.find(Kind::Ambiguous, (top.line_of("code"), "code"), "10.2", text);
    }
    let name = top.required("name", top.line_text("name"));
    let domains = domains(top);
    let modules = modules(top);
    let acceptance = acceptance(top);
    let client = match (id, name) {
        (Some(id), Some(name)) => Some(Client { id, name, domains, modules, acceptance }),
        (_, _) => None,
    };
    Identity { client, acceptance_line: top.line_of("acceptance") }
}

fn domains(top: &Section<'_, '_>) -> Vec<MailDomain> {
    let mut read: Vec<MailDomain> = Vec::new();
    for section in top.tables("domains", DOMAIN) {
        let what = "un dominio de correo, como ferretera.example";
        let name = section.parsed("name", what, domain_name);
        let Some(name) = section.required("name", name) else { continue };
        if is_public_provider(&name) {
            let text = format!(
                "«{name}» es un proveedor público: cualquiera puede tener una dirección ahí, así que no \
                 dice de qué cliente es quien escribe; quite el dominio"
            );
            let place = (section.line_of("name"), section.inside("name"));
            section.reader.find(Kind::Contradictory, (place.0, &place.1), "1.2a", text);
        }
        if read.iter().any(|known| known.name == name) {
            section.wrong("name", "aparece dos veces");
        }
        read.push(MailDomain { name, spf_suffices: section.line_text("spf_suffices") });
    }
    read
}

/// Labels of letters, digits and inner hyphens, at least two, in lower case.
fn domain_name(text: &str) -> Option<String> {
    let name = text.to_ascii_lowercase();
    let label = |label: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let fits = (1..=63).contains(&label.len()) && label.bytes().all(plain);
        fits && !label.starts_with('-') && !label.ends_with('-')
    };
    (name.contains('.') && name.len() <= 253 && name.split('.').all(label)).then_some(name)
}

fn modules(top: &Section<'_, '_>) -> Vec<Module> {
    let mut read: Vec<Placed<Module>> = Vec::new();
    for section in top.tables("modules", MODULE) {
        let what = "el nombre técnico de un módulo de Odoo, como account_edi";
        let name = section.parsed("technical_name", what, |it| ModuleName::parse(it).ok());
        let name = section.required("technical_name", name);
        let from = section.required("active_from", section.day("active_from"));
        let active_to = section.day("active_to");
        let what = one_of(&IMPLEMENTERS);
        let by = section.parsed("implemented_by", &what, |it| known(&IMPLEMENTERS, it));
        let by = section.required("implemented_by", by);
        let (Some(technical_name), Some(active_from), Some(implemented_by)) = (name, from, by)
        else {
            continue;
        };
        if active_to.is_some_and(|to| to < active_from) {
            section.wrong("active_to", "es anterior a active_from");
        }
        let module = Module { technical_name, active_from, active_to, implemented_by };
        let stretch = |it: &Module| (it.active_from, it.active_to);
        let same = |it: &&Placed<Module>| {
            it.value.technical_name == module.technical_name
                && overlap(stretch(&it.value), stretch(&module))
        };
        if let Some(other) = read.iter().find(same) {
            let problem =
                format!("se encima con la línea {}: el mismo módulo, los mismos días", other.line);
            section.wrong("technical_name", problem);
        }
        read.push(section.placed("technical_name", module));
    }
    read.into_iter().map(|it| it.value).collect()
}

fn acceptance(top: &Section<'_, '_>) -> Option<Acceptance> {
    let section = top.table("acceptance", Some(ACCEPTANCE))?;
    let what = "la clave de un contacto de este archivo";
    let spoc = section.required("spoc", section.parsed("spoc", what, |it| SpocId::parse(it).ok()));
    let what = "la huella SHA-256 del texto de la edición: 64 dígitos hexadecimales";
    let edition = section.required("edition", section.parsed("edition", what, digest));
    let at = section.required("at", section.instant("at"));
    let act = section.required("act", section.line_text("act"));
    Some(Acceptance { spoc: spoc?, edition: edition?, at: at?, act: act? })
}

fn digest(text: &str) -> Option<String> {
    let fits = text.len() == DIGEST_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| text.to_ascii_lowercase())
}
