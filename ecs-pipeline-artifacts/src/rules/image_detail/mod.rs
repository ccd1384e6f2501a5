//! Rules for imageDetail.json.

use super::members::{Missing, Shape};
use super::{Check, Findings, Rule};
use crate::finding::Severity;
use crate::source::{Node, Value};

mod file_name;
mod form;
mod image;
mod image_uri;
mod placeholder;
mod unknown_member;

pub(super) const RULES: &[&Rule] = &[
    &file_name::RULE,
    &form::RULE,
    &image_uri::RULE,
    &placeholder::RULE,
    &image::RULE,
    &unknown_member::RULE,
];

const PAGE: &str = "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html";

/// What the action says whatever is wrong with the file.
const REFUSED: &str = "CodePipeline's blue/green action reads one object with `ImageURI`, and otherwise fails \
                       with `Exception while trying to read the image artifact file from: <artifact>`.";

const DETAIL: Shape = Shape {
    required: &["ImageURI"],
    // What the ECR source action writes beside it.
    optional: &[
        "ImageSizeInBytes",
        "ImageDigest",
        "Version",
        "ImagePushedAt",
        "RegistryId",
        "RepositoryName",
        "ImageTags",
    ],
    any_case: false,
};
