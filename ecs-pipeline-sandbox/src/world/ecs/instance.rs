//! The one simulated container instance of a cluster, and addresses for tasks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{last_part, listed, missing, read};
use super::{ApiError, Ecs, Outside};

/// A container instance: tasks of launch type EC2 run here.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) arn: String,
    /// The target id of its tasks where the target type is `instance`.
    pub(super) ec2_id: String,
}

impl Instance {
    pub(super) fn new(out: &mut Outside<'_>, cluster: &str) -> Self {
        let id = out.ids.hex32();
        Self {
            arn: out.arns.ecs(&format!("container-instance/{cluster}/{id}")),
            ec2_id: format!("i-0{}", out.ids.hex16()),
        }
    }

    pub(super) fn id(&self) -> &str {
        last_part(&self.arn)
    }
}

/// Hands out private IP addresses and ephemeral ports.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    ips: u32,
    ports: u16,
}

impl Addresses {
    /// `10.0.x.y`, in the order in which AWS's subnets number their hosts.
    pub(super) fn ip(&mut self) -> String {
        let n = self.ips;
        self.ips = (n + 1) % (250 * 250);
        format!("10.0.{}.{}", n / 250, 4 + n % 250)
    }

    /// A port of Docker's ephemeral range, for runners that publish none.
    pub(super) fn port(&mut self) -> u16 {
        let n = self.ports;
        self.ports = (n + 1) % 28_000;
        32_768 + n
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    cluster: Option<String>,
    #[serde(default)]
    container_instances: Vec<String>,
}

impl Ecs {
    pub(super) fn list_container_instances(&self, input: Value) -> Result<Value, ApiError> {
        let input: Input = read(&input)?;
        let cluster = self.cluster(input.cluster.as_deref())?;
        Ok(listed(
            "containerInstanceArns",
            vec![cluster.instance.arn.clone()],
            None,
        ))
    }

    pub(super) fn describe_container_instances(&self, input: Value) -> Result<Value, ApiError> {
        let input: Input = read(&input)?;
        let cluster = self.cluster(input.cluster.as_deref())?;
        let instance = &cluster.instance;
        let (known, unknown): (Vec<_>, Vec<_>) = input
            .container_instances
            .iter()
            .partition(|named| last_part(named) == instance.id());
        let on_it = |status: &str| {
            self.tasks
                .values()
                .filter(|t| t.cluster == cluster.name && t.on_instance && t.last_status() == status)
                .count()
        };
        let described: Vec<Value> = known
            .iter()
            .map(|_| {
                json!({
                    "containerInstanceArn": instance.arn,
                    "ec2InstanceId": instance.ec2_id,
                    "status": "ACTIVE",
                    "agentConnected": true,
                    "runningTasksCount": on_it("RUNNING"),
                    "pendingTasksCount": on_it("PENDING"),
                    "attributes": [],
                    "registeredResources": [],
                    "remainingResources": [],
                })
            })
            .collect();
        let failures: Vec<Value> = unknown.iter().map(|arn| missing(arn)).collect();
        Ok(json!({ "containerInstances": described, "failures": failures }))
    }
}
