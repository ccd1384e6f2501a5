use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::service::{Progress, Service, World};
use super::{Rollout, digest, lock};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{
    Already, Change, Deployment, Digest, ECS_STAGES, Observation, Plan, PlannedRevision, Platform,
    Release, ServiceRef, TaskDefinitionArn, TaskDefinitionSource,
};
use crate::provider::{Deployer, Evidence, Rollback, StoppedContainer, StoppedTask};

/// Deploys to services that exist in memory only. A deployment goes as [`Rollout`]s say: those of
/// [`script`](Self::script) first, then those that [`rollout_of`](Self::rollout_of) has for an
/// image, and otherwise it succeeds.
#[derive(Debug, Default)]
pub struct MemoryDeployer {
    world: Mutex<World>,
}

impl MemoryDeployer {
    /// A deployer without services.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service that completed the deployment of its first revision. The revision's family
    /// has the service's name, and its one container is called `container`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when the service's name cannot name a family.
    pub fn with_service(
        self,
        service: &ServiceRef,
        container: &str,
    ) -> Result<Self, ProviderError> {
        self.add(service, container, true)?;
        Ok(self)
    }

    /// Adds a service whose first deployment failed: it has no revision to go back to.
    ///
    /// # Errors
    ///
    /// As for [`with_service`](Self::with_service).
    pub fn with_unproven_service(
        self,
        service: &ServiceRef,
        container: &str,
    ) -> Result<Self, ProviderError> {
        self.add(service, container, false)?;
        Ok(self)
    }

    fn add(
        &self,
        service: &ServiceRef,
        container: &str,
        completed: bool,
    ) -> Result<(), ProviderError> {
        let document = json!({
            "family": service.service,
            "containerDefinitions": [{ "name": container, "image": "first.invalid/image:1" }],
        });
        let mut world = lock(&self.world);
        let (revision, _) = world.register(&document)?;
        let mut added = Service::new(service.clone());
        if completed {
            added.push_completed(revision);
        } else {
            let looks = 0;
            added
                .push(revision, Rollout::Fails { looks }, None)
                .progress = Progress::Failed;
        }
        world.services.insert(service.clone(), added);
        Ok(())
    }

    /// How the next deployments go, one after the other and whatever they bring. A rollback by
    /// [`Deployer::rollback`] is a deployment too.
    #[must_use]
    pub fn script(self, rollouts: impl Into<VecDeque<Rollout>>) -> Self {
        lock(&self.world).script = rollouts.into();
        self
    }

    /// How deployments of revisions with this image go.
    #[must_use]
    pub fn rollout_of(self, image: Digest, rollout: Rollout) -> Self {
        lock(&self.world).images.insert(image, rollout);
        self
    }

    /// The revision that the service's tasks run: that of the last deployment that completed.
    #[must_use]
    pub fn running(&self, service: &ServiceRef) -> Option<TaskDefinitionArn> {
        let world = lock(&self.world);
        world.services.get(service)?.running.clone()
    }

    /// The service's deployments, the oldest first, those that others started included.
    #[must_use]
    pub fn deployments(&self, service: &ServiceRef) -> Vec<Deployment> {
        let world = lock(&self.world);
        let service = world.services.get(service);
        service.map(Service::deployments).unwrap_or_default()
    }

    /// How many deployments were started to undo this one, by the simulated controller or by
    /// [`Deployer::rollback`].
    #[must_use]
    pub fn times_undone(&self, deployment: &Deployment) -> usize {
        let world = lock(&self.world);
        let service = world.services.get(&deployment.service);
        service.map_or(0, |service| service.times_undone(&deployment.id))
    }
}

#[async_trait]
impl Deployer for MemoryDeployer {
    fn describe(&self) -> String {
        "a simulated service".to_owned()
    }

    async fn plan(&self, change: &Change) -> Result<Plan, ProviderError> {
        let world = lock(&self.world);
        let service = world.service(&change.service)?;
        let primary = service.primary();
        let current = primary.map(|primary| primary.deployment.task_definition.clone());
        let revision = world.planned(change, current.as_ref())?;
        let already = primary.and_then(|primary| {
            let same = matches!(&revision, PlannedRevision::Existing(arn)
                if *arn == primary.deployment.task_definition);
            match primary.progress {
                Progress::Going if same => Some(Already::UnderWay(primary.deployment.clone())),
                Progress::Completed if same && !change.force_new_deployment => {
                    Some(Already::Deployed)
                }
                _ => None,
            }
        });
        let going = primary.filter(|primary| primary.progress == Progress::Going);
        let warnings = match going {
            Some(other) if already.is_none() => {
                vec![format!(
                    "deployment {} is under way and will be superseded",
                    other.deployment.id
                )]
            }
            _ => Vec::new(),
        };
        Ok(Plan {
            last_good: service.running.clone(),
            current,
            current_deployment: primary.map(|primary| primary.deployment.id.clone()),
            already,
            force_new_deployment: change.force_new_deployment,
            warnings,
            ..Plan::new(change.service.clone(), revision)
        })
    }

