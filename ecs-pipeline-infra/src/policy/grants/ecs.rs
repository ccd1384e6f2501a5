//! ECS: the one service, its tasks and its revisions.

use crate::application::Application;
use crate::policy::Statement;
use crate::scope::Scope;

fn service(application: &Application, scope: &Scope) -> String {
    let Application {
        cluster, service, ..
    } = application;
    scope.arn("ecs", &format!("service/{cluster}/{service}"))
}

/// What belongs to the service and has an id of its own.
fn of_service(kind: &str, application: &Application, scope: &Scope) -> String {
    let Application {
        cluster, service, ..
    } = application;
    scope.arn("ecs", &format!("{kind}/{cluster}/{service}/*"))
}

fn tasks(application: &Application, scope: &Scope) -> String {
    scope.arn("ecs", &format!("task/{}/*", application.cluster))
}

fn in_cluster(statement: Statement, application: &Application, scope: &Scope) -> Statement {
    let cluster = scope.arn("ecs", &format!("cluster/{}", application.cluster));
    statement.when("ArnEquals", "ecs:cluster", [cluster])
}

fn revisions(application: &Application, scope: &Scope) -> String {
    let family = &application.task.family;
    scope.arn("ecs", &format!("task-definition/{family}:*"))
}

/// To look at the service and what it runs.
pub(in crate::policy) fn status(application: &Application, scope: &Scope) -> Vec<Statement> {
    vec![
        Statement::new(
            "ReadService",
            ["ecs:DescribeServices"],
            [service(application, scope)],
        ),
        Statement::anywhere("ReadTaskDefinitions", ["ecs:DescribeTaskDefinition"]),
    ]
}

/// To read a revision with its tags, which the next one is to keep.
pub(in crate::policy) fn read_tags(application: &Application, scope: &Scope) -> Vec<Statement> {
    let revisions = [revisions(application, scope)];
    vec![Statement::new(
        "ReadRevisionTags",
        ["ecs:ListTagsForResource"],
        revisions,
    )]
}

/// To register a revision. The Reference has an ARN for RegisterTaskDefinition, but AWS looks for `*`:
/// where only the family is allowed, people were answered "not authorized … on resource: *", in 2022 and
/// still in 2026.
pub(in crate::policy) fn register(application: &Application, scope: &Scope) -> Vec<Statement> {
    let register = Statement::anywhere("RegisterRevisions", ["ecs:RegisterTaskDefinition"]);
    let mut statements = vec![register];
    if application.task.has_tags {
        statements.push(tag_revisions(application, scope));
    }
    statements
}

/// To give a new revision tags. Who may tag whatever there is could take permissions that hang on tags.
pub(in crate::policy) fn tag_revisions(application: &Application, scope: &Scope) -> Statement {
    let revisions = [revisions(application, scope)];
    let by = ["RegisterTaskDefinition".to_owned()];
    Statement::new("TagRevisions", ["ecs:TagResource"], revisions).when(
        "StringEquals",
        "ecs:CreateAction",
        by,
    )
}

/// To change what the service runs.
pub(in crate::policy) fn update(application: &Application, scope: &Scope) -> Vec<Statement> {
    let service = service(application, scope);
    vec![Statement::new(
        "UpdateService",
        ["ecs:UpdateService"],
        [service],
    )]
}

/// To follow a deployment that ECS carries out, to let it go on where it is held, to stop it, and to say
/// why it failed.
pub(in crate::policy) fn follow(application: &Application, scope: &Scope) -> Vec<Statement> {
    let mut actions = vec![
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServiceRevisions",
        "ecs:ListServiceDeployments",
        "ecs:StopServiceDeployment",
    ];
    if application.strategy.shifts() {
        actions.push("ecs:ContinueServiceDeployment");
    }
    let resources = [
        service(application, scope),
        of_service("service-deployment", application, scope),
        of_service("service-revision", application, scope),
    ];
    vec![Statement::new("FollowDeployments", actions, resources)]
}

/// To see why tasks stopped. AWS has asked for `*` and for instances of the cluster when tasks are listed,
/// on Fargate, too: the cluster is held by its key, as in the ECS guide's own example.
pub(in crate::policy) fn see_tasks(application: &Application, scope: &Scope) -> Vec<Statement> {
    let list = Statement::anywhere("ListTasks", ["ecs:ListTasks"]);
    vec![
        in_cluster(list, application, scope),
        Statement::new(
            "ReadTasks",
            ["ecs:DescribeTasks"],
            [tasks(application, scope)],
        ),
    ]
}

/// To run tasks before and after a deployment, and to stop one that takes too long.
pub(in crate::policy) fn run_tasks(application: &Application, scope: &Scope) -> Vec<Statement> {
    if !application.runs_tasks {
        return Vec::new();
    }
    let run = Statement::new("RunTasks", ["ecs:RunTask"], [revisions(application, scope)]);
    let stop = Statement::new("StopTasks", ["ecs:StopTask"], [tasks(application, scope)]);
    vec![in_cluster(run, application, scope), stop]
}

/// To create the service where there is none.
pub(in crate::policy) fn create_service(
    application: &Application,
    scope: &Scope,
) -> Vec<Statement> {
    if !application.creates_service {
        return Vec::new();
    }
    let service = service(application, scope);
    let create = Statement::new("CreateService", ["ecs:CreateService"], [service.clone()]);
    let mut statements = vec![create];
    if application.tags_service {
        let by = ["CreateService".to_owned()];
        let tag = Statement::new("TagService", ["ecs:TagResource"], [service]);
        statements.push(tag.when("StringEquals", "ecs:CreateAction", by));
    }
    statements
}
