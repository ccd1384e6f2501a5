//! Elastic Container Registry: its API, and the distribution protocol behind it.

use http::Method;

use crate::access::Request;
use crate::world::Place;

use super::{Asked, arn};

pub(super) fn needed(asked: &Asked<'_>) -> Vec<Request> {
    let repository = |name: &str| asked.arn("ecr", &format!("repository/{name}"));
    match asked.operation {
        "GetAuthorizationToken" => vec![asked.own("ecr", "*")],
        "DescribeRepositories" => {
            let named: Vec<String> = asked.texts("repositoryNames").map(repository).collect();
            let all = vec![repository("*")];
            vec![asked.own_on_all("ecr", if named.is_empty() { all } else { named })]
        }
        "ListTagsForResource" | "TagResource" | "UntagResource" => {
            vec![asked.own("ecr", asked.named("resourceArn"))]
        }
        "CreateRepository" => {
            let tags = ["tags", "Key", "Value"];
            let arn = repository(asked.named("repositoryName"));
            let mut needed = vec![asked.with_tags(asked.own("ecr", arn.clone()), tags)];
            if !asked.list("tags").is_empty() {
                needed.push(asked.with_tags(Request::new("ecr:TagResource", arn), tags));
            }
            needed
        }
        "BatchCheckLayerAvailability"
        | "BatchDeleteImage"
        | "BatchGetImage"
        | "DeleteRepository"
        | "DescribeImageScanFindings"
        | "DescribeImages"
        | "GetDownloadUrlForLayer"
        | "ListImages"
        | "PutImage"
        | "PutImageScanningConfiguration"
        | "PutImageTagMutability" => {
            vec![asked.own("ecr", repository(asked.named("repositoryName")))]
        }
        _ => Vec::new(),
    }
}

/// What a request of the distribution protocol needs; `rest` is what follows the repository's name in its path.
///
/// Denials of `docker push` and `docker pull` name these actions. Both docker and buildx look at a manifest before they
/// push it, for which they need BatchGetImage.
pub(crate) fn of_docker(
    place: &Place,
    method: &Method,
    repository: &str,
    rest: &str,
) -> Option<Request> {
    let (kind, name) = rest.split_once('/').unwrap_or((rest, ""));
    let upload = name.starts_with("uploads");
    let action = match (kind, method.as_str()) {
        ("manifests", "GET" | "HEAD") | ("referrers", _) => "BatchGetImage",
        ("manifests", "PUT") => "PutImage",
        ("manifests", "DELETE") => "BatchDeleteImage",
        ("blobs", "POST") if upload => "InitiateLayerUpload",
        ("blobs", "PUT") if upload => "CompleteLayerUpload",
        ("blobs", _) if upload => "UploadLayerPart",
        ("blobs", "HEAD") => "BatchCheckLayerAvailability",
        ("blobs", "GET") => "GetDownloadUrlForLayer",
        ("tags", _) => "ListImages",
        _ => return None,
    };
    let repository = arn(place, "ecr", &format!("repository/{repository}"));
    Some(Request::new(format!("ecr:{action}"), repository))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_needs_the_actions_of_the_api() {
        let table = [
            (
                Method::HEAD,
                "blobs/sha256:0",
                "BatchCheckLayerAvailability",
            ),
            (Method::GET, "blobs/sha256:0", "GetDownloadUrlForLayer"),
            (Method::POST, "blobs/uploads/", "InitiateLayerUpload"),
            (Method::PATCH, "blobs/uploads/1", "UploadLayerPart"),
            (Method::GET, "blobs/uploads/1", "UploadLayerPart"),
            (Method::PUT, "blobs/uploads/1", "CompleteLayerUpload"),
            (Method::PUT, "manifests/v1", "PutImage"),
            (Method::HEAD, "manifests/v1", "BatchGetImage"),
            (Method::GET, "manifests/v1", "BatchGetImage"),
            (Method::DELETE, "manifests/v1", "BatchDeleteImage"),
            (Method::GET, "tags/list", "ListImages"),
            (Method::GET, "referrers/sha256:0", "BatchGetImage"),
        ];
        for (method, rest, action) in table {
            let request = of_docker(&Place::default(), &method, "team/app", rest);
            let expected = Request::new(
                format!("ecr:{action}"),
                "arn:aws:ecr:us-east-1:123456789012:repository/team/app",
            );
            assert_eq!(request, Some(expected), "{method} {rest}");
        }
        let odd = of_docker(&Place::default(), &Method::PATCH, "app", "manifests/v1");
        assert_eq!(odd, None);
    }
}
