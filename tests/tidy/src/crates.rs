//! Packages: manifests, the lock, and what is linked into what.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::fault::Fault;
use crate::files::{File, root};
use crate::licences::is_allowed;

/// A manifest with its path.
pub struct Manifest {
    /// Path from the root.
    pub path: String,
    /// Content.
    pub table: toml::Table,
}

/// Every manifest of a package in the workspace.
///
/// # Panics
/// When one cannot be read as TOML.
#[must_use]
pub fn manifests(files: &[File]) -> Vec<Manifest> {
    let packages = files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    packages
        .map(|file| {
            let table = file.text().parse().unwrap_or_else(|e| panic!("{}: {e}", file.path));
            Manifest { path: file.path.clone(), table }
        })
        .collect()
}

/// The sections of a manifest that bring packages in.
pub const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

impl Manifest {
    /// Name of the package.
    #[must_use]
    pub fn name(&self) -> &str {
        let package = self.table.get("package").and_then(|it| it.get("name"));
        package.and_then(toml::Value::as_str).unwrap_or_default()
    }

    /// Names in a section.
    #[must_use]
    pub fn dependencies(&self, section: &str) -> Vec<&str> {
        let table = self.table.get(section).and_then(toml::Value::as_table);
        table.into_iter().flat_map(toml::Table::keys).map(String::as_str).collect()
    }

    /// The features that a section asks of a package.
    #[must_use]
    pub fn features(&self, section: &str, of: &str) -> Vec<&str> {
        let features = self.table.get(section).and_then(|it| it.get(of));
        let list = features.and_then(|it| it.get("features")).and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(toml::Value::as_str).collect()
    }

    /// Whether it is a deployed function.
    #[must_use]
    pub fn is_function(&self) -> bool {
        self.path.starts_with("functions/")
    }
}

/// Every package has the workspace's lints and its common fields.
#[must_use]
pub fn check_common(manifests: &[Manifest]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for manifest in manifests {
        let lints = manifest.table.get("lints").and_then(|it| it.get("workspace"));
        if lints.and_then(toml::Value::as_bool) != Some(true) {
            let what = "the workspace's lints are not in force";
            faults.push(Fault::new(&manifest.path, what, "Add [lints] workspace = true"));
        }
        for field in ["version", "edition", "rust-version", "license", "publish"] {
            let value = manifest.table.get("package").and_then(|it| it.get(field));
            let inherited = value.and_then(|it| it.get("workspace")).is_some();
            if !inherited {
                let what = format!("{field} is not that of the workspace");
                let remedy = format!("Write {field}.workspace = true");
                faults.push(Fault::new(&manifest.path, what, remedy));
            }
        }
    }
    faults
}

/// Packages that may name the SDK themselves: the adapters, the local bundle, which plays the part of
/// the cloud, and tests.
fn may_know_the_sdk(manifest: &Manifest) -> bool {
    manifest.name() == "aws" || manifest.name() == "local" || manifest.path.starts_with("tests/")
}

/// Only `aws` knows the SDK.
#[must_use]
pub fn check_sdk(manifests: &[Manifest]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for manifest in manifests.iter().filter(|it| !may_know_the_sdk(it)) {
        for name in SECTIONS.iter().flat_map(|section| manifest.dependencies(section)) {
            if name.starts_with("aws-sdk-") || name.starts_with("aws-smithy-") {
                let what = format!("{} depends on {name}", manifest.name());
                let remedy = "Go through a port of app; the adapter belongs to shared/aws";
                faults.push(Fault::new(&manifest.path, what, remedy));
            }
        }
    }
    faults
}

/// No function is linked with the in-memory ports.
#[must_use]
pub fn check_memory(manifests: &[Manifest]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for manifest in manifests.iter().filter(|it| it.is_function()) {
        if manifest.features("dependencies", "app").contains(&"memory") {
            let what = format!("{} links the in-memory ports", manifest.name());
            let remedy = "Enable the feature memory of app under [dev-dependencies] only";
            faults.push(Fault::new(&manifest.path, what, remedy));
        }
    }
    faults
}

/// Crates that functions share are asked for the same features by each: else `sam build` compiles the SDK
/// once more for each set. `built` are lists of crates with their features, a function's each.
#[must_use]
pub fn check_shared(built: &[(String, BTreeSet<String>)]) -> Vec<Fault> {
    let mut apart = BTreeMap::new();
    for (function, crates) in built {
        for (other, others) in built {
            for line in crates.difference(others) {
                let package = line.split(" [").next().unwrap_or_default();
                if others.iter().any(|it| it.split(" [").next() == Some(package)) {
                    apart.entry(package.to_owned()).or_insert((function, other));
                }
            }
        }
    }
    let remedy = "Ask for the features of both in the workspace, and in shared/aws if no code does";
    let fault = |(package, (function, other))| {
        let what = format!("{function} and {other} ask for different features of {package}");
        Fault::new("Cargo.toml", what, remedy)
    };
    apart.into_iter().map(fault).collect()
}

