//! What ECS does with the task execution role before a task starts
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>).

use crate::access::{Identity, Principal, Request, denied};

use super::definition::Container;
use super::{Ecs, Outside, TaskId};
use crate::world::Service;

/// A task's execution role, at work for one task.
struct Execution {
    who: Identity,
    task: TaskId,
    containers: Vec<Container>,
}

impl Ecs {
    /// Why a task cannot start, where its execution role lacks a permission. A task without such a role has its
    /// instance's, which is nobody here.
    pub(super) fn denied_by_execution_role(
        &mut self,
        out: &mut Outside<'_>,
        id: &TaskId,
    ) -> Option<String> {
        let task = self.tasks.get_mut(id)?;
        let definition = &task.definition.parsed;
        let overridden = task.overrides.get("executionRoleArn");
        let overridden = overridden.and_then(|role| role.as_str());
        let role = overridden.or(definition.execution_role_arn.as_deref())?;
        let account = &out.arns.place().account;
        let execution = Execution {
            who: Identity::assumed(Principal::TaskExecution, account, Some(role), &id.0),
            task: id.clone(),
            containers: definition.container_definitions.clone(),
        };
        let denied = execution.prepare(out).err();
        // Without this permission a task runs, and what it writes is lost.
        task.muted = denied.is_none() && execution.put_log_events(out).is_err();
        denied
    }
}

impl Execution {
    /// In the order in which a task is started on Fargate, each failure in ECS's words.
    fn prepare(&self, out: &mut Outside<'_>) -> Result<(), String> {
        let retrieval = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed:";
        let retried = "service call has been retried 1 time(s):";
        if self.containers.iter().any(|c| repository(out, c).is_some()) {
            let token = Request::new("ecr:GetAuthorizationToken", "*");
            self.ask(out, token).map_err(|why| {
                format!("{retrieval} unable to retrieve ecr registry auth: {retried} {why}")
            })?;
        }
        for container in &self.containers {
            for secret in &container.secrets {
                let (from, request) = self.reading(out, &secret.value_from);
                self.ask(out, request).map_err(|why| {
                    format!("{retrieval} unable to retrieve {from}: {retried} {why}")
                })?;
            }
        }
        for container in &self.containers {
            self.create_log_stream(out, container)?;
        }
        for container in &self.containers {
            self.pull(out, container)?;
        }
        Ok(())
    }

    /// A secret of Secrets Manager by its ARN, behind which a member of its value and a version may be named; or a
    /// parameter by its name or ARN.
    fn reading(&self, out: &Outside<'_>, from: &str) -> (&'static str, Request) {
        if from.starts_with("arn:") && from.contains(":secretsmanager:") {
            let arn: Vec<&str> = from.split(':').take(7).collect();
            let request = Request::new("secretsmanager:GetSecretValue", arn.join(":"));
            return ("secret from asm", request);
        }
        let parameter = match from.starts_with("arn:") {
            true => from.to_owned(),
            false => out.arns.ssm_parameter(from.trim_start_matches('/')),
        };
        let request = Request::new("ssm:GetParameters", parameter);
        ("secrets from ssm", request)
    }

    fn create_log_stream(
        &self,
        out: &mut Outside<'_>,
        container: &Container,
    ) -> Result<(), String> {
        let Some((group, stream)) = container.log_stream(&self.task) else {
            return Ok(());
        };
        let creates = container.awslogs("awslogs-create-group") == Some("true");
        let group_too = creates.then_some(("group", "logs:CreateLogGroup", ""));
        let own = ("stream", "logs:CreateLogStream", stream.as_str());
        for (what, action, stream) in group_too.into_iter().chain([own]) {
            let arn = out
                .arns
                .logs(&format!("log-group:{group}:log-stream:{stream}"));
            self.ask(out, Request::new(action, arn)).map_err(|why| {
                format!(
                    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log {what}: {why} : exit status 1"
                )
            })?;
        }
        Ok(())
    }

    fn put_log_events(&self, out: &mut Outside<'_>) -> Result<(), String> {
        for container in &self.containers {
            if let Some((group, stream)) = container.log_stream(&self.task) {
                let arn = out
                    .arns
                    .logs(&format!("log-group:{group}:log-stream:{stream}"));
                self.ask(out, Request::new("logs:PutLogEvents", arn))?;
            }
        }
        Ok(())
    }

