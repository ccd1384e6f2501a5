//! Lambda functions, as far as a deployment calls them: what a test says that they answer.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::Value;

/// What a function answers: its result, or the text of the error that it ended with.
pub type FunctionAnswer = BoxFuture<'static, Result<Value, String>>;

type Function = Arc<dyn Fn(Value) -> FunctionAnswer + Send + Sync>;

/// The functions that are defined; clones share them.
#[derive(Clone, Default)]
pub struct Functions {
    by_name: Arc<Mutex<HashMap<String, Function>>>,
}

impl Functions {
    /// Defines a function, or replaces it. `name` is its name or its ARN; by its name it is found
    /// whatever way it is asked for. It gets the event, and what it answers reaches whoever
    /// invoked it.
    pub fn answer_with<F>(&self, name: impl Into<String>, function: F)
    where
        F: Fn(Value) -> FunctionAnswer + Send + Sync + 'static,
    {
        self.lock().insert(name.into(), Arc::new(function));
    }

    /// Calls a function by its name or its ARN.
    pub(crate) async fn invoke(&self, function: &str, payload: Value) -> Result<Value, String> {
        let defined = self.find(function);
        match defined {
            Some(defined) => defined(payload).await,
            None => Err(format!("Function not found: {function}")),
        }
    }

    fn find(&self, function: &str) -> Option<Function> {
        let by_name = self.lock();
        let found = by_name.get(function);
        found.or_else(|| by_name.get(name_in(function))).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Function>> {
        // A panic elsewhere cannot leave the map half changed.
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}

/// The name in `arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER`, in
/// `ACCOUNT:function:NAME`, and in `NAME:QUALIFIER`.
fn name_in(function: &str) -> &str {
    let unqualified = match function.split_once("function:") {
        Some((_, name)) => name,
        None => function,
    };
    match unqualified.split_once(':') {
        Some((name, _)) => name,
        None => unqualified,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_function_is_found_by_name_and_by_arn() {
        let functions = Functions::default();
        functions.answer_with("hook", |event| {
            Box::pin(async move { Ok(json!({ "seen": event })) })
        });
        functions.answer_with(
            "arn:aws:lambda:us-east-1:123456789012:function:exact",
            |_| Box::pin(async { Err("Task timed out after 3.00 seconds".to_owned()) }),
        );
        for name in [
            "hook",
            "hook:2",
            "arn:aws:lambda:us-east-1:123456789012:function:hook",
            "arn:aws:lambda:us-east-1:123456789012:function:hook:$LATEST",
            "123456789012:function:hook",
        ] {
            let answer = functions.invoke(name, json!(1)).await;
            assert_eq!(answer, Ok(json!({ "seen": 1 })), "{name}");
        }
        let exact = "arn:aws:lambda:us-east-1:123456789012:function:exact";
        assert_eq!(
            functions.invoke(exact, Value::Null).await,
            Err("Task timed out after 3.00 seconds".into())
        );
        assert_eq!(
            functions
                .invoke("arn:aws:lambda:x:1:function:none", Value::Null)
                .await,
            Err("Function not found: arn:aws:lambda:x:1:function:none".into())
        );
        assert_eq!(format!("{:?}", Functions::default()), "{}");
    }
}
