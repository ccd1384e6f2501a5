//! What a deployment does to task sets and listeners.

use ecs_pipeline_artifacts::app_spec::TargetService;
use serde_json::{Value, json};

use super::deployment::{Deployment, Fault, Side};
use super::lifecycle::Next;
use super::{Time, World, revision};
use crate::world::ecs::task_sets::{NewTaskSet, TaskSet};

/// Two target groups, and the weight of each.
type Weights = [(String, u32); 2];

/// Shares are given to listeners in percent.
const ALL: u32 = 100;

impl Deployment {
    /// The replacement task set as it is now.
    pub(super) fn green_now(&self, world: &World) -> Option<TaskSet> {
        let green = self.green.as_ref()?;
        let mut sets = self.task_sets(world)?.into_iter();
        sets.find(|set| set.id == green.task_set)
    }

    /// The service's task sets, PRIMARY first; `None` when CodeDeploy cannot deploy to it.
    pub(super) fn task_sets(&self, world: &World) -> Option<Vec<TaskSet>> {
        let service = &self.order.settings.service;
        world.task_sets(service.cluster(), service.service())
    }

    pub(super) fn lost_service(&self) -> Fault {
        let service = &self.order.settings.service;
        Fault::new(
            "INVALID_ECS_SERVICE",
            format!(
                "The deployment failed because the ECS service {} in the cluster {} does not exist, is not ACTIVE, or does not use CodeDeploy as its deployment controller.",
                service.service(),
                service.cluster()
            ),
        )
    }

    /// Creates the replacement task set behind the other target group.
    pub(super) fn create_replacement(&mut self, world: &mut World) -> Result<(), Fault> {
        self.may_look(world)?;
        let sets = self.task_sets(world).ok_or_else(|| self.lost_service())?;
        let [primary, others @ ..] = sets.as_slice() else {
            return Err(self.lost_service());
        };
        let blue = Side {
            task_set: primary.id.clone(),
            target_group: primary.target_group.clone(),
        };
        let target_group = self.other_group(world, &blue)?;
        let production = &self.order.settings.traffic.production;
        let weights = [(blue.target_group.clone(), ALL), (target_group.clone(), 0)];
        self.route(world, production, &weights)?;
        // What a deployment that was stopped, or keeps its original alive, left behind.
        let service = &self.order.settings.service;
        for left in others {
            self.may_delete_task_set(world, &left.id)?;
            world.delete_task_set(service.cluster(), service.service(), &left.id);
        }
        let task_set = self.create_task_set(world, &target_group)?;
        self.blue = Some(blue);
        self.green = Some(Side {
            task_set,
            target_group,
        });
        Ok(())
    }

    /// The group of the pair that the original is not in.
    fn other_group(&self, world: &World, blue: &Side) -> Result<String, Fault> {
        let traffic = &self.order.settings.traffic;
        let mut pair = Vec::with_capacity(traffic.groups.len());
        for name in &traffic.groups {
            let arn = world.elbv2.target_group_named(name);
            pair.push(arn.ok_or_else(|| {
                elb_fault(&format!("The target group {name} could not be found"))
            })?);
        }
        let rules = world
            .elbv2
            .rules_to(&traffic.production, &[&blue.target_group]);
        if !pair.contains(&blue.target_group) || rules.is_empty() {
            return Err(elb_fault(&format!(
                "Primary taskset target group must be behind listener {}",
                traffic.production
            )));
        }
        let other = pair.into_iter().find(|arn| *arn != blue.target_group);
        other.ok_or_else(|| elb_fault("The two target groups must not be the same"))
    }

    fn create_task_set(&self, world: &mut World, target_group: &str) -> Result<String, Fault> {
        let spec = self.order.app_spec.as_ref().and_then(revision::target);
        let Some(target) = spec else {
            return Err(Fault::new(
                "REVISION_MISSING",
                "The revision has no AppSpec",
            ));
        };
        self.may_create_task_set(world, &target.task_definition)?;
        let service = &self.order.settings.service;
        let new = NewTaskSet {
            external_id: self.id.clone(),
            task_definition: target.task_definition.clone(),
            settings: settings_of(target, target_group),
        };
        world
            .create_task_set(service.cluster(), service.service(), new)
            .map_err(|error| {
                Fault::new(
                    "ECS_UPDATE_ERROR",
                    format!(
                        "The ECS service cannot be updated due to an unexpected error: {} (Service: AmazonECS; Status Code: {}; Error Code: {}). Check your ECS service status.",
                        error.message, error.status, error.code
                    ),
                )
            })
    }

    /// Sets the weights of every rule of a listener that forwards to one of the two groups, or of the
    /// one rule that is named.
    fn route(&self, world: &mut World, listener: &str, weights: &Weights) -> Result<(), Fault> {
        let groups = weights.each_ref().map(|(group, _)| group.as_str());
        let rules = world.elbv2.rules_to(listener, &groups);
        if rules.is_empty() {
            return Err(elb_fault(&format!(
                "No rule of the listener {listener} forwards to one of the target groups"
            )));
        }
        for rule in rules {
            self.may_route(world, &rule)?;
            let shifted = world.elbv2.shift(&rule, weights);
            shifted.map_err(|e| elb_fault(&e))?;
        }
        Ok(())
    }

