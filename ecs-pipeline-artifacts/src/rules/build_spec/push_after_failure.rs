//! A push that happens after a failed build too.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "push-after-failed-build",
    severity: Severity::Warning,
    summary: "an image is pushed in `post_build` with no look at `CODEBUILD_BUILD_SUCCEEDING`",
    explanation: "CodeBuild runs `post_build` after a failed `build` as well, so that an image whose tests failed, or an old one of the same tag, is pushed. `CODEBUILD_BUILD_SUCCEEDING` is 1 while the build is good.",
    remedy: "Begin `post_build` with `- test \"$CODEBUILD_BUILD_SUCCEEDING\" = 1`, push at the end of `build`, or give `build` the member `on-failure: ABORT`.",
    reference: "https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html",
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let Some(build) = spec.phase("build") else {
        return;
    };
    let stops = build.get("on-failure").and_then(Node::as_str) == Some("ABORT");
    let fails = crate::commands::items(build).next().is_some();
    if stops || !fails {
        return;
    }
    let script = spec.script();
    let Some(push) = script.first_push("post_build") else {
        return;
    };
    let guarded = script
        .steps
        .iter()
        .take_while(|step| step.node.id <= push.node.id);
    if !guarded
        .into_iter()
        .any(|step| step.phase == "post_build" && step.text.contains("CODEBUILD_BUILD_SUCCEEDING"))
    {
        findings.command(&push, "this push happens after a failed build too: nothing before it looks at `CODEBUILD_BUILD_SUCCEEDING`");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                (
                    "phases: {build: {commands: [docker build ., docker push a:1]}}",
                    &[],
                ),
                (
                    "phases: {build: {commands: [make]}, post_build: {commands: [docker push a:1, docker push a:2]}}",
                    &["phases.post_build.commands[0]"],
                ),
                (
                    "phases: {build: {commands: [make]}, post_build: {commands: ['if true; then docker push a:1; fi']}}",
                    &["phases.post_build.commands[0]"],
                ),
                (
                    "phases: {build: {commands: [make]}, post_build: {commands: ['test $CODEBUILD_BUILD_SUCCEEDING = 1', docker push a:1]}}",
                    &[],
                ),
                (
                    "phases: {build: {commands: [make]}, post_build: {commands: [docker push a:1, 'test $CODEBUILD_BUILD_SUCCEEDING = 1']}}",
                    &["phases.post_build.commands[0]"],
                ),
                (
                    "phases: {build: {commands: [make], on-failure: ABORT}, post_build: {commands: [docker push a:1]}}",
                    &[],
                ),
                ("phases: {post_build: {commands: [docker push a:1]}}", &[]),
                (
                    "phases: {build: {commands: [make]}, post_build: {commands: [echo docker push a:1]}}",
                    &[],
                ),
            ],
        );
    }
}
