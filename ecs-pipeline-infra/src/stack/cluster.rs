//! The ECS cluster, on Fargate or on EC2 instances.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::{Kind, Stack, engine};
use crate::application::Application;
use crate::limits;
use crate::options::Options;
use crate::problem::Problems;

/// What can be chosen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ClusterOptions {
    /// What tasks run on; left out: Fargate, if the task definition fits it.
    pub capacity: Option<Capacity>,
    /// What CloudWatch Container Insights collects.
    pub container_insights: ContainerInsights,
    /// The instances, of `capacity: ec2`.
    pub instances: Option<InstanceOptions>,
}

/// What tasks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Capacity {
    /// AWS's own machines, by the task.
    Fargate,
    /// Instances of an Auto Scaling group.
    Ec2,
}

/// What CloudWatch Container Insights collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ContainerInsights {
    /// Metrics down to the container.
    Enhanced,
    /// Metrics of clusters and services.
    #[default]
    Enabled,
    /// None.
    Disabled,
}

/// What can be chosen of the instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct InstanceOptions {
    /// Their type; left out: `t3.medium`, or `t4g.medium` for tasks on ARM.
    #[serde(rename = "type")]
    pub instance_type: Option<String>,
    /// As many run at least.
    pub min: u32,
    /// As many run at most.
    pub max: u32,
    /// The size of an instance's volume in GiB.
    pub volume: u32,
}

impl Default for InstanceOptions {
    fn default() -> Self {
        Self {
            instance_type: None,
            min: 2,
            max: 6,
            volume: SMALLEST_VOLUME,
        }
    }
}

/// The ECS-optimised Amazon Linux 2023 image's own size in GiB ("Amazon ECS-optimized Linux AMIs", ECS
/// Developer Guide); an instance's volume can be no smaller.
const SMALLEST_VOLUME: u32 = 30;

/// What the application's tasks run on: what is chosen, or what fits them.
pub(super) fn capacity(application: &Application, options: &Options) -> Capacity {
    let fitting = match application.task.fits_fargate() {
        true => Capacity::Fargate,
        false => Capacity::Ec2,
    };
    options.cluster.capacity.unwrap_or(fitting)
}

pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    limits::CLUSTER.check("deploy.cluster", &application.cluster, problems);
    match capacity(application, options) {
        Capacity::Fargate => check_fargate(application, options, problems),
        Capacity::Ec2 => check_ec2(application, options, problems),
    }
}

fn check_fargate(application: &Application, options: &Options, problems: &mut Problems) {
    if !application.task.fits_fargate() {
        problems.add(
            "infra.cluster.capacity",
            "the task definition is not for Fargate: requiresCompatibilities has no FARGATE, or \
             networkMode is not awsvpc",
            "write `capacity: ec2`, or change the task definition",
        );
    }
    if options.cluster.instances.is_some() {
        problems.add(
            "infra.cluster.instances",
            "there are no instances on Fargate",
            "leave it out, or write `capacity: ec2`",
        );
    }
}

fn check_ec2(application: &Application, options: &Options, problems: &mut Problems) {
    let task = &application.task;
    let trouble = if !task.fits_ec2() {
        Some("requiresCompatibilities has no EC2")
    } else if task.is_windows() {
        Some("the instances run Linux, and the task definition is for Windows")
    } else {
        None
    };
    if let Some(trouble) = trouble {
        problems.add(
            "infra.cluster.capacity",
            trouble,
            "write `capacity: fargate`, or change the task definition",
        );
    }
    check_instances(&instances(options), task.is_arm(), problems);
}

/// How many there are, and of which type.
pub(super) fn instances(options: &Options) -> InstanceOptions {
    options.cluster.instances.clone().unwrap_or_default()
}

fn check_instances(instances: &InstanceOptions, is_arm: bool, problems: &mut Problems) {
    let InstanceOptions { min, max, .. } = instances;
    if *max == 0 || min > max {
        problems.add(
            "infra.cluster.instances.max",
            format!("at least {min} and at most {max} instances cannot be"),
            "write as many as `min`, or more",
        );
    }
    if instances.volume < SMALLEST_VOLUME {
        problems.add(
            "infra.cluster.instances.volume",
            format!("the image that instances start from has {SMALLEST_VOLUME} GiB"),
            format!("write {SMALLEST_VOLUME} or more"),
        );
    }
    let Some(chosen) = &instances.instance_type else {
        return;
    };
    let member = "infra.cluster.instances.type";
    limits::INSTANCE_TYPE.check(member, chosen, problems);
    if runs_arm(chosen) != is_arm {
        let wanted = if is_arm { "64-bit ARM" } else { "x86-64" };
        problems.add(
            member,
            format!("tasks are for {wanted}, and {chosen} is not"),
            "choose another type, or change the task definition's cpuArchitecture",
        );
    }
}

/// Whether a type of instance has a Graviton processor: its family, such as `m7gd`, has a `g` behind its
/// generation ("Amazon EC2 instance type naming conventions", EC2 User Guide); `a1` is the first of them.
fn runs_arm(instance_type: &str) -> bool {
    let family = instance_type.split('.').next().unwrap_or_default();
    let generation = family.find(|c: char| c.is_ascii_digit());
    let attributes = generation
        .and_then(|at| family.get(at..))
        .unwrap_or_default();
    family == "a1" || attributes.contains('g')
}

pub(super) fn stack(application: &Application, options: &Options) -> Stack {
    let capacity = capacity(application, options);
    let mut parameters = vec![
        ("Cluster", application.cluster.clone()),
        ("ContainerInsights", insights(options).to_owned()),
    ];
    if capacity == Capacity::Ec2 {
        parameters.extend(instance_parameters(application, options));
    }
    Stack {
        kind: Kind::Cluster,
        name: format!("{}-cluster", application.cluster),
        template: engine::render(
            "cluster.yaml",
            context! {
                application => Serde(application),
                options => Serde(options),
                on_instances => capacity == Capacity::Ec2,
            },
        ),
        parameters: parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        names_roles: capacity == Capacity::Ec2,
    }
}

/// As ECS writes it.
fn insights(options: &Options) -> &'static str {
    match options.cluster.container_insights {
        ContainerInsights::Enhanced => "enhanced",
        ContainerInsights::Enabled => "enabled",
        ContainerInsights::Disabled => "disabled",
    }
}

fn instance_parameters(
    application: &Application,
    options: &Options,
) -> [(&'static str, String); 6] {
    let instances = instances(options);
    let (image, fitting) = match application.task.is_arm() {
        true => ("amazon-linux-2023/arm64", "t4g.medium"),
        false => ("amazon-linux-2023", "t3.medium"),
    };
    let chosen = instances.instance_type.unwrap_or(fitting.to_owned());
    [
        ("NetworkStack", format!("{}-network", application.cluster)),
        (
            "ImageId",
            format!("/aws/service/ecs/optimized-ami/{image}/recommended/image_id"),
        ),
        ("InstanceType", chosen),
        ("MinInstances", instances.min.to_string()),
        ("MaxInstances", instances.max.to_string()),
        ("VolumeSize", instances.volume.to_string()),
    ]
}