    async fn register(&self, plan: &Plan) -> Result<Release, ProviderError> {
        let mut world = lock(&self.world);
        let (task_definition, registered) = match &plan.revision {
            PlannedRevision::New(document) => world.register(document)?,
            PlannedRevision::Existing(arn) => {
                world.document(arn)?;
                (arn.clone(), false)
            }
        };
        Ok(Release {
            task_definition,
            registered,
            warnings: Vec::new(),
        })
    }

    async fn start(&self, plan: &Plan, release: &Release) -> Result<Deployment, ProviderError> {
        let mut world = lock(&self.world);
        world.document(&release.task_definition)?;
        let service = world.service(&plan.service)?;
        let unchanged = service
            .primary()
            .is_some_and(|primary| primary.deployment.task_definition == release.task_definition);
        if unchanged && !plan.force_new_deployment {
            return Err(refused(
                ErrorKind::Conflict,
                "start",
                &plan.service,
                "the service runs this revision already, and no new deployment was started",
            ));
        }
        world.deploy(&plan.service, &release.task_definition, None)
    }

    async fn observe(&self, deployment: &Deployment) -> Result<Observation, ProviderError> {
        let mut world = lock(&self.world);
        let state = world.look(deployment).ok_or_else(|| unknown(deployment))?;
        let service = world.known(&deployment.service)?;
        Ok(Observation {
            revisions: service.counts(deployment),
            messages: service.messages(deployment),
            stage: service.stage(deployment),
            traffic: service.traffic(deployment),
            ..Observation::new(state)
        })
    }

    async fn rollback(&self, deployment: &Deployment) -> Result<Rollback, ProviderError> {
        let mut world = lock(&self.world);
        let service = world.service(&deployment.service)?;
        service
            .index(&deployment.id)
            .ok_or_else(|| unknown(deployment))?;
        if let Some(undoing) = service.undoing(&deployment.id) {
            match undoing.progress {
                Progress::Going => return Ok(Rollback::UnderWay),
                Progress::Completed => return Ok(Rollback::AlreadyDone),
                Progress::Failed => {}
            }
        } else if service
            .primary()
            .is_none_or(|primary| primary.deployment.id != deployment.id)
        {
            return Ok(Rollback::Superseded);
        }
        let Some(former) = &deployment.last_good else {
            return Ok(Rollback::NothingToGoBackTo);
        };
        world
            .deploy(&deployment.service, former, Some(deployment))
            .map(Rollback::Started)
    }

    async fn proceed(&self, deployment: &Deployment) -> Result<(), ProviderError> {
        let mut world = lock(&self.world);
        world.proceed(deployment)
    }

    fn stages(&self) -> &'static [&'static str] {
        ECS_STAGES
    }

    async fn evidence(&self, deployment: &Deployment) -> Evidence {
        let world = lock(&self.world);
        let Some(service) = world.services.get(&deployment.service) else {
            return Evidence {
                not_read: vec![format!("service {}: not found", deployment.service)],
                ..Evidence::default()
            };
        };
        let stopped_tasks = if service.is_failed(deployment) {
            vec![stopped_task()]
        } else {
            Vec::new()
        };
        Evidence {
            stopped_tasks,
            ..Evidence::default()
        }
    }

    async fn current(&self, service: &ServiceRef) -> Result<Deployment, ProviderError> {
        let world = lock(&self.world);
        let primary = world.service(service)?.primary();
        primary
            .map(|primary| primary.deployment.clone())
            .ok_or_else(|| refused(ErrorKind::NotFound, "current", service, "no deployment"))
    }
}

impl World {
    fn proceed(&mut self, deployment: &Deployment) -> Result<(), ProviderError> {
        let service = self
            .services
            .get_mut(&deployment.service)
            .ok_or_else(|| unknown(deployment))?;
        match service.release(&deployment.id) {
            true => Ok(()),
            false => Err(refused(
                ErrorKind::Conflict,
                "proceed",
                &deployment.service,
                &format!("deployment {} is not held", deployment.id),
            )),
        }
    }

    fn known(&self, name: &ServiceRef) -> Result<&Service, ProviderError> {
        self.services
            .get(name)
            .ok_or_else(|| refused(ErrorKind::NotFound, "look at", name, "no such service"))
    }

    /// A service that is active.
    fn service(&self, name: &ServiceRef) -> Result<&Service, ProviderError> {
        let service = self.known(name)?;
        if service.active {
            Ok(service)
        } else {
            Err(refused(
                ErrorKind::NotFound,
                "look at",
                name,
                "the service is INACTIVE",
            ))
        }
    }

