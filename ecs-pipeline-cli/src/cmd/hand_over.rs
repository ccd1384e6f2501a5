//! The files that CodePipeline's deploy actions read.

use ecs_pipeline_artifacts::app_spec::{AppSpec, TASK_DEFINITION_PLACEHOLDER};
use ecs_pipeline_artifacts::image_definitions::ImageDefinitions;
use ecs_pipeline_artifacts::image_detail::ImageDetail;
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_artifacts::validate::{Options, Report, SourceFile, validate};
use serde_json::Value;

use crate::args::{Action, Global};
use crate::config::{Codepipeline, Config, ConfigError, Deploy};
use crate::error::CliError;
use crate::wiring;

/// What the ECS action reads.
const IMAGE_DEFINITIONS: &str = "imagedefinitions.json";

/// Where the CodeDeployToECS action finds the image.
pub(super) const IMAGE_DETAIL: &str = "imageDetail.json";

const APP_SPEC: &str = "appspec.yaml";
const TASK_DEFINITION: &str = "taskdef.json";

/// Every file that there may be.
pub(super) const NAMES: [&str; 4] = [IMAGE_DEFINITIONS, IMAGE_DETAIL, APP_SPEC, TASK_DEFINITION];

/// A file to write: its name is what CodePipeline looks for.
pub(super) type Rendered = (&'static str, String);

/// What an action reads, for this image.
pub(super) fn rendered(
    global: &Global,
    config: &Config,
    codepipeline: &Codepipeline,
    image: &str,
) -> Result<Vec<Rendered>, CliError> {
    let lacks = |member| ConfigError::Lacks {
        path: global.config.clone(),
        member,
    };
    let deploy = config.deploy.as_ref().ok_or_else(|| lacks("deploy"))?;
    match codepipeline.action {
        Action::Ecs => rolling(deploy, image),
        Action::CodedeployToEcs => {
            wiring::check_container(config)?;
            let document = wiring::task_definition(config)?;
            let document = document.ok_or_else(|| lacks("deploy.task-definition"))?;
            blue_green(config, codepipeline, deploy, document, image)
        }
    }
}

/// What CodePipeline or AWS would say of the files.
pub(super) fn judged(action: Action, rendered: &[Rendered]) -> (Vec<SourceFile>, Report) {
    let files: Vec<_> = rendered
        .iter()
        .map(|(name, contents)| SourceFile::new(*name, contents))
        .collect();
    let mut options = Options::default();
    options.action = Some(action.into());
    let report = validate(&files, &options);
    (files, report)
}

/// The AppSpec that is configured, with the placeholder for the revision; without one, the least.
fn app_spec(
    config: &Config,
    codepipeline: &Codepipeline,
    deploy: &Deploy,
    document: &TaskDefinitionDocument,
) -> Result<AppSpec, CliError> {
    if let Some(path) = &deploy.codedeploy.appspec {
        let mut app_spec = wiring::app_spec(&config.resolve(path))?;
        for service in &mut app_spec.services {
            service.task_definition = TASK_DEFINITION_PLACEHOLDER.to_owned();
        }
        return Ok(app_spec);
    }
    let container = deploy.container.as_str();
    let port = match codepipeline.container_port {
        Some(port) => port,
        None => only_port(document, container)?,
    };
    Ok(AppSpec::new(TASK_DEFINITION_PLACEHOLDER, container, port))
}

fn rolling(deploy: &Deploy, image: &str) -> Result<Vec<Rendered>, CliError> {
    let definitions = ImageDefinitions::new([(deploy.container.as_str(), image)]);
    let definitions = definitions.map_err(|error| CliError::Refused {
        message: error.to_string(),
        hint: "correct deploy.container, or --image".to_owned(),
    })?;
    Ok(vec![(IMAGE_DEFINITIONS, definitions.to_json_string())])
}

fn blue_green(
    config: &Config,
    codepipeline: &Codepipeline,
    deploy: &Deploy,
    mut document: TaskDefinitionDocument,
    image: &str,
) -> Result<Vec<Rendered>, CliError> {
    let container = deploy.container.as_str();
    let placeholder = format!("<{}>", codepipeline.placeholder);
    document
        .set_image(container, &placeholder)
        .map_err(|error| CliError::Refused {
            message: error.to_string(),
            hint: "correct deploy.container".to_owned(),
        })?;
    let app_spec = app_spec(config, codepipeline, deploy, &document)?;
    Ok(vec![
        (IMAGE_DETAIL, ImageDetail::new(image).to_json_string()),
        (APP_SPEC, app_spec.to_yaml_string()),
        (TASK_DEFINITION, document.to_json_string()),
    ])
}

fn only_port(document: &TaskDefinitionDocument, container: &str) -> Result<u16, CliError> {
    let input = document.clone().into_register_input();
    let containers = input["containerDefinitions"]
        .as_array()
        .into_iter()
        .flatten();
    let mut named = containers.filter(|found| found["name"] == container);
    let mappings = named
        .next()
        .and_then(|found| found["portMappings"].as_array());
    let ports: Vec<_> = mappings
        .into_iter()
        .flatten()
        .map(|mapping| &mapping["containerPort"])
        .collect();
    let port = match ports.as_slice() {
        [only] => only.as_u64().and_then(|port| u16::try_from(port).ok()),
        _ => None,
    };
    port.ok_or_else(|| CliError::Refused {
        message: format!(
            "container {container} has {} ports, and the load balancer needs one",
            ports
                .iter()
                .filter(|port| !matches!(port, Value::Null))
                .count()
        ),
        hint: "say which one with codepipeline.container-port".to_owned(),
    })
}
