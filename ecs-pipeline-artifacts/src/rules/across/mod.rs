//! Rules for files that must agree with each other.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::build_spec::BuildSpec;
use super::task_definition::{Container, TaskDefinition};
use super::{Check, Findings, Rule};
use crate::commands::Script;
use crate::document::DocumentKind;
use crate::finding::Severity;
use crate::pipeline::{Action, deploy_actions};
use crate::source::Node;
use crate::validate::{DeployAction, Options, Parsed};

mod artifact;
mod build_platform;
mod build_platform_missing;
mod container_of_app_spec;
mod container_of_image_definitions;
mod hand_over_missing;
mod hand_over_unlisted;
mod image_definitions_for_blue_green;
mod image_placeholder;
mod image_placeholder_unused;
mod literal_image;
mod literal_task_definition;
mod port_of_app_spec;

pub(super) const RULES: &[&Rule] = &[
    &container_of_app_spec::RULE,
    &port_of_app_spec::RULE,
    &container_of_image_definitions::RULE,
    &literal_task_definition::RULE,
    &image_placeholder::RULE,
    &image_placeholder_unused::RULE,
    &literal_image::RULE,
    &hand_over_missing::RULE,
    &hand_over_unlisted::RULE,
    &image_definitions_for_blue_green::RULE,
    &build_platform::RULE,
    &build_platform_missing::RULE,
];

const BLUE_GREEN: &str =
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html";
const FILES: &str = "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html";

/// An AppSpec has one service, a pipeline few deploy actions; more than these are not looked at, so that
/// comparing each with each cannot take long.
const MAX_SERVICES: usize = 10;
const MAX_ACTIONS: usize = 50;
/// Names that are looked through for one that may have been meant.
const MAX_SUGGESTIONS: usize = 50;

/// The files that were given together.
pub(crate) struct FileSet<'a> {
    files: &'a [Parsed<'a>],
    pub(crate) options: &'a Options,
    build_specs: OnceCell<Vec<(File<'a>, BuildSpec<'a>)>>,
    others: OnceCell<Vec<(File<'a>, Script<'a>)>>,
    taskdefs: OnceCell<Vec<(File<'a>, TaskDefinition<'a>)>>,
    names: OnceCell<HashSet<&'a str>>,
    /// By file, whether a build may change it.
    changed: Vec<OnceCell<bool>>,
}

/// One file of the set.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    /// For [`Findings::in_file`](super::Findings::in_file).
    pub(crate) index: usize,
    pub(crate) name: &'a str,
    pub(crate) bytes: usize,
    pub(crate) root: &'a Node<'a>,
}

impl<'a> File<'a> {
    /// The name without its directories, in either of the ways to write a path.
    pub(crate) fn base_name(&self) -> &'a str {
        self.name.rsplit(['/', '\\']).next().unwrap_or_default()
    }

    /// The base name, where it stands in the place of `right`: that in another case, or one of the
    /// `variants` in any.
    pub(crate) fn misnamed(&self, right: &str, variants: &[&str]) -> Option<&'a str> {
        let name = self.base_name();
        let mut meant = std::iter::once(&right).chain(variants);
        (name != right && meant.any(|meant| name.eq_ignore_ascii_case(meant))).then_some(name)
    }
}

/// Why an action is taken for the one that reads the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It was said, or a pipeline definition shows it.
    Surely,
    /// It is the one that reads files such as these.
    Probably,
}

