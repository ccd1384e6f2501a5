//! The reports that are written at a run's end, from events that are told here.
#![allow(clippy::unwrap_used)]

use ecs_pipeline_core::diagnosis::Diagnosis;
use ecs_pipeline_core::event::{Event, EventKind, Outcome, Step, VERSION};
use ecs_pipeline_core::model::{
    DeploymentId, End, GateState, RevisionCounts, RevisionRole, ServiceRef, TargetCounts,
    TaskDefinitionArn, TrafficShare,
};
use proptest::prelude::*;

use super::story::{Ending, Story};
use super::{html, junit};

/// The reports of a run, a second between two events: test results and page.
fn reports(events: Vec<EventKind>) -> (String, String) {
    let mut story = Story::of("deploy");
    let mut end = None;
    for (seq, event) in (0..).zip(events) {
        let event = Event {
            v: VERSION,
            seq,
            elapsed_ms: seq * 1000,
            event,
        };
        story.add(&event);
        end = Ending::of(&event);
    }
    let end = end.unwrap();
    (junit::render(&story, &end), html::render(&story, &end))
}

fn service() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        service: "web".to_owned(),
    }
}

fn revision(number: u32) -> TaskDefinitionArn {
    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}")
        .parse()
        .unwrap()
}

fn run_started() -> EventKind {
    let service = Some(service());
    EventKind::RunStarted { service }
}

fn started(step: Step, detail: &str) -> EventKind {
    let detail = detail.to_owned();
    EventKind::StepStarted { step, detail }
}

fn finished(step: Step, outcome: Outcome, detail: &str) -> EventKind {
    EventKind::StepFinished {
        step,
        outcome,
        detail: detail.to_owned(),
        took_ms: 1234,
    }
}

fn output(step: Step, line: &str) -> EventKind {
    let line = line.to_owned();
    EventKind::StepOutput { step, line }
}

fn deployment_started() -> EventKind {
    EventKind::DeploymentStarted {
        service: service(),
        deployment: DeploymentId::new("ecs-svc/1"),
        task_definition: revision(2),
        last_good: Some(revision(1)),
        resumed: false,
    }
}

fn progress(new: u32, old: u32, share: f64) -> EventKind {
    let of = |number, role, running| RevisionCounts {
        task_definition: revision(number),
        role,
        desired: 3,
        running,
        pending: 3 - running,
        failed: 0,
    };
    EventKind::DeploymentProgress {
        deployment: DeploymentId::new("ecs-svc/1"),
        revisions: vec![of(2, RevisionRole::New, new), of(1, RevisionRole::Old, old)],
        targets: Some(TargetCounts::default()),
        stage: Some("PRODUCTION_TRAFFIC_SHIFT".to_owned()),
        traffic: Some(TrafficShare {
            production: share,
            test: None,
        }),
        remaining_ms: 60_000,
    }
}

fn gate_read(state: GateState) -> EventKind {
    EventKind::GateRead {
        gate: "HTTP https://web.example".to_owned(),
        state,
        detail: "GET https://web.example answered 503".to_owned(),
        passed: 0,
        needed: 3,
    }
}

fn diagnosed() -> EventKind {
    EventKind::Diagnosed {
        diagnosis: Diagnosis {
            cause: "container app exited with code 1".to_owned(),
            fix: Some("read its last lines".to_owned()),
            evidence: vec![
                "Essential container in task exited".to_owned(),
                "log app: cannot open <config> & \"secrets\"".to_owned(),
            ],
        },
    }
}

fn run_finished(end: End, summary: &str) -> EventKind {
    EventKind::RunFinished {
        end,
        exit_code: ecs_pipeline_core::exit::of_end(end),
        summary: summary.to_owned(),
        hint: Some("look at it".to_owned()),
    }
}

/// Every step did what it is for but the deployment, which AWS rolled back.
fn rolled_back() -> Vec<EventKind> {
    vec![
        run_started(),
        started(Step::Check, "main/web (ECS)"),
        finished(Step::Check, Outcome::Done, "a rollback would go to web:1"),
        started(Step::Register, "the new revision"),
        finished(Step::Register, Outcome::Skipped, "web:2 is there already"),
        started(Step::Deploy, "following ecs-svc/1"),
        deployment_started(),
        progress(0, 3, 0.0),
        progress(3, 3, 10.0),
        EventKind::ServiceMessage {
            text: "(service web) rolling back to deployment ecs-svc/0.".to_owned(),
        },
        diagnosed(),
        finished(Step::Deploy, Outcome::Failed, "rolled back by AWS"),
        EventKind::Warning {
            text: "the alarm is not there".to_owned(),
        },
        run_finished(
            End::RolledBack,
            "web:2 failed and was rolled back: main/web runs web:1 again",
        ),
    ]
}

#[test]
fn test_results_of_a_version_that_was_rolled_back() {
    let (xml, _) = reports(rolled_back());
    well_formed(&xml);
    insta::assert_snapshot!(xml);
}

