//! `ecs-pipeline infra`.

use std::path::{Path, PathBuf};

use ecs_pipeline_core::exit;
use ecs_pipeline_infra::application::Application;
use ecs_pipeline_infra::options::Options;
use ecs_pipeline_infra::problem::{Problem, Refused};
use ecs_pipeline_infra::stack::{Kind, Stack, stacks};
use serde_json::json;

use super::files::{self, STANDARD};
use crate::args::{Global, InfraCommand, InfraShowArgs, InfraWriteArgs, OutputFormat};
use crate::error::CliError;
use crate::report::print_line;
use crate::wiring;

pub(super) fn infra(global: &Global, command: &InfraCommand) -> Result<u8, CliError> {
    let (config, mut application) = wiring::application(global)?;
    let options = &config.infra;
    if let InfraCommand::Write(args) = command {
        application.revision.clone_from(&args.revision);
    }
    match command {
        InfraCommand::List => list(global, &application, options),
        InfraCommand::Show(args) => show(&application, options, args),
        InfraCommand::Write(args) => write(global, &application, options, args),
    }
}

impl From<Refused> for CliError {
    fn from(refused: Refused) -> Self {
        let told = |it: &Problem| format!("\n  {it}\n    {}", it.help);
        let problems: String = refused.problems.iter().map(told).collect();
        Self::Refused {
            message: format!("AWS would not take this:{problems}"),
            hint: "correct it in ecs-pipeline.yml; nothing was written".to_owned(),
        }
    }
}

fn list(global: &Global, application: &Application, options: &Options) -> Result<u8, CliError> {
    let stacks = stacks(application, options)?;
    let name = |kind: Kind| {
        let stack = stacks.iter().find(|stack| stack.kind == kind);
        stack.map(|stack| stack.name.as_str())
    };
    if global.output == OutputFormat::Json {
        let kinds = Kind::ALL.map(|kind| {
            json!({
                "kind": kind.name(), "creates": kind.summary(), "stack": name(kind),
                "leftOut": kind.why_not(application, options),
            })
        });
        print_line(&json!({"version": 1, "stacks": kinds}).to_string());
        return Ok(exit::SUCCEEDED);
    }
    for kind in Kind::ALL {
        let stack = name(kind).unwrap_or("-");
        let left_out = kind.why_not(application, options);
        let left_out = left_out.map_or(String::new(), |why| format!(" (left out: {why})"));
        let (kind, summary) = (kind.name(), kind.summary());
        print_line(&format!("{kind:<11} {stack:<26} {summary}{left_out}"));
    }
    Ok(exit::SUCCEEDED)
}

fn show(
    application: &Application,
    options: &Options,
    args: &InfraShowArgs,
) -> Result<u8, CliError> {
    let kind = Kind::from(args.stack);
    let stacks = stacks(application, options)?;
    let stack = stacks.iter().find(|stack| stack.kind == kind);
    let stack = stack.ok_or_else(|| CliError::Usage {
        message: format!("{} has no {} stack", application.name, kind.name()),
        hint: kind
            .why_not(application, options)
            .unwrap_or_default()
            .to_owned(),
    })?;
    let text = match args.parameters {
        true => stack.parameter_text(),
        false => stack.template.clone(),
    };
    files::write(STANDARD.as_ref(), &text)?;
    Ok(exit::SUCCEEDED)
}

/// A file that is to be written.
struct Output {
    path: PathBuf,
    contents: String,
    /// What stands there now.
    before: Option<String>,
}

impl Output {
    fn new(path: PathBuf, contents: String) -> Result<Self, CliError> {
        let before = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => {
                return Err(CliError::File {
                    path,
                    done: "read",
                    source,
                });
            }
        };
        Ok(Self {
            path,
            contents,
            before,
        })
    }

    fn is_changed(&self) -> bool {
        self.before.as_ref() != Some(&self.contents)
    }

    fn diff(&self) -> String {
        let before = self.before.as_deref().unwrap_or_default();
        let diff = similar::TextDiff::from_lines(before, &self.contents);
        let name = self.path.display();
        let from = match self.before {
            Some(_) => format!("a/{name}"),
            None => "/dev/null".to_owned(),
        };
        let mut unified = diff.unified_diff();
        unified
            .context_radius(3)
            .header(&from, &format!("b/{name}"));
        unified.to_string()
    }
}

fn write(
    global: &Global,
    application: &Application,
    options: &Options,
    args: &InfraWriteArgs,
) -> Result<u8, CliError> {
    let stacks = stacks(application, options)?;
    let mut outputs = Vec::new();
    for stack in &stacks {
        let template = args.dir.join(stack.template_file());
        outputs.push(Output::new(template, stack.template.clone())?);
        let parameters = args.dir.join(stack.parameter_file());
        outputs.push(Output::new(parameters, stack.parameter_text())?);
    }
    outputs.retain(Output::is_changed);
    if args.diff {
        let diffs: String = outputs.iter().map(Output::diff).collect();
        files::write(STANDARD.as_ref(), &diffs)?;
        return Ok(exit::SUCCEEDED);
    }
    if !args.force {
        refuse_to_overwrite(&outputs)?;
    }
    std::fs::create_dir_all(&args.dir).map_err(|source| CliError::File {
        path: args.dir.clone(),
        done: "written",
        source,
    })?;
    for output in &outputs {
        files::write(&output.path, &output.contents)?;
    }
    let region = application.task.region();
    tell(global, &stacks, &outputs, (&args.dir, region.as_deref()));
    Ok(exit::SUCCEEDED)
}

fn refuse_to_overwrite(outputs: &[Output]) -> Result<(), CliError> {
    let there = outputs.iter().filter(|output| output.before.is_some());
    let there: Vec<_> = there.map(|it| it.path.display().to_string()).collect();
    match there.is_empty() {
        true => Ok(()),
        false => Err(CliError::Refused {
            message: format!(
                "nothing was written: {} would be overwritten",
                there.join(", ")
            ),
            hint: "--diff shows the change, and --force makes it".to_owned(),
        }),
    }
}

/// What was written where, and how it is deployed: the logs of the task definition have to be in the stacks'
/// Region.
fn tell(
    global: &Global,
    stacks: &[Stack],
    outputs: &[Output],
    (directory, region): (&Path, Option<&str>),
) {
    let directory = directory.display().to_string();
    let deploy = |stack: &Stack| stack.deploy_command(&directory, region);
    if global.output == OutputFormat::Json {
        let written = outputs.iter().map(|it| it.path.display().to_string());
        let stacks = stacks.iter().map(|stack| {
            json!({
                "kind": stack.kind.name(), "stack": stack.name,
                "before": stack.before_deploying(), "deploy": deploy(stack),
            })
        });
        let told = json!({
            "version": 1,
            "written": written.collect::<Vec<_>>(),
            "stacks": stacks.collect::<Vec<_>>(),
        });
        print_line(&told.to_string());
        return;
    }
    for output in outputs {
        print_line(&format!("wrote {}", output.path.display()));
    }
    if outputs.is_empty() {
        print_line("every file is there already, and the same");
    }
    print_line("\nDeploy them in this order:\n");
    for stack in stacks {
        for note in stack.before_deploying() {
            print_line(&format!("# {note}"));
        }
        print_line(&deploy(stack));
    }
}
