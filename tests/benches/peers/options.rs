//! What the command line asks for.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::Scenario;

const HELP: &str = "\
usage: cargo bench -p ecs-pipeline-tests --profile dev -- [OPTIONS]

  --only SCENARIO      no-wait, good, crash-loop or unhealthy; may be repeated
                       [default: no-wait, good, crash-loop]
  --repetitions N      how often each program deploys [default: 3]
  --drain SECONDS      the target group's deregistration delay, which makes rollouts longer;
                       4 s more at every repetition [default: 10]
  --binary PATH        the ecs-pipeline to measure [default: it is built, optimised]";

/// What is to be compared.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) repetitions: u32,
    pub(crate) drain: Duration,
    /// The `ecs-pipeline` to measure.
    pub(crate) binary: PathBuf,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            scenarios: Vec::new(),
            repetitions: 3,
            drain: Duration::from_secs(10),
            binary: PathBuf::new(),
        };
        while let Some(argument) = arguments.next() {
            // Cargo's own, for a harness that this is not.
            if argument == "--bench" {
                continue;
            }
            let value = arguments.next().ok_or(HELP)?;
            let number = || {
                value
                    .parse::<u32>()
                    .map_err(|error| format!("{error}: {value}"))
            };
            match argument.as_str() {
                "--only" => options.scenarios.push(scenario(&value)?),
                "--repetitions" => options.repetitions = number()?,
                "--drain" => options.drain = Duration::from_secs(number()?.into()),
                "--binary" => options.binary = value.into(),
                _ => return Err(HELP.to_owned()),
            }
        }
        if options.scenarios.is_empty() {
            options.scenarios = vec![Scenario::NoWait, Scenario::Good, Scenario::CrashLoop];
        }
        if options.binary.as_os_str().is_empty() {
            options.binary = build()?;
        }
        Ok(options)
    }
}

fn scenario(name: &str) -> Result<Scenario, String> {
    let found = Scenario::ALL.into_iter().find(|one| one.name() == name);
    found.ok_or_else(|| HELP.to_owned())
}

/// Builds the optimised binary into the target directory that this program comes from.
fn build() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    // TARGET/PROFILE/deps/peers-HASH
    let target = program.ancestors().nth(3).ok_or("no target directory")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "ecs-pipeline-cli"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err("ecs-pipeline could not be built".to_owned());
    }
    Ok(target.join("release/ecs-pipeline"))
}