    pub(super) fn allow_test_traffic(&self, world: &mut World) -> Next {
        match self.send_test_traffic(world, ALL) {
            Ok(()) => Next::Done,
            Err(fault) => Next::Fail(fault),
        }
    }

    /// Gives the replacement so many percent of the test traffic.
    fn send_test_traffic(&self, world: &mut World, percent: u32) -> Result<(), Fault> {
        match (&self.order.settings.traffic.test, self.weights(percent)) {
            (Some(test), Some(weights)) => self.route(world, test, &weights),
            _ => Ok(()),
        }
    }

    /// The target groups' weights when the replacement has so many percent.
    fn weights(&self, percent: u32) -> Option<Weights> {
        let (blue, green) = (self.blue.as_ref()?, self.green.as_ref()?);
        Some([
            (blue.target_group.clone(), ALL.saturating_sub(percent)),
            (green.target_group.clone(), percent),
        ])
    }

    /// Gives the replacement its share, step by step; with the last one it becomes PRIMARY.
    pub(super) fn allow_traffic(&mut self, world: &mut World, began: Time) -> Next {
        let steps = self.order.routing.steps();
        while let Some(step) = steps.get(self.shifts) {
            let due = began + step.after;
            if world.now < due {
                return Next::Wait(Some(due));
            }
            if let Err(fault) = self.shift(world, step.percent) {
                return Next::Fail(fault);
            }
            self.shifts += 1;
        }
        if let Some(green) = &self.green {
            if let Err(fault) = self.may_promote(world) {
                return Next::Fail(fault);
            }
            let service = &self.order.settings.service;
            world.promote_task_set(service.cluster(), service.service(), &green.task_set);
        }
        Next::Done
    }

    /// Gives the replacement so many percent of the production traffic.
    fn shift(&mut self, world: &mut World, percent: u32) -> Result<(), Fault> {
        if let Some(weights) = self.weights(percent) {
            self.route(world, &self.order.settings.traffic.production, &weights)?;
        }
        self.percent = percent;
        self.updated_at = world.now;
        Ok(())
    }

    /// In a rollback: the original gets everything back, and is PRIMARY again.
    pub(super) fn return_traffic(&mut self, world: &mut World) -> Next {
        if let Err(fault) = self.shift(world, 0) {
            return Next::Fail(fault);
        }
        // That the test listener leads elsewhere may be why the deployment goes back.
        drop(self.send_test_traffic(world, 0));
        if let Some(blue) = &self.blue {
            if let Err(fault) = self.may_promote(world) {
                return Next::Fail(fault);
            }
            let service = &self.order.settings.service;
            world.promote_task_set(service.cluster(), service.service(), &blue.task_set);
        }
        Next::Done
    }

    /// In a rollback: deletes the replacement, and waits until its tasks have drained and ended.
    pub(super) fn remove_replacement(&mut self, world: &mut World) -> Next {
        let service = &self.order.settings.service;
        if let Some(green) = &self.green {
            if let Err(fault) = self.may_delete_task_set(world, &green.task_set) {
                return Next::Fail(fault);
            }
            world.delete_task_set(service.cluster(), service.service(), &green.task_set);
        }
        match self.green_now(world) {
            Some(_) => Next::Wait(None),
            None => Next::Done,
        }
    }
}

/// The members of the service that the AppSpec replaces.
fn settings_of(target: &TargetService, target_group: &str) -> Vec<(&'static str, Value)> {
    let lb = &target.load_balancer;
    let mut settings = vec![(
        "loadBalancers",
        json!([{
            "targetGroupArn": target_group,
            "containerName": lb.container_name,
            "containerPort": lb.container_port,
        }]),
    )];
    if let Some(version) = &target.platform_version {
        settings.push(("platformVersion", json!(version)));
    }
    if let Some(network) = &target.network {
        let public = if network.assign_public_ip {
            "ENABLED"
        } else {
            "DISABLED"
        };
        let awsvpc = json!({
            "subnets": network.subnets,
            "securityGroups": network.security_groups,
            "assignPublicIp": public,
        });
        settings.push((
            "networkConfiguration",
            json!({"awsvpcConfiguration": awsvpc}),
        ));
    }
    if !target.capacity_providers.is_empty() {
        let strategy = target.capacity_providers.iter().map(|provider| {
            json!({
                "capacityProvider": provider.name,
                "base": provider.base.unwrap_or(0),
                "weight": provider.weight.unwrap_or(0),
            })
        });
        settings.push(("capacityProviderStrategy", strategy.collect()));
    }
    settings
}

fn elb_fault(why: &str) -> Fault {
    Fault::new(
        "ELASTIC_LOAD_BALANCING_INVALID",
        format!("The ELB could not be updated due to the following error: {why}"),
    )
}