#[test]
fn page_of_a_version_that_was_rolled_back() {
    let (_, html) = reports(rolled_back());
    well_formed(&html);
    insta::assert_snapshot!(html);
}

/// What a person has to know comes before what they can look up.
#[test]
fn the_page_begins_with_the_end_and_the_cause() {
    let (_, html) = reports(rolled_back());
    let places = [
        "ROLLED BACK",
        "container app exited with code 1",
        "read its last lines",
        "Essential container in task exited",
        "web:1 → web:2 → web:1",
        "<h3>Steps</h3>",
        "<h3>The deployment</h3>",
        "the alarm is not there",
    ];
    let places = places.map(|words| {
        html.find(words)
            .unwrap_or_else(|| panic!("{words}: {html}"))
    });
    assert!(places.is_sorted(), "{places:?}");
}

/// Jenkins' policy for what a build keeps is `default-src 'none'; img-src 'self'; style-src 'self'`.
#[test]
fn the_page_needs_nothing_that_a_strict_policy_forbids() {
    let (_, html) = reports(rolled_back());
    for forbidden in [
        "<script", "<style", " style=", "<link", "<img", "src=", "href=", " on",
    ] {
        let tags = html.split('<').filter_map(|part| part.split_once('>'));
        let mut tags = tags.map(|(tag, _)| format!("<{tag}"));
        let found = tags.find(|tag| tag.contains(forbidden));
        assert_eq!(found, None, "{forbidden}");
    }
}

/// `name`, and the element that is in each case, if any.
fn verdicts(xml: &str) -> Vec<(&str, &str)> {
    let cases = xml.split("<testcase name=\"").skip(1);
    let case = cases.map(|case| {
        let (name, rest) = case.split_once('"').unwrap();
        let (_, inside) = rest.split_once('>').unwrap();
        let verdict = inside.strip_prefix('<').unwrap().split([' ', '>']);
        (name, verdict.into_iter().next().unwrap())
    });
    case.collect()
}

#[test]
fn a_gate_that_fails_is_explained_and_the_run_is_red_though_the_way_back_worked() {
    let (xml, html) = reports(vec![
        run_started(),
        started(Step::Deploy, "following"),
        deployment_started(),
        finished(Step::Deploy, Outcome::Done, "web:2 is deployed"),
        started(Step::Gate, "targets healthy"),
        finished(Step::Gate, Outcome::Done, "3 of 3"),
        started(Step::Gate, "HTTP https://web.example"),
        gate_read(GateState::NotYet),
        gate_read(GateState::Failing),
        finished(Step::Gate, Outcome::Failed, "answered 503"),
        diagnosed(),
        started(Step::Rollback, "main/web to web:1"),
        finished(
            Step::Rollback,
            Outcome::Done,
            "the service runs web:1 again",
        ),
        run_finished(End::RolledBack, "rolled back"),
    ]);
    assert_eq!(
        verdicts(&xml),
        [
            ("deploy", "/testcase"),
            ("gate: targets healthy", "/testcase"),
            ("gate: HTTP https://web.example", "failure"),
            ("rollback", "/testcase"),
            ("run", "failure"),
        ]
    );
    assert!(
        xml.contains("tests=\"5\" failures=\"2\" errors=\"0\""),
        "{xml}"
    );
    assert!(html.contains("not yet"), "{html}");
}

#[test]
fn a_run_that_ends_before_its_step_is_an_error() {
    let (xml, html) = reports(vec![
        run_started(),
        started(Step::Deploy, "following ecs-svc/1"),
        run_finished(End::StillRunning, "stopped at once"),
    ]);
    assert_eq!(verdicts(&xml), [("deploy", "error"), ("run", "error")]);
    assert!(html.contains("unfinished"), "{html}");
}

#[test]
fn a_step_that_was_left_is_skipped() {
    let step = || {
        vec![
            run_started(),
            started(Step::Deploy, "following"),
            finished(Step::Deploy, Outcome::Left, "it goes on"),
        ]
    };
    let end = |end| [step(), vec![run_finished(end, "left")]].concat();
    let (reached, _) = reports(end(End::Reached));
    assert_eq!(
        verdicts(&reached),
        [("deploy", "skipped"), ("run", "/testcase")]
    );
    let (left, _) = reports(end(End::StillRunning));
    assert_eq!(verdicts(&left), [("deploy", "skipped"), ("run", "error")]);
}

#[test]
fn a_refused_run_has_a_failing_case() {
    let (xml, html) = reports(vec![
        run_started(),
        run_finished(End::Refused, "no such service"),
    ]);
    assert_eq!(verdicts(&xml), [("run", "failure")]);
    assert!(
        xml.contains("type=\"refused\" message=\"no such service\""),
        "{xml}"
    );
    assert!(html.contains("REFUSED"), "{html}");
}

