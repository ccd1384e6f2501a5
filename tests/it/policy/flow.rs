//! What a pipeline does with its service, deed by deed.

use std::sync::Arc;
use std::time::Duration;

use ecs_pipeline_core::aws::cloudwatch::AlarmGate;
use ecs_pipeline_core::aws::codedeploy::{CodeDeployDeployer, CodeDeploySettings, RevisionStore};
use ecs_pipeline_core::aws::ecs::{EcsDeployer, EcsTaskRunner, TargetHealthGate};
use ecs_pipeline_core::engine::{Checks, Gate, Job, OnTimeout, Report, Run, Settings, Until};
use ecs_pipeline_core::event::Events;
use ecs_pipeline_core::model::{Change, End, ServiceRef, TaskDefinitionSource};
use ecs_pipeline_core::provider::{Deployer, TaskRequest};
use ecs_pipeline_core::{Hint, ProviderError};
use ecs_pipeline_infra::application::Strategy;
use tokio_util::sync::CancellationToken;

use super::ground::{Ground, definition};

/// Something that a pipeline does; those before it have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// A good version, with a migration before it, gates, and a smoke test after it.
    Deploy,
    /// How does it stand?
    Look,
    /// A version that crashes; it is rolled back by itself.
    Crash,
    /// A version whose traffic waits for somebody's word, and gets it.
    Hold,
    /// A version that takes too long; it is taken back while its deployment goes on.
    TakeBack,
    /// A version whose migration does not end; it is stopped.
    EndlessMigration,
    /// The version before, after the deployment has succeeded.
    RollBack,
}

/// How a deed ended, and all that was said.
pub(super) struct Told {
    pub(super) is_well: bool,
    pub(super) text: String,
}

impl Deed {
    pub(super) fn all(strategy: &Strategy) -> Vec<Self> {
        let mut all = vec![
            Self::Deploy,
            Self::Look,
            Self::Crash,
            Self::Hold,
            Self::TakeBack,
            Self::EndlessMigration,
            Self::RollBack,
        ];
        all.retain(|deed| *deed != Self::Hold || strategy.shifts());
        all
    }

    pub(super) async fn act(self, ground: &Ground) -> Told {
        let by = By::new(ground);
        match self {
            Self::Deploy => by.deploy("good", End::Succeeded, by.checks(600)).await,
            Self::Look => by.look().await,
            Self::Crash => by.deploy("crash", End::RolledBack, Checks::none()).await,
            Self::Hold => by.hold().await,
            Self::TakeBack => by.take_back().await,
            Self::EndlessMigration => by.deploy("endless", End::Failed, by.checks(60)).await,
            Self::RollBack => by.roll_back().await,
        }
    }
}

/// The clients with which deeds are done.
struct By<'g> {
    ground: &'g Ground,
    service: ServiceRef,
}

impl<'g> By<'g> {
    fn new(ground: &'g Ground) -> Self {
        Self {
            ground,
            service: ServiceRef::new("demo", "web"),
        }
    }

    fn ecs(&self) -> EcsDeployer {
        let aws = &self.ground.aws;
        EcsDeployer::new(aws)
            .with_logs(aws)
            .with_load_balancing(aws)
    }

    fn deployer(&self) -> Box<dyn Deployer> {
        let Strategy::Codedeploy { bucket, .. } = &self.ground.strategy else {
            return Box::new(self.ecs());
        };
        let aws = &self.ground.aws;
        let mut settings = CodeDeploySettings::default();
        if let Some(bucket) = bucket {
            settings.revision = RevisionStore::S3 {
                bucket: bucket.clone(),
                prefix: String::new(),
            };
        }
        let deployer = CodeDeployDeployer::new(aws, settings);
        Box::new(deployer.with_logs(aws).with_load_balancing(aws))
    }

    /// A migration, both gates, and a smoke test.
    fn checks(&self, limit: u64) -> Checks {
        let aws = &self.ground.aws;
        let alarms = AlarmGate::new(aws, ["errors"]).unwrap();
        let targets = TargetHealthGate::new(aws, self.service.clone());
        let job = |name: &str| {
            let command = vec![format!("./{name}")];
            let request = TaskRequest::new(name, self.service.clone(), "web", command);
            let runner = EcsTaskRunner::new(aws).with_logs(aws);
            Job::new(Arc::new(runner), request).within(Duration::from_secs(limit))
        };
        let mut checks = Checks::gates(vec![
            Gate::new(Arc::new(alarms)),
            Gate::new(Arc::new(targets)),
        ]);
        checks.before = vec![job("migrate")];
        checks.after = vec![job("smoke")];
        checks
    }

