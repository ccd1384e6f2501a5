//! An image for whatever the build runs on.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-platform-missing",
    severity: Severity::Warning,
    summary: "the task definition is for ARM64, and the build does not say `--platform`",
    explanation: "`docker build` builds for the processor that it runs on. CodeBuild's is x86-64, unless the project has an ARM image; the task then ends with `exec format error`.",
    remedy: "Build with `--platform linux/arm64`, or on an ARM image of CodeBuild.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html",
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    let [(taskdef, definition)] = set.taskdefs() else {
        return;
    };
    let Some((_, node)) =
        build_platform::architecture(definition).filter(|(platform, _)| *platform == "linux/arm64")
    else {
        return;
    };
    for (file, script) in set.scripts() {
        if script.mentions("DOCKER_DEFAULT_PLATFORM") {
            continue;
        }
        let builds = script.builds();
        let all = builds.iter().all(|(_, platform)| platform.is_none());
        if let Some((build, _)) = builds.first().filter(|_| all) {
            let related = findings.in_file(taskdef.index).target(node);
            findings
                .in_file(file.index)
                .command(build, "the image is built for the machine that the build runs on, and the task definition is for ARM64")
                .related(related, "this runs on linux/arm64");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let (graviton, ec2) = (graviton(), ec2());
        let default = buildspec(
            &[
                "export DOCKER_DEFAULT_PLATFORM=linux/arm64",
                "docker build .",
            ],
            "{files: '**/*'}",
        );
        let at =
            "buildspec.yml phases.build.commands[0] (taskdef.json runtimePlatform.cpuArchitecture)";
        sets(
            &super::RULE,
            &[
                (
                    &[
                        ("taskdef.json", TASKDEF),
                        ("buildspec.yml", &docker_build("")),
                    ],
                    &[],
                ),
                (
                    &[("taskdef.json", &ec2), ("buildspec.yml", &docker_build(""))],
                    &[],
                ),
                (
                    &[("taskdef.json", &graviton), ("buildspec.yml", &default)],
                    &[],
                ),
                (
                    &[
                        ("taskdef.json", &graviton),
                        ("buildspec.yml", &docker_build("--platform linux/amd64")),
                    ],
                    &[],
                ),
                (
                    &[
                        ("taskdef.json", &graviton),
                        ("buildspec.yml", &docker_build("")),
                    ],
                    &[at],
                ),
            ],
        );
    }
}
