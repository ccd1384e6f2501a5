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
    "service.load-balancer",
    "service.min-tasks",
    "service.cpu-target",
    "service.test-port",
    "service.health-check.path",
    "service.health-check.matcher",
    "service.health-check.interval",
    "service.health-check.timeout",
    "service.health-check.healthy",
    "service.health-check.unhealthy",
    "service.health-check-grace",
    "service.deregistration-delay",
    "service.error-threshold",
    "service.log-retention-days",
    "service.deletion-protection",
    "codedeploy.termination-wait",
];

const NETWORK: &[Axis] = &[
    ("network.zones", &["2", "3"]),
    ("network.nat", &[r#""one""#, r#""per-zone""#, r#""none""#]),
    CERTIFICATES,
    CAPACITIES,
    FEW_TASKS,
    TASKS,
    // That a strategy shifts traffic is all that the VPC knows of it.
    ("strategy", &["rolling", "blue-green"]),
    TAGS,
];
const REGISTRY: &[Axis] = &[
    ("registry.mutable-tags", &["[]", r#"["latest", "cache-*"]"#]),
    TAGS,
];
const CLUSTER: &[Axis] = &[CAPACITIES, TASKS, TAGS];
const SERVICE: &[Axis] = &[
    CERTIFICATES,
    ("service.request-target", &["null", "500"]),
    (
        "service.task-policies",
        &[
            "[]",
            r#"["arn:aws:iam::123456789012:policy/app/hello-web"]"#,
        ],
    ),
    FEW_TASKS,
    TASKS,
    (
        "strategy",
        &["rolling", "blue-green", "linear", "canary", "codedeploy"],
    ),
    TAGS,
];
const CODEDEPLOY: &[Axis] = &[
    FEW_TASKS,
    ("codedeploy.ready-wait", &["0", "30"]),
    TASKS,
    STRATEGIES,
    TAGS,
];
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
    FEW_TASKS,
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
    FEW_TASKS,
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

const CERTIFICATES: Axis = (
    "service.certificate",
    &[
        "null",
        r#""arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012""#,
    ],
);
const CAPACITIES: Axis = ("cluster.capacity", &["null", r#""fargate""#, r#""ec2""#]);
// Tasks with a port of the instance's fit twice on six instances, as they have to where traffic is shifted.
const FEW_TASKS: Axis = ("service.max-tasks", &["2"]);
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
