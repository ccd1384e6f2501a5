//! Why a deployment failed: from what was read ([`Evidence`]) to one sentence and what to do.

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use crate::provider::{Evidence, StoppedContainer, StoppedTask};

/// An explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diagnosis {
    /// The cause in one sentence.
    pub cause: String,
    /// What to do about it.
    pub fix: Option<String>,
    /// What it was concluded from, in AWS's words and the container's, a line each.
    pub evidence: Vec<String>,
}

/// A known failure: what its text looks like, what it means, what to do. `{1}` stands for the
/// first group of the pattern.
struct Known {
    pattern: &'static str,
    cause: &'static str,
    fix: &'static str,
}

/// Specific before general: the first that matches explains. The texts are AWS's; they were
/// collected from its documentation, its agent and public reports.
const CATALOGUE: &[Known] = &[
    Known {
        pattern: r"does not contain descriptor matching platform '(linux/[^']+)'",
        cause: "the image has no variant for {1}, which the task asks for",
        fix: "build with --platform {1}, or set runtimePlatform.cpuArchitecture to what the image is",
    },
    Known {
        pattern: r"exec format error",
        cause: "the image is for another CPU architecture, or its entry point is a script without a #! line",
        fix: "build with the --platform that runtimePlatform asks for",
    },
    Known {
        pattern: r"CannotPullContainerError:[\s\S]*(?:failed to resolve ref|manifest unknown|not found)",
        cause: "the image that the task definition names is not in the registry",
        fix: "push the image again, and see that no lifecycle rule expires digests that are in use",
    },
    Known {
        pattern: r"(?:The task can't pull the image\. Check that the role has the permissions|is not authorized to perform: ecr:BatchGetImage)",
        cause: "the role that pulls the image may not do so",
        fix: "allow the execution role (on EC2, the instance's role) ecr:BatchGetImage, ecr:GetDownloadUrlForLayer and ecr:GetAuthorizationToken",
    },
    Known {
        pattern: r"(?:pull access denied|requested access to the resource is denied|Check whether the image exists)",
        cause: "the image's repository does not exist, or asks for credentials",
        fix: "correct the image's name, or give repositoryCredentials",
    },
    Known {
        pattern: r"ResourceInitializationError: unable to pull secrets or registry auth[\s\S]*(?:ecr registry auth|pull registry auth)",
        cause: "the task could not log in to the registry",
        fix: "allow the execution role ecr:GetAuthorizationToken, and give the task a route to ECR",
    },
    Known {
        pattern: r"ResourceInitializationError:[\s\S]*(?:retrieve secrets? from|pull secrets? from)",
        cause: "the task could not read its secrets",
        fix: "check the secret's ARN and Region, and allow the execution role to read and decrypt it",
    },
    Known {
        pattern: r"(?:failed to initialize logging driver|failed to validate logger args|cannot find the Amazon CloudWatch log group|specified log group does not exist)",
        cause: "the container's log group does not exist or cannot be reached",
        fix: "create the log group, or set awslogs-create-group and allow logs:CreateLogGroup",
    },
    Known {
        pattern: r"(?:There is a connection issue between the task and Amazon ECR|Check your network configuration|i/o timeout|dial tcp|context deadline exceeded)",
        cause: "the task has no route to the registry",
        fix: "in a public subnet set assignPublicIp to ENABLED; in a private one add a NAT gateway or VPC endpoints for ECR, S3 and Logs",
    },
    Known {
        pattern: r"(?:toomanyrequests|You have reached your pull rate limit)",
        cause: "the image's registry limits pulls, and the limit was reached",
        fix: "pull through an ECR cache, or log in",
    },
    Known {
        pattern: r"no space left on device",
        cause: "the disk of the host is full",
        fix: "clean up, or give the host a larger volume",
    },
    Known {
        pattern: r"OutOfMemoryError",
        cause: "the container used more memory than it may",
        fix: "raise the container's memory, or mend the leak",
    },
    Known {
        pattern: r"Health checks failed with these codes: \[([^\]]+)\]",
        cause: "the load balancer's health check was answered with {1}",
        fix: "see that the health check's path answers as its matcher expects in the new version",
    },
    Known {
        pattern: r"unhealthy in \([^)]*\) due to \(reason Request timed out\)",
        cause: "the load balancer's health check got no answer in time",
        fix: "see that the container listens on 0.0.0.0 and the right port, and that the security groups admit the load balancer",
    },
    Known {
        pattern: r"Task failed ELB health checks in \((?:target-group|elb)",
        cause: "the new tasks failed the load balancer's health checks",
        fix: "check the path, port and matcher of the health check, and how long the container takes to start (healthCheckGracePeriodSeconds)",
    },
    Known {
        pattern: r"(?i)failed container health checks",
        cause: "the container's own health check failed",
        fix: "run the health check's command in the image, and give it a longer startPeriod if the start is slow",
    },
    Known {
        pattern: r"already using a port required by your task",
        cause: "the host's port is taken by a task that still runs: a fixed hostPort lets one task run on each host",
        fix: "set hostPort to 0, or use awsvpc networking",
    },
    Known {
        pattern: r"has insufficient (CPU units|memory) available",
        cause: "no host has enough {1} for another task",
        fix: "add hosts, or make the task smaller",
    },
    Known {
        pattern: r"unable to stop or start tasks during a deployment because of the service deployment configuration",
        cause: "minimumHealthyPercent and maximumPercent leave the deployment no room to move",
        fix: "lower minimumHealthyPercent or raise maximumPercent",
    },
    Known {
        pattern: r"Reason: Capacity is unavailable at this time",
        cause: "Fargate has no capacity in these zones at this time",
        fix: "allow more subnets in other zones, or try again later",
    },
    Known {
        pattern: r"ECS was unable to assume the role '([^']+)'",
        cause: "ECS could not assume the role {1}",
        fix: "see that the role exists and trusts ecs-tasks.amazonaws.com",
    },
    Known {
        pattern: r"Cannot(?:Start|Create)ContainerError",
        cause: "the container could not be started",
        fix: "check the image's entry point and the container's mounts",
    },
    Known {
        pattern: r"lifecycle hook (\S+) failed",
        cause: "lifecycle hook {1} refused the new version",
        fix: "look at the log of {1}: it answered FAILED, ended in an error, or gave no hookStatus",
    },
    Known {
        pattern: r"lifecycle hook (\S+) timed out",
        cause: "lifecycle hook {1} did not answer in time",
        fix: "look at the log of {1}, or give the hook a longer timeoutConfiguration",
    },
    Known {
        pattern: r"lifecycle (PAUSE hook \S+) timed out",
        cause: "nobody told the deployment to go on before its {1} timed out",
        fix: "let it go on in time, or give the hook a longer timeoutConfiguration",
    },
    Known {
        pattern: r"alarm detected: (.+) in ALARM",
        cause: "CloudWatch alarm {1} went off during the deployment",
        fix: "look at the alarm's metric for the new version",
    },
    Known {
        pattern: r"alarm detected|triggered alarm|ALARM",
        cause: "a CloudWatch alarm went off during the deployment",
        fix: "look at the alarm's metric for the new version",
    },
];

