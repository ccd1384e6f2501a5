//! `ecs-pipeline doctor`: what will not work, said before a first deployment.

use std::collections::BTreeMap;

use ecs_pipeline_sandbox::RunnerChoice;
use ecs_pipeline_sandbox::access::{Policy, Principal};
use ecs_pipeline_sandbox::faults::ApiFault;
use ecs_pipeline_sandbox::world::Service as Aws;
use ecs_pipeline_tests::{Outcome, Sandboxed, Service, require, transcript};
use serde_json::{Value, json};

use super::project::{
    Aws as At, CONFIG, Project, changes, config_with_taskdef, published, taskdef, with_service,
};
use super::strategies::Ground;

/// A line of the output: how a check came out, and what it says.
type Lines = BTreeMap<String, (String, String)>;

/// The lines of the text by their checks. A check that says several things has the worst.
fn lines(outcome: &Outcome) -> Lines {
    let mut lines = Lines::new();
    for line in outcome.stdout.lines() {
        let mut found = None;
        for status in ["ok", "not checked", "warning", "problem"] {
            let rest = line.strip_prefix(&format!("  {status:<11}  "));
            found = found.or(rest.map(|rest| (status, rest)));
        }
        let Some((status, rest)) = found else {
            continue;
        };
        let (check, message) = rest.split_once(' ').unwrap();
        let told = (status.to_owned(), message.trim().to_owned());
        let place = lines
            .entry(check.to_owned())
            .or_insert_with(|| told.clone());
        if place.0 == "ok" {
            *place = told;
        }
    }
    lines
}

/// All checks that are not ok, as `STATUS CHECK`.
fn wrong(outcome: &Outcome) -> Vec<String> {
    let lines = lines(outcome);
    let wrong = lines.iter().filter(|(_, (status, _))| status != "ok");
    wrong
        .map(|(check, (status, _))| format!("{status} {check}"))
        .collect()
}

fn trust(service: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": format!("{service}.amazonaws.com")},
        "Action": "sts:AssumeRole"}]})
    .to_string()
}

fn create_role(name: &str, service: &str) -> (Aws, &'static str, Value) {
    let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust(service)});
    (Aws::Iam, "CreateRole", role)
}

fn call(sandboxed: &Sandboxed, (service, operation, input): (Aws, &str, Value)) -> Value {
    sandboxed.sandbox.call(service, operation, input).unwrap()
}

/// A task definition that logs.
fn logging() -> Value {
    let mut definition = taskdef();
    definition["containerDefinitions"][0]["logConfiguration"] = json!({
        "logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web",
            "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web"}});
    definition
}

/// With a task definition and a gate that reads an alarm.
fn config() -> String {
    config_with_taskdef().replace("gates:", "gates:\n  - alarms: {names: [web-5xx]}")
}

fn ringing(state: &str) -> (Aws, &'static str, Value) {
    let input = json!({"AlarmName": "web-5xx", "StateValue": state, "StateReason": "a test"});
    (Aws::CloudWatch, "SetAlarmState", input)
}

