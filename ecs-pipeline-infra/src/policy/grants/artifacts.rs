//! S3: the bucket in which the pipeline's artifacts travel.

use crate::policy::Statement;
use crate::scope::Scope;

/// To read and write what passes from action to action.
pub(in crate::policy) fn artifacts(bucket: &str, scope: &Scope) -> Statement {
    Statement::new(
        "PassArtifacts",
        ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
        [scope.bucket_arn(&format!("{bucket}/*"))],
    )
}
