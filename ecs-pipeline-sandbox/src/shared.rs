//! The one world that the front ends, the data plane and the runners share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;

use crate::access::{Identity, Principal, Request};
use crate::clock::Clock;
use crate::world::s3::S3;
use crate::world::{ApiError, Observation, Service, Time, World};

/// A handle on the world with its clock; clones share both.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<World>>,
    clock: Clock,
    changed: Arc<Notify>,
}

impl Shared {
    pub(crate) fn new(world: World, clock: Clock) -> Self {
        Self {
            world: Arc::new(Mutex::new(world)),
            clock,
            changed: Arc::new(Notify::new()),
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Answers a request, and wakes whoever carries out effects.
    pub(crate) fn call(
        &self,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        self.call_as(Principal::Caller, service, operation, input)
    }

    /// The same for one of several principals, who may.
    pub(crate) fn call_as(
        &self,
        caller: Principal,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let now = self.clock.now();
        let answer = self.lock().call_as(now, caller, service, operation, input);
        self.changed.notify_one();
        answer
    }

    /// Asks whether a principal may ask for an operation.
    pub(crate) fn authorize(
        &self,
        principal: Principal,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<(), ApiError> {
        self.lock().authorize(principal, service, operation, input)
    }

    /// Asks whether a principal may do what is no operation of an AWS protocol. Without a service, a refusal is S3's.
    pub(crate) fn permit(
        &self,
        principal: Principal,
        service: Option<Service>,
        operation: &str,
        requests: Vec<Request>,
    ) -> Result<(), ApiError> {
        let mut world = self.lock();
        let who = Identity::of_api(principal, &world.place().account);
        world.permit(&who, service, operation, requests)
    }

    /// Tells the world what happened outside, and wakes whoever carries out effects.
    pub(crate) fn observe(&self, observation: Observation) {
        self.lock().observe(self.clock.now(), observation);
        self.changed.notify_one();
    }

    /// Asks S3, which has no effects outside.
    pub(crate) fn s3<T>(&self, ask: impl FnOnce(&mut S3, Time) -> T) -> T {
        let mut world = self.lock();
        let (s3, now) = world.s3(self.clock.now());
        ask(s3, now)
    }

    /// The Region in every ARN.
    pub(crate) fn region(&self) -> String {
        self.lock().place().region.clone()
    }

    /// Reads or drives the world; never hold the guard over an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        // A panic in one request must not take the sandbox down with it: the world is left as it
        // was at that moment, which is what the tests of that request then see.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when the world may have effects to carry out.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}
