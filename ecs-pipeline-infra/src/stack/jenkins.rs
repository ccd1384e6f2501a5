//! The role of a Jenkins agent.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::{Kind, Stack, engine, names};
use crate::application::Application;
use crate::options::Options;
use crate::policy::Role;
use crate::problem::Problems;

/// What can be chosen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct JenkinsOptions {
    /// Who may have the role.
    pub trust: Trust,
    /// For `oidc`: the URL of whoever issues the tokens: that of Jenkins' plugin "OpenID Connect Provider",
    /// or that of an EKS cluster.
    pub issuer: Option<String>,
    /// For `oidc`: whom the tokens are for; without it `sts.amazonaws.com`.
    pub audience: Option<String>,
    /// For `oidc`: whose tokens they are. The plugin writes a job's URL, with a slash at the end; EKS
    /// `system:serviceaccount:NAMESPACE:NAME`.
    pub subject: Option<String>,
    /// For `oidc`: the ARN of the issuer's identity provider in this account. There can only be one;
    /// without it the stack makes it.
    pub provider: Option<String>,
    /// For `role`: the ARN of the role that may assume this one.
    pub role: Option<String>,
}

/// Who may have a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Trust {
    /// EC2 instances with the profile that is made for it.
    #[default]
    InstanceProfile,
    /// Whoever has a token of an OpenID Connect issuer.
    Oidc,
    /// Another role.
    Role,
}

impl Trust {
    fn name(self) -> &'static str {
        match self {
            Self::InstanceProfile => "instance-profile",
            Self::Oidc => "oidc",
            Self::Role => "role",
        }
    }
}

const AUDIENCE: &str = "sts.amazonaws.com";

pub(super) fn check(_: &Application, options: &Options, problems: &mut Problems) {
    let Some(jenkins) = &options.jenkins else {
        return;
    };
    check_membership(jenkins, problems);
    match jenkins.trust {
        Trust::InstanceProfile => {}
        Trust::Oidc => check_oidc(jenkins, problems),
        Trust::Role => check_role(jenkins, problems),
    }
}

/// What is for another way of trusting would be passed over without a word.
fn check_membership(jenkins: &JenkinsOptions, problems: &mut Problems) {
    for (key, value, trust) in [
        ("issuer", &jenkins.issuer, Trust::Oidc),
        ("audience", &jenkins.audience, Trust::Oidc),
        ("subject", &jenkins.subject, Trust::Oidc),
        ("provider", &jenkins.provider, Trust::Oidc),
        ("role", &jenkins.role, Trust::Role),
    ] {
        if value.is_some() && jenkins.trust != trust {
            let (is, wanted) = (jenkins.trust.name(), trust.name());
            problems.add(
                format!("infra.jenkins.{key}"),
                format!("it is for trust: {wanted}, and trust is {is}"),
                format!("leave it out, or write trust: {wanted}"),
            );
        }
    }
}

fn check_oidc(jenkins: &JenkinsOptions, problems: &mut Problems) {
    match jenkins.issuer.as_deref() {
        None => problems.add(
            "infra.jenkins.issuer",
            "trust: oidc needs it",
            "write the URL that the tokens' `iss` has",
        ),
        Some(issuer) => {
            if let Some(why) = why_no_issuer(issuer) {
                let message = format!("{issuer}: {why}");
                let help = "write it as the tokens' `iss` has it, such as https://jenkins.example.com/oidc";
                problems.add("infra.jenkins.issuer", message, help);
            }
        }
    }
    let member = "infra.jenkins.subject";
    match jenkins.subject.as_deref() {
        None | Some("") => problems.add(
            member,
            "without it whoever has a token of the issuer, so every job, could deploy",
            "write the job's URL, or system:serviceaccount:NAMESPACE:NAME",
        ),
        Some(subject) if subject.contains(['*', '?']) => problems.add(
            member,
            format!("{subject} is compared letter by letter, and no token's subject has a wildcard"),
            "write the one job that deploys: others, of pull requests for example, must not have the role",
        ),
        Some(_) => {}
    }
    let provider = jenkins.provider.as_deref();
    let (Some(provider), Some(issuer)) = (provider, jenkins.issuer.as_deref()) else {
        return;
    };
    let expected = format!(":oidc-provider/{}", host_and_path(issuer));
    if !is_iam_arn(provider, "oidc-provider/") || !provider.ends_with(&expected) {
        problems.add(
            "infra.jenkins.provider",
            format!("{provider} is not the ARN of {issuer}'s identity provider"),
            "`aws iam list-open-id-connect-providers` shows it; leave it out to have it made",
        );
    }
}

/// IAM takes an issuer's URL with https, and neither a port, nor a query, nor a fragment.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>
fn why_no_issuer(issuer: &str) -> Option<&'static str> {
    let Some(rest) = issuer.strip_prefix("https://") else {
        return Some("AWS reads keys by https only");
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() || rest.contains(char::is_whitespace) {
        return Some("it is no URL");
    }
    if host.contains([':', '@']) {
        return Some("IAM takes no port, and no user");
    }
    if rest.contains(['?', '#', '*', '$', '"']) {
        return Some("IAM takes neither a query nor a fragment");
    }
    // The condition's keys begin with it, and AWS compares them to the token's `iss`.
    rest.ends_with('/').then_some("it ends with a slash")
}

/// What IAM calls an issuer.
fn host_and_path(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer)
}

fn check_role(jenkins: &JenkinsOptions, problems: &mut Problems) {
    let role = jenkins.role.as_deref().unwrap_or_default();
    if !is_iam_arn(role, "role/") {
        problems.add(
            "infra.jenkins.role",
            format!("{role:?} is not the ARN of a role"),
            "write arn:aws:iam::ACCOUNT:role/NAME: the one that the agent has",
        );
    }
}

