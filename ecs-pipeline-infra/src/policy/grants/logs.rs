//! CloudWatch Logs: what the containers say.

use crate::application::{Application, LogGroup};
use crate::policy::Statement;
use crate::scope::Scope;

/// What of a group an action is asked for, in the Region that the task definition gives it.
fn arn(group: &LogGroup, part: &str, scope: &Scope) -> String {
    let region = group.region.as_deref().unwrap_or(scope.region());
    let resource = format!("log-group:{}:{part}", group.name);
    scope.in_region(region).arn("logs", &resource)
}

fn streams<'a>(groups: impl IntoIterator<Item = &'a LogGroup>, scope: &Scope) -> Vec<String> {
    let groups = groups.into_iter();
    groups
        .map(|group| arn(group, "log-stream:*", scope))
        .collect()
}

/// The last lines of a container that stopped.
pub(in crate::policy) fn read_logs(application: &Application, scope: &Scope) -> Vec<Statement> {
    let streams = streams(&application.task.log_groups, scope);
    match streams.is_empty() {
        true => Vec::new(),
        false => vec![Statement::new("ReadLogs", ["logs:GetLogEvents"], streams)],
    }
}

/// What the `awslogs` driver does.
pub(in crate::policy) fn write_logs(application: &Application, scope: &Scope) -> Vec<Statement> {
    let groups = &application.task.log_groups;
    if groups.is_empty() {
        return Vec::new();
    }
    let actions = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let mut statements = vec![Statement::new("WriteLogs", actions, streams(groups, scope))];
    // The managed policy does not have it.
    let created = groups.iter().filter(|group| group.created_by_driver);
    let created: Vec<_> = created.map(|group| arn(group, "*", scope)).collect();
    if !created.is_empty() {
        statements.push(Statement::new(
            "CreateLogGroups",
            ["logs:CreateLogGroup"],
            created,
        ));
    }
    statements
}
