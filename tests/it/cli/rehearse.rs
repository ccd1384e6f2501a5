//! `ecs-pipeline rehearse`: the README's first command.

use ecs_pipeline_tests::{Command, Outcome, docker_turn, require, say};
use serde_json::Value;

use super::project::{Aws, Project};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hello-web");

/// The scenarios with the exit code and the words that the end is told with.
const SCENARIOS: [(&str, i32, &str, &str); 4] = [
    ("good", 0, "SUCCEEDED", "all 2 gates passed"),
    ("unhealthy", 4, "ROLLED BACK", "hello-web:1 again"),
    ("crash-loop", 4, "ROLLED BACK", "hello-web:1 again"),
    ("missing-image", 4, "ROLLED BACK", "hello-web:1 again"),
];

/// What explains the failure of a scenario.
fn why(scenario: &str) -> &'static str {
    match scenario {
        "unhealthy" => "health check was answered with 503",
        "crash-loop" => "exited with code 137",
        "missing-image" => "is not in the registry",
        _ => "",
    }
}

fn rehearse(project: &Project, scenario: &str, tasks: &str, more: &str) -> Command {
    rehearse_with(
        project,
        &format!("--scenario {scenario} --tasks {tasks} {more}"),
    )
}

fn rehearse_with(project: &Project, flags: &str) -> Command {
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let rustup = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| format!("{home}/.rustup"));
    let line = format!("rehearse {EXAMPLE} {flags}");
    // Its `prepare` command runs cargo, whose home is not the test's.
    let command = project.run(&line);
    command.env("CARGO_HOME", cargo).env("RUSTUP_HOME", rustup)
}