impl<'a> FileSet<'a> {
    pub(crate) fn new(files: &'a [Parsed<'a>], options: &'a Options) -> Self {
        Self {
            files,
            options,
            build_specs: OnceCell::new(),
            others: OnceCell::new(),
            taskdefs: OnceCell::new(),
            names: OnceCell::new(),
            changed: files.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// The files of a kind that could be read.
    pub(crate) fn of_kind(&self, kind: DocumentKind) -> impl Iterator<Item = File<'a>> + use<'a> {
        let files = self.files.iter().enumerate();
        files.filter_map(move |(index, file)| {
            let root = file
                .tree
                .root
                .as_ref()
                .filter(|_| file.kind == Some(kind))?;
            Some(File {
                index,
                name: file.name,
                bytes: file.text.as_str().len(),
                root,
            })
        })
    }

    fn build_specs(&self) -> &[(File<'a>, BuildSpec<'a>)] {
        self.build_specs.get_or_init(|| {
            let files = self.of_kind(DocumentKind::BuildSpec);
            files.map(|file| (file, BuildSpec::of(file.root))).collect()
        })
    }

    /// The commands of every file that has some.
    fn scripts(&self) -> impl Iterator<Item = (File<'a>, &Script<'a>)> {
        let others = self.others.get_or_init(|| {
            let files = self.of_kind(DocumentKind::Jenkinsfile);
            let steps = files.map(|file| (file, Script::of_jenkinsfile(file.root)));
            let files = self.of_kind(DocumentKind::ShellScript);
            let scripts = files.map(|file| (file, Script::of_shell_script(file.root)));
            steps.chain(scripts).collect()
        });
        let specs = self.build_specs().iter();
        let specs = specs.map(|(file, spec)| (*file, spec.script()));
        specs.chain(others.iter().map(|(file, script)| (*file, script)))
    }

    fn taskdefs(&self) -> &[(File<'a>, TaskDefinition<'a>)] {
        self.taskdefs.get_or_init(|| {
            let files = self.of_kind(DocumentKind::TaskDefinition);
            files
                .map(|file| (file, TaskDefinition::of(file.root)))
                .collect()
        })
    }

    /// Every container of every task definition, with the file.
    fn containers(&self) -> impl Iterator<Item = (File<'a>, &Container<'a>)> {
        let taskdefs = self.taskdefs().iter();
        taskdefs.flat_map(|(file, taskdef)| {
            taskdef
                .containers
                .iter()
                .map(|container| (*file, container))
        })
    }

    /// Whether a task definition is there whose containers are all known by name.
    fn containers_are_known(&self) -> bool {
        let mut containers = self.containers().peekable();
        let literal = |container: &Container<'_>| {
            container
                .node
                .get("name")
                .is_some_and(|name| name.literal().is_some())
        };
        containers.peek().is_some() && containers.all(|(_, container)| literal(container))
    }

    fn container_names(&self) -> impl Iterator<Item = &'a str> {
        self.containers()
            .filter_map(|(_, container)| container.name)
    }

    fn has_container(&self, name: &str) -> bool {
        let names = self.names.get_or_init(|| self.container_names().collect());
        names.contains(name)
    }

    /// The deploy actions of the pipeline definitions.
    fn pipeline_actions(&self) -> impl Iterator<Item = (File<'a>, Action<'a>)> + use<'a> {
        let pipelines = self.of_kind(DocumentKind::Pipeline);
        pipelines.flat_map(|file| {
            let actions = deploy_actions(file.root).take(MAX_ACTIONS);
            actions.map(move |action| (file, action))
        })
    }

    /// The services of the AppSpecs for ECS: the file and the `Properties`.
    fn services(&self) -> impl Iterator<Item = (File<'a>, &'a Node<'a>)> + use<'a> {
        self.of_kind(DocumentKind::AppSpec).flat_map(|file| {
            services(file.root)
                .take(MAX_SERVICES)
                .map(move |service| (file, service))
        })
    }

    /// The action that reads the files; `None` where they are none of the two's.
    fn action(&self) -> Option<(DeployAction, Known)> {
        if let Some(action) = self.options.action {
            return Some((action, Known::Surely));
        }
        let mut actions = self.pipeline_actions().map(|(_, action)| action.kind);
        if let Some(first) = actions.next() {
            return actions
                .all(|kind| kind == first)
                .then_some((first, Known::Surely));
        }
        if self.services().next().is_some() {
            return Some((DeployAction::CodeDeployToEcs, Known::Probably));
        }
        self.has_image_definitions()
            .then_some((DeployAction::Ecs, Known::Probably))
    }

    /// Whether there is what the rolling action reads.
    fn has_image_definitions(&self) -> bool {
        let mut specs = self.build_specs().iter();
        self.of_kind(DocumentKind::ImageDefinitions)
            .next()
            .is_some()
            || specs.any(|(_, spec)| spec.script().written("imagedefinitions.json").is_some())
    }

    /// Whether the blue/green action reads the files, for all that is known.
    fn is_blue_green(&self) -> Option<Known> {
        let (action, known) = self.action()?;
        (action == DeployAction::CodeDeployToEcs).then_some(known)
    }

    /// Whether a command of a build may change the file.
    fn may_be_changed(&self, file: File<'_>) -> bool {
        let changed = || {
            let name = file.name.rsplit('/').next().unwrap_or(file.name);
            self.scripts().any(|(_, script)| {
                let mut writes = script.writes();
                script.may_change(name)
                    || writes.any(|written| written.path.marked().ends_with(name))
            })
        };
        let known = self.changed.get(file.index);
        known.map_or_else(changed, |known| *known.get_or_init(changed))
    }

    /// The container whose name is closest, where there are not too many to look through.
    fn closest_container(&self, name: &str) -> Option<&'a str> {
        let few = self.container_names().nth(MAX_SUGGESTIONS).is_none();
        few.then(|| crate::suggest::closest(name, self.container_names()))?
    }
}

