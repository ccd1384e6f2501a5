//! Clusters.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{last_part, listed, missing, page, read};
use super::instance::Instance;
use super::service::Status;
use super::tags::Tags;
use super::{ApiError, Ecs, Outside};

#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) arn: String,
    active: bool,
    pub(super) tags: Tags,
    pub(super) instance: Instance,
    /// `settings`, `configuration`, `capacityProviders`, … as they were given.
    settings: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Input {
    cluster_name: Option<String>,
    cluster: Option<String>,
    clusters: Vec<String>,
    include: Vec<String>,
    tags: Tags,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Ecs {
    /// A cluster by name or ARN; `default` is only there once somebody has created it.
    pub(super) fn cluster(&self, named: Option<&str>) -> Result<&Cluster, ApiError> {
        self.clusters
            .get(last_part(named.unwrap_or("default")))
            .filter(|c| c.active)
            .ok_or_else(|| ApiError::client("ClusterNotFoundException", "Cluster not found."))
    }

    pub(super) fn create_cluster(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let typed: Input = read(&input)?;
        typed.tags.check()?;
        let name = typed.cluster_name.unwrap_or_else(|| "default".into());
        let there = self.clusters.get(&name).is_some_and(|c| c.active);
        if !there {
            let mut settings = input.as_object().cloned().unwrap_or_default();
            settings.retain(|k, _| !matches!(k.as_str(), "clusterName" | "tags"));
            let cluster = Cluster {
                arn: out.arns.ecs(&format!("cluster/{name}")),
                active: true,
                tags: typed.tags,
                instance: Instance::new(out, &name),
                settings,
                name: name.clone(),
            };
            self.clusters.insert(name.clone(), cluster);
        }
        Ok(json!({ "cluster": self.describe_cluster(&self.clusters[&name], true) }))
    }

    pub(super) fn describe_clusters(&self, input: Value) -> Result<Value, ApiError> {
        let mut input: Input = read(&input)?;
        if input.clusters.is_empty() {
            input.clusters.push("default".into());
        }
        let with_tags = input.include.iter().any(|i| i == "TAGS");
        let (mut clusters, mut failures) = (Vec::new(), Vec::new());
        for named in &input.clusters {
            match self.clusters.get(last_part(named)) {
                Some(cluster) => clusters.push(self.describe_cluster(cluster, with_tags)),
                None => failures.push(missing(named)),
            }
        }
        Ok(json!({ "clusters": clusters, "failures": failures }))
    }

    pub(super) fn list_clusters(&self, input: Value) -> Result<Value, ApiError> {
        let input: Input = read(&input)?;
        let arns: Vec<String> = self
            .clusters
            .values()
            .filter(|c| c.active)
            .map(|c| c.arn.clone())
            .collect();
        let (arns, next) = page(&arns, input.max_results, input.next_token.as_deref())?;
        Ok(listed("clusterArns", arns, next))
    }

    pub(super) fn delete_cluster(&mut self, input: Value) -> Result<Value, ApiError> {
        let input: Input = read(&input)?;
        let name = self.cluster(input.cluster.as_deref())?.name.clone();
        let services = self.services.values();
        if services
            .into_iter()
            .any(|s| s.key.cluster == name && s.status != Status::Inactive)
        {
            return Err(ApiError::client(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.",
            ));
        }
        if self
            .tasks
            .values()
            .any(|t| t.cluster == name && !t.is_stopped())
        {
            return Err(ApiError::client(
                "ClusterContainsTasksException",
                "The Cluster cannot be deleted while Tasks are active.",
            ));
        }
        if let Some(cluster) = self.clusters.get_mut(&name) {
            cluster.active = false;
        }
        Ok(json!({ "cluster": self.describe_cluster(&self.clusters[&name], false) }))
    }

    fn describe_cluster(&self, cluster: &Cluster, with_tags: bool) -> Value {
        let tasks = |statuses: &[&str]| {
            self.tasks
                .values()
                .filter(|t| t.cluster == cluster.name && statuses.contains(&t.last_status()))
                .count()
        };
        let services = self
            .services
            .values()
            .filter(|s| s.key.cluster == cluster.name && s.status == Status::Active)
            .count();
        let mut shown = cluster.settings.clone();
        let own = json!({
            "clusterArn": cluster.arn,
            "clusterName": cluster.name,
            "status": if cluster.active { "ACTIVE" } else { "INACTIVE" },
            "registeredContainerInstancesCount": i32::from(cluster.active),
            "runningTasksCount": tasks(&["RUNNING"]),
            "pendingTasksCount": tasks(&["PROVISIONING", "PENDING", "ACTIVATING"]),
            "activeServicesCount": services,
            "statistics": [],
            "tags": if with_tags { json!(cluster.tags) } else { json!([]) },
        });
        if let Value::Object(own) = own {
            shown.extend(own);
        }
        for member in [
            "settings",
            "capacityProviders",
            "defaultCapacityProviderStrategy",
        ] {
            shown.entry(member).or_insert_with(|| json!([]));
        }
        shown.into()
    }
}
