//! What deployments have done, and no update undoes.

use serde_json::Value;

use crate::support::document::Document;

/// Neither how many tasks run nor which revision; nor where the traffic goes, which is in listener rules.
pub(crate) fn are_not_undone(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for service in document.of_kind("AWS::ECS::Service") {
        if !service.property("/DesiredCount").is_null() {
            found.push(format!("{} sets how many tasks run", service.name));
        }
        let revision = service.property("/TaskDefinition/Ref");
        let mut parameters = document.section("Parameters");
        if !parameters.any(|(name, _)| revision == name) {
            found.push(format!("{} sets which revision runs", service.name));
        }
    }
    for rule in document.of_kind("AWS::ElasticLoadBalancingV2::ListenerRule") {
        if !rule.property("/Tags").is_null() {
            found.push(format!("{} is sent again with its tags", rule.name));
        }
    }
    for listener in document.of_kind("AWS::ElasticLoadBalancingV2::Listener") {
        let forwards = |action: &Value| action["Type"] == "forward";
        if listener.list("/DefaultActions").any(forwards) {
            found.push(format!("{} forwards by itself", listener.name));
        }
    }
    found
}
