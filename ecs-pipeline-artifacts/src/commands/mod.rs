//! What the commands of a pipeline do with images, files and services, as far as their text tells: those
//! of a build specification, of the `sh` steps of a Jenkinsfile, and of a shell script.

use std::collections::HashMap;

use serde_json::Value;

pub(crate) mod aws_cli;
pub(crate) mod shell;

use crate::source::{Node, Span};
use shell::{Command, Word};

/// The longest word, and the longest content of a file, into which values of variables are put.
const MAX_WORD: usize = 1024;
const MAX_CONTENT: usize = 64 * 1024;
/// Loops whose variables are known.
const MAX_LOOPS: usize = 100;

/// The phases, in the order in which they run.
pub(crate) const PHASES: [&str; 4] = ["install", "pre_build", "build", "post_build"];

/// The commands that could have to do with an image, a service or a file of the hand-over.
#[derive(Default)]
pub(crate) struct Script<'t> {
    pub(crate) steps: Vec<Step<'t>>,
    /// Variables that are set once; `None` where one is set more than once, or unclearly.
    variables: HashMap<String, Option<Word>>,
    /// The variables of `for`, which have many values.
    loops: Vec<String>,
    /// Whether there is an image that is pushed without a command.
    pushes_otherwise: bool,
    /// Whether there are commands that cannot be read.
    has_others: bool,
    /// What else is called that may have to do with a deployment.
    calls: Vec<&'t str>,
}

/// Commands that one shell runs: an item of a phase's `commands` or `finally`, an `sh` step, a script.
pub(crate) struct Step<'t> {
    /// The phase of a build specification; empty elsewhere.
    pub(crate) phase: &'t str,
    pub(crate) node: &'t Node<'t>,
    pub(crate) text: &'t str,
    pub(crate) commands: Vec<Command>,
}

impl<'t> Step<'t> {
    pub(crate) fn site(&self, command: &Command) -> Site<'t> {
        self.site_of(&command.span)
    }

    pub(crate) fn site_of(&self, span: &Span) -> Site<'t> {
        Site {
            node: self.node,
            span: span.clone(),
        }
    }
}

/// Where a command stands, or a word of it.
#[derive(Clone)]
pub(crate) struct Site<'t> {
    /// The text that it is in.
    pub(crate) node: &'t Node<'t>,
    /// Which bytes of that text.
    pub(crate) span: Span,
}

/// An image that is pushed.
pub(crate) struct Push<'t> {
    pub(crate) site: Site<'t>,
    /// With its tag, `:latest` where none was given.
    pub(crate) image: Word,
}

/// A file that a command's output goes to.
pub(crate) struct Written<'t> {
    pub(crate) site: Site<'t>,
    pub(crate) path: Word,
    /// What is written, where the command shows it.
    pub(crate) content: Option<Word>,
}

/// The items of a phase that are run.
pub(crate) fn items<'t>(phase: &'t Node<'t>) -> impl Iterator<Item = &'t Node<'t>> {
    ["commands", "finally"].into_iter().flat_map(|name| {
        let list = phase.get(name);
        let single = list.filter(|list| list.as_str().is_some());
        list.map(Node::items)
            .unwrap_or_default()
            .iter()
            .chain(single)
    })
}

impl<'t> Script<'t> {
    pub(crate) fn of_build_spec(root: &'t Node<'t>) -> Self {
        let mut script = Self::default();
        let variables = root.get("env").and_then(|env| env.get("variables"));
        script.set_all(variables);
        for name in PHASES {
            let phase = root.get("phases").and_then(|phases| phases.get(name));
            for node in phase.into_iter().flat_map(items) {
                script.add(name, node);
            }
        }
        for at in 0..script.steps.len() {
            script.note_step(at, true);
        }
        script
    }

    /// The `sh` steps. Each has a shell of its own, so that what one sets the next does not see.
    pub(crate) fn of_jenkinsfile(root: &'t Node<'t>) -> Self {
        let calls = root.get("calls").map(Node::items).unwrap_or_default();
        let mut script = Self {
            pushes_otherwise: root.get("push").is_some(),
            calls: calls.iter().filter_map(Node::as_str).collect(),
            ..Self::default()
        };
        script.set_all(root.get("environment"));
        for node in root.get("sh").map(Node::items).unwrap_or_default() {
            script.has_others |= node.is_null();
            script.add("", node);
        }
        for at in 0..script.steps.len() {
            script.note_step(at, false);
        }
        script
    }

    pub(crate) fn of_shell_script(root: &'t Node<'t>) -> Self {
        let mut script = Self::default();
        script.add("", root);
        script.note_step(0, true);
        script
    }

    fn set_all(&mut self, variables: Option<&'t Node<'t>>) {
        for member in variables.map(Node::members).unwrap_or_default() {
            let value = member.node.as_str().map(Word::from_marked);
            self.set(&member.name, value.filter(Word::is_certain));
        }
    }

