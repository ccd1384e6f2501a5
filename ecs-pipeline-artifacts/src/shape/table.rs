//! What `RegisterTaskDefinition` takes. Written by `generate.py` from botocore 1.44.5: do not edit.

use super::{Bounds, Shape};

static APPLICATION_PROTOCOL: Shape = Shape::String {
    values: &["grpc", "http", "http2"],
    length: Bounds::NONE,
};

static BOXED_BOOLEAN: Shape = Shape::Boolean;

static BOXED_INTEGER: Shape = Shape::Integer {
    range: Bounds {
        min: i64::MIN,
        max: i64::MAX,
    },
};

static CPU_ARCHITECTURE: Shape = Shape::String {
    values: &["ARM64", "X86_64"],
    length: Bounds::NONE,
};

static COMPATIBILITY: Shape = Shape::String {
    values: &["EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"],
    length: Bounds::NONE,
};

static COMPATIBILITY_LIST: Shape = Shape::List {
    item: &COMPATIBILITY,
    length: Bounds::NONE,
};

static CONTAINER_CONDITION: Shape = Shape::String {
    values: &["COMPLETE", "HEALTHY", "START", "SUCCESS"],
    length: Bounds::NONE,
};

pub(crate) static CONTAINER_DEFINITION: Shape = Shape::Structure {
    members: &[
        ("command", &STRING_LIST),
        ("cpu", &INTEGER),
        ("credentialSpecs", &STRING_LIST),
        ("dependsOn", &CONTAINER_DEPENDENCIES),
        ("disableNetworking", &BOXED_BOOLEAN),
        ("dnsSearchDomains", &STRING_LIST),
        ("dnsServers", &STRING_LIST),
        ("dockerLabels", &DOCKER_LABELS_MAP),
        ("dockerSecurityOptions", &STRING_LIST),
        ("entryPoint", &STRING_LIST),
        ("environment", &ENVIRONMENT_VARIABLES),
        ("environmentFiles", &ENVIRONMENT_FILES),
        ("essential", &BOXED_BOOLEAN),
        ("extraHosts", &HOST_ENTRY_LIST),
        ("firelensConfiguration", &FIRELENS_CONFIGURATION),
        ("healthCheck", &HEALTH_CHECK),
        ("hostname", &STRING),
        ("image", &STRING),
        ("interactive", &BOXED_BOOLEAN),
        ("links", &STRING_LIST),
        ("linuxParameters", &LINUX_PARAMETERS),
        ("logConfiguration", &LOG_CONFIGURATION),
        ("memory", &BOXED_INTEGER),
        ("memoryReservation", &BOXED_INTEGER),
        ("mountPoints", &MOUNT_POINT_LIST),
        ("name", &STRING),
        ("portMappings", &PORT_MAPPING_LIST),
        ("privileged", &BOXED_BOOLEAN),
        ("pseudoTerminal", &BOXED_BOOLEAN),
        ("readonlyRootFilesystem", &BOXED_BOOLEAN),
        ("repositoryCredentials", &REPOSITORY_CREDENTIALS),
        ("resourceRequirements", &RESOURCE_REQUIREMENTS),
        ("restartPolicy", &CONTAINER_RESTART_POLICY),
        ("secrets", &SECRET_LIST),
        ("startTimeout", &BOXED_INTEGER),
        ("stopTimeout", &BOXED_INTEGER),
        ("systemControls", &SYSTEM_CONTROLS),
        ("ulimits", &ULIMIT_LIST),
        ("user", &STRING),
        ("versionConsistency", &VERSION_CONSISTENCY),
        ("volumesFrom", &VOLUME_FROM_LIST),
        ("workingDirectory", &STRING),
    ],
    required: &[],
};

pub(crate) static CONTAINER_DEFINITIONS: Shape = Shape::List {
    item: &CONTAINER_DEFINITION,
    length: Bounds::NONE,
};

static CONTAINER_DEPENDENCIES: Shape = Shape::List {
    item: &CONTAINER_DEPENDENCY,
    length: Bounds::NONE,
};

static CONTAINER_DEPENDENCY: Shape = Shape::Structure {
    members: &[
        ("condition", &CONTAINER_CONDITION),
        ("containerName", &STRING),
    ],
    required: &["containerName", "condition"],
};

static CONTAINER_RESTART_POLICY: Shape = Shape::Structure {
    members: &[
        ("enabled", &BOXED_BOOLEAN),
        ("ignoredExitCodes", &INTEGER_LIST),
        ("restartAttemptPeriod", &BOXED_INTEGER),
    ],
    required: &["enabled"],
};

