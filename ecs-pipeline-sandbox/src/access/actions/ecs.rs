//! Elastic Container Service.

use serde_json::Value;

use crate::access::Request;

use super::{Asked, last_part, pass_role};

const TAGS: [&str; 3] = ["tags", "key", "value"];

/// Who assumes the roles of tasks, and those of a service.
const TASKS: &str = "ecs-tasks.amazonaws.com";
const SERVICES: &str = "ecs.amazonaws.com";

pub(super) fn needed(asked: &Asked<'_>) -> Vec<Request> {
    match asked.operation {
        "CreateCluster" => asked.created(asked.cluster_named(asked.text("clusterName")), |own| own),
        "DescribeClusters" => vec![asked.own_on_all("ecs", asked.clusters())],
        "DeleteCluster" | "ListContainerInstances" => vec![asked.own("ecs", asked.cluster_arn())],
        "DescribeContainerInstances" => {
            vec![asked.in_cluster(asked.each("containerInstances", "container-instance"))]
        }
        // The Reference gives RegisterTaskDefinition the resource type task-definition. AWS's denials say
        // "on resource: *", also in August 2026, and a policy for the family alone is not enough.
        "RegisterTaskDefinition" => asked.register(),
        "DescribeTaskDefinition" => asked.describe_task_definition(),
        "ListClusters"
        | "ListTaskDefinitions"
        | "ListTaskDefinitionFamilies"
        | "DeregisterTaskDefinition" => vec![asked.own("ecs", "*")],
        "ListServices" => vec![asked.in_cluster(asked.own("ecs", "*"))],
        "DescribeServices" => vec![asked.in_cluster(asked.each("services", "service"))],
        "CreateService" => {
            let service = asked.service(asked.named("serviceName"));
            let mut needed = asked.created(service, |own| asked.in_cluster(asked.runs(own)));
            needed.extend(asked.roles_of_service());
            needed
        }
        "UpdateService" => {
            let own = asked.own("ecs", asked.service(asked.named("service")));
            let mut needed = vec![asked.in_cluster(asked.runs(own))];
            needed.extend(asked.roles_of_service());
            needed
        }
        "DeleteService" | "ListServiceDeployments" => {
            let service = asked.service(asked.named("service"));
            vec![asked.in_cluster(asked.own("ecs", service))]
        }
        "DescribeTaskSets" => {
            let service = last_part(asked.named("service"));
            let kind = format!("task-set/{}/{service}", asked.cluster());
            let named: Vec<_> = asked.texts("taskSets").map(last_part).collect();
            let sets = if named.is_empty() { vec!["*"] } else { named };
            let sets = sets
                .iter()
                .map(|id| asked.arn("ecs", &format!("{kind}/{id}")));
            let own = asked.own_on_all("ecs", sets.collect());
            let service = asked.service(service);
            vec![asked.in_cluster(own).with("ecs:service", service)]
        }
        "DescribeServiceDeployments" => asked.of_services(asked.texts("serviceDeploymentArns")),
        "DescribeServiceRevisions" => asked.of_services(asked.texts("serviceRevisionArns")),
        "StopServiceDeployment" | "ContinueServiceDeployment" => {
            asked.of_services(asked.text("serviceDeploymentArn").into_iter())
        }
        "RunTask" => asked.run_task(),
        "StopTask" => {
            let task = asked.in_its_cluster("task", asked.named("task"));
            vec![asked.in_cluster(asked.own("ecs", task))]
        }
        // Denials name this resource, on Fargate too.
        "ListTasks" => {
            let instance = asked.text("containerInstance").map_or("*", last_part);
            let instance = asked.in_its_cluster("container-instance", instance);
            vec![asked.in_cluster(asked.own("ecs", instance))]
        }
        "DescribeTasks" => vec![asked.in_cluster(asked.each("tasks", "task"))],
        "TagResource" => {
            let own = asked.own("ecs", asked.named("resourceArn"));
            vec![asked.with_tags(own, TAGS)]
        }
        "UntagResource" | "ListTagsForResource" => {
            vec![asked.own("ecs", asked.named("resourceArn"))]
        }
        _ => Vec::new(),
    }
}

/// The task definition that a request names, and what IAM is asked about: `FAMILY:*` where the request leaves it to
/// AWS which revision it is.
fn revision(named: &str) -> String {
    let name = last_part(named);
    match name.contains(':') {
        true => name.to_owned(),
        false => format!("{name}:*"),
    }
}