    fn add(&mut self, phase: &'t str, node: &'t Node<'t>) {
        if let Some(text) = node.as_str().filter(|text| is_of_interest(text)) {
            self.steps.push(Step {
                phase,
                node,
                text,
                commands: shell::commands(text),
            });
        }
    }

    /// What the commands of a step set, and whether that holds for all that follows.
    fn note_step(&mut self, at: usize, lasts: bool) {
        let Some(step) = self.steps.get(at) else {
            return;
        };
        let mut set = Vec::new();
        for command in &step.commands {
            for (name, value) in &command.assignments {
                let value = Some(value.clone()).filter(|value| lasts && value.is_certain());
                set.push((name.clone(), value));
            }
            let variable = command.words.get(1).and_then(Word::literal);
            if let Some(variable) = variable.filter(|_| command.program() == "for") {
                self.loops.push(variable.to_owned());
            }
        }
        for (name, value) in set {
            self.set(&name, value);
        }
    }

    fn set(&mut self, name: &str, value: Option<Word>) {
        let value = value.filter(|value| value.marked().len() <= MAX_WORD);
        self.variables
            .entry(name.to_owned())
            .and_modify(|former| *former = None)
            .or_insert(value);
    }

    /// With variables replaced that the build specification itself sets, once and plainly.
    pub(crate) fn resolve(&self, word: &Word) -> Word {
        self.resolve_up_to(MAX_WORD, word)
    }

    fn resolve_up_to(&self, limit: usize, word: &Word) -> Word {
        let mut word = word.clone();
        // A value may name variables in turn; one that names itself must not go on for ever.
        for _ in 0..3 {
            if word.is_certain() && word.literal().is_none() {
                word = word.resolved(limit, |name| self.variables.get(name)?.as_ref());
            }
        }
        word
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (&Step<'t>, &Command)> {
        self.steps
            .iter()
            .flat_map(|step| step.commands.iter().map(move |command| (step, command)))
    }

    /// The images that are pushed, in file order; `None` where there is a push whose image is not clear.
    pub(crate) fn pushes(&self) -> Option<Vec<Push<'t>>> {
        if self.has_others || self.pushes_otherwise {
            return None;
        }
        let mut pushes = Vec::new();
        for (step, command) in self.each().filter(|(_, command)| is_push(command)) {
            let operands = command.words.iter().skip(2);
            let mut operands = operands.filter(|word| !word.marked().starts_with('-'));
            let image = operands
                .next()
                .filter(|_| command.is(&["docker", "push"]))?;
            if !image.is_certain()
                || self
                    .loops
                    .iter()
                    .take(MAX_LOOPS)
                    .any(|variable| image.names(variable))
                || operands.next().is_some()
                || command.has("-a")
                || command.has("--all-tags")
            {
                return None;
            }
            pushes.push(Push {
                site: step.site(command),
                image: with_tag(&self.resolve(image)),
            });
        }
        Some(pushes)
    }

    /// The first command after which an image is in a registry, in a phase.
    pub(crate) fn first_push(&self, phase: &str) -> Option<Site<'t>> {
        let mut pushes = self
            .each()
            .filter(|(step, command)| step.phase == phase && is_push(command));
        pushes.next().map(|(step, command)| step.site(command))
    }

    pub(crate) fn pushes_anything(&self) -> bool {
        self.each().any(|(_, command)| is_push(command))
    }

    /// Every `docker build`, with its platform: `None` where none is given.
    pub(crate) fn builds(&self) -> Vec<(Site<'t>, Option<Word>)> {
        let builds = self.each().filter(|(_, command)| {
            command.is(&["docker", "build"])
                || command.is(&["docker", "buildx", "build"])
                || command.is(&["docker", "image", "build"])
        });
        builds
            .map(|(step, command)| {
                let platform = command.option("--platform");
                (step.site(command), platform.map(|word| self.resolve(&word)))
            })
            .collect()
    }

    /// Whether a command has the text, or a variable of this name is set.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.steps.iter().any(|step| step.text.contains(text)) || self.variables.contains_key(text)
    }

    /// Whether something beside the commands that are known may be what the word says.
    pub(crate) fn may_otherwise(&self, word: &str) -> bool {
        let says = |call: &str| {
            call.to_ascii_lowercase()
                .contains(&word.to_ascii_lowercase())
        };
        self.has_others || self.calls.iter().any(|call| says(call))
    }

    /// The files that output goes to, in file order.
    pub(crate) fn writes(&self) -> impl Iterator<Item = Written<'t>> {
        self.each().filter_map(|(step, command)| {
            let tee = command.words.get(1).filter(|_| command.program() == "tee");
            let path = command.writes.as_ref().or(tee)?;
            Some(Written {
                site: step.site(command),
                path: self.resolve(path),
                content: output(command),
            })
        })
    }

    /// The last that is written to a file of this name, at the top of the source.
    pub(crate) fn written(&self, name: &str) -> Option<Written<'t>> {
        let at_top = |written: &Written<'_>| is_at_top(&written.path, name);
        let mut written = self.writes().filter(at_top).last()?;
        written.content = written
            .content
            .map(|content| self.resolve_up_to(MAX_CONTENT, &content));
        Some(written)
    }

    /// Whether a command that does not write the file has its name, and so may change it.
    pub(crate) fn may_change(&self, name: &str) -> bool {
        self.each().any(|(step, command)| {
            let harmless = matches!(command.program(), "cat" | "echo" | "printf" | "ls" | "test");
            !harmless
                && step.text.contains(name)
                && command
                    .words
                    .iter()
                    .any(|word| word.marked().contains(name))
        })
    }
}

