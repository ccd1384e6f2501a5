//! The tasks that run, and what they have been told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::world::{Observation, TaskId};

/// What a task is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    /// End the containers at once, as a crash would, and wait for `Stop`.
    Kill,
    /// End the containers, with this much sandbox time to do it by themselves, and be gone.
    Stop(Duration),
}

/// A task's end of the line.
#[derive(Debug)]
pub(super) struct Orders(watch::Receiver<Order>);

impl Orders {
    /// The next order.
    pub(super) async fn next(&mut self) -> Order {
        match self.0.changed().await {
            Ok(()) => *self.0.borrow_and_update(),
            // The runner is gone, and with it whoever could have stopped the task.
            Err(_) => Order::Stop(Duration::ZERO),
        }
    }

    /// Resolves when the task is to stop, with the grace that its containers have.
    pub(super) async fn stop(&mut self) -> Duration {
        loop {
            if let Order::Stop(grace) = self.next().await {
                return grace;
            }
        }
    }
}

/// Every task that has begun and not yet ended; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    lines: Arc<Mutex<HashMap<TaskId, watch::Sender<Order>>>>,
    tracker: TaskTracker,
}

impl Running {
    /// Runs a task's life, which ends after it was told to stop.
    pub(super) fn spawn<F>(&self, task: TaskId, life: impl FnOnce(Orders) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (line, orders) = watch::channel(Order::Run);
        self.lock().insert(task.clone(), line);
        let life = life(Orders(orders));
        let all = self.clone();
        self.tracker.spawn(async move {
            life.await;
            all.lock().remove(&task);
        });
    }

    /// Whether there is such a task, which has now been told.
    pub(super) fn tell(&self, task: &TaskId, order: Order) -> bool {
        match self.lock().get(task) {
            Some(line) => {
                line.send_replace(order);
                true
            }
            None => false,
        }
    }

    /// Tells a task to stop. One that has ended already is reported as stopped at once.
    pub(super) fn stop(&self, task: TaskId, grace: Duration, seen: &UnboundedSender<Observation>) {
        if !self.tell(&task, Order::Stop(grace)) {
            let _ = seen.send(Observation::TaskStopped { task });
        }
    }

    /// Stops every task, and waits until all are gone or `limit` is over.
    pub(super) async fn stop_all(&self, grace: Duration, limit: Duration) {
        for line in self.lock().values() {
            line.send_replace(Order::Stop(grace));
        }
        self.tracker.close();
        if tokio::time::timeout(limit, self.tracker.wait())
            .await
            .is_err()
        {
            tracing::warn!("some tasks did not end in time");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, watch::Sender<Order>>> {
        // Each change is one call on the map, so it is never left half done.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