/// Service `web` of cluster `c` on which everything is well, after a deployment of its own.
async fn healthy(sandboxed: &Sandboxed) -> (Service<'_>, Project) {
    let (service, project) = with_service(sandboxed).await;
    call(sandboxed, create_role("execution", "ecs-tasks"));
    let group = json!({"logGroupName": "/ecs/web"});
    call(sandboxed, (Aws::Logs, "CreateLogGroup", group));
    let alarm = json!({"AlarmName": "web-5xx", "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_Target_5XX_Count", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold"});
    call(sandboxed, (Aws::CloudWatch, "PutMetricAlarm", alarm));
    call(sandboxed, ringing("OK"));
    project.write("app/taskdef.json", &logging().to_string());
    project.configure(&config());
    published(&project).await;
    project.run("deploy").succeed().await;
    (service, project)
}

/// Nothing is wrong, nothing is changed, and it costs few calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_service() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = healthy(&sandboxed).await;
    let (changed, asked) = (changes(&sandboxed), sandboxed.sandbox.calls().snapshot());
    let outcome = project.run("doctor --strict").run().await;
    assert_eq!(wrong(&outcome), Vec::<String>::new(), "{}", outcome.stdout);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(changes(&sandboxed), changed);

    let now = sandboxed.sandbox.calls().snapshot();
    let since = |(name, count): (&String, &u64)| {
        let before = asked.get(name).copied().unwrap_or_default();
        (*count > before).then(|| format!("{} {name}", count - before))
    };
    let calls: Vec<_> = now.iter().filter_map(since).collect();
    assert_eq!(
        calls,
        [
            "1 CloudWatch.DescribeAlarms",
            // The registry's client asks where the repository is once more.
            "2 ECR.DescribeRepositories",
            "1 ECR.GetAuthorizationToken",
            "1 ECS.DescribeClusters",
            "1 ECS.DescribeServices",
            "1 ECS.DescribeTaskDefinition",
            "1 ELBv2.DescribeListeners",
            "1 ELBv2.DescribeLoadBalancers",
            "1 ELBv2.DescribeRules",
            "1 ELBv2.DescribeTargetGroups",
            "1 IAM.GetRole",
            "1 Logs.DescribeLogGroups",
            "1 STS.GetCallerIdentity",
        ]
    );
    sandboxed.stop().await;
}

/// What is done to the account, and what puts it right again.
struct Broken {
    says: &'static str,
    of: &'static str,
    change: (Aws, &'static str, Value),
    back: (Aws, &'static str, Value),
}

/// Each is made for real, found, and put right again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_account() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = healthy(&sandboxed).await;
    for Broken {
        says,
        of,
        change,
        back,
    } in broken(&sandboxed).await
    {
        call(&sandboxed, change);
        let outcome = project.run("doctor").run().await;
        assert_eq!(wrong(&outcome), [says], "{}", outcome.stdout);
        let (_, check) = says.split_once(' ').unwrap();
        let (_, message) = &lines(&outcome)[check];
        assert!(message.contains(of), "{of}: {message}");
        let fix = outcome
            .stdout
            .lines()
            .filter(|line| line.contains("fix: "))
            .count();
        assert_eq!(fix, 1, "{}", outcome.stdout);
        let fails = says.starts_with("problem");
        assert_eq!(outcome.code, Some(i32::from(fails)), "{says}");
        let strict = project.run("doctor --strict").run().await;
        assert_eq!(strict.code, Some(1), "{says}");
        call(&sandboxed, back);
    }
    let outcome = project.run("doctor --strict").run().await;
    assert_eq!(wrong(&outcome), Vec::<String>::new(), "{}", outcome.stdout);
    sandboxed.stop().await;
}

async fn broken(sandboxed: &Sandboxed) -> Vec<Broken> {
    let described = sandboxed.described("c", "web").await;
    let group = described["loadBalancers"][0]["targetGroupArn"].clone();
    let balancers = call(sandboxed, (Aws::Elbv2, "DescribeLoadBalancers", json!({})));
    let balancer = &balancers["LoadBalancers"][0]["LoadBalancerArn"];
    let listeners = json!({"LoadBalancerArn": balancer});
    let listeners = call(sandboxed, (Aws::Elbv2, "DescribeListeners", listeners));
    let listener = listeners["Listeners"][0]["ListenerArn"].clone();
    let forward = |action: Value| {
        let input = json!({"ListenerArn": listener, "DefaultActions": [action]});
        (Aws::Elbv2, "ModifyListener", input)
    };
    let update = |more: Value| {
        let mut input = json!({"cluster": "c", "service": "web"});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        (Aws::Ecs, "UpdateService", input)
    };
    let configured = |more: Value| update(json!({"deploymentConfiguration": more}));
    let matcher = |codes: &str| {
        let input = json!({"TargetGroupArn": group, "Matcher": {"HttpCode": codes}});
        (Aws::Elbv2, "ModifyTargetGroup", input)
    };
    let trusted = |service: &str| {
        let input = json!({"RoleName": "execution", "PolicyDocument": trust(service)});
        (Aws::Iam, "UpdateAssumeRolePolicy", input)
    };
    let log_group = |operation| (Aws::Logs, operation, json!({"logGroupName": "/ecs/web"}));
    let case = |says, of, change, back| Broken {
        says,
        of,
        change,
        back,
    };
    vec![
        case(
            "problem execution-role",
            "there is no role execution",
            (Aws::Iam, "DeleteRole", json!({"RoleName": "execution"})),
            create_role("execution", "ecs-tasks"),
        ),
        case(
            "problem execution-role",
            "does not trust ecs-tasks.amazonaws.com",
            trusted("ec2"),
            trusted("ecs-tasks"),
        ),
        case(
            "problem log-group",
            "there is no log group /ecs/web",
            log_group("DeleteLogGroup"),
            log_group("CreateLogGroup"),
        ),
        case(
            "problem listener",
            "no listener forwards to web",
            forward(
                json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}),
            ),
            forward(json!({"Type": "forward", "TargetGroupArn": group})),
        ),
        case(
            "warning health-check",
            "200-499",
            matcher("200-499"),
            matcher("200"),
        ),
        case(
            "problem deployment-arithmetic",
            "no deployment moves",
            configured(json!({"minimumHealthyPercent": 75, "maximumPercent": 100})),
            configured(json!({"minimumHealthyPercent": 100, "maximumPercent": 200})),
        ),
        case(
            "warning circuit-breaker",
            "goes on for ever",
            configured(json!({"deploymentCircuitBreaker": {"enable": false, "rollback": false}})),
            configured(json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}})),
        ),
        case(
            "warning alarms",
            "rings already",
            ringing("ALARM"),
            ringing("OK"),
        ),
        case(
            "warning desired-count",
            "wants no tasks",
            update(json!({"desiredCount": 0})),
            update(json!({"desiredCount": 2})),
        ),
    ]
}

