//! What is stored.

use serde_json::Value;

use crate::support::document::{Document, Resource, each_object, text};

/// Where AWS encrypts only if asked, it is asked; for repositories and buckets, which AWS encrypts anyway,
/// it is written down, since the key cannot be changed later (ECR), or whoever reads looks for it (S3).
///
/// Not looked at: log groups (always encrypted by CloudWatch Logs), CodeBuild's and CodePipeline's
/// artifacts (by the bucket), Fargate's ephemeral storage (always encrypted).
pub(crate) fn is_encrypted(document: &Document) -> Vec<String> {
    let plain = document.resources().filter(|resource| {
        let missing = |pointer: &str| resource.property(pointer).is_null();
        match resource.kind() {
            "AWS::S3::Bucket" => missing("/BucketEncryption"),
            "AWS::ECR::Repository" => missing("/EncryptionConfiguration"),
            "AWS::SNS::Topic" => missing("/KmsMasterKeyId"),
            "AWS::EC2::LaunchTemplate" => !has_encrypted_volumes(resource),
            "AWS::EC2::Volume" | "AWS::EFS::FileSystem" => {
                !is_true(resource.property("/Encrypted"))
            }
            _ => false,
        }
    });
    plain.map(|it| format!("{} is not", it.name)).collect()
}

fn has_encrypted_volumes(template: &Resource<'_>) -> bool {
    let mut volumes = template.list("/LaunchTemplateData/BlockDeviceMappings");
    let some = volumes.next().into_iter().chain(volumes);
    let mut some = some
        .map(|volume| is_true(&volume["Ebs"]["Encrypted"]))
        .peekable();
    some.peek().is_some() && some.all(|encrypted| encrypted)
}

fn is_true(value: &Value) -> bool {
    text(value) == "true"
}

/// Closed to the public, and to plain HTTP.
pub(crate) fn buckets_are_closed(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for bucket in document.of_kind("AWS::S3::Bucket") {
        for what in [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ] {
            let pointer = format!("/PublicAccessBlockConfiguration/{what}");
            if !is_true(bucket.property(&pointer)) {
                found.push(format!("{} has no {what}", bucket.name));
            }
        }
        if !refuses_plain_http(document, bucket.name) {
            found.push(format!("{} takes plain HTTP", bucket.name));
        }
    }
    found
}

fn refuses_plain_http(document: &Document, bucket: &str) -> bool {
    let mut policies = document.of_kind("AWS::S3::BucketPolicy");
    policies.any(|policy| {
        let mut refuses = false;
        each_object(policy.property("/PolicyDocument"), &mut |statement| {
            let condition = statement.get("Condition");
            let condition = condition.and_then(|it| it.pointer("/Bool/aws:SecureTransport"));
            let denies = statement
                .get("Effect")
                .is_some_and(|effect| effect == "Deny");
            refuses |= denies && condition.is_some_and(|it| text(it) == "false");
        });
        refuses && policy.property("/Bucket/Ref") == bucket
    })
}

/// What cannot be made again is kept when its stack is deleted or replaces it. (A key is not deleted with its
/// stack: KMS waits for PendingWindowInDays, a month if not told otherwise.)
pub(crate) fn stays(document: &Document) -> Vec<String> {
    const DATA: [&str; 7] = [
        "AWS::S3::Bucket",
        "AWS::ECR::Repository",
        "AWS::Logs::LogGroup",
        "AWS::EFS::FileSystem",
        "AWS::EC2::Volume",
        "AWS::SecretsManager::Secret",
        "AWS::DynamoDB::Table",
    ];
    let mut found = Vec::new();
    for resource in document.resources().filter(|it| DATA.contains(&it.kind())) {
        for (policy, kept) in [
            ("DeletionPolicy", &["Retain", "RetainExceptOnCreate"][..]),
            ("UpdateReplacePolicy", &["Retain"]),
        ] {
            let value = resource.body[policy].as_str().unwrap_or("Delete");
            if !kept.contains(&value) {
                found.push(format!("{}: {policy} is {value}", resource.name));
            }
        }
    }
    found
}
