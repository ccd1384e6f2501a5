//! Where resources are: what their ARNs begin with.

/// The partition, Region and account of an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    partition: String,
    region: String,
    account: String,
}

impl Scope {
    /// A Region of an account; the partition follows from the Region.
    ///
    /// ```
    /// use ecs_pipeline_infra::scope::Scope;
    ///
    /// let scope = Scope::new("cn-north-1", "123456789012");
    /// assert_eq!(
    ///     scope.arn("ecs", "service/demo/web"),
    ///     "arn:aws-cn:ecs:cn-north-1:123456789012:service/demo/web"
    /// );
    /// ```
    #[must_use]
    pub fn new(region: &str, account: &str) -> Self {
        Self {
            partition: partition_of(region).to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
        }
    }

    /// CloudFormation's pseudo parameters, for `Fn::Sub`.
    pub(crate) fn of_stack() -> Self {
        Self {
            partition: "${AWS::Partition}".to_owned(),
            region: "${AWS::Region}".to_owned(),
            account: "${AWS::AccountId}".to_owned(),
        }
    }

    /// Such as `aws` or `aws-cn`.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// Such as `eu-west-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The ARN of a resource of this Region and account.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Self {
            partition,
            region,
            account,
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The same in another Region.
    pub(crate) fn in_region(&self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self.clone()
        }
    }

    /// The same in another account.
    pub(crate) fn in_account(&self, account: &str) -> Self {
        Self {
            account: account.to_owned(),
            ..self.clone()
        }
    }

    /// The ARN of a resource that belongs to the account as a whole: IAM's.
    #[must_use]
    pub fn global_arn(&self, service: &str, resource: &str) -> String {
        let (partition, account) = (&self.partition, &self.account);
        format!("arn:{partition}:{service}::{account}:{resource}")
    }

    /// The ARN of a bucket, or of `BUCKET/KEY`: S3's have neither Region nor account.
    #[must_use]
    pub fn bucket_arn(&self, path: &str) -> String {
        format!("arn:{}:s3:::{path}", self.partition)
    }
}

/// The partition of a Region, by its prefix, as botocore's `partitions.json` has them.
fn partition_of(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    let known = PREFIXES
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix));
    known.map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_partition_follows_from_the_region() {
        for (region, expected) in [
            ("eu-west-1", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            assert_eq!(Scope::new(region, "1").partition(), expected, "{region}");
        }
    }
}
