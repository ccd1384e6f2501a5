//! What is varied.

/// Something that is varied: a member of `infra` with its values as JSON (null: left out), or one of the
/// application's: `task`, `strategy`.
pub(crate) type Axis = (&'static str, &'static [&'static str]);

/// Options whose combinations matter to the same template stand in one group: every combination of a
/// group's values is tried, and [`crate::combinations`] sees that no others are needed.
pub(crate) const GROUPS: &[&[Axis]] = &[
    NETWORK, REGISTRY, CLUSTER, SERVICE, CODEDEPLOY, PIPELINE, JENKINS,
];

/// Members that only become a parameter's value: what they say does not change a template.
pub(crate) const VALUES: &[&str] = &[
    "registry.untagged-days",
    "network.cidr",
    "network.public-subnets",
    "network.private-subnets",
    "network.test-cidr",
    "cluster.container-insights",
    "cluster.instances",
];

const NETWORK: &[Axis] = &[
    ("network.zones", &["2", "3"]),
    ("network.nat", &[r#""one""#, r#""per-zone""#, r#""none""#]),
    CAPACITIES,
    TASKS,
    STRATEGIES,
    TAGS,
];
const REGISTRY: &[Axis] = &[
    ("registry.mutable-tags", &["[]", r#"["latest", "cache-*"]"#]),
    TAGS,
];
const CLUSTER: &[Axis] = &[CAPACITIES, TASKS, TAGS];
const SERVICE: &[Axis] = &[TASKS, STRATEGIES, TAGS];
const CODEDEPLOY: &[Axis] = &[TASKS, STRATEGIES, TAGS];
/// Who deploys, with nothing else and with everything: those others stand in places of their own, and all
/// their combinations would take cfn-lint minutes.
const PIPELINE: &[Axis] = &[
    (
        "pipeline",
        &[
            "null",
            r#"{"repository": "octo-org/hello.web", "deploy": "build"}"#,
            r#"{"repository": "octo-org/hello.web", "deploy": "build", "email": "web@example.com",
                "connection": "arn:aws:codeconnections:us-east-1:123456789012:connection/1f4a",
                "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/tools/build:3"}"#,
            r#"{"repository": "octo-org/hello.web", "deploy": "ecs"}"#,
            r#"{"repository": "octo-org/hello.web", "deploy": "ecs", "email": "web@example.com",
                "connection": "arn:aws:codeconnections:us-east-1:123456789012:connection/1f4a",
                "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/tools/build:3"}"#,
            r#"{"repository": "octo-org/hello.web", "deploy": "codedeploy-to-ecs"}"#,
            r#"{"repository": "octo-org/hello.web", "deploy": "codedeploy-to-ecs", "email": "web@example.com",
                "connection": "arn:aws:codeconnections:us-east-1:123456789012:connection/1f4a",
                "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/tools/build:3"}"#,
        ],
    ),
    ("network.nat", &[r#""one""#, r#""none""#]),
    POLICY_TASKS,
    POLICY_STRATEGIES,
    TAGS,
];
const JENKINS: &[Axis] = &[
    (
        "jenkins",
        &[
            "null",
            "{}",
            r#"{"trust": "oidc", "issuer": "https://jenkins.example.com/oidc",
                "subject": "https://jenkins.example.com/job/hello-web/job/main/"}"#,
            r#"{"trust": "oidc", "issuer": "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE",
                "subject": "system:serviceaccount:ci:jenkins-agent",
                "provider": "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"}"#,
            r#"{"trust": "role", "role": "arn:aws:iam::123456789012:role/jenkins/agent"}"#,
        ],
    ),
    POLICY_TASKS,
    POLICY_STRATEGIES,
    TAGS,
];

/// Those that differ for the roles of a pipeline.
const POLICY_TASKS: Axis = ("task", &["fargate", "fargate-secrets", "arm64", "ec2-host"]);
const POLICY_STRATEGIES: Axis = (
    "strategy",
    &["rolling", "blue-green", "codedeploy", "codedeploy-bucket"],
);

const CAPACITIES: Axis = ("cluster.capacity", &["null", r#""fargate""#, r#""ec2""#]);
const TASKS: Axis = (
    "task",
    &[
        "fargate",
        "fargate-secrets",
        "arm64",
        "ec2-awsvpc",
        "ec2-bridge",
        "ec2-host",
    ],
);
const STRATEGIES: Axis = (
    "strategy",
    &[
        "rolling",
        "blue-green",
        "linear",
        "canary",
        "codedeploy",
        "codedeploy-bucket",
    ],
);
const TAGS: Axis = (
    "tags",
    &["{}", r#"{"team": "we b: 1", "cost-centre": "42"}"#],
);
