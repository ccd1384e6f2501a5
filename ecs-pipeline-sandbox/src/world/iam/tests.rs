use serde_json::{Value, json};

use crate::world::{ApiError, Place, Service, Time, World};

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(Time::default(), Service::Iam, operation, input)
}

fn world() -> World {
    let mut world = World::new(Place::default(), Time::default());
    let role = json!({"RoleName": "execution", "AssumeRolePolicyDocument": TRUST,
        "Path": "/web/", "Tags": [{"Key": "team", "Value": "blue"}]});
    call(&mut world, "CreateRole", role).unwrap();
    world
}

fn code(world: &mut World, operation: &str, input: Value) -> String {
    call(world, operation, input).unwrap_err().code
}

#[test]
fn a_role_is_what_it_was_created_as() {
    let mut world = world();
    let named = json!({"RoleName": "execution"});
    let role = call(&mut world, "GetRole", named.clone()).unwrap();
    assert_eq!(
        role["Role"]["Arn"],
        "arn:aws:iam::123456789012:role/web/execution"
    );
    assert_eq!(role["Role"]["Tags"][0]["Key"], "team");
    let trust = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap();
    assert!(
        trust.starts_with("%7B%22Version%22%3A%20%222012-10-17%22"),
        "{trust}"
    );

    let ec2 = TRUST.replace("ecs-tasks", "ec2");
    let update = json!({"RoleName": "execution", "PolicyDocument": ec2});
    call(&mut world, "UpdateAssumeRolePolicy", update).unwrap();
    let role = call(&mut world, "GetRole", named.clone()).unwrap();
    let trust = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap();
    assert!(trust.contains("ec2.amazonaws.com"), "{trust}");

    let listed = call(&mut world, "ListRoles", json!({"PathPrefix": "/web/"})).unwrap();
    assert_eq!(listed["Roles"].as_array().unwrap().len(), 1);
    let listed = call(&mut world, "ListRoles", json!({"PathPrefix": "/other/"})).unwrap();
    assert_eq!(listed["Roles"], json!([]));
    call(&mut world, "DeleteRole", named.clone()).unwrap();
    assert_eq!(code(&mut world, "GetRole", named), "NoSuchEntity");
}

#[test]
fn policies_are_attached_and_written_and_keep_the_role() {
    let mut world = world();
    let with = |more: Value| {
        let mut input = json!({"RoleName": "execution"});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    call(
        &mut world,
        "AttachRolePolicy",
        with(json!({"PolicyArn": arn})),
    )
    .unwrap();
    let attached = call(&mut world, "ListAttachedRolePolicies", with(json!({}))).unwrap();
    assert_eq!(
        attached["AttachedPolicies"],
        json!([{"PolicyName": "AmazonECSTaskExecutionRolePolicy", "PolicyArn": arn}])
    );
    assert_eq!(
        code(&mut world, "DeleteRole", with(json!({}))),
        "DeleteConflict"
    );
    call(
        &mut world,
        "DetachRolePolicy",
        with(json!({"PolicyArn": arn})),
    )
    .unwrap();
    assert_eq!(
        code(
            &mut world,
            "DetachRolePolicy",
            with(json!({"PolicyArn": arn}))
        ),
        "NoSuchEntity"
    );

    let document = r#"{"Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}}"#;
    let put = with(json!({"PolicyName": "logs", "PolicyDocument": document}));
    call(&mut world, "PutRolePolicy", put).unwrap();
    assert_eq!(
        code(&mut world, "DeleteRole", with(json!({}))),
        "DeleteConflict"
    );
    let listed = call(&mut world, "ListRolePolicies", with(json!({}))).unwrap();
    assert_eq!(listed["PolicyNames"], json!(["logs"]));
    let named = with(json!({"PolicyName": "logs"}));
    let policy = call(&mut world, "GetRolePolicy", named.clone()).unwrap();
    assert!(
        policy["PolicyDocument"]
            .as_str()
            .unwrap()
            .contains("logs%3A%2A")
    );
    call(&mut world, "DeleteRolePolicy", named.clone()).unwrap();
    assert_eq!(code(&mut world, "GetRolePolicy", named), "NoSuchEntity");
    call(&mut world, "DeleteRole", with(json!({}))).unwrap();
}

#[test]
fn what_iam_refuses() {
    let mut world = world();
    let role =
        |name: &str, trust: &str| json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
    let with = |from: &str, to: &str| TRUST.replace(from, to);
    for (input, expected) in [
        (role("execution", TRUST), "EntityAlreadyExists"),
        (role("no name", TRUST), "ValidationError"),
        (role(&"x".repeat(65), TRUST), "ValidationError"),
        (role("a", "{"), "MalformedPolicyDocument"),
        (role("a", "{}"), "MalformedPolicyDocument"),
        (
            role("a", &with("Principal", "Resource")),
            "MalformedPolicyDocument",
        ),
        (
            role("a", &with("Principal", "Other")),
            "MalformedPolicyDocument",
        ),
        (
            role("a", &with("sts:AssumeRole", "s3:GetObject")),
            "MalformedPolicyDocument",
        ),
    ] {
        assert_eq!(
            code(&mut world, "CreateRole", input.clone()),
            expected,
            "{input}"
        );
    }
    let policy = |document: &str| json!({"RoleName": "execution", "PolicyName": "p", "PolicyDocument": document});
    for document in [
        TRUST,
        r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Resource": "*"}]}"#,
        r#"{"Statement": [{"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"}]}"#,
    ] {
        assert_eq!(
            code(&mut world, "PutRolePolicy", policy(document)),
            "MalformedPolicyDocument"
        );
    }
    let own = json!({"RoleName": "execution", "PolicyArn": "arn:aws:iam::123456789012:policy/x"});
    assert_eq!(code(&mut world, "AttachRolePolicy", own), "NoSuchEntity");
    assert_eq!(
        code(&mut world, "GetRole", json!({"RoleName": "other"})),
        "NoSuchEntity"
    );
}
