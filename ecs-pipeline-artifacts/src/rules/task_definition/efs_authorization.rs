//! Authorization for EFS.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "efs-authorization",
    severity: Severity::Error,
    summary: "an EFS volume whose authorization needs something else",
    explanation: "IAM authorization and access points need `\"transitEncryption\": \"ENABLED\"`; without the \
                  member it is disabled. With an access point, which has its own root, rootDirectory is \
                  absent or `/`.",
    remedy: "Enable transitEncryption; remove rootDirectory.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for volume in taskdef.task.parts.volumes {
        if let Some(efs) = volume.present("efsVolumeConfiguration") {
            let name = volume
                .get("name")
                .and_then(Node::as_str)
                .unwrap_or_default();
            check_volume(name, efs, findings);
        }
    }
}

fn check_volume(name: &str, efs: &Node<'_>, findings: &mut Findings<'_>) {
    let Some(authorization) = efs.present("authorizationConfig") else {
        return;
    };
    let access_point = authorization.present("accessPointId");
    let access_point = access_point.filter(|point| point.as_str().is_some_and(|id| !id.is_empty()));
    let iam = authorization
        .get("iam")
        .filter(|iam| iam.as_str() == Some("ENABLED"));
    let encryption = efs.present("transitEncryption");
    let disabled = encryption.is_none_or(|encryption| encryption.as_str() == Some("DISABLED"));
    if let Some(node) = iam.or(access_point).filter(|_| disabled) {
        let what = if iam.is_some() {
            "IAM authorization"
        } else {
            "an access point"
        };
        let message = format!("volume `{name}`: {what} needs transitEncryption to be `ENABLED`");
        let target = encryption.map(|encryption| findings.target(encryption));
        let finding = findings.value(node, message);
        if let Some(target) = target {
            finding.related(target, "it is disabled here");
        }
    }
    if let Some(root) = efs.get("rootDirectory")
        && root.literal().is_some_and(|root| !matches!(root, "" | "/"))
        && access_point.is_some()
    {
        findings.value(root, format!("volume `{name}`: the access point has its own root, so rootDirectory can only be `/`"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |efs: &str| {
            format!(
                r#"{{"containerDefinitions": [], "volumes": [{{"name": "a", "efsVolumeConfiguration": {{{efs}}}}}]}}"#
            )
        };
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    &of(r#""fileSystemId": "fs-1", "rootDirectory": "/data""#),
                    &[],
                ),
                (
                    &of(r#""authorizationConfig": {"iam": "DISABLED", "accessPointId": null}"#),
                    &[],
                ),
                (
                    &of(
                        r#""transitEncryption": "ENABLED", "rootDirectory": "/", "authorizationConfig": {"iam": "ENABLED", "accessPointId": "fsap-1"}"#,
                    ),
                    &[],
                ),
                (
                    &of(
                        r#""transitEncryption": "${E}", "authorizationConfig": {"iam": "ENABLED"}"#,
                    ),
                    &[],
                ),
                (
                    &of(r#""authorizationConfig": {"iam": "ENABLED"}"#),
                    &["volumes[0].efsVolumeConfiguration.authorizationConfig.iam"],
                ),
                (
                    &of(
                        r#""transitEncryption": "DISABLED", "rootDirectory": "/data", "authorizationConfig": {"accessPointId": "fsap-1"}"#,
                    ),
                    &[
                        "volumes[0].efsVolumeConfiguration.rootDirectory",
                        "volumes[0].efsVolumeConfiguration.authorizationConfig.accessPointId",
                    ],
                ),
            ],
        );
    }
}
