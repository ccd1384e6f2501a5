//! Drives the world: lets its time pass, carries out what it asks for, and tells it what came
//! of that.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::builds::Builds;
use crate::data_plane::DataPlane;
use crate::functions::Functions;
use crate::runner::Runner;
use crate::shared::Shared;
use crate::world::{BuildOrder, Effect, Invocation, Observation, Probe, Time};

/// What stands outside the world.
pub(super) struct Driver {
    shared: Shared,
    runner: Arc<dyn Runner>,
    /// `None` without sockets.
    data_plane: Option<Arc<DataPlane>>,
    functions: Functions,
    builds: Builds,
    seen: UnboundedSender<Observation>,
    seeing: UnboundedReceiver<Observation>,
}

impl Driver {
    pub(super) fn new(
        shared: Shared,
        runner: Arc<dyn Runner>,
        data_plane: Option<Arc<DataPlane>>,
        (functions, builds): (Functions, Builds),
    ) -> Self {
        let (seen, seeing) = unbounded_channel();
        Self {
            shared,
            runner,
            data_plane,
            functions,
            builds,
            seen,
            seeing,
        }
    }

    /// Goes on until it is dropped.
    pub(super) async fn drive(mut self) {
        let clock = self.shared.clock();
        loop {
            let next = self.carry_out().await;
            let due = async {
                match next {
                    Some(time) => {
                        tokio::time::sleep_until(clock.instant_of(time)).await;
                        time
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.shared.changed() => {}
                Some(observation) = self.seeing.recv() => self.tell(observation),
                // At a scaled speed the clock may be a rounding error short of the moment that
                // was slept for; the world must see that moment all the same.
                time = due => self.shared.lock().tick(clock.now().max(time)),
            }
        }
    }

    /// Carries out all that the world wants done now, and says when it wants to be ticked.
    async fn carry_out(&self) -> Option<Time> {
        let (effects, routes, next) = {
            let mut world = self.shared.lock();
            let routes = self.data_plane.is_some().then(|| world.routes());
            (world.take_effects(), routes, world.next_wakeup())
        };
        // Before a target is stopped, traffic must know that it is gone.
        if let (Some(data_plane), Some(routes)) = (&self.data_plane, routes) {
            data_plane.route(routes);
        }
        for effect in effects {
            self.carry_out_one(effect).await;
        }
        next
    }

    async fn carry_out_one(&self, effect: Effect) {
        tracing::debug!(?effect, "the world asks");
        match effect {
            Effect::StartTask(spec) => {
                tracing::info!(task = %spec.task.0, task_definition = %spec.task_definition, "starting a task");
                self.runner.start(spec, self.seen.clone());
            }
            Effect::StopTask { task, grace } => {
                tracing::info!(task = %task.0, "stopping a task");
                self.runner.stop(task, grace, self.seen.clone());
            }
            Effect::Probe(probe) => {
                tokio::spawn(ask(self.runner.clone(), probe, self.seen.clone()));
            }
            Effect::Invoke(invocation) => {
                tracing::info!(function = %invocation.function, "invoking a function");
                tokio::spawn(invoke(
                    self.functions.clone(),
                    invocation,
                    self.seen.clone(),
                ));
            }
            Effect::Build(order) => {
                tracing::info!(project = %order.request.project, "starting a build");
                tokio::spawn(build(self.builds.clone(), order, self.seen.clone()));
            }
            Effect::Listen { listener, port } => self.listen(listener, port).await,
            Effect::Unlisten { listener } => {
                if let Some(data_plane) = &self.data_plane {
                    data_plane.unlisten(&listener);
                    tracing::info!(listener, "a listener is closed");
                }
            }
        }
    }

    async fn listen(&self, listener: String, port: u16) {
        let Some(data_plane) = &self.data_plane else {
            return;
        };
        match data_plane.listen(listener.clone(), port).await {
            Ok(address) => tracing::info!(listener, %address, "a listener is open"),
            Err(error) => tracing::error!(listener, port, %error, "a listener cannot be opened"),
        }
    }

    /// Tells the world all that has been seen by now.
    fn tell(&mut self, first: Observation) {
        let mut observation = first;
        loop {
            tracing::debug!(?observation, "seen");
            self.shared.observe(observation);
            match self.seeing.try_recv() {
                Ok(next) => observation = next,
                Err(_) => return,
            }
        }
    }
}

async fn ask(runner: Arc<dyn Runner>, probe: Probe, seen: UnboundedSender<Observation>) {
    let outcome = runner.probe(&probe).await;
    // The sandbox may have stopped meanwhile: then nobody wants to know.
    let _ = seen.send(Observation::Probed {
        target_group: probe.target_group,
        target: probe.target,
        outcome,
    });
}

async fn invoke(functions: Functions, invocation: Invocation, seen: UnboundedSender<Observation>) {
    let Invocation {
        id,
        function,
        payload,
    } = invocation;
    let answer = functions.invoke(&function, payload).await;
    // As above: nobody may be left to be told.
    let _ = seen.send(Observation::Invoked { id, answer });
}

async fn build(builds: Builds, order: BuildOrder, seen: UnboundedSender<Observation>) {
    let BuildOrder { id, request } = order;
    let answer = builds.build(request).await;
    // As above.
    let _ = seen.send(Observation::Built { id, answer });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock::Clock;
    use crate::runner::{Script, ScriptedRunner};
    use crate::world::{Place, World};

    #[tokio::test]
    async fn a_function_answers_the_world() {
        let clock = Clock::start(Time::default(), 1.0);
        let shared = Shared::new(World::new(Place::default(), Time::default()), clock);
        let runner = Arc::new(ScriptedRunner::new(clock, Script::healthy()));
        let functions = Functions::default();
        functions.answer_with("hook", |event| {
            Box::pin(async move { Ok(json!({ "seen": event })) })
        });
        let mut driver = Driver::new(shared, runner, None, (functions, Builds::default()));
        for (function, answer) in [
            ("hook", Ok(json!({ "seen": 7 }))),
            ("none", Err("Function not found: none".to_owned())),
        ] {
            let invocation = Invocation {
                id: format!("for-{function}"),
                function: function.into(),
                payload: json!(7),
            };
            driver.carry_out_one(Effect::Invoke(invocation)).await;
            let expected = Observation::Invoked {
                id: format!("for-{function}"),
                answer,
            };
            assert_eq!(driver.seeing.recv().await, Some(expected));
        }
    }
}
