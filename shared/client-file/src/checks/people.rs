//! SPoCs against each other and against the póliza (0.1, 1.2).

use std::collections::BTreeMap;

use domain::Power;

use super::{Found, meet};
use crate::fields::Reader;
use crate::finding::Kind;
use mail::Address;

pub(super) fn check(reader: &Reader, found: &Found) {
    twice(reader, found);
    validity(reader, found);
    powers(reader, found);
    designations(reader, found);
    acceptance(reader, found);
    domains(reader, found);
}

/// A name and an address belong to one SPoC.
fn twice(reader: &Reader, found: &Found) {
    let mut ids = BTreeMap::new();
    let mut addresses = BTreeMap::new();
    for spoc in &found.spocs {
        if let Some(line) = ids.insert(spoc.value.id.clone(), spoc.line) {
            let text = format!("ya es la clave del contacto de la línea {line}");
            reader.find(Kind::Contradictory, (spoc.line, &spoc.at), "1.2", text);
        }
        for (n, email) in spoc.value.emails.iter().enumerate() {
            let canonical = Address::parse(email).map_or(String::new(), |it| it.canonical());
            if let Some(line) = addresses.insert(canonical, spoc.line) {
                let at = spoc.at.replace(".id", &format!(".emails[{n}]"));
                let text = format!(
                    "la dirección ya está en el contacto de la línea {line}: de un correo no se sabría \
                     de quién es"
                );
                reader.find(Kind::Contradictory, (spoc.line, &at), "1.2", text);
            }
        }
    }
}

/// A designation that holds at no instant of the póliza means nothing.
fn validity(reader: &Reader, found: &Found) {
    let (Some(first), Some(last)) = (found.plans.first(), found.plans.last()) else { return };
    let plan = (first.value.valid_from, last.value.valid_to);
    for spoc in &found.spocs {
        if !meet((spoc.value.valid_from, spoc.value.valid_to), plan) {
            let at = spoc.at.replace(".id", ".valid_from");
            let text = "su vigencia queda fuera de la de la póliza: nunca podría actuar".to_owned();
            reader.find(Kind::Contradictory, (spoc.line, &at), "1.2", text);
        }
    }
}

/// What nobody may do during the póliza.
fn powers(reader: &Reader, found: &Found) {
    let Some((first, last)) = found.plans.first().zip(found.plans.last()) else { return };
    if found.spocs.is_empty() {
        return;
    }
    let during = (first.value.valid_from, last.value.valid_to);
    let rows = [
        (Power::Open, Kind::Contradictory, "nadie puede abrir tickets"),
        (
            Power::Designate,
            Kind::Missing,
            "solo un documento del Contrato Marco puede cambiar contactos",
        ),
        (Power::Renew, Kind::Missing, "nadie puede avisar que no se renueva"),
        (Power::Cancel, Kind::Missing, "nadie puede cancelar la póliza"),
    ];
    for (power, kind, consequence) in rows {
        if !found.somebody_may(power, during) {
            let text =
                format!("ningún contacto tiene la facultad de {}: {consequence}", power.spanish());
            reader.find(kind, (found.spocs[0].line, "spocs"), "1.2", text);
        }
    }
    if found.spocs.iter().all(|it| it.value.phones.is_empty()) {
        let text =
            "ningún contacto tiene teléfono: la mesa no podría registrar sus llamadas".to_owned();
        reader.find(Kind::Missing, (found.spocs[0].line, "spocs"), "1.1", text);
    }
}

/// Who designated each: a document of the Contrato Marco, or another SPoC with the power (1.2).
fn designations(reader: &Reader, found: &Found) {
    for spoc in &found.spocs {
        let (kind, text) = match &spoc.value.designated_by {
            None => (
                Kind::Missing,
                "falta quién o qué documento lo designó: es la evidencia".to_owned(),
            ),
            Some(by) => match found.spocs.iter().find(|it| it.value.id.as_str() == by) {
                // A document.
                None => continue,
                Some(by) if by.value.id == spoc.value.id => {
                    (Kind::Contradictory, "nadie se designa a sí mismo".to_owned())
                }
                Some(by) if by.value.powers.contains(&Power::Designate) => continue,
                Some(by) => {
                    let text =
                        format!("«{}» no tiene la facultad de designar contactos", by.value.id);
                    (Kind::Contradictory, text)
                }
            },
        };
        let at = spoc.at.replace(".id", ".designated_by");
        reader.find(kind, (spoc.line, &at), "1.2", text);
    }
}

/// The acceptance is a SPoC's of this file, while he was one.
fn acceptance(reader: &Reader, found: &Found) {
    let Some(client) = &found.identity.client else { return };
    let line = found.identity.acceptance_line;
    let Some(acceptance) = &client.acceptance else {
        let text =
            "falta: no consta que el cliente haya aceptado el acuerdo; la mesa lo verá".to_owned();
        reader.find(Kind::Missing, (line, "acceptance"), "0.1", text);
        return;
    };
    let who = found.spocs.iter().find(|it| it.value.id == acceptance.spoc);
    let (field, text) = match who {
        None => ("spoc", "no es un contacto de este archivo"),
        Some(who) if !who.value.holds_at(acceptance.at) => {
            ("at", "el contacto que aceptó no lo era en ese instante")
        }
        Some(_) => return,
    };
    let at = format!("acceptance.{field}");
    reader.find(Kind::Contradictory, (line, &at), "0.1", text.to_owned());
}

/// Without a domain, colleagues of the SPoCs are strangers.
fn domains(reader: &Reader, found: &Found) {
    let Some(client) = &found.identity.client else { return };
    if client.domains.is_empty() {
        let text = "falta: sin dominios, quien escriba desde la empresa y no sea contacto será un \
                    desconocido"
            .to_owned();
        reader.find(Kind::Missing, (1, "domains"), "1.2a", text);
    }
    if client.modules.is_empty() {
        let text = "falta: sin módulos no se sabe qué cubre el soporte".to_owned();
        reader.find(Kind::Missing, (1, "modules"), "4.1", text);
    }
}