/// The last lines of what failed are there, without colours and what XML cannot hold; of what worked none are.
#[test]
fn a_tool_that_failed_is_quoted() {
    let mut events = vec![run_started(), started(Step::Build, "web:2")];
    events.extend((0..100).map(|number| output(Step::Build, &format!("line {number}."))));
    events.push(output(
        Step::Build,
        "\u{1b}[31;1merror\u{1b}[0m: no \u{0}such file",
    ));
    events.push(finished(
        Step::Build,
        Outcome::Failed,
        "docker build: exit code 1",
    ));
    events.push(started(Step::Push, "web:2"));
    events.push(output(Step::Push, "told by what worked"));
    events.push(finished(Step::Push, Outcome::Done, "pushed"));
    events.push(run_finished(End::Failed, "docker build: exit code 1"));
    let (xml, html) = reports(events);
    for report in [xml, html] {
        assert!(report.contains("error: no \u{fffd}such file"), "{report}");
        assert!(report.contains("line 99."), "{report}");
        assert!(!report.contains("line 5."), "{report}");
        assert!(!report.contains("told by what worked"), "{report}");
    }
}

#[test]
fn steps_of_one_name_are_told_apart() {
    let job = |text| {
        [
            started(Step::Before, text),
            finished(Step::Before, Outcome::Done, "done"),
        ]
    };
    let events = [job("migrate").to_vec(), job("seed").to_vec()].concat();
    let (xml, _) = reports([events, vec![run_finished(End::Succeeded, "done")]].concat());
    let names: Vec<&str> = verdicts(&xml).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["before", "before (2)", "run"]);
}

proptest! {
    /// Whatever tools, containers and AWS say.
    #[test]
    fn any_text_is_well_formed(texts in proptest::collection::vec(text(), 8)) {
        let mut next = texts.into_iter().cycle();
        let mut said = || next.next().unwrap_or_default();
        let mut events = vec![
            EventKind::RunStarted {
                service: Some(ServiceRef { cluster: said(), service: said() }),
            },
            started(Step::Gate, &said()),
            output(Step::Gate, &said()),
            EventKind::Note { text: said() },
            EventKind::Held {
                deployment: DeploymentId::new(said()),
                stage: said(),
                detail: said(),
            },
            EventKind::ServiceMessage { text: said() },
            progress(1, 2, 33.3),
            progress(2, 1, 66.6),
            EventKind::Diagnosed {
                diagnosis: Diagnosis {
                    cause: said(),
                    fix: Some(said()),
                    evidence: vec![said(), said()],
                },
            },
            finished(Step::Gate, Outcome::Failed, &said()),
            EventKind::Traffic {
                requests: 1,
                failed: 0,
                by_revision: [(said(), 1)].into(),
            },
        ];
        events.push(run_finished(End::Failed, &said()));
        let (xml, html) = reports(events);
        well_formed(&xml);
        well_formed(&html);
    }
}

fn text() -> impl Strategy<Value = String> {
    const HOSTILE: [&str; 7] = [
        "]]>",
        "<!--",
        "</td><script>alert(1)</script>",
        "\"'&amp;&",
        "\u{1b}[",
        "\0\u{85}\r\n",
        "\u{ffff}",
    ];
    let part = prop_oneof![
        any::<String>(),
        proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned)
    ];
    proptest::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

/// Fails if a text is no XML document: tokens, nesting, names of attributes, characters, references.
#[track_caller]
fn well_formed(document: &str) {
    use xmlparser::{ElementEnd, Token};
    let mut open = Vec::new();
    let mut attributes = Vec::new();
    for token in xmlparser::Tokenizer::from(document) {
        match token.unwrap_or_else(|error| panic!("{error}: {document}")) {
            Token::ElementStart { local, .. } => {
                attributes.clear();
                open.push(local.as_str());
            }
            Token::Attribute { local, value, .. } => {
                assert!(!attributes.contains(&local.as_str()), "twice: {local}");
                attributes.push(local.as_str());
                only_known_references(&value);
                assert!(!value.contains('<'), "{value}");
            }
            Token::ElementEnd { end, .. } => match end {
                ElementEnd::Open => {}
                ElementEnd::Empty => assert!(open.pop().is_some()),
                ElementEnd::Close(_, name) => assert_eq!(open.pop(), Some(name.as_str())),
            },
            Token::Text { text } => only_known_references(&text),
            Token::Declaration { .. } | Token::EmptyDtd { .. } => {}
            other => panic!("{other:?}: {document}"),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    let forbidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert_eq!(document.find(forbidden), None);
}

#[track_caller]
fn only_known_references(text: &str) {
    for reference in text.split('&').skip(1) {
        let (name, _) = reference
            .split_once(';')
            .unwrap_or_else(|| panic!("{text}"));
        assert!(["amp", "lt", "gt", "quot", "#10"].contains(&name), "{name}");
    }
}
