"""moto's server, with what its CloudFormation lacks (5.2.5).

With `--types`: the types of resources that it makes.
"""

import sys

from moto.cloudformation import parsing
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.ec2 import ec2_backends
from moto.ecs import ecs_backends
from moto.elbv2 import elbv2_backends
from moto.kms.models import Key
from moto.server import main

# `aws cloudformation deploy` uses change sets, and nothing else.
execute = CloudFormationBackend.execute_change_set


def execute_with_exports(self, change_set_name, stack_name=None):
    """A stack that a change set makes sees others' exports, and has outputs and exports of its own."""
    change_set = next(
        it
        for it in self.change_sets.values()
        if change_set_name in (it.change_set_id, it.change_set_name)
    )
    stack = self.stacks[change_set.stack_id]
    stack.resource_map.cross_stack_resources = self.exports
    execute(self, change_set_name, stack_name)
    stack._parse_template()
    stack.output_map = stack._create_output_map()
    self.exports.update({export.name: export for export in stack.exports})


def has_parameters(self, parameters):
    """What is not given has the value that it has: UsePreviousValue."""
    return all(self.parameters.get(name, value) == value for name, value in parameters.items())


CloudFormationBackend.execute_change_set = execute_with_exports
Stack.has_parameters = has_parameters
# UpdateStack fails where nothing changes; CreateChangeSet makes a change set that says so.
CloudFormationResponse._validate_different_update = lambda *_: None


create_key = Key.create_from_cloudformation_json.__func__


def create_key_with_tags(cls, name, resource, *args, **kwargs):
    """KMS's own calls have TagKey and TagValue, CloudFormation has Key and Value for all types."""
    properties = resource["Properties"]
    tags = [{"TagKey": it["Key"], "TagValue": it["Value"]} for it in properties.get("Tags", [])]
    resource = resource | {"Properties": properties | {"Tags": tags}}
    return create_key(cls, name, resource, *args, **kwargs)


Key.create_from_cloudformation_json = classmethod(create_key_with_tags)


def delete_route_table(ec2, table):
    for association in list(table._associations):
        ec2.disassociate_route_table(association)
    ec2.delete_route_table(table.id)


def delete_internet_gateway(ec2, gateway):
    if gateway.vpc:
        ec2.detach_internet_gateway(gateway.id, gateway.vpc.id)
    ec2.delete_internet_gateway(gateway.id)


def delete_endpoint(ec2, endpoint):
    """A gateway's routes go with their tables."""
    endpoint.route_table_ids = [it for it in endpoint.route_table_ids or [] if it in ec2.route_tables]
    ec2.delete_vpc_endpoints([endpoint.id])


def if_there(delete):
    """A listener goes with its load balancer, and its rules with it."""

    def deletes(backend, it):
        listeners = [x for balancer in backend.load_balancers.values() for x in balancer.listeners.values()]
        rules = [rule for listener in listeners for rule in listener.rules.values()]
        if it in listeners or it in rules:
            delete(backend, it)

    return deletes


# Types that it makes and does not delete.
DELETIONS = {
    "AWS::EC2::EIP": (ec2_backends, lambda ec2, it: ec2.release_address(allocation_id=it.allocation_id)),
    "AWS::EC2::InternetGateway": (ec2_backends, delete_internet_gateway),
    "AWS::EC2::NatGateway": (ec2_backends, lambda ec2, it: ec2.delete_nat_gateway(it.id)),
    "AWS::EC2::RouteTable": (ec2_backends, delete_route_table),
    "AWS::EC2::VPCEndpoint": (ec2_backends, delete_endpoint),
    "AWS::ECS::Cluster": (ecs_backends, lambda ecs, it: ecs.delete_cluster(it.name)),
    "AWS::ECS::Service": (ecs_backends, lambda ecs, it: ecs.delete_service(it.cluster_name, it.name, True)),
    "AWS::ECS::TaskDefinition": (ecs_backends, lambda ecs, it: ecs.deregister_task_definition(it.arn)),
    "AWS::ElasticLoadBalancingV2::Listener": (elbv2_backends, if_there(lambda elb, it: elb.delete_listener(it.arn))),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (elbv2_backends, if_there(lambda elb, it: elb.delete_rule(it.arn))),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (elbv2_backends, lambda elb, it: elb.delete_target_group(it.arn)),
}


TYPES = parsing.get_model_map()


def teach(kind, backends, delete):
    model = TYPES[kind]
    if hasattr(model, "delete") or "delete_from_cloudformation_json" in vars(model):
        sys.exit(f"moto deletes {kind} itself by now: take it out of {__file__}")
    model.delete = lambda self, account, region: delete(backends[account][region], self)


for kind, (backends, delete) in DELETIONS.items():
    teach(kind, backends, delete)


# What Fn::GetAtt asks of types that answer nothing.
ATTRIBUTES = {
    "AWS::AutoScaling::AutoScalingGroup": {"AutoScalingGroupARN": lambda it: it.arn},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "TargetGroupName": lambda it: it.name,
        "TargetGroupFullName": lambda it: it.arn.split(":")[-1],
    },
}


def teach_attributes(kind, attributes):
    model = TYPES[kind]
    if "get_cfn_attribute" in vars(model):
        sys.exit(f"{kind} has attributes by now: take it out of {__file__}")
    model.get_cfn_attribute = lambda self, name: attributes[name](self)


for kind, attributes in ATTRIBUTES.items():
    teach_attributes(kind, attributes)


class StandIn:
    """Of a type that moto does not make: whatever refers to it finds something."""

    def __init__(self, name):
        self.physical_resource_id = name

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, resource, account, region, **_):
        return cls(resource["Properties"].get("Name", resource_name))

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, name):
        return f"{self.physical_resource_id}.{name}"

    def delete(self, account, region):
        pass

    def is_created(self):
        return True


known_class = parsing.resource_class_from_type
parsing.resource_class_from_type = lambda kind: known_class(kind) if kind in TYPES else StandIn

if sys.argv[1:] == ["--types"]:
    print("\n".join(sorted(TYPES)))
else:
    main(sys.argv[1:])
