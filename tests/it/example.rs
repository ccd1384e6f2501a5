//! `examples/hello-web` as the pipelines' files find it in a repository whose tool is built already.

pub(crate) const TASKDEF: &str = include_str!("../../examples/hello-web/taskdef.json");
pub(crate) const DOCKERFILE: &str = include_str!("../../examples/hello-web/Dockerfile");
const CONFIG: &str = include_str!("../../examples/hello-web/ecs-pipeline.yml");
/// Where Cargo has put the command line.
const UNDER_TEST: &str = env!("CARGO_BIN_EXE_ecs-pipeline-under-test");

/// The configuration, for an application that is compiled already.
pub(crate) fn without_prepare() -> String {
    let prepare = "  prepare: [./build-static.sh]\n";
    assert!(CONFIG.contains(prepare), "{CONFIG}");
    CONFIG.replace(prepare, "")
}

/// A `cargo` that does not compile the tool, but puts the command under test where it would be.
pub(crate) fn stand_in_for_cargo() -> String {
    format!(
        "#!/bin/sh\nset -eu\nmkdir -p target/release\nln -sf {UNDER_TEST} target/release/ecs-pipeline\n"
    )
}