/// What explains a failure only where nothing else does, not even an exit code.
const LAST_RESORT: &[Known] = &[Known {
    pattern: r"(?i)tasks? failed to start",
    cause: "the tasks of the new version never became healthy",
    fix: "look at its tasks and targets while it is deployed, and at the health check's path, port and grace period",
}];

/// Explains a failure. It always has an answer: where nothing known is recognised, AWS's own
/// words are the cause.
#[must_use]
pub fn explain(evidence: &Evidence) -> Diagnosis {
    let lines = lines_of(evidence);
    let known = CATALOGUE
        .iter()
        .find_map(|known| known.explain(&lines))
        .or_else(|| exited(&evidence.stopped_tasks))
        .or_else(|| {
            let said: Vec<String> = evidence.controller.iter().chain(&lines).cloned().collect();
            LAST_RESORT.iter().find_map(|known| known.explain(&said))
        });
    let (cause, fix) = known.unwrap_or_else(|| {
        let cause = evidence
            .controller
            .clone()
            .or_else(|| lines.first().cloned())
            .unwrap_or_else(|| "AWS gave no reason".to_owned());
        (cause, None)
    });
    Diagnosis {
        cause,
        fix,
        evidence: lines,
    }
}

impl Known {
    fn explain(&self, lines: &[String]) -> Option<(String, Option<String>)> {
        let pattern = Regex::new(self.pattern).ok()?;
        let captures = lines.iter().find_map(|line| pattern.captures(line))?;
        let first = captures.get(1).map_or("", |group| group.as_str());
        let fill = |text: &str| text.replace("{1}", first);
        Some((fill(self.cause), Some(fill(self.fix))))
    }
}

