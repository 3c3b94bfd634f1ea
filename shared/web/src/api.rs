//! What the description of the API says before any of its paths.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use crate::problem::{Document, Fault};

/// The description without paths: who it is of, how callers are known, how errors look.
#[must_use]
pub fn api() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Millora: acuerdo de nivel de servicio")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Tickets of support under Millora's agreement. Field names and this description are in \
             English; every text that a client reads is in Mexican Spanish. Instants are RFC 3339 \
             with Mexico City's offset. Errors are RFC 9457 and tell all faults of an input at once. \
             Unknown fields and parameters are refused. New fields may appear in answers.",
        ));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "`mll_…`, shown once when it is issued. A SPoC's token opens `/tickets`, a staff \
             member's `/desk`; each is answered with 403 on the other's paths.",
    ));
    let components = ComponentsBuilder::new()
        .security_scheme("token", SecurityScheme::Http(token.build()))
        .schema_from::<Document>()
        .schema_from::<Fault>();
    let tag = |name: &str, said: &str| TagBuilder::new().name(name).description(Some(said)).build();
    OpenApiBuilder::new()
        .info(info.build())
        .paths(PathsBuilder::new().build())
        .components(Some(components.build()))
        .tags(Some([
            tag("Tickets", "What a client's SPoCs do."),
            tag("Desk", "What Millora's staff does."),
            tag("Links", "Pages for people, reached by links in mails."),
            tag("Webhooks", "What banks and payment providers tell."),
            tag("API", "About this API."),
        ]))
        .build()
}
