"""The ids of what there is in an account, by each service's own word, as JSON by types of resources."""

import json

import boto3
import jmespath

CLUSTER = {"cluster": "demo"}
THERE = {
    "AWS::AutoScaling::AutoScalingGroup": ("autoscaling", "describe_auto_scaling_groups", {}, "AutoScalingGroups[].AutoScalingGroupName"),
    "AWS::EC2::EIP": ("ec2", "describe_addresses", {}, "Addresses[].AllocationId"),
    "AWS::EC2::InternetGateway": ("ec2", "describe_internet_gateways", {}, "InternetGateways[].InternetGatewayId"),
    "AWS::EC2::LaunchTemplate": ("ec2", "describe_launch_templates", {}, "LaunchTemplates[].LaunchTemplateId"),
    "AWS::EC2::NatGateway": ("ec2", "describe_nat_gateways", {}, "NatGateways[?State!='deleted'].NatGatewayId"),
    "AWS::EC2::RouteTable": ("ec2", "describe_route_tables", {}, "RouteTables[].RouteTableId"),
    "AWS::EC2::SecurityGroup": ("ec2", "describe_security_groups", {}, "SecurityGroups[].GroupId"),
    "AWS::EC2::Subnet": ("ec2", "describe_subnets", {}, "Subnets[].SubnetId"),
    "AWS::EC2::VPC": ("ec2", "describe_vpcs", {}, "Vpcs[].VpcId"),
    "AWS::EC2::VPCEndpoint": ("ec2", "describe_vpc_endpoints", {}, "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    "AWS::ECR::Repository": ("ecr", "describe_repositories", {}, "repositories[].repositoryName"),
    "AWS::ECS::Cluster": ("ecs", "describe_clusters", {"clusters": ["demo"]}, "clusters[?status=='ACTIVE'].clusterName"),
    "AWS::ECS::Service": ("ecs", "describe_services", CLUSTER | {"services": ["hello-web"]}, "services[?status=='ACTIVE'].serviceName"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elbv2", "describe_load_balancers", {}, "LoadBalancers[].LoadBalancerArn"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("elbv2", "describe_target_groups", {}, "TargetGroups[].TargetGroupArn"),
    "AWS::IAM::InstanceProfile": ("iam", "list_instance_profiles", {}, "InstanceProfiles[].InstanceProfileName"),
    "AWS::IAM::Role": ("iam", "list_roles", {}, "Roles[].RoleName"),
    "AWS::Logs::LogGroup": ("logs", "describe_log_groups", {}, "logGroups[].logGroupName"),
    "AWS::S3::Bucket": ("s3", "list_buckets", {}, "Buckets[].Name"),
    "AWS::SNS::Topic": ("sns", "list_topics", {}, "Topics[].TopicArn"),
}


def there(service, operation, arguments, query):
    client = boto3.client(service)
    try:
        answer = getattr(client, operation)(**arguments)
    except client.exceptions.ClientError as error:
        # ECS of a cluster that never was.
        if error.response["Error"]["Code"] == "ClusterNotFoundException":
            return []
        raise
    return jmespath.search(query, answer) or []


print(json.dumps({kind: there(*how) for kind, how in THERE.items()}))
