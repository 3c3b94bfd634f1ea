//! Errors as people and programs read them: RFC 9457, in Spanish, each kind mapped on purpose (A11).

use app::{Failure, InputFault};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::ticket::{Refusal, RefusalCode};
use http::StatusCode;
use http::header::{
    ACCEPT, ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::limits::{BODY_BYTES_MAX, FAULTS_MAX, IDEMPOTENCY_KEY_CHARS_MAX, RETRY_AFTER_SECONDS};

/// An error on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem(Box<Document>);

/// An error (`application/problem+json`, RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document {
    /// Stable name of the kind of problem: `urn:millora:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of problem it is, in Spanish.
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What is wrong and what to do, in Spanish.
    detail: String,
    /// Stable code for programs.
    #[schema(example = "invalid")]
    code: &'static str,
    /// The rule of the agreement that refuses, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// Every fault of the input, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Fault>,
    #[serde(skip)]
    header: Option<(HeaderName, HeaderValue)>,
}

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where: the path of a field, such as `critical.essential_operation`, or a parameter's name.
    at: String,
    /// What is wrong and what to do, in Spanish.
    problem: String,
}

impl Problem {
    fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Document {
            kind: format!("urn:millora:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            code,
            rule: None,
            faults: Vec::new(),
            header: None,
        }))
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// What is wrong, each fault with its place in a line.
    #[must_use]
    pub fn in_lines(&self) -> Vec<String> {
        if self.0.faults.is_empty() {
            return vec![self.0.detail.clone()];
        }
        let line = |fault: &Fault| format!("{}: {}", fault.at, fault.problem);
        self.0.faults.iter().map(line).collect()
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// No token was sent.
    #[must_use]
    pub fn no_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Falta identificarse",
            "Envíe su token en el encabezado Authorization: Bearer mll_…",
        )
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"millora\""))
    }

    /// The token counts for nothing: unknown, lapsed and revoked look the same.
    #[must_use]
    pub fn wrong_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "El token no es válido",
            "El token no existe, venció o fue revocado: pida uno nuevo a la mesa de soporte de Millora",
        )
        .with_header(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"millora\", error=\"invalid_token\""),
        )
    }

    /// The body is not signed by whoever may send it. Why is told to nobody.
    #[must_use]
    pub fn not_signed() -> Self {
        let title = "La firma no es válida";
        let detail = "Firme el cuerpo con la clave vigente y la hora actual";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", title, detail)
    }

    /// The token is good, but not for this part of the API.
    #[must_use]
    pub fn wrong_audience(detail: &'static str) -> Self {
        let title = "Su token no es para esta parte del servicio";
        Self::new(StatusCode::FORBIDDEN, "wrong_audience", title, detail)
    }

    /// The member's role does not include this act.
    #[must_use]
    pub fn role(detail: String) -> Self {
        let title = "Su función en la mesa no incluye este acto";
        Self::new(StatusCode::FORBIDDEN, "role_not_allowed", title, detail)
    }

    /// The person behind the token is no SPoC any more (1.2).
    #[must_use]
    pub fn no_longer_spoc() -> Self {
        let refusal = Refusal::new(
            RefusalCode::NotAuthorised,
            "1.2",
            "su designación como contacto autorizado no está vigente",
        );
        Self::refused(&refusal)
    }

    /// There is no such thing for whoever asks: foreign, unknown and malformed look the same, so the
    /// body says nothing of what was asked for.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "No existe",
            "No hay nada con esa referencia o en esa dirección: revise que esté bien escrita",
        )
    }

    /// The path exists, but not with this method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "Ese método no se usa en esta dirección",
            "El encabezado Allow dice con qué métodos se usa esta dirección",
        )
    }

    /// The body is no JSON.
    #[must_use]
    pub fn media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "El cuerpo debe ser JSON",
            "Envíe el cuerpo con Content-Type: application/json",
        )
        .with_header(ACCEPT, HeaderValue::from_static("application/json"))
    }

    /// The body is too large.
    #[must_use]
    pub fn too_large() -> Self {
        let detail = format!("El cuerpo puede tener hasta {BODY_BYTES_MAX} bytes: acorte el texto");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "El cuerpo es demasiado grande",
            detail,
        )
    }

    /// The body did not arrive whole.
    #[must_use]
    pub fn incomplete() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "incomplete",
            "El cuerpo llegó incompleto",
            "La conexión se cortó antes de recibir todo el cuerpo: envíelo de nuevo",
        )
    }

    /// The body cannot be read as JSON at this place.
    #[must_use]
    pub fn malformed(line: usize, column: usize) -> Self {
        let detail = format!("El cuerpo deja de ser JSON en la línea {line}, columna {column}");
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "malformed_json",
            "El cuerpo no es JSON válido",
            detail,
        );
        problem.0.faults.push(Fault {
            at: format!("línea {line}, columna {column}"),
            problem: "no es JSON válido (RFC 8259)".to_owned(),
        });
        problem
    }

    /// An `Idempotency-Key` is required here.
    #[must_use]
    pub fn key_missing() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "idempotency_key_missing",
            "Falta el encabezado Idempotency-Key",
            "Envíe Idempotency-Key con un valor nuevo para cada solicitud (por ejemplo un UUID) y \
             repítalo solo para reintentar la misma: así un reintento no la registra dos veces",
        )
    }

    /// The `Idempotency-Key` is not one.
    #[must_use]
    pub fn key_invalid() -> Self {
        let detail = format!(
            "Idempotency-Key lleva de 1 a {IDEMPOTENCY_KEY_CHARS_MAX} caracteres ASCII visibles, sin \
             espacios, una sola vez"
        );
        let title = "El encabezado Idempotency-Key no es válido";
        Self::new(StatusCode::BAD_REQUEST, "idempotency_key_invalid", title, detail)
    }

    /// The input has faults: all of them, with their places.
    #[must_use]
    pub fn invalid(faults: Vec<InputFault>) -> Self {
        let found = faults.len();
        let detail = match found {
            1 => "Corrija el dato señalado y envíe de nuevo".to_owned(),
            _ => format!("Corrija los {found} datos señalados y envíe de nuevo"),
        };
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Hay datos que corregir",
            detail,
        );
        problem.0.faults = faults
            .into_iter()
            .take(FAULTS_MAX)
            .map(|fault| Fault { at: fault.at, problem: fault.problem })
            .collect();
        problem
    }

    /// One fault.
    #[must_use]
    pub fn fault_at(at: &str, problem: impl Into<String>) -> Self {
        Self::invalid(vec![InputFault::new(at, problem)])
    }

    /// A rule says no: 403 where a power is missing, else 409 because of how the ticket stands.
    fn refused(refusal: &Refusal) -> Self {
        let (status, title) = match refusal.code {
            RefusalCode::NotAuthorised => (StatusCode::FORBIDDEN, "No tiene esa facultad"),
            RefusalCode::Suspended => (StatusCode::CONFLICT, "La póliza no está en servicio"),
            RefusalCode::TicketClosed | RefusalCode::WindowPassed => {
                (StatusCode::CONFLICT, "El ticket está cerrado")
            }
            RefusalCode::Merged => (StatusCode::CONFLICT, "El ticket sigue en otro"),
            RefusalCode::NotMergeable => (StatusCode::CONFLICT, "No se pueden unir"),
            RefusalCode::NoOffer => (StatusCode::CONFLICT, "No hay un ofrecimiento vigente"),
            RefusalCode::Final => (StatusCode::CONFLICT, "La aceptación es definitiva"),
            RefusalCode::NotCritical => (StatusCode::CONFLICT, "No es una incidencia crítica"),
            RefusalCode::WrongLevel => (StatusCode::CONFLICT, "Ese nivel no corresponde"),
            RefusalCode::NoSolution => (StatusCode::CONFLICT, "Aún no hay una solución"),
            RefusalCode::Nothing => (StatusCode::CONFLICT, "No hay sobre qué actuar"),
            RefusalCode::WrongInstant => (StatusCode::CONFLICT, "Los horarios no son posibles"),
            RefusalCode::ReasonNotAllowed => (StatusCode::CONFLICT, "No se cierra por esa razón"),
            RefusalCode::SamePerson => (StatusCode::CONFLICT, "Hace falta otra persona"),
            RefusalCode::LimitReached => (StatusCode::CONFLICT, "Se alcanzó el máximo"),
            RefusalCode::Unpaid => (StatusCode::CONFLICT, "Falta un pago"),
        };
        let mut problem = Self::new(status, refusal_word(refusal.code), title, &refusal.text);
        problem.0.rule = Some(refusal.rule);
        problem
    }

    fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "Esa Idempotency-Key ya se usó para otra solicitud",
            "La misma Idempotency-Key solo sirve para repetir exactamente la misma solicitud: use \
             una nueva",
        )
    }

    fn not_now() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_now",
            "No se pudo en este momento",
            "No se registró nada de lo que envió, o no se sabe aún: reintente en unos segundos con la \
             misma Idempotency-Key",
        )
        .with_header(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))
    }

    /// Our own fault: nothing is told of it but that it is ours. The cause is logged once, here.
    #[must_use]
    pub fn fault(cause: &str) -> Self {
        tracing::error!(cause, "a request failed by our own fault");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "fault",
            "Falla nuestra",
            "Algo falló de nuestro lado y ya quedó registrado. Si es urgente, llame a la mesa de \
             soporte de Millora",
        )
    }
}

