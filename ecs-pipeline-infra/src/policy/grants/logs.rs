//! CloudWatch Logs: what the containers say.

use crate::application::{Application, LogGroup};
use crate::policy::Statement;
use crate::scope::Scope;

fn streams<'a>(groups: impl IntoIterator<Item = &'a LogGroup>, scope: &Scope) -> Vec<String> {
    let arn =
        |group: &LogGroup| scope.arn("logs", &format!("log-group:{}:log-stream:*", group.name));
    groups.into_iter().map(arn).collect()
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
    let created: Vec<_> = created
        .map(|group| scope.arn("logs", &format!("log-group:{}:*", group.name)))
        .collect();
    if !created.is_empty() {
        statements.push(Statement::new(
            "CreateLogGroups",
            ["logs:CreateLogGroup"],
            created,
        ));
    }
    statements
}