static DEVICE: Shape = Shape::Structure {
    members: &[
        ("containerPath", &STRING),
        ("hostPath", &STRING),
        ("permissions", &DEVICE_CGROUP_PERMISSIONS),
    ],
    required: &["hostPath"],
};

static DEVICE_CGROUP_PERMISSION: Shape = Shape::String {
    values: &["mknod", "read", "write"],
    length: Bounds::NONE,
};

static DEVICE_CGROUP_PERMISSIONS: Shape = Shape::List {
    item: &DEVICE_CGROUP_PERMISSION,
    length: Bounds::NONE,
};

static DEVICES_LIST: Shape = Shape::List {
    item: &DEVICE,
    length: Bounds::NONE,
};

static DOCKER_LABELS_MAP: Shape = Shape::Map { value: &STRING };

static DOCKER_VOLUME_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        ("autoprovision", &BOXED_BOOLEAN),
        ("driver", &STRING),
        ("driverOpts", &STRING_MAP),
        ("labels", &STRING_MAP),
        ("scope", &SCOPE),
    ],
    required: &[],
};

static EFS_AUTHORIZATION_CONFIG: Shape = Shape::Structure {
    members: &[
        ("accessPointId", &STRING),
        ("iam", &EFS_AUTHORIZATION_CONFIG_IAM),
    ],
    required: &[],
};

static EFS_AUTHORIZATION_CONFIG_IAM: Shape = Shape::String {
    values: &["DISABLED", "ENABLED"],
    length: Bounds::NONE,
};

static EFS_TRANSIT_ENCRYPTION: Shape = Shape::String {
    values: &["DISABLED", "ENABLED"],
    length: Bounds::NONE,
};

static EFS_VOLUME_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        ("authorizationConfig", &EFS_AUTHORIZATION_CONFIG),
        ("fileSystemId", &STRING),
        ("rootDirectory", &STRING),
        ("transitEncryption", &EFS_TRANSIT_ENCRYPTION),
        ("transitEncryptionPort", &BOXED_INTEGER),
    ],
    required: &["fileSystemId"],
};

static ENVIRONMENT_FILE: Shape = Shape::Structure {
    members: &[("type", &ENVIRONMENT_FILE_TYPE), ("value", &STRING)],
    required: &["value", "type"],
};

static ENVIRONMENT_FILE_TYPE: Shape = Shape::String {
    values: &["s3"],
    length: Bounds::NONE,
};

static ENVIRONMENT_FILES: Shape = Shape::List {
    item: &ENVIRONMENT_FILE,
    length: Bounds::NONE,
};

static ENVIRONMENT_VARIABLES: Shape = Shape::List {
    item: &KEY_VALUE_PAIR,
    length: Bounds::NONE,
};

static EPHEMERAL_STORAGE: Shape = Shape::Structure {
    members: &[("sizeInGiB", &INTEGER)],
    required: &["sizeInGiB"],
};

static FSX_WINDOWS_FILE_SERVER_AUTHORIZATION_CONFIG: Shape = Shape::Structure {
    members: &[("credentialsParameter", &STRING), ("domain", &STRING)],
    required: &["credentialsParameter", "domain"],
};

static FSX_WINDOWS_FILE_SERVER_VOLUME_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        (
            "authorizationConfig",
            &FSX_WINDOWS_FILE_SERVER_AUTHORIZATION_CONFIG,
        ),
        ("fileSystemId", &STRING),
        ("rootDirectory", &STRING),
    ],
    required: &["fileSystemId", "rootDirectory", "authorizationConfig"],
};

static FIRELENS_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        ("options", &FIRELENS_CONFIGURATION_OPTIONS_MAP),
        ("type", &FIRELENS_CONFIGURATION_TYPE),
    ],
    required: &["type"],
};

static FIRELENS_CONFIGURATION_OPTIONS_MAP: Shape = Shape::Map { value: &STRING };

static FIRELENS_CONFIGURATION_TYPE: Shape = Shape::String {
    values: &["fluentbit", "fluentd"],
    length: Bounds::NONE,
};

static HEALTH_CHECK: Shape = Shape::Structure {
    members: &[
        ("command", &STRING_LIST),
        ("interval", &BOXED_INTEGER),
        ("retries", &BOXED_INTEGER),
        ("startPeriod", &BOXED_INTEGER),
        ("timeout", &BOXED_INTEGER),
    ],
    required: &["command"],
};

