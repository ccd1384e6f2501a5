//! What a deployment does with its service role
//! (<https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html>).

use super::World;
use super::deployment::{Deployment, Fault};
use super::revision::ObjectName;
use super::settings::Settings;
use crate::access::actions::s3::read;
use crate::access::actions::{arn, pass_role};
use crate::access::{Identity, Principal, Request};

/// The services that CodeDeploy names when its role is not allowed something.
const ECS: &str = "AmazonECS";
const LOAD_BALANCING: &str = "AmazonElasticLoadBalancingV2";
const FUNCTIONS: &str = "AWSLambda";
const ALARMS: &str = "AmazonCloudWatch";
const OBJECTS: &str = "AmazonS3";

impl Settings {
    /// Asks whether the service role may do something.
    fn may(&self, world: &mut World, service: &str, needed: Vec<Request>) -> Result<(), Fault> {
        let account = &world.arns.place().account;
        let role = Some(self.role.as_str());
        let who = Identity::assumed(Principal::Codedeploy, account, role, "codedeploy");
        let asked = world.permit(&who, None, "CodeDeploy", needed);
        asked.map_err(|_| {
            Fault::new(
                "IAM_ROLE_PERMISSIONS",
                format!(
                    "The IAM role {} does not give you permission to perform operations in the following AWS service: {service}. Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to your users or groups by creating IAM policies.",
                    self.role
                ),
            )
        })
    }

    /// Reading a revision from S3.
    pub(super) fn may_read(&self, world: &mut World, name: &ObjectName) -> Result<(), Fault> {
        let reading = read(&name.bucket, &name.key, name.version.as_deref());
        self.may(world, OBJECTS, vec![reading])
    }

    fn service_arn(&self, world: &World) -> String {
        let (cluster, service) = (self.service.cluster(), self.service.service());
        world.arns.ecs(&format!("service/{cluster}/{service}"))
    }

    fn cluster_arn(&self, world: &World) -> String {
        let cluster = self.service.cluster();
        world.arns.ecs(&format!("cluster/{cluster}"))
    }

    /// An action on the service's task sets; a new one has no id yet.
    fn on_task_set(&self, world: &World, action: &str, id: &str) -> Request {
        let (cluster, service) = (self.service.cluster(), self.service.service());
        let set = world
            .arns
            .ecs(&format!("task-set/{cluster}/{service}/{id}"));
        Request::new(format!("ecs:{action}"), set)
            .with("ecs:cluster", self.cluster_arn(world))
            .with("ecs:service", self.service_arn(world))
    }

    fn on_service(&self, world: &World, action: &str) -> Request {
        Request::new(format!("ecs:{action}"), self.service_arn(world))
            .with("ecs:cluster", self.cluster_arn(world))
    }
}

impl Deployment {
    fn may(&self, world: &mut World, service: &str, needed: Vec<Request>) -> Result<(), Fault> {
        self.order.settings.may(world, service, needed)
    }

    /// Looking at the service and what is in front of it.
    pub(super) fn may_look(&self, world: &mut World) -> Result<(), Fault> {
        let service = self.order.settings.on_service(world, "DescribeServices");
        self.may(world, ECS, vec![service])?;
        let looking = ["DescribeTargetGroups", "DescribeListeners", "DescribeRules"];
        let looking =
            looking.map(|action| Request::new(format!("elasticloadbalancing:{action}"), "*"));
        self.may(world, LOAD_BALANCING, looking.into())
    }

    /// Creating a task set: its task definition's roles are passed on, as the ECS guide says of this role
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html>).
    pub(super) fn may_create_task_set(
        &self,
        world: &mut World,
        definition: &str,
    ) -> Result<(), Fault> {
        let named = world.task_definition_named(definition);
        let named = named.unwrap_or_else(|| definition.to_owned());
        let named = world.arns.ecs(&format!("task-definition/{named}"));
        let settings = &self.order.settings;
        let creating = settings.on_task_set(world, "CreateTaskSet", "*");
        let creating = creating.with("ecs:task-definition", named);
        let roles = world.roles_of_task_definition(definition);
        let place = world.arns.place();
        let passing = roles.iter().flatten();
        let passing = passing.map(|role| pass_role(place, role, "ecs-tasks.amazonaws.com"));
        let needed = [creating].into_iter().chain(passing).collect();
        self.may(world, ECS, needed)
    }

    pub(super) fn may_promote(&self, world: &mut World) -> Result<(), Fault> {
        let settings = &self.order.settings;
        let promoting = settings.on_service(world, "UpdateServicePrimaryTaskSet");
        self.may(world, ECS, vec![promoting])
    }

    pub(super) fn may_delete_task_set(&self, world: &mut World, id: &str) -> Result<(), Fault> {
        let deleting = self.order.settings.on_task_set(world, "DeleteTaskSet", id);
        self.may(world, ECS, vec![deleting])
    }

    /// Setting the weights of a route: of a listener by its default rule, or of a rule.
    pub(super) fn may_route(&self, world: &mut World, rule: &str) -> Result<(), Fault> {
        let changing = match world.elbv2.listener_of_default_rule(rule) {
            Some(listener) => Request::new("elasticloadbalancing:ModifyListener", listener),
            None => Request::new("elasticloadbalancing:ModifyRule", rule),
        };
        self.may(world, LOAD_BALANCING, vec![changing])
    }

    pub(super) fn may_invoke(&self, world: &mut World, function: &str) -> Result<(), Fault> {
        let function = match function.starts_with("arn:") {
            true => function.to_owned(),
            false => arn(
                world.arns.place(),
                "lambda",
                &format!("function:{function}"),
            ),
        };
        let calling = Request::new("lambda:InvokeFunction", function);
        self.may(world, FUNCTIONS, vec![calling])
    }

    /// Looking at the alarms of the deployment, where it has some.
    pub(super) fn may_look_at_alarms(&self, world: &mut World) -> Result<(), Fault> {
        let alarms = self.order.alarms.names().map(|name| world.arns.alarm(name));
        let alarms: Vec<String> = alarms.collect();
        match alarms.is_empty() {
            true => Ok(()),
            false => {
                let looking = Request::of_all("cloudwatch:DescribeAlarms", alarms);
                self.may(world, ALARMS, vec![looking])
            }
        }
    }
}
