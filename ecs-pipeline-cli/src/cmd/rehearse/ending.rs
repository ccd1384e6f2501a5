//! Which versions the service runs at the end.

use std::collections::BTreeSet;
use std::time::Duration;

use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::stage::{Stage, call, text};
use crate::error::CliError;

/// How long tasks that are on their way out may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The revision that the service is set to run, and those that its tasks run, as
/// `FAMILY:REVISION`: at rest they are one.
pub(super) async fn runs_at_the_end(sandbox: &Sandbox, stage: &Stage) -> Result<String, CliError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let revisions = revisions(sandbox, stage)?;
        if revisions.len() == 1 || Instant::now() >= deadline {
            let revisions: Vec<String> = revisions.into_iter().collect();
            return Ok(revisions.join(" and "));
        }
        sleep(Duration::from_millis(100)).await;
    }
}

fn revisions(sandbox: &Sandbox, stage: &Stage) -> Result<BTreeSet<String>, CliError> {
    let ecs = |operation, input| call(sandbox, Service::Ecs, operation, input);
    let (cluster, service) = (&stage.service.cluster, &stage.service.service);
    let services = json!({"cluster": cluster, "services": [service]});
    let services = ecs("DescribeServices", services)?;
    let set = text(&services, "/services/0/taskDefinition")?;
    let mut revisions = BTreeSet::from([short(&set)]);
    let tasks = json!({"cluster": cluster, "serviceName": service, "desiredStatus": "RUNNING"});
    let tasks = ecs("ListTasks", tasks)?["taskArns"].take();
    if tasks.as_array().is_some_and(|tasks| !tasks.is_empty()) {
        let tasks = ecs("DescribeTasks", json!({"cluster": cluster, "tasks": tasks}))?;
        let tasks = tasks["tasks"].as_array().into_iter().flatten();
        revisions.extend(tasks.map(|task| short_of(&task["taskDefinitionArn"])));
    }
    Ok(revisions)
}

fn short_of(arn: &Value) -> String {
    short(arn.as_str().unwrap_or_default())
}

fn short(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}
