//! ECR: the token, and the one repository.

use crate::application::Application;
use crate::policy::Statement;
use crate::scope::Scope;

fn repository(application: &Application, scope: &Scope) -> String {
    scope.arn("ecr", &format!("repository/{}", application.repository))
}

fn token() -> Statement {
    Statement::anywhere("RegistryToken", ["ecr:GetAuthorizationToken"])
}

/// To push, and to look at what is there: a tag that exists is not pushed again, and the platform of an
/// image is read from it.
pub(in crate::policy) fn push(application: &Application, scope: &Scope) -> Vec<Statement> {
    let mut actions = vec![
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ];
    if application.creates_repository {
        actions.push("ecr:CreateRepository");
    }
    let push = Statement::new("PushImages", actions, [repository(application, scope)]);
    vec![token(), push]
}

/// To pull: what `AmazonEC2ContainerRegistryPullOnly` has for every repository.
pub(in crate::policy) fn pull(application: &Application, scope: &Scope) -> Vec<Statement> {
    let actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ];
    let mut repositories = vec![repository(application, scope)];
    let others = application.task.other_repositories.iter();
    repositories.extend(others.map(|other| {
        let scope = scope.in_region(&other.region).in_account(&other.account);
        scope.arn("ecr", &format!("repository/{}", other.name))
    }));
    vec![token(), Statement::new("PullImages", actions, repositories)]
}
