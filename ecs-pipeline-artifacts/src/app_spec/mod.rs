//! The AppSpec for ECS: what CodeDeploy is to deploy, and which Lambda functions judge it on the way.
//!
//! YAML and JSON are read, member names in any case (as the AWS CLI does); what is written has the
//! capitalised names of the CodeDeploy user guide.

use crate::finding::Invalid;

mod read;
mod write;

/// The text that CodePipeline's blue/green action replaces by the ARN of the revision that it registers.
pub const TASK_DEFINITION_PLACEHOLDER: &str = "<TASK_DEFINITION>";

/// An AppSpec for ECS.
///
/// ```
/// use ecs_pipeline_artifacts::app_spec::{AppSpec, HookEvent, TASK_DEFINITION_PLACEHOLDER};
///
/// let app_spec = AppSpec::new(TASK_DEFINITION_PLACEHOLDER, "web", 8080)
///     .with_hook(HookEvent::AfterAllowTestTraffic, "smoke-test");
/// assert_eq!(
///     app_spec.to_yaml_string(),
///     r#"version: 0.0
/// Resources:
///   - TargetService:
///       Type: "AWS::ECS::Service"
///       Properties:
///         TaskDefinition: "<TASK_DEFINITION>"
///         LoadBalancerInfo:
///           ContainerName: "web"
///           ContainerPort: 8080
/// Hooks:
///   - AfterAllowTestTraffic: "smoke-test"
/// "#
/// );
/// assert_eq!(AppSpec::parse(app_spec.to_yaml_string())?, app_spec);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppSpec {
    /// The services to deploy to; CodeDeploy's own examples have one.
    pub services: Vec<TargetService>,
    /// The functions to call, in file order.
    pub hooks: Vec<Hook>,
}

/// What a service is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetService {
    /// The name of the entry in the file; it stands for nothing outside of it.
    pub logical_name: String,
    /// The ARN of the task definition with its revision, or [`TASK_DEFINITION_PLACEHOLDER`].
    pub task_definition: String,
    /// Where the load balancer sends requests.
    pub load_balancer: LoadBalancerInfo,
    /// The Fargate platform version; without it, the service's own.
    pub platform_version: Option<String>,
    /// The network of the tasks; without it, the service's own.
    pub network: Option<NetworkConfiguration>,
    /// Where the tasks run; when empty, as the service has it.
    pub capacity_providers: Vec<CapacityProvider>,
}

/// The container and port that the load balancer sends requests to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadBalancerInfo {
    /// The name of a container of the task definition.
    pub container_name: String,
    /// The port on that container.
    pub container_port: u16,
}

/// The network of the tasks. All of it or none: CodeDeploy fills in nothing that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkConfiguration {
    /// Ids of subnets.
    pub subnets: Vec<String>,
    /// Ids of security groups.
    pub security_groups: Vec<String>,
    /// Whether the tasks get public addresses.
    pub assign_public_ip: bool,
}

/// One entry of a capacity provider strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CapacityProvider {
    /// Its name, such as `FARGATE_SPOT`.
    pub name: String,
    /// How many tasks it gets before weights count. Only one entry may have it.
    pub base: Option<u32>,
    /// Its share of the tasks.
    pub weight: Option<u32>,
}

/// A Lambda function that is called at an event of the deployment, and lets it go on or fail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hook {
    /// When.
    pub event: HookEvent,
    /// The name or ARN of the function.
    pub function: String,
}

/// The events of an ECS deployment that can have a hook, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HookEvent {
    /// Before the replacement task set is created; a failure here ends the deployment without rollback.
    BeforeInstall,
    /// After the replacement task set is there.
    AfterInstall,
    /// After the test listener sends requests to it.
    AfterAllowTestTraffic,
    /// Before production requests go to it.
    BeforeAllowTraffic,
    /// After production requests go to it.
    AfterAllowTraffic,
}

impl HookEvent {
    /// Every event that can have a hook.
    pub const ALL: [Self; 5] = [
        Self::BeforeInstall,
        Self::AfterInstall,
        Self::AfterAllowTestTraffic,
        Self::BeforeAllowTraffic,
        Self::AfterAllowTraffic,
    ];

    /// CodeDeploy's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeInstall => "BeforeInstall",
            Self::AfterInstall => "AfterInstall",
            Self::AfterAllowTestTraffic => "AfterAllowTestTraffic",
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }

    /// The event of that name, in any case.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let mut events = Self::ALL.into_iter();
        events.find(|event| event.name().eq_ignore_ascii_case(name))
    }
}

