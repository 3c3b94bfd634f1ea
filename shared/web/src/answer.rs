//! Answers that are no problems: JSON, with what a client of the API needs in the headers.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use serde::Serialize;

use crate::problem::Problem;

/// The header that says that a request had been carried out before, and was not again.
#[must_use]
pub const fn replayed_header() -> HeaderName {
    HeaderName::from_static("idempotent-replayed")
}

/// An answer in the making.
#[derive(Debug)]
pub struct Answer<T> {
    status: StatusCode,
    body: T,
    location: Option<String>,
    replayed: bool,
}

impl<T: Serialize> Answer<T> {
    /// 200.
    pub const fn ok(body: T) -> Self {
        Self { status: StatusCode::OK, body, location: None, replayed: false }
    }

    /// 201: something was made.
    pub const fn created(body: T) -> Self {
        Self { status: StatusCode::CREATED, body, location: None, replayed: false }
    }

    /// Where what was made can be read.
    #[must_use]
    pub fn at(mut self, path: String) -> Self {
        self.location = Some(path);
        self
    }

    /// Whether the request is known to have been carried out before.
    #[must_use]
    pub const fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_vec(&self.body) {
            Ok(body) => body,
            Err(error) => return Problem::fault(&error.to_string()).into_response(),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(location) = self.location.and_then(|path| HeaderValue::try_from(path).ok()) {
            headers.insert(LOCATION, location);
        }
        if self.replayed {
            headers.insert(replayed_header(), HeaderValue::from_static("true"));
        }
        response
    }
}
