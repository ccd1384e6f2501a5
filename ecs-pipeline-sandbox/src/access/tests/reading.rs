//! What is a policy, and what is said of what is none.

use super::super::{Policy, Principal};

#[test]
fn documents_have_several_forms() {
    for text in [
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
        r#"{"Statement": [{"Sid": "One", "Effect": "Allow", "Action": ["a:B"], "Resource": ["*"]}]}"#,
        r#"{"Version": "2008-10-17", "Id": "x", "Statement": [{"Effect": "Deny", "NotAction": "a:B", "NotResource": "*"}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "arn:aws:s3:::b/k", "Condition": {}}]}"#,
        r#"{"Statement": {"Effect": "Allow", "Action": "ec2:X", "Resource": "*", "Condition": {"StringEquals": {"ec2:AuthorizedService": "x"}}}}"#,
    ] {
        let read: Result<Policy, _> = text.parse();
        assert!(read.is_ok(), "{text}: {read:?}");
    }
}

#[test]
fn whatever_is_not_known_is_refused_with_its_place() {
    let statement = |members: &str| {
        format!("{{\"Version\": \"2012-10-17\",\n \"Statement\": [{{{members}}}]}}")
    };
    let allow = |members: &str| {
        let more = format!("\"Effect\": \"Allow\", \"Action\": \"a:B\",\n {members}");
        statement(&more)
    };
    let on = |condition: &str| allow(&format!(r#""Resource": "*", "Condition": {{{condition}}}"#));
    let table = [
        ("{}".to_owned(), "missing field `Statement`"),
        ("7".to_owned(), "invalid type: integer"),
        (
            r#"{"Version": "2015-01-01", "Statement": []}"#.to_owned(),
            "unknown variant `2015-01-01`",
        ),
        (
            r#"{"Statement": [], "Statment": []}"#.to_owned(),
            "unknown field `Statment`",
        ),
        (
            statement(r#""Effect": "allow", "Action": "*", "Resource": "*""#),
            "unknown variant `allow`",
        ),
        (
            statement(r#""Action": "*", "Resource": "*""#),
            "missing field `Effect`",
        ),
        (
            statement(r#""Effect": "Allow", "Resource": "*""#),
            "neither Action nor NotAction",
        ),
        (
            allow(r#""Effects": "Allow", "Resource": "*""#),
            "unknown field `Effects`",
        ),
        (
            allow(r#""Principal": "*", "Resource": "*""#),
            "unknown field `Principal`",
        ),
        (
            allow(r#""Resource": "*", "Resource": "*""#),
            "duplicate field `Resource`",
        ),
        (
            allow(r#""Resource": "*", "NotResource": "*""#),
            "both Resource and NotResource",
        ),
        (allow(r#""Sid": "x""#), "neither Resource nor NotResource"),
        (
            allow(r#""Resource": "demo""#),
            "demo is neither * nor an ARN",
        ),
        (
            allow(r#""Resource": "arn:aws:s3""#),
            "arn:aws:s3 is neither * nor an ARN",
        ),
        (
            allow(r#""Resource": "arn:aws:iam::*:user/${aws:username}""#),
            "policy variables are not known here",
        ),
        (
            statement(r#""Effect": "Allow", "Action": "UpdateService", "Resource": "*""#),
            "UpdateService is neither * nor service:Action",
        ),
        (allow(r#""Resource": 7"#), "expected one value, or a list"),
        (
            on(r#""StringEqual": {"ecs:cluster": "x"}"#),
            "the condition operator StringEqual is not known here",
        ),
        (
            on(r#""Null": {"ecs:cluster": "true"}"#),
            "the condition operator Null is not known here",
        ),
        (
            on(r#""ForSomeValues:StringEquals": {"ecs:cluster": "x"}"#),
            "ForSomeValues:StringEquals is not known",
        ),
        (
            on(r#""StringEquals": {"aws:SourceIp": "x"}"#),
            "does not give the condition key aws:SourceIp",
        ),
        (
            on(r#""StringEquals": {"ecs:cluster": "a", "ecs:cluster": "b"}"#),
            "StringEquals on ecs:cluster is there twice",
        ),
        (
            on(r#""StringLike": {"ecs:cluster": "${aws:username}"}"#),
            "policy variables are not known here",
        ),
        (
            on(r#""StringEquals": {"ecs:cluster": 7}"#),
            "expected one value, or a list",
        ),
    ];
    for (text, why) in table {
        let error = text.parse::<Policy>().unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
        assert!(error.contains(" at line "), "{text}: {error}");
    }
    // The place is that of the mistake, not that of the document.
    let error = on(r#""Foo": {}"#).parse::<Policy>().unwrap_err();
    assert!(error.to_string().contains("at line 3 "), "{error}");
}

#[test]
fn principals_have_names() {
    for principal in Principal::ALL {
        assert_eq!(principal.to_string().parse(), Ok(principal));
    }
    let error = "jenkins".parse::<Principal>().unwrap_err();
    assert!(error.to_string().contains("task-execution"), "{error}");
}