/// What the configuration asks for, and the account does not have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_configuration() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = healthy(&sandboxed).await;
    let immutable = json!({"repositoryName": "web", "imageTagMutability": "IMMUTABLE"});
    call(&sandboxed, (Aws::Ecr, "PutImageTagMutability", immutable));
    let edits: [(&[&str], &str, &str); 9] = [
        (
            // The file's own text for the image is then what would be registered.
            &["problem container", "problem task-definition"],
            "  container: app",
            "  container: api",
        ),
        (
            &["problem repository"],
            "repository: web",
            "repository: wbe",
        ),
        (&["problem platform"], "linux/amd64", "linux/arm64"),
        (&["problem tags"], "\"${VERSION:-v2}\"", "latest"),
        (
            &["problem cluster", "problem service"],
            "cluster: c",
            "cluster: nowhere",
        ),
        (&["problem service"], "service: web", "service: wbe"),
        (
            &["problem alternate-target-group", "problem production-rule"],
            "deploy:",
            "deploy:\n  strategy: canary",
        ),
        (
            &[
                "problem codedeploy-application",
                "problem deployment-controller",
                "problem deployment-group",
            ],
            "deploy:",
            "deploy:\n  strategy: codedeploy",
        ),
        (&["problem alarms"], "web-5xx", "web-4xx"),
    ];
    for (expected, from, to) in edits {
        let config = config();
        assert!(config.contains(from), "{from}");
        project.configure(&config.replace(from, to));
        let outcome = project.run("doctor").run().await;
        let mut found = wrong(&outcome);
        // Where the service is not known, neither is what it runs.
        found.retain(|one| one.starts_with("problem"));
        assert_eq!(found, expected, "{to}: {}", outcome.stdout);
        assert_eq!(outcome.code, Some(1), "{to}");
    }
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_task_definition() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = healthy(&sandboxed).await;
    let edits: [(&str, &str, Value); 5] = [
        (
            "problem container-port",
            "/containerDefinitions/0/portMappings/0/containerPort",
            json!(9090),
        ),
        ("problem task-definition", "/family", json!("<FAMILY>")),
        (
            "problem execution-role",
            "/executionRoleArn",
            json!("arn:aws:iam::999999999999:role/execution"),
        ),
        (
            "problem log-group",
            "/containerDefinitions/0/logConfiguration/options/awslogs-group",
            json!("/ecs/wbe"),
        ),
        (
            "warning log-group",
            "/containerDefinitions/0/logConfiguration/options/awslogs-region",
            json!("eu-west-1"),
        ),
    ];
    for (expected, place, value) in edits {
        let mut definition = logging();
        *definition.pointer_mut(place).unwrap() = value;
        project.write("app/taskdef.json", &definition.to_string());
        let outcome = project.run("doctor").run().await;
        assert_eq!(wrong(&outcome), [expected], "{place}: {}", outcome.stdout);
    }
    sandboxed.stop().await;
}

