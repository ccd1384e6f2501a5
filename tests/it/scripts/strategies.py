"""Blue/green by ECS itself with a pause, and what a pipeline needs of S3 and CloudWatch; prints what it saw.

    strategies.py ROUTES

ROUTES is JSON: groups, rules. Task definitions web:1 and web:2 and cluster c are there.
"""

import json
import sys
import time

import boto3

routes = json.loads(sys.argv[1])
ecs, s3, alarms = (boto3.client(name) for name in ("ecs", "s3", "cloudwatch"))
seen = {}


def deployment():
    listed = ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"]
    arns = [listed[0]["serviceDeploymentArn"]]
    return ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0]


def until(done):
    for _ in range(2000):
        found = deployment()
        if done(found):
            return found
        time.sleep(0.05)
    sys.exit(f"it does not come: {found}")


ecs.create_service(
    cluster="c",
    serviceName="web",
    taskDefinition="web:1",
    desiredCount=2,
    launchType="FARGATE",
    networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    deploymentConfiguration={
        "strategy": "BLUE_GREEN",
        "bakeTimeInMinutes": 1,
        "lifecycleHooks": [
            {
                "targetType": "PAUSE",
                "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"},
            }
        ],
    },
    loadBalancers=[
        {
            "targetGroupArn": routes["groups"][0],
            "containerName": "app",
            "containerPort": 8080,
            "advancedConfiguration": {
                "alternateTargetGroupArn": routes["groups"][1],
                "productionListenerRule": routes["rules"][0],
                "testListenerRule": routes["rules"][1],
                "roleArn": "arn:aws:iam::123456789012:role/infrastructure",
            },
        }
    ],
)


def held(found):
    hooks = found.get("lifecycleHookDetails", [])
    return next((hook for hook in hooks if hook["status"] == "AWAITING_ACTION"), None)


def go_on(action):
    found = until(held)
    seen[f"stage at {action}"] = found["lifecycleStage"]
    ecs.continue_service_deployment(
        serviceDeploymentArn=found["serviceDeploymentArn"],
        hookId=held(found)["hookId"],
        action=action,
    )


ended = {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}
until(lambda found: found["status"] in ended or held(found))
if held(deployment()):
    go_on("CONTINUE")
seen["created"] = until(lambda found: found["status"] in ended)["status"]

for action in ("ROLLBACK", "CONTINUE"):
    ecs.update_service(cluster="c", service="web", taskDefinition="web:2")
    until(lambda found: found["status"] not in ended)
    go_on(action)
    seen[action] = until(lambda found: found["status"] in ended)["status"]
    described = ecs.describe_services(cluster="c", services=["web"])["services"][0]
    seen[f"runs after {action}"] = described["taskDefinition"].rsplit("/")[-1]

s3.create_bucket(Bucket="revisions")
s3.put_object(Bucket="revisions", Key="web/appspec.json", Body=b"{}")
seen["object"] = s3.get_object(Bucket="revisions", Key="web/appspec.json")["Body"].read().decode()
seen["keys"] = [
    item["Key"] for item in s3.list_objects_v2(Bucket="revisions", Prefix="web/")["Contents"]
]

alarms.put_metric_alarm(
    AlarmName="web-5xx",
    Namespace="AWS/ApplicationELB",
    MetricName="HTTPCode_Target_5XX_Count",
    Statistic="Sum",
    Period=60,
    EvaluationPeriods=1,
    Threshold=1,
    ComparisonOperator="GreaterThanThreshold",
)
alarms.set_alarm_state(AlarmName="web-5xx", StateValue="ALARM", StateReason="a test")
found = alarms.describe_alarms(AlarmNames=["web-5xx"])["MetricAlarms"]
seen["alarm"] = found[0]["StateValue"]

json.dump(seen, sys.stdout)
