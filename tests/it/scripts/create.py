"""Creates a service behind a load balancer from nothing, and prints every answer as JSON.

    create.py NETWORK_MODE IMAGE PORT
"""

import json
import sys

import boto3

network, image, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
awsvpc = network == "awsvpc"
ecr, ecs, elb = (boto3.client(name) for name in ("ecr", "ecs", "elbv2"))
subnets = ["subnet-1", "subnet-2"]
answers = {}


def keep(name, answer):
    answer.pop("ResponseMetadata", None)
    answers[name] = answer
    return answer


keep("identity", boto3.client("sts").get_caller_identity())
keep("cluster", ecs.create_cluster(clusterName="shop"))
keep("repository", ecr.create_repository(repositoryName="team/front"))
keep("repositories", ecr.describe_repositories(repositoryNames=["team/front"]))

definition = {
    "family": "front",
    "networkMode": network,
    "containerDefinitions": [
        {
            "name": "app",
            "image": image,
            "essential": True,
            "memory": 128,
            "environment": [{"name": "COLOUR", "value": "blue"}],
            "portMappings": [
                {"containerPort": 8080} if awsvpc else {"containerPort": 8080, "hostPort": 0}
            ],
        }
    ],
}
if awsvpc:
    definition |= {
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    }
keep("definition", ecs.register_task_definition(**definition))
keep("described_definition", ecs.describe_task_definition(taskDefinition="front"))

balancer = keep("balancer", elb.create_load_balancer(Name="front", Subnets=subnets))
balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[balancer])
group = keep(
    "group",
    elb.create_target_group(
        Name="front",
        Protocol="HTTP",
        Port=80,
        VpcId="vpc-1",
        TargetType="ip" if awsvpc else "instance",
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=9,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=4,
        Matcher={"HttpCode": "200-299"},
    ),
)
group = group["TargetGroups"][0]["TargetGroupArn"]
keep(
    "attributes",
    elb.modify_target_group_attributes(
        TargetGroupArn=group,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}],
    ),
)
listener = keep(
    "listener",
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=port,
        DefaultActions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {"StatusCode": "404", "MessageBody": "nothing here"},
            }
        ],
    ),
)
listener = listener["Listeners"][0]["ListenerArn"]
keep(
    "rule",
    elb.create_rule(
        ListenerArn=listener,
        Priority=10,
        Conditions=[{"Field": "path-pattern", "Values": ["/app", "/app/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
    ),
)

service = {
    "cluster": "shop",
    "serviceName": "front",
    "taskDefinition": "front",
    "desiredCount": 2,
    "loadBalancers": [
        {"targetGroupArn": group, "containerName": "app", "containerPort": 8080}
    ],
    "deploymentConfiguration": {
        "minimumHealthyPercent": 100,
        "maximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    },
    "tags": [{"key": "team", "value": "shop"}],
}
if awsvpc:
    service |= {
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": subnets}},
    }
keep("service", ecs.create_service(**service))
ecs.get_waiter("services_stable").wait(
    cluster="shop", services=["front"], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
)
elb.get_waiter("target_in_service").wait(
    TargetGroupArn=group, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
)

keep("clusters", ecs.describe_clusters(clusters=["shop"]))
keep("services", ecs.describe_services(cluster="shop", services=["front", "ghost"], include=["TAGS"]))
tasks = keep("listed", ecs.list_tasks(cluster="shop", serviceName="front"))["taskArns"]
keep("tasks", ecs.describe_tasks(cluster="shop", tasks=tasks))
keep("health", elb.describe_target_health(TargetGroupArn=group))
keep("balancers", elb.describe_load_balancers(Names=["front"]))
keep("groups", elb.describe_target_groups(LoadBalancerArn=balancer))
keep("listeners", elb.describe_listeners(LoadBalancerArn=balancer))
keep("rules", elb.describe_rules(ListenerArn=listener))
keep("deployments", ecs.list_service_deployments(cluster="shop", service="front"))
arn = answers["deployments"]["serviceDeployments"][0]["serviceDeploymentArn"]
keep("deployment", ecs.describe_service_deployments(serviceDeploymentArns=[arn]))
json.dump(answers, sys.stdout, default=str)
