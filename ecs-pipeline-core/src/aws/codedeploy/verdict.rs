//! What a deployment's own record says, as pure functions over it.

use aws_sdk_codedeploy::types::{
    AutoRollbackEvent, DeploymentInfo, DeploymentStatus, ErrorCode, ErrorInformation,
};

/// How long a failure that is to be rolled back may go without a rollback that it names, in
/// looks; and one of which that is not known, for somebody may have stopped it with a rollback.
const PATIENCE: u32 = 5;
const DOUBT: u32 = 1;

/// What a deployment has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    GoesOn,
    Succeeded,
    /// It failed or was stopped.
    Failed,
}

pub(super) fn stand(info: &DeploymentInfo) -> Stand {
    match info.status() {
        Some(DeploymentStatus::Succeeded) => Stand::Succeeded,
        Some(status) if is_over(status) => Stand::Failed,
        _ => Stand::GoesOn,
    }
}

/// Whether a deployment changes no more. What is newer than the SDK goes on.
pub(super) fn is_over(status: &DeploymentStatus) -> bool {
    matches!(
        status,
        DeploymentStatus::Succeeded | DeploymentStatus::Failed | DeploymentStatus::Stopped
    )
}

/// The deployment that rolls this one back.
pub(super) fn rollback_of(info: &DeploymentInfo) -> Option<&str> {
    info.rollback_info()?
        .rollback_deployment_id()
        .filter(|id| !id.is_empty())
}

/// The deployment that this one rolls back.
pub(super) fn rolled_back_by(info: &DeploymentInfo) -> Option<&str> {
    info.rollback_info()?
        .rollback_triggering_deployment_id()
        .filter(|id| !id.is_empty())
}

/// Whether a failure may still name its rollback: CodeDeploy creates that one after the failure.
pub(super) fn may_be_rolled_back(info: &DeploymentInfo, stopped_by_us: bool, looks: u32) -> bool {
    let expected = stopped_by_us || rolls_back(info);
    looks < if expected { PATIENCE } else { DOUBT }
}

/// Whether CodeDeploy rolls this failure back by itself.
fn rolls_back(info: &DeploymentInfo) -> bool {
    let Some(configuration) = info.auto_rollback_configuration() else {
        return false;
    };
    let code = info.error_information().and_then(ErrorInformation::code);
    let why = match (code, info.status()) {
        (Some(ErrorCode::AlarmActive), _) => AutoRollbackEvent::DeploymentStopOnAlarm,
        (_, Some(DeploymentStatus::Stopped)) => AutoRollbackEvent::DeploymentStopOnRequest,
        _ => AutoRollbackEvent::DeploymentFailure,
    };
    configuration.enabled && configuration.events().contains(&why)
}

/// Why it failed, in CodeDeploy's words.
pub(super) fn reason(info: &DeploymentInfo) -> String {
    let error = info.error_information();
    let code = error
        .and_then(ErrorInformation::code)
        .map(ErrorCode::as_str);
    let message = error.and_then(ErrorInformation::message);
    match (code, message) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => format!(
            "CodeDeploy says {} and gives no reason",
            info.status().map_or("nothing", DeploymentStatus::as_str)
        ),
    }
}

/// What the deployment waits for, when it goes on only at somebody's word.
pub(super) fn held(info: &DeploymentInfo) -> Option<String> {
    (info.status() == Some(&DeploymentStatus::Ready))
        .then(|| "the traffic waits to be moved".to_owned())
}

