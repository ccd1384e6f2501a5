//! AWS's limits of names, so that they are found before a stack fails on them.

use crate::problem::Problems;

/// What a name may be.
pub(crate) struct Limit {
    /// What has the name: "a stack".
    pub(crate) what: &'static str,
    /// Characters, at most.
    pub(crate) length: usize,
    /// Whether a character may stand in it.
    pub(crate) allows: fn(char) -> bool,
    /// The characters in words.
    pub(crate) characters: &'static str,
}

/// `AWS::CloudFormation`: letters, digits and hyphens, beginning with a letter, 128 characters.
pub(crate) const STACK: Limit = Limit {
    what: "a stack's name",
    length: 128,
    allows: |c| c.is_ascii_alphanumeric() || c == '-',
    characters: "letters, digits and hyphens",
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>; dots would break TLS.
pub(crate) const BUCKET: Limit = Limit {
    what: "a bucket's name",
    length: 63,
    allows: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
    characters: "lower-case letters, digits and hyphens",
};

/// `CreateConnection`.
pub(crate) const CONNECTION: Limit = Limit {
    what: "a connection's name",
    length: 32,
    allows: |_| true,
    characters: "any characters",
};

/// `CreateNotificationRule`.
pub(crate) const NOTIFICATION_RULE: Limit = Limit {
    what: "a notification rule's name",
    length: 64,
    allows: |c| c.is_ascii_alphanumeric() || "-_ ".contains(c),
    characters: "letters, digits, hyphens, underscores and spaces",
};

/// `CreateCluster`, ECS API reference.
pub(crate) const CLUSTER: Limit = Limit {
    what: "a cluster's name",
    length: 255,
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'),
    characters: "letters, digits, hyphens and underscores",
};

/// Type names are AWS's own; this only finds what cannot be one.
pub(crate) const INSTANCE_TYPE: Limit = Limit {
    what: "a type of instance",
    length: 64,
    allows: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'),
    characters: "lower-case letters, digits, hyphens, and a dot",
};

/// `CreateRepository`, ECR API reference.
pub(crate) const REPOSITORY: Limit = Limit {
    what: "a repository's name",
    length: 256,
    allows: |c| {
        let is_separator = matches!(c, '.' | '_' | '-' | '/');
        c.is_ascii_lowercase() || c.is_ascii_digit() || is_separator
    },
    characters: "lower-case letters, digits, dots, underscores, hyphens and slashes",
};

/// `ImageTagMutabilityExclusionFilter`, ECR API reference.
pub(crate) const MUTABLE_TAG: Limit = Limit {
    what: "an exception from immutable tags",
    length: 128,
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '*'),
    characters: "letters, digits, dots, underscores, hyphens and *",
};

/// `CreateService`: as a cluster's.
pub(crate) const SERVICE: Limit = Limit {
    what: "a service's name",
    ..CLUSTER
};

/// `RegisterTaskDefinition`: as a cluster's.
pub(crate) const FAMILY: Limit = Limit {
    what: "a family",
    ..CLUSTER
};

/// `CreateTargetGroup`: letters, digits and hyphens, 32 characters.
pub(crate) const TARGET_GROUP: Limit = Limit {
    what: "a target group's name",
    length: 32,
    allows: |c| c.is_ascii_alphanumeric() || c == '-',
    characters: "letters, digits and hyphens",
};

/// `CreateLoadBalancer`: as a target group's, and not beginning with `internal-`.
pub(crate) const LOAD_BALANCER: Limit = Limit {
    what: "a load balancer's name",
    ..TARGET_GROUP
};

/// `CreateRole`: letters, digits and `+=,.@_-`, 64 characters.
pub(crate) const ROLE: Limit = Limit {
    what: "a role's name",
    length: 64,
    allows: |c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c),
    characters: "letters, digits and +=,.@_-",
};

/// `CreateRole`, of the path before the name, without the slashes at its ends: any printable ASCII in
/// AWS's pattern, of which this is what people write; 510 characters.
pub(crate) const ROLE_PATH: Limit = Limit {
    what: "a role's path",
    length: 510,
    allows: |c| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c),
    characters: "letters, digits, slashes and +=,.@_-",
};

/// `CreateLogGroup`: letters, digits and `_-/.#`, 512 characters.
pub(crate) const LOG_GROUP: Limit = Limit {
    what: "a log group's name",
    length: 512,
    allows: |c| c.is_ascii_alphanumeric() || "_-/.#".contains(c),
    characters: "letters, digits and _-/.#",
};

/// CodeDeploy's `CreateApplication`: 100 characters of its reference's pattern.
pub(crate) const CODEDEPLOY_APPLICATION: Limit = Limit {
    what: "a CodeDeploy application's name",
    length: 100,
    allows: |c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c),
    characters: "letters, digits and +=,.@_-",
};

/// CodeDeploy's `CreateDeploymentGroup`: as an application's.
pub(crate) const DEPLOYMENT_GROUP: Limit = Limit {
    what: "a deployment group's name",
    ..CODEDEPLOY_APPLICATION
};

impl Limit {
    /// Adds what AWS would say of the name.
    pub(crate) fn check(&self, member: &str, name: &str, problems: &mut Problems) {
        let Self { what, length, .. } = self;
        if name.chars().count() > *length {
            let have = name.chars().count();
            problems.add(
                member,
                format!("{what} has at most {length} characters, and {name} has {have}"),
                "choose a shorter name",
            );
        }
        if let Some(bad) = name.chars().find(|c| !(self.allows)(*c)) {
            problems.add(
                member,
                format!(
                    "{what} may have {}, and {name} has {bad:?}",
                    self.characters
                ),
                "choose another name",
            );
        }
    }
}
