//! The form of a client's file as a JSON Schema, for editors that complete and check while one writes.
//! What only the whole file shows is found by [`read`](crate::read).

use domain::terms::Parameter;
use serde_json::{Map, Value, json};

use crate::identity::{ACCEPTANCE, DOMAIN, MODULE};
use crate::overrides::OVERRIDE;
use crate::plans::PLAN;
use crate::spocs::SPOC;
use crate::words::{IMPLEMENTERS, POWERS};

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let list =
        |items: Value, about: &str| json!({"type": "array", "items": items, "description": about});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Archivo de un cliente de Millora",
        "type": "object",
        "additionalProperties": false,
        "required": ["code", "name", "spocs", "plans"],
        "properties": {
            "code": {"type": "string", "pattern": "^[A-Z0-9]{2,8}$", "description": "La clave del cliente."},
            "name": text("El nombre como lo leen los clientes."),
            "acceptance": acceptance(),
            "domains": list(domain(), "Sus dominios de correo (regla 1.2a)."),
            "modules": list(module(), "Sus módulos de Odoo (cláusula 4)."),
            "spocs": list(spoc(), "Sus contactos autorizados (cláusula 1)."),
            "plans": list(plan(), "Su póliza, tramo por tramo y en orden."),
            "overrides": list(master(), "Lo que su Contrato Marco dice en lugar del acuerdo (cláusula 2)."),
        },
    })
}

/// The names of the fields of every table, as the reader knows them, with where each lies in the
/// schema: the two are compared by a test.
#[must_use]
pub fn tables() -> Vec<(&'static str, Vec<&'static str>)> {
    let parameters = Parameter::ALL.iter().map(|it| it.name()).collect();
    vec![
        ("/properties", crate::TOP.to_vec()),
        ("/properties/acceptance/properties", ACCEPTANCE.to_vec()),
        ("/properties/domains/items/properties", DOMAIN.to_vec()),
        ("/properties/modules/items/properties", MODULE.to_vec()),
        ("/properties/spocs/items/properties", SPOC.to_vec()),
        ("/properties/plans/items/properties", PLAN.to_vec()),
        ("/properties/plans/items/properties/parameters/properties", parameters),
        ("/properties/overrides/items/properties", OVERRIDE.to_vec()),
    ]
}

fn text(about: &str) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": 200, "description": about})
}

fn moment(about: &str) -> Value {
    json!({"description": format!("{about} Un día (2026-01-01) o un instante con su desfase.")})
}

fn table(required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn words<T>(words: &[(&'static str, T)]) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

fn acceptance() -> Value {
    table(
        ACCEPTANCE,
        json!({
            "spoc": text("El contacto que aceptó el acuerdo."),
            "edition": {"type": "string", "pattern": "^[0-9a-fA-F]{64}$",
                        "description": "La huella SHA-256 del texto que aceptó."},
            "at": {"description": "Cuándo: un instante con su desfase."},
            "act": text("Con qué acto, como se cita."),
        }),
    )
}

fn domain() -> Value {
    table(
        &["name"],
        json!({
            "name": text("El dominio; ninguno donde cualquiera puede tener una dirección."),
            "spf_suffices": text("Por qué basta SPF para este dominio (regla M1); si falta, no basta."),
        }),
    )
}

fn module() -> Value {
    table(
        &["technical_name", "active_from", "implemented_by"],
        json!({
            "technical_name": {"type": "string", "pattern": "^[a-z0-9_]{1,64}$",
                               "description": "Su nombre técnico."},
            "active_from": {"description": "El primer día en que está activo."},
            "active_to": {"description": "El último; si falta, sigue activo."},
            "implemented_by": {"enum": words(&IMPLEMENTERS), "description": "Quién lo implementó."},
        }),
    )
}

fn spoc() -> Value {
    let strings = |about: &str| {
        json!({"type": "array", "items": {"type": "string"}, "maxItems": 10,
                                       "description": about})
    };
    table(
        &["id", "name", "emails", "valid_from", "powers"],
        json!({
            "id": {"type": "string", "pattern": "^[a-z0-9-]{1,24}$", "description": "Su clave."},
            "name": text("Su nombre."),
            "emails": strings("Sus direcciones; la primera recibe los correos."),
            "phones": strings("Sus teléfonos."),
            "valid_from": moment("Desde cuándo puede actuar."),
            "valid_to": moment("Hasta cuándo; un día cuenta completo."),
            "powers": {"type": "array", "items": {"enum": words(&POWERS)}, "uniqueItems": true,
                       "description": "Qué puede hacer."},
            "designated_by": text("Quién o qué documento lo designó: la evidencia."),
        }),
    )
}

fn plan() -> Value {
    table(
        &["valid_from"],
        json!({
            "valid_from": moment("Desde cuándo rige este tramo."),
            "valid_to": moment("Hasta cuándo; un día cuenta completo."),
            "parameters": table(&[], parameters()),
        }),
    )
}

fn parameters() -> Value {
    let all = Parameter::ALL.iter().map(|it| {
        let about = format!(
            "{} Cláusula {}, regla {}. Se escribe como {}. Si falta: {}.",
            it.spanish(),
            it.clause(),
            it.rule(),
            it.form(),
            it.default_shown()
        );
        (it.name().to_owned(), json!({"description": about}))
    });
    Value::Object(Map::from_iter(all))
}

fn master() -> Value {
    let names: Vec<_> = Parameter::ALL.iter().map(|it| it.name()).collect();
    table(
        &["parameter", "value", "document", "valid_from"],
        json!({
            "parameter": {"enum": names, "description": "El parámetro que fija."},
            "value": {"description": "Su valor."},
            "document": text("El documento que lo dice, como se cita."),
            "valid_from": {"description": "El primer día en que rige."},
            "valid_to": {"description": "El último; si falta, sigue rigiendo."},
        }),
    )
}
