//! The page that shows what a pipeline printed.

use std::fmt::Write as _;

use ecs_pipeline_tests::transcript;
use regex_lite::Regex;
use serde_json::Value;

use super::setting::Setting;

/// What the pages begin with.
const INTRODUCTION: &str = "\
The [build specification](../../buildspec.yml) at the top of this repository, unchanged, in a pipeline whose source is a
zip in S3, with a Docker engine that is real. AWS is not: pipeline, build and service are those of the
[sandbox](../sandbox.md), whose time runs ten times as fast. The application is the [example](../../examples/hello-web);
`cargo` is a stand-in that puts the tool where it would build it. A test runs all of it again, under traffic, and compares
it, without times, ids and digests, with what is here (`UPDATE_DOCS=1 cargo test --workspace buildspec`).
[What it all means](../codebuild.md).
";

#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// Adds what became of the pipeline's latest execution, and the build's log.
    pub(super) async fn show(&mut self, setting: &Setting<'_>, title: &str) {
        let state = setting.state().await;
        let page = &mut self.0;
        write!(
            page,
            "\n## {title}\n\n| stage | status | says |\n|---|---|---|\n"
        )
        .unwrap();
        for stage in state["stageStates"].as_array().unwrap() {
            let action = &stage["actionStates"][0]["latestExecution"];
            let said = [&action["summary"], &action["errorDetails"]["message"]];
            let said = said.into_iter().find_map(Value::as_str).unwrap_or("–");
            let name = stage["stageName"].as_str().unwrap();
            let status = action["status"].as_str().unwrap_or("not run");
            writeln!(page, "| {name} | {status} | {} |", said.replace('\n', " ")).unwrap();
        }
        let printed = setting.printed().join("\n");
        // Where the build's directory was.
        let directory = Regex::new(r"/\S*?/(output|src)\b").unwrap();
        let printed = directory.replace_all(&printed, "/codebuild/output");
        write!(page, "\n```text\n{printed}\n```\n").unwrap();
    }

    /// Sees that the page in the documentation still says this.
    pub(super) fn keep(&self, file: &str, title: &str) {
        transcript::keep(file, &format!("# {title}\n\n{INTRODUCTION}{}", self.0));
    }
}