async fn every_scenario(tasks: &str, more: &str) {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    for (scenario, code, end, words) in SCENARIOS {
        let outcome = rehearse(&project, scenario, tasks, more).run().await;
        let last: Vec<&str> = outcome.stdout.lines().rev().take(4).collect();
        let told = last.join("\n");
        assert_eq!(outcome.code, Some(code), "{scenario}: {outcome:#?}");
        assert_eq!(outcome.stderr, "", "{scenario}");
        for word in [end, words, ", 0 failed"] {
            assert!(
                told.contains(word),
                "{scenario}: {word:?}: {}",
                outcome.stdout
            );
        }
        assert!(outcome.stdout.contains(why(scenario)), "{}", outcome.stdout);
        assert!(!outcome.stdout.contains('\u{1b}'), "{}", outcome.stdout);
        let traffic = outcome
            .stdout
            .lines()
            .rfind(|line| line.contains("traffic:"));
        say(format!(
            "{tasks}, {scenario}: {}",
            traffic.unwrap_or_default()
        ));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_in_process_ends_as_its_scenario_says() {
    every_scenario("in-process", "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_with_containers_ends_as_its_scenario_says() {
    if !require(&["docker"]) {
        return;
    }
    let _turn = docker_turn().await;
    every_scenario("docker", "--rate 200").await;
}

/// Every line of standard output as the event that it must be.
fn events(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    lines.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_output_is_one_event_a_line() {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    for (scenario, code) in [("good", 0), ("unhealthy", 4)] {
        let command = rehearse(&project, scenario, "in-process", "--output json");
        let outcome = command.run().await;
        assert_eq!(outcome.code, Some(code), "{outcome:#?}");
        let events = events(&outcome);
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["v"], 1, "{event}");
            assert_eq!(event["seq"], number, "{event}");
        }
        let kind = |event: &Value| event["event"]["type"].as_str().unwrap().to_owned();
        assert_eq!(kind(events.first().unwrap()), "run_started");
        let last = events.last().unwrap();
        assert_eq!(kind(last), "run_finished");
        assert_eq!(last["event"]["exit_code"], code);
        let count = |wanted: &str| events.iter().filter(|event| kind(event) == wanted).count();
        assert_eq!(count("run_finished"), 1);
        assert_eq!(count("step_started"), count("step_finished"));
        assert_eq!(count("diagnosed"), usize::from(code == 4));
        // Short names are for people.
        let message = events.iter().find(|event| kind(event) == "service_message");
        let text = message.unwrap()["event"]["text"].as_str().unwrap();
        assert!(
            text.starts_with("(service hello-web) has started 3 tasks: (task "),
            "{text}"
        );
    }
}

/// Time passes so fast that an hour of steps takes half a minute.
const FAST: &str = "--tasks in-process --speed 120 --rate 200";

const STRATEGIES: [&str; 5] = ["rolling", "blue-green", "linear", "canary", "codedeploy"];

/// The rows of a Markdown table, cell by cell.
fn rows(stdout: &str) -> Vec<Vec<&str>> {
    let rows = stdout.lines().filter(|line| line.starts_with("| "));
    let inner = rows.map(|row| row.trim_start_matches("| ").trim_end_matches(" |"));
    inner
        .skip(1)
        .map(|row| row.split(" | ").collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_strategy_brings_a_good_version() {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    let flags = format!("--matrix --scenario good {FAST}");
    let outcome = rehearse_with(&project, &flags).run().await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let rows = rows(&outcome.stdout);
    let strategies: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(strategies, STRATEGIES);
    for row in rows {
        let end = [row[1], row[2], row[3], row[5]];
        assert_eq!(
            end,
            ["good", "succeeded (0)", "hello-web:2", "0"],
            "{row:?}"
        );
        // Rolling has no weights that a share could be measured against.
        let share = row[6].parse::<f64>();
        match row[0] {
            "rolling" => assert_eq!(row[6], "–"),
            _ => assert!(share.is_ok_and(|points| points <= 3.0), "{row:?}"),
        }
    }
    let told = "5 of 5 rehearsals went as promised";
    assert!(outcome.stdout.contains(told), "{}", outcome.stdout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_strategy_brings_the_old_version_back() {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    let flags = format!("--matrix --scenario unhealthy --output json {FAST}");
    let outcome = rehearse_with(&project, &flags).run().await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let mut lines = outcome.stdout.lines();
    let table = lines
        .find(|line| line.contains("\"type\":\"rehearsals\""))
        .unwrap();
    let table: Value = serde_json::from_str(table).unwrap();
    let rows = table["rows"].as_array().unwrap();
    let strategies: Vec<&Value> = rows.iter().map(|row| &row["strategy"]).collect();
    assert_eq!(strategies, STRATEGIES);
    for row in rows {
        assert_eq!(row["exit_code"], 4, "{row}");
        assert_eq!(row["runs"], "hello-web:1", "{row}");
        assert_eq!(row["failed"], 0, "{row}");
        assert_eq!(row["wrong"], serde_json::json!([]), "{row}");
    }
}

/// What happens to a version that is well: the exit code, and what the output has to tell.
const HAPPENINGS: [(&str, i32, [&str; 2]); 3] = [
    ("alarm", 4, ["the service's alarm goes off", "ROLLED BACK"]),
    (
        "rollback",
        4,
        ["somebody rolls it back by hand", "ROLLED BACK"],
    ),
    (
        "rollback-after",
        0,
        ["demo/hello-web runs hello-web:1 again", "SUCCEEDED"],
    ),
];

async fn what_may_happen(strategy: &str) {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    for (scenario, code, words) in HAPPENINGS {
        let more = format!("--strategy {strategy} --speed 120 --rate 200");
        let command = rehearse(&project, scenario, "in-process", &more);
        let outcome = command.run().await;
        assert_eq!(
            outcome.code,
            Some(code),
            "{strategy}, {scenario}: {outcome:#?}"
        );
        let share = "version 2's share of the requests, by its weight: 0 %: 0.0 % of";
        for word in words
            .into_iter()
            .chain([share, ", 0 failed", "hello-web:1"])
        {
            let told = outcome.stdout.contains(word);
            assert!(told, "{strategy}, {scenario}: {word:?}: {}", outcome.stdout);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_goes_back_by_an_alarm_and_by_hand() {
    what_may_happen("canary").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codedeploy_goes_back_by_an_alarm_and_by_hand() {
    what_may_happen("codedeploy").await;
}
