//! What CodePipeline refuses of a declaration, before anything runs
//! (<https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html>).

use std::collections::BTreeSet;

use super::ApiError;
use super::action_type::{ActionType, Kind};
use super::declaration::{Action, Declaration, Stage};
use super::input::{
    bad_action, bad_stage, bad_structure, check_artifact_name, check_name, check_namespace,
    invalid, required,
};
use super::variables;

/// Namespaces that every execution has.
pub(super) const OF_THE_EXECUTION: &str = "codepipeline";
pub(super) const OF_THE_PIPELINE: &str = "variables";

/// An action may take so long at most, and at least, in minutes (`ActionTimeout`).
const ACTION_TIMEOUT: std::ops::RangeInclusive<u32> = 5..=86_400;

/// Refuses a declaration that cannot run.
pub(super) fn check(declaration: &Declaration, region: &str) -> Result<(), ApiError> {
    check_name(&declaration.name, "pipeline.name")?;
    check_role(declaration.role_arn.as_deref())?;
    check_store(declaration)?;
    for variable in &declaration.variables {
        check_namespace(&variable.name, "pipeline.variables.name")?;
    }
    check_stages(&declaration.stages)?;
    for (at, stage, action) in declaration.actions() {
        check_name(&action.name, "pipeline.stages.actions.name")?;
        let known = type_of(action, region)?;
        check_place(at, known, action)?;
        check_artifacts(known, action)?;
        check_configuration(known, action)?;
        check_timeout(action)?;
        check_region(action, region)?;
        unique_in_stage(stage, action)?;
    }
    check_flow(declaration)
}

/// The type of an action of a declaration that was checked, or the refusal of AWS where it has no such
/// type: here the types that only AWS has are refused alike.
fn type_of(action: &Action, region: &str) -> Result<&'static ActionType, ApiError> {
    let id = &action.action_type_id;
    ActionType::of(id).ok_or_else(|| {
        bad_action(format!(
            "ActionType (Category: '{}', Provider: '{}', Owner: '{}', Version: '{}') in action '{}' is not \
             available in region '{}': the sandbox does not implement it",
            id.category,
            id.provider,
            id.owner,
            id.version,
            action.name,
            region.to_uppercase().replace('-', "_"),
        ))
    })
}

fn check_role(role: Option<&str>) -> Result<(), ApiError> {
    let role = required(role, "pipeline.roleArn")?;
    let is_role = role.starts_with("arn:aws") && role.contains(":iam::") && role.contains(":role/");
    match is_role {
        true => Ok(()),
        false => Err(invalid(format!(
            "1 validation error detected: Value '{role}' at 'pipeline.roleArn' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: arn:aws(-[\\w]+)*:iam::[0-9]{{12}}:role/.*"
        ))),
    }
}

fn check_store(declaration: &Declaration) -> Result<(), ApiError> {
    match &declaration.artifact_store {
        Some(store) if store.kind == "S3" && !store.location.is_empty() => Ok(()),
        Some(_) => Err(invalid(
            "The artifact store must have the type S3 and a bucket as its location",
        )),
        None => Err(bad_structure(
            "Pipeline must have an artifactStore or artifactStores",
        )),
    }
}

fn check_stages(stages: &[Stage]) -> Result<(), ApiError> {
    if stages.len() < 2 {
        return Err(bad_structure(format!(
            "Pipeline has only {} stage(s). There should be a minimum of 2 stages in a pipeline",
            stages.len()
        )));
    }
    let mut names = BTreeSet::new();
    for stage in stages {
        check_name(&stage.name, "pipeline.stages.name")?;
        if !names.insert(&stage.name) {
            return Err(bad_stage(format!(
                "More than one stage has the name {}",
                stage.name
            )));
        }
        if stage.actions.is_empty() {
            return Err(bad_stage(format!(
                "The stage {} must have at least one action",
                stage.name
            )));
        }
    }
    Ok(())
}

