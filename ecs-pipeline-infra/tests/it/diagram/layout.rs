//! Where everything stands.

/// A resource as a box.
pub(super) struct Node {
    /// The stack and the resource.
    pub(super) resource: &'static str,
    /// What AWS calls it.
    pub(super) title: &'static str,
    /// What is said of it, `{/Pointer}` being one of its properties.
    pub(super) text: &'static str,
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
}

/// A resource that others stand in.
pub(super) struct Frame {
    pub(super) resource: &'static str,
    pub(super) text: &'static str,
    pub(super) class: &'static str,
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// What goes from one to the other.
pub(super) struct Line {
    pub(super) between: (&'static str, &'static str),
    /// From corner to corner; the arrow is at the end.
    pub(super) points: &'static [(i32, i32)],
    pub(super) text: &'static str,
    /// Where the text begins.
    pub(super) text_at: (i32, i32),
}

pub(super) const WIDTH: i32 = 1240;
pub(super) const HEIGHT: i32 = 850;
/// What [`super::DRAWN`] says, in words.
pub(super) const TITLE: &str = "What `ecs-pipeline infra` creates, here for Fargate, CodeDeploy, one NAT gateway, CodePipeline and Jenkins";
/// The height of a box.
pub(super) const TALL: i32 = 46;

/// In the order in which they are deployed.
pub(super) const STACKS: &[&str] = &[
    "network",
    "registry",
    "cluster",
    "service",
    "codedeploy",
    "pipeline",
    "jenkins",
];

/// Parts of what is drawn, which would say nothing more.
pub(super) const PARTS: &[&str] = &[
    "AWS::CodeDeploy::Application",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::IAM::InstanceProfile",
    "AWS::KMS::Key",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::CodeStarNotifications::NotificationRule",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
];

const fn frame(
    resource: &'static str,
    text: &'static str,
    class: &'static str,
    (x, y, width, height): (i32, i32, i32, i32),
) -> Frame {
    Frame {
        resource,
        text,
        class,
        x,
        y,
        width,
        height,
    }
}

pub(super) const FRAMES: &[Frame] = &[
    frame(
        "network/Vpc",
        "VPC {/CidrBlock}",
        "vpc",
        (150, 240, 700, 560),
    ),
    frame(
        "network/PublicSubnet1",
        "Zone 1, public subnet {/CidrBlock}",
        "public",
        (180, 280, 315, 180),
    ),
    frame(
        "network/PublicSubnet2",
        "Zone 2, public subnet {/CidrBlock}",
        "public",
        (515, 280, 315, 180),
    ),
    frame(
        "network/PrivateSubnet1",
        "Zone 1, private subnet {/CidrBlock}",
        "private",
        (180, 550, 315, 230),
    ),
    frame(
        "network/PrivateSubnet2",
        "Zone 2, private subnet {/CidrBlock}",
        "private",
        (515, 550, 315, 230),
    ),
    frame(
        "cluster/EcsCluster",
        "ECS cluster {/ClusterName}",
        "cluster",
        (370, 588, 440, 180),
    ),
];

const fn node(
    resource: &'static str,
    title: &'static str,
    text: &'static str,
    (x, y, width): (i32, i32, i32),
) -> Node {
    Node {
        resource,
        title,
        text,
        x,
        y,
        width,
    }
}

pub(super) const BOXES: &[Node] = &[
    node(
        "pipeline/Connection",
        "Connection to GitHub",
        "{/ConnectionName}",
        (20, 60, 170),
    ),
    node(
        "pipeline/Pipeline",
        "CodePipeline",
        "Source, Build, Deploy",
        (240, 60, 170),
    ),
    node(
        "pipeline/Project",
        "CodeBuild",
        "in the private subnets",
        (460, 60, 180),
    ),
    node(
        "registry/ImageRepository",
        "ECR repository",
        "{/RepositoryName}",
        (700, 60, 150),
    ),
    node(
        "jenkins/AgentProfile",
        "Jenkins agent",
        "an instance with the role",
        (1030, 60, 190),
    ),
    node(
        "pipeline/NotificationTopic",
        "SNS topic",
        "how executions end",
        (20, 150, 170),
    ),
    node(
        "pipeline/ArtifactBucket",
        "S3 bucket",
        "artifacts, and the cache",
        (240, 150, 170),
    ),
    node(
        "codedeploy/EcsDeploymentGroup",
        "CodeDeploy deployment group",
        "{/DeploymentGroupName}",
        (560, 150, 230),
    ),
    node(
        "network/InternetGateway",
        "Internet gateway",
        "",
        (80, 310, 145),
    ),
    node("network/NatGateway1", "NAT gateway", "", (196, 400, 130)),
    node(
        "service/LoadBalancer",
        "Application Load Balancer",
        "{/Name}",
        (390, 310, 420),
    ),
    node(
        "service/ProductionListener",
        "Production listener",
        "{/Protocol} {/Port}",
        (410, 400, 170),
    ),
    node(
        "service/TestListener",
        "Test listener",
        "{/Protocol} {/Port}",
        (610, 400, 170),
    ),
    node(
        "service/BlueTargetGroup",
        "Target group, blue",
        "health: {/HealthCheckPath}",
        (410, 494, 170),
    ),
    node(
        "service/GreenTargetGroup",
        "Target group, green",
        "health: {/HealthCheckPath}",
        (610, 494, 170),
    ),
    node(
        "service/EcsService",
        "ECS service {/ServiceName}",
        "tasks on {/LaunchType}, in both zones",
        (390, 620, 400),
    ),
    node(
        "service/FirstTaskDefinition",
        "Task definition",
        "family {/Family}",
        (390, 702, 190),
    ),
    node(
        "service/ScalableTarget",
        "Auto scaling",
        "{/MinCapacity} to {/MaxCapacity} tasks",
        (600, 702, 190),
    ),
    node(
        "network/S3Endpoint",
        "S3 endpoint",
        "for images' layers",
        (196, 702, 150),
    ),
];

const fn line(
    between: (&'static str, &'static str),
    points: &'static [(i32, i32)],
    text: &'static str,
    text_at: (i32, i32),
) -> Line {
    Line {
        between,
        points,
        text,
        text_at,
    }
}

pub(super) const LINES: &[Line] = &[
    line(
        ("pipeline/Connection", "pipeline/Pipeline"),
        &[(190, 83), (240, 83)],
        "push",
        (199, 76),
    ),
    line(
        ("pipeline/Pipeline", "pipeline/Project"),
        &[(410, 83), (460, 83)],
        "build",
        (418, 76),
    ),
    line(
        ("pipeline/Project", "registry/ImageRepository"),
        &[(640, 83), (700, 83)],
        "image",
        (649, 76),
    ),
    line(
        ("pipeline/Pipeline", "pipeline/ArtifactBucket"),
        &[(325, 106), (325, 150)],
        "",
        (0, 0),
    ),
    line(
        ("pipeline/Pipeline", "pipeline/NotificationTopic"),
        &[(270, 106), (270, 128), (105, 128), (105, 150)],
        "",
        (0, 0),
    ),
    line(
        ("pipeline/Pipeline", "codedeploy/EcsDeploymentGroup"),
        &[(380, 106), (380, 128), (500, 128), (500, 173), (560, 173)],
        "deploy",
        (508, 166),
    ),
    line(
        ("jenkins/AgentProfile", "codedeploy/EcsDeploymentGroup"),
        &[(1125, 106), (1125, 173), (790, 173)],
        "or: deploy",
        (900, 166),
    ),
    line(
        ("jenkins/AgentProfile", "registry/ImageRepository"),
        &[(1030, 83), (850, 83)],
        "or: image",
        (900, 76),
    ),
    line(
        ("codedeploy/EcsDeploymentGroup", "service/GreenTargetGroup"),
        &[(675, 196), (675, 220), (862, 220), (862, 517), (780, 517)],
        "moves the traffic from one target group to the other",
        (335, 215),
    ),
    line(
        ("network/InternetGateway", "service/LoadBalancer"),
        &[(225, 333), (390, 333)],
        "requests",
        (265, 326),
    ),
    line(
        ("service/LoadBalancer", "service/ProductionListener"),
        &[(495, 356), (495, 400)],
        "",
        (0, 0),
    ),
    line(
        ("service/LoadBalancer", "service/TestListener"),
        &[(695, 356), (695, 400)],
        "",
        (0, 0),
    ),
    line(
        ("service/ProductionListener", "service/BlueTargetGroup"),
        &[(495, 446), (495, 494)],
        "",
        (0, 0),
    ),
    line(
        ("service/TestListener", "service/BlueTargetGroup"),
        &[(640, 446), (640, 470), (555, 470), (555, 494)],
        "",
        (0, 0),
    ),
    line(
        ("service/BlueTargetGroup", "service/EcsService"),
        &[(495, 540), (495, 620)],
        "",
        (0, 0),
    ),
    line(
        ("service/ScalableTarget", "service/EcsService"),
        &[(695, 702), (695, 666)],
        "",
        (0, 0),
    ),
    line(
        ("service/FirstTaskDefinition", "service/EcsService"),
        &[(485, 702), (485, 666)],
        "",
        (0, 0),
    ),
    line(
        ("network/PrivateSubnet1", "network/NatGateway1"),
        &[(260, 550), (260, 446)],
        "from both zones",
        (268, 520),
    ),
    line(
        ("network/NatGateway1", "network/InternetGateway"),
        &[(196, 423), (115, 423), (115, 356)],
        "",
        (0, 0),
    ),
];