    async fn deploy(&self, marker: &str, end: End, checks: Checks) -> Told {
        let mut settings = Settings::default();
        // Longer than CodeDeploy gives the new tasks to become healthy.
        settings.limit = Duration::from_secs(3 * 60 * 60);
        self.run(settings, marker, end, checks).await
    }

    async fn take_back(&self) -> Told {
        if self.ground.strategy.is_shifted_by_ecs() {
            return self.take_back_from_baking().await;
        }
        let mut settings = Settings::default();
        settings.limit = Duration::from_secs(600);
        settings.on_timeout = OnTimeout::Rollback;
        self.run(settings, "slow", End::RolledBack, Checks::none())
            .await
    }

    async fn take_back_from_baking(&self) -> Told {
        let mut settings = Settings::default();
        settings.until = Some(Until::Stage("BAKE_TIME".to_owned()));
        let baking = self.run(settings, "late", End::Reached, Checks::none());
        let mut baking = baking.await;
        if baking.is_well {
            let back = self.roll_back().await;
            baking.is_well = back.is_well;
            baking.text.push_str(&back.text);
        }
        baking
    }

    async fn run(&self, settings: Settings, marker: &str, end: End, checks: Checks) -> Told {
        let source = TaskDefinitionSource::Document(definition(marker));
        let change = Change::new(self.service.clone(), source);
        let deployer = self.deployer();
        let deploy = async |run: Run| run.deploy(deployer.as_ref(), &change, &checks).await;
        told(settings, end, deploy).await
    }

    async fn look(&self) -> Told {
        let targets = TargetHealthGate::new(&self.ground.aws, self.service.clone());
        let ecs = self.ecs();
        let looked = async {
            ecs.controller(&self.service).await?;
            ecs.status(&self.service).await?;
            self.deployer().current(&self.service).await?;
            targets.load_balancer_url().await
        };
        of_result(looked.await.map(|_| ()))
    }

    async fn hold(&self) -> Told {
        self.ground.hold(true);
        let told = match self.ground.strategy.is_shifted_by_ecs() {
            true => self.hold_at_a_hook().await,
            false => self.hold_until_ready().await,
        };
        self.ground.hold(false);
        told
    }

    async fn hold_at_a_hook(&self) -> Told {
        let mut settings = Settings::default();
        settings.until = Some(Until::Stage("POST_TEST_TRAFFIC_SHIFT".to_owned()));
        let held = self.run(settings, "held", End::Reached, Checks::none());
        let held = held.await;
        if !held.is_well {
            return held;
        }
        let deployer = self.deployer();
        let proceed = async |run: Run| match deployer.current(&self.service).await {
            Ok(current) => {
                let checks = Checks::none();
                run.proceed(deployer.as_ref(), current, &checks).await
            }
            Err(error) => Report::of_error(&error, ""),
        };
        told(Settings::default(), End::Succeeded, proceed).await
    }

    /// CodeDeploy's deployment is followed by one, and let go on by another.
    async fn hold_until_ready(&self) -> Told {
        let other = self.deployer();
        let word = async {
            tokio::time::sleep(Duration::from_secs(600)).await;
            let current = other.current(&self.service).await?;
            other.proceed(&current).await
        };
        let deploy = self.deploy("held", End::Succeeded, Checks::none());
        let (mut told, word) = tokio::join!(deploy, word);
        let word = of_result(word);
        told.is_well &= word.is_well;
        told.text.push_str(&word.text);
        told
    }

    async fn roll_back(&self) -> Told {
        let deployer = self.deployer();
        let back = async |run: Run| match deployer.current(&self.service).await {
            Ok(current) => run.roll_back(deployer.as_ref(), &current).await,
            Err(error) => Report::of_error(&error, ""),
        };
        told(Settings::default(), End::Succeeded, back).await
    }
}

/// What a run says, to its last word.
async fn told(settings: Settings, end: End, act: impl AsyncFnOnce(Run) -> Report) -> Told {
    let (events, mut stream) = Events::channel();
    let run = Run::new(settings, events, CancellationToken::new());
    let report = act(run).await;
    let mut text = format!("{report:#?}\n");
    while let Some(event) = stream.try_next() {
        text.push_str(&serde_json::to_string(&event).unwrap());
        text.push('\n');
    }
    Told {
        is_well: report.end == end,
        text,
    }
}

fn of_result(result: Result<(), ProviderError>) -> Told {
    let text = result.as_ref().err().map(|error| {
        let hint = error.hint().unwrap_or_default();
        format!("{error}; {hint}")
    });
    Told {
        is_well: result.is_ok(),
        text: text.unwrap_or_default(),
    }
}
