//! A call of the AWS CLI: which service and operation it names, with which options, and whether they exist.

use super::shell::{Command, Word};
use crate::source::Span;

mod table;

/// The commands of a service.
pub(crate) struct Service {
    name: &'static str,
    /// Each command's name, `wait services-stable` for one with two words, and its options without their
    /// dashes, between blanks. Sorted.
    commands: &'static [(&'static str, &'static str)],
}

/// A name in a call, and where it stands in the step's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name<'c> {
    pub(crate) text: &'c str,
    pub(crate) span: Span,
}

/// `aws SERVICE OPERATION --option …`, of a service whose commands are known.
pub(crate) struct Call<'c> {
    pub(crate) service: &'static Service,
    /// The operation, or what is waited for.
    pub(crate) operation: Name<'c>,
    /// The operation as the AWS CLI names it in one: `wait services-stable`.
    pub(crate) path: String,
    /// The options behind it, without their dashes and values.
    pub(crate) options: Vec<Name<'c>>,
}

impl<'c> Call<'c> {
    /// Reads a command; `None` where it calls something else, or where it cannot be told what it calls.
    pub(crate) fn of(command: &'c Command) -> Option<Self> {
        if command.program() != "aws" {
            return None;
        }
        let words = std::iter::zip(&command.words, &command.places).skip(1);
        let mut words = words.peekable();
        let mut names = Vec::new();
        while names.len() < 2 || (names.len() == 2 && is_wait(&names)) {
            let (word, place) = words.next()?;
            let text = word.literal()?;
            match text.strip_prefix("--") {
                Some(option) if takes_value(option)? => drop(words.next()?),
                Some(_) => {}
                None => names.push(Name {
                    text,
                    span: place.clone(),
                }),
            }
        }
        let [service, operations @ ..] = names.as_slice() else {
            return None;
        };
        let services = table::SERVICES.iter();
        let service = services
            .into_iter()
            .find(|known| known.name == service.text)?;
        let path: Vec<_> = operations.iter().map(|name| name.text).collect();
        Some(Self {
            service,
            operation: operations.last()?.clone(),
            path: path.join(" "),
            options: words
                .filter_map(|(word, place)| option(word, place))
                .collect(),
        })
    }

    pub(crate) fn is(&self, service: &str, path: &str) -> bool {
        self.service.name == service && self.path == path
    }

    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|own| own.text == option)
    }

    /// The command as a person writes it, without options.
    pub(crate) fn show(&self) -> String {
        format!("aws {} {}", self.service.name, self.path)
    }

    /// The options of the operation; `None` for one that the table does not have.
    pub(crate) fn known_options(&self) -> Option<impl Iterator<Item = &'static str> + use<>> {
        let commands = self.service.commands.iter();
        let (_, options) = commands.into_iter().find(|(name, _)| *name == self.path)?;
        let all = table::GLOBAL.iter().map(|(name, _)| *name);
        Some(options.split(' ').chain(all))
    }

    /// The options that the operation does not have. The AWS CLI takes the beginning of an option for it.
    pub(crate) fn unknown_options(&self) -> impl Iterator<Item = &Name<'c>> {
        let known: Option<Vec<_>> = self.known_options().map(Iterator::collect);
        self.options.iter().filter(move |option| {
            let mut known = known.iter().flatten().peekable();
            known.peek().is_some() && !known.any(|known| known.starts_with(option.text))
        })
    }

    /// The names that could stand in the operation's place: those of waiters behind `wait`.
    pub(crate) fn known_operations(&self) -> impl Iterator<Item = &'static str> + use<> {
        let waits = self.path.starts_with("wait ");
        let commands = self.service.commands.iter();
        commands.filter_map(move |(name, _)| match name.strip_prefix("wait ") {
            Some(waiter) => waits.then_some(waiter),
            None => (!waits).then_some(*name),
        })
    }
}

fn is_wait(names: &[Name<'_>]) -> bool {
    names.last().is_some_and(|name| name.text == "wait")
}

/// Whether a value follows an option that stands before the operation; `None` where that is not known.
fn takes_value(option: &str) -> Option<bool> {
    if option.contains('=') {
        return Some(false);
    }
    let mut options = table::GLOBAL.iter();
    options
        .find(|(name, _)| *name == option)
        .map(|(_, takes_value)| *takes_value)
}

/// The name of an option, where the word is one. One with a blank in it is a value to the AWS CLI, too.
fn option<'c>(word: &'c Word, place: &Span) -> Option<Name<'c>> {
    let text = word.marked().strip_prefix("--")?;
    let name = text.split_once('=').map_or(text, |(name, _)| name);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_name = !name.is_empty() && name.chars().all(plain) && !word.marked().contains(' ');
    is_name.then(|| Name {
        text: name,
        span: place.clone(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::commands::shell::commands;

    /// The call as text: the command, its options, `?` behind those that it does not have.
    fn shown(text: &str) -> Option<String> {
        let command = commands(text).pop()?;
        let call = Call::of(&command)?;
        let unknown: Vec<_> = call.unknown_options().collect();
        let options = call.options.iter().map(|option| {
            let mark = if unknown.contains(&option) { "?" } else { "" };
            format!(" {}{mark}", option.text)
        });
        Some(format!("{}{}", call.show(), options.collect::<String>()))
    }

    #[test]
    fn calls() {
        for (text, expected) in [
            (
                "aws ecs update-service --cluster c --service=s --rollback-deployment",
                Some("aws ecs update-service cluster service rollback-deployment?"),
            ),
            (
                "aws --region eu-west-1 --no-cli-pager ecs --output text wait services-stable --cluster $C",
                Some("aws ecs wait services-stable cluster"),
            ),
            (
                "aws ecs update-service --desired 2 --no-force-new-deployment --no-paginate --query x",
                Some("aws ecs update-service desired no-force-new-deployment no-paginate query"),
            ),
            (
                "aws ecs update-service $OPTIONS --$NAME x --service '--a b' -- --$(x)",
                Some("aws ecs update-service service"),
            ),
            (
                "aws ecs rollback-service --x",
                Some("aws ecs rollback-service x"),
            ),
            (
                "aws ecs describe-tasks --cli-input-yaml file://x",
                Some("aws ecs describe-tasks cli-input-yaml"),
            ),
            (
                "aws ecr get-login --no-include-email",
                Some("aws ecr get-login no-include-email"),
            ),
            ("aws $SERVICE update-service", None),
            ("aws ecs $OPERATION --x", None),
            ("aws --profil x ecs wait", None),
            ("aws s3 cp a b --rollback", None),
            ("aws ecs", None),
            ("aws", None),
            ("echo aws ecs update-service --x", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_table_has_what_pipelines_use() {
        for text in [
            "aws ecs deploy --service s --task-definition t --codedeploy-appspec a",
            "aws ecs register-task-definition --cli-input-json file://t.json",
            "aws ecs run-task --overrides x --count 1 --launch-type FARGATE",
            "aws ecs create-service --service-name s --platform-version LATEST",
            "aws ecs stop-service-deployment --service-deployment-arn a --stop-type ROLLBACK",
            "aws ecr get-login-password --region r",
            "aws ecr create-repository --repository-name r --image-tag-mutability IMMUTABLE",
            "aws deploy create-deployment --application-name a --revision r",
            "aws deploy wait deployment-successful --deployment-id d",
        ] {
            let shown = shown(text).unwrap();
            assert!(!shown.contains('?'), "{shown}");
        }
        for service in table::SERVICES {
            assert!(service.commands.is_sorted(), "{}", service.name);
        }
    }
}
