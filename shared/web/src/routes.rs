//! Routes together with their description.
//!
//! A route is added once, with its handler and with what `utoipa::path` says of it. Where the
//! description is wanted it is collected; a function that only serves collects nothing, and none of it
//! is built or linked.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use utoipa::__dev::SchemaReferences;
use utoipa::Path;
use utoipa::openapi::{ComponentsBuilder, HttpMethod, OpenApi};

/// Who collects descriptions.
pub trait Docs {
    /// A route is described by `P`.
    fn describe<P: Path + SchemaReferences>(&mut self);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Docs for Silent {
    fn describe<P: Path + SchemaReferences>(&mut self) {}
}

impl Docs for OpenApi {
    fn describe<P: Path + SchemaReferences>(&mut self) {
        self.paths.add_path_operation(P::path(), P::methods(), P::operation());
        let mut schemas = Vec::new();
        P::schemas(&mut schemas);
        let components = self.components.get_or_insert_with(|| ComponentsBuilder::new().build());
        components.schemas.extend(schemas);
    }
}

/// Routes in the making.
pub struct Routes<S, D> {
    router: Router<S>,
    docs: D,
}

impl<S: Clone + Send + Sync + 'static, D: Docs> Routes<S, D> {
    /// No routes yet.
    pub fn new(docs: D) -> Self {
        Self { router: Router::new(), docs }
    }

    /// The route that `P` describes, served by `handler`.
    #[must_use]
    pub fn route<P, H, T>(mut self, _: P, handler: H) -> Self
    where
        P: Path + SchemaReferences,
        H: Handler<T, S>,
        T: 'static,
    {
        self.docs.describe::<P>();
        let methods = P::methods().iter().map(filter).reduce(MethodFilter::or);
        if let Some(methods) = methods {
            self.router = self.router.route(&P::path(), on(methods, handler));
        }
        self
    }

    /// The router and what was collected.
    pub fn finish(self) -> (Router<S>, D) {
        (self.router, self.docs)
    }
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}
