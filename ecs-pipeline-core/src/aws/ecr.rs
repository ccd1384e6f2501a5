//! ECR.
