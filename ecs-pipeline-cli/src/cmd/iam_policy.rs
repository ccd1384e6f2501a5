//! `ecs-pipeline iam-policy`.

use ecs_pipeline_core::exit;
use ecs_pipeline_infra::policy::Role;
use ecs_pipeline_infra::scope::Scope;
use serde_json::{Map, Value, json};

use super::files::{self, STANDARD};
use crate::args::{Global, IamPolicyArgs};
use crate::error::CliError;
use crate::wiring;

pub(super) fn iam_policy(global: &Global, args: &IamPolicyArgs) -> Result<u8, CliError> {
    let (config, application) = wiring::application(global)?;
    let region = args.region.clone().or_else(from_environment);
    let region = region.or_else(|| application.task.region());
    let region = region.ok_or_else(|| unknown("Region", "--region, or set AWS_REGION"))?;
    let account = args.account.clone().or_else(|| application.task.account());
    let account = account.ok_or_else(|| unknown("account", "--account"))?;
    let scope = Scope::new(&region, &account);
    let policy = |role: Role| json!(role.policy(&application, &config.infra, &scope));
    let printed = match args.role.one() {
        Some(role) => policy(role),
        None => Role::ALL
            .into_iter()
            .map(|role| (role.name().to_owned(), policy(role)))
            .collect::<Map<String, Value>>()
            .into(),
    };
    files::write(STANDARD.as_ref(), &format!("{printed:#}\n"))?;
    Ok(exit::SUCCEEDED)
}

/// Where the AWS SDK looks first; an empty variable counts as none.
fn from_environment() -> Option<String> {
    let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter();
    let mut set = variables.filter_map(|name| std::env::var(name).ok());
    set.find(|value| !value.is_empty())
}

fn unknown(what: &str, how: &str) -> CliError {
    CliError::Usage {
        message: format!(
            "the {what} of the ARNs is not known: the task definition does not say it"
        ),
        hint: format!("name it with {how}"),
    }
}
