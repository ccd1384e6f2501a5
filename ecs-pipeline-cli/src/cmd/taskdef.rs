//! `ecs-pipeline taskdef set` and `taskdef convert`.

use std::path::{Path, PathBuf};

use ecs_pipeline_artifacts::document::DocumentKind;
use ecs_pipeline_artifacts::finding::{Finding, Severity};
use ecs_pipeline_artifacts::output::text;
use ecs_pipeline_artifacts::task_definition::{
    self, ConvertError, EditError, NoSuchContainer, TaskDefinitionDocument,
};
use ecs_pipeline_artifacts::validate::{Options, Report, SourceFile, validate};
use ecs_pipeline_core::exit;

use super::files::{self, STANDARD};
use super::fix::what_is_left;
use crate::args::{OutArgs, TaskdefConvertArgs, TaskdefSetArgs};
use crate::error::CliError;
use crate::report::{print_error, print_line};

pub(super) fn set(args: &TaskdefSetArgs) -> Result<u8, CliError> {
    let path = &args.file;
    let parsed = TaskDefinitionDocument::parse(files::read(path)?);
    let mut document = parsed.map_err(|source| CliError::TaskDefinition {
        path: path.clone(),
        source,
    })?;
    let before = document.to_json_string();
    edit(&mut document, args)?;
    check(path, &before, &document.to_json_string())?;
    let dropped = document.dropped_members();
    if !dropped.is_empty() {
        print_error(&format!(
            "note: left out what AWS alone sets: {}",
            dropped.join(", ")
        ));
    }
    let changed = document.to_json_string() != before || !dropped.is_empty();
    write(path, &args.out, changed, &document)?;
    Ok(exit::SUCCEEDED)
}

/// Refuses an edit after which AWS would refuse what it took before; what was wrong may stay.
fn check(path: &Path, before: &str, after: &str) -> Result<(), CliError> {
    // The lines are those of what would have been written.
    let name = format!("{}, as it would be", files::shown(path));
    let file = |text: &str| [SourceFile::new(&name, text).with_kind(DocumentKind::TaskDefinition)];
    let said = |finding: &Finding| (finding.rule.id, finding.message.clone());
    let mut known: Vec<_> = look(&file(before)).findings.iter().map(said).collect();
    let after = file(after);
    let mut report = look(&after);
    report.findings.retain(|finding| {
        let same = known.iter().position(|known| *known == said(finding));
        if let Some(same) = same {
            known.swap_remove(same);
        }
        same.is_none() && finding.severity() == Severity::Error
    });
    if !report.has_errors() {
        return Ok(());
    }
    print_error(text::render(&after, &report, text::Style::Plain).trim_end());
    Err(CliError::Refused {
        message: "AWS would refuse the task definition; nothing was written".to_owned(),
        hint: "correct what is to be set".to_owned(),
    })
}

fn look(files: &[SourceFile]) -> Report {
    validate(files, &Options::default())
}

fn edit(document: &mut TaskDefinitionDocument, args: &TaskdefSetArgs) -> Result<(), CliError> {
    let of_container = args.image.is_some()
        || [&args.env, &args.secret, &args.log_option]
            .iter()
            .any(|list| !list.is_empty());
    let of_task = !args.tag.is_empty() || args.cpu.is_some() || args.memory.is_some();
    if !of_container && !of_task {
        return Err(CliError::Usage {
            message: "there is nothing to set".to_owned(),
            hint: "name what: --image, --env, --secret, --log-option, --tag, --cpu, --memory"
                .to_owned(),
        });
    }
    if of_container {
        let container = container(document, args.container.as_deref())?;
        if let Some(image) = &args.image {
            document
                .set_image(&container, image)
                .map_err(no_container)?;
        }
        for (name, value) in &args.env {
            document
                .set_environment(&container, name, value)
                .map_err(refused)?;
        }
        for (name, value_from) in &args.secret {
            document
                .set_secret(&container, name, value_from)
                .map_err(refused)?;
        }
        for (name, value) in &args.log_option {
            document
                .set_log_option(&container, name, value)
                .map_err(refused)?;
        }
    }
    for (key, value) in &args.tag {
        document.set_tag(key, value).map_err(refused)?;
    }
    if let Some(cpu) = &args.cpu {
        document.set_cpu(cpu);
    }
    if let Some(memory) = &args.memory {
        document.set_memory(memory);
    }
    Ok(())
}

/// The container that is named, or the only one.
fn container(document: &TaskDefinitionDocument, named: Option<&str>) -> Result<String, CliError> {
    match (named, document.container_names().as_slice()) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, [only]) => Ok((*only).to_owned()),
        (None, names) => Err(CliError::Usage {
            message: format!(
                "the task definition has {} containers with a name",
                names.len()
            ),
            hint: format!("say which one with --container: {}", names.join(", ")),
        }),
    }
}

fn no_container(error: NoSuchContainer) -> CliError {
    refused(error.into())
}

fn refused(error: EditError) -> CliError {
    let hint = match &error {
        EditError::NoSuchContainer(error) => match error.did_you_mean() {
            Some(name) => format!("did you mean --container {name}?"),
            None => "correct --container".to_owned(),
        },
        _ => "correct the task definition first; it was not changed".to_owned(),
    };
    CliError::Refused {
        message: error.to_string(),
        hint,
    }
}

pub(super) fn convert(args: &TaskdefConvertArgs) -> Result<u8, CliError> {
    let path = &args.file;
    if args.out.out.is_none() && path.extension().is_some_and(|ending| ending != "json") {
        return Err(CliError::Usage {
            message: format!(
                "{} is not a JSON file, and JSON is what it becomes",
                path.display()
            ),
            hint: "say where to write it: --out taskdef.json".to_owned(),
        });
    }
    let file = SourceFile::new(path.display().to_string(), files::read(path)?);
    let converted = task_definition::convert(&file, args.family.as_deref());
    let converted = converted.map_err(|error| match error {
        ConvertError::Unreadable(source) => CliError::TaskDefinition {
            path: path.clone(),
            source,
        },
        other => CliError::Usage {
            message: format!("{}: {other}", path.display()),
            hint: "name the family with --family".to_owned(),
        },
    })?;
    for change in &converted.changes {
        print_error(&format!("note: {change}"));
    }
    let document = &converted.document;
    write(path, &args.out, !converted.changes.is_empty(), document)?;
    let written = SourceFile::new("taskdef.json", document.to_json_string());
    let left = look(&[written.with_kind(DocumentKind::TaskDefinition)]);
    if left.has_errors() {
        print_error(&what_is_left(&left));
        return Ok(exit::FAILED);
    }
    Ok(exit::SUCCEEDED)
}

/// A file that is as it should be is left alone.
fn write(
    path: &Path,
    out: &OutArgs,
    changed: bool,
    document: &TaskDefinitionDocument,
) -> Result<(), CliError> {
    let to: PathBuf = out.out.clone().unwrap_or_else(|| path.to_owned());
    let in_place = to == path && to.as_os_str() != STANDARD;
    if changed || !in_place {
        files::write(&to, &document.to_json_string())?;
    }
    if to.as_os_str() != STANDARD {
        let done = if changed || !in_place {
            "wrote"
        } else {
            "nothing to change in"
        };
        print_line(&format!("{done} {}", to.display()));
    }
    Ok(())
}
