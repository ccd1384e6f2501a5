//! `ecs-pipeline render`.

use ecs_pipeline_artifacts::app_spec::{AppSpec, TASK_DEFINITION_PLACEHOLDER};
use ecs_pipeline_artifacts::image_definitions::ImageDefinitions;
use ecs_pipeline_artifacts::image_detail::ImageDetail;
use ecs_pipeline_artifacts::output::text;
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use ecs_pipeline_core::exit;
use ecs_pipeline_core::model::ImageRef;
use serde_json::Value;

use super::files;
use super::validate::style;
use crate::args::{Action, Global, RenderArgs};
use crate::config::{Codepipeline, Config, ConfigError, Deploy, Variables};
use crate::error::CliError;
use crate::report::print_line;
use crate::wiring;

/// A file to write: its name is what CodePipeline looks for.
type Rendered = (&'static str, String);

pub(super) fn render(global: &Global, args: &RenderArgs) -> Result<u8, CliError> {
    let config = Config::read(&global.config, &Variables::from_environment())?;
    let lacks = |member| ConfigError::Lacks {
        path: global.config.clone(),
        member,
    };
    let codepipeline = config
        .codepipeline
        .as_ref()
        .ok_or_else(|| lacks("codepipeline"))?;
    let deploy = config.deploy.as_ref().ok_or_else(|| lacks("deploy"))?;
    let image = image(&config, args)?.to_string();
    let rendered = match codepipeline.action {
        Action::Ecs => rolling(deploy, &image)?,
        Action::CodedeployToEcs => {
            wiring::check_container(&config)?;
            let document = wiring::task_definition(&config)?;
            let document = document.ok_or_else(|| lacks("deploy.task-definition"))?;
            blue_green(codepipeline, deploy, document, &image)?
        }
    };
    if !are_valid(codepipeline.action, &rendered)? {
        return Ok(exit::FAILED);
    }
    for (name, contents) in &rendered {
        let path = args.dir.join(name);
        files::write(&path, contents)?;
        print_line(&format!("wrote {}", path.display()));
    }
    Ok(exit::SUCCEEDED)
}

/// The image that the flag names. Without it, the registry's host must be configured: on AWS it can
/// only be asked for.
fn image(config: &Config, args: &RenderArgs) -> Result<ImageRef, CliError> {
    if let Some(image) = &args.image {
        return Ok(image.parse()?);
    }
    let registry = config.registry.as_ref();
    let known = registry.and_then(|registry| {
        let (host, tag) = (registry.host.as_ref()?, registry.tags.first()?);
        Some(format!("{host}/{}:{tag}", registry.repository))
    });
    let known = known.ok_or_else(|| CliError::Usage {
        message: "the image's whole name is not known here".to_owned(),
        hint: "name it with --image; `ecs-pipeline push` ends with it".to_owned(),
    })?;
    Ok(known.parse()?)
}

fn rolling(deploy: &Deploy, image: &str) -> Result<Vec<Rendered>, CliError> {
    let definitions = ImageDefinitions::new([(deploy.container.as_str(), image)]);
    let definitions = definitions.map_err(|error| CliError::Refused {
        message: error.to_string(),
        hint: "correct deploy.container, or --image".to_owned(),
    })?;
    Ok(vec![(
        "imagedefinitions.json",
        definitions.to_json_string(),
    )])
}

fn blue_green(
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
    let port = match codepipeline.container_port {
        Some(port) => port,
        None => only_port(&document, container)?,
    };
    let app_spec = AppSpec::new(TASK_DEFINITION_PLACEHOLDER, container, port);
    Ok(vec![
        ("imageDetail.json", ImageDetail::new(image).to_json_string()),
        ("appspec.yaml", app_spec.to_yaml_string()),
        ("taskdef.json", document.to_json_string()),
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

/// Whether CodePipeline and AWS would take the files; what is wrong is printed.
fn are_valid(action: Action, rendered: &[Rendered]) -> Result<bool, CliError> {
    let files: Vec<_> = rendered
        .iter()
        .map(|(name, contents)| SourceFile::new(*name, contents))
        .collect();
    let mut options = Options::default();
    options.action = Some(action.into());
    let report = validate(&files, &options);
    if !report.findings.is_empty() {
        files::write("-".as_ref(), &text::render(&files, &report, style(true)))?;
    }
    if report.has_errors() {
        print_line("nothing was written");
    }
    Ok(!report.has_errors())
}
