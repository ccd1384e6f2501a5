//! Each role's own policy is enough for all that its pipeline does, and nothing in it is too much: every
//! action is one that some call needed, and without any one statement the pipeline says which action is
//! missing. On tokio's paused clock, with the real SDK, deployers and engine.

mod flow;
mod ground;

use std::collections::BTreeSet;

use ecs_pipeline_infra::application::Strategy;
use ecs_pipeline_infra::policy::Role;
use ecs_pipeline_sandbox::access::{Call, Policy, Principal};

use flow::Deed;
use ground::Ground;

/// What nothing here does: the registry is behind a socket (`cli::policy` pushes to it, `buildspec` pulls from it).
const REGISTRY: [&str; 3] = ["RegistryToken", "PushImages", "PullImages"];

/// Asked for only where rules of a listener forward to the target groups, and not the listener by itself; where
/// a bucket keeps versions.
const SELDOM: [&str; 3] = [
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:ModifyRule",
    "s3:GetObjectVersion",
];

/// Roles of the pipeline, and whose calls they are for in the sandbox.
const ROLES: [(Role, Principal); 3] = [
    (Role::Jenkins, Principal::Caller),
    (Role::TaskExecution, Principal::TaskExecution),
    (Role::Codedeploy, Principal::Codedeploy),
];

/// The policies that are printed, as the sandbox reads them.
struct Policies(Vec<(Principal, Role, Policy)>);

impl Policies {
    fn of(ground: &Ground) -> Self {
        let by_code_deploy = matches!(ground.strategy, Strategy::Codedeploy { .. });
        let roles = ROLES.into_iter();
        let roles = roles.filter(|(role, _)| by_code_deploy || *role != Role::Codedeploy);
        Self(
            roles
                .map(|(role, principal)| (principal, role, ground.policy(role)))
                .collect(),
        )
    }

    fn enforce(&self, ground: &Ground) {
        for (principal, _, policy) in &self.0 {
            ground.access().enforce(*principal, policy.clone());
        }
    }
}

/// Everything that a pipeline does, in order, each as it should end: the calls that each deed took.
async fn everything(ground: &Ground) -> Vec<(Deed, Vec<Call>)> {
    let mut done = Vec::new();
    for deed in Deed::all(&ground.strategy) {
        let calls = done_well(ground, deed).await;
        done.push((deed, calls));
    }
    done
}

async fn done_well(ground: &Ground, deed: Deed) -> Vec<Call> {
    ground.access().forget_calls();
    let told = deed.act(ground).await;
    assert!(told.is_well, "{deed:?}: {}", told.text);
    let calls = ground.access().calls();
    let denied: Vec<_> = calls.iter().filter(|call| !call.allowed).collect();
    assert!(denied.is_empty(), "{deed:?}: {denied:#?}");
    calls
}

/// The statements of a policy that a call needed.
fn statements_for(policy: &Policy, principal: Principal, calls: &[Call]) -> BTreeSet<usize> {
    let own = calls.iter().filter(|call| call.principal == principal);
    own.flat_map(|call| policy.decide(&call.request).statements)
        .collect()
}

async fn is_enough_and_not_too_much(strategy: Strategy) {
    let ground = Ground::new(strategy).await;
    let policies = Policies::of(&ground);
    policies.enforce(&ground);
    let done = everything(&ground).await;

    let calls: Vec<_> = done.iter().flat_map(|(_, calls)| calls.clone()).collect();
    for (principal, role, _) in &policies.0 {
        let own = calls.iter().filter(|call| call.principal == *principal);
        let used: BTreeSet<_> = own.map(|call| call.request.action.as_str()).collect();
        for statement in ground.statements(*role) {
            if REGISTRY.contains(&statement.sid) {
                continue;
            }
            let needless = statement.actions.iter();
            let needless = needless.filter(|action| !used.contains(*action));
            let needless = needless.filter(|action| !SELDOM.contains(action));
            let needless: Vec<_> = needless.collect();
            let sid = statement.sid;
            assert!(
                needless.is_empty(),
                "{} {sid}: nothing called {needless:?}",
                role.name()
            );
        }
    }
}

async fn each_statement_is_missed(strategy: Strategy) {
    let ground = Ground::new(strategy.clone()).await;
    let policies = Policies::of(&ground);
    policies.enforce(&ground);
    let done = everything(&ground).await;
    let mut faults = Vec::new();
    for (principal, role, policy) in &policies.0 {
        for index in 0..policy.statements() {
            let sid = ground.statements(*role)[index].sid;
            let needs = |(_, calls): &&(Deed, Vec<Call>)| {
                statements_for(policy, *principal, calls).contains(&index)
            };
            let deeds: Vec<_> = done.iter().filter(needs).map(|(deed, _)| *deed).collect();
            let missing = (*principal, policy, index);
            if !REGISTRY.contains(&sid) && !is_named(&strategy, &policies, missing, &deeds).await {
                faults.push(format!("{} {sid}: {deeds:?} say nothing", role.name()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Whether one of the deeds that need a statement says which action is missing without it. What only adds to
/// what is told may be missing in silence where there is nothing to tell.
async fn is_named(
    strategy: &Strategy,
    policies: &Policies,
    (principal, policy, index): (Principal, &Policy, usize),
    deeds: &[Deed],
) -> bool {
    for deed in deeds {
        let ground = Ground::new(strategy.clone()).await;
        policies.enforce(&ground);
        for before in Deed::all(strategy)
            .into_iter()
            .take_while(|before| before != deed)
        {
            done_well(&ground, before).await;
        }
        ground.access().enforce(principal, policy.without(index));
        ground.access().forget_calls();
        let told = deed.act(&ground).await;
        let calls = ground.access().calls();
        let mut denied = calls.iter().filter(|call| !call.allowed);
        // CodeDeploy does not say which action its own role lacks, but whose policy that is.
        let by_code_deploy = told.text.contains("iam-policy --for codedeploy");
        if denied.any(|call| match call.principal {
            Principal::Codedeploy => by_code_deploy,
            _ => told.text.contains(&call.request.action),
        }) {
            return true;
        }
    }
    false
}

macro_rules! for_each_strategy {
    ($($name:ident: $strategy:expr,)*) => {
        $(mod $name {
            use super::*;

            #[tokio::test(start_paused = true)]
            async fn the_policies_are_enough_and_not_too_much() {
                is_enough_and_not_too_much($strategy).await;
            }

            #[tokio::test(start_paused = true)]
            async fn what_is_missing_is_named() {
                each_statement_is_missed($strategy).await;
            }
        })*
    };
}

for_each_strategy! {
    rolling: Strategy::Rolling,
    blue_green: Strategy::BlueGreen { bake: 5 },
    linear: Strategy::Linear { percent: 50.0, step: 5, bake: 5 },
    canary: Strategy::Canary { percent: 10.0, step: 5, bake: 5 },
    codedeploy: Strategy::Codedeploy {
        application: "AppECS-demo-web".to_owned(),
        group: "DgpECS-demo-web".to_owned(),
        config: "CodeDeployDefault.ECSAllAtOnce".to_owned(),
        bucket: Some("revisions".to_owned()),
    },
}
