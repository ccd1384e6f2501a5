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
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let rustup = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| format!("{home}/.rustup"));
    let line = format!("rehearse {EXAMPLE} --scenario {scenario} --tasks {tasks} {more}");
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
