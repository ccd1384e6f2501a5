//! What several roles have in common, by the service that is called. Which actions take an ARN is in the
//! Service Authorization Reference:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html>.

mod artifacts;
mod code_build;
mod code_deploy;
mod ecr;
mod ecs;
mod load_balancing;
mod logs;
mod roles;
mod secrets;

pub(super) use artifacts::artifacts;
pub(super) use code_build::{build_in_vpc, build_logs, build_reports, start_builds};
pub(super) use code_deploy::{create_deployments, create_deployments_by_action, shift_for_ecs};
pub(super) use ecr::{pull, push};
pub(super) use ecs::{
    create_service, follow, read_tags, register, run_tasks, see_tasks, status, tag_revisions,
    update,
};
pub(super) use load_balancing::{alarms, read_targets};
pub(super) use logs::{read_logs, write_logs};
pub(super) use roles::{pass_infrastructure_role, pass_task_roles};
pub(super) use secrets::{environment_files, secrets};
