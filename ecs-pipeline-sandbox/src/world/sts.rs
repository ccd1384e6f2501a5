//! Security Token Service: who the caller is.

use serde_json::{Value, json};

use super::{ApiError, World};
use crate::access::Identity;

impl World {
    pub(super) fn call_sts(&mut self, operation: &str, _input: Value) -> Result<Value, ApiError> {
        let account = &self.arns.place().account;
        match operation {
            "GetCallerIdentity" => Ok(json!({
                "UserId": "AIDASANDBOX",
                "Account": account,
                "Arn": Identity::of_api(self.caller, account).arn,
            })),
            other => Err(ApiError::not_implemented("STS", other)),
        }
    }
}
