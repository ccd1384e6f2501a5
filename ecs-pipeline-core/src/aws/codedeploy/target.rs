//! What a deployment's target says: its lifecycle events, and its task sets with their traffic.

use aws_sdk_codedeploy::types::{
    EcsTarget, EcsTaskSet, LifecycleEvent, LifecycleEventStatus, TargetLabel,
};

use crate::model::{CODE_DEPLOY_STAGES, ServiceMessage};

/// The events in the order in which they come; AWS promises none for its answer.
fn events(target: &EcsTarget) -> Vec<(&str, &LifecycleEvent)> {
    let place = |name: &str| CODE_DEPLOY_STAGES.iter().position(|stage| *stage == name);
    let mut events: Vec<_> = target
        .lifecycle_events()
        .iter()
        .filter_map(|event| Some((event.lifecycle_event_name()?, event)))
        .collect();
    events.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
    events
}

/// The latest event that has begun.
pub(super) fn stage(target: &EcsTarget) -> Option<&str> {
    events(target)
        .into_iter()
        .rev()
        .find(|(_, event)| {
            matches!(
                event.status(),
                Some(
                    LifecycleEventStatus::InProgress
                        | LifecycleEventStatus::Succeeded
                        | LifecycleEventStatus::Failed
                )
            )
        })
        .map(|(name, _)| name)
}

/// The events as lines: `Install InProgress`, `Install Succeeded`. An event that nothing was to be
/// done at is none.
pub(super) fn messages(
    deployment: &str,
    rolls_back: bool,
    target: &EcsTarget,
) -> Vec<ServiceMessage> {
    let whose = if rolls_back {
        format!("rollback {deployment}: ")
    } else {
        String::new()
    };
    events(target)
        .into_iter()
        .filter_map(|(name, event)| {
            let status = event.status()?;
            let told = matches!(
                status,
                LifecycleEventStatus::InProgress
                    | LifecycleEventStatus::Succeeded
                    | LifecycleEventStatus::Failed
            );
            told.then(|| ServiceMessage {
                id: format!("{deployment}/{name}/{}", status.as_str()),
                text: format!("{whose}{name} {}{}", status.as_str(), diagnostics(event)),
            })
        })
        .collect()
}

/// What is said about events that failed.
pub(super) fn failures(target: &EcsTarget) -> Vec<String> {
    events(target)
        .into_iter()
        .filter(|(_, event)| event.status() == Some(&LifecycleEventStatus::Failed))
        .map(|(name, event)| format!("{name} failed{}", diagnostics(event)))
        .collect()
}

fn diagnostics(event: &LifecycleEvent) -> String {
    let Some(diagnostics) = event.diagnostics() else {
        return String::new();
    };
    let said: Vec<&str> = [
        diagnostics.script_name(),
        diagnostics.message(),
        diagnostics.log_tail(),
    ]
    .into_iter()
    .flatten()
    .filter(|text| !text.is_empty())
    .collect();
    if said.is_empty() || event.status() != Some(&LifecycleEventStatus::Failed) {
        return String::new();
    }
    format!(": {}", said.join(": "))
}

/// The task set of the new revision.
pub(super) fn green(target: &EcsTarget) -> Option<&EcsTaskSet> {
    target
        .task_sets_info()
        .iter()
        .find(|set| set.task_set_label() == Some(&TargetLabel::Green))
}

/// The id of a task set. The API spells the member so.
pub(super) fn id_of(set: &EcsTaskSet) -> Option<&str> {
    set.identifer()
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::Diagnostics;

    use super::*;

    fn target(events: &[(&str, LifecycleEventStatus)]) -> EcsTarget {
        let events = events.iter().map(|(name, status)| {
            LifecycleEvent::builder()
                .lifecycle_event_name(*name)
                .status(status.clone())
                .build()
        });
        EcsTarget::builder()
            .set_lifecycle_events(Some(events.collect()))
            .build()
    }

    #[test]
    fn the_stage_is_the_latest_event_that_has_begun() {
        use LifecycleEventStatus::{Failed, InProgress, Pending, Skipped, Succeeded};
        let table: [(&[_], Option<&str>); 6] = [
            (&[], None),
            (&[("BeforeInstall", Pending)], None),
            (
                &[("Install", InProgress), ("BeforeInstall", Succeeded)],
                Some("Install"),
            ),
            (
                &[
                    ("AllowTraffic", InProgress),
                    ("BeforeAllowTraffic", Succeeded),
                    ("AfterAllowTraffic", Pending),
                    ("Install", Succeeded),
                ],
                Some("AllowTraffic"),
            ),
            (
                &[("Install", Failed), ("AfterInstall", Skipped)],
                Some("Install"),
            ),
            (
                &[
                    ("AfterAllowTraffic", Succeeded),
                    ("AllowTraffic", Succeeded),
                ],
                Some("AfterAllowTraffic"),
            ),
        ];
        for (events, expected) in table {
            assert_eq!(stage(&target(events)), expected, "{events:?}");
        }
    }

    #[test]
    fn events_are_told_as_they_begin_and_end() {
        let seen = target(&[
            ("Install", LifecycleEventStatus::InProgress),
            ("BeforeInstall", LifecycleEventStatus::Succeeded),
            ("AfterInstall", LifecycleEventStatus::Pending),
        ]);
        let told: Vec<_> = messages("d-1", false, &seen)
            .into_iter()
            .map(|message| (message.id, message.text))
            .collect();
        let expected = [
            ("d-1/BeforeInstall/Succeeded", "BeforeInstall Succeeded"),
            ("d-1/Install/InProgress", "Install InProgress"),
        ];
        assert_eq!(
            told,
            expected.map(|(id, text)| (id.to_owned(), text.to_owned()))
        );
        let back = messages("d-2", true, &seen);
        assert_eq!(back[0].text, "rollback d-2: BeforeInstall Succeeded");
    }

    #[test]
    fn a_failed_event_says_why() {
        let diagnostics = Diagnostics::builder()
            .script_name("smoke-test")
            .message("the function returned Failed")
            .log_tail("")
            .build();
        let event = LifecycleEvent::builder()
            .lifecycle_event_name("BeforeAllowTraffic")
            .status(LifecycleEventStatus::Failed)
            .diagnostics(diagnostics)
            .build();
        let target = EcsTarget::builder().lifecycle_events(event).build();
        assert_eq!(
            failures(&target),
            ["BeforeAllowTraffic failed: smoke-test: the function returned Failed"]
        );
    }
}
