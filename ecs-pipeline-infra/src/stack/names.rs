//! The names that templates take as parameters: those that the statements of their roles are made from.

use serde::Serialize;

use crate::application::{Application, Strategy};

/// A name with the parameter that has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Name {
    /// What the template calls it.
    pub(super) parameter: &'static str,
    description: &'static str,
    pattern: &'static str,
    #[serde(skip)]
    pub(super) value: String,
}

/// Those that a text with `${…}` in it uses: a parameter that is not used makes the reader wonder, and
/// cfn-lint complain.
pub(super) fn used_in(text: &str, application: &Application) -> Vec<Name> {
    let is_used = |name: &Name| text.contains(&format!("${{{}}}", name.parameter));
    all(application).into_iter().filter(is_used).collect()
}

fn all(application: &Application) -> Vec<Name> {
    const ECS: &str = "[A-Za-z0-9_-]{1,255}";
    const CODE_DEPLOY: &str = "[A-Za-z0-9+=,.@_-]{1,100}";
    // IAM: a path and a name.
    const ROLE: &str = "([!-~]+/)?[A-Za-z0-9+=,.@_-]{1,64}";
    let name = |parameter, description, pattern, value: &str| Name {
        parameter,
        description,
        pattern,
        value: value.to_owned(),
    };
    let role = |parameter, description, value: &Option<String>| {
        let value = value.as_deref()?;
        Some(name(parameter, description, ROLE, value))
    };
    let task = &application.task;
    let repository = "[a-z0-9]+([._/-]+[a-z0-9]+)*";
    let mut names = vec![
        name(
            "Application",
            "The application.",
            "[A-Za-z][A-Za-z0-9-]*",
            &application.name,
        ),
        name("Cluster", "The ECS cluster.", ECS, &application.cluster),
        name("Service", "The ECS service.", ECS, &application.service),
        name("Family", "The task definition's family.", ECS, &task.family),
        name(
            "Repository",
            "The repository of its images.",
            repository,
            &application.repository,
        ),
        name(
            "LoadBalancer",
            "The load balancer.",
            "[A-Za-z0-9-]{1,32}",
            &application.load_balancer,
        ),
    ];
    let roles = [
        role(
            "ExecutionRole",
            "The role with which ECS starts tasks, with its path.",
            &task.execution_role,
        ),
        role(
            "TaskRole",
            "The role that the containers have, with its path.",
            &task.task_role,
        ),
        role(
            "InfrastructureRole",
            "The role with which ECS moves traffic.",
            &application.infrastructure_role,
        ),
    ];
    names.extend(roles.into_iter().flatten());
    if let Strategy::Codedeploy {
        application, group, ..
    } = &application.strategy
    {
        names.push(name(
            "CodeDeployApplication",
            "CodeDeploy's application.",
            CODE_DEPLOY,
            application,
        ));
        names.push(name(
            "DeploymentGroup",
            "CodeDeploy's deployment group.",
            CODE_DEPLOY,
            group,
        ));
    }
    names
}