/// Only these commands are looked into: most of a build says nothing about images.
fn is_of_interest(text: &str) -> bool {
    [
        "docker",
        "aws",
        ">",
        "=",
        ".json",
        ".y",
        "wait",
        "ecs-pipeline",
    ]
    .iter()
    .any(|part| text.contains(part))
        || text.contains("CODEBUILD_")
}

fn is_push(command: &Command) -> bool {
    let pushes = ["docker", "buildah", "podman"].contains(&command.program())
        && command.words.get(1).and_then(Word::literal) == Some("push");
    pushes
        || command.is(&["docker", "image", "push"])
        || command.is(&["docker", "compose", "push"])
        || (command.is(&["docker", "buildx", "build"]) && command.has("--push"))
}

/// The image with the tag that docker assumes.
fn with_tag(image: &Word) -> Word {
    if tag(image).is_none() && !image.marked().contains('@') && !ends_in_variable(image) {
        return Word::from_marked(format!("{}:latest", image.marked()));
    }
    image.clone()
}

/// A variable at the end may hold the tag.
fn ends_in_variable(image: &Word) -> bool {
    image.marked().ends_with('\u{E002}')
}

/// Repository and tag of an image, where it has a tag.
pub(crate) fn tag(image: &Word) -> Option<(&str, &str)> {
    let (repository, tag) = image.marked().rsplit_once(':')?;
    (!tag.contains('/')).then_some((repository, tag))
}

fn is_at_top(path: &Word, name: &str) -> bool {
    let path = path.marked();
    let path = path.strip_prefix("./").unwrap_or(path);
    let source = "\u{E001}CODEBUILD_SRC_DIR\u{E002}/";
    path.strip_prefix(source).unwrap_or(path) == name
}

/// What `echo` and `printf` print, where that can be told.
fn output(command: &Command) -> Option<Word> {
    if command.adds {
        return None;
    }
    match command.program() {
        "echo" => {
            let words = command.words.iter().skip(1);
            let words = words.filter(|word| !matches!(word.marked(), "-n" | "-e" | "-E"));
            let words: Vec<_> = words.map(Word::marked).collect();
            Some(Word::from_marked(words.join(" ")))
        }
        "printf" => {
            let format = command.words.get(1)?;
            formatted(format.marked(), command.words.get(2..).unwrap_or_default())
        }
        _ => None,
    }
}

/// `printf` with `%s` alone, as many as there are arguments.
fn formatted(format: &str, arguments: &[Word]) -> Option<Word> {
    let mut arguments = arguments.iter();
    let mut text = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => match characters.next()? {
                's' => text.push_str(arguments.next().map(Word::marked).unwrap_or_default()),
                '%' => text.push('%'),
                _ => return None,
            },
            '\\' => match characters.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                escaped @ ('"' | '\\') => text.push(escaped),
                _ => return None,
            },
            other => text.push(other),
        }
    }
    arguments.next().is_none().then(|| Word::from_marked(text))
}

/// Whether it cannot be told what is written: it depends on what a variable holds beyond a string's text.
pub(crate) fn is_unclear(content: &Word) -> bool {
    let parses = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    let number = Word::from_marked("0");
    !content.is_certain()
        || content.marked().trim_start().starts_with('\u{E001}')
        || (!parses(content.marked())
            && parses(content.resolved(MAX_CONTENT, |_| Some(&number)).marked()))
}

/// The container and image of each entry of a written `imagedefinitions.json`; `None` where it is none.
pub(crate) fn image_definitions(content: &Word) -> Option<Vec<(Word, Word)>> {
    let value: Value = serde_json::from_str(content.marked()).ok()?;
    let entries = value.as_array()?.iter().map(|entry| {
        let text = |name: &str| {
            entry
                .get(name)
                .and_then(Value::as_str)
                .map(Word::from_marked)
        };
        Some((text("name")?, text("imageUri")?))
    });
    entries.collect()
}

/// The image of a written `imageDetail.json`.
pub(crate) fn image_detail(content: &Word) -> Option<Word> {
    let value: Value = serde_json::from_str(content.marked()).ok()?;
    value
        .get("ImageURI")
        .and_then(Value::as_str)
        .map(Word::from_marked)
}
