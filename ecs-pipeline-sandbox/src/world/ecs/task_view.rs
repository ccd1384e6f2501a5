//! A task as DescribeTasks shows it.

use serde_json::{Map, Value, json};

use super::task::{Container, Phase, Task};

impl Task {
    pub(super) fn describe(&self, with_tags: bool) -> Value {
        let mut shown = json!({
            "taskArn": self.arn,
            "clusterArn": self.cluster_arn,
            "taskDefinitionArn": self.definition.arn,
            "lastStatus": self.last_status(),
            "desiredStatus": if self.is_live() { "RUNNING" } else { "STOPPED" },
            "healthStatus": health(self.container_health()),
            "launchType": self.launch_type,
            "group": self.group,
            "availabilityZone": "us-east-1a",
            "connectivity": "CONNECTED",
            "overrides": self.overrides,
            "containers": self.containers.iter().map(|c| self.describe_container(c)).collect::<Value>(),
            "attachments": self.attachments(),
            "attributes": [],
            "createdAt": self.created_at.epoch_seconds(),
            "version": self.phase as u8 + 1,
            "tags": if with_tags { json!(self.tags) } else { json!([]) },
        });
        if let Some(members) = shown.as_object_mut() {
            self.add_optional(members);
        }
        shown
    }

    fn add_optional(&self, shown: &mut Map<String, Value>) {
        for (member, at) in [
            ("pullStartedAt", self.pull_started_at),
            ("pullStoppedAt", self.started_at),
            ("startedAt", self.started_at),
            ("stoppingAt", self.stopping_at),
            ("executionStoppedAt", self.execution_stopped_at),
            ("stoppedAt", self.stopped_at),
        ] {
            if let Some(at) = at {
                shown.insert(member.into(), json!(at.epoch_seconds()));
            }
        }
        if let Some(stop) = &self.stop {
            shown.insert("stopCode".into(), json!(stop.code));
            shown.insert("stoppedReason".into(), json!(stop.reason));
        }
        if let Some(by) = &self.started_by {
            shown.insert("startedBy".into(), json!(by));
        }
        if self.on_instance {
            shown.insert("containerInstanceArn".into(), json!(self.instance_arn));
        } else {
            shown.insert("platformVersion".into(), json!("1.4.0"));
            shown.insert("platformFamily".into(), json!("Linux"));
        }
        for member in ["cpu", "memory"] {
            if let Some(value) = self.definition.document.get(member) {
                shown.insert(member.into(), value.clone());
            }
        }
    }

    fn attachments(&self) -> Value {
        let Some(ip) = &self.private_ip else {
            return json!([]);
        };
        let status = match self.phase {
            Phase::Provisioning => "ATTACHING",
            Phase::Stopped => "DELETED",
            _ => "ATTACHED",
        };
        json!([{
            "id": self.attachment,
            "type": "ElasticNetworkInterface",
            "status": status,
            "details": [{"name": "privateIPv4Address", "value": ip}],
        }])
    }

    fn describe_container(&self, container: &Container) -> Value {
        let spec = self.specs.iter().find(|s| s.name == container.name);
        let image = spec.map_or("", |s| s.image.as_str());
        let status = match self.phase {
            Phase::Provisioning | Phase::Pending => "PENDING",
            _ if container.exited => "STOPPED",
            Phase::Running | Phase::Deactivating | Phase::Stopping => "RUNNING",
            Phase::Deprovisioning | Phase::Stopped => "STOPPED",
        };
        let mut shown = json!({
            "containerArn": container.arn,
            "taskArn": self.arn,
            "name": container.name,
            "image": image,
            "lastStatus": status,
            "healthStatus": health(container.healthy),
            "networkBindings": self.network_bindings(&container.name),
            "networkInterfaces": self.network_interfaces(),
        });
        let named = image.split_once('@').map(|(_, digest)| digest);
        if let Some(digest) = container.image_digest.as_deref().or(named) {
            shown["imageDigest"] = json!(digest);
        }
        if let Some(code) = container.exit_code {
            shown["exitCode"] = json!(code);
        }
        if let Some(reason) = &container.reason {
            shown["reason"] = json!(reason);
        }
        shown
    }

    fn network_interfaces(&self) -> Value {
        match &self.private_ip {
            Some(ip) => json!([{"attachmentId": self.attachment, "privateIpv4Address": ip}]),
            None => json!([]),
        }
    }

    /// Host ports, with the networking modes that have them.
    fn network_bindings(&self, container: &str) -> Value {
        if self.private_ip.is_some() {
            return json!([]);
        }
        self.ports
            .iter()
            .filter(|p| p.container == container)
            .map(|p| {
                json!({
                    "bindIP": "0.0.0.0",
                    "containerPort": p.container_port,
                    "hostPort": p.address.port(),
                    "protocol": "tcp",
                })
            })
            .collect()
    }
}

fn health(verdict: Option<bool>) -> &'static str {
    match verdict {
        Some(true) => "HEALTHY",
        Some(false) => "UNHEALTHY",
        None => "UNKNOWN",
    }
}
