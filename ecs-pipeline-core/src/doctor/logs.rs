//! Log groups are there: a task whose group is missing does not start.

use super::finding::known;
use super::task_definition::LogsTo;
use super::{Finding, View};

const CHECK: &str = "log-group";

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let logs = view
        .task_definition
        .as_ref()
        .map(|definition| definition.logs());
    let logs = logs.unwrap_or_default();
    logs.iter().filter_map(|logs| group(view, logs)).collect()
}

fn group(view: &View<'_>, logs: &LogsTo) -> Option<Finding> {
    let LogsTo {
        container,
        group,
        region,
        creates,
    } = logs;
    if let (Some(theirs), Some(ours)) = (region, &view.facts.region)
        && theirs != ours
    {
        return Some(Finding::warning(
            CHECK,
            format!(
                "{container} logs to {theirs}, and the service is in {ours}: the group there is not looked at"
            ),
            format!("set awslogs-region to {ours}, unless this is meant"),
        ));
    }
    if *creates {
        let message = format!(
            "{group} is created with the first task of {container}; the execution role needs logs:CreateLogGroup"
        );
        return Some(Finding::ok(CHECK, message));
    }
    let absent = || {
        Finding::problem(
            CHECK,
            format!("there is no log group {group}: a task of {container} does not start"),
            format!(
                "create it (`aws logs create-log-group --log-group-name {group}`), or set awslogs-create-group to true"
            ),
        )
    };
    Some(
        match known(view.facts.log_groups.get(group)?, CHECK, absent) {
            Err(finding) => finding,
            Ok(()) => Finding::ok(CHECK, format!("{group} is there")),
        },
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Stage, statuses};
    use super::super::{Fact, Status};

    #[test]
    fn a_log_group_is_there_or_is_created() {
        let with = |option: &str, value: &str, there: bool| {
            let mut stage = Stage::healthy();
            stage.runs(|definition| {
                definition["containerDefinitions"][0]["logConfiguration"]["options"][option] =
                    json!(value);
            });
            if !there {
                stage
                    .facts
                    .log_groups
                    .insert("/ecs/web".to_owned(), Fact::Absent);
            }
            statuses(&stage.found("log-group"))
        };
        assert_eq!(with("mode", "non-blocking", true), [Status::Ok]);
        assert_eq!(with("mode", "non-blocking", false), [Status::Problem]);
        assert_eq!(with("awslogs-create-group", "true", false), [Status::Ok]);
        assert_eq!(with("awslogs-region", "us-east-1", true), [Status::Warning]);
    }
}
