//! Pipelines: creating, changing and deleting them, and who may enter a stage.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::declaration::{self, Declaration};
use super::execution::{Execution, Start, Status, Trigger};
use super::input::{page, read, required};
use super::{ApiError, CodePipeline, Time, World, structure};

#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) declaration: Arc<Declaration>,
    /// As GetPipeline shows them; the first one is version 1.
    versions: Vec<Value>,
    pub(super) created: Time,
    pub(super) updated: Time,
    /// From the oldest to the newest.
    pub(super) executions: Vec<Execution>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    name: Option<String>,
    version: Option<u32>,
    pipeline: Option<Value>,
    tags: Option<Value>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

impl Pipeline {
    /// The number of the newest version.
    pub(super) fn version(&self) -> u32 {
        u32::try_from(self.versions.len()).unwrap_or(u32::MAX)
    }

    /// Begins an execution of the newest version: its id.
    pub(super) fn begin(&mut self, world: &mut World, trigger: Trigger, start: Start) -> String {
        let of = (self.version(), self.declaration.clone());
        let execution = Execution::new(world, of, trigger, start);
        let id = execution.id.clone();
        self.executions.push(execution);
        id
    }

    /// Moves every execution as far as it can be moved now; whether one moved.
    pub(super) fn advance(&mut self, world: &mut World) -> bool {
        let mut ever = false;
        loop {
            let mut moved = false;
            for execution in &mut self.executions {
                moved |= execution.work(world);
            }
            moved |= self.let_in(world.now);
            if !moved {
                return ever;
            }
            ever = true;
        }
    }

    /// A stage has one execution at a time. Of those that wait for it the newest takes the place of the
    /// others, which are superseded
    /// (<https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html>).
    fn let_in(&mut self, now: Time) -> bool {
        let mut moved = false;
        let stages = self.executions.iter().map(Execution::stage);
        let stages: BTreeSet<String> = stages.map(str::to_owned).collect();
        for stage in &stages {
            let mut executions = self.executions.iter();
            let taken = executions.any(|execution| execution.occupies(stage));
            let waiting = self.executions.iter_mut().rev();
            let mut waiting = waiting.filter(|execution| execution.waits_for(stage));
            let newest = waiting.next();
            for older in waiting {
                older.end(now, Status::Superseded);
                moved = true;
            }
            if let Some(newest) = newest.filter(|_| !taken) {
                newest.waits = false;
                newest.updated = now;
                moved = true;
            }
        }
        moved
    }

    fn summary(&self) -> Value {
        let newest = self.versions.last();
        let shown = |member: &str| newest.map_or(Value::Null, |version| version[member].clone());
        json!({
            "name": self.declaration.name,
            "version": self.version(),
            "pipelineType": shown("pipelineType"),
            "executionMode": shown("executionMode"),
            "created": self.created.epoch_seconds(),
            "updated": self.updated.epoch_seconds(),
        })
    }
}

impl CodePipeline {
    /// Creates a pipeline, which runs at once.
    pub(super) fn create(&mut self, world: &mut World, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let given = required(input.pipeline, "pipeline")?;
        let declaration = checked(world, &given)?;
        let name = declaration.name.clone();
        if self.pipelines.contains_key(&name) {
            return Err(ApiError::client(
                "PipelineNameInUseException",
                format!(
                    "A pipeline with the name '{name}' already exists in account '{}'",
                    self.account
                ),
            ));
        }
        let shown = declaration::shown(&given, 1);
        let mut pipeline = Pipeline {
            declaration,
            versions: vec![shown.clone()],
            created: world.now,
            updated: world.now,
            executions: Vec::new(),
        };
        let trigger = Trigger {
            kind: "CreatePipeline",
            detail: format!("arn:aws:iam::{}:root", self.account),
        };
        let start = Start {
            variables: super::requests::defaults(&pipeline.declaration),
            ..Start::default()
        };
        pipeline.begin(world, trigger, start);
        self.pipelines.insert(name, pipeline);
        let mut answer = json!({"pipeline": shown});
        if let Some(tags) = input.tags {
            answer["tags"] = tags;
        }
        Ok(answer)
    }

    /// Executions that go on keep the version that they were started with.
    pub(super) fn update(&mut self, world: &World, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let given = required(input.pipeline, "pipeline")?;
        let declaration = checked(world, &given)?;
        let pipeline = self.pipeline_mut(Some(declaration.name.clone()), "pipeline.name")?;
        let shown = declaration::shown(&given, pipeline.version() + 1);
        pipeline.declaration = declaration;
        pipeline.versions.push(shown.clone());
        pipeline.updated = world.now;
        Ok(json!({"pipeline": shown}))
    }

    pub(super) fn get(&self, world: &World, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let pipeline = self.pipeline(input.name, "name")?;
        let name = &pipeline.declaration.name;
        let version = input.version.unwrap_or(pipeline.version());
        let at = version
            .checked_sub(1)
            .and_then(|at| usize::try_from(at).ok());
        let shown = at.and_then(|at| pipeline.versions.get(at)).ok_or_else(|| {
            ApiError::client(
                "PipelineVersionNotFoundException",
                format!("Pipeline '{name}' does not have a version '{version}'"),
            )
        })?;
        Ok(json!({
            "pipeline": shown,
            "metadata": {
                "pipelineArn": world.arns.codepipeline(name),
                "created": pipeline.created.epoch_seconds(),
                "updated": pipeline.updated.epoch_seconds(),
            },
        }))
    }

    /// Deleting what is not there succeeds, as in AWS.
    pub(super) fn delete(&mut self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        self.pipelines.remove(&required(input.name, "name")?);
        Ok(json!({}))
    }

    pub(super) fn list(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let all: Vec<Value> = self.pipelines.values().map(Pipeline::summary).collect();
        let (shown, next) = page(all, input.max_results, input.next_token.as_deref())?;
        Ok(super::view::listed("pipelines", shown, next))
    }

    pub(super) fn pipeline(
        &self,
        name: Option<String>,
        member: &str,
    ) -> Result<&Pipeline, ApiError> {
        let name = required(name, member)?;
        self.pipelines.get(&name).ok_or_else(|| self.missing(&name))
    }

    pub(super) fn pipeline_mut(
        &mut self,
        name: Option<String>,
        member: &str,
    ) -> Result<&mut Pipeline, ApiError> {
        let name = required(name, member)?;
        let missing = self.missing(&name);
        self.pipelines.get_mut(&name).ok_or(missing)
    }

    fn missing(&self, name: &str) -> ApiError {
        ApiError::client(
            "PipelineNotFoundException",
            format!(
                "Account '{}' does not have a pipeline with name '{name}'",
                self.account
            ),
        )
    }
}

fn checked(world: &World, given: &Value) -> Result<Arc<Declaration>, ApiError> {
    let declaration = Declaration::read(given)?;
    structure::check(&declaration, &world.arns.place().region)?;
    Ok(Arc::new(declaration))
}
