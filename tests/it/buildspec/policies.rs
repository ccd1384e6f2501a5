//! The pipeline's roles, each under the policy that `ecs-pipeline iam-policy` prints for it.

use std::collections::BTreeSet;

use ecs_pipeline_sandbox::access::{Policy, Principal};
use serde_json::Value;

use super::setting::{Deploys, Setting};

/// The sandbox has no VPC, and takes reports from a build without its API. Here the deployment group has no alarms,
/// and a version that is not healthy goes on running and says nothing; [`crate::policy`] has both.
const NOT_HERE: [&str; 6] = [
    "ReadLogs",
    "ReadAlarms",
    "ReadNetwork",
    "MakeNetworkInterfaces",
    "LendNetworkInterfaces",
    "WriteReports",
];

/// The source of a real pipeline is GitHub; here it is a bucket.
const SOURCE: &str = r#"{"Version": "2012-10-17", "Statement": [{
    "Sid": "ReadSource", "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"],
    "Resource": ["arn:aws:s3:::source", "arn:aws:s3:::source/*"]}]}"#;

const ROLES: [(&str, Principal); 4] = [
    ("codebuild", Principal::Codebuild),
    ("codepipeline", Principal::Codepipeline),
    ("codedeploy", Principal::Codedeploy),
    ("task-execution", Principal::TaskExecution),
];

/// What is printed, by role.
pub(super) struct Policies(Value);

impl Policies {
    /// From now on each role may do what its policy says.
    pub(super) async fn enforce(setting: &Setting<'_>) -> Self {
        let printed = Self(setting.policies().await);
        let access = setting.sandboxed.sandbox.access();
        for (role, principal) in ROLES {
            let mut policy: Policy = printed.0[role].to_string().parse().unwrap();
            if principal == Principal::Codepipeline {
                policy = policy.and(SOURCE.parse().unwrap());
            }
            access.enforce(principal, policy);
        }
        access.forget_calls();
        printed
    }

    /// Every statement is one that a call needed.
    pub(super) fn are_needed(&self, setting: &Setting<'_>, deploys: Deploys) {
        let calls = setting.sandboxed.sandbox.access().calls();
        let denied: Vec<_> = calls.iter().filter(|call| !call.allowed).collect();
        assert!(denied.is_empty(), "{denied:#?}");
        for (role, principal) in ROLES {
            if principal == Principal::Codedeploy && deploys != Deploys::CodeDeployToEcs {
                continue;
            }
            let policy: Policy = self.0[role].to_string().parse().unwrap();
            let own = calls.iter().filter(|call| call.principal == principal);
            let used: BTreeSet<_> = own
                .flat_map(|call| policy.decide(&call.request).statements)
                .collect();
            let statements = self.0[role]["Statement"].as_array().unwrap().iter();
            let sids = statements.map(|statement| statement["Sid"].as_str().unwrap());
            let needless = sids
                .enumerate()
                .filter(|(index, sid)| !used.contains(index) && !NOT_HERE.contains(sid));
            let needless: Vec<_> = needless.map(|(_, sid)| sid).collect();
            assert!(needless.is_empty(), "{role}: nothing needs {needless:?}");
        }
    }
}
