//! Who may act for the client (1.2).

use domain::{Spoc, SpocId};
use mail::Address;

use crate::fields::{Placed, Section, echo};
use crate::limits::CONTACTS_MAX;
use crate::words::{POWERS, known, one_of};

/// Fields of a SPoC.
pub(crate) const SPOC: &[&str] =
    &["id", "name", "emails", "phones", "valid_from", "valid_to", "powers", "designated_by"];

/// Digits of a telephone, its country's code included.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

pub(crate) fn read(top: &Section<'_, '_>) -> Vec<Placed<Spoc>> {
    let sections = top.tables("spocs", SPOC);
    if sections.is_empty() && top.get("spocs").is_none() {
        let text = "falta: sin contactos autorizados nadie puede solicitar soporte; escriba uno o más \
                    [[spocs]]";
        top.wrong("spocs", text);
    }
    sections.iter().filter_map(spoc).collect()
}

fn spoc(section: &Section<'_, '_>) -> Option<Placed<Spoc>> {
    let what = "la clave de un contacto: de 1 a 24 minúsculas, dígitos y guiones";
    let id = section.required("id", section.parsed("id", what, |it| SpocId::parse(it).ok()));
    let name = section.required("name", section.line_text("name"));
    let emails = emails(section);
    let phones = phones(section);
    let valid_from = section.required("valid_from", section.begin("valid_from"));
    let valid_to = section.end("valid_to");
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to <= from) {
        section.wrong("valid_to", "no es posterior a valid_from");
    }
    let mut powers = Vec::new();
    for word in section.texts("powers", POWERS.len()) {
        match known(&POWERS, &word.value) {
            Some(power) if !powers.contains(&power) => powers.push(power),
            Some(_) => section.reader.wrong(word.line, &word.at, "aparece dos veces".to_owned()),
            None => {
                let problem = format!("«{}» no es {}", echo(&word.value), one_of(&POWERS));
                section.reader.wrong(word.line, &word.at, problem);
            }
        }
    }
    let designated_by = section.line_text("designated_by");
    if section.get("powers").is_none() {
        section
            .wrong("powers", "falta: es obligatorio, y una lista vacía dice que ninguna facultad");
    }
    let spoc = Spoc {
        id: id?,
        name: name?,
        emails,
        phones,
        valid_from: valid_from?,
        valid_to,
        powers,
        designated_by,
        known_from: None,
        known_until: None,
    };
    Some(section.placed("id", spoc))
}

fn emails(section: &Section<'_, '_>) -> Vec<String> {
    let mut read = Vec::new();
    for email in section.texts("emails", CONTACTS_MAX) {
        match Address::parse(&email.value) {
            Ok(address) => read.push(address.to_string()),
            Err(_) => {
                let problem = format!("«{}» no es una dirección de correo", echo(&email.value));
                section.reader.wrong(email.line, &email.at, problem);
            }
        }
    }
    let listed = section.get("emails").and_then(|it| it.get_ref().as_array());
    if section.get("emails").is_none() || listed.is_some_and(|it| it.is_empty()) {
        section.wrong("emails", "falta: la primera dirección es la que recibe los correos");
    }
    read
}

fn phones(section: &Section<'_, '_>) -> Vec<String> {
    let mut read = Vec::new();
    for phone in section.texts("phones", CONTACTS_MAX) {
        let plain = |c: char| c.is_ascii_digit() || " +-().".contains(c);
        let digits = phone.value.chars().filter(char::is_ascii_digit).count();
        if phone.value.chars().all(plain) && PHONE_DIGITS.contains(&digits) {
            read.push(phone.value);
        } else {
            let form = "+52 55 5555 0101";
            let problem = format!("«{}» no es un teléfono como {form}", echo(&phone.value));
            section.reader.wrong(phone.line, &phone.at, problem);
        }
    }
    read
}
