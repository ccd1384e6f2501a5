//! What the cluster's parameters are worked out to.

use std::collections::BTreeMap;

use ecs_pipeline_infra::options::Options;
use ecs_pipeline_infra::stack::{Kind, stacks};
use serde_json::{Value, json};

use crate::support::application::application;

fn parameters(task: &str, cluster: Value) -> BTreeMap<String, String> {
    let options = json!({"cluster": cluster, "service": {"max-tasks": 2}});
    let options: Options = serde_json::from_value(options).unwrap();
    let stacks = stacks(&application(task, "rolling"), &options).unwrap();
    let cluster = stacks.into_iter().find(|it| it.kind == Kind::Cluster);
    cluster.unwrap().parameters.into_iter().collect()
}

#[test]
fn instances_have_the_tasks_processor() {
    for (task, image, kind) in [
        ("ec2-bridge", "amazon-linux-2023", "t3.medium"),
        ("ec2-arm64", "amazon-linux-2023/arm64", "t4g.medium"),
    ] {
        let found = parameters(task, json!({}));
        let image = format!("/aws/service/ecs/optimized-ami/{image}/recommended/image_id");
        assert_eq!(found["ImageId"], image);
        assert_eq!(found["InstanceType"], kind);
    }
    assert_eq!(parameters("fargate", json!({})).get("ImageId"), None);
}

#[test]
fn what_the_task_definition_says_decides_where_nothing_is_chosen() {
    for (task, on_instances) in [
        ("fargate", false),
        ("arm64", false),
        ("ec2-awsvpc", true),
        ("ec2-host", true),
        ("ec2-fixed-port", true),
    ] {
        let found = parameters(task, json!({}));
        assert_eq!(found.contains_key("InstanceType"), on_instances, "{task}");
    }
}
