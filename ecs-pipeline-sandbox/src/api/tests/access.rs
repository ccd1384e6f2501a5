//! What those hear who may not, in each protocol.

use crate::access::Policy;

use super::*;

const USER: &str = "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform:";

fn policy(statements: &Value) -> Policy {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    document.to_string().parse().unwrap()
}

fn allow(actions: &[&str]) -> Policy {
    policy(&json!({"Effect": "Allow", "Action": actions, "Resource": "*"}))
}

#[tokio::test(start_paused = true)]
async fn json_says_access_denied_exception() {
    let front = front();
    front.access.enforce(Principal::Caller, allow(&["s3:*"]));
    let input = json!({"cluster": "demo", "service": "app", "desiredCount": 2});
    let target = "AmazonEC2ContainerServiceV20141113.UpdateService";
    let answer = front.json(target, input.clone()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.headers["x-amzn-errortype"], "AccessDeniedException");
    let expected = format!(
        "{USER} ecs:UpdateService on resource: arn:aws:ecs:us-east-1:123456789012:service/demo/app because no \
         identity-based policy allows the ecs:UpdateService action"
    );
    assert_eq!(
        answer.json(),
        json!({"__type": "AccessDeniedException", "message": expected})
    );

    let deny = policy(&json!({"Effect": "Deny", "Action": "ecs:*", "Resource": "*"}));
    front.access.enforce(Principal::Caller, deny);
    let answer = front.json(target, input.clone()).await;
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.ends_with("with an explicit deny in an identity-based policy"),
        "{message}"
    );

    // Who is allowed hears what the world says.
    front.access.lift(Principal::Caller);
    let answer = front.json(target, input).await;
    assert_eq!(answer.json()["__type"], "ClusterNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn query_says_access_denied() {
    let front = front();
    front.access.enforce(Principal::Caller, allow(&["s3:*"]));
    for (form, told) in [
        (
            "Action=DescribeTargetGroups&Version=2015-12-01",
            // ELBv2 does not say on what.
            "elasticloadbalancing:DescribeTargetGroups because no identity-based policy allows the \
             elasticloadbalancing:DescribeTargetGroups action",
        ),
        (
            "Action=GetRole&Version=2010-05-08&RoleName=app",
            // IAM says the name.
            "iam:GetRole on resource: role app because no identity-based policy",
        ),
        (
            "Action=ModifyRule&Version=2015-12-01&RuleArn=arn:r",
            "elasticloadbalancing:ModifyRule on resource: arn:r because",
        ),
        (
            "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a",
            "cloudwatch:DescribeAlarms on resource: arn:aws:cloudwatch:us-east-1:123456789012:alarm:a because",
        ),
    ] {
        let answer = front.form(form).await;
        assert_eq!(answer.status, 403, "{form}");
        assert!(
            answer.text().contains("<Code>AccessDenied</Code>"),
            "{}",
            answer.text()
        );
        let told = format!("<Message>{USER} {told}");
        assert!(answer.text().contains(&told), "{}", answer.text());
    }
    // Everybody may ask who they are, and nobody is denied what is not there.
    let answer = front
        .form("Action=GetCallerIdentity&Version=2011-06-15")
        .await;
    assert_eq!(answer.status, 200);
    let answer = front.form("Action=NoSuchThing&Version=2015-12-01").await;
    assert!(answer.text().contains("InvalidAction"), "{}", answer.text());
}

