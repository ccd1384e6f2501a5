//! Which requests a policy allows.

use super::super::Request;
use super::{SERVICE, policy, update};

/// Whether one statement allows a request.
fn allows(statement: &str, request: &Request) -> bool {
    policy(statement).decide(request).allowed
}

/// An Allow with these members.
fn allow(members: &str) -> String {
    format!(r#"{{"Effect": "Allow", {members}}}"#)
}

#[test]
fn a_deny_wins_and_silence_denies() {
    let yes = r#"{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}"#;
    let no = r#"{"Effect": "Deny", "Action": "ecs:Update*", "Resource": "*"}"#;
    let other = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let table: [(&str, bool, Option<bool>, &[usize]); 6] = [
        (yes, true, None, &[0]),
        (no, false, Some(true), &[0]),
        (other, false, Some(false), &[]),
        (&format!("{yes}, {no}"), false, Some(true), &[0, 1]),
        (&format!("{no}, {yes}"), false, Some(true), &[0, 1]),
        (&format!("{other}, {yes}"), true, None, &[1]),
    ];
    for (statements, allowed, explicit, applied) in table {
        let decision = policy(statements).decide(&update());
        assert_eq!(decision.allowed, allowed, "{statements}");
        let refusal = decision.refusal.map(|refusal| refusal.explicit);
        assert_eq!(refusal, explicit, "{statements}");
        assert!(decision.statements.iter().eq(applied), "{statements}");
    }
}

#[test]
fn every_resource_must_be_allowed() {
    let both = policy(
        r#"{"Effect": "Allow", "Action": "ecs:DescribeServices", "Resource": "arn:aws:ecs:*:*:service/demo/a"},
           {"Effect": "Allow", "Action": "ecs:DescribeServices", "Resource": "arn:aws:ecs:*:*:service/demo/b"},
           {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:ecs:*:*:service/demo/d"}"#,
    );
    let ask = |names: &[&str]| {
        let arns = names.iter();
        let arns = arns.map(|name| format!("arn:aws:ecs:us-east-1:1:service/demo/{name}"));
        let decision = both.decide(&Request::of_all("ecs:DescribeServices", arns));
        let refusal = decision.refusal;
        let refusal =
            refusal.map(|it| (it.resource.ends_with(names[names.len() - 1]), it.explicit));
        (refusal, decision.statements.len())
    };
    assert_eq!(ask(&["a", "b"]), (None, 2));
    assert_eq!(ask(&["a", "b", "c"]), (Some((true, false)), 2));
    // What is forbidden is named before what is only not allowed.
    assert_eq!(ask(&["c", "d"]), (Some((true, true)), 1));
}

#[test]
fn actions_are_without_case_and_may_have_wildcards() {
    for (action, expected) in [
        ("ecs:UpdateService", true),
        ("ECS:updateservice", true),
        ("ecs:*", true),
        ("ecs:Update*", true),
        ("ecs:UpdateServic?", true),
        ("ecs:*Service", true),
        ("*", true),
        ("ecs:UpdateServices", false),
        ("ecs:Update", false),
        ("ecs:UpdateService?", false),
        ("s3:*", false),
    ] {
        let one = allow(&format!(r#""Action": "{action}", "Resource": "*""#));
        assert_eq!(allows(&one, &update()), expected, "{action}");
        let listed = allow(&format!(
            r#""Action": ["x:Y", "{action}"], "Resource": "*""#
        ));
        assert_eq!(allows(&listed, &update()), expected, "{action} in a list");
        let but = allow(&format!(r#""NotAction": "{action}", "Resource": "*""#));
        assert_eq!(allows(&but, &update()), !expected, "all but {action}");
    }
}

#[test]
fn resources_have_case_and_wildcards_stay_in_their_part() {
    for (resource, expected) in [
        (SERVICE, true),
        ("*", true),
        ("arn:aws:ecs:us-east-1:123456789012:service/demo/*", true),
        ("arn:aws:ecs:*:123456789012:service/demo/app", true),
        ("arn:*:ecs:*:*:service/*", true),
        ("arn:aws:ecs:us-east-?:123456789012:*", true),
        ("arn:aws:ecs:us-east-1:123456789012:service/demo/App", false),
        ("arn:aws:ecs:us-east-1:123456789012:service/demo", false),
        ("arn:aws:ecs:us-east-1:123456789012:service/demo/ap", false),
        ("arn:aws:ecs:us-west-2:123456789012:service/demo/app", false),
        ("arn:aws:ecs:us-east-1:*:cluster/demo", false),
        // Five parts are left for four: a wildcard does not take colons.
        ("arn:aws:*:*:service/demo/app:*", false),
    ] {
        let one = allow(&format!(r#""Action": "*", "Resource": "{resource}""#));
        assert_eq!(allows(&one, &update()), expected, "{resource}");
        let but = allow(&format!(r#""Action": "*", "NotResource": ["{resource}"]"#));
        assert_eq!(allows(&but, &update()), !expected, "all but {resource}");
    }
}

#[test]
fn a_log_group_needs_what_follows_its_name() {
    let stream = "arn:aws:logs:us-east-1:1:log-group:/ecs/app:log-stream:ecs/app/1";
    let request = Request::new("logs:GetLogEvents", stream);
    for (resource, expected) in [
        ("arn:aws:logs:us-east-1:1:log-group:/ecs/app:*", true),
        (
            "arn:aws:logs:us-east-1:1:log-group:/ecs/app:log-stream:ecs/*",
            true,
        ),
        ("arn:aws:logs:us-east-1:1:log-group:/ecs/app", false),
        ("arn:aws:logs:us-east-1:1:log-group:/ecs/other:*", false),
    ] {
        let one = allow(&format!(r#""Action": "*", "Resource": "{resource}""#));
        assert_eq!(allows(&one, &request), expected, "{resource}");
    }
}

/// An action without a resource type is allowed on `*` only.
#[test]
fn an_action_on_everything_needs_everything() {
    let request = Request::new("ecs:RegisterTaskDefinition", "*");
    for (resource, expected) in [
        ("*", true),
        ("arn:aws:ecs:us-east-1:1:task-definition/app:*", false),
        ("arn:*:*:*:*:*", false),
    ] {
        let one = allow(&format!(r#""Action": "*", "Resource": "{resource}""#));
        assert_eq!(allows(&one, &request), expected, "{resource}");
    }
}

#[test]
fn conditions_compare_what_the_request_brings() {
    let cluster = "arn:aws:ecs:us-east-1:1:cluster/demo";
    let bare = Request::new("x:Y", "*");
    let one = bare.clone().with("ecs:cluster", cluster);
    let two = bare
        .clone()
        .with("aws:TagKeys", "a")
        .with("aws:TagKeys", "b");
    let passed = bare
        .clone()
        .with("iam:PassedToService", "ecs.amazonaws.com");
    let table = [
        (
            r#""StringEquals": {"ecs:cluster": "arn:aws:ecs:us-east-1:1:cluster/demo"}"#,
            &one,
            true,
        ),
        (
            r#""StringEquals": {"ECS:Cluster": "arn:aws:ecs:us-east-1:1:cluster/demo"}"#,
            &one,
            true,
        ),
        (
            r#""StringEquals": {"ecs:cluster": "arn:aws:ecs:us-east-1:1:cluster/Demo"}"#,
            &one,
            false,
        ),
        (
            r#""StringEquals": {"ecs:cluster": "arn:aws:ecs:us-east-1:1:cluster/*"}"#,
            &one,
            false,
        ),
        (
            r#""StringEqualsIgnoreCase": {"ecs:cluster": "ARN:aws:ecs:us-east-1:1:cluster/Demo"}"#,
            &one,
            true,
        ),
        (r#""StringLike": {"ecs:cluster": "*/dem?"}"#, &one, true),
        (
            r#""StringLike": {"ecs:cluster": ["x", "*/demo"]}"#,
            &one,
            true,
        ),
        (
            r#""StringNotLike": {"ecs:cluster": ["x", "*/demo"]}"#,
            &one,
            false,
        ),
        (
            r#""StringNotEquals": {"ecs:cluster": ["x", "y"]}"#,
            &one,
            true,
        ),
        (
            r#""ArnEquals": {"ecs:cluster": "arn:aws:ecs:*:1:cluster/*"}"#,
            &one,
            true,
        ),
        (
            r#""ArnLike": {"ecs:cluster": "arn:aws:ecs:*:cluster/demo"}"#,
            &one,
            false,
        ),
        (
            r#""ArnNotLike": {"ecs:cluster": "arn:aws:ecs:*:1:cluster/*"}"#,
            &one,
            false,
        ),
        // A key that is not there.
        (r#""StringEquals": {"ecs:cluster": "x"}"#, &bare, false),
        (r#""StringLike": {"ecs:cluster": "*"}"#, &bare, false),
        (r#""ArnEquals": {"ecs:cluster": "*"}"#, &bare, false),
        (r#""StringNotEquals": {"ecs:cluster": "x"}"#, &bare, true),
        (
            r#""StringEqualsIfExists": {"ecs:cluster": "x"}"#,
            &bare,
            true,
        ),
        (
            r#""StringEqualsIfExists": {"ecs:cluster": "x"}"#,
            &one,
            false,
        ),
        (
            r#""ArnEqualsIfExists": {"ecs:cluster": "arn:aws:ecs:*:*:cluster/demo"}"#,
            &one,
            true,
        ),
        (r#""Bool": {"ecs:cluster": true}"#, &bare, false),
        (r#""Bool": {"ecs:cluster": "false"}"#, &one, false),
        (
            r#""Bool": {"aws:RequestTag/x": true}"#,
            &bare.clone().with("aws:RequestTag/x", "TRUE"),
            true,
        ),
        // All conditions must be met; of the values, one.
        (
            r#""StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"]}"#,
            &passed,
            true,
        ),
        (
            r#""StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}"#,
            &passed,
            false,
        ),
        (
            r#""StringLike": {"iam:PassedToService": "ecs*"}, "StringEquals": {"ecs:cluster": "x"}"#,
            &passed,
            false,
        ),
        (
            r#""StringLike": {"iam:PassedToService": "ecs*", "ecs:cluster": "*"}"#,
            &passed,
            false,
        ),
        // Keys with several values.
        (
            r#""ForAnyValue:StringEquals": {"aws:TagKeys": "b"}"#,
            &two,
            true,
        ),
        (
            r#""ForAnyValue:StringEquals": {"aws:TagKeys": "c"}"#,
            &two,
            false,
        ),
        (
            r#""ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}"#,
            &two,
            true,
        ),
        (
            r#""ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}"#,
            &two,
            false,
        ),
        (
            r#""ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}"#,
            &bare,
            true,
        ),
        (
            r#""ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}"#,
            &bare,
            false,
        ),
    ];
    for (condition, request, expected) in table {
        let members = r#""Action": "*", "Resource": "*", "Condition""#;
        let statement = allow(&format!("{members}: {{{condition}}}"));
        assert_eq!(
            allows(&statement, request),
            expected,
            "{condition} of {request:?}"
        );
    }
}

#[test]
fn a_statement_can_be_taken_away_and_policies_add_up() {
    let one = policy(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#);
    let other = policy(r#"{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}"#);
    let both = one.clone().and(other.clone());
    assert_eq!(both.statements(), 2);
    assert!(both.decide(&update()).allowed);
    assert_eq!(both.without(0), other);
    assert_eq!(both.without(1), one);
    assert!(!both.without(1).decide(&update()).allowed);
    assert_eq!(both.without(2), both);
}
