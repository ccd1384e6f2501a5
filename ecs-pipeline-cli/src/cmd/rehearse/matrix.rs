//! Every strategy in every scenario, one after the other.

use std::time::Duration;

use clap::ValueEnum;
use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::exit;
use ecs_pipeline_core::model::End;
use serde_json::json;

use super::one;
use super::plan::Rehearsal;
use super::promise::Promise;
use super::table::{Row, markdown};
use crate::args::{OutputFormat, RehearseArgs, Scenario};
use crate::config::StrategyName;
use crate::context::Context;
use crate::error::CliError;
use crate::report::print_line;

pub(super) async fn rehearse_all(
    context: &Context,
    args: &RehearseArgs,
) -> Result<Report, CliError> {
    let cells = cells(args);
    context.note(format!(
        "{} rehearsals, one after the other, each in a sandbox of its own: not AWS",
        cells.len()
    ));
    let mut rows = Vec::with_capacity(cells.len());
    for cell in &cells {
        if context.cancel().is_cancelled() {
            break;
        }
        let row = rehearse_one(context, cell).await?;
        context.note(row.told());
        rows.push(row);
    }
    show(context, &rows).await;
    Ok(report(&rows, cells.len()))
}

/// The arguments of each rehearsal.
fn cells(args: &RehearseArgs) -> Vec<RehearseArgs> {
    let strategies = StrategyName::value_variants().iter().copied();
    let strategies = strategies.filter(|one| args.strategy.is_none_or(|only| *one == only));
    let cells = strategies.flat_map(|strategy| {
        let scenarios = Scenario::value_variants().iter().copied();
        let scenarios = scenarios.filter(|one| args.scenario.is_none_or(|only| *one == only));
        scenarios.map(move |scenario| RehearseArgs {
            strategy: Some(strategy),
            scenario: Some(scenario),
            matrix: false,
            ..args.clone()
        })
    });
    cells.collect()
}

/// A rehearsal that cannot take place is a row, too: the others may take place all the same. A
/// wrong configuration is wrong for all of them.
async fn rehearse_one(context: &Context, cell: &RehearseArgs) -> Result<Row, CliError> {
    let rehearsal = Rehearsal::plan(context, cell)?;
    let promise = Promise::of(rehearsal.scenario);
    let (strategy, scenario) = (rehearsal.strategy_name(), rehearsal.scenario_name());
    Ok(match one::rehearse(&context.silently(), &rehearsal).await {
        Ok(rehearsed) => Row::of(strategy, scenario, &rehearsed, promise),
        Err(error) => Row::of_error(strategy, scenario, &error.into_report()),
    })
}

async fn show(context: &Context, rows: &[Row]) {
    // Events are shown by a task of their own: those that came before the table stand before it.
    tokio::time::sleep(Duration::from_millis(100)).await;
    match context.global.output {
        OutputFormat::Text => markdown(rows).iter().for_each(|line| print_line(line)),
        OutputFormat::Json => {
            print_line(&json!({"type": "rehearsals", "rows": rows}).to_string());
        }
    }
}

fn report(rows: &[Row], planned: usize) -> Report {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| !row.is_as_promised())
        .map(Row::name)
        .collect();
    let well = rows.len() - wrong.len();
    let mut report = Report::done(format!("{well} of {planned} rehearsals went as promised"));
    if well == planned {
        return report;
    }
    report.end = End::Failed;
    report.exit_code = exit::FAILED;
    if !wrong.is_empty() {
        report
            .summary
            .push_str(&format!("; not so {}", wrong.join("; ")));
    }
    if rows.len() < planned {
        let left = planned - rows.len();
        report.summary.push_str(&format!("; {left} were not begun"));
    }
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command, PipelineCommand};

    fn args(flags: &str) -> RehearseArgs {
        let line = format!("ecs-pipeline rehearse --matrix {flags}");
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        match cli.command {
            Command::Pipeline(PipelineCommand::Rehearse(args)) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_strategy_meets_every_scenario_that_is_asked_for() {
        for (flags, count) in [
            ("", 5 * 7),
            ("--strategy linear", 7),
            ("--scenario alarm", 5),
            ("--strategy linear --scenario alarm", 1),
        ] {
            let cells = cells(&args(flags));
            assert_eq!(cells.len(), count, "{flags}");
            assert!(cells.iter().all(|cell| !cell.matrix), "{flags}");
        }
    }

    #[test]
    fn one_that_is_not_as_promised_is_named_and_fails_all() {
        let wrong = Report::done("not to be had");
        let rows = [Row::of_error(
            "canary".to_owned(),
            "good".to_owned(),
            &wrong,
        )];
        let told = report(&rows, 3);
        assert_eq!((told.end, told.exit_code), (End::Failed, 1));
        assert_eq!(
            told.summary,
            "0 of 3 rehearsals went as promised; not so canary, good; 2 were not begun"
        );
        assert_eq!(report(&[], 0).exit_code, 0);
    }
}
