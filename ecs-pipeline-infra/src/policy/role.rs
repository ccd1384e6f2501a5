//! Whose policy it is, and what it consists of.

use super::{Policy, Statement, grants, yaml};
use crate::application::{Application, Strategy};
use crate::options::{Deploys, Options};
use crate::scope::Scope;

/// Whose policy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// The agent, or the user, with which a Jenkins job deploys.
    Jenkins,
    /// The service role of a CodeBuild project.
    Codebuild,
    /// The service role of CodeDeploy.
    Codedeploy,
    /// The service role of a CodePipeline pipeline.
    Codepipeline,
    /// The role with which ECS starts tasks.
    TaskExecution,
}

impl Role {
    /// Each of them.
    pub const ALL: [Self; 5] = [
        Self::Jenkins,
        Self::Codebuild,
        Self::Codedeploy,
        Self::Codepipeline,
        Self::TaskExecution,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jenkins => "jenkins",
            Self::Codebuild => "codebuild",
            Self::Codedeploy => "codedeploy",
            Self::Codepipeline => "codepipeline",
            Self::TaskExecution => "task-execution",
        }
    }

    /// The least that it needs for this application.
    #[must_use]
    pub fn policy(self, application: &Application, options: &Options, scope: &Scope) -> Policy {
        Policy::new(self.statements(&Given::new(application, options, scope)))
    }

    /// The statements of its policy as YAML for a template, names and all being the template's parameters:
    /// a list that begins in the first column.
    pub(crate) fn statements_of_stack(
        self,
        application: &Application,
        options: &Options,
    ) -> String {
        let (application, scope) = (application.of_stack(), Scope::of_stack());
        let mut given = Given::new(&application, options, &scope);
        // A parameter of the template, or a resource.
        given.connection = Some("${Connection}");
        yaml::statements(&self.statements(&given))
    }

    fn statements(self, given: &Given<'_>) -> Vec<Statement> {
        match self {
            Self::Jenkins => given.jenkins(),
            Self::Codebuild => given.codebuild(),
            Self::Codedeploy => given.codedeploy(),
            Self::Codepipeline => given.codepipeline(),
            Self::TaskExecution => given.task_execution(),
        }
    }
}

/// What a policy is made from.
struct Given<'a> {
    application: &'a Application,
    deploys: Deploys,
    in_vpc: bool,
    connection: Option<&'a str>,
    use_connection: &'static str,
    scope: &'a Scope,
}

/// Connections that are older than the service's present name have the former one in their ARNs, and AWS
/// asks for the action of the same name.
fn use_connection(connection: Option<&str>) -> &'static str {
    match connection {
        Some(arn) if arn.contains(":codestar-connections:") => "codestar-connections:UseConnection",
        _ => "codeconnections:UseConnection",
    }
}

impl<'a> Given<'a> {
    fn new(application: &'a Application, options: &'a Options, scope: &'a Scope) -> Self {
        Self {
            application,
            deploys: options.deploys(),
            in_vpc: options.builds_in_vpc(),
            connection: options.connection(),
            use_connection: use_connection(options.connection()),
            scope,
        }
    }

    fn jenkins(&self) -> Vec<Statement> {
        let mut statements = grants::push(self.application, self.scope);
        statements.extend(self.deploy());
        statements
    }

    fn codebuild(&self) -> Vec<Statement> {
        let name = &self.application.name;
        let mut statements = vec![
            grants::build_logs(name, self.scope),
            grants::build_reports(name, self.scope),
            grants::artifacts(&self.application.artifact_bucket(self.scope), self.scope),
        ];
        if self.in_vpc {
            statements.extend(grants::build_in_vpc(self.scope));
        }
        statements.extend(grants::push(self.application, self.scope));
        match self.deploys {
            Deploys::FromBuild => statements.extend(self.deploy()),
            Deploys::ByEcsAction | Deploys::ByCodeDeployAction => {}
        }
        statements
    }

    /// What a deployment takes, from the look before it to the rollback after it.
    fn deploy(&self) -> Vec<Statement> {
        let Self {
            application, scope, ..
        } = self;
        let mut statements = grants::status(application, scope);
        statements.extend(grants::read_tags(application, scope));
        statements.extend(grants::register(application, scope));
        statements.extend(grants::pass_task_roles(application, scope));
        match &application.strategy {
            Strategy::Codedeploy { .. } => {
                statements.extend(grants::create_deployments(application, scope));
            }
            _ => {
                statements.extend(grants::update(application, scope));
                statements.extend(grants::follow(application, scope));
            }
        }
        statements.extend(grants::create_service(application, scope));
        statements.extend(grants::pass_infrastructure_role(application, scope));
        statements.extend(grants::see_tasks(application, scope));
        statements.extend(grants::run_tasks(application, scope));
        statements.push(grants::read_targets(application));
        statements.extend(grants::alarms(application, scope));
        statements.extend(grants::read_logs(application, scope));
        statements
    }

    fn codedeploy(&self) -> Vec<Statement> {
        let Self {
            application, scope, ..
        } = self;
        let mut statements = grants::shift_for_ecs(application, &application.hooks, scope);
        // It hands the revision's roles on when it makes the green task set.
        statements.extend(grants::pass_task_roles(application, scope));
        statements
    }

    fn codepipeline(&self) -> Vec<Statement> {
        let Self {
            application, scope, ..
        } = self;
        let bucket = application.artifact_bucket(scope);
        let mut statements = vec![
            grants::artifacts(&bucket, scope),
            grants::start_builds(&application.name, scope),
        ];
        statements.extend(self.connection.map(|connection| {
            Statement::new(
                "UseConnection",
                [self.use_connection],
                [connection.to_owned()],
            )
        }));
        match self.deploys {
            Deploys::FromBuild => {}
            Deploys::ByEcsAction => {
                statements.extend(grants::status(application, scope));
                statements.extend(grants::register(application, scope));
                // It copies the tags of the revision that runs, and the first one has the stack's.
                if !application.task.has_tags {
                    statements.push(grants::tag_revisions(application, scope));
                }
                statements.extend(grants::pass_task_roles(application, scope));
                statements.extend(grants::update(application, scope));
                statements.extend(grants::see_tasks(application, scope));
            }
            Deploys::ByCodeDeployAction => {
                statements.extend(grants::register(application, scope));
                statements.extend(grants::pass_task_roles(application, scope));
                statements.extend(grants::create_deployments_by_action(application, scope));
            }
        }
        statements
    }

    fn task_execution(&self) -> Vec<Statement> {
        let Self {
            application, scope, ..
        } = self;
        let mut statements = grants::pull(application, scope);
        statements.extend(grants::write_logs(application, scope));
        statements.extend(grants::secrets(application, scope));
        statements.extend(grants::environment_files(application));
        statements
    }
}
