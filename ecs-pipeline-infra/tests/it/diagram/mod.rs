//! `docs/infra.svg`: what the templates create, drawn from the templates.
//!
//! Where things stand is laid out by hand, in [`layout`]; that they are there, what they are called and which
//! port or address they have is read from the templates, and so is every line between two of them.

mod graph;
mod layout;
mod lists;
mod svg;

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::combination::{Choice, make};
use crate::support::document::{Document, Resource};
use graph::Graph;
use layout::{BOXES, FRAMES, HEIGHT, LINES, Node, PARTS, WIDTH};
use svg::Canvas;

/// A pipeline of its own that deploys through CodeDeploy: what has the most in it.
const DRAWN: &[(&str, &str)] = &[
    ("task", "fargate"),
    ("strategy", "codedeploy"),
    (
        "pipeline",
        r#"{"repository": "octo-org/hello-web", "deploy": "codedeploy-to-ecs", "email": "web@example.com"}"#,
    ),
    ("jenkins", "{}"),
];

/// The templates by stack: `network`, `service`.
pub(crate) type Stacks = BTreeMap<&'static str, Document>;

fn stacks() -> Stacks {
    let choice: Choice = DRAWN.iter().copied().collect();
    let stacks = make(&choice).unwrap();
    let documents = stacks.iter().map(|stack| {
        let mut document = Document::parse(&stack.name, &stack.template_file(), &stack.template);
        document.values = stack.parameters.iter().cloned().collect();
        (stack.kind.name(), document)
    });
    documents.collect()
}

/// A resource by the name of its stack and its own: `network/Vpc`.
fn resource<'a>(stacks: &'a Stacks, path: &str) -> (&'a Document, Resource<'a>) {
    let (stack, name) = path.split_once('/').unwrap();
    let document = &stacks[stack];
    let found = document.resources().find(|it| it.name == name);
    (
        document,
        found.unwrap_or_else(|| panic!("{path} is not there")),
    )
}

/// A text with `{/Pointer}` for what a property says.
fn filled(stacks: &Stacks, path: &str, text: &str) -> String {
    let (document, resource) = resource(stacks, path);
    let mut filled = text.to_owned();
    while let Some((before, rest)) = filled.split_once('{') {
        let (pointer, after) = rest.split_once('}').unwrap();
        let value = document.resolve(resource.property(pointer));
        let value = value.unwrap_or_else(|| panic!("{path} has no {pointer}"));
        filled = format!("{before}{value}{after}");
    }
    filled
}

fn draw(stacks: &Stacks) -> String {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    for frame in FRAMES {
        canvas.frame(frame, &filled(stacks, frame.resource, frame.text));
    }
    for line in LINES {
        canvas.line(line);
    }
    for it in BOXES {
        canvas.node(
            it,
            stack_of(it),
            &filled(stacks, it.resource, it.title),
            &filled(stacks, it.resource, it.text),
        );
    }
    lists::draw(&mut canvas, stacks);
    canvas.finish()
}

fn stack_of(it: &Node) -> &'static str {
    it.resource.split_once('/').unwrap().0
}

#[test]
fn the_diagram_shows_what_is_created() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/infra.svg");
    let drawn = draw(&stacks());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, drawn).unwrap();
        return;
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == drawn,
        "docs/infra.svg is not up to date: UPDATE_DOCS=1 cargo test -p ecs-pipeline-infra --test it diagram"
    );
}

#[test]
fn nothing_is_left_out() {
    let stacks = stacks();
    for (stack, document) in &stacks {
        for resource in document.resources() {
            let path = format!("{stack}/{}", resource.name);
            let drawn = BOXES.iter().any(|it| it.resource == path)
                || FRAMES.iter().any(|it| it.resource == path);
            let listed = lists::has(resource.kind()) || PARTS.contains(&resource.kind());
            assert!(drawn || listed, "{path}, {}, is not drawn", resource.kind());
        }
    }
}

#[test]
fn every_line_is_in_the_templates() {
    let stacks = stacks();
    let graph = Graph::new(&stacks);
    let drawn: Vec<_> = BOXES.iter().map(|it| it.resource).collect();
    for line in LINES {
        let (from, to) = line.between;
        let known = graph.connects(from, to, &drawn);
        assert!(known, "{from} has nothing to do with {to}");
    }
    assert!(!graph.connects("registry/ImageRepository", "network/NatGateway1", &drawn));
}
