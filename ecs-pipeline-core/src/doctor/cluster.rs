//! The cluster is there.

use super::finding::known;
use super::{Finding, View};

const CHECK: &str = "cluster";

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let name = &view.wanted.service.cluster;
    let create = format!(
        "create it (`aws ecs create-cluster --cluster-name {name}`), or correct deploy.cluster or the Region"
    );
    let absent = || Finding::problem(CHECK, format!("there is no cluster {name}"), &create);
    vec![match known(&view.facts.cluster, CHECK, absent) {
        Err(finding) => finding,
        Ok(cluster) if cluster.status == "ACTIVE" => {
            Finding::ok(CHECK, format!("{name} is ACTIVE"))
        }
        Ok(cluster) => Finding::problem(CHECK, format!("{name} is {}", cluster.status), &create),
    }]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stage, statuses};
    use super::super::{Fact, Status};

    #[test]
    fn a_cluster_must_be_active() {
        let with = |status: &str| {
            let mut stage = Stage::healthy();
            stage.cluster(|cluster| cluster.status = status.to_owned());
            stage.found("cluster")
        };
        assert_eq!(statuses(&with("ACTIVE")), [Status::Ok]);
        assert_eq!(statuses(&with("INACTIVE")), [Status::Problem]);
        let mut stage = Stage::healthy();
        stage.facts.cluster = Fact::Absent;
        assert_eq!(statuses(&stage.found("cluster")), [Status::Problem]);
    }
}
