//! CloudWatch
