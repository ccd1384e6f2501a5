//! Which of the pipeline's files a file is.

use std::path::Path;

use crate::source::{Format, Node};

/// The kinds of files that a pipeline to ECS is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DocumentKind {
    /// `taskdef.json`: the input of `RegisterTaskDefinition`.
    TaskDefinition,
    /// `appspec.yaml`: what CodeDeploy is to deploy.
    AppSpec,
    /// `imagedefinitions.json`: the images for CodePipeline's rolling ECS action.
    ImageDefinitions,
    /// `imageDetail.json`: the image for CodePipeline's blue/green ECS action.
    ImageDetail,
    /// `buildspec.yml`: what CodeBuild runs.
    BuildSpec,
    /// `pipeline.json`: what `aws codepipeline get-pipeline` prints and `update-pipeline` takes.
    Pipeline,
    /// `Jenkinsfile`: what Jenkins runs, of which the `sh` steps are looked at.
    Jenkinsfile,
    /// A shell script, such as `deploy.sh`.
    ShellScript,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::TaskDefinition,
        Self::AppSpec,
        Self::ImageDefinitions,
        Self::ImageDetail,
        Self::BuildSpec,
        Self::Pipeline,
        Self::Jenkinsfile,
        Self::ShellScript,
    ];

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::TaskDefinition => "task definition",
            Self::AppSpec => "AppSpec",
            Self::ImageDefinitions => "imagedefinitions.json",
            Self::ImageDetail => "imageDetail.json",
            Self::BuildSpec => "build specification",
            Self::Pipeline => "pipeline definition",
            Self::Jenkinsfile => "Jenkinsfile",
            Self::ShellScript => "shell script",
        }
    }

    /// The kind that a file name stands for, as far as the name tells.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let file = Path::new(name).file_name()?.to_str()?.to_ascii_lowercase();
        let (stem, extension) = file.rsplit_once('.').unwrap_or((&file, ""));
        let plain: String = stem.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        match extension {
            "json" if plain.starts_with("imagedefinition") => Some(Self::ImageDefinitions),
            "json" if plain.starts_with("imagedetail") => Some(Self::ImageDetail),
            "json" | "yml" | "yaml" if plain.contains("appspec") => Some(Self::AppSpec),
            "json" | "yml" | "yaml" if plain.contains("buildspec") => Some(Self::BuildSpec),
            "json" | "yml" | "yaml"
                if plain.contains("taskdef") || plain.contains("containerdef") =>
            {
                Some(Self::TaskDefinition)
            }
            "json" if plain.starts_with("pipeline") || plain.starts_with("codepipeline") => {
                Some(Self::Pipeline)
            }
            "json" | "yml" | "yaml" | "md" | "html" => None,
            "groovy" => Some(Self::Jenkinsfile),
            // `Jenkinsfile.ecs`, `Jenkinsfile-production`, `deploy.jenkinsfile`.
            _ if file.contains("jenkinsfile") => Some(Self::Jenkinsfile),
            "sh" | "bash" => Some(Self::ShellScript),
            _ => None,
        }
    }

    /// How a file of this kind is written, where it cannot be in JSON or YAML.
    pub(crate) fn format(self) -> Option<Format> {
        match self {
            Self::Jenkinsfile => Some(Format::Groovy),
            Self::ShellScript => Some(Format::Shell),
            _ => None,
        }
    }

    /// The kind that a file's content shows, whatever its name.
    pub(crate) fn of_content(root: &Node<'_>) -> Option<Self> {
        let has = |name: &str| root.get_any_case(name).is_some();
        let first = root.items().first();
        if first.is_some_and(|item| item.get("imageUri").is_some()) {
            Some(Self::ImageDefinitions)
        } else if has("containerDefinitions")
            || has("taskDefinition")
            || first.is_some_and(|item| item.get("image").is_some())
        {
            Some(Self::TaskDefinition)
        } else if has("ImageURI") {
            Some(Self::ImageDetail)
        } else if has("phases") {
            Some(Self::BuildSpec)
        } else if has("Resources") && has("version") {
            Some(Self::AppSpec)
        } else if root
            .get("pipeline")
            .unwrap_or(root)
            .get("stages")
            .is_some_and(|stages| !stages.items().is_empty())
        {
            Some(Self::Pipeline)
        } else {
            None
        }
    }
}

/// How a file of this name is written. JSON is YAML too, but is not read as it: YAML lets pass what no
/// JSON reader takes.
pub(crate) fn format_of_name(name: &str) -> Option<Format> {
    match Path::new(name).extension()?.to_str()? {
        "json" => Some(Format::Json),
        "yml" | "yaml" => Some(Format::Yaml),
        _ => None,
    }
}
