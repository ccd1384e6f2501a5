"""Deletes what create.py has created, in the order that AWS asks for, and prints every answer."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

ecr, ecs, elb = (boto3.client(name) for name in ("ecr", "ecs", "elbv2"))
answers = {}


def keep(name, answer):
    answer.pop("ResponseMetadata", None)
    answers[name] = answer
    return answer


def refused(name, call, **arguments):
    try:
        call(**arguments)
        answers[name] = "done"
    except ClientError as error:
        answers[name] = error.response["Error"]["Code"]


balancer = elb.describe_load_balancers(Names=["front"])["LoadBalancers"][0]["LoadBalancerArn"]
group = elb.describe_target_groups(Names=["front"])["TargetGroups"][0]["TargetGroupArn"]
listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
rules = elb.describe_rules(ListenerArn=listener)["Rules"]
rule = next(rule["RuleArn"] for rule in rules if not rule["IsDefault"])

refused("cluster_in_use", ecs.delete_cluster, cluster="shop")
refused("service_in_use", ecs.delete_service, cluster="shop", service="front")
refused("group_in_use", elb.delete_target_group, TargetGroupArn=group)
keep("scaled", ecs.update_service(cluster="shop", service="front", desiredCount=0))
ecs.get_waiter("services_stable").wait(
    cluster="shop", services=["front"], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
)
keep("deleted", ecs.delete_service(cluster="shop", service="front"))
ecs.get_waiter("services_inactive").wait(
    cluster="shop", services=["front"], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
)
elb.delete_rule(RuleArn=rule)
elb.delete_listener(ListenerArn=listener)
elb.delete_load_balancer(LoadBalancerArn=balancer)
elb.get_waiter("load_balancers_deleted").wait(
    LoadBalancerArns=[balancer], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
)
elb.delete_target_group(TargetGroupArn=group)
keep("deregistered", ecs.deregister_task_definition(taskDefinition="front:1"))
keep("listed", ecs.list_task_definitions(familyPrefix="front"))
ecr.delete_repository(repositoryName="team/front")
refused("repository", ecr.describe_repositories, repositoryNames=["team/front"])
keep("cluster", ecs.delete_cluster(cluster="shop"))
json.dump(answers, sys.stdout, default=str)