impl AppSpec {
    /// For one service: the task definition's ARN or [`TASK_DEFINITION_PLACEHOLDER`], and the container
    /// and port that the load balancer sends requests to.
    #[must_use]
    pub fn new(
        task_definition: impl Into<String>,
        container: impl Into<String>,
        port: u16,
    ) -> Self {
        let service = TargetService {
            logical_name: "TargetService".to_owned(),
            task_definition: task_definition.into(),
            load_balancer: LoadBalancerInfo {
                container_name: container.into(),
                container_port: port,
            },
            platform_version: None,
            network: None,
            capacity_providers: Vec::new(),
        };
        Self {
            services: vec![service],
            hooks: Vec::new(),
        }
    }

    /// Sets the Fargate platform version of every service.
    #[must_use]
    pub fn with_platform_version(mut self, version: impl Into<String>) -> Self {
        let version = version.into();
        for service in &mut self.services {
            service.platform_version = Some(version.clone());
        }
        self
    }

    /// Sets the network of every service's tasks.
    #[must_use]
    pub fn with_network<S: Into<String>, G: Into<String>>(
        mut self,
        subnets: impl IntoIterator<Item = S>,
        security_groups: impl IntoIterator<Item = G>,
        assign_public_ip: bool,
    ) -> Self {
        let network = NetworkConfiguration {
            subnets: subnets.into_iter().map(Into::into).collect(),
            security_groups: security_groups.into_iter().map(Into::into).collect(),
            assign_public_ip,
        };
        for service in &mut self.services {
            service.network = Some(network.clone());
        }
        self
    }

    /// Adds an entry to every service's capacity provider strategy.
    #[must_use]
    pub fn with_capacity_provider(
        mut self,
        name: impl Into<String>,
        base: Option<u32>,
        weight: Option<u32>,
    ) -> Self {
        let provider = CapacityProvider {
            name: name.into(),
            base,
            weight,
        };
        for service in &mut self.services {
            service.capacity_providers.push(provider.clone());
        }
        self
    }

    /// Adds a function to call.
    #[must_use]
    pub fn with_hook(mut self, event: HookEvent, function: impl Into<String>) -> Self {
        self.hooks.push(Hook {
            event,
            function: function.into(),
        });
        self
    }

