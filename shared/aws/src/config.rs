//! The environment, read once, with all faults at once.
//!
//! | variable | what |
//! |---|---|
//! | `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | set by the platform |
//! | `AWS_ENDPOINT_URL` | optional: a server that stands in for the services |
//! | `TABLE`, `BUCKET` | where state and blobs are kept |
//! | `SECRETS_PREFIX` | path of the parameters that hold keys, without slashes around it |
//! | `MAIL_DOMAIN`, `MAILBOX`, `BASE_URL` | how clients reach us |
//! | `ON_CALL`, `DESK` | one address each; several people are a group address |
//! | `WRITE_SCHEMA` | schema number that this release writes |
//! | `LOG_LEVEL` | optional, `info` if absent |
//! | `CONFIGURATION_SET` | functions that send mail |
//! | `SCHEDULE_GROUP`, `SCHEDULE_ROLE_ARN`, `SCHEDULE_DLQ_ARN`, `SLA_TIMER_ARN`, `AUTO_CLOSE_ARN` | functions that create schedules |

use std::fmt;

use app::ports::Settings;

use crate::connection::{AccessKey, Connection};

/// What a function needs beyond what every function is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// It sends mail.
    pub mail: bool,
    /// It creates schedules.
    pub schedules: bool,
}

impl Needs {
    /// Nothing.
    pub const NOTHING: Self = Self { mail: false, schedules: false };

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { mail: self.mail || other.mail, schedules: self.schedules || other.schedules }
    }
}

/// Everything that the environment says.
#[derive(Debug, Clone)]
pub struct Config {
    /// Region, credentials, endpoint.
    pub connection: Connection,
    /// Table.
    pub table: String,
    /// Bucket.
    pub bucket: String,
    /// Path of the parameters that hold keys.
    pub secrets_prefix: String,
    /// What the deployment says of itself.
    pub settings: Settings,
    /// Level of our own lines in the logs.
    pub log_level: String,
    /// SES configuration set; empty for functions that do not send mail.
    pub configuration_set: String,
    /// Where schedules are kept; of empty texts for functions that do not create any.
    pub schedules: ScheduleNames,
}

/// The names that one-time schedules need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScheduleNames {
    /// Schedule group.
    pub group: String,
    /// Role that the scheduler takes.
    pub role_arn: String,
    /// Queue for wake-ups that could not be delivered.
    pub dead_letter_arn: String,
    /// The function `sla-timer`.
    pub sla_timer_arn: String,
    /// The function `auto-close`.
    pub auto_close_arn: String,
}

/// All that is wrong with the environment, one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(pub Vec<String>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment is not complete: {}", self.0.join("; "))
    }
}

impl Config {
    /// Reads the process's environment. Call it once.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, by name.
    pub fn from_environment(needs: Needs) -> Result<Self, ConfigFaults> {
        Self::read(needs, |name| std::env::var(name).ok())
    }

    /// Reads the variables from `get`.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, by name.
    pub fn read(needs: Needs, get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigFaults> {
        let mut reader = Reader { get, faults: Vec::new() };
        let key = AccessKey {
            id: reader.required("AWS_ACCESS_KEY_ID"),
            secret: reader.required("AWS_SECRET_ACCESS_KEY"),
            session_token: reader.optional("AWS_SESSION_TOKEN"),
        };
        let region = reader.required("AWS_REGION");
        let connection = Connection::new(region, key, reader.endpoint());
        let config = Self {
            connection,
            table: reader.required("TABLE"),
            bucket: reader.required("BUCKET"),
            secrets_prefix: reader.prefix(),
            settings: reader.settings(),
            log_level: reader.optional("LOG_LEVEL").unwrap_or_else(|| "info".to_owned()),
            configuration_set: reader.needed(needs.mail, "CONFIGURATION_SET"),
            schedules: ScheduleNames {
                group: reader.needed(needs.schedules, "SCHEDULE_GROUP"),
                role_arn: reader.needed(needs.schedules, "SCHEDULE_ROLE_ARN"),
                dead_letter_arn: reader.needed(needs.schedules, "SCHEDULE_DLQ_ARN"),
                sla_timer_arn: reader.needed(needs.schedules, "SLA_TIMER_ARN"),
                auto_close_arn: reader.needed(needs.schedules, "AUTO_CLOSE_ARN"),
            },
        };
        if reader.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(reader.faults)) }
    }
}

struct Reader<G> {
    get: G,
    faults: Vec<String>,
}