/// What may not be read is not checked, names what would have to be allowed, and fails nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = healthy(&sandboxed).await;
    for (operation, action, check) in [
        ("DescribeClusters", "ecs:DescribeClusters", "cluster"),
        ("DescribeServices", "ecs:DescribeServices", "service"),
        (
            "DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetGroups",
            "target-group",
        ),
        (
            "DescribeListeners",
            "elasticloadbalancing:DescribeListeners",
            "listener",
        ),
        (
            "DescribeLoadBalancers",
            "elasticloadbalancing:DescribeLoadBalancers",
            "load-balancer",
        ),
        ("GetRole", "iam:GetRole", "execution-role"),
        ("DescribeAlarms", "cloudwatch:DescribeAlarms", "alarms"),
        ("DescribeLogGroups", "logs:DescribeLogGroups", "log-group"),
        (
            "DescribeRepositories",
            "ecr:DescribeRepositories",
            "repository",
        ),
        (
            "GetAuthorizationToken",
            "ecr:GetAuthorizationToken",
            "running-image",
        ),
    ] {
        let message = format!(
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: {action} \
             because no identity-based policy allows the {action} action"
        );
        let code = "AccessDeniedException".to_owned();
        let denied = ApiFault::Refuse { code, message };
        sandboxed.sandbox.faults().fail_api(operation, denied, 1);
        let outcome = project.run("doctor --strict").run().await;
        let (status, message) = lines(&outcome)[check].clone();
        assert_eq!(status, "not checked", "{operation}: {}", outcome.stdout);
        assert_eq!(message, format!("needs {action}"));
        assert!(outcome.stdout.contains(&format!("fix: allow {action} in")));
        assert_eq!(outcome.code, Some(0), "{operation}: {}", outcome.stdout);
        let others = wrong(&outcome);
        assert!(
            others.iter().all(|one| one.starts_with("not checked")),
            "{others:?}"
        );
    }
    sandboxed.stop().await;
}

/// Before there is a service, and after, with all that the strategy needs.
async fn with_strategy(
    strategy: &str,
    services: &[(&str, &str)],
    to_come: &[&str],
    without: &[&str],
) {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, 200.0).await;
    let ground = Ground::lay(&sandboxed, strategy).await;
    let before = ground.run("doctor").run().await;
    let (status, message) = &lines(&before)["service"];
    assert_eq!(
        (status.as_str(), message.as_str()),
        ("ok", "c/web is not there, and will be created")
    );
    assert_eq!(wrong(&before), to_come, "{}", before.stdout);
    ground.run("deploy").succeed().await;
    let bare = ground.run("doctor").run().await;
    assert_eq!(wrong(&bare), without, "{}", bare.stdout);
    if strategy == "codedeploy" {
        ground.create_group().await;
    }
    for (role, service) in services {
        call(&sandboxed, create_role(role, service));
    }
    let outcome = ground.run("doctor --strict").run().await;
    assert_eq!(wrong(&outcome), Vec::<String>::new(), "{}", outcome.stdout);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strategy_of_ecs_that_shifts_traffic() {
    let roles = [("execution", "ecs-tasks"), ("infrastructure", "ecs")];
    let without = ["problem execution-role", "problem infrastructure-role"];
    with_strategy("canary", &roles, &without, &without).await;
}