    /// Reads an AppSpec for ECS: JSON where the text begins with `{`, YAML otherwise.
    ///
    /// # Errors
    ///
    /// With everything in it that CodeDeploy would refuse; an AppSpec for EC2 or Lambda is refused by
    /// name. A `ContainerPort` that is still a placeholder cannot be read either.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, Invalid> {
        read::parse(text.as_ref())
    }

    /// As a file: YAML with every string in quotes.
    #[must_use]
    pub fn to_yaml_string(&self) -> String {
        write::yaml(&self.to_value())
    }

    /// As CodeDeploy's `AppSpecContent` takes it: compact JSON.
    #[must_use]
    pub fn to_json_string(&self) -> String {
        self.to_value().to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    /// Texts that AWS would take or that look like something else to YAML, and any other.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z][a-z0-9-]{0,12}",
            Just("no".to_owned()),
            Just("0x1F".to_owned()),
            Just("1e3".to_owned()),
            Just("null".to_owned()),
            Just("a: b # c".to_owned()),
            Just("<TASK_DEFINITION>".to_owned()),
            Just("${VAR}".to_owned()),
            "\\PC{0,8}[a-z]\\PC{0,8}",
            any::<String>().prop_map(|text| text + "x"),
        ]
    }

    fn network() -> impl Strategy<Value = NetworkConfiguration> {
        (vec(text(), 1..3), vec(text(), 1..3), any::<bool>()).prop_map(
            |(subnets, security_groups, assign_public_ip)| NetworkConfiguration {
                subnets,
                security_groups,
                assign_public_ip,
            },
        )
    }

    fn service() -> impl Strategy<Value = TargetService> {
        let load_balancer = ("[A-Za-z0-9_-]{1,20}", 1..=u16::MAX);
        let providers = vec((text(), option::of(0..=1000_u32)), 0..3);
        let platform = option::of(text());
        (
            text(),
            text(),
            load_balancer,
            platform,
            option::of(network()),
            providers,
        )
            .prop_map(
                |(
                    logical_name,
                    task_definition,
                    (container_name, container_port),
                    version,
                    network,
                    providers,
                )| {
                    let providers = providers.into_iter().enumerate();
                    TargetService {
                        logical_name,
                        task_definition,
                        load_balancer: LoadBalancerInfo {
                            container_name,
                            container_port,
                        },
                        platform_version: version,
                        network,
                        capacity_providers: providers
                            .map(|(at, (name, weight))| CapacityProvider {
                                name,
                                base: (at == 0).then_some(7),
                                weight,
                            })
                            .collect(),
                    }
                },
            )
    }

    fn app_spec() -> impl Strategy<Value = AppSpec> {
        let event = proptest::sample::select(&HookEvent::ALL[..]);
        let hook = (event, text()).prop_map(|(event, function)| Hook { event, function });
        (vec(service(), 1..3), vec(hook, 0..4))
            .prop_map(|(services, hooks)| AppSpec { services, hooks })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(app_spec in app_spec()) {
            prop_assert_eq!(&AppSpec::parse(app_spec.to_yaml_string()).unwrap(), &app_spec);
            prop_assert_eq!(&AppSpec::parse(app_spec.to_json_string()).unwrap(), &app_spec);
        }

        /// Two readers of YAML that have nothing in common see the same document.
        #[test]
        fn another_reader_sees_the_same(app_spec in app_spec()) {
            let read: serde_json::Value = serde_yaml::from_str(&app_spec.to_yaml_string()).unwrap();
            let expected: serde_json::Value = serde_json::from_str(&app_spec.to_json_string()).unwrap();
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn every_member_has_its_place() {
        let app_spec = AppSpec::new("arn:aws:ecs:r:1:task-definition/shop:7", "web", 80)
            .with_platform_version("1.4.0")
            .with_network(["subnet-1", "subnet-2"], ["sg-1"], false)
            .with_capacity_provider("FARGATE", Some(1), Some(1))
            .with_hook(HookEvent::BeforeInstall, "check");
        let yaml = r#"version: 0.0
Resources:
  - TargetService:
      Type: "AWS::ECS::Service"
      Properties:
        TaskDefinition: "arn:aws:ecs:r:1:task-definition/shop:7"
        LoadBalancerInfo:
          ContainerName: "web"
          ContainerPort: 80
        PlatformVersion: "1.4.0"
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets:
              - "subnet-1"
              - "subnet-2"
            SecurityGroups:
              - "sg-1"
            AssignPublicIp: "DISABLED"
        CapacityProviderStrategy:
          - Base: 1
            CapacityProvider: "FARGATE"
            Weight: 1
Hooks:
  - BeforeInstall: "check"
"#;
        assert_eq!(app_spec.to_yaml_string(), yaml);
        let json = app_spec.to_json_string();
        assert!(json.starts_with(r#"{"version":0.0,"Resources":[{"TargetService":{"Type":"#));
        assert_eq!(
            AppSpec::parse(yaml.to_lowercase().replace("aws::ecs", "AWS::ECS"))
                .unwrap_err()
                .findings[0]
                .rule
                .id,
            "appspec-assign-public-ip"
        );
        assert_eq!(
            AppSpec::parse(yaml.replace("Container", "container")).unwrap(),
            app_spec
        );
    }

    #[test]
    fn what_is_not_for_ecs_is_refused_by_name() {
        for (text, expected) in [
            (
                "version: 0.0\nos: linux\nfiles: []\n",
                "line 1, column 1: this AppSpec is for EC2",
            ),
            (
                "version: 0.0\nResources:\n  - f:\n      Type: AWS::Lambda::Function\n",
                "line 1, column 1: this AppSpec is for Lambda",
            ),
            ("", "the file is empty"),
        ] {
            let error = AppSpec::parse(text).unwrap_err().to_string();
            assert!(
                error.starts_with(expected) || error.ends_with(expected),
                "{error}"
            );
        }
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let yaml = AppSpec::new(TASK_DEFINITION_PLACEHOLDER, "a b", 80).to_yaml_string();
        let yaml = yaml.replace("80", "port");
        let error = AppSpec::parse(yaml).unwrap_err().to_string();
        let expected = "line 8, column 26: `a b` cannot be the name of a container; \
                        line 9, column 26: `ContainerPort` is a number from 1 to 65535, and this is none";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_placeholder_where_there_is_no_text_is_refused() {
        let yaml = AppSpec::new(TASK_DEFINITION_PLACEHOLDER, "web", 80)
            .with_network(["subnet-1"], ["sg-1"], true)
            .with_capacity_provider("FARGATE", Some(1), None)
            .with_hook(HookEvent::BeforeInstall, "check")
            .to_yaml_string();
        let hooks = "\n  - BeforeInstall: \"check\"";
        let subnets = "\n              - \"subnet-1\"";
        for (from, to, line) in [
            ("80", "<PORT>", 9),
            ("\"ENABLED\"", "${PUBLIC}", 16),
            ("Base: 1", "Base: ${BASE}", 18),
            (hooks, " ${HOOKS}", 20),
            ("BeforeInstall: \"check\"", "${HOOK}", 21),
            (subnets, " ${SUBNETS}", 12),
        ] {
            assert!(yaml.contains(from), "{from}");
            let error = AppSpec::parse(yaml.replace(from, to)).unwrap_err();
            let lines: Vec<_> = error
                .findings
                .iter()
                .map(|found| found.place.start.line)
                .collect();
            assert_eq!(lines, [line], "{to}: {error}");
        }
    }
}
