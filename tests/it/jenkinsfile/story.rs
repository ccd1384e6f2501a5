//! Three builds with real containers: what `docs/transcripts/jenkins.md` shows.

use std::fmt::Write as _;

use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::{Built, Image, Sandboxed, docker_turn, get, require, transcript};

use super::setting::Setting;

const INTRODUCTION: &str = "\
# Jenkins, as it is printed

The [Jenkinsfile](../../Jenkinsfile) at the top of this repository, unchanged, and a Docker engine that is real. Jenkins
and AWS are not: the file is run by the harness in [`tests/jenkins`](../../tests/jenkins), and the service by the
[sandbox](../sandbox.md), whose time runs ten times as fast. The application is the [example](../../examples/hello-web);
`.ci/run` and `cargo` are stand-ins for its own tests and for the compiler. A test runs all of it again and compares it,
without times, ids and digests, with what is here (`UPDATE_DOCS=1 cargo test --workspace jenkinsfile::story`).
[What it all means](../jenkins.md).
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_an_unhealthy_version_and_an_abort() {
    if !require(&["groovy", "docker"]) {
        return;
    }
    let _turn = docker_turn().await;
    let old = Image::build("1");
    let sandboxed = Sandboxed::with_docker().await;
    let setting = Setting::with_docker(&sandboxed, &old.name).await;
    let mut page = INTRODUCTION.to_owned();
    let mut images = Vec::new();

    images.push(setting.built_image(7).await);
    let merged = setting.build(7).await.expect("SUCCESS");
    assert_eq!(setting.service.settled().await, "hello-web:2");
    let (_, body) = get(&setting.service.url()).await.unwrap();
    assert!(body.contains(&images[0].version), "{body}");
    show(&mut page, &setting, "A merge to main", &merged.log);

    images.push(setting.built_image(8).await);
    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("hello-web:3", TaskFault::Unhealthy);
    let unhealthy = setting.build(8).await.expect("FAILURE");
    assert_eq!(setting.service.settled().await, "hello-web:2");
    let title = "A version that is not healthy, from the stage Deploy on";
    show(&mut page, &setting, title, from_deploy(&unhealthy));

    images.push(setting.built_image(9).await);
    setting.service.never_ends("hello-web:4").await;
    let mut running = setting.job.build(9).start(|groovy| setting.agent(groovy));
    running.until("following ecs-svc/").await;
    setting.job.abort();
    let aborted = setting.job.built(running.end().await).expect("ABORTED");
    assert_eq!(setting.service.settled().await, "hello-web:2");
    let title = "Somebody aborts the build, from the stage Deploy on";
    show(&mut page, &setting, title, from_deploy(&aborted));
    let (_, body) = get(&setting.service.url()).await.unwrap();
    assert!(body.contains(&images[0].version), "{body}");

    sandboxed.stop().await;
    transcript::keep("jenkins.md", &page);
}

fn from_deploy(built: &Built) -> &str {
    let begin = built.log.find("[Pipeline] { (Deploy)").unwrap();
    &built.log[begin..]
}

fn show(page: &mut String, setting: &Setting<'_>, title: &str, log: &str) {
    let here = setting.job.path().to_str().unwrap();
    let log = log.replace(here, "/var/lib/jenkins");
    write!(page, "\n## {title}\n\n```text\n{log}```\n").unwrap();
}
