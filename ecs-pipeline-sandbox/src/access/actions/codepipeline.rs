//! CodePipeline.

use crate::access::Request;

use super::{Asked, pass_role};

pub(super) fn needed(asked: &Asked<'_>) -> Vec<Request> {
    let own = |resource: &str| vec![asked.own("codepipeline", asked.arn("codepipeline", resource))];
    let pipeline = asked.named("pipelineName");
    match asked.operation {
        "CreatePipeline" | "UpdatePipeline" => {
            let declared = |member: &str| asked.input.get("pipeline")?.get(member)?.as_str();
            let mut needed = own(declared("name").unwrap_or_default());
            let place = asked.world.place();
            let role = declared("roleArn");
            needed.extend(role.map(|role| pass_role(place, role, "codepipeline.amazonaws.com")));
            needed
        }
        "GetPipeline" | "DeletePipeline" | "GetPipelineState" | "StartPipelineExecution" => {
            own(asked.named("name"))
        }
        "ListPipelines" => vec![asked.own("codepipeline", "*")],
        "StopPipelineExecution"
        | "GetPipelineExecution"
        | "ListPipelineExecutions"
        | "ListActionExecutions" => own(pipeline),
        "RetryStageExecution" => own(&format!("{pipeline}/{}", asked.named("stageName"))),
        "PutApprovalResult" => {
            let (stage, action) = (asked.named("stageName"), asked.named("actionName"));
            own(&format!("{pipeline}/{stage}/{action}"))
        }
        _ => Vec::new(),
    }
}