/// What the page says that it needs is what it needs: each action, under a policy of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_page_says_it_needs() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/doctor.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, needs) = page.split_once("## What it needs").unwrap();
    let (needs, _) = needs.split_once("`sts:").unwrap();
    let actions = needs
        .split('`')
        .filter(|word| word.contains(':') && !word.contains(' '));
    let actions: Vec<_> = actions.collect();
    let policy = |actions: Vec<&str>| -> Policy {
        let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        document.to_string().parse().unwrap()
    };
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, 200.0).await;
    let ground = Ground::lay(&sandboxed, "codedeploy").await;
    ground.run("deploy").succeed().await;
    ground.create_group().await;
    for (role, service) in [("execution", "ecs-tasks"), ("codedeploy", "codedeploy")] {
        call(&sandboxed, create_role(role, service));
    }
    let access = sandboxed.sandbox.access();
    access.enforce(Principal::Caller, policy(actions.clone()));
    let outcome = ground.run("doctor --strict").run().await;
    assert_eq!(wrong(&outcome), Vec::<String>::new(), "{}", outcome.stdout);
    // Nothing logs, no alarm is named, and the listeners' default actions forward already.
    let unused = [
        "logs:DescribeLogGroups",
        "cloudwatch:DescribeAlarms",
        "elasticloadbalancing:DescribeRules",
    ];
    for action in actions.iter().filter(|action| !unused.contains(action)) {
        let others = actions.iter().filter(|other| *other != action).copied();
        access.enforce(Principal::Caller, policy(others.collect()));
        let outcome = ground.run("doctor --strict").run().await;
        let needs = format!("needs {action}\n");
        assert!(
            outcome.stdout.contains(&needs),
            "{action}: {}",
            outcome.stdout
        );
        assert_eq!(outcome.code, Some(0), "{action}: {}", outcome.stdout);
    }
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_deploy() {
    let roles = [("execution", "ecs-tasks"), ("codedeploy", "codedeploy")];
    let without = [
        "problem codedeploy-application",
        "problem deployment-group",
        "problem execution-role",
    ];
    let to_come = ["warning deployment-group", "problem execution-role"];
    with_strategy("codedeploy", &roles, &to_come, &without).await;
}

/// One document, which keeps to its schema, with what the text says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    let schema = super::schemas::schema(&project, "doctor", "doctor.schema.json").await;
    let outcome = project.run("doctor --output json").run().await;
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let found = outcome.json();
    assert!(schema.is_valid(&found), "{found:#}");
    assert!(!schema.is_valid(&json!({"version": 1})));
    assert_eq!(found["version"], 1);
    assert_eq!(found["service"], json!({"cluster": "c", "service": "web"}));
    assert_eq!(found["summary"]["problems"], 1);
    let findings = found["findings"].as_array().unwrap();
    let role = findings
        .iter()
        .find(|one| one["check"] == "execution-role")
        .unwrap();
    assert_eq!(role["status"], "problem");
    assert!(
        role["fix"].as_str().unwrap().starts_with("create it"),
        "{role}"
    );
    let text = project.run("doctor").run().await;
    let names = findings
        .iter()
        .map(|one| one["check"].as_str().unwrap().to_owned());
    let names: std::collections::BTreeSet<_> = names.collect();
    assert_eq!(names, lines(&text).into_keys().collect());
    sandboxed.stop().await;
}

