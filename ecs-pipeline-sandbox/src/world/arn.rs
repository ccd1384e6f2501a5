//! Amazon Resource Names, written in one place.

use super::Place;

/// Writes ARNs for one account and Region.
#[derive(Debug)]
pub(super) struct Arns {
    place: Place,
}

impl Arns {
    pub(super) fn new(place: Place) -> Self {
        Self { place }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// `arn:aws:ecs:REGION:ACCOUNT:RESOURCE`.
    pub(super) fn ecs(&self, resource: &str) -> String {
        self.of("ecs", resource)
    }

    /// `arn:aws:elasticloadbalancing:REGION:ACCOUNT:RESOURCE`.
    pub(super) fn elbv2(&self, resource: &str) -> String {
        self.of("elasticloadbalancing", resource)
    }

    /// `arn:aws:ecr:REGION:ACCOUNT:repository/NAME`.
    pub(super) fn ecr_repository(&self, name: &str) -> String {
        self.of("ecr", &format!("repository/{name}"))
    }

    /// `arn:aws:logs:REGION:ACCOUNT:RESOURCE`.
    pub(super) fn logs(&self, resource: &str) -> String {
        self.of("logs", resource)
    }

    /// `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`.
    pub(super) fn ssm_parameter(&self, name: &str) -> String {
        self.of("ssm", &format!("parameter/{name}"))
    }

    /// `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`.
    pub(super) fn alarm(&self, name: &str) -> String {
        self.of("cloudwatch", &format!("alarm:{name}"))
    }

    /// `arn:aws:codepipeline:REGION:ACCOUNT:NAME`.
    pub(super) fn codepipeline(&self, name: &str) -> String {
        self.of("codepipeline", name)
    }

    /// `arn:aws:iam::ACCOUNT:roleNAME`, after a path that begins and ends with a slash.
    pub(super) fn role(&self, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:role{path}{name}", self.place.account)
    }

    fn of(&self, service: &str, resource: &str) -> String {
        let Place {
            account, region, ..
        } = &self.place;
        format!("arn:aws:{service}:{region}:{account}:{resource}")
    }
}
