//! The mailer over SES.
//!
//! SES has no idempotency token: a message that is sent twice arrives twice. So each call makes one
//! attempt only, and whoever cannot know its outcome is told so ([`SendError::Unknown`]) and waits
//! for the service's own event, which carries the tag `notice_id`.
//!
//! When a message was accepted is what the answer's `Date` says: the service's clock, as in its events.

use std::sync::{Arc, LazyLock, OnceLock};

use app::ports::{Acceptance, Mailer, Outgoing, SendError};
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::retry::RetryConfig;
use domain::Instant;

use crate::connection::{Connection, Lazy, lazy, service_config};
use crate::trouble::Trouble;

/// Seconds until an unanswered message counts as unknown.
const ATTEMPT_SECONDS: u64 = 10;

/// The mailer over SES. A clone shares the client.
#[derive(Clone)]
pub struct SesMailer {
    client: Lazy<Client>,
    configuration_set: String,
}

impl SesMailer {
    /// A mailer whose messages go through `configuration_set`, from which their events come. The
    /// client is built at the first call.
    #[must_use]
    pub fn new(connection: &Connection, configuration_set: impl Into<String>) -> Self {
        let connection = connection.clone();
        let build = move || {
            let once = RetryConfig::disabled();
            let config = service_config!(aws_sdk_sesv2, &connection, once, ATTEMPT_SECONDS);
            Client::from_conf(config.build())
        };
        Self { client: lazy(build), configuration_set: configuration_set.into() }
    }
}

impl Mailer for SesMailer {
    async fn send(&self, message: &Outgoing) -> Result<Acceptance, SendError> {
        let raw = RawMessage::builder()
            .data(Blob::new(message.mime.as_slice()))
            .build()
            .map_err(|error| SendError::Refused(error.to_string()))?;
        let dated = Dated::default();
        let output = LazyLock::force(&self.client)
            .send_email()
            .from_email_address(&message.from)
            .destination(Destination::builder().to_addresses(&message.to).build())
            .content(EmailContent::builder().raw(raw).build())
            .email_tags(tag("notice_id", &message.notice_id)?)
            .email_tags(tag("subject", &message.subject_tag)?)
            .configuration_set_name(&self.configuration_set)
            .customize()
            .interceptor(dated.clone())
            .send()
            .await
            .map_err(|error| send_error(Trouble::of(&error)))?;
        let no_id = || SendError::Unknown("SES gave the message no id".to_owned());
        let id = output.message_id.ok_or_else(no_id)?;
        Ok(Acceptance { id, at: dated.at.get().copied() })
    }
}

/// Reads the date of an answer, which the SDK does not hand on.
#[derive(Debug, Clone, Default)]
struct Dated {
    at: Arc<OnceLock<Instant>>,
}

impl Intercept for Dated {
    fn name(&self) -> &'static str {
        "Dated"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        if let Some(millis) = date.and_then(|date| date.to_millis().ok()) {
            self.at.get_or_init(|| Instant::from_millis(millis));
        }
        Ok(())
    }
}

fn tag(name: &str, value: &str) -> Result<MessageTag, SendError> {
    MessageTag::builder()
        .name(name)
        .value(value)
        .build()
        .map_err(|error| SendError::Refused(error.to_string()))
}

/// Only what says that this very message is unacceptable refuses it. A paused account, a domain that
/// is not verified, a missing right: a person can mend these, and the message then goes out.
fn send_error(trouble: Trouble) -> SendError {
    if trouble.is_busy() {
        return SendError::Retryable(trouble.text());
    }
    match trouble {
        Trouble::Unsent(text) => SendError::Refused(text),
        Trouble::NoAnswer(text) => SendError::Unknown(text),
        Trouble::Answered { status, code, text, message } => match code.as_str() {
            "MessageRejected" | "BadRequestException" => {
                SendError::Refused(format!("{text}: {message}"))
            }
            _ if status >= 500 => SendError::Unknown(text),
            _ => SendError::Retryable(text),
        },
    }
}
