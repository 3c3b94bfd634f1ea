//! What went wrong with a call, in the few kinds that matter to a caller.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A failed call.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The request could not even be built: our fault.
    Unsent(String),
    /// The request may have reached the service; no answer came that can be read.
    NoAnswer(String),
    /// The service answered with an error.
    Answered {
        /// HTTP status.
        status: u16,
        /// The service's code, for example `ThrottlingException`; empty when it gave none.
        code: String,
        /// Code and message, for people. A message that may repeat what was sent is left out, since
        /// this text comes into logs.
        text: String,
        /// The message as it came, for a person who may read what was sent.
        message: String,
    },
}

/// Codes whose messages may repeat what was sent: an address, or a whole item.
const REPEATING: [&str; 5] = [
    "BadRequestException",
    "MessageRejected",
    "SerializationException",
    "TransactionCanceledException",
    "ValidationException",
];

impl Trouble {
    /// Sorts an error of the SDK.
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        match error {
            SdkError::ConstructionFailure(_) => Self::Unsent("the request is not valid".to_owned()),
            SdkError::TimeoutError(_) => Self::NoAnswer("no answer in time".to_owned()),
            SdkError::DispatchFailure(failure) => {
                let what = if failure.is_timeout() {
                    "no answer in time"
                } else if failure.is_io() {
                    "the connection broke"
                } else {
                    "the connection failed"
                };
                Self::NoAnswer(what.to_owned())
            }
            SdkError::ResponseError(_) => {
                Self::NoAnswer("an answer came that cannot be read".to_owned())
            }
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                let code = answer.err().code().unwrap_or_default().to_owned();
                let message = answer.err().message().unwrap_or("no message").to_owned();
                let text = if REPEATING.contains(&code.as_str()) {
                    format!("{status} {code}")
                } else {
                    format!("{status} {code}: {message}")
                };
                Self::Answered { status, code, text, message }
            }
            other => Self::NoAnswer(other.to_string()),
        }
    }

    /// Whether the service certainly did nothing, because it asks to slow down.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Unsent(_) | Self::NoAnswer(_) => false,
            Self::Answered { status, code, .. } => {
                *status == 429
                    || matches!(
                        code.as_str(),
                        "LimitExceededException"
                            | "ProvisionedThroughputExceededException"
                            | "RequestLimitExceeded"
                            | "RequestThrottled"
                            | "RequestThrottledException"
                            | "SlowDown"
                            | "Throttling"
                            | "ThrottlingException"
                            | "TooManyRequestsException"
                    )
            }
        }
    }

    /// The service's code; empty when there is none.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Unsent(_) | Self::NoAnswer(_) => "",
            Self::Answered { code, .. } => code,
        }
    }

    /// The whole of it, for people.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Unsent(text) | Self::NoAnswer(text) | Self::Answered { text, .. } => text,
        }
    }
}
