//! Faults that a test or a rehearsal asks for.
//!
//! Two kinds: those of the AWS API ([`ApiFault`]), which strike the next matching requests, and
//! those of tasks ([`TaskFault`]), which strike every task of the named task definition.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A fault of the AWS API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiFault {
    /// `ThrottlingException`, HTTP 400.
    Throttle,
    /// A proper AWS error with HTTP 500.
    ServerError,
    /// HTTP 500 with an HTML page, as a broken proxy answers.
    HtmlError,
    /// The connection is dropped before anything happened.
    DropBefore,
    /// The request takes effect, and then the connection is dropped.
    DropAfter,
    /// This AWS error, HTTP 400.
    Refuse {
        /// The exception's name.
        code: String,
        /// Its text.
        message: String,
    },
}

/// A fault of tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskFault {
    /// The container runs, and is killed moments later, before it is ready: until then its health
    /// checks are refused.
    CrashLoop,
    /// The load balancer's health checks are answered with 503.
    Unhealthy,
    /// The image is gone from the registry when the task wants to pull it.
    MissingImage,
}

/// The faults that are set; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    api: Vec<(String, ApiFault, u32)>,
    tasks: HashMap<String, TaskFault>,
}

impl Faults {
    /// The next `times` requests for `operation` (such as `UpdateService`) meet this fault.
    pub fn fail_api(&self, operation: &str, fault: ApiFault, times: u32) {
        self.lock().api.push((operation.into(), fault, times));
    }

    /// Every task of this `family:revision` meets this fault. The revision need not exist yet.
    pub fn fail_tasks(&self, task_definition: &str, fault: TaskFault) {
        self.lock().tasks.insert(task_definition.into(), fault);
    }

    /// Tasks of this `family:revision` meet no fault any more. An unhealthy one recovers.
    pub fn heal_tasks(&self, task_definition: &str) {
        self.lock().tasks.remove(task_definition);
    }

    /// The fault that a request for `operation` meets, which is used up by asking.
    #[must_use]
    pub fn take_api(&self, operation: &str) -> Option<ApiFault> {
        let mut inner = self.lock();
        let at = inner
            .api
            .iter()
            .position(|(name, _, _)| name == operation)?;
        let entry = inner.api.get_mut(at)?;
        let fault = entry.1.clone();
        entry.2 = entry.2.saturating_sub(1);
        if entry.2 == 0 {
            inner.api.remove(at);
        }
        Some(fault)
    }

    /// The fault that tasks of this `family:revision` meet.
    #[must_use]
    pub fn of_tasks(&self, task_definition: &str) -> Option<TaskFault> {
        self.lock().tasks.get(task_definition).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave the lists half changed.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
