//! Roles are there, in this account, and trust the service that takes them on.

use serde_json::Value;

use super::finding::known;
use super::{Finding, View, short};

/// A role that something names.
struct Named<'a> {
    check: &'static str,
    role: &'a str,
    /// The part of the service's name before `amazonaws.com`.
    service: &'static str,
}

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(execution_role_missing(view));
    findings.extend(infrastructure_role_missing(view));
    findings.extend(roles(view).iter().map(|named| role(view, named)));
    findings
}

/// All roles that the deployment needs, as far as something names them.
fn roles<'v>(view: &'v View<'_>) -> Vec<Named<'v>> {
    let definition = view.task_definition.as_ref();
    let execution = definition.and_then(|definition| definition.execution_role());
    let task = definition.and_then(|definition| definition.task_role());
    let attachments = view.facts.attachments().iter();
    let attachments = attachments.filter(|_| view.shifts());
    let infrastructure = attachments.filter_map(|one| one.role.as_deref());
    let group = view.facts.deployment_group();
    let code_deploy = group.and_then(|group| group.role.as_deref());
    let named = |check, service| {
        move |role| Named {
            check,
            role,
            service,
        }
    };
    let mut roles = Vec::new();
    roles.extend(execution.map(named("execution-role", "ecs-tasks")));
    roles.extend(task.map(named("task-role", "ecs-tasks")));
    roles.extend(infrastructure.map(named("infrastructure-role", "ecs")));
    roles.extend(code_deploy.map(named("codedeploy-role", "codedeploy")));
    roles
}

fn role(view: &View<'_>, named: &Named<'_>) -> Finding {
    let Named {
        check,
        role,
        service,
    } = *named;
    let principal = format!("{service}.amazonaws.com");
    let name = short(role);
    if let Some(account) = other_account(view, role) {
        return Finding::problem(
            check,
            format!(
                "{name} is a role of the account {account}, and only a role of one's own account can be passed"
            ),
            "name a role of this account",
        );
    }
    let Some(fact) = view.facts.roles.get(role) else {
        return Finding::problem(
            check,
            format!("{role} is no role's name or ARN"),
            "write the role's whole ARN",
        );
    };
    let absent = || {
        Finding::problem(
            check,
            format!("there is no role {name}"),
            format!("create it, with a trust policy for {principal}"),
        )
    };
    match known(fact, check, absent) {
        Err(finding) => finding,
        // IAM finds a role by its name alone; whoever passes it on names its path, too.
        Ok(found) if role.starts_with("arn:") && !found.arn.is_empty() && found.arn != role => {
            Finding::problem(
                check,
                format!("there is no role {role}: {name} is {}", found.arn),
                "write the role's ARN as it is, with its path",
            )
        }
        Ok(role) if trusts(&role.trust, service) => {
            Finding::ok(check, format!("{name} trusts {principal}"))
        }
        Ok(_) => Finding::problem(
            check,
            format!(
                "{name} does not trust {principal}: {} cannot take it on",
                whose(service)
            ),
            format!("allow sts:AssumeRole to the service {principal} in the role's trust policy"),
        ),
    }
}

fn whose(service: &str) -> &'static str {
    match service {
        "codedeploy" => "CodeDeploy",
        _ => "ECS",
    }
}

/// The account in a role's ARN, where it is not the caller's.
fn other_account<'r>(view: &View<'_>, role: &'r str) -> Option<&'r str> {
    let caller = view.facts.caller.known()?;
    let account = role.strip_prefix("arn:")?.split(':').nth(3)?;
    (account != caller.account).then_some(account)
}

/// Whether a trust policy lets a service of AWS take a role on. Conditions are not judged.
fn trusts(policy: &Value, service: &str) -> bool {
    let statements = one_or_many(&policy["Statement"]);
    statements.iter().any(|statement| {
        let actions = one_or_many(&statement["Action"]);
        let assumes = |action: &&&Value| {
            let action = action.as_str().unwrap_or_default();
            ["sts:AssumeRole", "sts:*", "*"]
                .iter()
                .any(|one| action.eq_ignore_ascii_case(one))
        };
        let principal = &statement["Principal"];
        let services = one_or_many(&principal["Service"]);
        let is_it = |one: &&Value| one.as_str().is_some_and(|one| is_service(one, service));
        statement["Effect"] == "Allow"
            && actions.iter().any(|action| assumes(&action))
            && (principal == "*" || services.into_iter().any(|one| is_it(&one)))
    })
}

/// `ecs.amazonaws.com`; and where a Region or China's domain is in it,
/// `codedeploy.cn-north-1.amazonaws.com.cn`.
fn is_service(principal: &str, service: &str) -> bool {
    let domain = principal.strip_suffix(".cn").unwrap_or(principal);
    principal.split('.').next() == Some(service) && domain.ends_with(".amazonaws.com")
}

fn one_or_many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(many) => many.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Without one, AWS's own agent cannot pull, write logs, or read secrets for the task.
fn execution_role_missing(view: &View<'_>) -> Option<Finding> {
    const CHECK: &str = "execution-role";
    let definition = view.task_definition.as_ref()?;
    if definition.execution_role().is_some() {
        return None;
    }
    let on_fargate = view.service.is_some_and(|service| service.is_on_fargate());
    let secrets = definition.needs_secrets().then_some("read its secrets");
    let logs = (on_fargate && !definition.logs().is_empty()).then_some("write its logs");
    let pull =
        (on_fargate && view.wanted.repository.is_some()).then_some("pull its image from ECR");
    let needs: Vec<_> = [pull, logs, secrets].into_iter().flatten().collect();
    if needs.is_empty() {
        return None;
    }
    Some(Finding::problem(
        CHECK,
        format!(
            "{} names no executionRoleArn, and ECS needs one to {}",
            definition.origin,
            needs.join(", ")
        ),
        "create a role that trusts ecs-tasks.amazonaws.com, with AmazonECSTaskExecutionRolePolicy, and name it in executionRoleArn",
    ))
}

