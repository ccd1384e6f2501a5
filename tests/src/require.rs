//! What a test needs of the machine.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::amazonaws;
use crate::command::tool;
use crate::jenkins::java_home;
use crate::say::say;

/// Lists, by spaces or commas, what must be there: a test that would skip for the lack of it
/// fails.
const REQUIRED: &str = "ECS_PIPELINE_REQUIRE";

/// Whether the machine has all of `names`: `docker`, `aws-cli`, `boto3`, `ecs-deploy`,
/// `moto`, `ministack`, `groovy`, and `namespaces`: what [`crate::amazonaws`] needs.
///
/// If not, says what the test is skipped for.
///
/// # Panics
///
/// If something is missing that `ECS_PIPELINE_REQUIRE` lists.
#[must_use]
pub fn require(names: &[&str]) -> bool {
    names.iter().all(|name| {
        if is_there(name) {
            return true;
        }
        let required = std::env::var(REQUIRED).unwrap_or_default();
        assert!(
            !lists(&required, name),
            "{REQUIRED} lists {name}, which is not there"
        );
        let test = std::thread::current();
        let test = test.name().unwrap_or("a test").to_owned();
        say(format!("skipped {test}: {name} is not there"));
        false
    })
}

fn lists(required: &str, name: &str) -> bool {
    required.split([' ', ',']).any(|listed| listed == name)
}

/// Lets one test at a time start containers, so that a small machine does not run out of time for
/// health checks.
pub async fn docker_turn() -> SemaphorePermit<'static> {
    static TURN: Semaphore = Semaphore::const_new(1);
    TURN.acquire().await.expect("the semaphore is never closed")
}

fn is_there(name: &str) -> bool {
    static KNOWN: Mutex<Option<HashMap<String, bool>>> = Mutex::new(None);
    let mut known = KNOWN.lock().expect("no panic while it is held");
    *known
        .get_or_insert_default()
        .entry(name.to_owned())
        .or_insert_with(|| ask(name))
}

fn ask(name: &str) -> bool {
    let mut command = match name {
        "docker" => words(&["docker", "version"]),
        "aws-cli" => words(&["aws", "--version"]),
        "boto3" => words(&["python3", "-c", "import boto3"]),
        "moto" => words(&["moto_server", "--help"]),
        // It has no option that ends at once.
        "ministack" => words(&["python3", "-c", "import ministack"]),
        "ecs-deploy" => words(&["ecs", "--help"]),
        "groovy" => groovy(),
        "namespaces" => amazonaws::probe(),
        _ => panic!("nothing is known about {name}"),
    };
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// Debian's start script looks for Java in one place only.
fn groovy() -> Command {
    let mut command = words(&["groovy", "--version"]);
    if let Some(home) = java_home() {
        command.env("JAVA_HOME", home);
    }
    command
}

fn words(words: &[&str]) -> Command {
    let mut command = Command::new(tool(words[0]));
    command.args(&words[1..]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_whole_words() {
        assert!(lists("docker aws-cli", "aws-cli"));
        assert!(lists("docker,aws-cli", "docker"));
        assert!(!lists("docker-compose", "docker"));
        assert!(!lists("", "docker"));
    }
}
