//! What is to be read: whatever was read before names it.

use super::iam::name_of;
use crate::doctor::{Fact, Facts, Service, TaskDefinition, Wanted};

/// The service's target groups, by ARN.
pub(super) fn target_groups(service: Option<&Service>) -> Vec<String> {
    let attachments = service.map_or(&[][..], |service| &service.load_balancers);
    let sides = attachments.iter();
    let sides = sides.flat_map(|one| [one.target_group.clone(), one.alternate.clone()]);
    sides.flatten().collect()
}

/// The names of the deployment group's target groups that the service does not name.
pub(super) fn of_pair(facts: &Facts) -> Vec<String> {
    let group = facts.deployment_group();
    let names = group.map_or(&[][..], |group| &group.target_groups);
    let there: Vec<_> = facts
        .target_groups
        .values()
        .filter_map(Fact::known)
        .collect();
    let is_new = |name: &&String| !there.iter().any(|group| group.name == **name);
    names.iter().filter(is_new).cloned().collect()
}

/// The file, or else what the service runs.
pub(super) fn definition(wanted: &Wanted, facts: &Facts) -> Option<TaskDefinition> {
    match &wanted.task_definition {
        Some(file) => TaskDefinition::of_file(file),
        None => facts.running.as_ref()?.known().cloned(),
    }
}

/// The roles that anything names, where it can be a role's name.
pub(super) fn roles(definition: Option<&TaskDefinition>, facts: &Facts) -> Vec<String> {
    let of_tasks = definition.into_iter();
    let of_tasks = of_tasks.flat_map(|one| [one.execution_role(), one.task_role()]);
    let attachments = facts.attachments();
    let of_ecs = attachments.iter().map(|one| one.role.as_deref());
    let group = facts.deployment_group();
    let of_code_deploy = group.map(|group| group.role.as_deref());
    let all = of_tasks.chain(of_ecs).chain(of_code_deploy).flatten();
    let mut names: Vec<_> = all.filter(|role| name_of(role).is_some()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// The log groups of the containers.
pub(super) fn log_groups(definition: Option<&TaskDefinition>) -> Vec<String> {
    let logs = definition.map(TaskDefinition::logs).unwrap_or_default();
    let mut names: Vec<_> = logs.into_iter().map(|logs| logs.group).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The load balancers of the target groups, by ARN.
pub(super) fn load_balancers(facts: &Facts) -> Vec<String> {
    let groups = facts.target_groups.values().filter_map(Fact::known);
    let mut arns: Vec<_> = groups
        .flat_map(|group| group.load_balancers.clone())
        .collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}