/// A container that ended by itself: the exit code and its last line say the most.
fn exited(tasks: &[StoppedTask]) -> Option<(String, Option<String>)> {
    let (code, container) = tasks
        .iter()
        .flat_map(|task| &task.containers)
        .filter_map(|container| container.exit_code.map(|code| (code, container)))
        .find(|(code, _)| *code != 0)
        .or_else(|| {
            tasks
                .iter()
                .filter(|task| task.stop_code.as_deref() == Some("EssentialContainerExited"))
                .flat_map(|task| &task.containers)
                .find_map(|container| container.exit_code.map(|code| (code, container)))
        })?;
    let name = &container.name;
    let last = last_words(container);
    Some((
        format!(
            "container {name} exited with code {code}{}{last}",
            meaning(code)
        ),
        Some(advice(code, name)),
    ))
}

fn last_words(container: &StoppedContainer) -> String {
    match container.last_lines.last() {
        Some(line) => format!("; its last line was: {line}"),
        None => String::new(),
    }
}

/// What Unix says with an exit code.
fn meaning(code: i32) -> &'static str {
    match code {
        126 => " (the command is not executable)",
        127 => " (the command was not found)",
        137 => " (SIGKILL)",
        139 => " (SIGSEGV)",
        143 => " (SIGTERM)",
        _ => "",
    }
}

fn advice(code: i32, container: &str) -> String {
    match code {
        0 => format!("container {container} is essential: it must not end while the service runs"),
        137 => "see what killed the container: too little memory, or a SIGTERM that it ignored"
            .to_owned(),
        _ => format!(
            "look at the log of container {container}, and run the image with the same environment"
        ),
    }
}