static HOST_ENTRY: Shape = Shape::Structure {
    members: &[("hostname", &STRING), ("ipAddress", &STRING)],
    required: &["hostname", "ipAddress"],
};

static HOST_ENTRY_LIST: Shape = Shape::List {
    item: &HOST_ENTRY,
    length: Bounds::NONE,
};

static HOST_VOLUME_PROPERTIES: Shape = Shape::Structure {
    members: &[("sourcePath", &STRING)],
    required: &[],
};

static INFERENCE_ACCELERATOR: Shape = Shape::Structure {
    members: &[("deviceName", &STRING), ("deviceType", &STRING)],
    required: &["deviceName", "deviceType"],
};

static INFERENCE_ACCELERATORS: Shape = Shape::List {
    item: &INFERENCE_ACCELERATOR,
    length: Bounds::NONE,
};

static INTEGER: Shape = Shape::Integer {
    range: Bounds {
        min: i64::MIN,
        max: i64::MAX,
    },
};

static INTEGER_LIST: Shape = Shape::List {
    item: &BOXED_INTEGER,
    length: Bounds::NONE,
};

static IPC_MODE: Shape = Shape::String {
    values: &["host", "none", "task"],
    length: Bounds::NONE,
};

static ISOLATION_MODE: Shape = Shape::String {
    values: &["CONFIDENTIAL_SANDBOX", "ISOLATED_SANDBOX", "SHARED"],
    length: Bounds::NONE,
};

static KERNEL_CAPABILITIES: Shape = Shape::Structure {
    members: &[("add", &STRING_LIST), ("drop", &STRING_LIST)],
    required: &[],
};

static KEY_VALUE_PAIR: Shape = Shape::Structure {
    members: &[("name", &STRING), ("value", &STRING)],
    required: &[],
};

static LINUX_PARAMETERS: Shape = Shape::Structure {
    members: &[
        ("capabilities", &KERNEL_CAPABILITIES),
        ("devices", &DEVICES_LIST),
        ("initProcessEnabled", &BOXED_BOOLEAN),
        ("maxSwap", &BOXED_INTEGER),
        ("sharedMemorySize", &BOXED_INTEGER),
        ("swappiness", &BOXED_INTEGER),
        ("tmpfs", &TMPFS_LIST),
    ],
    required: &[],
};

static LOG_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        ("logDriver", &LOG_DRIVER),
        ("options", &LOG_CONFIGURATION_OPTIONS_MAP),
        ("secretOptions", &SECRET_LIST),
    ],
    required: &["logDriver"],
};

static LOG_CONFIGURATION_OPTIONS_MAP: Shape = Shape::Map { value: &STRING };

static LOG_DRIVER: Shape = Shape::String {
    values: &[
        "awsfirelens",
        "awslogs",
        "fluentd",
        "gelf",
        "journald",
        "json-file",
        "splunk",
        "syslog",
    ],
    length: Bounds::NONE,
};

static MOUNT_POINT: Shape = Shape::Structure {
    members: &[
        ("containerPath", &STRING),
        ("readOnly", &BOXED_BOOLEAN),
        ("sourceVolume", &STRING),
    ],
    required: &[],
};

static MOUNT_POINT_LIST: Shape = Shape::List {
    item: &MOUNT_POINT,
    length: Bounds::NONE,
};

static NETWORK_MODE: Shape = Shape::String {
    values: &["awsvpc", "bridge", "host", "none"],
    length: Bounds::NONE,
};

static NVIDIA_MPS_ALLOCATION: Shape = Shape::Structure {
    members: &[
        (
            "maxComputePercent",
            &NVIDIA_MPS_ALLOCATION_MAX_COMPUTE_PERCENT_INTEGER,
        ),
        ("memory", &NVIDIA_MPS_ALLOCATION_MEMORY_INTEGER),
    ],
    required: &["memory"],
};

static NVIDIA_MPS_ALLOCATION_MAX_COMPUTE_PERCENT_INTEGER: Shape = Shape::Integer {
    range: Bounds { min: 1, max: 100 },
};

static NVIDIA_MPS_ALLOCATION_MEMORY_INTEGER: Shape = Shape::Integer {
    range: Bounds {
        min: 1,
        max: i64::MAX,
    },
};

static OS_FAMILY: Shape = Shape::String {
    values: &[
        "LINUX",
        "WINDOWS_SERVER_2004_CORE",
        "WINDOWS_SERVER_2016_FULL",
        "WINDOWS_SERVER_2019_CORE",
        "WINDOWS_SERVER_2019_FULL",
        "WINDOWS_SERVER_2022_CORE",
        "WINDOWS_SERVER_2022_FULL",
        "WINDOWS_SERVER_2025_CORE",
        "WINDOWS_SERVER_2025_FULL",
        "WINDOWS_SERVER_20H2_CORE",
    ],
    length: Bounds::NONE,
};

