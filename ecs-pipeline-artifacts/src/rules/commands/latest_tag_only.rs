//! Images that have no name of their own.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "latest-tag-only",
    severity: Severity::Warning,
    summary: "every image is pushed as `latest`, and nothing else",
    explanation: "The next build takes the tag away from this one: a rollback to the former task definition then runs the new image, and nobody can tell which build a task runs.",
    remedy: "Push a tag that is the build's own as well, such as the commit in `$CODEBUILD_RESOLVED_SOURCE_VERSION` or, in Jenkins, `$GIT_COMMIT`, and deploy that.",
    reference: "",
    check: Check::Commands(check),
};

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    let pushes = script.pushes().unwrap_or_default();
    let is_latest = |image| crate::commands::tag(image).is_some_and(|(_, tag)| tag == "latest");
    if let Some(first) = pushes
        .first()
        .filter(|_| pushes.iter().all(|push| is_latest(&push.image)))
    {
        findings.command(
            &first.site,
            "the image is pushed as `latest` and nothing else",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::commands::tests::jenkinsfiles;
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                ("phases: {build: {commands: [docker push a:1]}}", &[]),
                (
                    "phases: {build: {commands: [docker push a:latest, 'docker push a:$TAG']}}",
                    &[],
                ),
                ("phases: {build: {commands: [docker push $IMAGE]}}", &[]),
                (
                    "phases: {build: {commands: [docker push $(cat image)]}}",
                    &[],
                ),
                ("phases: {build: {commands: [docker push -a a]}}", &[]),
                (
                    "phases: {build: {commands: ['docker push $URI:latest']}}",
                    &["phases.build.commands[0]"],
                ),
                (
                    "phases: {build: {commands: [docker push registry/a]}}",
                    &["phases.build.commands[0]"],
                ),
                (
                    "env: {variables: {TAG: latest}}\nphases: {build: {commands: ['docker push a:$TAG']}}",
                    &["phases.build.commands[0]"],
                ),
                (
                    "phases: {build: {commands: [TAG=latest, TAG=$X, 'docker push a:$TAG']}}",
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn the_steps_of_a_jenkinsfile() {
        jenkinsfiles(
            &super::RULE,
            &[
                ("sh 'docker push a'", &["sh[0]"]),
                (
                    "environment { TAG = 'latest' }\nsh 'docker push a:$TAG'",
                    &["sh[0]"],
                ),
                (
                    "environment { TAG = 'latest' }\nsh \"docker push a:${env.TAG}\"",
                    &["sh[0]"],
                ),
                (
                    "environment { TAG = f() ?: 'latest' }\nsh 'docker push a:$TAG'",
                    &[],
                ),
                (
                    "environment { TAG = 'latest' }\ndef TAG = '1'\nsh \"docker push a:$TAG\"",
                    &[],
                ),
                ("sh \"docker push a:${TAG ?: 'latest'}\"", &[]),
                // A step's variables end with it.
                ("sh 'TAG=latest'\nsh 'docker push a:$TAG'", &[]),
                // What else is pushed is not known, or not by a command.
                ("sh 'docker push a'\ndocker.image('a').push('1')", &[]),
                ("sh 'docker push a'\nsh command", &[]),
                ("sh 'docker push a'\n// sh command", &["sh[0]"]),
            ],
        );
    }
}
