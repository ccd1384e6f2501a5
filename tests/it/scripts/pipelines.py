"""Creates pipelines, follows each to its end, and prints what became of it.

    pipelines.py PIPELINES

PIPELINES is a JSON list of declarations.
"""

import json
import sys
import time

import boto3

client = boto3.client("codepipeline")


def ended(name):
    while True:
        newest = client.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"][0]
        found = client.get_pipeline_execution(
            pipelineName=name, pipelineExecutionId=newest["pipelineExecutionId"]
        )["pipelineExecution"]
        if found["status"] != "InProgress":
            return found
        time.sleep(0.2)


def action(detail):
    result = detail["output"]["executionResult"]
    return {
        "status": detail["status"],
        "seconds": (detail["lastUpdateTime"] - detail["startTime"]).total_seconds(),
        "id": result.get("externalExecutionId"),
        "code": result.get("errorDetails", {}).get("code"),
        "error": result.get("errorDetails", {}).get("message"),
        "variables": detail["output"]["outputVariables"],
    }


declared = json.loads(sys.argv[1])
for pipeline in declared:
    client.create_pipeline(pipeline=pipeline)
seen = {}
for pipeline in declared:
    name = pipeline["name"]
    found = ended(name)
    details = client.list_action_executions(
        pipelineName=name,
        filter={"pipelineExecutionId": found["pipelineExecutionId"]},
    )["actionExecutionDetails"]
    seen[name] = {
        "status": found["status"],
        "revision": found["artifactRevisions"][0]["revisionId"],
        "actions": {detail["actionName"]: action(detail) for detail in details},
    }
json.dump(seen, sys.stdout)
