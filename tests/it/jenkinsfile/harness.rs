//! The harness itself: it refuses what it does not know, and keeps Jenkins' order.

use ecs_pipeline_tests::{Built, Command, Job, require, run_all};
use serde_json::{Value, json};

/// A Jenkinsfile to build, and a member of the build's description.
struct Case {
    jenkinsfile: String,
    member: (&'static str, Value),
}

/// A Jenkinsfile of which nothing more is said.
fn case(jenkinsfile: impl Into<String>) -> Case {
    Case {
        jenkinsfile: jenkinsfile.into(),
        member: ("number", json!(1)),
    }
}

async fn all_built(cases: Vec<Case>) -> Vec<Built> {
    let mut jobs = Vec::new();
    for case in &cases {
        jobs.push(Job::new(&[("Jenkinsfile", &case.jenkinsfile)]).await);
    }
    let builds = std::iter::zip(&jobs, cases).map(|(job, case)| {
        let (name, value) = case.member;
        job.build(1).with(name, value)
    });
    run_all(builds.collect(), |groovy| {
        Command::new(groovy, jobs[0].path())
    })
    .await
}

/// A pipeline with one stage of these steps, and more sections.
fn with_steps(steps: &str, sections: &str) -> String {
    format!(
        "pipeline {{\nagent any\nstages {{\nstage('One') {{\nsteps {{\n{steps}\n}}\n}}\n}}\n{sections}\n}}\n"
    )
}

/// Every one of these fails, with its message, before it has run anything.
async fn refused(cases: &[(String, &str)]) {
    let built = all_built(cases.iter().map(|(file, _)| case(file)).collect()).await;
    for ((_, message), built) in std::iter::zip(cases, built) {
        let built = built.expect("FAILURE");
        built.says(&[message]);
        built.never_says("+ touch ran");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_does_not_know_is_refused_by_name() {
    if !require(&["groovy"]) {
        return;
    }
    let with = |sections: &str| with_steps("sh 'touch ran'", sections);
    refused(&[
        (
            with_steps("deployToMoon 'now'", ""),
            "No such DSL method 'deployToMoon' found among steps",
        ),
        (
            with_steps("sh script: 'touch ran', retrunStatus: true", ""),
            "Invalid parameter \"retrunStatus\"",
        ),
        (
            with("options { makeCoffee() }"),
            "Invalid option \"makeCoffee\"",
        ),
        (
            with("triggers { fullMoon() }"),
            "Invalid trigger \"fullMoon\"",
        ),
        (
            with("post { sometimes { echo 'x' } }"),
            "Invalid condition \"sometimes\"",
        ),
        (with("cleanup { echo 'x' }"), "Invalid section \"cleanup\""),
        (
            with_steps("sh 'touch ran'\n}\nwhen { fullMoon true", ""),
            "Unknown conditional fullMoon",
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groovy_that_declarative_refuses_is_refused_before_anything_runs() {
    if !require(&["groovy"]) {
        return;
    }
    let after = |steps: &str| with_steps(&format!("sh 'touch ran'\n{steps}"), "");
    let with = |sections: &str| with_steps("sh 'touch ran'", sections);
    refused(&[
        (after("def x = 1"), "Expected a step"),
        (after("if (true) { echo 'x' }"), "Expected a step"),
        (after("dir('x') { def y = 2 }"), "Expected a step"),
        (after("env.X.trim()"), "Method calls on objects not allowed"),
        (
            with("environment { X = 1 + y }"),
            "Environment variable values must either be",
        ),
        (
            with("environment { sh 'x' }"),
            "Not a valid environment expression",
        ),
        (after("}\nstages {"), "Expected exactly one of"),
        (
            after("}\n}\nstage('One') {\nsteps { echo 'x'"),
            "Duplicate stage name",
        ),
        (
            with("").replace("agent any", ""),
            "Missing required section \"agent\"",
        ),
        (
            with("").replace("pipeline {", "pipelines {"),
            "No such DSL method 'pipelines'",
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn post_conditions_come_in_jenkins_order() {
    if !require(&["groovy"]) {
        return;
    }
    let names =
        "cleanup failure unstable unsuccessful success aborted regression fixed changed always";
    let echo = |name: &str| format!("{name} {{ echo '<{name}>' }}\n");
    let post: String = names.split(' ').map(echo).collect();
    let post = format!("post {{\n{post}}}\n");
    let well = "echo 'well'";
    let bad = "error 'bad'";
    let over = "timeout(time: 10, unit: 'MILLISECONDS') { sh 'sleep 600' }";
    let expected = [
        (
            well,
            json!("FAILURE"),
            "SUCCESS",
            "always changed fixed success cleanup",
        ),
        (well, json!("SUCCESS"), "SUCCESS", "always success cleanup"),
        (
            bad,
            json!("SUCCESS"),
            "FAILURE",
            "always changed regression unsuccessful failure cleanup",
        ),
        (
            bad,
            json!("FAILURE"),
            "FAILURE",
            "always unsuccessful failure cleanup",
        ),
        (
            "unstable 'so so'",
            Value::Null,
            "UNSTABLE",
            "always changed unsuccessful unstable cleanup",
        ),
        (
            over,
            json!("SUCCESS"),
            "ABORTED",
            "always changed regression aborted unsuccessful cleanup",
        ),
    ];
    let cases = expected.iter().map(|(steps, previous, ..)| Case {
        jenkinsfile: with_steps(steps, &post),
        member: ("previous", previous.clone()),
    });
    let built = all_built(cases.collect()).await;
    for ((.., result, met), built) in std::iter::zip(&expected, built) {
        let built = built.expect(result);
        let said = built.log.lines();
        let said = said.filter_map(|line| line.strip_prefix('<')?.strip_suffix('>'));
        assert_eq!(said.collect::<Vec<_>>().join(" "), *met, "{}", built.log);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_do_what_jenkins_does() {
    if !require(&["groovy"]) {
        return;
    }
    let steps = r#"
        sh 'echo $BUILD_NUMBER of $JOB_NAME; mkdir -p in/side'
        dir('in/side') { sh 'pwd' }
        withEnv(['WHO=me', 'PATH+MINE=/mine']) { sh 'echo "$WHO ${PATH%%:*}"' }
        withCredentials([usernamePassword(credentialsId: 'key', usernameVariable: 'U', passwordVariable: 'P')]) {
          sh 'echo "$U:$P"'
        }
        script {
          def code = sh(script: 'exit 3', returnStatus: true)
          def said = sh(script: 'echo said', returnStdout: true).trim()
          echo "code $code, $said"
        }
        catchError(buildResult: 'UNSTABLE') { sh 'false' }
        retry(3) { sh 'echo x >> turns; [ "$(wc -l < turns)" = 2 ]' }
        sh 'echo "<testsuite><testcase/><testcase><failure/></testcase></testsuite>" > a.xml'
        junit '*.xml'
        archiveArtifacts artifacts: 'in/**,a.xml', allowEmptyArchive: true
        junit 'none/*.xml'
    "#;
    let key = json!({ "key": { "username": "me", "password": "hidden" } });
    let without_files = with_steps("archiveArtifacts 'none/**'", "");
    let no_test_result = with_steps("sh 'echo nonsense > a.xml'\njunit 'a.xml'", "");
    let cases = vec![
        Case {
            jenkinsfile: with_steps(steps, ""),
            member: ("credentials", key),
        },
        case(without_files),
        case(no_test_result),
    ];
    let [built, without_files, no_test_result] = all_built(cases).await.try_into().unwrap();
    let built: Built = built;
    let built = built.expect("FAILURE");
    built.says(&[
        "1 of shop",
        "workspace/in/side",
        "me /mine",
        "me:****",
        "code 3, said",
        "ERROR: script returned exit code 1",
        "Retrying",
        "Recording test results",
        "Archiving artifacts",
        "ERROR: No test report files were found. Configuration error?",
    ]);
    built.never_says("hidden");
    assert_eq!(built.tests, (2, 1));
    without_files
        .expect("FAILURE")
        .says(&["ERROR: No artifacts found that match"]);
    no_test_result
        .expect("FAILURE")
        .says(&["ERROR: Failed to read test report file"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_is_told_to_stop_gets_its_time() {
    if !require(&["groovy"]) {
        return;
    }
    let steps = |then: &str| {
        format!(
            "sh '''\ntrap 'echo told; {then}' TERM\necho ready\nwhile [ ! -e over ]; do sleep 0.05; done\n'''"
        )
    };
    let post = "post { aborted { sh 'touch over; echo after' } }";
    for (then, grace, words) in [
        ("exit 0", 600.0, ["told", "after", "Finished: ABORTED"]),
        (
            "",
            0.2,
            [
                "After 0.2s process did not stop",
                "after",
                "Finished: ABORTED",
            ],
        ),
    ] {
        let file = with_steps(&steps(then), post);
        let job = Job::new(&[("Jenkinsfile", &file)]).await;
        let build = job.build(1).with("stepGrace", json!(grace));
        let mut running = build.start(|groovy| Command::new(groovy, job.path()));
        running.until("+ [ ! -e over ]").await;
        job.abort();
        let built = job.built(running.end().await).expect("ABORTED");
        built.says(&["Aborted by admin", "Sending interrupt signal to process"]);
        built.says(&words);
    }
}

/// The time limit of the whole pipeline holds for `post`, too: Jenkins gives it what `timeout` grants at the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn post_within_a_time_limit_that_is_over_is_cut_short() {
    if !require(&["groovy"]) {
        return;
    }
    let sections = "options { timeout(time: 1, unit: 'SECONDS') }\npost { aborted { sh 'echo begun; sleep 600' } }";
    let cases = vec![Case {
        jenkinsfile: with_steps("sh 'sleep 600'", sections),
        member: ("timeoutGrace", json!(1)),
    }];
    let built = all_built(cases).await.remove(0).expect("ABORTED");
    built.says(&[
        "Cancelling nested steps due to timeout",
        "Sending interrupt signal to process",
        "begun",
        "Body did not finish within grace period; terminating with extreme prejudice",
        "Finished: ABORTED",
    ]);
}
