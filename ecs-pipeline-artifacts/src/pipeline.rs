//! CodePipeline's two ways to ECS: which files each deploy action reads, and how an action is configured.
//!
//! ```
//! use ecs_pipeline_artifacts::validate::DeployAction;
//!
//! let names: Vec<_> = DeployAction::CodeDeployToEcs.files().iter().map(|file| file.name).collect();
//! assert_eq!(names, ["taskdef.json", "appspec.yaml", "imageDetail.json"]);
//! ```

use crate::document::DocumentKind;
use crate::source::Node;
use crate::validate::DeployAction;

/// The most bytes that CodePipeline reads of `imagedefinitions.json` ("100 KB").
const IMAGE_DEFINITIONS_BYTES: usize = 100 * 1024;
/// The largest input artifact of the blue/green action, zipped ("3 MB").
const BLUE_GREEN_ARTIFACT_BYTES: usize = 3 * 1024 * 1024;

/// A file that a deploy action reads from an input artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandOverFile {
    /// The name at the top of the artifact, where the action is not told another.
    pub name: &'static str,
    /// What it is.
    pub kind: DocumentKind,
    /// The member of the action's configuration that gives it another name; `None` where the name is fixed.
    pub configured_by: Option<&'static str>,
    /// Whether the action fails without it. `imageDetail.json` is read only for the artifacts that
    /// `Image1ArtifactName` to `Image4ArtifactName` name.
    pub required: bool,
    /// Who writes it.
    pub writer: &'static str,
    /// The most bytes: of the file itself for the rolling action, of the zipped artifact for blue/green.
    pub max_bytes: usize,
}

const ECS: &[HandOverFile] = &[HandOverFile {
    name: "imagedefinitions.json",
    kind: DocumentKind::ImageDefinitions,
    configured_by: Some("FileName"),
    required: true,
    writer: "the build, after the push",
    max_bytes: IMAGE_DEFINITIONS_BYTES,
}];

const CODE_DEPLOY_TO_ECS: &[HandOverFile] = &[
    HandOverFile {
        name: "taskdef.json",
        kind: DocumentKind::TaskDefinition,
        configured_by: Some("TaskDefinitionTemplatePath"),
        required: true,
        writer: "the repository",
        max_bytes: BLUE_GREEN_ARTIFACT_BYTES,
    },
    HandOverFile {
        name: "appspec.yaml",
        kind: DocumentKind::AppSpec,
        configured_by: Some("AppSpecTemplatePath"),
        required: true,
        writer: "the repository",
        max_bytes: BLUE_GREEN_ARTIFACT_BYTES,
    },
    HandOverFile {
        name: "imageDetail.json",
        kind: DocumentKind::ImageDetail,
        configured_by: None,
        required: false,
        writer: "the build, after the push, or CodePipeline's ECR source",
        max_bytes: BLUE_GREEN_ARTIFACT_BYTES,
    },
];

impl DeployAction {
    /// The files that the action reads. (CodePipeline user guide, "Image definitions file reference" and
    /// the actions' own pages.)
    #[must_use]
    pub fn files(self) -> &'static [HandOverFile] {
        match self {
            Self::Ecs => ECS,
            Self::CodeDeployToEcs => CODE_DEPLOY_TO_ECS,
        }
    }

    /// The name of the provider in a pipeline definition.
    #[must_use]
    pub fn provider(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeployToEcs => "CodeDeployToECS",
        }
    }
}

/// A deploy action to ECS in a pipeline definition.
#[derive(Clone, Copy)]
pub(crate) struct Action<'t> {
    pub(crate) node: &'t Node<'t>,
    pub(crate) kind: DeployAction,
}

/// How an image gets into the task definition: `Image1ContainerName` and `Image1ArtifactName`.
pub(crate) struct ImageSlot<'t> {
    pub(crate) number: usize,
    pub(crate) container: Option<&'t Node<'t>>,
    pub(crate) artifact: Option<&'t Node<'t>>,
}

/// The members of the configuration of each of the four images, in order.
const IMAGES: [(&str, &str); 4] = [
    ("Image1ContainerName", "Image1ArtifactName"),
    ("Image2ContainerName", "Image2ArtifactName"),
    ("Image3ContainerName", "Image3ArtifactName"),
    ("Image4ContainerName", "Image4ArtifactName"),
];

impl<'t> Action<'t> {
    pub(crate) fn name(&self) -> &'t str {
        self.node.get("name").and_then(Node::as_str).unwrap_or("?")
    }

    pub(crate) fn configuration(&self) -> Option<&'t Node<'t>> {
        self.node.get("configuration")
    }

    pub(crate) fn configured(&self, name: &str) -> Option<&'t Node<'t>> {
        self.configuration()?.present(name)
    }

    /// The input artifacts.
    pub(crate) fn inputs(&self) -> &'t [Node<'t>] {
        self.node
            .get("inputArtifacts")
            .map(Node::items)
            .unwrap_or_default()
    }

    /// The path of a file in its artifact.
    pub(crate) fn path_of(&self, file: &HandOverFile) -> &'t str {
        let configured = file
            .configured_by
            .and_then(|name| self.configured(name)?.as_str());
        configured.unwrap_or(file.name)
    }

    pub(crate) fn images(&self) -> impl Iterator<Item = ImageSlot<'t>> + '_ {
        let slots = IMAGES
            .iter()
            .enumerate()
            .map(|(index, (container, artifact))| ImageSlot {
                number: index + 1,
                container: self.configured(container),
                artifact: self.configured(artifact),
            });
        slots.filter(|slot| slot.container.is_some() || slot.artifact.is_some())
    }
}

/// Every action of a pipeline, as `get-pipeline` prints it or as `update-pipeline` takes it.
pub(crate) fn actions<'t>(root: &'t Node<'t>) -> impl Iterator<Item = &'t Node<'t>> {
    let stages = root.get("pipeline").unwrap_or(root).get("stages");
    let stages = stages.map(Node::items).unwrap_or_default().iter();
    stages.flat_map(|stage| stage.get("actions").map(Node::items).unwrap_or_default())
}

/// The provider of an action, such as `CodeBuild`.
pub(crate) fn provider<'t>(action: &'t Node<'t>) -> Option<&'t str> {
    action.get("actionTypeId")?.get("provider")?.as_str()
}

/// The deploy actions to ECS.
pub(crate) fn deploy_actions<'t>(root: &'t Node<'t>) -> impl Iterator<Item = Action<'t>> {
    actions(root).filter_map(|node| {
        let kind = match provider(node)? {
            "ECS" => DeployAction::Ecs,
            "CodeDeployToECS" => DeployAction::CodeDeployToEcs,
            _ => return None,
        };
        Some(Action { node, kind })
    })
}