#[tokio::test(start_paused = true)]
async fn s3_says_access_denied_and_keeps_its_objects() {
    let front = front();
    front.put("/bucket", "").await;
    front.put("/bucket/a", "one").await;
    let read =
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/a"});
    let list = json!({
        "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket",
        "Condition": {"StringLike": {"s3:prefix": "a/*"}},
    });
    front
        .access
        .enforce(Principal::Caller, policy(&json!([read, list])));
    let put = front.s3("PUT", "/bucket/a", &[], "two").await;
    assert_eq!(put.status, 403);
    assert!(
        put.text().contains("<Code>AccessDenied</Code>"),
        "{}",
        put.text()
    );
    let told = "s3:PutObject on resource: &quot;arn:aws:s3:::bucket/a&quot; because no identity-based policy";
    assert!(put.text().contains(told), "{}", put.text());
    assert_eq!(front.get("/bucket/a").await.text(), "one");
    let all = front.get("/").await;
    let told = "s3:ListAllMyBuckets because no identity-based policy";
    assert!(all.text().contains(told), "{}", all.text());
    for (method, path, headers, status) in [
        ("HEAD", "/bucket/a", &[][..], 200),
        ("GET", "/bucket/b", &[], 403),
        ("HEAD", "/bucket/b", &[], 403),
        ("DELETE", "/bucket/a", &[], 403),
        ("GET", "/bucket?list-type=2&prefix=a/b", &[], 200),
        ("GET", "/bucket?list-type=2&prefix=b", &[], 403),
        ("GET", "/bucket?list-type=2", &[], 403),
        ("HEAD", "/bucket", &[], 403),
        ("GET", "/", &[], 403),
        ("PUT", "/other", &[], 403),
        ("POST", "/bucket/a?uploads", &[], 403),
        (
            "PUT",
            "/bucket/c",
            &[("x-amz-copy-source", "bucket/a")],
            403,
        ),
    ] {
        let answer = front.s3(method, path, headers, "").await;
        assert_eq!(answer.status, status, "{method} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn docker_is_denied_by_what_its_token_may() {
    let front = front();
    front
        .ecr("CreateRepository", json!({"repositoryName": "app"}))
        .await;
    assert_eq!(front.push("app", "v1", "one").await.status, 201);
    let pull = [
        "ecr:GetAuthorizationToken",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ];
    front.access.enforce(Principal::Caller, allow(&pull));
    let found = front
        .registry("GET", "/v2/app/manifests/v1", Vec::new())
        .await;
    assert_eq!(found.status, 200);
    let denied = front
        .registry("POST", "/v2/app/blobs/uploads/", Vec::new())
        .await;
    assert_eq!(denied.status, 403);
    let told = format!(
        "{USER} ecr:InitiateLayerUpload on resource: arn:aws:ecr:us-east-1:123456789012:repository/app because no \
         identity-based policy allows the ecr:InitiateLayerUpload action"
    );
    let expected = json!({"errors": [{"code": "DENIED", "message": told}]});
    assert_eq!(denied.json(), expected);
    // It is not said whether a repository is there.
    let denied = front
        .registry("PUT", "/v2/none/manifests/v1", Vec::new())
        .await;
    assert_eq!(denied.status, 403);
    assert!(denied.text().contains("ecr:PutImage"), "{}", denied.text());
    assert_eq!(front.registry("GET", "/v2/", Vec::new()).await.status, 200);
}

/// A build's key is CodeBuild's, and so is the token that it gets.
#[tokio::test(start_paused = true)]
async fn a_build_has_a_policy_of_its_own() {
    let front = front();
    front
        .ecr("CreateRepository", json!({"repositoryName": "app"}))
        .await;
    front
        .access
        .enforce(Principal::Codebuild, allow(&["ecr:GetAuthorizationToken"]));
    let ask = async |target: &str| {
        let signature =
            "AWS4-HMAC-SHA256 Credential=ASIASANDBOXCODEBUILD/20250101/us-east-1/x/aws4_request";
        let request = Request::post("/")
            .header("authorization", signature)
            .header("x-amz-target", target)
            .body(Body::from("{}"));
        front.send(request.unwrap()).await
    };
    let denied = ask("AmazonEC2ContainerRegistry_V20150921.DescribeRepositories").await;
    let message = denied.json()["message"].as_str().unwrap().to_owned();
    let who =
        "User: arn:aws:sts::123456789012:assumed-role/sandbox-codebuild/sandbox is not authorized";
    assert!(message.starts_with(who), "{message}");
    let token = ask("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
        .await
        .json();
    let token = token["authorizationData"][0]["authorizationToken"]
        .as_str()
        .unwrap();
    let request =
        Request::get("/v2/app/manifests/v1").header("authorization", format!("Basic {token}"));
    let denied = front.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(denied.status, 403, "{}", denied.text());
    assert!(
        denied.text().contains("sandbox-codebuild"),
        "{}",
        denied.text()
    );
    let mine = front
        .registry("GET", "/v2/app/manifests/v1", Vec::new())
        .await;
    assert_eq!(mine.status, 404, "the caller has no policy");
}

#[tokio::test(start_paused = true)]
async fn the_trail_has_each_call_once() {
    let front = front();
    let target = "AmazonEC2ContainerServiceV20141113.ListServices";
    for _ in 0..3 {
        front.json(target, json!({"cluster": "demo"})).await;
    }
    front.access.enforce(Principal::Caller, allow(&["s3:*"]));
    front.json(target, json!({"cluster": "demo"})).await;
    let calls = front.access.calls();
    let told: Vec<_> = calls
        .iter()
        .map(|call| (&*call.operation, call.allowed))
        .collect();
    assert_eq!(
        told,
        [("ECS.ListServices", true), ("ECS.ListServices", false)]
    );
    let cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/demo";
    let expected =
        crate::access::Request::new("ecs:ListServices", "*").with("ecs:cluster", cluster);
    assert_eq!(calls[0].request, expected);
    assert_eq!(calls[0].principal, Principal::Caller);
    front.access.forget_calls();
    assert_eq!(front.access.calls(), []);
}