/// The stable word of a refusal.
const fn refusal_word(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::NotAuthorised => "not_authorised",
        RefusalCode::Suspended => "suspended",
        RefusalCode::TicketClosed => "ticket_closed",
        RefusalCode::WindowPassed => "window_passed",
        RefusalCode::Merged => "merged",
        RefusalCode::NotMergeable => "not_mergeable",
        RefusalCode::NoOffer => "no_offer",
        RefusalCode::Final => "final",
        RefusalCode::NotCritical => "not_critical",
        RefusalCode::WrongLevel => "wrong_level",
        RefusalCode::NoSolution => "no_solution",
        RefusalCode::Nothing => "nothing",
        RefusalCode::WrongInstant => "wrong_instant",
        RefusalCode::ReasonNotAllowed => "reason_not_allowed",
        RefusalCode::SamePerson => "same_person",
        RefusalCode::LimitReached => "limit_reached",
        RefusalCode::Unpaid => "unpaid",
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::refused(&refusal),
            Failure::Invalid(faults) => Self::invalid(faults),
            Failure::NotFound => Self::not_found(),
            Failure::KeyReused => Self::key_reused(),
            Failure::Retryable(cause) => {
                tracing::warn!(cause, "a request could not be carried out now");
                Self::not_now()
            }
            Failure::Fault(cause) => Self::fault(&cause),
        }
    }
}

impl From<domain::attention::TargetError> for Problem {
    fn from(error: domain::attention::TargetError) -> Self {
        Self::fault(&error.to_string())
    }
}

impl From<domain::calendar::OutOfCalendar> for Problem {
    fn from(error: domain::calendar::OutOfCalendar) -> Self {
        Self::fault(&error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // A struct of texts and one number is always representable as JSON.
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.0.header {
            headers.insert(name, value);
        }
        response
    }
}

/// Gives what the router itself refuses the form of a problem: an unknown path, a wrong method.
pub(crate) fn as_problem(response: Response) -> Response {
    let problem = match response.status() {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::method_not_allowed(),
        _ => return response,
    };
    if response.headers().contains_key(CONTENT_TYPE) {
        return response;
    }
    let allow = response.headers().get(ALLOW).cloned();
    let mut told = problem.into_response();
    if let Some(allow) = allow {
        told.headers_mut().insert(ALLOW, allow);
    }
    told
}
