//! `ecs-pipeline fix`.

use ecs_pipeline_artifacts::fix::{Fixed, fix as mend};
use ecs_pipeline_artifacts::output::Counts;
use ecs_pipeline_artifacts::validate::{Report, SourceFile, validate};
use ecs_pipeline_core::exit;
use serde_json::json;

use super::files::{self, Found, STANDARD};
use crate::args::{FixArgs, Global, OutputFormat};
use crate::error::CliError;
use crate::report::{print_error, print_line};

pub(super) fn fix(global: &Global, args: &FixArgs) -> Result<u8, CliError> {
    let found = files::find(global, &args.files)?;
    let fixed = mend(&found.files, &found.options);
    let (fixed, read_only): (Vec<_>, Vec<_>) = fixed.into_iter().partition(|fixed| {
        let path = found.paths.get(fixed.file);
        args.diff || !path.is_some_and(|path| files::is_read_only(path))
    });
    let left = left(&found, &fixed);
    let to_standard = found.paths.iter().any(|path| path.as_os_str() == STANDARD);
    if args.diff {
        for fixed in &fixed {
            print_diff(&found, fixed);
        }
    } else {
        write(&found, &fixed)?;
    }
    // Standard output has the diff, or the file that came in: what is said about it goes beside it.
    let say = if args.diff || to_standard {
        print_error
    } else {
        print_line
    };
    match global.output {
        OutputFormat::Json => say(&as_json(&found, &fixed, &read_only, &left)),
        OutputFormat::Text => tell(&found, &fixed, &read_only, &left, args.diff, say),
    }
    Ok(if left.has_errors() || !read_only.is_empty() {
        exit::FAILED
    } else {
        exit::SUCCEEDED
    })
}

/// What is found once everything is fixed.
fn left(found: &Found, fixed: &[Fixed]) -> Report {
    let mut files = found.files.clone();
    for fixed in fixed {
        if let Some(file) = files.get_mut(fixed.file) {
            *file = file.with_contents(&fixed.contents);
        }
    }
    validate(&files, &found.options)
}

fn write(found: &Found, fixed: &[Fixed]) -> Result<(), CliError> {
    for (index, (path, file)) in std::iter::zip(&found.paths, &found.files).enumerate() {
        let changed = fixed.iter().find(|fixed| fixed.file == index);
        match changed {
            Some(fixed) => files::write(path, &fixed.contents)?,
            // What came in on standard input goes out again, changed or not.
            None if path.as_os_str() == STANDARD => files::write(path, &file.contents())?,
            None => {}
        }
    }
    Ok(())
}

fn print_diff(found: &Found, fixed: &Fixed) {
    let Some(file) = found.files.get(fixed.file) else {
        return;
    };
    let diff = fixed.diff(file);
    match diff.is_empty() {
        true => print_error(&format!(
            "{}: only values that are not shown would change",
            file.name()
        )),
        false => print_line(diff.trim_end_matches('\n')),
    }
}

fn tell(
    found: &Found,
    fixed: &[Fixed],
    read_only: &[Fixed],
    left: &Report,
    only_diff: bool,
    say: impl Fn(&str),
) {
    let verb = if only_diff { "would fix" } else { "fixed" };
    for fixed in fixed {
        let name = name_of(found, fixed);
        for done in &fixed.done {
            say(&format!(
                "{verb} {name}:{}: {} ({})",
                done.line, done.title, done.rule
            ));
        }
    }
    for fixed in read_only {
        print_error(&format!(
            "{} is read-only, and was left as it is",
            name_of(found, fixed)
        ));
    }
    if fixed.is_empty() && read_only.is_empty() {
        say("nothing to fix");
    }
    if !left.findings.is_empty() {
        say(&what_is_left(left));
    }
}

/// How much is left to mend by hand.
pub(super) fn what_is_left(left: &Report) -> String {
    let counts = Counts::of(left).summary(left.kinds.len());
    let counts = counts.split(';').next().unwrap_or_default();
    format!("left: {counts}; `ecs-pipeline validate` shows them")
}

fn name_of<'f>(found: &'f Found, fixed: &Fixed) -> &'f str {
    found.files.get(fixed.file).map_or("", SourceFile::name)
}

fn as_json(found: &Found, fixed: &[Fixed], read_only: &[Fixed], left: &Report) -> String {
    let fixed = fixed.iter().map(|fixed| {
        let done = fixed.done.iter();
        let done =
            done.map(|done| json!({"rule": done.rule, "line": done.line, "title": done.title}));
        json!({
            "file": name_of(found, fixed),
            "done": done.collect::<Vec<_>>(),
        })
    });
    let read_only = read_only.iter().map(|fixed| name_of(found, fixed));
    json!({
        "version": 1,
        "fixed": fixed.collect::<Vec<_>>(),
        "readOnly": read_only.collect::<Vec<_>>(),
        "left": Counts::of(left),
    })
    .to_string()
}