/// The first stage has the sources, and nothing else has.
fn check_place(stage: usize, known: &ActionType, action: &Action) -> Result<(), ApiError> {
    let is_source = known.kind == Kind::S3Source;
    if is_source == (stage == 0) {
        return Ok(());
    }
    Err(bad_structure(match stage {
        0 => "Pipeline should start with a stage that only contains source actions".to_owned(),
        _ => format!(
            "The source action {} is not in the first stage: only the first stage can contain source actions",
            action.name
        ),
    }))
}

fn check_artifacts(known: &ActionType, action: &Action) -> Result<(), ApiError> {
    let sides = [
        ("input", &action.input_artifacts, &known.inputs),
        ("output", &action.output_artifacts, &known.outputs),
    ];
    for (side, artifacts, allowed) in sides {
        let count = artifacts.len();
        let complaint = match () {
            () if count < *allowed.start() => Some(("less than the minimum", allowed.start())),
            () if count > *allowed.end() => Some(("greater than the maximum", allowed.end())),
            () => None,
        };
        if let Some((what, bound)) = complaint {
            return Err(bad_action(format!(
                "Action {} declares {count} {side} artifacts which is {what} count ({bound})",
                action.name
            )));
        }
        for artifact in artifacts {
            check_artifact_name(&artifact.name, "pipeline.stages.actions.artifacts.name")?;
        }
    }
    Ok(())
}

fn check_configuration(known: &ActionType, action: &Action) -> Result<(), ApiError> {
    let (name, given) = (&action.name, &action.configuration);
    if let Some(missing) = known
        .required
        .iter()
        .find(|member| !given.contains_key(**member))
    {
        return Err(bad_action(format!(
            "Action configuration for action '{name}' is missing required configuration '{missing}'"
        )));
    }
    if let Some(unknown) = given.keys().find(|member| !known.knows(member)) {
        return Err(bad_action(format!(
            "Action configuration for action '{name}' contains unknown configuration '{unknown}'"
        )));
    }
    for (member, value) in given {
        if !(1..=1000).contains(&value.chars().count()) {
            return Err(invalid(format!(
                "1 validation error detected: the value of '{member}' in action '{name}' must have 1 to 1000 \
                 characters"
            )));
        }
    }
    match known.kind {
        Kind::CodeBuild => check_build(action),
        Kind::Ecs => check_deployment_timeout(action),
        Kind::CodeDeployToEcs => check_images(action),
        Kind::S3Source | Kind::Approval => Ok(()),
    }
}

fn check_build(action: &Action) -> Result<(), ApiError> {
    if action.configured("BatchEnabled") == Some("true") {
        return Err(ApiError::not_implemented("CodePipeline", "batch builds"));
    }
    let primary = action.configured("PrimarySource");
    if primary.is_none() && action.input_artifacts.len() > 1 {
        return Err(bad_action(format!(
            "Action {} has more than one input artifact: PrimarySource must name one of them",
            action.name
        )));
    }
    primary.map_or(Ok(()), |name| must_be_input(action, "PrimarySource", name))
}

/// 1 to 60 minutes.
fn check_deployment_timeout(action: &Action) -> Result<(), ApiError> {
    let Some(given) = action.configured("DeploymentTimeout") else {
        return Ok(());
    };
    let minutes: Option<u32> = given.parse().ok();
    match minutes.is_some_and(|minutes| (1..=60).contains(&minutes)) {
        true => Ok(()),
        false => Err(bad_action(format!(
            "DeploymentTimeout of action '{}' must be 1 to 60 minutes, and is '{given}'",
            action.name
        ))),
    }
}

/// An image needs both of its members.
fn check_images(action: &Action) -> Result<(), ApiError> {
    for member in ["TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"] {
        if let Some(name) = action.configured(member) {
            must_be_input(action, member, name)?;
        }
    }
    for number in 1..=4 {
        let [artifact, container] =
            ["Artifact", "Container"].map(|what| format!("Image{number}{what}Name"));
        match (action.configured(&artifact), action.configured(&container)) {
            (None, None) => {}
            (Some(name), Some(_)) => must_be_input(action, &artifact, name)?,
            (Some(_), None) => return Err(without(action, &artifact, &container)),
            (None, Some(_)) => return Err(without(action, &container, &artifact)),
        }
    }
    Ok(())
}