impl<G: Fn(&str) -> Option<String>> Reader<G> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.get)(name).filter(|value| !value.trim().is_empty())
    }

    fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.faults.push(format!("{name} is not set"));
            String::new()
        })
    }

    fn needed(&mut self, needed: bool, name: &str) -> String {
        if needed { self.required(name) } else { String::new() }
    }

    fn settings(&mut self) -> Settings {
        Settings {
            mail_domain: self.required("MAIL_DOMAIN"),
            mailbox: self.required("MAILBOX"),
            base_url: self.base_url(),
            on_call: self.address("ON_CALL"),
            desk: self.address("DESK"),
            write_schema: self.write_schema(),
        }
    }

    fn endpoint(&mut self) -> Option<String> {
        let endpoint = self.optional("AWS_ENDPOINT_URL")?;
        if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            self.faults.push("AWS_ENDPOINT_URL does not start with http:// or https://".to_owned());
        }
        Some(endpoint)
    }

    fn prefix(&mut self) -> String {
        let prefix = self.required("SECRETS_PREFIX");
        if prefix.starts_with('/') || prefix.ends_with('/') {
            self.faults.push("SECRETS_PREFIX starts or ends with a slash".to_owned());
        }
        prefix
    }

    fn base_url(&mut self) -> String {
        let url = self.required("BASE_URL");
        if url.ends_with('/') {
            self.faults.push("BASE_URL ends with a slash".to_owned());
        }
        url
    }

    /// One address: a group of people is a group address.
    fn address(&mut self, name: &str) -> String {
        let address = self.required(name);
        let one = address.matches('@').count() == 1 && !address.contains([',', ' ']);
        if !address.is_empty() && !one {
            self.faults.push(format!("{name} is {address:?}, which is not one address"));
        }
        address
    }

    fn write_schema(&mut self) -> u16 {
        let value = self.required("WRITE_SCHEMA");
        value.parse().unwrap_or_else(|_| {
            if !value.is_empty() {
                self.faults.push(format!("WRITE_SCHEMA is {value:?}, which is no schema number"));
            }
            0
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Config, Needs};

    const GOOD: [(&str, &str); 19] = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("TABLE", "millora"),
        ("BUCKET", "millora-blobs"),
        ("SECRETS_PREFIX", "millora"),
        ("MAIL_DOMAIN", "soporte.millora.example"),
        ("MAILBOX", "soporte"),
        ("BASE_URL", "https://soporte.millora.example"),
        ("ON_CALL", "guardia@millora.example"),
        ("DESK", "mesa@millora.example"),
        ("WRITE_SCHEMA", "1"),
        ("CONFIGURATION_SET", "soporte"),
        ("SCHEDULE_GROUP", "soporte"),
        ("SCHEDULE_ROLE_ARN", "arn:role"),
        ("SCHEDULE_DLQ_ARN", "arn:dlq"),
        ("SLA_TIMER_ARN", "arn:sla"),
        ("AUTO_CLOSE_ARN", "arn:close"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ];

    fn read(needs: Needs, vars: &BTreeMap<&str, &str>) -> Result<Config, Vec<String>> {
        Config::read(needs, |name| vars.get(name).map(|value| (*value).to_owned()))
            .map_err(|faults| faults.0)
    }

    #[test]
    fn a_complete_environment_is_read() {
        let config = read(Needs { mail: true, schedules: true }, &BTreeMap::from(GOOD)).unwrap();
        assert_eq!(config.settings.on_call, "guardia@millora.example");
        assert_eq!(config.settings.write_schema, 1);
        assert_eq!(config.log_level, "info");
        assert_eq!(config.schedules.auto_close_arn, "arn:close");
        assert!(!format!("{config:?}").contains("secret\""), "a secret is shown");
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let mut vars = BTreeMap::from(GOOD);
        vars.remove("TABLE");
        vars.insert("BUCKET", " ");
        vars.insert("BASE_URL", "https://soporte.millora.example/");
        vars.insert("DESK", "mesa");
        vars.insert("WRITE_SCHEMA", "uno");
        vars.insert("SECRETS_PREFIX", "/millora");
        vars.insert("AWS_ENDPOINT_URL", "localhost");
        vars.remove("SLA_TIMER_ARN");
        vars.remove("CONFIGURATION_SET");
        let common = [
            "AWS_ENDPOINT_URL does not start with http:// or https://",
            "TABLE is not set",
            "BUCKET is not set",
            "SECRETS_PREFIX starts or ends with a slash",
            "BASE_URL ends with a slash",
            "DESK is \"mesa\", which is not one address",
            "WRITE_SCHEMA is \"uno\", which is no schema number",
        ];
        assert_eq!(read(Needs::NOTHING, &vars).unwrap_err(), common);
        let all = [&common[..], &["CONFIGURATION_SET is not set", "SLA_TIMER_ARN is not set"]];
        assert_eq!(read(Needs { mail: true, schedules: true }, &vars).unwrap_err(), all.concat());
    }

    #[test]
    fn an_empty_environment_names_every_required_variable() {
        let faults = read(Needs { mail: true, schedules: true }, &BTreeMap::new()).unwrap_err();
        for (name, _) in GOOD {
            let told = faults.contains(&format!("{name} is not set"));
            assert_eq!(told, name != "AWS_ENDPOINT_URL", "{name}");
        }
        assert_eq!(faults.len(), GOOD.len() - 1);
    }
}