static PID_MODE: Shape = Shape::String {
    values: &["host", "task"],
    length: Bounds::NONE,
};

static PORT_MAPPING: Shape = Shape::Structure {
    members: &[
        ("appProtocol", &APPLICATION_PROTOCOL),
        ("containerPort", &BOXED_INTEGER),
        ("containerPortRange", &STRING),
        ("hostPort", &BOXED_INTEGER),
        ("name", &STRING),
        ("protocol", &TRANSPORT_PROTOCOL),
    ],
    required: &[],
};

static PORT_MAPPING_LIST: Shape = Shape::List {
    item: &PORT_MAPPING,
    length: Bounds::NONE,
};

static PROXY_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        ("containerName", &STRING),
        ("properties", &PROXY_CONFIGURATION_PROPERTIES),
        ("type", &PROXY_CONFIGURATION_TYPE),
    ],
    required: &["containerName"],
};

static PROXY_CONFIGURATION_PROPERTIES: Shape = Shape::List {
    item: &KEY_VALUE_PAIR,
    length: Bounds::NONE,
};

static PROXY_CONFIGURATION_TYPE: Shape = Shape::String {
    values: &["APPMESH"],
    length: Bounds::NONE,
};

pub(crate) static REGISTER_TASK_DEFINITION_REQUEST: Shape = Shape::Structure {
    members: &[
        ("containerDefinitions", &CONTAINER_DEFINITIONS),
        ("cpu", &STRING),
        ("enableFaultInjection", &BOXED_BOOLEAN),
        ("ephemeralStorage", &EPHEMERAL_STORAGE),
        ("executionRoleArn", &STRING),
        ("family", &STRING),
        ("inferenceAccelerators", &INFERENCE_ACCELERATORS),
        ("ipcMode", &IPC_MODE),
        ("memory", &STRING),
        ("networkMode", &NETWORK_MODE),
        ("pidMode", &PID_MODE),
        (
            "placementConstraints",
            &TASK_DEFINITION_PLACEMENT_CONSTRAINTS,
        ),
        ("proxyConfiguration", &PROXY_CONFIGURATION),
        ("requiresCompatibilities", &COMPATIBILITY_LIST),
        ("runtimePlatform", &RUNTIME_PLATFORM),
        ("tags", &TAGS),
        ("taskRoleArn", &STRING),
        (
            "trustedExecutionConfiguration",
            &TRUSTED_EXECUTION_CONFIGURATION,
        ),
        ("volumes", &VOLUME_LIST),
    ],
    required: &["family", "containerDefinitions"],
};

static REPOSITORY_CREDENTIALS: Shape = Shape::Structure {
    members: &[("credentialsParameter", &STRING)],
    required: &["credentialsParameter"],
};

static RESOURCE_REQUIREMENT: Shape = Shape::Structure {
    members: &[
        ("sharingStrategy", &SHARING_STRATEGY),
        ("type", &RESOURCE_TYPE),
        ("value", &STRING),
    ],
    required: &["type"],
};

static RESOURCE_REQUIREMENTS: Shape = Shape::List {
    item: &RESOURCE_REQUIREMENT,
    length: Bounds::NONE,
};

static RESOURCE_TYPE: Shape = Shape::String {
    values: &["GPU", "InferenceAccelerator", "NeuronDevice"],
    length: Bounds::NONE,
};

static RUNTIME_PLATFORM: Shape = Shape::Structure {
    members: &[
        ("cpuArchitecture", &CPU_ARCHITECTURE),
        ("operatingSystemFamily", &OS_FAMILY),
    ],
    required: &[],
};

static S3_FILES_VOLUME_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        ("accessPointArn", &STRING),
        ("fileSystemArn", &STRING),
        ("rootDirectory", &STRING),
        ("transitEncryptionPort", &BOXED_INTEGER),
    ],
    required: &["fileSystemArn"],
};

static SCOPE: Shape = Shape::String {
    values: &["shared", "task"],
    length: Bounds::NONE,
};

static SECRET: Shape = Shape::Structure {
    members: &[("name", &STRING), ("valueFrom", &STRING)],
    required: &["name", "valueFrom"],
};

static SECRET_LIST: Shape = Shape::List {
    item: &SECRET,
    length: Bounds::NONE,
};

