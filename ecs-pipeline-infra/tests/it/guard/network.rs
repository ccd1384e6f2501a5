//! Who can reach what.

use serde_json::Value;

use crate::support::document::{Document, Resource, each_object, text};

/// The whole Internet.
const EVERYONE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// Ingress from everyone is for the load balancer's listeners, a port at a time.
pub(crate) fn only_listeners_are_open(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for (owner, rule) in ingress(document) {
        let says = |key: &str| rule.get(key).and_then(|value| document.resolve(value));
        let open = ["CidrIp", "CidrIpv6"].map(says);
        let open = open.into_iter().flatten();
        let (from, to) = (says("FromPort"), says("ToPort"));
        let is_listener = owner.contains("LoadBalancerSecurityGroup")
            && says("IpProtocol").as_deref() == Some("tcp")
            && from == to
            && matches!(from.as_deref(), Some("80" | "443"));
        if open.into_iter().any(|it| EVERYONE.contains(&&*it)) && !is_listener {
            found.push(format!("{owner} admits everyone to {from:?} to {to:?}"));
        }
    }
    found
}

/// The rules with the name of the security group that has them.
fn ingress(document: &Document) -> Vec<(String, &Value)> {
    let groups = document.of_kind("AWS::EC2::SecurityGroup");
    let inside = groups.flat_map(|group| {
        let rules = group.list("/SecurityGroupIngress");
        rules.map(move |rule| (group.name.to_owned(), rule))
    });
    let alone = document.of_kind("AWS::EC2::SecurityGroupIngress");
    let alone = alone.map(|rule| (text(rule.property("/GroupId")), rule.property("")));
    inside.chain(alone).collect()
}

/// A group without a rule for egress lets everything out, as one does that names every protocol.
pub(crate) fn groups_say_what_goes_out(document: &Document) -> Vec<String> {
    let groups = document.of_kind("AWS::EC2::SecurityGroup");
    let loose = groups.filter(|group| {
        let mut rules = group.list("/SecurityGroupEgress");
        let is_loose = |rule: &Value| {
            let whom = document.resolve(&rule["CidrIp"]).unwrap_or_default();
            text(&rule["IpProtocol"]) == "-1" && EVERYONE.contains(&&*whom)
        };
        group.property("/SecurityGroupEgress").is_null() || rules.any(is_loose)
    });
    loose.map(|group| group.name.to_owned()).collect()
}

/// Neither a task nor an instance: only NAT gateways have one, and the load balancer.
pub(crate) fn nothing_has_a_public_address(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    each_object(&document.body, &mut |members| {
        for key in [
            "MapPublicIpOnLaunch",
            "AssociatePublicIpAddress",
            "AssignPublicIp",
        ] {
            let value = members.get(key).and_then(|value| document.resolve(value));
            let is_off = matches!(value.as_deref(), Some("false" | "DISABLED") | None);
            if members.contains_key(key) && !is_off {
                found.push(format!("{key} is {value:?}"));
            }
        }
    });
    let templates = document.of_kind("AWS::EC2::LaunchTemplate");
    let silent = templates.filter(|it| {
        let interface = "/LaunchTemplateData/NetworkInterfaces/0/AssociatePublicIpAddress";
        it.property(interface) != &Value::Bool(false)
    });
    found.extend(silent.map(|it| format!("{} leaves it to the subnet", it.name)));
    let addresses = document.of_kind("AWS::EC2::EIP");
    let stray = addresses.filter(|address| !is_of_a_nat_gateway(document, address));
    found.extend(stray.map(|address| format!("{} is no NAT gateway's", address.name)));
    found
}

fn is_of_a_nat_gateway(document: &Document, address: &Resource<'_>) -> bool {
    let mut gateways = document.of_kind("AWS::EC2::NatGateway");
    gateways.any(|it| it.property("/AllocationId/Fn::GetAtt/0") == address.name)
}

/// Against request smuggling; ELB forwards them otherwise.
pub(crate) fn balancers_drop_invalid_headers(document: &Document) -> Vec<String> {
    let balancers = document.of_kind("AWS::ElasticLoadBalancingV2::LoadBalancer");
    let careless = balancers.filter(|balancer| {
        !balancer.list("/LoadBalancerAttributes").any(|attribute| {
            attribute["Key"] == "routing.http.drop_invalid_header_fields.enabled"
                && text(&attribute["Value"]) == "true"
        })
    });
    careless.map(|it| it.name.to_owned()).collect()
}

/// Without a policy ELB takes `ELBSecurityPolicy-2016-08`, which speaks TLS 1.0 with whoever asks for it.
pub(crate) fn tls_is_recent(document: &Document) -> Vec<String> {
    let listeners = document.of_kind("AWS::ElasticLoadBalancingV2::Listener");
    let old = listeners.filter(|listener| {
        let policy = document.resolve(listener.property("/SslPolicy"));
        let policy = policy.unwrap_or_default();
        listener.property("/Protocol") == "HTTPS" && !policy.contains("TLS13-1-")
    });
    old.map(|it| it.name.to_owned()).collect()
}

/// IMDSv2: a request forged through a container's web server does not get the instance's credentials.
pub(crate) fn metadata_requests_are_signed(document: &Document) -> Vec<String> {
    let templates = document.of_kind("AWS::EC2::LaunchTemplate");
    let open = templates.filter(|template| {
        let tokens = "/LaunchTemplateData/MetadataOptions/HttpTokens";
        template.property(tokens) != "required"
    });
    open.map(|it| it.name.to_owned()).collect()
}
