//! `ecs-pipeline validate`.

use std::io::IsTerminal;

use ecs_pipeline_artifacts::output::{json, junit, sarif, text};
use ecs_pipeline_artifacts::validate::{Report, SourceFile, validate as look};
use ecs_pipeline_core::exit;

use super::files::{self, STANDARD};
use crate::args::{Format, Global, OutputFormat, ValidateArgs};
use crate::error::CliError;

pub(super) fn validate(global: &Global, args: &ValidateArgs) -> Result<u8, CliError> {
    let found = files::find(global, &args.files)?;
    if let Some(path) = &args.output_file
        && let Some(input) = found.paths.iter().find(|input| files::is_same(input, path))
    {
        return Err(CliError::Usage {
            message: format!("{} is looked at, and would be overwritten", input.display()),
            hint: "name another file with --output-file".to_owned(),
        });
    }
    let report = look(&found.files, &found.options);
    let format = args.format.unwrap_or(match global.output {
        OutputFormat::Text => Format::Text,
        OutputFormat::Json => Format::Json,
    });
    let standard = STANDARD.as_ref();
    match &args.output_file {
        None => files::write(
            standard,
            &rendered(format, &found.files, &report, args.strict, true),
        )?,
        Some(path) => {
            files::write(
                path,
                &rendered(format, &found.files, &report, args.strict, false),
            )?;
            files::write(
                standard,
                &rendered(Format::Text, &found.files, &report, args.strict, true),
            )?;
        }
    }
    let fails = report.has_errors() || (args.strict && !report.findings.is_empty());
    Ok(if fails { exit::FAILED } else { exit::SUCCEEDED })
}

fn rendered(
    format: Format,
    files: &[SourceFile],
    report: &Report,
    strict: bool,
    shown: bool,
) -> String {
    match format {
        Format::Text => text::render(files, report, style(shown)),
        Format::Json => json::render(files, report),
        Format::Sarif => sarif::render(files, report),
        Format::Junit => junit::render(files, report, strict),
    }
}

/// Colour where somebody looks at a terminal (<https://no-color.org>).
pub(super) fn style(shown: bool) -> text::Style {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if shown && std::io::stdout().is_terminal() && !unwanted {
        text::Style::Colour
    } else {
        text::Style::Plain
    }
}
