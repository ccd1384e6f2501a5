//! Elastic Container Registry: repositories and their settings, and the tokens of those who may
//! use them. The images themselves are in the registry.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::{ApiError, Place, Time, World};
use crate::access::Principal;

/// How long a token is good: "The authorization token is valid for 12 hours".
const TOKEN_LIFE: Duration = Duration::from_secs(12 * 60 * 60);

/// All ECR state but the images, which the registry holds.
#[derive(Debug)]
pub(super) struct Ecr {
    account: String,
    registry: String,
    endpoint: String,
    repositories: BTreeMap<String, Repository>,
    /// When each password that was handed out expires, and whose it is.
    passwords: BTreeMap<String, (Time, Principal)>,
}

#[derive(Debug)]
struct Repository {
    arn: String,
    created: Time,
    immutable: bool,
    scan_on_push: bool,
    tags: BTreeMap<String, String>,
}

/// What a password is worth to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Password {
    Good(Principal),
    Expired,
    Unknown,
}

impl Ecr {
    pub(super) fn new(place: &Place) -> Self {
        Self {
            account: place.account.clone(),
            registry: place.registry.clone(),
            endpoint: place.registry_url(),
            repositories: BTreeMap::new(),
            passwords: BTreeMap::new(),
        }
    }

    fn described(&self, name: &str, repository: &Repository) -> Value {
        json!({
            "repositoryArn": repository.arn,
            "registryId": self.account,
            "repositoryName": name,
            "repositoryUri": format!("{}/{name}", self.registry),
            "createdAt": repository.created.epoch_seconds(),
            "imageTagMutability": repository.mutability(),
            "imageScanningConfiguration": { "scanOnPush": repository.scan_on_push },
            "encryptionConfiguration": { "encryptionType": "AES256" },
        })
    }

    /// AWS's words, which the registry uses as well.
    fn missing(&self, name: &str) -> ApiError {
        ApiError::client(
            "RepositoryNotFoundException",
            format!(
                "The repository with name '{name}' does not exist in the registry with id '{}'",
                self.account
            ),
        )
    }

    fn named(&mut self, input: &Value) -> Result<(String, &mut Repository), ApiError> {
        let name = required(input, "repositoryName")?.to_owned();
        let missing = self.missing(&name);
        let repository = self.repositories.get_mut(&name).ok_or(missing)?;
        Ok((name, repository))
    }

    /// The repository that `resourceArn` names.
    fn tagged(&mut self, input: &Value) -> Result<&mut Repository, ApiError> {
        let arn = required(input, "resourceArn")?;
        let name = arn
            .split_once(":repository/")
            .map(|(_, name)| name)
            .ok_or_else(|| invalid("resourceArn", "must be the ARN of a repository"))?;
        let missing = self.missing(name);
        self.repositories.get_mut(name).ok_or(missing)
    }
}

impl Repository {
    fn mutability(&self) -> &'static str {
        if self.immutable {
            "IMMUTABLE"
        } else {
            "MUTABLE"
        }
    }
}

/// What the registry asks of the world.
impl World {
    /// Whether the repository's tags are immutable.
    ///
    /// # Errors
    ///
    /// The repository does not exist.
    pub(crate) fn has_immutable_tags(&self, repository: &str) -> Result<bool, ApiError> {
        self.ecr
            .repositories
            .get(repository)
            .map(|repository| repository.immutable)
            .ok_or_else(|| self.ecr.missing(repository))
    }

    /// What the password of a token is worth.
    pub(crate) fn registry_password(&self, now: Time, password: &str) -> Password {
        match self.ecr.passwords.get(password) {
            Some((expires, holder)) if now < *expires => Password::Good(*holder),
            Some(_) => Password::Expired,
            None => Password::Unknown,
        }
    }

    /// Where the world believes itself to be.
    pub(crate) fn place(&self) -> &Place {
        self.arns.place()
    }
}

impl World {
    pub(super) fn call_ecr(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        match operation {
            "CreateRepository" => self.create_repository(&input),
            "DescribeRepositories" => self.describe_repositories(&input),
            "DeleteRepository" => self.delete_repository(&input),
            "GetAuthorizationToken" => Ok(self.get_authorization_token()),
            "PutImageTagMutability" => self.put_image_tag_mutability(&input),
            "PutImageScanningConfiguration" => self.put_image_scanning_configuration(&input),
            "ListTagsForResource" => self.list_repository_tags(&input),
            "TagResource" => self.tag_repository(&input),
            "UntagResource" => self.untag_repository(&input),
            other => Err(ApiError::not_implemented("ECR", other)),
        }
    }

