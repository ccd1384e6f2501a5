//! For each rule, templates that break it: what they are, and a word of what is said.

use super::{RULES, contract};
use crate::support::document::Document;

#[test]
fn every_rule_can_be_broken() {
    for (name, rule) in RULES {
        let bad: Vec<_> = BAD.iter().filter(|(of, ..)| of == name).collect();
        assert!(!bad.is_empty(), "{name}: no template breaks it");
        for (_, text, expected) in bad {
            let document = Document::parse("bad", "bad.yaml", text);
            let found = rule(&document);
            let told = found.iter().any(|what| what.contains(expected));
            assert!(
                told,
                "{name}: {found:?} does not tell of {expected}\n{text}"
            );
        }
    }
    for (of, ..) in BAD {
        assert!(RULES.iter().any(|(name, _)| name == of), "no rule: {of}");
    }
}

#[test]
fn an_import_that_nothing_exports_is_found() {
    let text = "
Parameters: {NetworkStack: {Default: demo-network}}
Resources: {A: {Type: B, Properties: {Vpc: {Fn::ImportValue: !Sub '${NetworkStack}-VpcId'}}}}";
    let importing = Document::parse("demo-service", "importing", text);
    let text = "Outputs: {VpcId: {Export: {Name: !Sub '${AWS::StackName}-VpcId'}}}";
    let exporting = Document::parse("demo-network", "exporting", text);
    assert!(contract::missing(&[&exporting, &importing]).is_empty());
    let expected = ["demo-service wants demo-network-VpcId"];
    assert_eq!(contract::missing(&[&importing]), expected);
    assert_eq!(contract::missing(&[&importing, &exporting]), expected);
}

