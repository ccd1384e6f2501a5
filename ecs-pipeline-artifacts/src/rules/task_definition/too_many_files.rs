//! Lists of a container that AWS keeps short.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "too-many-files",
    severity: Severity::Error,
    summary: "more environment files or credential specs than AWS takes",
    explanation: "A container has at most ten environmentFiles and one of the credentialSpecs.",
    remedy: "Merge the files, or remove the ones beyond.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let files = container.parts.environment_files;
        let specs = container.parts.credential_specs;
        for (name, items, most) in [
            ("environmentFiles", files, 10),
            ("credentialSpecs", specs, 1),
        ] {
            if let Some(first) = items.get(most) {
                let message = format!(
                    "{}: {} {name}, of which a container has at most {most}",
                    container.title(),
                    items.len()
                );
                findings.value(first, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    &format!(
                        r#"{{"containerDefinitions": [{{"credentialSpecs": ["a"], "environmentFiles": [{}]}}]}}"#,
                        ["{}"; 10].join(",")
                    ),
                    &[],
                ),
                (
                    &format!(
                        r#"{{"containerDefinitions": [{{"credentialSpecs": ["a", "b"], "environmentFiles": [{}]}}]}}"#,
                        ["{}"; 11].join(",")
                    ),
                    &[
                        "containerDefinitions[0].credentialSpecs[1]",
                        "containerDefinitions[0].environmentFiles[10]",
                    ],
                ),
            ],
        );
    }
}