    fn create_repository(&mut self, input: &Value) -> Result<Value, ApiError> {
        let name = required(input, "repositoryName")?;
        check_name(name)?;
        if self.ecr.repositories.contains_key(name) {
            return Err(ApiError::client(
                "RepositoryAlreadyExistsException",
                format!(
                    "The repository with name '{name}' already exists in the registry with id '{}'",
                    self.ecr.account
                ),
            ));
        }
        let repository = Repository {
            arn: self.arns.ecr_repository(name),
            created: self.now,
            immutable: immutable(input)?.unwrap_or(false),
            scan_on_push: scan_on_push(input),
            tags: tags(input)?,
        };
        let described = self.ecr.described(name, &repository);
        self.ecr.repositories.insert(name.into(), repository);
        Ok(json!({ "repository": described }))
    }

    fn describe_repositories(&self, input: &Value) -> Result<Value, ApiError> {
        let names = texts(input, "repositoryNames");
        if let Some(missing) = names
            .iter()
            .find(|name| !self.ecr.repositories.contains_key(**name))
        {
            return Err(self.ecr.missing(missing));
        }
        let repositories: Vec<Value> = self
            .ecr
            .repositories
            .iter()
            .filter(|(name, _)| names.is_empty() || names.contains(&name.as_str()))
            .map(|(name, repository)| self.ecr.described(name, repository))
            .collect();
        Ok(json!({ "repositories": repositories }))
    }

    fn delete_repository(&mut self, input: &Value) -> Result<Value, ApiError> {
        let (name, _) = self.ecr.named(input)?;
        let gone = self.ecr.repositories.remove(&name);
        let described = gone.map(|repository| self.ecr.described(&name, &repository));
        Ok(json!({ "repository": described }))
    }

    fn get_authorization_token(&mut self) -> Value {
        let password = format!("{}{}", self.ids.hex32(), self.ids.hex32());
        let expires = self.now + TOKEN_LIFE;
        let token = BASE64.encode(format!("AWS:{password}"));
        self.ecr.passwords.insert(password, (expires, self.caller));
        json!({ "authorizationData": [{
            "authorizationToken": token,
            "expiresAt": expires.epoch_seconds(),
            "proxyEndpoint": self.ecr.endpoint,
        }] })
    }

    fn put_image_tag_mutability(&mut self, input: &Value) -> Result<Value, ApiError> {
        let immutable =
            immutable(input)?.ok_or_else(|| invalid("imageTagMutability", "must not be null"))?;
        let (name, repository) = self.ecr.named(input)?;
        repository.immutable = immutable;
        let mutability = repository.mutability();
        Ok(json!({
            "registryId": self.ecr.account,
            "repositoryName": name,
            "imageTagMutability": mutability,
        }))
    }

    fn put_image_scanning_configuration(&mut self, input: &Value) -> Result<Value, ApiError> {
        let scan = scan_on_push(input);
        let (name, repository) = self.ecr.named(input)?;
        repository.scan_on_push = scan;
        Ok(json!({
            "registryId": self.ecr.account,
            "repositoryName": name,
            "imageScanningConfiguration": { "scanOnPush": scan },
        }))
    }

    fn list_repository_tags(&mut self, input: &Value) -> Result<Value, ApiError> {
        let tags: Vec<Value> = self
            .ecr
            .tagged(input)?
            .tags
            .iter()
            .map(|(key, value)| json!({ "Key": key, "Value": value }))
            .collect();
        Ok(json!({ "tags": tags }))
    }

    fn tag_repository(&mut self, input: &Value) -> Result<Value, ApiError> {
        let new = tags(input)?;
        self.ecr.tagged(input)?.tags.extend(new);
        Ok(Value::Object(Map::new()))
    }

    fn untag_repository(&mut self, input: &Value) -> Result<Value, ApiError> {
        let keys: Vec<String> = texts(input, "tagKeys")
            .into_iter()
            .map(String::from)
            .collect();
        self.ecr
            .tagged(input)?
            .tags
            .retain(|key, _| !keys.contains(key));
        Ok(Value::Object(Map::new()))
    }
}

