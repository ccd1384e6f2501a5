//! The templates with their parameters, in the order in which they are deployed.

pub(crate) mod build;
pub(crate) mod cluster;
pub(crate) mod codedeploy;
mod engine;
pub(crate) mod jenkins;
mod names;
pub(crate) mod network;
pub(crate) mod pipeline;
pub(crate) mod registry;
pub(crate) mod service;
mod tags;

use serde_json::Value;

use crate::application::{Application, Strategy};
use crate::limits;
use crate::options::Options;
use crate::problem::{Problems, Refused};

/// What a stack is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// The VPC.
    Network,
    /// The image repository.
    Registry,
    /// The ECS cluster.
    Cluster,
    /// The load balancer and the service.
    Service,
    /// CodeDeploy's application and group.
    Codedeploy,
    /// CodeBuild and CodePipeline.
    Pipeline,
    /// The role of a Jenkins agent.
    Jenkins,
}

impl Kind {
    /// Each of them, in the order in which they are deployed: what a stack imports comes before it.
    pub const ALL: [Self; 7] = [
        Self::Network,
        Self::Registry,
        Self::Cluster,
        Self::Service,
        Self::Codedeploy,
        Self::Pipeline,
        Self::Jenkins,
    ];

    /// Its name on the command line and in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Registry => "registry",
            Self::Cluster => "cluster",
            Self::Service => "service",
            Self::Codedeploy => "codedeploy",
            Self::Pipeline => "pipeline",
            Self::Jenkins => "jenkins",
        }
    }

    /// What it creates, in one line.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::Network => "the VPC: subnets, routes, NAT or endpoints, security groups",
            Self::Registry => "the ECR repository, scanned on push, with immutable tags",
            Self::Cluster => "the ECS cluster, on Fargate or on EC2 instances",
            Self::Service => "the load balancer, the service, its roles, logs, scaling and alarms",
            Self::Codedeploy => "CodeDeploy's application and deployment group",
            Self::Pipeline => "CodeBuild and CodePipeline, from GitHub to the service",
            Self::Jenkins => "the role of a Jenkins agent",
        }
    }
}

/// A template with the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stack {
    /// What it is for.
    pub kind: Kind,
    /// What CloudFormation calls it.
    pub name: String,
    /// The template: YAML, with comments.
    pub template: String,
    /// The parameters that differ from the template's defaults, by name.
    pub parameters: Vec<(String, String)>,
    /// Whether it creates roles with names, which `aws cloudformation deploy` must be told.
    pub names_roles: bool,
}

impl Stack {
    /// The template's file name.
    #[must_use]
    pub fn template_file(&self) -> String {
        format!("{}.yaml", self.kind.name())
    }

    /// The parameter file's name.
    #[must_use]
    pub fn parameter_file(&self) -> String {
        format!("{}.parameters.json", self.kind.name())
    }

    /// The parameter file, in the only form that `aws cloudformation deploy --parameter-overrides` of both
    /// versions of the AWS CLI reads: version 1 takes no objects with `ParameterKey`.
    #[must_use]
    pub fn parameter_text(&self) -> String {
        let parameters = self.parameters.iter();
        let parameters: Vec<_> = parameters
            .map(|(name, value)| Value::from(format!("{name}={value}")))
            .collect();
        format!("{:#}\n", Value::from(parameters))
    }