const BAD: &[(&str, &str, &str)] = &[
    (
        "groups say what goes out",
        "Resources: {Silent: {Type: AWS::EC2::SecurityGroup}}",
        "Silent",
    ),
    (
        "groups say what goes out",
        "
Resources:
  Loose:
    Type: AWS::EC2::SecurityGroup
    Properties: {SecurityGroupEgress: [{IpProtocol: -1, CidrIp: 0.0.0.0/0}]}",
        "Loose",
    ),
    (
        "updates undo no deployment",
        "
Parameters: {TaskDefinition: {Type: String}}
Resources:
  Web: {Type: 'AWS::ECS::Service', Properties: {TaskDefinition: !Ref TaskDefinition, DesiredCount: 2}}",
        "Web sets how many tasks run",
    ),
    (
        "updates undo no deployment",
        "
Resources:
  First: {Type: 'AWS::ECS::TaskDefinition'}
  Web: {Type: 'AWS::ECS::Service', Properties: {TaskDefinition: !Ref First}}",
        "Web sets which revision runs",
    ),
    (
        "updates undo no deployment",
        "
Resources:
  Rule: {Type: 'AWS::ElasticLoadBalancingV2::ListenerRule', Properties: {Tags: [{Key: a, Value: b}]}}",
        "Rule is sent again",
    ),
    (
        "updates undo no deployment",
        "
Resources:
  Web: {Type: 'AWS::ElasticLoadBalancingV2::Listener', Properties: {DefaultActions: [{Type: forward}]}}",
        "Web forwards by itself",
    ),
    (
        "only listeners are open to everyone",
        "
Resources:
  ServiceSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}",
        "ServiceSecurityGroup",
    ),
    (
        "only listeners are open to everyone",
        "
Resources:
  LoadBalancerSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 80, ToPort: 443, CidrIpv6: '::/0'}",
        "LoadBalancerSecurityGroup",
    ),
    (
        "only listeners are open to everyone",
        "
Parameters: {TestCidr: {Default: 0.0.0.0/0}}
Resources:
  Ingress:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !Ref LoadBalancerSecurityGroup
      IpProtocol: tcp
      FromPort: 8080
      ToPort: 8080
      CidrIp: !Ref TestCidr",
        "8080",
    ),
    (
        "nothing has a public address",
        "Resources: {Subnet: {Type: AWS::EC2::Subnet, Properties: {MapPublicIpOnLaunch: true}}}",
        "MapPublicIpOnLaunch",
    ),
    (
        "nothing has a public address",
        "
Parameters: {Public: {Default: ENABLED}}
Resources:
  Service: {Type: AWS::ECS::Service, Properties: {N: {A: {AssignPublicIp: !Ref Public}}}}",
        "AssignPublicIp",
    ),
    (
        "nothing has a public address",
        "Resources: {Template: {Type: AWS::EC2::LaunchTemplate, Properties: {}}}",
        "Template leaves it",
    ),
    (
        "nothing has a public address",
        "
Resources:
  Address: {Type: AWS::EC2::EIP}
  Gateway: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: !GetAtt Other.AllocationId}}",
        "Address is no NAT gateway's",
    ),
    (
        "balancers drop invalid headers",
        "Resources: {Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}}",
        "Balancer",
    ),
    (
        "TLS is a recent one",
        "
Resources:
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {Protocol: HTTPS, SslPolicy: ELBSecurityPolicy-2016-08}",
        "Listener",
    ),
    (
        "instances want signed metadata requests",
        "
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {MetadataOptions: {HttpTokens: optional}}}",
        "Template",
    ),
    (
        "what is stored is encrypted",
        "Resources: {Topic: {Type: AWS::SNS::Topic}}",
        "Topic",
    ),
    (
        "what is stored is encrypted",
        "Resources: {Template: {Type: AWS::EC2::LaunchTemplate}}",
        "Template",
    ),
    (
        "what is stored is encrypted",
        "Resources: {Bucket: {Type: AWS::S3::Bucket}, Images: {Type: AWS::ECR::Repository}}",
        "Images",
    ),
    (
        "buckets are closed",
        "
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true}",
        "RestrictPublicBuckets",
    ),
    (
        "buckets are closed",
        "
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Other
      PolicyDocument:
        Statement: [{Effect: Deny, Condition: {Bool: {aws:SecureTransport: false}}}]",
        "plain HTTP",
    ),
    (
        "data stays when its stack goes",
        "Resources: {Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain}}",
        "Logs: UpdateReplacePolicy is Delete",
    ),
    (
        "statements name what they allow",
        "
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {Policies: [{PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:Get*', Resource: a}]}}]}",
        "Action s3:Get*",
    ),
    (
        "statements name what they allow",
        "
Resources:
  Policy:
    Type: AWS::IAM::RolePolicy
    Properties:
      PolicyDocument:
        Statement: {Effect: Allow, Action: [ecr:GetAuthorizationToken, ecr:PutImage], Resource: '*'}",
        "ecr:PutImage on *",
    ),
    (
        "statements name what they allow",
        "
Resources:
  Policy:
    Type: AWS::IAM::RolePolicy
    Properties:
      PolicyDocument:
        Statement: {Effect: Allow, Action: s3:GetObject, Resource: !Sub 'arn:${AWS::Partition}:s3:::*'}",
        "s3:GetObject on arn:",
    ),
    (
        "statements name what they allow",
        "Resources: {P: {Type: A, Properties: {Statement: {Effect: Allow, NotAction: iam:PassRole, Resource: a}}}}",
        "NotAction",
    ),
    (
        "roles trust somebody in particular",
        "
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {AWS: '*'}}]}}",
        "Role trusts anybody",
    ),
    (
        "everything has tags",
        "Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: team, Value: web}]}}}",
        "Bucket",
    ),
    (
        "everything has tags",
        "
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {Tags: [{Key: application, Value: web, PropagateAtLaunch: false}]}",
        "stays behind",
    ),
    (
        "parameters are described",
        "Parameters: {Name: {Type: String}}",
        "Name is not",
    ),
    (
        "parameters are described",
        "Parameters: {Name: {Type: String, Description: A name.}}",
        "Name may be anything",
    ),
    (
        "parameters are used",
        "
Parameters: {Name: {Type: String}, Other: {Type: String}}
Outputs: {A: {Value: !Sub '${Name} and ${Other.Arn}'}}",
        "Other",
    ),
    (
        "parameters have values that fit",
        "Parameters: {Name: {Type: String}}",
        "Name has none",
    ),
    (
        "parameters have values that fit",
        "Parameters: {Name: {Type: String, Default: web1, AllowedPattern: '[a-z]+'}}",
        "does not match",
    ),
    (
        "parameters have values that fit",
        "Parameters: {Name: {Type: Number, Default: 5, MaxValue: 4}}",
        "is beyond MaxValue",
    ),
    (
        "parameters have values that fit",
        "Parameters: {Name: {Type: String, Default: c, AllowedValues: [a, b]}}",
        "is not among AllowedValues",
    ),
    (
        "outputs are described and exported",
        "Outputs: {VpcId: {Value: a, Export: {Name: !Sub '${AWS::StackName}-Vpc'}}}",
        "VpcId is exported as",
    ),
    (
        "outputs are described and exported",
        "Outputs: {VpcId: {Value: a, Export: {Name: !Sub '${AWS::StackName}-VpcId'}}}",
        "VpcId is not described",
    ),
];