/// Without a configuration the flags name the service; without credentials nothing can be said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_needs() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    std::fs::remove_file(project.app().join("ecs-pipeline.yml")).unwrap();
    let outcome = project.run("doctor --cluster c --service web").run().await;
    assert_eq!(
        wrong(&outcome),
        ["problem execution-role"],
        "{}",
        outcome.stdout
    );
    let outcome = project.run("doctor").run().await;
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");

    let at = At::of(&sandboxed);
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    for (at, code, words) in [
        (at.without(&keys), 8, "no AWS credentials were found"),
        (At::at("http://127.0.0.1:1"), 9, "could not reach"),
        (
            At::at("http://127.0.0.1:1").without(&["AWS_REGION", "AWS_ENDPOINT_URL"]),
            3,
            "no AWS region is set",
        ),
    ] {
        let project = Project::new(at);
        project.configure(CONFIG);
        let outcome = project.run("doctor").run().await;
        assert_eq!(outcome.code, Some(code), "{outcome:#?}");
        assert!(outcome.stderr.contains(words), "{outcome:#?}");
        assert!(outcome.stderr.contains("hint: "), "{outcome:#?}");
        assert_eq!(outcome.stdout, "");
    }
    sandboxed.stop().await;
}

/// The page that shows it: a new account first, and then one in which all is as it should be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    project.write("app/taskdef.json", &logging().to_string());
    let latest = config_with_taskdef().replace("\"${VERSION:-v2}\"", "latest");
    project.configure(&latest);
    let percents = json!({"minimumHealthyPercent": 75, "maximumPercent": 100,
        "deploymentCircuitBreaker": {"enable": false, "rollback": false}});
    let input = json!({"cluster": "c", "service": "web", "deploymentConfiguration": percents});
    call(&sandboxed, (Aws::Ecs, "UpdateService", input));
    let immutable = json!({"repositoryName": "web", "imageTagMutability": "IMMUTABLE"});
    call(&sandboxed, (Aws::Ecr, "PutImageTagMutability", immutable));
    let bad = project.run("doctor").run().await;
    assert_eq!(bad.code, Some(1), "{bad:#?}");
    sandboxed.stop().await;

    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = healthy(&sandboxed).await;
    let good = project.run("doctor").succeed().await;
    sandboxed.stop().await;

    let shown = |outcome: &Outcome| {
        let code = outcome.code.unwrap();
        format!(
            "```console\n$ ecs-pipeline doctor\n{}$ echo $?\n{code}\n```\n",
            outcome.stdout
        )
    };
    let page = format!(
        "# What the doctor says\n\nOf a service that was set up in a hurry:\n\n{}\nAnd of one on which \
         everything is as it should be:\n\n{}",
        shown(&bad),
        shown(&good)
    );
    transcript::keep("doctor.md", &page);
}

/// The AWS CLI makes the roles, as a reader of the fix would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_makes_roles() {
    if !require(&["aws-cli"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    let policy = trust("ecs-tasks");
    let named = ["--role-name", "execution"];
    let aws = async |operation: &str, more: &[&str]| {
        let line = [&["iam", operation], &named[..], more].concat();
        sandboxed.aws(&line).await
    };
    let made = aws("create-role", &["--assume-role-policy-document", &policy]).await;
    assert_eq!(
        made["Role"]["Arn"],
        "arn:aws:iam::123456789012:role/execution"
    );
    let managed = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    aws("attach-role-policy", &["--policy-arn", managed]).await;
    let attached = aws("list-attached-role-policies", &[]).await;
    assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], managed);
    let logs =
        r#"{"Statement": [{"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"}]}"#;
    aws(
        "put-role-policy",
        &["--policy-name", "logs", "--policy-document", logs],
    )
    .await;
    let policy = aws("get-role-policy", &["--policy-name", "logs"]).await;
    assert_eq!(
        policy["PolicyDocument"]["Statement"][0]["Action"],
        "logs:CreateLogGroup"
    );
    let role = aws("get-role", &[]).await;
    let trusted = &role["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"];
    assert_eq!(trusted["Service"], "ecs-tasks.amazonaws.com");

    let outcome = project.run("doctor").run().await;
    assert_eq!(wrong(&outcome), Vec::<String>::new(), "{}", outcome.stdout);
    sandboxed.stop().await;
}
