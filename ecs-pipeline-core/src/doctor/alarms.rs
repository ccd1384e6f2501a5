//! The alarms that a deployment heeds.

use super::finding::known;
use super::{Finding, View, alarm_names};

/// An alarm that is missing makes no deployment fail, and one that rings already makes ECS ignore it
/// and CodeDeploy stop.
pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    const CHECK: &str = "alarms";
    let Some(fact) = &view.facts.alarms else {
        return Vec::new();
    };
    let none = || Finding::problem(CHECK, "there are no alarms", "create them");
    let there = match known(fact, CHECK, none) {
        Ok(there) => there,
        Err(finding) => return vec![finding],
    };
    let judged = alarm_names(view.wanted, view.facts)
        .into_iter()
        .map(|name| match there.get(&name) {
            None => Finding::problem(
                CHECK,
                format!("there is no alarm {name}"),
                "create it, or correct its name where it is used",
            ),
            Some(state) if state == "ALARM" => Finding::warning(
                CHECK,
                format!(
                    "{name} rings already: CodeDeploy refuses to deploy, and ECS does not heed it"
                ),
                "see to what it is about, or leave it out",
            ),
            Some(state) => Finding::ok(CHECK, format!("{name} is {state}")),
        });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::testing::broken;
    use super::super::{Fact, Status};

    #[test]
    fn alarms_are_there_and_quiet() {
        let with = |states: &[(&str, &str)]| {
            let there = states
                .iter()
                .map(|(name, state)| ((*name).to_owned(), (*state).to_owned()));
            let there: BTreeMap<_, _> = there.collect();
            broken("alarms", |stage| {
                stage.service(|service| service.alarms = vec!["web-5xx".to_owned()]);
                stage.facts.alarms = Some(Fact::Known(there));
            })
        };
        assert_eq!(with(&[("web-5xx", "OK")]), [Status::Ok]);
        assert_eq!(with(&[("web-5xx", "ALARM")]), [Status::Warning]);
        assert_eq!(with(&[("other", "OK")]), [Status::Problem]);
    }
}
