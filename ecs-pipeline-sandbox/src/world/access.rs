//! Who may do what in this world.

use serde_json::Value;

use crate::access::{Control, Identity, Principal, Request, actions, denied};

use super::{ApiError, Service, World};

impl World {
    /// The policies and the trail.
    pub(crate) fn control_mut(&mut self) -> &mut Control {
        &mut self.control
    }

    /// Asks whether a principal may ask the API for an operation.
    ///
    /// # Errors
    ///
    /// What AWS would answer to a request that is not allowed.
    pub(crate) fn authorize(
        &mut self,
        principal: Principal,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<(), ApiError> {
        let who = Identity::of_api(principal, &self.place().account);
        self.authorize_as(&who, service, operation, input)
    }

    /// The same for a service that asks another one.
    pub(super) fn authorize_as(
        &mut self,
        who: &Identity,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<(), ApiError> {
        let requests = actions::needed(self, service, operation, input);
        let operation = format!("{}.{operation}", service.name());
        self.permit(who, Some(service), &operation, requests)
    }

    /// Asks for actions by themselves; `service` says in whose form a refusal is.
    pub(crate) fn permit(
        &mut self,
        who: &Identity,
        service: Option<Service>,
        operation: &str,
        requests: Vec<Request>,
    ) -> Result<(), ApiError> {
        let asked = self.control.authorize(who.principal, operation, requests);
        asked.map_err(|(request, refusal)| denied(service, who, &request, &refusal))
    }
}
