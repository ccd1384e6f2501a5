//! `ecs-pipeline iam-policy`.

use ecs_pipeline_core::exit;
use ecs_pipeline_infra::policy::Role;
use ecs_pipeline_infra::scope::Scope;
use serde_json::{Map, Value, json};

use super::files::{self, STANDARD};
use crate::args::{Global, IamPolicyArgs};
use crate::error::CliError;
use crate::report::print_error;
use crate::wiring;

pub(super) fn iam_policy(global: &Global, args: &IamPolicyArgs) -> Result<u8, CliError> {
    let (config, application) = wiring::application(global)?;
    let region = args.region.clone().or_else(from_environment);
    let region = region.or_else(|| application.task.region());
    let region = region.ok_or_else(|| unknown("Region", "--region, or set AWS_REGION"))?;
    let given = args.account.clone().filter(|account| !account.is_empty());
    let account = given.or_else(|| application.task.account());
    let account = account.ok_or_else(|| unknown("account", "--account"))?;
    check(&region, &account)?;
    application.check_names()?;
    if config
        .deploy
        .as_ref()
        .is_some_and(|deploy| deploy.strategy.is_none())
    {
        print_error("note: deploy.strategy is not configured: the policy is for rolling updates");
    }
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

/// Refuses what no ARN can have.
fn check(region: &str, account: &str) -> Result<(), CliError> {
    let in_region = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let wrong = if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("an account has twelve digits, and {account:?} has not")
    } else if !region.contains('-') || !region.bytes().all(in_region) {
        format!("{region:?} is no Region")
    } else {
        return Ok(());
    };
    Err(CliError::Usage {
        message: wrong,
        hint: "name it with --account and --region".to_owned(),
    })
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
