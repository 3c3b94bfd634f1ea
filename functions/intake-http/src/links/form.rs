//! What a browser's form sends: the answers to the two questions of a declaration (1.4), or the mails
//! on which a button acts.

use app::tickets::NewDeclaration;
use axum::body::Body;
use domain::ticket::EssentialOperation;
use web::codes::{Code as _, Operation};
use web::limits::{BODY_BYTES_MAX, DESCRIPTION_CHARS_MAX};

/// What was answered; what was not is missing.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) operation: Option<Operation>,
    pub(super) blocked: Option<bool>,
    pub(super) description: String,
    /// The mails on which the button acts.
    pub(super) mails: Vec<String>,
}

impl Answers {
    /// Reads a form. A body that is none, or is too large, answers nothing.
    pub(super) async fn read(body: Body) -> Self {
        let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX).await.unwrap_or_default();
        let mut answers = Self::default();
        for (name, value) in form_urlencoded::parse(&bytes) {
            match &*name {
                "operacion" => {
                    answers.operation =
                        Operation::ALL.iter().copied().find(|it| it.word() == value);
                }
                "detenida" => {
                    answers.blocked = match &*value {
                        "si" => Some(true),
                        "no" => Some(false),
                        _ => None,
                    };
                }
                "descripcion" => {
                    // Controls and direction overrides are taken out, as they are everywhere.
                    let clean = mail::Body::new(&value).map(|body| body.as_str().trim().to_owned());
                    answers.description = clean.unwrap_or_default();
                }
                "correo" => answers.mails.push(value.into_owned()),
                _ => {}
            }
        }
        answers
    }

    /// The declaration.
    ///
    /// # Errors
    /// Everything that is missing, at once.
    pub(super) fn declaration(&self) -> Result<NewDeclaration, Vec<String>> {
        let mut faults = Vec::new();
        if self.operation.is_none() {
            faults.push("Indique qué operación esencial está detenida.".to_owned());
        }
        match self.blocked {
            None => faults.push("Indique si está detenida por completo.".to_owned()),
            Some(false) => faults.push(
                "Una incidencia es crítica solo si impide por completo una operación esencial \
                 (cláusula 1). Si no la impide por completo, su solicitud sigue su curso y no tiene \
                 que hacer nada."
                    .to_owned(),
            ),
            Some(true) => {}
        }
        let operation = self.operation.map(EssentialOperation::from);
        if operation == Some(EssentialOperation::Other) && self.description.is_empty() {
            faults.push(
                "Describa con sus palabras cuál es la operación esencial que está detenida."
                    .to_owned(),
            );
        }
        let chars = self.description.chars().count();
        if chars > DESCRIPTION_CHARS_MAX {
            faults.push(format!(
                "La descripción tiene {chars} caracteres: el máximo es {DESCRIPTION_CHARS_MAX}."
            ));
        }
        match operation {
            Some(operation) if faults.is_empty() => Ok(NewDeclaration {
                operation,
                fully_blocked: true,
                description: Some(self.description.clone()).filter(|it| !it.is_empty()),
            }),
            Some(_) | None => Err(faults),
        }
    }
}