/// The rule of the service model: 2 to 256 letters of
/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/…)*`.
fn check_name(name: &str) -> Result<(), ApiError> {
    let good = (2..=256).contains(&name.len()) && name.split('/').all(good_component);
    if good {
        Ok(())
    } else {
        Err(invalid(
            "repositoryName",
            "must satisfy regular expression \
             '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'",
        ))
    }
}

fn good_component(component: &str) -> bool {
    let alphanumeric = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let separators = component.split(alphanumeric);
    component.starts_with(alphanumeric)
        && component.ends_with(alphanumeric)
        && separators
            .filter(|between| !between.is_empty())
            .all(|between| {
                matches!(between, "." | "_" | "__") || between.chars().all(|letter| letter == '-')
            })
}

fn immutable(input: &Value) -> Result<Option<bool>, ApiError> {
    match text(input, "imageTagMutability") {
        None => Ok(None),
        Some("MUTABLE") => Ok(Some(false)),
        Some("IMMUTABLE") => Ok(Some(true)),
        Some(other @ ("MUTABLE_WITH_EXCLUSION" | "IMMUTABLE_WITH_EXCLUSION")) => Err(
            ApiError::not_implemented("ECR", &format!("imageTagMutability {other}")),
        ),
        Some(_) => Err(invalid(
            "imageTagMutability",
            "Member must satisfy enum value set: [MUTABLE, IMMUTABLE]",
        )),
    }
}

fn scan_on_push(input: &Value) -> bool {
    input
        .pointer("/imageScanningConfiguration/scanOnPush")
        .and_then(Value::as_bool)
        .unwrap_or(false)
}

fn tags(input: &Value) -> Result<BTreeMap<String, String>, ApiError> {
    let tags = input.get("tags").and_then(Value::as_array);
    tags.map_or(&[][..], Vec::as_slice)
        .iter()
        .map(|tag| {
            Ok((
                required(tag, "Key")?.to_owned(),
                text(tag, "Value").unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn texts<'a>(input: &'a Value, name: &str) -> Vec<&'a str> {
    let items = input.get(name).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    text(input, name).ok_or_else(|| invalid(name, "must not be null"))
}

fn invalid(name: &str, constraint: &str) -> ApiError {
    ApiError::client(
        "InvalidParameterException",
        format!("Invalid parameter at '{name}' failed to satisfy constraint: '{constraint}'"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::world::Service;

    fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
        world.call(Time::default(), Service::Ecr, operation, input)
    }

    #[test]
    fn names() {
        for good in ["ab", "my-app", "team/my--app.x", "a__b", "a_b/c.d"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in [
            "a", "My", "a..b", "-ab", "ab-", "a//b", "a___b", "a.-b", "/ab",
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_repository_lives_and_dies() {
        let mut world = World::new(Place::default(), Time::default());
        let input = json!({
            "repositoryName": "team/app", "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": { "scanOnPush": true },
            "tags": [{ "Key": "k", "Value": "v" }],
        });
        let made = call(&mut world, "CreateRepository", input.clone()).unwrap();
        assert_eq!(
            made["repository"]["repositoryUri"],
            "127.0.0.1:4566/team/app"
        );
        assert_eq!(world.has_immutable_tags("team/app"), Ok(true));
        let again = call(&mut world, "CreateRepository", input).unwrap_err();
        assert_eq!(again.code, "RepositoryAlreadyExistsException");
        let arn = made["repository"]["repositoryArn"].clone();
        let tags = call(
            &mut world,
            "ListTagsForResource",
            json!({ "resourceArn": arn }),
        )
        .unwrap();
        assert_eq!(tags["tags"], json!([{ "Key": "k", "Value": "v" }]));
        call(
            &mut world,
            "DeleteRepository",
            json!({ "repositoryName": "team/app" }),
        )
        .unwrap();
        let gone = call(
            &mut world,
            "DescribeRepositories",
            json!({ "repositoryNames": ["team/app"] }),
        );
        assert_eq!(
            gone.unwrap_err().message,
            "The repository with name 'team/app' does not exist in the registry with id '123456789012'"
        );
    }

    #[test]
    fn a_token_is_good_for_twelve_hours() {
        let mut world = World::new(Place::default(), Time::default());
        let answer = call(&mut world, "GetAuthorizationToken", json!({})).unwrap();
        let token = answer["authorizationData"][0]["authorizationToken"]
            .as_str()
            .unwrap();
        let decoded = String::from_utf8(BASE64.decode(token).unwrap()).unwrap();
        let password = decoded.strip_prefix("AWS:").unwrap();
        let at = |hours: u64| Time::from_epoch(Duration::from_secs(hours * 3600));
        assert_eq!(
            world.registry_password(at(11), password),
            Password::Good(Principal::Caller)
        );
        assert_eq!(world.registry_password(at(12), password), Password::Expired);
        assert_eq!(world.registry_password(at(0), "guess"), Password::Unknown);
    }
}
