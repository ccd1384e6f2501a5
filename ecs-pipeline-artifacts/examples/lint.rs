//! A linter in twenty lines: `cargo run -p ecs-pipeline-artifacts --features text --example lint -- FILE…`
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::{env, fs, io};

use ecs_pipeline_artifacts::output::text;
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};

fn main() -> io::Result<ExitCode> {
    let names = env::args().skip(1);
    let files = names.map(|name| Ok(SourceFile::new(name.as_str(), fs::read(&name)?)));
    let files = files.collect::<io::Result<Vec<_>>>()?;
    let report = validate(&files, &Options::default());
    print!("{}", text::render(&files, &report, text::Style::Plain));
    Ok(match report.has_errors() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}