/// `arn:PARTITION:iam::ACCOUNT:KINDNAME`.
fn is_iam_arn(text: &str, kind: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
        return false;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name = resource.strip_prefix(kind);
    let is_name = |name: &str| !name.is_empty() && !name.contains(['*', '?', ' ']);
    !partition.is_empty() && is_account && name.is_some_and(is_name)
}

pub(super) fn stack(
    application: &Application,
    options: &Options,
    jenkins: &JenkinsOptions,
) -> Stack {
    let statements = Role::Jenkins.statements_of_stack(application, options);
    let names = names::used_in(&statements, application);
    let issuer = jenkins.issuer.as_deref().unwrap_or_default();
    let template = engine::render(
        "jenkins.yaml",
        context! {
            application => Serde(application), options => Serde(options),
            names => Serde(&names), statements, issuer => host_and_path(issuer),
            trust => jenkins.trust.name(), provider => jenkins.provider.is_some(),
        },
    );
    Stack {
        kind: Kind::Jenkins,
        name: format!("{}-jenkins", application.name),
        template,
        parameters: parameters(jenkins, names),
        names_roles: true,
    }
}

fn parameters(jenkins: &JenkinsOptions, names: Vec<names::Name>) -> Vec<(String, String)> {
    let mut parameters: Vec<_> = names
        .into_iter()
        .map(|name| (name.parameter.to_owned(), name.value))
        .collect();
    let audience = jenkins.audience.as_deref().unwrap_or(AUDIENCE);
    let audience = (jenkins.trust == Trust::Oidc).then_some(audience);
    let given = [
        ("Audience", audience),
        ("Subject", jenkins.subject.as_deref()),
        ("Provider", jenkins.provider.as_deref()),
        ("TrustedRole", jenkins.role.as_deref()),
    ];
    let given = given.into_iter();
    parameters.extend(given.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))));
    parameters
}

#[cfg(test)]
mod tests {
    use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    use serde_json::{Value, json};

    use super::*;

    /// The members that are complained of.
    fn refused(jenkins: &Value) -> Vec<String> {
        let task = r#"{"family": "web", "containerDefinitions": [{"name": "web"}]}"#;
        let task = TaskDefinitionDocument::parse(task).unwrap();
        let options = serde_json::from_value(json!({ "jenkins": jenkins })).unwrap();
        let mut problems = Problems::default();
        check(&Application::new("web", &task), &options, &mut problems);
        let refused = problems.none_or_refused().err();
        let problems = refused.map(|it| it.problems).unwrap_or_default();
        let members = problems.into_iter().map(|it| it.member);
        members
            .map(|it| it.trim_start_matches("infra.jenkins.").to_owned())
            .collect()
    }

    #[test]
    fn options_of_different_trusts_exclude_each_other() {
        let issuer = "https://jenkins.example.com/oidc";
        let subject = "https://jenkins.example.com/job/web/";
        let role = "arn:aws:iam::123456789012:role/ci/agent";
        for (jenkins, expected) in [
            (json!({}), &[][..]),
            (json!({"issuer": issuer, "role": role}), &["issuer", "role"]),
            (
                json!({"trust": "oidc", "issuer": issuer, "subject": subject}),
                &[],
            ),
            (json!({"trust": "oidc"}), &["issuer", "subject"]),
            (json!({"trust": "oidc", "issuer": issuer}), &["subject"]),
            (
                json!({"trust": "oidc", "issuer": issuer, "subject": subject, "role": role}),
                &["role"],
            ),
            (json!({"trust": "role", "role": role}), &[]),
            (json!({"trust": "role"}), &["role"]),
            (json!({"trust": "role", "role": "*"}), &["role"]),
            (
                json!({"trust": "role", "role": "arn:aws:iam::123456789012:root"}),
                &["role"],
            ),
            (
                json!({"trust": "role", "role": "arn:aws:iam::123456789012:role/*"}),
                &["role"],
            ),
            (
                json!({"trust": "role", "role": role, "subject": subject}),
                &["subject"],
            ),
        ] {
            assert_eq!(refused(&jenkins), expected, "{jenkins}");
        }
    }

    #[test]
    fn a_token_is_of_one_issuer_and_one_subject() {
        let provider = "arn:aws:iam::123456789012:oidc-provider/jenkins.example.com/oidc";
        let valid = json!({
            "trust": "oidc", "issuer": "https://jenkins.example.com/oidc", "provider": provider,
            "subject": "https://jenkins.example.com/job/web/",
        });
        let other = "arn:aws:iam::123456789012:oidc-provider/example.com/oidc";
        for (key, value) in [
            ("issuer", "http://jenkins.example.com/oidc"),
            ("issuer", "jenkins.example.com/oidc"),
            ("issuer", "https://"),
            ("issuer", "https://jenkins.example.com/oidc/"),
            ("issuer", "https://jenkins.example.com:8443/oidc"),
            ("issuer", "https://jenkins.example.com/oidc?a=b"),
            ("subject", ""),
            ("subject", "*"),
            ("subject", "https://jenkins.example.com/job/*"),
            ("provider", other),
            ("provider", "jenkins.example.com/oidc"),
        ] {
            let mut jenkins = valid.clone();
            jenkins[key] = json!(value);
            let refused = refused(&jenkins);
            assert!(
                refused.contains(&key.to_owned()),
                "{key}: {value}: {refused:?}"
            );
        }
        assert_eq!(refused(&valid), [""; 0]);
    }
}
