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