/// Whether all traffic has moved, and the old version is only kept for a while.
pub(super) fn keeps_blue(info: &DeploymentInfo) -> bool {
    stand(info) == Stand::GoesOn && info.instance_termination_wait_time_started
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::{AutoRollbackConfiguration, RollbackInfo};

    use super::*;

    fn info(status: DeploymentStatus) -> DeploymentInfo {
        DeploymentInfo::builder().status(status).build()
    }

    fn failed(
        status: DeploymentStatus,
        code: Option<ErrorCode>,
        on: &[AutoRollbackEvent],
    ) -> DeploymentInfo {
        let configuration = AutoRollbackConfiguration::builder()
            .enabled(true)
            .set_events(Some(on.to_vec()))
            .build();
        let error = ErrorInformation::builder()
            .set_code(code)
            .message("no")
            .build();
        DeploymentInfo::builder()
            .status(status)
            .error_information(error)
            .auto_rollback_configuration(configuration)
            .build()
    }

    #[test]
    fn only_three_statuses_are_ends() {
        let table = [
            (DeploymentStatus::Created, Stand::GoesOn),
            (DeploymentStatus::Queued, Stand::GoesOn),
            (DeploymentStatus::InProgress, Stand::GoesOn),
            (DeploymentStatus::Baking, Stand::GoesOn),
            (DeploymentStatus::Ready, Stand::GoesOn),
            (DeploymentStatus::from("NewStatus"), Stand::GoesOn),
            (DeploymentStatus::Succeeded, Stand::Succeeded),
            (DeploymentStatus::Failed, Stand::Failed),
            (DeploymentStatus::Stopped, Stand::Failed),
        ];
        for (status, expected) in table {
            assert_eq!(stand(&info(status.clone())), expected, "{status:?}");
        }
    }

    #[test]
    fn a_failure_that_is_to_be_rolled_back_is_given_time_to_name_its_rollback() {
        use AutoRollbackEvent as On;
        use DeploymentStatus::{Failed, Stopped};
        let alarm = Some(ErrorCode::AlarmActive);
        let table = [
            (Failed, None, vec![On::DeploymentFailure], false, true),
            (Failed, None, vec![On::DeploymentStopOnAlarm], false, false),
            (
                Stopped,
                alarm.clone(),
                vec![On::DeploymentStopOnAlarm],
                false,
                true,
            ),
            (Stopped, alarm, vec![On::DeploymentFailure], false, false),
            (Stopped, None, vec![On::DeploymentFailure], false, false),
            (
                Stopped,
                None,
                vec![On::DeploymentStopOnRequest],
                false,
                true,
            ),
            (Stopped, None, vec![], true, true),
        ];
        for (status, code, on, by_us, expected) in table {
            let info = failed(status, code, &on);
            assert!(may_be_rolled_back(&info, by_us, 0), "{info:?}");
            assert_eq!(may_be_rolled_back(&info, by_us, 4), expected, "{info:?}");
            assert!(!may_be_rolled_back(&info, by_us, 5), "{info:?}");
        }
    }

    #[test]
    fn an_empty_name_is_no_rollback() {
        for (id, expected) in [(Some(""), None), (None, None), (Some("d-2"), Some("d-2"))] {
            let rollback = RollbackInfo::builder()
                .set_rollback_deployment_id(id.map(str::to_owned))
                .build();
            let info = DeploymentInfo::builder().rollback_info(rollback).build();
            assert_eq!(rollback_of(&info), expected);
            assert_eq!(rolled_back_by(&info), None);
        }
    }

    #[test]
    fn a_failure_is_told_in_codedeploys_words() {
        let info = failed(DeploymentStatus::Failed, Some(ErrorCode::Timeout), &[]);
        assert_eq!(reason(&info), "no (TIMEOUT)");
        assert_eq!(
            reason(&self::info(DeploymentStatus::Stopped)),
            "CodeDeploy says Stopped and gives no reason"
        );
    }

    #[test]
    fn only_a_ready_deployment_is_held() {
        assert!(held(&info(DeploymentStatus::Ready)).is_some());
        assert_eq!(held(&info(DeploymentStatus::InProgress)), None);
        let ended = |status| {
            DeploymentInfo::builder()
                .status(status)
                .instance_termination_wait_time_started(true)
                .build()
        };
        assert!(keeps_blue(&ended(DeploymentStatus::InProgress)));
        assert!(!keeps_blue(&ended(DeploymentStatus::Succeeded)));
    }
}
