//! Enters the clients of a data set into a deployment, whose table, bucket and keys the environment
//! names as it does for a function.

use std::error::Error;

use app::seed::{self, Seed};
use aws::config::{Config, Needs};
use aws::production::Production;
use aws::s3::S3Blobs;
use aws::ssm::SsmSecrets;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the data set")?;
    let seed: Seed = toml::from_str(&std::fs::read_to_string(path)?)?;
    let env: Production<S3Blobs, SsmSecrets> =
        Production::new(&Config::from_environment(Needs::NOTHING)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(seed::apply(&env, &seed))?)
}

#[cfg(test)]
mod tests {
    use app::client;
    use app::memory::MemoryEnv;
    use domain::ids::ClientId;
    use domain::{Instant, TimeDelta};

    use super::*;

    /// The deployment itself takes half an hour: that its data set is what the code reads, and closes a
    /// ticket after a minute, is seen here.
    #[tokio::test]
    async fn the_data_set_is_read_as_it_is_meant() {
        let seed: Seed = toml::from_str(include_str!("../clients.toml")).unwrap();
        let now = Instant::parse_rfc3339("2026-11-20T10:00:00-06:00").unwrap();
        let env = MemoryEnv::new(now, 1);
        seed::apply(&env, &seed).await.unwrap();
        let client = client::load(&env, &ClientId::parse("FERRE").unwrap()).await.unwrap().unwrap();
        let terms = client.in_force(&env, now).await.unwrap().terms;
        assert_eq!(terms.solution_silence.value.delta(), TimeDelta::minutes(1));
    }
}