/// Everything that was read, a line each and each line once, the most telling first.
fn lines_of(evidence: &Evidence) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |line: String| {
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    for task in &evidence.stopped_tasks {
        if let Some(reason) = &task.stopped_reason {
            // ECS's own doing when it takes a deployment back explains nothing.
            if !reason.starts_with("Scaling activity initiated by") {
                add(reason.clone());
            }
        }
        for container in &task.containers {
            let name = &container.name;
            if let Some(reason) = &container.reason {
                add(format!("container {name}: {reason}"));
            }
            if let Some(code) = container.exit_code {
                add(format!(
                    "container {name}: exit code {code}{}",
                    meaning(code)
                ));
            }
        }
    }
    for target in &evidence.unhealthy_targets {
        let reason = target.reason.as_deref().unwrap_or("unhealthy");
        let description = target.description.as_deref().unwrap_or_default();
        add(format!("target: {reason} {description}")
            .trim_end()
            .to_owned());
    }
    for message in &evidence.messages {
        add(message.clone());
    }
    let last_lines = evidence
        .stopped_tasks
        .iter()
        .flat_map(|task| &task.containers)
        .find(|container| !container.last_lines.is_empty());
    if let Some(container) = last_lines {
        for line in &container.last_lines {
            add(format!("log {}: {line}", container.name));
        }
    }
    for not_read in &evidence.not_read {
        add(format!("not read: {not_read}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(reason: &str) -> Evidence {
        Evidence {
            stopped_tasks: vec![StoppedTask {
                stopped_reason: Some(reason.to_owned()),
                ..StoppedTask::default()
            }],
            ..Evidence::default()
        }
    }

    #[test]
    fn every_pattern_is_a_valid_expression() {
        for known in CATALOGUE.iter().chain(LAST_RESORT) {
            assert!(Regex::new(known.pattern).is_ok(), "{}", known.pattern);
        }
    }

    #[test]
    fn aws_reasons_are_recognised() {
        let table = [
            (
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'",
                "the image has no variant for linux/arm64, which the task asks for",
            ),
            (
                "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref web:9: web:9: not found",
                "the image that the task definition names is not in the registry",
            ),
            (
                "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
                "the container's log group does not exist or cannot be reached",
            ),
            (
                "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1)",
                "the new tasks failed the load balancer's health checks",
            ),
        ];
        for (reason, cause) in table {
            assert_eq!(explain(&stopped(reason)).cause, cause, "{reason}");
        }
    }

    #[test]
    fn what_ends_a_shift_of_traffic_is_recognised() {
        let table = [
            (
                "lifecycle hook smoke-test failed",
                "lifecycle hook smoke-test refused the new version",
            ),
            (
                "lifecycle hook smoke-test timed out",
                "lifecycle hook smoke-test did not answer in time",
            ),
            (
                "lifecycle PAUSE hook h-1 timed out",
                "nobody told the deployment to go on before its PAUSE hook h-1 timed out",
            ),
            (
                "alarm detected: web-5xx, web-slow in ALARM",
                "CloudWatch alarm web-5xx, web-slow went off during the deployment",
            ),
            (
                "Service deployment rolled back because of a triggered alarm.",
                "a CloudWatch alarm went off during the deployment",
            ),
            (
                "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
                "the tasks of the new version never became healthy",
            ),
        ];
        for (message, cause) in table {
            let evidence = Evidence {
                messages: vec![message.to_owned()],
                ..Evidence::default()
            };
            assert_eq!(explain(&evidence).cause, cause, "{message}");
        }
    }

    #[test]
    fn an_exit_code_says_more_than_that_tasks_failed_to_start() {
        let evidence = Evidence {
            controller: Some("tasks failed to start".to_owned()),
            stopped_tasks: vec![StoppedTask {
                containers: vec![StoppedContainer {
                    name: "web".to_owned(),
                    exit_code: Some(1),
                    ..StoppedContainer::default()
                }],
                ..StoppedTask::default()
            }],
            ..Evidence::default()
        };
        let cause = explain(&evidence).cause;
        assert!(cause.contains("exited with code 1"), "{cause}");
    }

    #[test]
    fn a_health_check_code_is_more_telling_than_the_failed_check() {
        let mut evidence = stopped("Task failed ELB health checks in (target-group x)");
        evidence.messages.push(
            "(service web) (port 8080) is unhealthy in (target-group x) due to (reason Health checks failed with these codes: [503])".to_owned(),
        );
        let diagnosis = explain(&evidence);
        assert_eq!(
            diagnosis.cause,
            "the load balancer's health check was answered with 503"
        );
    }

    #[test]
    fn an_exit_code_is_told_with_the_last_line() {
        let evidence = Evidence {
            stopped_tasks: vec![StoppedTask {
                stop_code: Some("EssentialContainerExited".to_owned()),
                stopped_reason: Some("Essential container in task exited".to_owned()),
                containers: vec![StoppedContainer {
                    name: "web".to_owned(),
                    exit_code: Some(3),
                    last_lines: vec!["DATABASE_URL is not set".to_owned()],
                    ..StoppedContainer::default()
                }],
                ..StoppedTask::default()
            }],
            ..Evidence::default()
        };
        let diagnosis = explain(&evidence);
        assert_eq!(
            diagnosis.cause,
            "container web exited with code 3; its last line was: DATABASE_URL is not set"
        );
        assert!(
            diagnosis
                .evidence
                .contains(&"log web: DATABASE_URL is not set".to_owned())
        );
    }

    #[test]
    fn what_ecs_stopped_itself_is_no_evidence() {
        let evidence = stopped("Scaling activity initiated by (deployment ecs-svc/1)");
        assert_eq!(explain(&evidence).evidence, [] as [&str; 0]);
    }

    #[test]
    fn the_unknown_is_told_in_awss_words() {
        let mut evidence = stopped("Something new");
        assert_eq!(explain(&evidence).cause, "Something new");
        evidence.controller = Some("ECS said no.".to_owned());
        assert_eq!(explain(&evidence).cause, "ECS said no.");
        assert_eq!(explain(&Evidence::default()).cause, "AWS gave no reason");
    }
}
