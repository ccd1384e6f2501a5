//! Endpoints of AWS services within the VPC.

use serde::Serialize;

use super::Nat;
use crate::application::Application;
use crate::options::Options;
use crate::problem::Problems;
use crate::stack::cluster::{Capacity, capacity};

/// An interface endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Endpoint {
    /// What its resource's name begins with.
    name: &'static str,
    /// The service, as its endpoint's name ends.
    service: &'static str,
    /// What it is there for.
    purpose: &'static str,
}

const fn endpoint(name: &'static str, service: &'static str, purpose: &'static str) -> Endpoint {
    Endpoint {
        name,
        service,
        purpose,
    }
}

/// What every task needs. The layers of images come from S3, which has an endpoint of another kind.
const ALWAYS: [Endpoint; 3] = [
    endpoint("EcrApi", "ecr.api", "Tokens for the registry."),
    endpoint("EcrDkr", "ecr.dkr", "The registry itself."),
    endpoint("Logs", "logs", "What containers write."),
];

const SECRETS: Endpoint = endpoint("SecretsManager", "secretsmanager", "Secrets.");
const PARAMETERS: Endpoint = endpoint("Ssm", "ssm", "Secrets that are parameters.");

/// What the agent on an instance talks to ("Amazon ECS interface VPC endpoints", ECS Developer Guide), and
/// Session Manager, by which instances are reached.
const INSTANCES: [Endpoint; 6] = [
    endpoint("EcsAgent", "ecs-agent", "What the ECS agent listens to."),
    endpoint("EcsTelemetry", "ecs-telemetry", "What it reports."),
    endpoint("Ecs", "ecs", "Where it registers its instance."),
    endpoint("Ssm", "ssm", "Session Manager, instead of SSH."),
    endpoint("SsmMessages", "ssmmessages", "Its sessions."),
    endpoint("Ec2Messages", "ec2messages", "Its commands."),
];

/// Those that a VPC without NAT needs.
pub(super) fn endpoints(application: &Application, options: &Options) -> Vec<Endpoint> {
    if options.network.nat != Nat::None {
        return Vec::new();
    }
    let mut found = ALWAYS.to_vec();
    if capacity(application, options) == Capacity::Ec2 {
        found.extend(INSTANCES);
    }
    let secrets = &application.task.secrets;
    let is_secret = |source: &String| source.contains(":secretsmanager:");
    if secrets.iter().any(is_secret) {
        found.push(SECRETS);
    }
    let has_parameters = secrets.iter().any(|source| !is_secret(source));
    if has_parameters && !found.iter().any(|it| it.service == PARAMETERS.service) {
        found.push(PARAMETERS);
    }
    found
}

/// Images from outside ECR cannot be pulled without NAT.
pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    if options.network.nat != Nat::None {
        return;
    }
    let images = application.task.images();
    // What stands in angle brackets becomes the image that was just pushed, to ECR.
    let foreign = images.filter(|image| !image.starts_with('<') && !image.contains(".dkr.ecr."));
    for image in foreign {
        problems.add(
            "infra.network.nat",
            format!("without NAT, {image} cannot be pulled: there are endpoints of ECR alone"),
            "copy it to ECR, or write `nat: one`",
        );
    }
}
