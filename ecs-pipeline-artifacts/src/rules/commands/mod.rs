//! Rules for commands, wherever a pipeline has them: in a build specification, in the `sh` steps of a
//! Jenkinsfile, in a shell script.

use super::{Check, Findings, Rule};
use crate::commands::Script;
use crate::commands::aws_cli::Call;
use crate::finding::Severity;

mod aws_cli_operation;
mod aws_cli_option;
mod aws_cli_unknown;
mod cli_input_json;
mod deployment_not_followed;
mod ecr_get_login;
mod image_file_content;
mod latest_tag_only;
mod pushed_tag;
mod rolled_back_is_stable;

pub(super) const RULES: &[&Rule] = &[
    &aws_cli_operation::RULE,
    &aws_cli_option::RULE,
    &aws_cli_unknown::RULE,
    &cli_input_json::RULE,
    &ecr_get_login::RULE,
    &deployment_not_followed::RULE,
    &rolled_back_is_stable::RULE,
    &latest_tag_only::RULE,
    &pushed_tag::RULE,
    &image_file_content::RULE,
];

const CLI: &str = "https://docs.aws.amazon.com/cli/latest/reference/ecs/";

/// What to do in place of the rollback that the AWS CLI does not have.
const ROLLBACK: &str = "`ecs-pipeline rollback` goes back to the revision before; by hand, `aws ecs stop-service-deployment --stop-type ROLLBACK` while the deployment is going, and `aws ecs update-service --task-definition` with the former revision after it";

/// Whether a call starts a deployment of a service; a change of the number of its tasks alone does not.
fn deploys(call: &Call<'_>) -> bool {
    call.is("ecs", "update-service")
        && ["task-definition", "force-new-deployment"]
            .iter()
            .any(|option| call.has(option))
}

/// How many letters may differ in a name that surely stands for another.
const MISSPELT: usize = 2;

/// The name that a misspelt one surely stands for: an option that is only a little like it may be one that
/// a newer AWS CLI has.
fn misspelt<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let meant = crate::suggest::closest(name, known)?;
    let name = name.to_ascii_lowercase().replace('_', "-");
    (name.len() > 2 * MISSPELT && strsim::damerau_levenshtein(&name, meant) <= MISSPELT)
        .then_some(meant)
}

#[cfg(test)]
pub(super) mod tests {
    use crate::rules::Rule;
    use crate::rules::tests::{spans, table};

    /// A build specification with one command, which must not have quotes in it.
    pub(super) fn buildspec(command: &str) -> String {
        format!("version: 0.2\nphases:\n  build:\n    commands:\n      - {command}\n")
    }

    /// Commands, each with the pieces at which the rule must find something: in a build specification, in
    /// a Jenkinsfile, and in a shell script.
    pub(super) fn commands(rule: &Rule, cases: &[(&str, &[&str])]) {
        for (command, expected) in cases {
            let lines = command.replace('\n', "\n        ");
            let block = buildspec(&format!("|\n        {lines}"));
            let jenkinsfile = format!("node {{\n  sh '''\n    {command}\n  '''\n}}\n");
            let files = [
                ("buildspec.yml", block.as_str()),
                ("Jenkinsfile", &jenkinsfile),
                ("deploy.sh", command),
            ];
            for (name, text) in files {
                assert_eq!(
                    spans(rule, name, text),
                    *expected,
                    "{} in {name}: {text}",
                    rule.id
                );
            }
        }
    }

    /// Jenkinsfiles, each with the paths at which the rule must find something.
    pub(super) fn jenkinsfiles(rule: &Rule, cases: &[(&str, &[&str])]) {
        table(rule, "Jenkinsfile", cases);
    }
}
