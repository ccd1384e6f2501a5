//! What can be chosen of the service.

use serde::{Deserialize, Serialize};

/// What can be chosen of the load balancer and the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// The load balancer's name; left out: the application's.
    pub load_balancer: Option<String>,
    /// As many tasks run at least.
    pub min_tasks: u32,
    /// As many tasks run at most, but for those of a second revision during a deployment.
    pub max_tasks: u32,
    /// The share of its CPU, in percent, that a task uses on average while neither more nor fewer run.
    pub cpu_target: u8,
    /// As many requests a minute a task gets on average while neither more nor fewer run; left out: the
    /// CPU decides alone. Not where a deployment shifts traffic.
    pub request_target: Option<u32>,
    /// The ARN of an ACM certificate: HTTPS on 443, to which 80 redirects. Left out: HTTP on 80.
    pub certificate: Option<String>,
    /// The port on which the next revision can be tried while traffic is shifted; left out: 8443 with a
    /// certificate, 8080 without one.
    pub test_port: Option<u16>,
    /// How the load balancer sees whether a task is healthy.
    pub health_check: HealthCheckOptions,
    /// For how many seconds after its start a task may be unhealthy.
    pub health_check_grace: u32,
    /// For how many seconds a task that is being replaced finishes its requests.
    pub deregistration_delay: u16,
    /// Responses with a 5xx status a minute that raise an alarm, which fails a deployment.
    pub error_threshold: u32,
    /// After how many days logs are removed.
    pub log_retention_days: u16,
    /// Whether the load balancer, and with it its DNS name, can only be deleted after this is turned off. For
    /// a stack that stands: one whose creation fails could not be taken back.
    pub deletion_protection: bool,
    /// The ARNs of managed policies that the containers' role gets: what the application itself does.
    pub task_policies: Vec<String>,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            load_balancer: None,
            min_tasks: 2,
            max_tasks: 4,
            cpu_target: 60,
            request_target: None,
            certificate: None,
            test_port: None,
            health_check: HealthCheckOptions::default(),
            health_check_grace: 60,
            deregistration_delay: 30,
            error_threshold: 10,
            log_retention_days: 30,
            deletion_protection: false,
            task_policies: Vec::new(),
        }
    }
}

impl ServiceOptions {
    /// Where requests come in.
    #[must_use]
    pub fn production_port(&self) -> u16 {
        match self.certificate {
            Some(_) => 443,
            None => 80,
        }
    }

    /// Where requests for the next revision come in, of a strategy that shifts traffic.
    #[must_use]
    pub fn test_port(&self) -> u16 {
        self.test_port.unwrap_or(self.default_test_port())
    }

    pub(super) fn default_test_port(&self) -> u16 {
        match self.certificate {
            Some(_) => 8443,
            None => 8080,
        }
    }
}

/// How the load balancer sees whether a task is healthy. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct HealthCheckOptions {
    /// What is requested.
    pub path: String,
    /// The statuses of a healthy task: 200, 200,202 or 200-299.
    pub matcher: String,
    /// The time from one request to the next.
    pub interval: u16,
    /// How long a response may take.
    pub timeout: u16,
    /// As many good responses on end make a task healthy.
    pub healthy: u8,
    /// As many bad ones make it unhealthy.
    pub unhealthy: u8,
}

impl Default for HealthCheckOptions {
    fn default() -> Self {
        Self {
            path: "/".to_owned(),
            matcher: "200".to_owned(),
            interval: 15,
            timeout: 5,
            healthy: 2,
            unhealthy: 2,
        }
    }
}
