use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::error::{ErrorKind, ProviderError};
use crate::model::TaskDefinitionArn;
use crate::provider::{RunningTask, TaskObservation, TaskRequest, TaskRunner, TaskState};

/// Pretends to run tasks: each is seen running once, and then it has ended. One whose command is
/// `sleep` runs until it is stopped.
#[derive(Debug, Default)]
pub struct MemoryTaskRunner {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    exit_codes: VecDeque<Option<i32>>,
    tasks: Vec<Task>,
}

#[derive(Debug)]
struct Task {
    request: TaskRequest,
    exit_code: Option<i32>,
    looks: u32,
    stopped: bool,
    /// Whether it runs until it is stopped.
    endless: bool,
}

impl MemoryTaskRunner {
    /// A runner whose tasks end with these exit codes in turn, and then with 0. `None` is a
    /// container that never ran.
    #[must_use]
    pub fn new(exit_codes: impl IntoIterator<Item = Option<i32>>) -> Self {
        let state = State {
            exit_codes: exit_codes.into_iter().collect(),
            tasks: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// The tasks that were started, in order.
    #[must_use]
    pub fn started(&self) -> Vec<TaskRequest> {
        let state = lock(&self.state);
        state
            .tasks
            .iter()
            .map(|task| task.request.clone())
            .collect()
    }

    /// How many of them were stopped before they ended by themselves.
    #[must_use]
    pub fn stopped(&self) -> usize {
        let state = lock(&self.state);
        state.tasks.iter().filter(|task| task.stopped).count()
    }
}

#[async_trait]
impl TaskRunner for MemoryTaskRunner {
    async fn start(
        &self,
        task: &TaskRequest,
        revision: &TaskDefinitionArn,
    ) -> Result<RunningTask, ProviderError> {
        let mut state = lock(&self.state);
        let exit_code = state.exit_codes.pop_front().unwrap_or(Some(0));
        let arn = format!("simulated/{}", state.tasks.len());
        state.tasks.push(Task {
            request: task.clone(),
            exit_code,
            looks: 0,
            stopped: false,
            endless: task.command.first().is_some_and(|word| word == "sleep"),
        });
        let cluster = task.service.cluster.clone();
        Ok(RunningTask::new(
            cluster,
            arn,
            &task.container,
            revision.clone(),
        ))
    }

    async fn observe(&self, task: &RunningTask) -> Result<TaskObservation, ProviderError> {
        let mut state = lock(&self.state);
        let found = state.find(task)?;
        found.looks += 1;
        if !found.stopped && (found.endless || found.looks == 1) {
            let line = format!("{} (simulated)", found.request.name);
            let lines = if found.looks == 1 {
                vec![line]
            } else {
                Vec::new()
            };
            return Ok(TaskObservation::new(TaskState::Running, lines));
        }
        let state = TaskState::Stopped {
            exit_code: found.exit_code,
            reason: "Essential container in task exited".to_owned(),
        };
        Ok(TaskObservation::new(state, Vec::new()))
    }

    async fn stop(&self, task: &RunningTask, _reason: &str) -> Result<(), ProviderError> {
        lock(&self.state).find(task)?.stopped = true;
        Ok(())
    }
}

impl State {
    fn find(&mut self, task: &RunningTask) -> Result<&mut Task, ProviderError> {
        let place = task.id().parse::<usize>().ok();
        place
            .and_then(|place| self.tasks.get_mut(place))
            .ok_or_else(|| {
                ProviderError::new(
                    ErrorKind::NotFound,
                    "simulated task",
                    task.arn.clone(),
                    "no such task",
                )
            })
    }
}