static SHARING_STRATEGY: Shape = Shape::Structure {
    members: &[("nvidiaMps", &NVIDIA_MPS_ALLOCATION)],
    required: &["nvidiaMps"],
};

static STRING: Shape = Shape::String {
    values: &[],
    length: Bounds::NONE,
};

static STRING_LIST: Shape = Shape::List {
    item: &STRING,
    length: Bounds::NONE,
};

static STRING_MAP: Shape = Shape::Map { value: &STRING };

static SYSTEM_CONTROL: Shape = Shape::Structure {
    members: &[("namespace", &STRING), ("value", &STRING)],
    required: &[],
};

static SYSTEM_CONTROLS: Shape = Shape::List {
    item: &SYSTEM_CONTROL,
    length: Bounds::NONE,
};

static TAG: Shape = Shape::Structure {
    members: &[("key", &TAG_KEY), ("value", &TAG_VALUE)],
    required: &[],
};

static TAG_KEY: Shape = Shape::String {
    values: &[],
    length: Bounds { min: 1, max: 128 },
};

static TAG_VALUE: Shape = Shape::String {
    values: &[],
    length: Bounds { min: 0, max: 256 },
};

static TAGS: Shape = Shape::List {
    item: &TAG,
    length: Bounds { min: 0, max: 50 },
};

static TASK_DEFINITION_PLACEMENT_CONSTRAINT: Shape = Shape::Structure {
    members: &[
        ("expression", &STRING),
        ("type", &TASK_DEFINITION_PLACEMENT_CONSTRAINT_TYPE),
    ],
    required: &[],
};

static TASK_DEFINITION_PLACEMENT_CONSTRAINT_TYPE: Shape = Shape::String {
    values: &["memberOf"],
    length: Bounds::NONE,
};

static TASK_DEFINITION_PLACEMENT_CONSTRAINTS: Shape = Shape::List {
    item: &TASK_DEFINITION_PLACEMENT_CONSTRAINT,
    length: Bounds::NONE,
};

static TMPFS: Shape = Shape::Structure {
    members: &[
        ("containerPath", &STRING),
        ("mountOptions", &STRING_LIST),
        ("size", &INTEGER),
    ],
    required: &["containerPath", "size"],
};

static TMPFS_LIST: Shape = Shape::List {
    item: &TMPFS,
    length: Bounds::NONE,
};

static TRANSPORT_PROTOCOL: Shape = Shape::String {
    values: &["tcp", "udp"],
    length: Bounds::NONE,
};

static TRUSTED_EXECUTION_CONFIGURATION: Shape = Shape::Structure {
    members: &[
        ("attestationPolicy", &STRING),
        ("isolationMode", &ISOLATION_MODE),
    ],
    required: &["isolationMode"],
};

static ULIMIT: Shape = Shape::Structure {
    members: &[
        ("hardLimit", &INTEGER),
        ("name", &ULIMIT_NAME),
        ("softLimit", &INTEGER),
    ],
    required: &["name", "softLimit", "hardLimit"],
};

static ULIMIT_LIST: Shape = Shape::List {
    item: &ULIMIT,
    length: Bounds::NONE,
};

static ULIMIT_NAME: Shape = Shape::String {
    values: &[
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ],
    length: Bounds::NONE,
};

static VERSION_CONSISTENCY: Shape = Shape::String {
    values: &["disabled", "enabled"],
    length: Bounds::NONE,
};

static VOLUME: Shape = Shape::Structure {
    members: &[
        ("configuredAtLaunch", &BOXED_BOOLEAN),
        ("dockerVolumeConfiguration", &DOCKER_VOLUME_CONFIGURATION),
        ("efsVolumeConfiguration", &EFS_VOLUME_CONFIGURATION),
        (
            "fsxWindowsFileServerVolumeConfiguration",
            &FSX_WINDOWS_FILE_SERVER_VOLUME_CONFIGURATION,
        ),
        ("host", &HOST_VOLUME_PROPERTIES),
        ("name", &STRING),
        ("s3filesVolumeConfiguration", &S3_FILES_VOLUME_CONFIGURATION),
    ],
    required: &[],
};

static VOLUME_FROM: Shape = Shape::Structure {
    members: &[("readOnly", &BOXED_BOOLEAN), ("sourceContainer", &STRING)],
    required: &[],
};

static VOLUME_FROM_LIST: Shape = Shape::List {
    item: &VOLUME_FROM,
    length: Bounds::NONE,
};

static VOLUME_LIST: Shape = Shape::List {
    item: &VOLUME,
    length: Bounds::NONE,
};