fn without(action: &Action, given: &str, missing: &str) -> ApiError {
    bad_action(format!(
        "Action configuration for action '{}' has '{given}' without '{missing}'",
        action.name
    ))
}

fn must_be_input(action: &Action, member: &str, artifact: &str) -> Result<(), ApiError> {
    match action
        .input_artifacts
        .iter()
        .any(|input| input.name == artifact)
    {
        true => Ok(()),
        false => Err(bad_action(format!(
            "{member} of action '{}' names the artifact {artifact}, which is not among its input artifacts",
            action.name
        ))),
    }
}

fn check_timeout(action: &Action) -> Result<(), ApiError> {
    match action.timeout_in_minutes {
        Some(minutes) if !ACTION_TIMEOUT.contains(&minutes) => Err(invalid(format!(
            "1 validation error detected: Value '{minutes}' at 'pipeline.stages.actions.timeoutInMinutes' \
             failed to satisfy constraint: Member must be between 5 and 86400"
        ))),
        _ => Ok(()),
    }
}

fn check_region(action: &Action, region: &str) -> Result<(), ApiError> {
    match action.region.as_deref() {
        Some(other) if other != region => Err(ApiError::not_implemented(
            "CodePipeline",
            &format!("the action {} in another Region: {other}", action.name),
        )),
        _ => Ok(()),
    }
}

fn unique_in_stage(stage: &Stage, action: &Action) -> Result<(), ApiError> {
    let same = stage
        .actions
        .iter()
        .filter(|other| other.name == action.name);
    match same.count() {
        1 => Ok(()),
        _ => Err(bad_action(format!(
            "More than one action of the stage {} has the name {}",
            stage.name, action.name
        ))),
    }
}

/// Artifacts and namespaces are used after they were made, and made once.
fn check_flow(declaration: &Declaration) -> Result<(), ApiError> {
    let mut made = BTreeSet::new();
    let mut spaces = BTreeSet::from([OF_THE_EXECUTION, OF_THE_PIPELINE]);
    for group in groups(declaration) {
        for action in &group {
            check_uses(action, &made, &spaces)?;
        }
        for action in group {
            for output in &action.output_artifacts {
                if !made.insert(output.name.as_str()) {
                    return Err(bad_action(format!(
                        "Output Artifact Bundle name must be unique within the pipeline. {} has been used more \
                         than once",
                        output.name
                    )));
                }
            }
            if let Some(namespace) = &action.namespace {
                check_namespace(namespace, "pipeline.stages.actions.namespace")?;
                if !spaces.insert(namespace) {
                    return Err(bad_action(format!(
                        "The namespace {namespace} of action {} is taken: it must be unique within the pipeline",
                        action.name
                    )));
                }
            }
        }
    }
    Ok(())
}

fn check_uses(
    action: &Action,
    made: &BTreeSet<&str>,
    spaces: &BTreeSet<&str>,
) -> Result<(), ApiError> {
    let mut inputs = action.input_artifacts.iter();
    if let Some(input) = inputs.find(|input| !made.contains(input.name.as_str())) {
        return Err(bad_action(format!(
            "Input Artifact Bundle {} in action {} is not declared as Output Artifact Bundle in any of the \
             preceding actions",
            input.name, action.name
        )));
    }
    let mut references = action
        .configuration
        .values()
        .flat_map(|value| variables::references(value));
    match references.find(|reference| !spaces.contains(reference.namespace)) {
        None => Ok(()),
        Some(unknown) => Err(bad_action(format!(
            "Valid format for a pipeline execution variable reference is a namespace and a key separated by a \
             period (.). The following pipeline execution variables are referencing a namespace that does not \
             exist. {}",
            unknown.namespace
        ))),
    }
}

/// The actions that run together, in the order in which they run.
fn groups(declaration: &Declaration) -> Vec<Vec<&Action>> {
    let mut groups = Vec::new();
    for stage in &declaration.stages {
        let orders: BTreeSet<u32> = stage
            .actions
            .iter()
            .map(|action| action.run_order)
            .collect();
        for order in orders {
            let group = stage
                .actions
                .iter()
                .filter(|action| action.run_order == order);
            groups.push(group.collect());
        }
    }
    groups
}
