//! The templates of the deployment, read as what they say.
//!
//! Each module is one kind of check: a function from a [`Template`] to a list of faults. The tests run
//! them over the real templates, and over templates that were made wrong on purpose, one line each.

pub mod alarms;
pub mod calls;
pub mod functions;
pub mod http;
pub mod mail;
pub mod rights;
pub mod stages;
pub mod state;
pub mod template;
pub mod triggers;

pub use template::Template;

use tests_tidy::Fault;

/// What the checks compare the templates with.
#[derive(Debug, Clone)]
pub struct Project {
    /// The template of everything but mail in.
    pub main: Template,
    /// The template of mail in.
    pub inbound: Template,
    /// The packages under `functions/`.
    pub packages: Vec<String>,
    /// The runbook.
    pub runbook: String,
    /// The description of the HTTP API.
    pub openapi: serde_json::Value,
    /// The stages.
    pub samconfig: toml::Table,
}

impl Project {
    /// The project as it lies in the repository.
    ///
    /// # Panics
    /// When a file is missing or cannot be read.
    #[must_use]
    pub fn read() -> Self {
        use tests_tidy::files::read;
        Self {
            main: Template::parse("infra/template.yaml", &read("infra/template.yaml")),
            inbound: Template::parse("infra/inbound-mail.yaml", &read("infra/inbound-mail.yaml")),
            packages: functions::packages(),
            runbook: read(alarms::RUNBOOK),
            openapi: serde_json::from_str(&read("docs/openapi.json")).expect("it is JSON"),
            samconfig: toml::from_str(&read(stages::FILE)).expect("samconfig.toml is TOML"),
        }
    }

    /// Every check.
    #[must_use]
    pub fn check(&self) -> Vec<Fault> {
        let checks = [
            functions::check(&self.main, &self.packages),
            triggers::check(&self.main, &self.inbound),
            rights::check(&self.main),
            state::check(&self.main),
            http::check(&self.main, &self.openapi),
            mail::check(&self.main, &self.inbound),
            alarms::check(&self.main, &self.runbook),
            stages::check(&self.samconfig, &self.main),
        ];
        checks.into_iter().flatten().collect()
    }
}
