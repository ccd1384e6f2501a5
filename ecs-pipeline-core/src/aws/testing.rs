//! An HTTP client that answers from a closure: the SDK's own signing, serialising and retrying
//! run, and no socket is opened.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::AwsConfig;

/// What was asked: the operation and the body.
pub(crate) type Call = (String, Value);

type Answer = dyn Fn(&str, &Value) -> (u16, String) + Send + Sync;

/// AWS, as far as a test needs it.
#[derive(Clone)]
pub(crate) struct FakeAws {
    answer: Arc<Answer>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl std::fmt::Debug for FakeAws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeAws")
    }
}

impl FakeAws {
    /// Answers an operation (`DescribeServices`) and its JSON body with a status and a body.
    pub(crate) fn new(
        answer: impl Fn(&str, &Value) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Arc::new(answer),
            calls: Arc::default(),
        }
    }

    /// The operations that were called, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The body of the last call of an operation.
    pub(crate) fn body_of(&self, operation: &str) -> Value {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .rev()
            .find(|(name, _)| name == operation)
            .unwrap()
            .1
            .clone()
    }

    /// What it answers, for one that stands in front of it.
    pub(crate) fn answer(&self, operation: &str, body: &Value) -> (u16, String) {
        (self.answer)(operation, body)
    }

    /// A configuration whose requests come here.
    pub(crate) fn config(&self) -> AwsConfig {
        let connector = SharedHttpConnector::new(self.clone());
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(credentials())
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        AwsConfig::from_sdk(sdk)
    }
}

fn credentials() -> aws_sdk_ecs::config::SharedCredentialsProvider {
    aws_sdk_ecs::config::SharedCredentialsProvider::new(aws_sdk_ecs::config::Credentials::new(
        "AKIDEXAMPLE",
        "secret",
        None,
        None,
        "test",
    ))
}

/// The operation where the protocol names it; otherwise the method and the path.
fn operation_of(request: &HttpRequest) -> String {
    let named = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.rsplit_once('.'));
    let path = || {
        let uri: hyper::Uri = request.uri().parse().unwrap();
        format!("{} {}", request.method(), uri.path())
    };
    named.map_or_else(path, |(_, name)| name.to_owned())
}

impl HttpConnector for FakeAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = operation_of(&request);
        let bytes = request.body().bytes().unwrap_or_default();
        let length: usize = request
            .headers()
            .get("content-length")
            .unwrap_or("0")
            .parse()
            .unwrap();
        assert_eq!(length, bytes.len(), "content-length must be the body's");
        let body = serde_json::from_slice(bytes).unwrap_or(Value::Null);
        let (status, text) = (self.answer)(&operation, &body);
        self.calls.lock().unwrap().push((operation, body));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(
            status.try_into().unwrap(),
            SdkBody::from(text),
        )))
    }
}
