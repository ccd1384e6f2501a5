//! An image for another processor.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-platform",
    severity: Severity::Error,
    summary: "the image is built for another architecture than the task definition's",
    explanation: "The task ends at once: `exec format error`, or the image is not found for the platform. `runtimePlatform.cpuArchitecture` is X86_64 on Fargate where it is left out.",
    remedy: "Build with the `--platform` of `runtimePlatform`: linux/amd64 for X86_64, linux/arm64 for ARM64.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html",
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    let mut architectures = set
        .taskdefs()
        .iter()
        .filter_map(|(file, taskdef)| architecture(taskdef).map(|found| (file, found)));
    let (Some((taskdef, (platform, node))), None) = (architectures.next(), architectures.next())
    else {
        return;
    };
    for (file, script) in set.scripts() {
        let builds = script.builds();
        let matches = |wanted: &str| {
            wanted
                .split(',')
                .any(|one| one == platform || one.starts_with(&format!("{platform}/")))
        };
        let other = builds
            .iter()
            .filter_map(|(site, wanted)| Some((site, wanted.as_ref()?)));
        if builds.iter().any(|(_, wanted)| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.literal().is_none_or(matches))
        }) {
            continue;
        }
        let other: Vec<_> = other.collect();
        let related = findings.in_file(taskdef.index).target(node);
        if let Some((site, wanted)) = other.first() {
            findings
                .in_file(file.index)
                .command(
                    site,
                    format!(
                        "the image is built for {}, and the task definition runs on {platform}",
                        wanted.show()
                    ),
                )
                .related(related, format!("this runs on {platform}"));
        }
    }
}

/// The platform that a task definition runs on, as docker calls it, and where that is said.
pub(super) fn architecture<'t>(
    taskdef: &TaskDefinition<'t>,
) -> Option<(&'static str, &'t Node<'t>)> {
    let platform = taskdef.root.get("runtimePlatform");
    match platform.and_then(|platform| platform.get("cpuArchitecture")) {
        Some(node) => match node.as_str()? {
            "X86_64" => Some(("linux/amd64", node)),
            "ARM64" => Some(("linux/arm64", node)),
            _ => None,
        },
        None => {
            // On EC2 it is the instance that decides.
            let launch = taskdef.root.get("requiresCompatibilities")?;
            let fargate = launch
                .items()
                .iter()
                .all(|item| item.as_str() == Some("FARGATE"));
            (fargate && !launch.items().is_empty()).then_some(("linux/amd64", launch))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let (graviton, ec2) = (graviton(), ec2());
        let x86 = "buildspec.yml phases.build.commands[0] (taskdef.json requiresCompatibilities)";
        let arm =
            "buildspec.yml phases.build.commands[0] (taskdef.json runtimePlatform.cpuArchitecture)";
        for (taskdef, options, expected) in [
            (TASKDEF, "", &[][..]),
            (TASKDEF, "--platform linux/amd64", &[]),
            (TASKDEF, "--platform=linux/amd64,linux/arm64", &[]),
            (TASKDEF, "--platform $PLATFORM", &[]),
            (TASKDEF, "--platform linux/arm64", &[x86]),
            (&graviton, "--platform linux/arm64/v8", &[]),
            (&graviton, "--platform=linux/amd64", &[arm]),
            (&graviton, "", &[]),
            (&ec2, "--platform linux/arm64", &[]),
        ] {
            sets(
                &super::RULE,
                &[(
                    &[
                        ("taskdef.json", taskdef),
                        ("buildspec.yml", &docker_build(options)),
                    ],
                    expected,
                )],
            );
        }
    }
}