    fn pull(&self, out: &mut Outside<'_>, container: &Container) -> Result<(), String> {
        let Some(repository) = repository(out, container) else {
            return Ok(());
        };
        let arn = out.arns.ecr_repository(&repository);
        for action in ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] {
            self.permit(out, Request::new(action, &arn)).map_err(|why| {
                let host = &out.arns.place().registry;
                format!(
                    "CannotPullContainerError: Error response from daemon: pull access denied for {host}/{repository}, repository does not exist or may require 'docker login': denied: {why}"
                )
            })?;
        }
        Ok(())
    }

    /// What the agent says of an API that refused.
    fn ask(&self, out: &mut Outside<'_>, request: Request) -> Result<(), String> {
        let asked = self.permit(out, request);
        asked.map_err(|message| format!("AccessDeniedException: {message}"))
    }

    fn permit(&self, out: &mut Outside<'_>, request: Request) -> Result<(), String> {
        let asked = out
            .control
            .authorize(self.who.principal, "ECS", vec![request]);
        asked.map_err(|(request, refusal)| {
            denied(Some(Service::Ecs), &self.who, &request, &refusal).message
        })
    }
}

/// The repository of an image in this account's registry.
fn repository(out: &Outside<'_>, container: &Container) -> Option<String> {
    let host = &out.arns.place().registry;
    let rest = container.image.strip_prefix(host)?.strip_prefix('/')?;
    let name = rest.split(['@', ':']).next()?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use crate::access::{Policy, Principal};
    use crate::world::Service;
    use crate::world::ecs::script::{FINE, Play};

    fn all_but(action: &str) -> Policy {
        let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let deny = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
        json!({"Statement": [allow, deny]})
            .to_string()
            .parse()
            .unwrap()
    }

    /// Runs a task that needs everything, and lets a minute pass.
    fn run(action: &str) -> (Play, Value) {
        let mut play = Play::new((), |_, _| FINE);
        play.ask(
            Service::Logs,
            "CreateLogGroup",
            json!({"logGroupName": "/ecs/app"}),
        )
        .unwrap();
        play.ecs("RegisterTaskDefinition", json!({
            "family": "app", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [{
                "name": "app", "image": "127.0.0.1:4566/team/app:1", "memory": 64,
                "secrets": [
                    {"name": "A", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf:password::"},
                    {"name": "B", "valueFrom": "/app/b"},
                ],
                "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "/ecs/app", "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": "ecs", "awslogs-create-group": "true"}},
            }],
        }));
        play.world
            .control_mut()
            .enforce(Principal::TaskExecution, all_but(action));
        let answer = play.ecs(
            "RunTask",
            json!({"cluster": "c", "taskDefinition": "app:1"}),
        );
        let arn = answer["tasks"][0]["taskArn"].clone();
        play.pass(60);
        let answer = play.ecs("DescribeTasks", json!({"cluster": "c", "tasks": [arn]}));
        (play, answer["tasks"][0].clone())
    }

    #[test]
    fn a_task_that_lacks_a_permission_does_not_start() {
        let rows = [
            (
                "ecr:GetAuthorizationToken",
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/execution/",
            ),
            (
                "secretsmanager:GetSecretValue",
                "on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf with",
            ),
            (
                "ssm:GetParameters",
                "on resource: arn:aws:ssm:us-east-1:123456789012:parameter/app/b with",
            ),
            (
                "logs:CreateLogGroup",
                "failed to create Cloudwatch log group: AccessDeniedException",
            ),
            (
                "logs:CreateLogStream",
                "on resource: arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app:log-stream:ecs/app/",
            ),
            (
                "ecr:BatchGetImage",
                "CannotPullContainerError: Error response from daemon: pull access denied for 127.0.0.1:4566/team/app, repository",
            ),
            (
                "ecr:GetDownloadUrlForLayer",
                "on resource: arn:aws:ecr:us-east-1:123456789012:repository/team/app",
            ),
        ];
        for (action, told) in rows {
            let (_, task) = run(action);
            assert_eq!(task["stopCode"], "TaskFailedToStart", "{action}");
            let reason = task["stoppedReason"].as_str().unwrap();
            assert!(reason.contains(told), "{action}: {reason}");
            assert!(
                reason.contains(&format!("not authorized to perform: {action} ")),
                "{reason}"
            );
        }
        let (mut play, task) = run("logs:PutLogEvents");
        assert_eq!(
            task["lastStatus"], "RUNNING",
            "it runs, and its log is lost"
        );
        let calls = play.world.control_mut().calls();
        let asked: Vec<_> = calls
            .iter()
            .map(|call| call.request.action.as_str())
            .collect();
        let mut expected = rows.map(|(action, _)| action).to_vec();
        expected.push("logs:PutLogEvents");
        assert_eq!(asked, expected);
    }
}