fn infrastructure_role_missing(view: &View<'_>) -> Option<Finding> {
    const CHECK: &str = "infrastructure-role";
    let service = view.service.filter(|_| view.shifts())?;
    let lacks = service
        .load_balancers
        .iter()
        .any(|one| one.alternate.is_some() && one.role.is_none());
    lacks.then(|| {
        Finding::problem(
            CHECK,
            "the service names no role with which ECS may move its listener's rule",
            "create a role that trusts ecs.amazonaws.com, with AmazonECSInfrastructureRolePolicyForLoadBalancers, and name it as roleArn in advancedConfiguration",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{EXECUTION, Stage, role as trusting, statuses};
    use super::super::{Fact, Status, Strategy};
    use super::*;

    #[test]
    fn trust_policies() {
        let statement = |more: Value| {
            let mut statement = json!({"Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"}});
            for (name, value) in more.as_object().unwrap() {
                statement[name] = value.clone();
            }
            json!({"Statement": [statement]})
        };
        let table = [
            (statement(json!({})), true),
            (
                json!({"Statement": statement(json!({}))["Statement"][0]}),
                true,
            ),
            (
                statement(
                    json!({"Principal": {"Service": ["a.amazonaws.com", "ecs-tasks.amazonaws.com"]}}),
                ),
                true,
            ),
            (
                statement(json!({"Principal": {"Service": "ecs-tasks.amazonaws.com.cn"}})),
                true,
            ),
            (
                statement(json!({"Principal": {"Service": "ecs.amazonaws.com"}})),
                false,
            ),
            (
                statement(json!({"Principal": {"Service": "ecs-tasks.example.com"}})),
                false,
            ),
            (
                statement(json!({"Principal": {"AWS": "arn:aws:iam::1:root"}})),
                false,
            ),
            (
                statement(json!({"Action": ["sts:TagSession", "sts:AssumeRole"]})),
                true,
            ),
            (
                statement(json!({"Action": "sts:AssumeRoleWithWebIdentity"})),
                false,
            ),
            (statement(json!({"Effect": "Deny"})), false),
            (json!({}), false),
        ];
        for (policy, expected) in table {
            assert_eq!(trusts(&policy, "ecs-tasks"), expected, "{policy}");
        }
    }

    #[test]
    fn a_role_is_there_in_this_account_and_trusts_the_service() {
        let with = |role: &str, fact: Option<Fact<super::super::Role>>| {
            let mut stage = Stage::healthy();
            let named = role.to_owned();
            stage.runs(|definition| definition["executionRoleArn"] = named.into());
            stage.facts.roles.clear();
            stage
                .facts
                .roles
                .extend(fact.map(|fact| (role.to_owned(), fact)));
            let found = stage.found("execution-role");
            assert!(
                found
                    .iter()
                    .all(|one| one.status == Status::Ok || one.fix.is_some())
            );
            statuses(&found)
        };
        let tasks = trusting("ecs-tasks.amazonaws.com");
        let ec2 = trusting("ec2.amazonaws.com");
        let elsewhere = "arn:aws:iam::999999999999:role/execution";
        assert_eq!(
            with(EXECUTION, Some(Fact::Known(tasks.clone()))),
            [Status::Ok]
        );
        assert_eq!(with("execution", Some(Fact::Known(tasks))), [Status::Ok]);
        assert_eq!(with(EXECUTION, Some(Fact::Known(ec2))), [Status::Problem]);
        assert_eq!(with(EXECUTION, Some(Fact::Absent)), [Status::Problem]);
        assert_eq!(with(elsewhere, Some(Fact::Absent)), [Status::Problem]);
        assert_eq!(
            with("arn:aws:iam::<ACCOUNT>:role/x", None),
            [Status::Problem]
        );
    }

    #[test]
    fn an_execution_role_is_missed_where_something_needs_it() {
        let without = |change: fn(&mut Stage)| {
            let mut stage = Stage::healthy();
            stage.runs(|definition| {
                definition
                    .as_object_mut()
                    .unwrap()
                    .remove("executionRoleArn");
            });
            change(&mut stage);
            statuses(&stage.found("execution-role"))
        };
        assert_eq!(without(|_| {}), [Status::Problem]);
        let on_ec2 = |stage: &mut Stage| {
            stage.service(|service| service.launch_type = Some("EC2".to_owned()));
        };
        assert_eq!(without(on_ec2), []);
    }

    #[test]
    fn who_moves_traffic_needs_a_role() {
        let mut stage = Stage::healthy();
        stage.shifts();
        assert_eq!(statuses(&stage.found("infrastructure-role")), [Status::Ok]);
        stage.service(|service| service.load_balancers[0].role = None);
        assert_eq!(
            statuses(&stage.found("infrastructure-role")),
            [Status::Problem]
        );
        stage.wanted.strategy = Some(Strategy::Rolling);
        assert_eq!(statuses(&stage.found("infrastructure-role")), []);
    }
}
