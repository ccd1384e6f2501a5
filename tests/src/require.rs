//! What a test needs of the machine.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::command::tool;

/// Lists, by spaces or commas, what must be there: a test that would skip for the lack of it
/// fails.
const REQUIRED: &str = "ECS_PIPELINE_REQUIRE";

/// Whether the machine has all of `names`: `docker`, `aws-cli`, `boto3`, `ecs-deploy`.
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
        let listed = required.split([' ', ',']).any(|listed| listed == *name);
        assert!(!listed, "{REQUIRED} lists {name}, which is not there");
        eprintln!("skipped: {name} is not there");
        false
    })
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
        "ecs-deploy" => words(&["ecs", "--help"]),
        _ => panic!("nothing is known about {name}"),
    };
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

fn words(words: &[&str]) -> Command {
    let mut command = Command::new(tool(words[0]));
    command.args(&words[1..]);
    command
}