/// The services of an AppSpec for ECS, in any of the forms that CodeDeploy reads.
fn services<'t>(root: &'t Node<'t>) -> impl Iterator<Item = &'t Node<'t>> {
    let resources = root.get_any_case("resources");
    let listed = resources.map(Node::items).unwrap_or_default().iter();
    let resources = listed
        .flat_map(Node::members)
        .chain(resources.map(Node::members).unwrap_or_default());
    resources.filter_map(|resource| {
        let kind = resource.node.get_any_case("type")?.as_str()?;
        let properties = resource.node.get_any_case("properties")?;
        kind.eq_ignore_ascii_case("AWS::ECS::Service")
            .then_some(properties)
    })
}

/// `<NAME>`, where a text is that and nothing else.
fn placeholder<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    let name = node.as_str()?.strip_prefix('<')?.strip_suffix('>')?;
    (!name.contains(['<', '>'])).then_some(name)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::Rule;
    use crate::validate::{Options, SourceFile, validate};

    pub(super) const TASKDEF: &str = r#"{"family": "shop", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [
        {"name": "web", "image": "<IMAGE1_NAME>", "portMappings": [{"containerPort": 80}, {"containerPortRange": "8000-8010"}]}]}"#;

    /// The task definition with another image.
    pub(super) fn with_image(image: &str) -> String {
        TASKDEF.replace("<IMAGE1_NAME>", image)
    }

    /// The task definition for ARM64.
    pub(super) fn graviton() -> String {
        TASKDEF.replace(
            "\"family\"",
            r#""runtimePlatform": {"cpuArchitecture": "ARM64"}, "family""#,
        )
    }

    /// The task definition for EC2.
    pub(super) fn ec2() -> String {
        TASKDEF.replace("FARGATE", "EC2")
    }

    /// A pipeline whose blue/green action fills in the image `<NAME>`.
    pub(super) fn filling_in(name: &str) -> String {
        format!(
            r#"{{"pipeline": {{"stages": [{{"actions": [{{"name": "D", "actionTypeId": {{"provider": "CodeDeployToECS"}},
            "configuration": {{"Image1ContainerName": "{name}", "Image1ArtifactName": "Build"}}}}]}}]}}}}"#
        )
    }

    /// Where that pipeline has the name.
    pub(super) const FILLED_IN: &str =
        "pipeline.json pipeline.stages[0].actions[0].configuration.Image1ContainerName";

    /// A build specification that builds an image with these options.
    pub(super) fn docker_build(options: &str) -> String {
        buildspec(
            &[&format!("docker build {options} -t a .")],
            "{files: '**/*'}",
        )
    }

    /// An AppSpec for that container, port and task definition.
    pub(super) fn appspec(container: &str, port: u32, taskdef: &str) -> String {
        format!(
            "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
             TaskDefinition: {taskdef}\n        LoadBalancerInfo: {{ContainerName: {container}, ContainerPort: {port}}}\n"
        )
    }

    /// A build specification with these commands and artifacts.
    pub(in crate::rules) fn buildspec(commands: &[&str], artifacts: &str) -> String {
        let commands: Vec<_> = commands
            .iter()
            .map(|command| format!("      - |\n        {command}\n"))
            .collect();
        format!(
            "version: 0.2\nphases:\n  build:\n    commands:\n{}artifacts: {artifacts}\n",
            commands.concat()
        )
    }

    /// Where the rule finds something, as `file path`, and the related places.
    pub(in crate::rules) fn found(
        rule: &Rule,
        options: &Options,
        files: &[(&str, &str)],
    ) -> Vec<String> {
        let sources: Vec<_> = files
            .iter()
            .map(|(name, text)| SourceFile::new(*name, text))
            .collect();
        let findings = validate(&sources, options).findings.into_iter();
        let at = |place: &crate::finding::Place| format!("{} {}", files[place.file].0, place.path);
        findings
            .filter(|found| found.rule == rule)
            .map(|found| {
                let related: Vec<_> = found
                    .related
                    .iter()
                    .map(|(place, _)| format!(" ({})", at(place)))
                    .collect();
                format!("{}{}", at(&found.place), related.concat())
            })
            .collect()
    }

    /// Files by name, and what is found in them.
    pub(in crate::rules) type Set<'s> = (&'s [(&'s str, &'s str)], &'s [&'s str]);

    /// Sets of files, each with what the rule must find.
    pub(in crate::rules) fn sets(rule: &Rule, cases: &[Set<'_>]) {
        for (files, expected) in cases {
            assert_eq!(
                found(rule, &Options::default(), files),
                *expected,
                "{} in {files:#?}",
                rule.id
            );
        }
    }
}
