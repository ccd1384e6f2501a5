//! Lambda functions: who asked for one gets its answer.

use serde_json::Value;

use super::World;

impl World {
    /// Hands a function's answer to who asked, as the id's prefix says. An answer that nobody
    /// waits for any more is dropped, as Lambda's would be.
    pub(super) fn function_answered(&mut self, id: String, answer: Result<Value, String>) {
        if id.starts_with("ecs-hook-") {
            self.ecs.hook_answered(self.now, &id, answer);
        } else if let Some(execution) = id.strip_prefix(super::codedeploy::HOOK_PREFIX) {
            self.codedeploy.function_answered(execution, answer);
        }
    }
}
