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
const REGISTRY: &[Axis] = &[TAGS];
const CLUSTER: &[Axis] = &[CAPACITIES, TASKS, TAGS];
const SERVICE: &[Axis] = &[TASKS, STRATEGIES, TAGS];
const CODEDEPLOY: &[Axis] = &[TASKS, STRATEGIES, TAGS];
const PIPELINE: &[Axis] = &[("pipeline", &["null", "{}"]), TASKS, STRATEGIES, TAGS];
const JENKINS: &[Axis] = &[("jenkins", &["null", "{}"]), TASKS, STRATEGIES, TAGS];

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