    fn document(&self, revision: &TaskDefinitionArn) -> Result<&Value, ProviderError> {
        self.revisions.get(revision).ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                "simulated deployment",
                revision.short(),
                "no such revision is registered",
            )
        })
    }

    fn planned(
        &self,
        change: &Change,
        current: Option<&TaskDefinitionArn>,
    ) -> Result<PlannedRevision, ProviderError> {
        let invalid = |message: &str| refused(ErrorKind::Invalid, "plan", &change.service, message);
        let mut document = match &change.task_definition {
            TaskDefinitionSource::Document(document) => document.clone(),
            TaskDefinitionSource::Current => {
                let current = current.ok_or_else(|| invalid("the service has no revision yet"))?;
                self.document(current)?.clone()
            }
        };
        let wanted = platform(&document);
        for (container, image) in &change.images {
            let fits = image.platforms.is_empty()
                || image.platforms.iter().any(|given| given.runs_on(&wanted));
            if !fits {
                return Err(invalid(&format!(
                    "image {} is not for {wanted}",
                    image.image
                )));
            }
            let member = container_image(&mut document, container).ok_or_else(|| {
                invalid(&format!("the task definition has no container {container}"))
            })?;
            *member = Value::String(image.image.to_string());
        }
        let there = self.revisions.iter().find(|(_, known)| **known == document);
        Ok(match there {
            Some((arn, _)) => PlannedRevision::Existing(arn.clone()),
            None => PlannedRevision::New(document),
        })
    }

    /// Registers a document, unless a revision is equal to it.
    fn register(&mut self, document: &Value) -> Result<(TaskDefinitionArn, bool), ProviderError> {
        if let Some((arn, _)) = self.revisions.iter().find(|(_, known)| *known == document) {
            return Ok((arn.clone(), false));
        }
        let family = document["family"].as_str().unwrap_or_default();
        let containers = document["containerDefinitions"].as_array();
        if family.is_empty() || containers.is_none_or(Vec::is_empty) {
            return Err(ProviderError::new(
                ErrorKind::Invalid,
                "simulated registration",
                family,
                "a task definition has a family and at least one container",
            ));
        }
        let revisions = self.revisions.keys();
        let number = 1 + revisions.filter(|arn| arn.family() == family).count();
        let arn: TaskDefinitionArn =
            format!("arn:aws:ecs:us-east-1:000000000000:task-definition/{family}:{number}")
                .parse()
                .map_err(|error| digest::internal(family, error))?;
        self.revisions.insert(arn.clone(), document.clone());
        Ok((arn, true))
    }

    /// A revision of the same family that somebody else made.
    fn rival_of(
        &mut self,
        revision: &TaskDefinitionArn,
    ) -> Result<TaskDefinitionArn, ProviderError> {
        let mut document = self.document(revision)?.clone();
        document["tags"] = json!([{ "key": "by", "value": "somebody else" }]);
        Ok(self.register(&document)?.0)
    }

    fn deploy(
        &mut self,
        service: &ServiceRef,
        revision: &TaskDefinitionArn,
        undoes: Option<&Deployment>,
    ) -> Result<Deployment, ProviderError> {
        let rollout = self.next_rollout(revision);
        let rival = match rollout {
            Rollout::Superseded { .. } => Some(self.rival_of(revision)?),
            _ => None,
        };
        let undoes = undoes.map(|undone| undone.id.clone());
        let service = self
            .services
            .get_mut(service)
            .ok_or_else(|| refused(ErrorKind::NotFound, "deploy to", service, "no such service"))?;
        let entry = service.push(revision.clone(), rollout, undoes);
        entry.rival = rival;
        Ok(entry.deployment.clone())
    }
}

fn container_image<'a>(document: &'a mut Value, container: &str) -> Option<&'a mut Value> {
    document
        .get_mut("containerDefinitions")?
        .as_array_mut()?
        .iter_mut()
        .find(|definition| definition["name"] == container)
        .map(|definition| &mut definition["image"])
}

/// What `runtimePlatform` asks for; ECS takes `X86_64` and `LINUX` where it is silent.
fn platform(document: &Value) -> Platform {
    let asked = &document["runtimePlatform"];
    Platform::from_ecs(
        asked["cpuArchitecture"].as_str().unwrap_or("X86_64"),
        asked["operatingSystemFamily"].as_str().unwrap_or("LINUX"),
    )
}

fn stopped_task() -> StoppedTask {
    StoppedTask {
        id: "simulated-task".to_owned(),
        stop_code: Some("EssentialContainerExited".to_owned()),
        stopped_reason: Some("Essential container in task exited".to_owned()),
        containers: vec![StoppedContainer {
            name: "simulated".to_owned(),
            exit_code: Some(1),
            reason: None,
            last_lines: vec!["this failure is simulated".to_owned()],
        }],
    }
}

fn unknown(deployment: &Deployment) -> ProviderError {
    refused(
        ErrorKind::NotFound,
        "look at",
        &deployment.service,
        &format!("it has no deployment {}", deployment.id),
    )
}

fn refused(kind: ErrorKind, verb: &str, service: &ServiceRef, message: &str) -> ProviderError {
    let operation = format!("simulated {verb}");
    ProviderError::new(kind, operation, service.to_string(), message)
}