    /// What is to be done before it is deployed for the first time.
    #[must_use]
    pub fn before_deploying(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Service => &[
                "Before the service, its first image, with the tag of its parameter FirstTag:",
                "ecs-pipeline build --tag first && ecs-pipeline push --tag first",
                "When the service is there already, name the revision that it runs: infra write --revision FAMILY:NUMBER",
            ],
            // CloudFormation does not wait until this role can be used, which takes minutes; and a template
            // that makes it fails where it exists.
            // <https://docs.aws.amazon.com/dtconsole/latest/userguide/using-service-linked-roles.html>
            Kind::Pipeline => &[
                "Before the account's first notification rule, and 15 minutes before it:",
                "aws iam create-service-linked-role --aws-service-name codestar-notifications.amazonaws.com",
            ],
            _ => &[],
        }
    }

    /// The command that deploys it from a directory, for a shell; in a Region, or in the AWS CLI's own.
    #[must_use]
    pub fn deploy_command(&self, directory: &str, region: Option<&str>) -> String {
        let template = quoted(&format!("{directory}/{}", self.template_file()));
        let parameters = quoted(&format!("file://{directory}/{}", self.parameter_file()));
        let mut command = format!(
            "aws cloudformation deploy --stack-name {} --template-file {template} --parameter-overrides {parameters}",
            self.name,
        );
        if let Some(region) = region {
            command.push_str(&format!(" --region {region}"));
        }
        if self.names_roles {
            command.push_str(" --capabilities CAPABILITY_NAMED_IAM");
        }
        command.push_str(" --no-fail-on-empty-changeset");
        command
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
    match word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The stacks that an application needs with these options, in the order in which they are deployed.
///
/// # Errors
///
/// Everything that AWS would refuse, and options that contradict each other.
pub fn stacks(application: &Application, options: &Options) -> Result<Vec<Stack>, Refused> {
    let mut problems = Problems::default();
    check_names(application, &mut problems);
    tags::check(options, &mut problems);
    for kind in Kind::ALL {
        kind.check(application, options, &mut problems);
    }
    problems.none_or_refused()?;
    let kinds = Kind::ALL.into_iter();
    let wanted = kinds.filter(|kind| kind.why_not(application, options).is_none());
    Ok(wanted
        .filter_map(|kind| kind.stack(application, options))
        .collect())
}

/// Stacks are named after the application, or after the cluster that several applications share.
fn check_names(application: &Application, problems: &mut Problems) {
    let longest = |name: &str, kind: Kind| format!("{name}-{}", kind.name());
    for (member, name) in [
        ("application", longest(&application.name, Kind::Codedeploy)),
        (
            "deploy.cluster",
            longest(&application.cluster, Kind::Network),
        ),
    ] {
        limits::STACK.check(member, &name, problems);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            problems.add(
                member,
                format!("a stack's name begins with a letter, and {name} does not"),
                "choose another name",
            );
        }
    }
}

impl Kind {
    /// Why an application does not need it, where it does not.
    #[must_use]
    pub fn why_not(self, application: &Application, options: &Options) -> Option<&'static str> {
        match self {
            Self::Codedeploy if !matches!(application.strategy, Strategy::Codedeploy { .. }) => {
                Some("deploy.strategy is not codedeploy")
            }
            Self::Pipeline if options.pipeline.is_none() => Some("there is no infra.pipeline"),
            Self::Jenkins if options.jenkins.is_none() => Some("there is no infra.jenkins"),
            _ => None,
        }
    }

    fn check(self, application: &Application, options: &Options, problems: &mut Problems) {
        if self.why_not(application, options).is_some() {
            return;
        }
        match self {
            Self::Network => network::check(application, options, problems),
            Self::Registry => registry::check(application, options, problems),
            Self::Cluster => cluster::check(application, options, problems),
            Self::Service => service::check(application, options, problems),
            Self::Codedeploy => codedeploy::check(application, options, problems),
            Self::Pipeline => pipeline::check(application, options, problems),
            Self::Jenkins => jenkins::check(application, options, problems),
        }
    }

    /// None where its options are left out.
    fn stack(self, application: &Application, options: &Options) -> Option<Stack> {
        Some(match self {
            Self::Network => network::stack(application, options),
            Self::Registry => registry::stack(application, options),
            Self::Cluster => cluster::stack(application, options),
            Self::Service => service::stack(application, options),
            Self::Codedeploy => codedeploy::stack(application, options),
            Self::Pipeline => pipeline::stack(application, options, options.pipeline.as_ref()?),
            Self::Jenkins => jenkins::stack(application, options, options.jenkins.as_ref()?),
        })
    }
}
