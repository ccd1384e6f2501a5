//! Commands of the AWS CLI. Written by `generate.py` from awscli 1.46.3 with the models of botocore 1.44.5: do not edit.

use super::Service;

pub(super) static GLOBAL: &[(&str, bool)] = &[
    ("ca-bundle", true),
    ("cli-auto-prompt", false),
    ("cli-binary-format", true),
    ("cli-connect-timeout", true),
    ("cli-error-format", true),
    ("cli-read-timeout", true),
    ("color", true),
    ("debug", false),
    ("endpoint-url", true),
    ("no-cli-auto-prompt", false),
    ("no-cli-pager", false),
    ("no-paginate", false),
    ("no-sign-request", false),
    ("no-verify-ssl", false),
    ("output", true),
    ("profile", true),
    ("query", true),
    ("region", true),
    ("v2-debug", false),
    ("version", false),
];

pub(super) static SERVICES: &[Service] = &[
    Service {
        name: "codebuild",
        commands: &[
            (
                "batch-delete-builds",
                "cli-input-json cli-input-yaml generate-cli-skeleton ids",
            ),
            (
                "batch-get-build-batches",
                "cli-input-json cli-input-yaml generate-cli-skeleton ids",
            ),
            (
                "batch-get-builds",
                "cli-input-json cli-input-yaml generate-cli-skeleton ids",
            ),
            (
                "batch-get-command-executions",
                "cli-input-json cli-input-yaml command-execution-ids \
generate-cli-skeleton sandbox-id",
            ),
            (
                "batch-get-fleets",
                "cli-input-json cli-input-yaml generate-cli-skeleton names",
            ),
            (
                "batch-get-projects",
                "cli-input-json cli-input-yaml generate-cli-skeleton names",
            ),
            (
                "batch-get-report-groups",
                "cli-input-json cli-input-yaml generate-cli-skeleton report-group-arns",
            ),
            (
                "batch-get-reports",
                "cli-input-json cli-input-yaml generate-cli-skeleton report-arns",
            ),
            (
                "batch-get-sandboxes",
                "cli-input-json cli-input-yaml generate-cli-skeleton ids",
            ),
            (
                "create-fleet",
                "base-capacity cli-input-json cli-input-yaml compute-configuration \
compute-type environment-type fleet-service-role generate-cli-skeleton \
image-id name overflow-behavior proxy-configuration \
scaling-configuration tags vpc-config",
            ),
            (
                "create-project",
                "artifacts auto-retry-limit badge-enabled build-batch-config cache \
cli-input-json cli-input-yaml concurrent-build-limit description \
encryption-key environment file-system-locations generate-cli-skeleton \
logs-config name no-badge-enabled queued-timeout-in-minutes \
secondary-artifacts secondary-source-versions secondary-sources \
service-role source source-version tags timeout-in-minutes vpc-config",
            ),
            (
                "create-report-group",
                "cli-input-json cli-input-yaml export-config generate-cli-skeleton name \
tags type",
            ),
            (
                "create-webhook",
                "branch-filter build-type cli-input-json cli-input-yaml filter-groups \
generate-cli-skeleton manual-creation no-manual-creation project-name \
pull-request-build-policy scope-configuration",
            ),
            (
                "delete-build-batch",
                "cli-input-json cli-input-yaml generate-cli-skeleton id",
            ),
            (
                "delete-fleet",
                "arn cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "delete-project",
                "cli-input-json cli-input-yaml generate-cli-skeleton name",
            ),
            (
                "delete-report",
                "arn cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "delete-report-group",
                "arn cli-input-json cli-input-yaml delete-reports generate-cli-skeleton \
no-delete-reports",
            ),
            (
                "delete-resource-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn",
            ),
            (
                "delete-source-credentials",
                "arn cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "delete-webhook",
                "cli-input-json cli-input-yaml generate-cli-skeleton project-name",
            ),
            (
                "describe-code-coverages",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-line-coverage-percentage max-results min-line-coverage-percentage \
next-token page-size report-arn sort-by sort-order starting-token",
            ),
            (
                "describe-test-cases",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size report-arn starting-token",
            ),
            (
                "get-report-group-trend",
                "cli-input-json cli-input-yaml generate-cli-skeleton num-of-reports \
report-group-arn trend-field",
            ),
            (
                "get-resource-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn",
            ),
            (
                "import-source-credentials",
                "auth-type cli-input-json cli-input-yaml generate-cli-skeleton \
no-should-overwrite server-type should-overwrite token username",
            ),
            (
                "invalidate-project-cache",
                "cli-input-json cli-input-yaml generate-cli-skeleton project-name",
            ),
            (
                "list-build-batches",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size sort-order starting-token",
            ),
            (
                "list-build-batches-for-project",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size project-name sort-order \
starting-token",
            ),
            (
                "list-builds",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
next-token sort-order starting-token",
            ),
            (
                "list-builds-for-project",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
next-token project-name sort-order starting-token",
            ),
            (
                "list-command-executions-for-sandbox",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size sandbox-id sort-order starting-token",
            ),
            (
                "list-curated-environment-images",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "list-fleets",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-results \
next-token sort-by sort-order",
            ),
            (
                "list-projects",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
next-token sort-by sort-order starting-token",
            ),
            (
                "list-report-groups",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size sort-by sort-order starting-token",
            ),
            (
                "list-reports",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size sort-order starting-token",
            ),
            (
                "list-reports-for-report-group",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size report-group-arn sort-order \
starting-token",
            ),
            (
                "list-sandboxes",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size sort-order starting-token",
            ),
            (
                "list-sandboxes-for-project",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size project-name sort-order \
starting-token",
            ),
            (
                "list-shared-projects",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size sort-by sort-order starting-token",
            ),
            (
                "list-shared-report-groups",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size sort-by sort-order starting-token",
            ),
            (
                "list-source-credentials",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "put-resource-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton policy \
resource-arn",
            ),
            (
                "retry-build",
                "cli-input-json cli-input-yaml generate-cli-skeleton id \
idempotency-token",
            ),
            (
                "retry-build-batch",
                "cli-input-json cli-input-yaml generate-cli-skeleton id \
idempotency-token retry-type",
            ),
            (
                "start-build",
                "artifacts-override auto-retry-limit-override \
build-status-config-override buildspec-override cache-override \
certificate-override cli-input-json cli-input-yaml \
compute-type-override debug-session-enabled encryption-key-override \
environment-type-override environment-variables-override \
fleet-override generate-cli-skeleton git-clone-depth-override \
git-submodules-config-override host-kernel-override idempotency-token \
image-override image-pull-credentials-type-override \
insecure-ssl-override logs-config-override no-debug-session-enabled \
no-insecure-ssl-override no-privileged-mode-override \
no-report-build-status-override privileged-mode-override project-name \
queued-timeout-in-minutes-override registry-credential-override \
report-build-status-override secondary-artifacts-override \
secondary-sources-override secondary-sources-version-override \
service-role-override source-auth-override source-location-override \
source-type-override source-version timeout-in-minutes-override",
            ),
            (
                "start-build-batch",
                "artifacts-override build-batch-config-override \
build-timeout-in-minutes-override buildspec-override cache-override \
certificate-override cli-input-json cli-input-yaml \
compute-type-override debug-session-enabled encryption-key-override \
environment-type-override environment-variables-override \
generate-cli-skeleton git-clone-depth-override \
git-submodules-config-override idempotency-token image-override \
image-pull-credentials-type-override insecure-ssl-override \
logs-config-override no-debug-session-enabled no-insecure-ssl-override \
no-privileged-mode-override no-report-build-batch-status-override \
privileged-mode-override project-name \
queued-timeout-in-minutes-override registry-credential-override \
report-build-batch-status-override secondary-artifacts-override \
secondary-sources-override secondary-sources-version-override \
service-role-override source-auth-override source-location-override \
source-type-override source-version",
            ),
            (
                "start-command-execution",
                "cli-input-json cli-input-yaml command generate-cli-skeleton sandbox-id \
type",
            ),
            (
                "start-sandbox",
                "cli-input-json cli-input-yaml generate-cli-skeleton idempotency-token \
project-name",
            ),
            (
                "start-sandbox-connection",
                "cli-input-json cli-input-yaml generate-cli-skeleton sandbox-id",
            ),
            (
                "stop-build",
                "cli-input-json cli-input-yaml generate-cli-skeleton id",
            ),
            (
                "stop-build-batch",
                "cli-input-json cli-input-yaml generate-cli-skeleton id",
            ),
            (
                "stop-sandbox",
                "cli-input-json cli-input-yaml generate-cli-skeleton id",
            ),
            (
                "update-fleet",
                "arn base-capacity cli-input-json cli-input-yaml compute-configuration \
compute-type environment-type fleet-service-role generate-cli-skeleton \
image-id overflow-behavior proxy-configuration scaling-configuration \
tags vpc-config",
            ),
            (
                "update-project",
                "artifacts auto-retry-limit badge-enabled build-batch-config cache \
cli-input-json cli-input-yaml concurrent-build-limit description \
encryption-key environment file-system-locations generate-cli-skeleton \
logs-config name no-badge-enabled queued-timeout-in-minutes \
secondary-artifacts secondary-source-versions secondary-sources \
service-role source source-version tags timeout-in-minutes vpc-config",
            ),
            (
                "update-project-visibility",
                "cli-input-json cli-input-yaml generate-cli-skeleton project-arn \
project-visibility resource-access-role",
            ),
            (
                "update-report-group",
                "arn cli-input-json cli-input-yaml export-config generate-cli-skeleton \
tags",
            ),
            (
                "update-webhook",
                "branch-filter build-type cli-input-json cli-input-yaml filter-groups \
generate-cli-skeleton no-rotate-secret project-name \
pull-request-build-policy rotate-secret",
            ),
        ],
    },
    Service {
        name: "codepipeline",
        commands: &[
            (
                "acknowledge-job",
                "cli-input-json cli-input-yaml generate-cli-skeleton job-id nonce",
            ),
            (
                "acknowledge-third-party-job",
                "cli-input-json cli-input-yaml client-token generate-cli-skeleton \
job-id nonce",
            ),
            (
                "create-custom-action-type",
                "action-version category cli-input-json cli-input-yaml \
configuration-properties generate-cli-skeleton input-artifact-details \
output-artifact-details provider settings tags",
            ),
            (
                "create-pipeline",
                "cli-input-json cli-input-yaml generate-cli-skeleton pipeline tags",
            ),
            (
                "delete-custom-action-type",
                "action-version category cli-input-json cli-input-yaml \
generate-cli-skeleton provider",
            ),
            (
                "delete-pipeline",
                "cli-input-json cli-input-yaml generate-cli-skeleton name",
            ),
            (
                "delete-webhook",
                "cli-input-json cli-input-yaml generate-cli-skeleton name",
            ),
            (
                "deregister-webhook-with-third-party",
                "cli-input-json cli-input-yaml generate-cli-skeleton webhook-name",
            ),
            (
                "disable-stage-transition",
                "cli-input-json cli-input-yaml generate-cli-skeleton pipeline-name \
reason stage-name transition-type",
            ),
            (
                "enable-stage-transition",
                "cli-input-json cli-input-yaml generate-cli-skeleton pipeline-name \
stage-name transition-type",
            ),
            (
                "get-action-type",
                "action-version category cli-input-json cli-input-yaml \
generate-cli-skeleton owner provider",
            ),
            (
                "get-job-details",
                "cli-input-json cli-input-yaml generate-cli-skeleton job-id",
            ),
            (
                "get-pipeline",
                "cli-input-json cli-input-yaml generate-cli-skeleton name \
pipeline-version",
            ),
            (
                "get-pipeline-execution",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
pipeline-execution-id pipeline-name",
            ),
            (
                "get-pipeline-state",
                "cli-input-json cli-input-yaml generate-cli-skeleton name",
            ),
            (
                "get-third-party-job-details",
                "cli-input-json cli-input-yaml client-token generate-cli-skeleton \
job-id",
            ),
            (
                "list-action-executions",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size pipeline-name starting-token",
            ),
            (
                "list-action-types",
                "action-owner-filter cli-input-json cli-input-yaml \
generate-cli-skeleton max-items next-token region-filter \
starting-token",
            ),
            (
                "list-deploy-action-execution-targets",
                "action-execution-id cli-input-json cli-input-yaml filters \
generate-cli-skeleton max-items max-results next-token page-size \
pipeline-name starting-token",
            ),
            (
                "list-pipeline-executions",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size pipeline-name starting-token",
            ),
            (
                "list-pipelines",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size starting-token",
            ),
            (
                "list-rule-executions",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size pipeline-name starting-token",
            ),
            (
                "list-rule-types",
                "cli-input-json cli-input-yaml generate-cli-skeleton region-filter \
rule-owner-filter",
            ),
            (
                "list-tags-for-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size resource-arn starting-token",
            ),
            (
                "list-webhooks",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size starting-token",
            ),
            (
                "override-stage-condition",
                "cli-input-json cli-input-yaml condition-type generate-cli-skeleton \
pipeline-execution-id pipeline-name stage-name",
            ),
            (
                "poll-for-jobs",
                "action-type-id cli-input-json cli-input-yaml generate-cli-skeleton \
max-batch-size query-param",
            ),
            (
                "poll-for-third-party-jobs",
                "action-type-id cli-input-json cli-input-yaml generate-cli-skeleton \
max-batch-size",
            ),
            (
                "put-action-revision",
                "action-name action-revision cli-input-json cli-input-yaml \
generate-cli-skeleton pipeline-name stage-name",
            ),
            (
                "put-approval-result",
                "action-name cli-input-json cli-input-yaml generate-cli-skeleton \
pipeline-name result stage-name token",
            ),
            (
                "put-job-failure-result",
                "cli-input-json cli-input-yaml failure-details generate-cli-skeleton \
job-id",
            ),
            (
                "put-job-success-result",
                "cli-input-json cli-input-yaml continuation-token current-revision \
execution-details generate-cli-skeleton job-id output-variables",
            ),
            (
                "put-third-party-job-failure-result",
                "cli-input-json cli-input-yaml client-token failure-details \
generate-cli-skeleton job-id",
            ),
            (
                "put-third-party-job-success-result",
                "cli-input-json cli-input-yaml client-token continuation-token \
current-revision execution-details generate-cli-skeleton job-id",
            ),
            (
                "put-webhook",
                "cli-input-json cli-input-yaml generate-cli-skeleton tags webhook",
            ),
            (
                "register-webhook-with-third-party",
                "cli-input-json cli-input-yaml generate-cli-skeleton webhook-name",
            ),
            (
                "retry-stage-execution",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
pipeline-execution-id pipeline-name retry-mode stage-name",
            ),
            (
                "rollback-stage",
                "cli-input-json cli-input-yaml generate-cli-skeleton pipeline-name \
stage-name target-pipeline-execution-id",
            ),
            (
                "start-pipeline-execution",
                "cli-input-json cli-input-yaml client-request-token \
generate-cli-skeleton name source-revisions variables",
            ),
            (
                "stop-pipeline-execution",
                "abandon cli-input-json cli-input-yaml generate-cli-skeleton no-abandon \
pipeline-execution-id pipeline-name reason",
            ),
            (
                "tag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn tags",
            ),
            (
                "untag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn \
tag-keys",
            ),
            (
                "update-action-type",
                "action-type cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "update-pipeline",
                "cli-input-json cli-input-yaml generate-cli-skeleton pipeline",
            ),
        ],
    },
    Service {
        name: "deploy",
        commands: &[
            (
                "add-tags-to-on-premises-instances",
                "cli-input-json cli-input-yaml generate-cli-skeleton instance-names \
tags",
            ),
            (
                "batch-get-application-revisions",
                "application-name cli-input-json cli-input-yaml generate-cli-skeleton \
revisions",
            ),
            (
                "batch-get-applications",
                "application-names cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "batch-get-deployment-groups",
                "application-name cli-input-json cli-input-yaml deployment-group-names \
generate-cli-skeleton",
            ),
            (
                "batch-get-deployment-instances",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton \
instance-ids",
            ),
            (
                "batch-get-deployment-targets",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton \
target-ids",
            ),
            (
                "batch-get-deployments",
                "cli-input-json cli-input-yaml deployment-ids generate-cli-skeleton",
            ),
            (
                "batch-get-on-premises-instances",
                "cli-input-json cli-input-yaml generate-cli-skeleton instance-names",
            ),
            (
                "continue-deployment",
                "cli-input-json cli-input-yaml deployment-id deployment-wait-type \
generate-cli-skeleton",
            ),
            (
                "create-application",
                "application-name cli-input-json cli-input-yaml compute-platform \
generate-cli-skeleton tags",
            ),
            (
                "create-deployment",
                "application-name auto-rollback-configuration cli-input-json \
cli-input-yaml deployment-config-name deployment-group-name \
deployment-mode description ec2-deployment-options \
file-exists-behavior generate-cli-skeleton github-location \
ignore-application-stop-failures no-ignore-application-stop-failures \
no-update-outdated-instances-only override-alarm-configuration \
revision s3-location target-instances update-outdated-instances-only",
            ),
            (
                "create-deployment-config",
                "cli-input-json cli-input-yaml compute-platform deployment-config-name \
generate-cli-skeleton minimum-healthy-hosts traffic-routing-config \
zonal-config",
            ),
            (
                "create-deployment-group",
                "alarm-configuration application-name auto-rollback-configuration \
auto-scaling-groups blue-green-deployment-configuration cli-input-json \
cli-input-yaml deployment-config-name deployment-group-name \
deployment-style ec-2-tag-set ec2-deployment-options ec2-tag-filters \
ec2-tag-set ecs-services generate-cli-skeleton load-balancer-info \
no-termination-hook-enabled on-premises-instance-tag-filters \
on-premises-tag-set outdated-instances-strategy service-role-arn tags \
termination-hook-enabled trigger-configurations",
            ),
            (
                "delete-application",
                "application-name cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "delete-deployment-config",
                "cli-input-json cli-input-yaml deployment-config-name \
generate-cli-skeleton",
            ),
            (
                "delete-deployment-group",
                "application-name cli-input-json cli-input-yaml deployment-group-name \
generate-cli-skeleton",
            ),
            (
                "delete-git-hub-account-token",
                "cli-input-json cli-input-yaml generate-cli-skeleton token-name",
            ),
            (
                "delete-resources-by-external-id",
                "cli-input-json cli-input-yaml external-id generate-cli-skeleton",
            ),
            ("deregister", "instance-name no-delete-iam-user"),
            (
                "deregister-on-premises-instance",
                "cli-input-json cli-input-yaml generate-cli-skeleton instance-name",
            ),
            (
                "get-application",
                "application-name cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "get-application-revision",
                "application-name cli-input-json cli-input-yaml generate-cli-skeleton \
github-location revision s3-location",
            ),
            (
                "get-deployment",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton",
            ),
            (
                "get-deployment-config",
                "cli-input-json cli-input-yaml deployment-config-name \
generate-cli-skeleton",
            ),
            (
                "get-deployment-group",
                "application-name cli-input-json cli-input-yaml deployment-group-name \
generate-cli-skeleton",
            ),
            (
                "get-deployment-instance",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton \
instance-id",
            ),
            (
                "get-deployment-target",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton \
target-id",
            ),
            (
                "get-on-premises-instance",
                "cli-input-json cli-input-yaml generate-cli-skeleton instance-name",
            ),
            ("install", "agent-installer config-file override-config"),
            (
                "list-application-revisions",
                "application-name cli-input-json cli-input-yaml deployed \
generate-cli-skeleton max-items next-token s-3-bucket s-3-key-prefix \
s3-bucket s3-key-prefix sort-by sort-order starting-token",
            ),
            (
                "list-applications",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
next-token starting-token",
            ),
            (
                "list-deployment-configs",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
next-token starting-token",
            ),
            (
                "list-deployment-groups",
                "application-name cli-input-json cli-input-yaml generate-cli-skeleton \
max-items next-token starting-token",
            ),
            (
                "list-deployment-instances",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton \
instance-status-filter instance-type-filter max-items next-token \
starting-token",
            ),
            (
                "list-deployment-targets",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton \
max-items next-token starting-token target-filters",
            ),
            (
                "list-deployments",
                "application-name cli-input-json cli-input-yaml create-time-range \
deployment-group-name external-id generate-cli-skeleton \
include-only-statuses max-items next-token starting-token",
            ),
            (
                "list-git-hub-account-token-names",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
next-token starting-token",
            ),
            (
                "list-on-premises-instances",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
next-token registration-status starting-token tag-filters",
            ),
            (
                "list-tags-for-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton next-token \
resource-arn",
            ),
            (
                "push",
                "application-name description ignore-hidden-files \
no-ignore-hidden-files s3-location source",
            ),
            (
                "put-lifecycle-event-hook-execution-status",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton \
lifecycle-event-hook-execution-id status",
            ),
            ("register", "iam-user-arn instance-name tags"),
            (
                "register-application-revision",
                "application-name cli-input-json cli-input-yaml description \
generate-cli-skeleton github-location revision s3-location",
            ),
            (
                "register-on-premises-instance",
                "cli-input-json cli-input-yaml generate-cli-skeleton iam-session-arn \
iam-user-arn instance-name",
            ),
            (
                "remove-tags-from-on-premises-instances",
                "cli-input-json cli-input-yaml generate-cli-skeleton instance-names \
tags",
            ),
            (
                "skip-wait-time-for-instance-termination",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton",
            ),
            (
                "stop-deployment",
                "auto-rollback-enabled cli-input-json cli-input-yaml deployment-id \
generate-cli-skeleton no-auto-rollback-enabled",
            ),
            (
                "tag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn tags",
            ),
            ("uninstall", ""),
            (
                "untag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn \
tag-keys",
            ),
            (
                "update-application",
                "application-name cli-input-json cli-input-yaml generate-cli-skeleton \
new-application-name",
            ),
            (
                "update-deployment-group",
                "alarm-configuration application-name auto-rollback-configuration \
auto-scaling-groups blue-green-deployment-configuration cli-input-json \
cli-input-yaml current-deployment-group-name deployment-config-name \
deployment-style ec-2-tag-set ec2-deployment-options ec2-tag-filters \
ec2-tag-set ecs-services generate-cli-skeleton load-balancer-info \
new-deployment-group-name no-termination-hook-enabled \
on-premises-instance-tag-filters on-premises-tag-set \
outdated-instances-strategy service-role-arn termination-hook-enabled \
trigger-configurations",
            ),
            (
                "wait deployment-successful",
                "cli-input-json cli-input-yaml deployment-id generate-cli-skeleton",
            ),
        ],
    },
    Service {
        name: "ecr",
        commands: &[
            (
                "batch-check-layer-availability",
                "cli-input-json cli-input-yaml generate-cli-skeleton layer-digests \
registry-id repository-name",
            ),
            (
                "batch-delete-image",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-ids \
registry-id repository-name",
            ),
            (
                "batch-get-image",
                "accepted-media-types cli-input-json cli-input-yaml \
generate-cli-skeleton image-ids registry-id repository-name",
            ),
            (
                "batch-get-repository-scanning-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton repository-names",
            ),
            (
                "complete-layer-upload",
                "cli-input-json cli-input-yaml generate-cli-skeleton layer-digests \
registry-id repository-name upload-id",
            ),
            (
                "create-pull-through-cache-rule",
                "cli-input-json cli-input-yaml credential-arn custom-role-arn \
ecr-repository-prefix generate-cli-skeleton registry-id \
upstream-registry upstream-registry-url upstream-repository-prefix",
            ),
            (
                "create-repository",
                "cli-input-json cli-input-yaml encryption-configuration \
generate-cli-skeleton image-scanning-configuration \
image-tag-mutability image-tag-mutability-exclusion-filters \
registry-id repository-name tags",
            ),
            (
                "create-repository-creation-template",
                "applied-for cli-input-json cli-input-yaml custom-role-arn description \
encryption-configuration generate-cli-skeleton image-tag-mutability \
image-tag-mutability-exclusion-filters lifecycle-policy prefix \
repository-policy resource-tags",
            ),
            (
                "delete-lifecycle-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "delete-pull-through-cache-rule",
                "cli-input-json cli-input-yaml ecr-repository-prefix \
generate-cli-skeleton registry-id",
            ),
            (
                "delete-registry-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "delete-repository",
                "cli-input-json cli-input-yaml force generate-cli-skeleton no-force \
registry-id repository-name",
            ),
            (
                "delete-repository-creation-template",
                "cli-input-json cli-input-yaml generate-cli-skeleton prefix",
            ),
            (
                "delete-repository-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "delete-signing-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "deregister-pull-time-update-exclusion",
                "cli-input-json cli-input-yaml generate-cli-skeleton principal-arn",
            ),
            (
                "describe-image-replication-status",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-id \
registry-id repository-name",
            ),
            (
                "describe-image-scan-findings",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-id max-items \
max-results next-token page-size registry-id repository-name \
starting-token",
            ),
            (
                "describe-image-signing-status",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-id \
registry-id repository-name",
            ),
            (
                "describe-images",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton image-ids \
max-items max-results next-token page-size registry-id repository-name \
starting-token",
            ),
            (
                "describe-pull-through-cache-rules",
                "cli-input-json cli-input-yaml ecr-repository-prefixes \
generate-cli-skeleton max-items max-results next-token page-size \
registry-id starting-token",
            ),
            (
                "describe-registry",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "describe-replication-backfill-results",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size registry-id replication-backfill-id \
result-status-filter starting-token",
            ),
            (
                "describe-repositories",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size registry-id repository-names \
starting-token",
            ),
            (
                "describe-repository-creation-templates",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size prefixes starting-token",
            ),
            (
                "get-account-setting",
                "cli-input-json cli-input-yaml generate-cli-skeleton name",
            ),
            (
                "get-authorization-token",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-ids",
            ),
            (
                "get-download-url-for-layer",
                "cli-input-json cli-input-yaml generate-cli-skeleton layer-digest \
registry-id repository-name",
            ),
            (
                "get-lifecycle-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "get-lifecycle-policy-preview",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton image-ids \
max-items max-results next-token page-size registry-id repository-name \
starting-token",
            ),
            ("get-login", "include-email no-include-email registry-ids"),
            ("get-login-password", ""),
            (
                "get-registry-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "get-registry-scanning-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "get-repository-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "get-signing-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "initiate-layer-upload",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "list-image-referrers",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-results \
next-token registry-id repository-name subject-id",
            ),
            (
                "list-images",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton max-items \
max-results next-token page-size registry-id repository-name \
starting-token",
            ),
            (
                "list-pull-time-update-exclusions",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-results \
next-token",
            ),
            (
                "list-replication-backfills",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size registry-id starting-token",
            ),
            (
                "list-tags-for-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn",
            ),
            (
                "put-account-setting",
                "cli-input-json cli-input-yaml generate-cli-skeleton name value",
            ),
            (
                "put-image",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-digest \
image-manifest image-manifest-media-type image-tag registry-id \
repository-name",
            ),
            (
                "put-image-scanning-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
image-scanning-configuration registry-id repository-name",
            ),
            (
                "put-image-tag-mutability",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
image-tag-mutability image-tag-mutability-exclusion-filters \
registry-id repository-name",
            ),
            (
                "put-lifecycle-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
lifecycle-policy-text registry-id repository-name",
            ),
            (
                "put-registry-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton policy-text",
            ),
            (
                "put-registry-scanning-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton rules scan-type",
            ),
            (
                "put-replication-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
replication-configuration",
            ),
            (
                "put-signing-configuration",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
signing-configuration",
            ),
            (
                "register-pull-time-update-exclusion",
                "cli-input-json cli-input-yaml generate-cli-skeleton principal-arn",
            ),
            (
                "set-repository-policy",
                "cli-input-json cli-input-yaml force generate-cli-skeleton no-force \
policy-text registry-id repository-name",
            ),
            (
                "start-image-scan",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-id \
registry-id repository-name",
            ),
            (
                "start-lifecycle-policy-preview",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
lifecycle-policy-text registry-id repository-name",
            ),
            (
                "start-replication-backfill",
                "cli-input-json cli-input-yaml destination generate-cli-skeleton \
registry-id",
            ),
            (
                "stop-replication-backfill",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
replication-backfill-id",
            ),
            (
                "tag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn tags",
            ),
            (
                "untag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn \
tag-keys",
            ),
            (
                "update-image-storage-class",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-id \
registry-id repository-name target-storage-class",
            ),
            (
                "update-pull-through-cache-rule",
                "cli-input-json cli-input-yaml credential-arn custom-role-arn \
ecr-repository-prefix generate-cli-skeleton registry-id",
            ),
            (
                "update-repository-creation-template",
                "applied-for cli-input-json cli-input-yaml custom-role-arn description \
encryption-configuration generate-cli-skeleton image-tag-mutability \
image-tag-mutability-exclusion-filters lifecycle-policy prefix \
repository-policy resource-tags",
            ),
            (
                "upload-layer-part",
                "cli-input-json cli-input-yaml generate-cli-skeleton layer-part-blob \
part-first-byte part-last-byte registry-id repository-name upload-id",
            ),
            (
                "validate-pull-through-cache-rule",
                "cli-input-json cli-input-yaml ecr-repository-prefix \
generate-cli-skeleton registry-id",
            ),
            (
                "wait image-scan-complete",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-id max-items \
max-results next-token page-size registry-id repository-name \
starting-token",
            ),
            (
                "wait lifecycle-policy-preview-complete",
                "cli-input-json cli-input-yaml filter generate-cli-skeleton image-ids \
max-items max-results next-token page-size registry-id repository-name \
starting-token",
            ),
        ],
    },
    Service {
        name: "ecr-public",
        commands: &[
            (
                "batch-check-layer-availability",
                "cli-input-json cli-input-yaml generate-cli-skeleton layer-digests \
registry-id repository-name",
            ),
            (
                "batch-delete-image",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-ids \
registry-id repository-name",
            ),
            (
                "complete-layer-upload",
                "cli-input-json cli-input-yaml generate-cli-skeleton layer-digests \
registry-id repository-name upload-id",
            ),
            (
                "create-repository",
                "catalog-data cli-input-json cli-input-yaml generate-cli-skeleton \
repository-name tags",
            ),
            (
                "delete-repository",
                "cli-input-json cli-input-yaml force generate-cli-skeleton no-force \
registry-id repository-name",
            ),
            (
                "delete-repository-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "describe-image-tags",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size registry-id repository-name \
starting-token",
            ),
            (
                "describe-images",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-ids \
max-items max-results next-token page-size registry-id repository-name \
starting-token",
            ),
            (
                "describe-registries",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size starting-token",
            ),
            (
                "describe-repositories",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size registry-id repository-names \
starting-token",
            ),
            (
                "get-authorization-token",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            ("get-login-password", ""),
            (
                "get-registry-catalog-data",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "get-repository-catalog-data",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "get-repository-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "initiate-layer-upload",
                "cli-input-json cli-input-yaml generate-cli-skeleton registry-id \
repository-name",
            ),
            (
                "list-tags-for-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn",
            ),
            (
                "put-image",
                "cli-input-json cli-input-yaml generate-cli-skeleton image-digest \
image-manifest image-manifest-media-type image-tag registry-id \
repository-name",
            ),
            (
                "put-registry-catalog-data",
                "cli-input-json cli-input-yaml display-name generate-cli-skeleton",
            ),
            (
                "put-repository-catalog-data",
                "catalog-data cli-input-json cli-input-yaml generate-cli-skeleton \
registry-id repository-name",
            ),
            (
                "set-repository-policy",
                "cli-input-json cli-input-yaml force generate-cli-skeleton no-force \
policy-text registry-id repository-name",
            ),
            (
                "tag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn tags",
            ),
            (
                "untag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn \
tag-keys",
            ),
            (
                "upload-layer-part",
                "cli-input-json cli-input-yaml generate-cli-skeleton layer-part-blob \
part-first-byte part-last-byte registry-id repository-name upload-id",
            ),
        ],
    },
    Service {
        name: "ecs",
        commands: &[
            (
                "associate-gateway-with-cluster",
                "cli-input-json cli-input-yaml cluster gateway generate-cli-skeleton",
            ),
            (
                "continue-service-deployment",
                "action cli-input-json cli-input-yaml generate-cli-skeleton hook-id \
service-deployment-arn",
            ),
            (
                "create-capacity-provider",
                "auto-scaling-group-provider cli-input-json cli-input-yaml cluster \
generate-cli-skeleton managed-instances-provider name tags",
            ),
            (
                "create-cluster",
                "capacity-providers cli-input-json cli-input-yaml cluster-name \
configuration default-capacity-provider-strategy generate-cli-skeleton \
service-connect-defaults settings tags",
            ),
            (
                "create-daemon",
                "capacity-provider-arns cli-input-json cli-input-yaml client-token \
cluster-arn critical daemon-name daemon-task-definition-arn \
deployment-configuration disable-execute-command \
enable-ecs-managed-tags enable-execute-command generate-cli-skeleton \
no-critical no-enable-ecs-managed-tags propagate-tags tags",
            ),
            (
                "create-express-gateway-service",
                "cli-input-json cli-input-yaml cluster cpu cpu-architecture \
execution-role-arn generate-cli-skeleton health-check-path \
infrastructure-role-arn memory monitor-resources network-configuration \
primary-container scaling-target service-name tags task-definition-arn \
task-role-arn",
            ),
            (
                "create-gateway",
                "cli-input-json cli-input-yaml client-token configuration \
deletion-protection generate-cli-skeleton infrastructure-role-arn name \
no-deletion-protection propagate-tags tags",
            ),
            (
                "create-service",
                "availability-zone-rebalancing capacity-provider-strategy \
cli-input-json cli-input-yaml client-token cluster \
deployment-configuration deployment-controller desired-count \
disable-execute-command enable-ecs-managed-tags enable-execute-command \
gateway-connectors generate-cli-skeleton \
health-check-grace-period-seconds launch-type load-balancers \
monitoring network-configuration no-enable-ecs-managed-tags \
placement-constraints placement-strategy platform-version \
propagate-tags role scheduling-strategy service-connect-configuration \
service-name service-registries tags task-definition \
volume-configurations vpc-lattice-configurations",
            ),
            (
                "create-task-set",
                "capacity-provider-strategy cli-input-json cli-input-yaml client-token \
cluster external-id generate-cli-skeleton launch-type load-balancers \
network-configuration platform-version scale service \
service-registries tags task-definition",
            ),
            (
                "delete-account-setting",
                "cli-input-json cli-input-yaml generate-cli-skeleton name principal-arn",
            ),
            (
                "delete-attributes",
                "attributes cli-input-json cli-input-yaml cluster generate-cli-skeleton",
            ),
            (
                "delete-capacity-provider",
                "capacity-provider cli-input-json cli-input-yaml cluster \
generate-cli-skeleton",
            ),
            (
                "delete-cluster",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton",
            ),
            (
                "delete-daemon",
                "cli-input-json cli-input-yaml daemon-arn generate-cli-skeleton",
            ),
            (
                "delete-daemon-task-definition",
                "cli-input-json cli-input-yaml daemon-task-definition \
generate-cli-skeleton",
            ),
            (
                "delete-express-gateway-service",
                "cli-input-json cli-input-yaml generate-cli-skeleton monitor-resources \
service-arn",
            ),
            (
                "delete-gateway",
                "cli-input-json cli-input-yaml gateway generate-cli-skeleton",
            ),
            (
                "delete-service",
                "cli-input-json cli-input-yaml cluster force generate-cli-skeleton \
no-force service",
            ),
            (
                "delete-task-definitions",
                "cli-input-json cli-input-yaml generate-cli-skeleton task-definitions",
            ),
            (
                "delete-task-set",
                "cli-input-json cli-input-yaml cluster force generate-cli-skeleton \
no-force service task-set",
            ),
            ("deploy deregister", "instance-name no-delete-iam-user"),
            (
                "deploy install",
                "agent-installer config-file override-config",
            ),
            (
                "deploy push",
                "application-name description ignore-hidden-files \
no-ignore-hidden-files s3-location source",
            ),
            ("deploy register", "iam-user-arn instance-name tags"),
            ("deploy uninstall", ""),
            (
                "deregister-container-instance",
                "cli-input-json cli-input-yaml cluster container-instance force \
generate-cli-skeleton no-force",
            ),
            (
                "deregister-task-definition",
                "cli-input-json cli-input-yaml generate-cli-skeleton task-definition",
            ),
            (
                "describe-capacity-providers",
                "capacity-providers cli-input-json cli-input-yaml cluster \
generate-cli-skeleton include max-results next-token",
            ),
            (
                "describe-clusters",
                "cli-input-json cli-input-yaml clusters generate-cli-skeleton include",
            ),
            (
                "describe-container-instances",
                "cli-input-json cli-input-yaml cluster container-instances \
generate-cli-skeleton include",
            ),
            (
                "describe-daemon",
                "cli-input-json cli-input-yaml daemon-arn generate-cli-skeleton",
            ),
            (
                "describe-daemon-deployments",
                "cli-input-json cli-input-yaml daemon-deployment-arns \
generate-cli-skeleton",
            ),
            (
                "describe-daemon-revisions",
                "cli-input-json cli-input-yaml daemon-revision-arns \
generate-cli-skeleton",
            ),
            (
                "describe-daemon-task-definition",
                "cli-input-json cli-input-yaml daemon-task-definition \
generate-cli-skeleton",
            ),
            (
                "describe-express-gateway-service",
                "cli-input-json cli-input-yaml generate-cli-skeleton include \
service-arn",
            ),
            (
                "describe-gateway",
                "cli-input-json cli-input-yaml gateway generate-cli-skeleton",
            ),
            (
                "describe-gateway-resources",
                "cli-input-json cli-input-yaml gateway generate-cli-skeleton \
max-results next-token",
            ),
            (
                "describe-gateway-route",
                "cli-input-json cli-input-yaml gateway-route-arn generate-cli-skeleton",
            ),
            (
                "describe-service-deployments",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
service-deployment-arns",
            ),
            (
                "describe-service-revisions",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
service-revision-arns",
            ),
            (
                "describe-services",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton include \
services",
            ),
            (
                "describe-task-definition",
                "cli-input-json cli-input-yaml generate-cli-skeleton include \
task-definition",
            ),
            (
                "describe-task-sets",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton include \
service task-sets",
            ),
            (
                "describe-tasks",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton include \
tasks",
            ),
            (
                "disassociate-gateway-from-cluster",
                "cli-input-json cli-input-yaml cluster gateway generate-cli-skeleton",
            ),
            (
                "discover-poll-endpoint",
                "cli-input-json cli-input-yaml cluster container-instance \
generate-cli-skeleton",
            ),
            (
                "execute-command",
                "cli-input-json cli-input-yaml cluster command container \
generate-cli-skeleton interactive non-interactive task",
            ),
            (
                "get-task-protection",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton tasks",
            ),
            (
                "list-account-settings",
                "cli-input-json cli-input-yaml effective-settings generate-cli-skeleton \
max-items max-results name next-token no-effective-settings page-size \
principal-arn starting-token value",
            ),
            (
                "list-attributes",
                "attribute-name attribute-value cli-input-json cli-input-yaml cluster \
generate-cli-skeleton max-items max-results next-token page-size \
starting-token target-type",
            ),
            (
                "list-clusters",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results next-token page-size starting-token",
            ),
            (
                "list-container-instances",
                "cli-input-json cli-input-yaml cluster filter generate-cli-skeleton \
max-items max-results next-token page-size starting-token status",
            ),
            (
                "list-daemon-deployments",
                "cli-input-json cli-input-yaml created-at daemon-arn \
generate-cli-skeleton max-results next-token status",
            ),
            (
                "list-daemon-task-definitions",
                "cli-input-json cli-input-yaml family family-prefix \
generate-cli-skeleton max-results next-token revision sort status",
            ),
            (
                "list-daemons",
                "capacity-provider-arns cli-input-json cli-input-yaml cluster-arn \
generate-cli-skeleton max-results next-token",
            ),
            (
                "list-gateway-cluster-associations",
                "cli-input-json cli-input-yaml cluster gateway generate-cli-skeleton \
max-items max-results next-token page-size starting-token status",
            ),
            (
                "list-gateway-routes",
                "cli-input-json cli-input-yaml cluster gateway generate-cli-skeleton \
max-items max-results next-token page-size service \
service-container-port-name starting-token status",
            ),
            (
                "list-gateways",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results names next-token page-size starting-token status",
            ),
            (
                "list-service-deployments",
                "cli-input-json cli-input-yaml cluster created-at generate-cli-skeleton \
max-results next-token service status",
            ),
            (
                "list-services",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton \
launch-type max-items max-results next-token page-size \
resource-management-type scheduling-strategy starting-token",
            ),
            (
                "list-services-by-namespace",
                "cli-input-json cli-input-yaml generate-cli-skeleton max-items \
max-results namespace next-token page-size starting-token",
            ),
            (
                "list-tags-for-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn",
            ),
            (
                "list-task-definition-families",
                "cli-input-json cli-input-yaml family-prefix generate-cli-skeleton \
max-items max-results next-token page-size starting-token status",
            ),
            (
                "list-task-definitions",
                "cli-input-json cli-input-yaml family-prefix generate-cli-skeleton \
max-items max-results next-token page-size sort starting-token status",
            ),
            (
                "list-tasks",
                "cli-input-json cli-input-yaml cluster container-instance daemon-name \
desired-status family generate-cli-skeleton launch-type max-items \
max-results next-token page-size service-name started-by \
starting-token",
            ),
            (
                "monitor-express-gateway-service",
                "resource-view service-arn timeout",
            ),
            (
                "put-account-setting",
                "cli-input-json cli-input-yaml generate-cli-skeleton name principal-arn \
value",
            ),
            (
                "put-account-setting-default",
                "cli-input-json cli-input-yaml generate-cli-skeleton name value",
            ),
            (
                "put-attributes",
                "attributes cli-input-json cli-input-yaml cluster generate-cli-skeleton",
            ),
            (
                "put-cluster-capacity-providers",
                "capacity-providers cli-input-json cli-input-yaml cluster \
default-capacity-provider-strategy generate-cli-skeleton",
            ),
            (
                "register-container-instance",
                "attributes cli-input-json cli-input-yaml cluster \
container-instance-arn generate-cli-skeleton \
instance-identity-document instance-identity-document-signature \
platform-devices tags total-resources version-info",
            ),
            (
                "register-daemon-task-definition",
                "cli-input-json cli-input-yaml container-definitions cpu \
execution-role-arn family generate-cli-skeleton ipc-mode memory \
pid-mode tags task-role-arn volumes",
            ),
            (
                "register-task-definition",
                "cli-input-json cli-input-yaml container-definitions cpu \
enable-fault-injection ephemeral-storage execution-role-arn family \
generate-cli-skeleton inference-accelerators ipc-mode memory \
network-mode no-enable-fault-injection pid-mode placement-constraints \
proxy-configuration requires-compatibilities runtime-platform tags \
task-role-arn trusted-execution-configuration volumes",
            ),
            (
                "run-task",
                "capacity-provider-strategy cli-input-json cli-input-yaml client-token \
cluster count disable-execute-command enable-ecs-managed-tags \
enable-execute-command generate-cli-skeleton group launch-type \
network-configuration no-enable-ecs-managed-tags overrides \
placement-constraints placement-strategy platform-version \
propagate-tags reference-id started-by tags task-definition \
volume-configurations",
            ),
            (
                "start-task",
                "cli-input-json cli-input-yaml cluster container-instances \
disable-execute-command enable-ecs-managed-tags enable-execute-command \
generate-cli-skeleton group network-configuration \
no-enable-ecs-managed-tags overrides propagate-tags reference-id \
started-by tags task-definition volume-configurations",
            ),
            (
                "stop-service-deployment",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
service-deployment-arn stop-type",
            ),
            (
                "stop-task",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton reason \
task",
            ),
            (
                "submit-attachment-state-changes",
                "attachments cli-input-json cli-input-yaml cluster \
generate-cli-skeleton",
            ),
            (
                "submit-container-state-change",
                "cli-input-json cli-input-yaml cluster container-name exit-code \
generate-cli-skeleton network-bindings reason runtime-id status task",
            ),
            (
                "submit-task-state-change",
                "attachments cli-input-json cli-input-yaml cluster containers \
execution-stopped-at generate-cli-skeleton managed-agents \
pull-started-at pull-stopped-at reason status task",
            ),
            (
                "tag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn tags",
            ),
            (
                "untag-resource",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn \
tag-keys",
            ),
            (
                "update-capacity-provider",
                "auto-scaling-group-provider cli-input-json cli-input-yaml cluster \
generate-cli-skeleton managed-instances-provider name",
            ),
            (
                "update-cluster",
                "cli-input-json cli-input-yaml cluster configuration \
generate-cli-skeleton service-connect-defaults settings",
            ),
            (
                "update-cluster-settings",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton settings",
            ),
            (
                "update-container-agent",
                "cli-input-json cli-input-yaml cluster container-instance \
generate-cli-skeleton",
            ),
            (
                "update-container-instances-state",
                "cli-input-json cli-input-yaml cluster container-instances \
generate-cli-skeleton status",
            ),
            (
                "update-daemon",
                "capacity-provider-arns cli-input-json cli-input-yaml critical \
daemon-arn daemon-task-definition-arn deployment-configuration \
disable-execute-command enable-ecs-managed-tags enable-execute-command \
generate-cli-skeleton no-critical no-enable-ecs-managed-tags \
propagate-tags",
            ),
            (
                "update-express-gateway-service",
                "cli-input-json cli-input-yaml cpu cpu-architecture execution-role-arn \
generate-cli-skeleton health-check-path memory monitor-resources \
network-configuration primary-container scaling-target service-arn \
task-definition-arn task-role-arn",
            ),
            (
                "update-gateway",
                "cli-input-json cli-input-yaml configuration deletion-protection \
gateway generate-cli-skeleton infrastructure-role-arn \
no-deletion-protection propagate-tags",
            ),
            (
                "update-service",
                "availability-zone-rebalancing capacity-provider-strategy \
cli-input-json cli-input-yaml cluster deployment-configuration \
deployment-controller desired-count disable-execute-command \
enable-ecs-managed-tags enable-execute-command force-new-deployment \
gateway-connectors generate-cli-skeleton \
health-check-grace-period-seconds load-balancers monitoring \
network-configuration no-enable-ecs-managed-tags \
no-force-new-deployment placement-constraints placement-strategy \
platform-version propagate-tags service service-connect-configuration \
service-registries task-definition volume-configurations \
vpc-lattice-configurations",
            ),
            (
                "update-service-primary-task-set",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton \
primary-task-set service",
            ),
            (
                "update-task-protection",
                "cli-input-json cli-input-yaml cluster expires-in-minutes \
generate-cli-skeleton no-protection-enabled protection-enabled tasks",
            ),
            (
                "update-task-set",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton scale \
service task-set",
            ),
            (
                "wait daemon-active",
                "cli-input-json cli-input-yaml daemon-arn generate-cli-skeleton",
            ),
            (
                "wait daemon-deployment-stopped",
                "cli-input-json cli-input-yaml daemon-deployment-arns \
generate-cli-skeleton",
            ),
            (
                "wait daemon-deployment-successful",
                "cli-input-json cli-input-yaml daemon-deployment-arns \
generate-cli-skeleton",
            ),
            (
                "wait daemon-task-definition-active",
                "cli-input-json cli-input-yaml daemon-task-definition \
generate-cli-skeleton",
            ),
            (
                "wait daemon-task-definition-deleted",
                "cli-input-json cli-input-yaml daemon-task-definition \
generate-cli-skeleton",
            ),
            (
                "wait services-inactive",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton include \
services",
            ),
            (
                "wait services-stable",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton include \
services",
            ),
            (
                "wait tasks-running",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton include \
tasks",
            ),
            (
                "wait tasks-stopped",
                "cli-input-json cli-input-yaml cluster generate-cli-skeleton include \
tasks",
            ),
        ],
    },
    Service {
        name: "elbv2",
        commands: &[
            (
                "add-listener-certificates",
                "certificates cli-input-json cli-input-yaml generate-cli-skeleton \
listener-arn",
            ),
            (
                "add-tags",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arns tags",
            ),
            (
                "add-trust-store-revocations",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
revocation-contents trust-store-arn",
            ),
            (
                "create-listener",
                "alpn-policy certificates cli-input-json cli-input-yaml default-actions \
generate-cli-skeleton load-balancer-arn mutual-authentication port \
protocol ssl-policy tags",
            ),
            (
                "create-load-balancer",
                "cli-input-json cli-input-yaml customer-owned-ipv4-pool \
enable-prefix-for-ipv6-source-nat generate-cli-skeleton \
ip-address-type ipam-pools name scheme security-groups subnet-mappings \
subnets tags type",
            ),
            (
                "create-rule",
                "actions cli-input-json cli-input-yaml conditions generate-cli-skeleton \
listener-arn priority tags transforms",
            ),
            (
                "create-target-group",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
health-check-enabled health-check-interval-seconds health-check-path \
health-check-port health-check-protocol health-check-timeout-seconds \
healthy-threshold-count ip-address-type matcher name \
no-health-check-enabled port protocol protocol-version tags \
target-control-port target-type unhealthy-threshold-count vpc-id",
            ),
            (
                "create-trust-store",
                "ca-certificates-bundle-s3-bucket ca-certificates-bundle-s3-key \
ca-certificates-bundle-s3-object-version cli-input-json cli-input-yaml \
generate-cli-skeleton name tags",
            ),
            (
                "delete-listener",
                "cli-input-json cli-input-yaml generate-cli-skeleton listener-arn",
            ),
            (
                "delete-load-balancer",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arn",
            ),
            (
                "delete-rule",
                "cli-input-json cli-input-yaml generate-cli-skeleton rule-arn",
            ),
            (
                "delete-shared-trust-store-association",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn \
trust-store-arn",
            ),
            (
                "delete-target-group",
                "cli-input-json cli-input-yaml generate-cli-skeleton target-group-arn",
            ),
            (
                "delete-trust-store",
                "cli-input-json cli-input-yaml generate-cli-skeleton trust-store-arn",
            ),
            (
                "deregister-targets",
                "cli-input-json cli-input-yaml generate-cli-skeleton target-group-arn \
targets",
            ),
            (
                "describe-account-limits",
                "cli-input-json cli-input-yaml generate-cli-skeleton marker max-items \
page-size starting-token",
            ),
            (
                "describe-capacity-reservation",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arn",
            ),
            (
                "describe-listener-attributes",
                "cli-input-json cli-input-yaml generate-cli-skeleton listener-arn",
            ),
            (
                "describe-listener-certificates",
                "cli-input-json cli-input-yaml generate-cli-skeleton listener-arn \
marker max-items page-size starting-token",
            ),
            (
                "describe-listeners",
                "cli-input-json cli-input-yaml generate-cli-skeleton listener-arns \
load-balancer-arn marker max-items page-size starting-token",
            ),
            (
                "describe-load-balancer-attributes",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arn",
            ),
            (
                "describe-load-balancers",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arns \
marker max-items names page-size starting-token",
            ),
            (
                "describe-rules",
                "cli-input-json cli-input-yaml generate-cli-skeleton listener-arn \
marker max-items page-size rule-arns starting-token",
            ),
            (
                "describe-ssl-policies",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-type \
marker max-items names page-size starting-token",
            ),
            (
                "describe-tags",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arns",
            ),
            (
                "describe-target-group-attributes",
                "cli-input-json cli-input-yaml generate-cli-skeleton target-group-arn",
            ),
            (
                "describe-target-groups",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arn \
marker max-items names page-size starting-token target-group-arns",
            ),
            (
                "describe-target-health",
                "cli-input-json cli-input-yaml generate-cli-skeleton include \
target-group-arn targets",
            ),
            (
                "describe-trust-store-associations",
                "cli-input-json cli-input-yaml generate-cli-skeleton marker max-items \
page-size starting-token trust-store-arn",
            ),
            (
                "describe-trust-store-revocations",
                "cli-input-json cli-input-yaml generate-cli-skeleton marker max-items \
page-size revocation-ids starting-token trust-store-arn",
            ),
            (
                "describe-trust-stores",
                "cli-input-json cli-input-yaml generate-cli-skeleton marker max-items \
names page-size starting-token trust-store-arns",
            ),
            (
                "get-resource-policy",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arn",
            ),
            (
                "get-trust-store-ca-certificates-bundle",
                "cli-input-json cli-input-yaml generate-cli-skeleton trust-store-arn",
            ),
            (
                "get-trust-store-revocation-content",
                "cli-input-json cli-input-yaml generate-cli-skeleton revocation-id \
trust-store-arn",
            ),
            (
                "modify-capacity-reservation",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arn \
minimum-load-balancer-capacity no-reset-capacity-reservation \
reset-capacity-reservation",
            ),
            (
                "modify-ip-pools",
                "cli-input-json cli-input-yaml generate-cli-skeleton ipam-pools \
load-balancer-arn remove-ipam-pools",
            ),
            (
                "modify-listener",
                "alpn-policy certificates cli-input-json cli-input-yaml default-actions \
generate-cli-skeleton listener-arn mutual-authentication port protocol \
ssl-policy",
            ),
            (
                "modify-listener-attributes",
                "attributes cli-input-json cli-input-yaml generate-cli-skeleton \
listener-arn",
            ),
            (
                "modify-load-balancer-attributes",
                "attributes cli-input-json cli-input-yaml generate-cli-skeleton \
load-balancer-arn",
            ),
            (
                "modify-rule",
                "actions cli-input-json cli-input-yaml conditions generate-cli-skeleton \
no-reset-transforms reset-transforms rule-arn transforms",
            ),
            (
                "modify-target-group",
                "cli-input-json cli-input-yaml generate-cli-skeleton \
health-check-enabled health-check-interval-seconds health-check-path \
health-check-port health-check-protocol health-check-timeout-seconds \
healthy-threshold-count matcher no-health-check-enabled \
target-group-arn unhealthy-threshold-count",
            ),
            (
                "modify-target-group-attributes",
                "attributes cli-input-json cli-input-yaml generate-cli-skeleton \
target-group-arn",
            ),
            (
                "modify-trust-store",
                "ca-certificates-bundle-s3-bucket ca-certificates-bundle-s3-key \
ca-certificates-bundle-s3-object-version cli-input-json cli-input-yaml \
generate-cli-skeleton trust-store-arn",
            ),
            (
                "register-targets",
                "cli-input-json cli-input-yaml generate-cli-skeleton target-group-arn \
targets",
            ),
            (
                "remove-listener-certificates",
                "certificates cli-input-json cli-input-yaml generate-cli-skeleton \
listener-arn",
            ),
            (
                "remove-tags",
                "cli-input-json cli-input-yaml generate-cli-skeleton resource-arns \
tag-keys",
            ),
            (
                "remove-trust-store-revocations",
                "cli-input-json cli-input-yaml generate-cli-skeleton revocation-ids \
trust-store-arn",
            ),
            (
                "set-ip-address-type",
                "cli-input-json cli-input-yaml generate-cli-skeleton ip-address-type \
load-balancer-arn",
            ),
            (
                "set-rule-priorities",
                "cli-input-json cli-input-yaml generate-cli-skeleton rule-priorities",
            ),
            (
                "set-security-groups",
                "cli-input-json cli-input-yaml \
enforce-security-group-inbound-rules-on-private-link-traffic \
generate-cli-skeleton load-balancer-arn security-groups",
            ),
            (
                "set-subnets",
                "cli-input-json cli-input-yaml enable-prefix-for-ipv6-source-nat \
generate-cli-skeleton ip-address-type load-balancer-arn \
subnet-mappings subnets",
            ),
            (
                "wait load-balancer-available",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arns \
marker max-items names page-size starting-token",
            ),
            (
                "wait load-balancer-exists",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arns \
marker max-items names page-size starting-token",
            ),
            (
                "wait load-balancers-deleted",
                "cli-input-json cli-input-yaml generate-cli-skeleton load-balancer-arns \
marker max-items names page-size starting-token",
            ),
            (
                "wait target-deregistered",
                "cli-input-json cli-input-yaml generate-cli-skeleton include \
target-group-arn targets",
            ),
            (
                "wait target-in-service",
                "cli-input-json cli-input-yaml generate-cli-skeleton include \
target-group-arn targets",
            ),
        ],
    },
    Service {
        name: "sts",
        commands: &[
            (
                "assume-role",
                "cli-input-json cli-input-yaml duration-seconds external-id \
generate-cli-skeleton minimum-session-token-size policy policy-arns \
provided-contexts role-arn role-session-name serial-number \
source-identity tags token-code transitive-tag-keys",
            ),
            (
                "assume-role-with-saml",
                "cli-input-json cli-input-yaml duration-seconds generate-cli-skeleton \
minimum-session-token-size policy policy-arns principal-arn role-arn \
saml-assertion",
            ),
            (
                "assume-role-with-web-identity",
                "cli-input-json cli-input-yaml duration-seconds generate-cli-skeleton \
minimum-session-token-size policy policy-arns provider-id role-arn \
role-session-name web-identity-token",
            ),
            (
                "assume-root",
                "cli-input-json cli-input-yaml duration-seconds generate-cli-skeleton \
minimum-session-token-size target-principal task-policy-arn",
            ),
            (
                "decode-authorization-message",
                "cli-input-json cli-input-yaml encoded-message generate-cli-skeleton",
            ),
            (
                "get-access-key-info",
                "access-key-id cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "get-caller-identity",
                "cli-input-json cli-input-yaml generate-cli-skeleton",
            ),
            (
                "get-delegated-access-token",
                "cli-input-json cli-input-yaml generate-cli-skeleton trade-in-token",
            ),
            (
                "get-federation-token",
                "cli-input-json cli-input-yaml duration-seconds generate-cli-skeleton \
minimum-session-token-size name policy policy-arns tags",
            ),
            (
                "get-session-token",
                "cli-input-json cli-input-yaml duration-seconds generate-cli-skeleton \
minimum-session-token-size serial-number token-code",
            ),
            (
                "get-web-identity-token",
                "audience cli-input-json cli-input-yaml duration-seconds \
generate-cli-skeleton signing-algorithm tags",
            ),
        ],
    },
];