/// What is built for a package: each crate with its version and its features, as `name version [features]`.
#[must_use]
pub fn built(package: &str) -> BTreeSet<String> {
    let kinds = "normal,build,no-proc-macro";
    let shape = "{p} [{f}]";
    let format = ["--prefix", "none", "--no-dedupe", "-f", shape];
    let answer =
        cargo(&[&["tree", "-p", package, "-e", kinds], &format[..], &OFFLINE[..]].concat());
    answer.lines().map(ToOwned::to_owned).collect()
}

/// The policy in `deny.toml`.
pub struct Policy {
    /// Licences that may be linked.
    pub licences: BTreeSet<String>,
    /// Packages that may not: a name, and the start of the versions that are meant.
    pub bans: Vec<(String, String)>,
}

/// Reads `deny.toml`.
///
/// # Panics
/// When it does not have the form that is read here.
#[must_use]
pub fn policy(text: &str) -> Policy {
    let table: toml::Table = text.parse().expect("deny.toml is TOML");
    let list = |section: &str, name: &str| {
        let value = table.get(section).and_then(|it| it.get(name)).and_then(toml::Value::as_array);
        value.cloned().unwrap_or_else(|| panic!("deny.toml has a list {section}.{name}"))
    };
    let licences = list("licenses", "allow");
    let bans = list("bans", "deny");
    let text = |value: &toml::Value| value.as_str().unwrap_or_default().to_owned();
    Policy {
        licences: licences.iter().map(text).collect(),
        bans: bans
            .iter()
            .map(|ban| {
                let name = ban.get("crate").map(text).expect("a ban names its crate");
                let (name, version) = name.split_once('@').unwrap_or((&name, ""));
                (name.to_owned(), version.trim_start_matches(['^', '~', '=']).to_owned())
            })
            .collect(),
    }
}

/// The lock holds no package that the policy bans.
///
/// # Panics
/// When the lock is no TOML.
#[must_use]
pub fn check_bans(lock: &str, policy: &Policy) -> Vec<Fault> {
    let table: toml::Table = lock.parse().expect("Cargo.lock is TOML");
    let packages = table.get("package").and_then(toml::Value::as_array);
    let mut faults = Vec::new();
    for package in packages.into_iter().flatten() {
        let field =
            |name: &str| package.get(name).and_then(toml::Value::as_str).unwrap_or_default();
        let (name, version) = (field("name"), field("version"));
        for (banned, start) in &policy.bans {
            let meant =
                start.is_empty() || version == start || version.starts_with(&format!("{start}."));
            if name == banned && meant {
                let what = format!("{name} {version} is banned by deny.toml");
                let remedy =
                    format!("Find who brings it: cargo tree --workspace -i {name}@{version}");
                faults.push(Fault::new("Cargo.lock", what, remedy));
            }
        }
    }
    faults
}

/// Every package that is built for this machine has an allowed licence.
///
/// # Panics
/// When cargo does not answer.
#[must_use]
pub fn check_licences(policy: &Policy) -> Vec<Fault> {
    let about = cargo(&["-vV"]);
    let host =
        about.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo has a host");
    let answer = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ]);
    let metadata: serde_json::Value = serde_json::from_str(&answer).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("metadata lists packages");
    let mut faults = Vec::new();
    for package in packages.iter().filter(|it| !it["source"].is_null()) {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence, &policy.licences) {
            let what =
                format!("{name} has the licence \"{licence}\", which deny.toml does not allow");
            let remedy = "Use another package, or have the licence approved and add it";
            faults.push(Fault::new("Cargo.lock", what, remedy));
        }
    }
    faults
}

/// Names of the packages that are linked into `package`, itself included, without what only its
/// tests need.
#[must_use]
pub fn closure(package: &str) -> BTreeSet<String> {
    let kinds = "normal,build";
    let answer =
        cargo(&[&["tree", "-p", package, "-e", kinds, "--prefix", "none"], &OFFLINE[..]].concat());
    answer
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(ToOwned::to_owned)
        .collect()
}

/// What the lock says, from what was fetched before.
const OFFLINE: [&str; 2] = ["--locked", "--offline"];

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("cargo {arguments:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
