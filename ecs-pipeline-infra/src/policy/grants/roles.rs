//! Whoever registers a task definition hands its roles on, and needs `iam:PassRole` for the very roles
//! and to the very service: with more, it could run tasks with any role of the account.

use crate::application::Application;
use crate::policy::Statement;
use crate::scope::Scope;

/// The roles of the task definition, to ECS's tasks.
pub(in crate::policy) fn pass_task_roles(
    application: &Application,
    scope: &Scope,
) -> Vec<Statement> {
    let task = &application.task;
    let names = [&task.execution_role, &task.task_role];
    let mut roles: Vec<_> = names
        .into_iter()
        .flatten()
        .map(|name| scope.global_arn("iam", &format!("role/{name}")))
        .collect();
    roles.dedup();
    pass("PassTaskRoles", roles, "ecs-tasks.amazonaws.com")
}

/// The role with which ECS moves traffic, to ECS: it is part of what creates the service.
pub(in crate::policy) fn pass_infrastructure_role(
    application: &Application,
    scope: &Scope,
) -> Vec<Statement> {
    let roles = application.infrastructure_role.iter();
    let roles = roles.map(|name| scope.global_arn("iam", &format!("role/{name}")));
    pass(
        "PassInfrastructureRole",
        roles.collect(),
        "ecs.amazonaws.com",
    )
}

fn pass(sid: &'static str, roles: Vec<String>, to: &str) -> Vec<Statement> {
    if roles.is_empty() {
        return Vec::new();
    }
    let pass = Statement::new(sid, ["iam:PassRole"], roles);
    vec![pass.when("StringEquals", "iam:PassedToService", [to.to_owned()])]
}
