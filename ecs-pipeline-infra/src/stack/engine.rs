//! Templates are text with choices in it: what a stack does not need is not in its template, and the
//! comments reach whoever reads it. (Built by code they would have none; with CloudFormation's own
//! conditions each reader would have to work out what applies.)

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

/// The templates by file name.
const TEMPLATES: [(&str, &str); 8] = [
    ("tags.yaml", include_str!("../../templates/tags.yaml")),
    ("network.yaml", include_str!("../../templates/network.yaml")),
    (
        "registry.yaml",
        include_str!("../../templates/registry.yaml"),
    ),
    ("cluster.yaml", include_str!("../../templates/cluster.yaml")),
    ("service.yaml", include_str!("../../templates/service.yaml")),
    (
        "codedeploy.yaml",
        include_str!("../../templates/codedeploy.yaml"),
    ),
    (
        "pipeline.yaml",
        include_str!("../../templates/pipeline.yaml"),
    ),
    ("jenkins.yaml", include_str!("../../templates/jenkins.yaml")),
];

/// A template with its choices made.
///
/// The templates are part of this crate, and a test renders each with every combination of options: that
/// one cannot be rendered is a defect of ours, and is written where the template would be.
pub(crate) fn render(name: &str, context: Value) -> String {
    static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> =
        LazyLock::new(environment);
    let rendered = match &*ENVIRONMENT {
        Ok(environment) => environment
            .get_template(name)
            .and_then(|template| template.render(context)),
        Err(error) => return format!("# defect in the templates: {error:#}\n"),
    };
    rendered.unwrap_or_else(|error| format!("# defect in {name}: {error:#}\n"))
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true);
    environment.set_syntax(syntax.build()?);
    environment.add_filter("quoted", quoted);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// Text as YAML takes it whatever is in it: YAML reads JSON's strings.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
