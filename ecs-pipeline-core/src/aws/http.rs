//! One HTTP client for all of a run's AWS clients.
//!
//! Left to itself the SDK gives every client an HTTP client of its own, and each of these parses the
//! machine's root certificates twice: when the client is made, and at its first request. Here they
//! share connections, and certificates are read once, at the first request over TLS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// An HTTP client for any number of AWS clients: clones share its connections.
#[derive(Debug, Clone, Default)]
pub(super) struct OneClient {
    connectors: Arc<Mutex<HashMap<Kind, SharedHttpConnector>>>,
}

/// What a connection depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    trust: Trust,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Trust {
    /// Those of the machine's roots.
    Roots,
    /// Nobody's, for nobody shows one: plain HTTP.
    Nobody,
}

impl HttpClient for OneClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(OneCall {
            client: self.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

impl OneClient {
    fn connector(
        &self,
        url: &str,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let proxied = PROXIES.iter().any(|name| std::env::var_os(name).is_some());
        let kind = Kind {
            trust: trust(url, proxied),
            connect_timeout: settings.connect_timeout(),
            read_timeout: settings.read_timeout(),
        };
        // A panic elsewhere cannot leave the map half changed.
        let mut connectors = self
            .connectors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let make = || connect(kind.trust, settings, components);
        connectors.entry(kind).or_insert_with(make).clone()
    }
}

/// The variables that send plain HTTP through a proxy.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// A proxy may itself be spoken to over TLS, whatever the endpoint is.
fn trust(url: &str, proxied: bool) -> Trust {
    match url.starts_with("http://") && !proxied {
        true => Trust::Nobody,
        false => Trust::Roots,
    }
}

fn connect(
    trust: Trust,
    settings: &HttpConnectorSettings,
    components: &RuntimeComponents,
) -> SharedHttpConnector {
    let mut builder = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .connector_settings(settings.clone())
        .proxy_config(ProxyConfig::from_env());
    builder.set_sleep_impl(components.sleep_impl());
    if trust == Trust::Nobody
        && let Ok(context) = TlsContext::builder()
            .with_trust_store(TrustStore::empty())
            .build()
    {
        builder.set_tls_context(context);
    }
    SharedHttpConnector::new(builder.build())
}

/// What the SDK asks for before each attempt at a call.
#[derive(Debug)]
struct OneCall {
    client: OneClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for OneCall {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.client
            .connector(request.uri(), &self.settings, &self.components)
            .call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_read_for_tls_and_for_proxies_alone() {
        let aws = "https://ecs.eu-west-1.amazonaws.com/";
        let sandbox = "http://127.0.0.1:4566/";
        assert_eq!(trust(sandbox, false), Trust::Nobody);
        assert_eq!(trust(sandbox, true), Trust::Roots);
        assert_eq!(trust(aws, false), Trust::Roots);
        assert_eq!(trust(aws, true), Trust::Roots);
    }
}
