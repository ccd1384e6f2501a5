//! The AWS SDK's HTTP client without a network: requests go straight to the sandbox's router, so
//! that the real client, deployer and engine run under tokio's paused clock.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::Router;
use axum::body::Body;
use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::api::Dropped;
use http_body_util::BodyExt;
use tower::ServiceExt;

/// What the SDK calls instead of a network.
#[derive(Debug, Clone)]
struct InProcess(Router);

/// A configuration with which every AWS client reaches this sandbox.
pub async fn aws_of(sandbox: &Sandbox) -> AwsConfig {
    let client = InProcess(sandbox.router());
    let sdk: SdkConfig = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("sandbox", "sandbox", None, None, "tests"))
        .endpoint_url("http://sandbox.test")
        .http_client(client)
        .load()
        .await;
    AwsConfig::from_sdk(sdk)
}

/// Creates a bucket of S3.
///
/// # Panics
///
/// If the sandbox refuses.
pub async fn create_bucket(sandbox: &Sandbox, name: &str) {
    // The sandbox tells S3's requests by what they are signed for.
    let signed = "AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    let request = axum::http::Request::put(format!("http://sandbox.test/{name}"))
        .header("host", "sandbox.test")
        .header("authorization", signed)
        .body(Body::empty())
        .unwrap();
    let answer = sandbox.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
}

impl HttpClient for InProcess {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(answer(self.0.clone(), request))
    }
}

async fn answer(router: Router, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let other =
        |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(error, None);
    let request = request
        .try_into_http1x()
        .map_err(|error| other(error.into()))?
        .map(|body| Body::from(body.bytes().map(<[u8]>::to_vec).unwrap_or_default()));
    let response = router
        .oneshot(request)
        .await
        .map_err(|never| match never {})?;
    if response.extensions().get::<Dropped>().is_some() {
        return Err(ConnectorError::io("the connection was dropped".into()));
    }
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|error| ConnectorError::io(error.into()))?
        .to_bytes();
    let response = axum::http::Response::from_parts(parts, SdkBody::from(body));
    HttpResponse::try_from(response).map_err(|error| other(error.into()))
}
