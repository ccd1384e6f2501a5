//! Bodies as they are written on the wire, past the SDK's types.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ecs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ecs::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// Sends a body of our own in place of the SDK's, before it is signed, and keeps the body of the
/// answer: the SDK's types know neither of a member that is newer than the SDK.
#[derive(Debug, Clone, Default)]
pub(in crate::aws) struct RawBodies {
    send: Option<Arc<Vec<u8>>>,
    received: Arc<Mutex<Option<Value>>>,
}

impl RawBodies {
    pub(super) fn sending(body: &Value) -> Self {
        Self {
            send: Some(Arc::new(body.to_string().into_bytes())),
            ..Self::default()
        }
    }

    pub(in crate::aws) fn received(&self) -> Option<Value> {
        self.received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Intercept for RawBodies {
    fn name(&self) -> &'static str {
        "RawBodies"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(body) = &self.send {
            let request = context.request_mut();
            request
                .headers_mut()
                .insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body.as_slice());
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let bytes = context.response().body().bytes().unwrap_or_default();
        *self.received.lock().unwrap_or_else(PoisonError::into_inner) =
            serde_json::from_slice(bytes).ok();
        Ok(())
    }
}