impl Asked<'_> {
    fn cluster(&self) -> &str {
        last_part(self.text("cluster").unwrap_or("default"))
    }

    fn cluster_named(&self, name: Option<&str>) -> String {
        let name = last_part(name.unwrap_or("default"));
        self.arn("ecs", &format!("cluster/{name}"))
    }

    fn cluster_arn(&self) -> String {
        self.cluster_named(Some(self.cluster()))
    }

    fn clusters(&self) -> Vec<String> {
        let named = self.texts("clusters").map(Some);
        let clusters: Vec<_> = named.map(|name| self.cluster_named(name)).collect();
        match clusters.is_empty() {
            true => vec![self.cluster_named(None)],
            false => clusters,
        }
    }

    /// `arn:…:KIND/CLUSTER/NAME`.
    fn in_its_cluster(&self, kind: &str, named: &str) -> String {
        let (cluster, name) = (self.cluster(), last_part(named));
        self.arn("ecs", &format!("{kind}/{cluster}/{name}"))
    }

    fn service(&self, named: &str) -> String {
        self.in_its_cluster("service", named)
    }

    /// The operation's own action on each resource of a list.
    fn each(&self, member: &str, kind: &str) -> Request {
        let named = self.texts(member);
        let arns = named.map(|name| self.in_its_cluster(kind, name));
        self.own_on_all("ecs", arns.collect())
    }

    fn in_cluster(&self, request: Request) -> Request {
        request.with("ecs:cluster", self.cluster_arn())
    }

    /// With the task definition that the service is to run, if the request says one.
    fn runs(&self, request: Request) -> Request {
        match self.text("taskDefinition") {
            None => request,
            Some(named) => {
                let name = format!("task-definition/{}", self.resolved(named));
                request.with("ecs:task-definition", self.arn("ecs", &name))
            }
        }
    }

    fn resolved(&self, named: &str) -> String {
        let found = self.world.task_definition_named(named);
        found.unwrap_or_else(|| revision(named))
    }

    /// The operation's own action on what it creates, and that of tagging it where it gets tags.
    fn created(&self, resource: String, more: impl Fn(Request) -> Request) -> Vec<Request> {
        let own = more(self.own("ecs", resource.clone()));
        let mut needed = vec![self.with_tags(own, TAGS)];
        if !self.list("tags").is_empty() {
            needed.push(self.tagged(resource));
        }
        needed
    }

    fn tagged(&self, resource: String) -> Request {
        let tagging = Request::new("ecs:TagResource", resource);
        self.with_tags(tagging, TAGS)
            .with("ecs:CreateAction", self.operation)
    }

    fn register(&self) -> Vec<Request> {
        let mut needed = vec![self.with_tags(self.own("ecs", "*"), TAGS)];
        if !self.list("tags").is_empty() {
            let family = format!("task-definition/{}:*", self.named("family"));
            needed.push(self.tagged(self.arn("ecs", &family)));
        }
        let roles = ["taskRoleArn", "executionRoleArn"];
        let roles = roles.into_iter().filter_map(|member| self.text(member));
        needed.extend(self.passed(roles, TASKS));
        needed
    }

    fn describe_task_definition(&self) -> Vec<Request> {
        let mut needed = vec![self.own("ecs", "*")];
        if self.texts("include").any(|what| what == "TAGS") {
            let name = self.resolved(self.named("taskDefinition"));
            let arn = self.arn("ecs", &format!("task-definition/{name}"));
            needed.push(Request::new("ecs:ListTagsForResource", arn));
        }
        needed
    }

    fn run_task(&self) -> Vec<Request> {
        let named = self.named("taskDefinition");
        let definition = format!("task-definition/{}", revision(named));
        let own = self.own("ecs", self.arn("ecs", &definition));
        let mut needed = vec![self.with_tags(self.in_cluster(own), TAGS)];
        let managed = self.input.get("enableECSManagedTags") == Some(&Value::Bool(true));
        if managed || self.text("propagateTags").is_some() || !self.list("tags").is_empty() {
            needed.push(self.tagged(self.in_its_cluster("task", "*")));
        }
        let overrides = self.input.get("overrides");
        let overridden = |member: &str| overrides?.get(member)?.as_str().map(str::to_owned);
        let [task, execution] = self.world.roles_of_task_definition(named);
        let roles = [
            overridden("taskRoleArn").or(task),
            overridden("executionRoleArn").or(execution),
        ];
        needed.extend(self.passed(roles.iter().flatten().map(String::as_str), TASKS));
        needed
    }

    /// The roles of the task definition that a service is to run, and those with which ECS itself changes listeners,
    /// calls functions and makes volumes.
    fn roles_of_service(&self) -> Vec<Request> {
        let named = self.text("taskDefinition");
        let of_tasks = named.map(|named| self.world.roles_of_task_definition(named));
        let of_tasks = of_tasks.into_iter().flatten().flatten().collect::<Vec<_>>();
        let mut needed = self.passed(of_tasks.iter().map(String::as_str), TASKS);
        let balancers = self.list("loadBalancers").iter();
        let hooks = self
            .input
            .pointer("/deploymentConfiguration/lifecycleHooks");
        let hooks = hooks.and_then(Value::as_array).into_iter().flatten();
        let volumes = self.list("volumeConfigurations").iter();
        let roles = balancers
            .filter_map(|balancer| balancer.pointer("/advancedConfiguration/roleArn"))
            .chain(hooks.filter_map(|hook| hook.get("roleArn")))
            .chain(volumes.filter_map(|volume| volume.pointer("/managedEBSVolume/roleArn")));
        let mut roles: Vec<&str> = roles.filter_map(Value::as_str).collect();
        roles.sort_unstable();
        roles.dedup();
        needed.extend(self.passed(roles.into_iter(), SERVICES));
        needed
    }

    fn passed<'r>(&self, roles: impl Iterator<Item = &'r str>, to: &str) -> Vec<Request> {
        let place = self.world.place();
        roles.map(|role| pass_role(place, role, to)).collect()
    }

    /// For service deployments and service revisions the service is a resource, too.
    fn of_services<'r>(&self, arns: impl Iterator<Item = &'r str>) -> Vec<Request> {
        let mut needed = Vec::new();
        for arn in arns {
            // arn:aws:ecs:REGION:ACCOUNT:KIND/CLUSTER/SERVICE/ID
            let mut parts = arn.split('/').skip(1);
            let (Some(cluster), Some(service)) = (parts.next(), parts.next()) else {
                continue;
            };
            let cluster_arn = self.cluster_named(Some(cluster));
            let service = self.arn("ecs", &format!("service/{cluster}/{service}"));
            let own = self.own("ecs", service.clone());
            needed.push(own.with("ecs:cluster", cluster_arn.clone()));
            let own = self.own("ecs", arn).with("ecs:cluster", cluster_arn);
            needed.push(own.with("ecs:service", service));
        }
        needed
    }
}
