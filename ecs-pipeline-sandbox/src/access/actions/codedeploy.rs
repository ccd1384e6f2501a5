//! CodeDeploy.

use serde_json::Value;

use crate::access::Request;

use super::{Asked, pass_role};

pub(super) fn needed(asked: &Asked<'_>) -> Vec<Request> {
    let own = |resource: String| vec![asked.own("codedeploy", resource)];
    match asked.operation {
        "CreateApplication"
        | "GetApplication"
        | "DeleteApplication"
        | "RegisterApplicationRevision"
        | "GetApplicationRevision"
        | "ListDeploymentGroups" => own(asked.application()),
        "CreateDeploymentConfig" | "GetDeploymentConfig" => {
            own(asked.config(asked.named("deploymentConfigName")))
        }
        "CreateDeploymentGroup" | "UpdateDeploymentGroup" => {
            let group = asked.text("deploymentGroupName");
            let group = group.unwrap_or_else(|| asked.named("currentDeploymentGroupName"));
            let mut needed = own(asked.group(group));
            let role = asked.text("serviceRoleArn");
            let place = asked.world.place();
            needed.extend(role.map(|role| pass_role(place, role, "codedeploy.amazonaws.com")));
            needed
        }
        "GetDeploymentGroup" | "DeleteDeploymentGroup" => {
            own(asked.group(asked.named("deploymentGroupName")))
        }
        "CreateDeployment" => asked.create_deployment(),
        "ListDeployments" => match asked.text("deploymentGroupName") {
            Some(group) => own(asked.group(group)),
            None => own("*".into()),
        },
        "GetDeployment" => asked.of_deployments(asked.text("deploymentId").into_iter()),
        "BatchGetDeployments" => asked.of_deployments(asked.texts("deploymentIds")),
        "ListApplications"
        | "StopDeployment"
        | "ContinueDeployment"
        | "PutLifecycleEventHookExecutionStatus"
        | "ListDeploymentTargets"
        | "GetDeploymentTarget"
        | "BatchGetDeploymentTargets" => own("*".into()),
        _ => Vec::new(),
    }
}

impl Asked<'_> {
    fn application(&self) -> String {
        let name = self.named("applicationName");
        self.arn("codedeploy", &format!("application:{name}"))
    }

    fn group(&self, group: &str) -> String {
        self.group_of(self.named("applicationName"), group)
    }

    fn group_of(&self, application: &str, group: &str) -> String {
        self.arn(
            "codedeploy",
            &format!("deploymentgroup:{application}/{group}"),
        )
    }

    fn config(&self, name: &str) -> String {
        self.arn("codedeploy", &format!("deploymentconfig:{name}"))
    }

    /// Of these actions AWS's own GitHub action asks for the first alone, and its policy must have all three
    /// (<https://github.com/aws-actions/amazon-ecs-deploy-task-definition#aws-codedeploy-support>).
    fn create_deployment(&self) -> Vec<Request> {
        let group = self.named("deploymentGroupName");
        let of_group = || {
            let application = self.named("applicationName");
            self.world.deployment_config_of(application, group)
        };
        let config = self.text("deploymentConfigName").map(str::to_owned);
        let config = config.or_else(of_group);
        let mut needed = vec![self.own("codedeploy", self.group(group))];
        needed.extend(
            config.map(|name| Request::new("codedeploy:GetDeploymentConfig", self.config(&name))),
        );
        if self
            .input
            .get("revision")
            .is_some_and(|it| *it != Value::Null)
        {
            let action = "codedeploy:RegisterApplicationRevision";
            needed.push(Request::new(action, self.application()));
        }
        needed
    }

    /// Of a deployment that is not there nobody knows the group; the world says that it is missing.
    fn of_deployments<'r>(&self, ids: impl Iterator<Item = &'r str>) -> Vec<Request> {
        let groups = ids.filter_map(|id| self.world.deployment_group_of(id));
        let mut arns: Vec<_> = groups
            .map(|(application, group)| self.group_of(&application, &group))
            .collect();
        arns.sort_unstable();
        arns.dedup();
        match arns.is_empty() {
            true => Vec::new(),
            false => vec![self.own_on_all("codedeploy", arns)],
        }
    }
}
