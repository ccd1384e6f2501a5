//! A service behind a load balancer, set up by plain requests.

use ecs_pipeline_sandbox::faults::TaskFault;
use serde_json::{Value, json};

use crate::sandboxed::{Sandboxed, free_port};

/// A service: two tasks of family `web`, container `app`, port 8080, behind a listener, with the
/// circuit breaker on.
#[derive(Debug)]
pub struct Service<'s> {
    /// Where it is.
    pub in_sandbox: &'s Sandboxed,
    /// Its cluster.
    pub cluster: &'static str,
    /// Its name.
    pub name: &'static str,
    listener: String,
}

/// What a revision is to run.
#[derive(Debug, Clone)]
#[must_use]
pub struct Container {
    image: String,
    environment: Vec<Value>,
}

impl Container {
    /// A container of this image.
    pub fn of(image: impl Into<String>) -> Self {
        Self {
            image: image.into(),
            environment: Vec::new(),
        }
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment
            .push(json!({ "name": name, "value": value }));
        self
    }
}

impl<'s> Service<'s> {
    /// Service `web` of cluster `c`.
    pub async fn create(in_sandbox: &'s Sandboxed, container: &Container) -> Self {
        Self::create_named(in_sandbox, "c", "web", container).await
    }

    /// Creates it all, and waits until the first revision, `web:1`, serves.
    ///
    /// # Panics
    ///
    /// If the sandbox refuses.
    pub async fn create_named(
        in_sandbox: &'s Sandboxed,
        cluster: &'static str,
        name: &'static str,
        container: &Container,
    ) -> Self {
        Self::of_definition(in_sandbox, cluster, name, definition(container)).await
    }

    /// The same with a task definition of its own, whose first container is behind the load balancer.
    ///
    /// # Panics
    ///
    /// If the sandbox refuses.
    pub async fn of_definition(
        in_sandbox: &'s Sandboxed,
        cluster: &'static str,
        name: &'static str,
        definition: Value,
    ) -> Self {
        let mut service = Self {
            in_sandbox,
            cluster,
            name,
            listener: String::new(),
        };
        let container = definition["containerDefinitions"][0].clone();
        let first = service.register_definition(definition).await;
        let group = service.create_load_balancer().await;
        let cluster = json!({ "clusterName": service.cluster });
        in_sandbox.ecs("CreateCluster", cluster).await;
        let input = json!({
            "cluster": service.cluster, "serviceName": service.name,
            "taskDefinition": first, "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            "loadBalancers": [{
                "targetGroupArn": group, "containerName": container["name"],
                "containerPort": container["portMappings"][0]["containerPort"],
            }],
            "deploymentConfiguration": {
                "minimumHealthyPercent": 100, "maximumPercent": 200,
                "deploymentCircuitBreaker": { "enable": true, "rollback": true },
            },
        });
        in_sandbox.ecs("CreateService", input).await;
        assert_eq!(service.settled().await, first);
        service
    }

    /// Health checks that forgive a machine which is slow for a moment.
    async fn create_load_balancer(&mut self) -> String {
        let sandbox = self.in_sandbox;
        let balancer = sandbox
            .elb(
                "Action=CreateLoadBalancer&Name=web&Subnets.member.1=subnet-1\
                 &Subnets.member.2=subnet-2",
                "LoadBalancerArn",
            )
            .await;
        let group = sandbox
            .elb(
                "Action=CreateTargetGroup&Name=web&Protocol=HTTP&Port=80&VpcId=vpc-1\
                 &TargetType=ip&HealthCheckPath=/health&HealthCheckIntervalSeconds=10\
                 &HealthCheckTimeoutSeconds=9&HealthyThresholdCount=2&UnhealthyThresholdCount=4",
                "TargetGroupArn",
            )
            .await;
        let delay = format!(
            "Action=ModifyTargetGroupAttributes&TargetGroupArn={group}\
             &Attributes.member.1.Key=deregistration_delay.timeout_seconds\
             &Attributes.member.1.Value=10"
        );
        sandbox.elb(&delay, "Value").await;
        let listener = format!(
            "Action=CreateListener&LoadBalancerArn={balancer}&Protocol=HTTP&Port={}\
             &DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={group}",
            free_port()
        );
        self.listener = sandbox.elb(&listener, "ListenerArn").await;
        group
    }

    /// Registers a revision of `web`: its `family:revision`.
    pub async fn register(&self, container: &Container) -> String {
        self.register_definition(definition(container)).await
    }

    async fn register_definition(&self, definition: Value) -> String {
        let answer = self.in_sandbox.ecs("RegisterTaskDefinition", definition);
        let registered = &answer.await["taskDefinition"];
        let family = registered["family"].as_str().expect("a family");
        format!("{family}:{}", registered["revision"])
    }

    /// Moves the service to a revision, and waits for the end: the revision that it then runs.
    pub async fn deploy(&self, revision: &str) -> String {
        let input = json!({
            "cluster": self.cluster, "service": self.name, "taskDefinition": revision,
        });
        self.in_sandbox.ecs("UpdateService", input).await;
        self.settled().await
    }

    /// Switches the circuit breaker's rollback off: a deployment that fails is left as it is.
    pub async fn do_not_roll_back(&self) {
        self.breaks_by(json!({ "enable": true, "rollback": false }))
            .await;
    }

    /// Makes deployments of this revision go on for ever: its tasks are never healthy, and no
    /// circuit breaker minds.
    pub async fn never_ends(&self, revision: &str) {
        self.breaks_by(json!({ "enable": false, "rollback": false }))
            .await;
        let faults = self.in_sandbox.sandbox.faults();
        faults.fail_tasks(revision, TaskFault::Unhealthy);
    }

    async fn breaks_by(&self, circuit_breaker: Value) {
        let input = json!({
            "cluster": self.cluster, "service": self.name,
            "deploymentConfiguration": { "deploymentCircuitBreaker": circuit_breaker },
        });
        self.in_sandbox.ecs("UpdateService", input).await;
    }

    /// Waits for the end of the deployment: the revision that the service runs.
    pub async fn settled(&self) -> String {
        self.in_sandbox.settled(self.cluster, self.name).await
    }

    /// Where the load balancer answers.
    ///
    /// # Panics
    ///
    /// If the listener is not open.
    #[must_use]
    pub fn url(&self) -> String {
        let address = self.in_sandbox.sandbox.listener_address(&self.listener);
        format!("http://{}/", address.expect("the listener is open"))
    }

    /// The messages of its events, the latest first.
    pub async fn events(&self) -> Vec<String> {
        self.in_sandbox.events(self.cluster, self.name).await
    }
}

/// A task definition of family `web` with this container.
fn definition(container: &Container) -> Value {
    json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "app", "image": container.image, "essential": true,
            "environment": container.environment,
            "portMappings": [{ "containerPort": 8080 }],
        }],
    })
}
