//! CodeDeploy's application and deployment group.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::{Kind, Stack, engine, service};
use crate::application::{Application, Strategy};
use crate::limits;
use crate::options::Options;
use crate::policy::Role;
use crate::problem::Problems;

/// What can be chosen of CodeDeploy. Times are in minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CodedeployOptions {
    /// How long the former tasks stay after all traffic has moved, so that it can move back at once. The
    /// deployment is not over before.
    pub termination_wait: u32,
    /// How long a deployment waits for somebody to let it move the traffic, after which it is stopped; 0: it
    /// does not wait.
    pub ready_wait: u32,
}

impl Default for CodedeployOptions {
    fn default() -> Self {
        Self {
            termination_wait: 5,
            ready_wait: 0,
        }
    }
}

/// CodeDeploy's quota of the wait after a deployment.
const TERMINATION_WAIT: u32 = 2800;

/// CodeDeploy's quota of the wait before traffic moves: 120 hours.
const READY_WAIT: u32 = 120 * 60;

pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    let Strategy::Codedeploy {
        application: name,
        group,
        ..
    } = &application.strategy
    else {
        return;
    };
    limits::CODEDEPLOY_APPLICATION.check("deploy.codedeploy.application", name, problems);
    limits::DEPLOYMENT_GROUP.check("deploy.codedeploy.deployment-group", group, problems);
    limits::ROLE.check("application", &role(application), problems);
    let chosen = &options.codedeploy;
    for (member, minutes, most) in [
        (
            "termination-wait",
            chosen.termination_wait,
            TERMINATION_WAIT,
        ),
        ("ready-wait", chosen.ready_wait, READY_WAIT),
    ] {
        if minutes > most {
            problems.add(
                format!("infra.codedeploy.{member}"),
                format!("CodeDeploy waits for {most} minutes at most, not for {minutes}"),
                format!("write {most} or less"),
            );
        }
    }
}

pub(super) fn stack(application: &Application, options: &Options) -> Stack {
    let context = context! {
        application => Serde(application),
        options => Serde(options),
        alarms => service::alarms(&application.strategy).len(),
        statements => Role::Codedeploy.statements_of_stack(application, options),
    };
    Stack {
        kind: Kind::Codedeploy,
        name: format!("{}-codedeploy", application.name),
        template: engine::render("codedeploy.yaml", context),
        parameters: parameters(application, options),
        names_roles: true,
    }
}

fn parameters(application: &Application, options: &Options) -> Vec<(String, String)> {
    let name = &application.name;
    let chosen = &options.codedeploy;
    let mut parameters = vec![
        ("ServiceStack", format!("{name}-service")),
        ("Cluster", application.cluster.clone()),
        ("Service", application.service.clone()),
        ("LoadBalancer", application.load_balancer.clone()),
        ("RoleName", role(application)),
        ("TerminationWait", chosen.termination_wait.to_string()),
    ];
    if let Strategy::Codedeploy {
        application,
        group,
        config,
        ..
    } = &application.strategy
    {
        parameters.extend([
            ("CodeDeployApplication", application.clone()),
            ("DeploymentGroup", group.clone()),
            ("DeploymentConfig", config.clone()),
        ]);
    }
    let task = &application.task;
    let roles = [
        ("ExecutionRole", &task.execution_role),
        ("TaskRole", &task.task_role),
    ];
    let named = roles
        .into_iter()
        .filter_map(|(name, role)| Some((name, role.clone()?)));
    parameters.extend(named);
    if chosen.ready_wait > 0 {
        parameters.push(("ReadyWait", chosen.ready_wait.to_string()));
    }
    parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The name of CodeDeploy's service role.
pub(crate) fn role(application: &Application) -> String {
    format!("{}-codedeploy", application.name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    use serde_json::json;

    use super::*;

    fn refused(group: &str, codedeploy: serde_json::Value) -> Vec<(String, String)> {
        let task = r#"{"family": "web", "containerDefinitions": [{"name": "web", "image": "i"}]}"#;
        let document = TaskDefinitionDocument::parse(task).unwrap();
        let mut application = Application::new("web", &document);
        application.strategy = Strategy::Codedeploy {
            application: "web".to_owned(),
            group: group.to_owned(),
            config: "CodeDeployDefault.ECSAllAtOnce".to_owned(),
            bucket: None,
        };
        let options = serde_json::from_value(json!({"codedeploy": codedeploy})).unwrap();
        let mut problems = Problems::default();
        check(&application, &options, &mut problems);
        let refused = problems.none_or_refused().err();
        let problems = refused.into_iter().flat_map(|refused| refused.problems);
        problems.map(|it| (it.member, it.message)).collect()
    }

    #[test]
    fn what_codedeploy_would_not_take_is_refused() {
        let long = "g".repeat(101);
        for (group, options, expected) in [
            (
                "web",
                json!({"termination-wait": 2800, "ready-wait": 7200}),
                None,
            ),
            (
                "web",
                json!({"termination-wait": 2801}),
                Some(("infra.codedeploy.termination-wait", "2800 minutes at most")),
            ),
            (
                "web",
                json!({"ready-wait": 7201}),
                Some(("infra.codedeploy.ready-wait", "7200 minutes at most")),
            ),
            (
                &long,
                json!({}),
                Some((
                    "deploy.codedeploy.deployment-group",
                    "at most 100 characters",
                )),
            ),
        ] {
            let found = refused(group, options.clone());
            match (found.as_slice(), expected) {
                ([], None) => {}
                ([(member, message)], Some((named, reason))) => {
                    assert_eq!(member, named);
                    assert!(message.contains(reason), "{message}");
                }
                _ => panic!("{options}: {found:?}"),
            }
        }
    }
}
