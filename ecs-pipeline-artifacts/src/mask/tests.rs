#![allow(clippy::unwrap_used)]

use super::*;

fn parsed(name: &str, text: &str) -> String {
    Masked::of(&SourceFile::new(name, text)).text().to_owned()
}

#[test]
fn secrets_are_hidden_and_the_rest_is_not() {
    for (text, expected) in [
        (
            r#"{"environment": [{"name": "A", "value": "hunter2"}], "image": "web:1"}"#,
            r#"{"environment": [{"name": "A", "value": "***"}], "image": "web:1"}"#,
        ),
        (
            r#"{"environmnt": [{"name": "A", "value": "hunter2"}], "enviroments": {"A": "hunter2"}}"#,
            r#"{"environmnt": [{"name": "A", "value": "***"}], "enviroments": {"A": "***"}}"#,
        ),
        (
            r#"{"x": [{"Name": "A", "Value": "hunter2"}], "tags": [{"key": "team", "value": "web"}]}"#,
            r#"{"x": [{"Name": "A", "Value": "***"}], "tags": [{"key": "team", "value": "web"}]}"#,
        ),
        (
            r#"{"environmentFiles": [{"value": "arn:aws:s3:::b/a.env", "type": "s3"}, {"value": "hunter2"}]}"#,
            r#"{"environmentFiles": [{"value": "arn:aws:s3:::b/a.env", "type": "s3"}, {"value": "***"}]}"#,
        ),
        (
            r#"{"environment": {"A": "hunter2", "B": 1}, "dockerLabels": {"x": "hunter2"}}"#,
            r#"{"environment": {"A": "***", "B": ***}, "dockerLabels": {"x": "***"}}"#,
        ),
        (
            r#"{"options": {"awslogs-group": "/g", "splunk-token": "hunter2"}}"#,
            r#"{"options": {"awslogs-group": "/g", "splunk-token": "***"}}"#,
        ),
        (
            r#"{"command": ["run", "--password", "hunter2", "--api-key=hunter2", "x"]}"#,
            r#"{"command": ["run", "--password", "***", "--api-key=***", "x"]}"#,
        ),
        (
            r#"{"command": ["sh -c \"PASSWORD=\\\"hunter2 x\\\" run\"", "https://a:hunter2@h/p?token=hunter2&x=1", "TOKEN=hunter2\\nhunter2 y"]}"#,
            r#"{"command": ["sh -c \"PASSWORD=*** run\"", "https://***@h/p?token=***&x=1", "TOKEN=*** y"]}"#,
        ),
        (
            r#"{"command": ["sh", "-c", "mysql -uroot -phunter2-SECRET db", "docker run -p80:80"]}"#,
            r#"{"command": ["sh", "-c", "mysql -uroot -p*** db", "docker run -p80:80"]}"#,
        ),
        (
            "{\"command\": [\n\"mysqldump\",\n\"-phunter2\", \"-p\", \"db\"]}",
            "{\"command\": [\n\"mysqldump\",\n\"-p***\", \"-p\", \"db\"]}",
        ),
        (
            r#"{"secrets": [{"name": "A", "valueFrom": "hunter2"}, {"name": "B", "valueFrom": "/prod/b"}]}"#,
            r#"{"secrets": [{"name": "A", "valueFrom": "***"}, {"name": "B", "valueFrom": "/prod/b"}]}"#,
        ),
        (
            r#"{"environment": [{"name": "A", "value": "${A}"}]} // A was hunter2"#,
            r#"{"environment": [{"name": "A", "value": "${A}"}]} //***"#,
        ),
    ] {
        assert_eq!(parsed("taskdef.json", text), expected);
    }
}

#[test]
fn yaml_too() {
    let text = "\
env:
  variables: &all
    A: hunter2
    B: |
      hunter2
  more: {variables: *all}
phases:
  build:
    commands: # hunter2
      - docker login -u me -p hunter2 host
      - mysqladmin -p'hunter2 hunter2' status; mysql -p\"$PASS\" -p$PASS
      - mysql -phun@hunter2 db
      - docker login -u me -phunter2
      - export TOKEN='hunter2 hunter2'; echo done
      - aws ecr get-login-password | docker login --password-stdin $HOST
      - curl -H \"Authorization: Bearer hunter2\" x
      - echo AKIAHUNTER2HUNTER2XX
      - echo https://hunter2@github.com/a/b
";
    let shown = parsed("buildspec.yml", text);
    assert!(!shown.to_lowercase().contains("hunter2"), "{shown}");
    for kept in [
        "-p *** host",
        "; echo done",
        "mysql -p\"$PASS\" -p$PASS",
        "docker login --password-stdin $HOST",
        "@github.com/a/b",
    ] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
}

#[test]
fn secrets_of_a_jenkinsfile_and_of_a_script() {
    for (name, text) in [
        (
            "Jenkinsfile",
            "environment {\n  DB_PASSWORD = 'hunter2'\n  A = \"x\" // hunter2\n}",
        ),
        (
            "Jenkinsfile",
            "/* hunter2 */ sh 'mysql -phunter2' /* hunter2 */",
        ),
        (
            "Jenkinsfile",
            "sh \"curl -u ${env.USER} --password hunter2 https://a:hunter2@b\"",
        ),
        (
            "Jenkinsfile",
            "string(name: 'TOKEN', password: 'hunter2')\nsh '''\n# hunter2\n'''",
        ),
        (
            "deploy.sh",
            "# hunter2\nexport API_KEY=hunter2\ndocker login -p hunter2",
        ),
    ] {
        let shown = parsed(name, text);
        assert!(!shown.contains("hunter2"), "{text}: {shown}");
    }
    let kept = "sh 'docker push a:1 && aws ecs wait services-stable' // ***";
    assert_eq!(
        parsed("Jenkinsfile", &kept.replace("***", "x")),
        kept.replace("// ***", "//***")
    );
}

#[test]
fn an_alias_hides_what_it_stands_for() {
    let text = "x: &s hunter2\nenv:\n  variables:\n    A: *s\n";
    let shown = parsed("buildspec.yml", text);
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn broken_texts_hide_more_rather_than_less() {
    for text in [
        r#"{"environment": [{"name": "A", "value": "hunter2""#,
        r#"{"environment": [{"name": "A", "value": "hunter2 "hunter2"}]"#,
        "{\"value\": \"a\nhunter2\", \"x\": \"y",
        r#"{"value": hunter2"#,
        r#"{"value":"a\"hunter2", "x": 1,"#,
        r#"{"environment": {"A": "hunter2", "B": hunter2, "C" "hunter2"}"#,
        r#"{"dockerLabels": {"A": "hunter2""#,
        r#"{"environment": ["A=hunter2""#,
        "{'environment': [{'name': 'A', 'value': 'hunter2'}]",
        r#"{"environmnt": {"A": "hunter2""#,
        r#"{"environment":[{"name":"PASSWORD" "value":"hunter2-SECRET"}]}"#,
        r#"{"environment":[{"name":"A" "value":"hunter2-SECRET"}, x]}"#,
        r#"{"name":"PASSWORD" "value":"hunter2-SECRET"}"#,
        r#"{"environment":[{"name" "A" "value" "hunter2"}, {"name": "A "value": "hunter2"}]"#,
        r#"{"environment": [{"name": "A", "value": "it's hunter2", "#,
    ] {
        let shown = Masked::unparsed(text, Format::Json);
        assert!(
            !shown.text().contains("hunter2"),
            "{text}: {}",
            shown.text()
        );
    }
    for text in [
        "env:\n  variables:\n    A: hunter2\n    B: \"hunter2\n  bad: [\n",
        "env:\n  variables:\n    A: >\n      x hunter2\n      hunter2: y\n\tphases:",
        "environment:\n- name: A\n  value: hunter2\n- {name: B, value: hunter2}\n}",
        "environment:\n- name: A value: hunter2\n- {name: B value: hunter2}\n}",
        "db-password: hunter2 and more hunter2\n]",
    ] {
        let shown = Masked::unparsed(text, Format::Yaml);
        assert!(
            !shown.text().contains("hunter2"),
            "{text}: {}",
            shown.text()
        );
    }
}

#[test]
fn spans_move_with_the_text() {
    let text = r#"{"value": "hunter2", "x": 1}"#;
    let masked = Masked::unparsed(text, Format::Json);
    assert_eq!(masked.text(), r#"{"value": "***", "x": 1}"#);
    let shown = |part: &str| {
        let at = text.find(part).unwrap();
        let span = masked.span(&(at..at + part.len()));
        masked.text().get(span).unwrap().to_owned()
    };
    assert_eq!(shown("\"x\""), "\"x\"");
    assert_eq!(shown("\"hunter2\""), "\"***\"");
    assert_eq!(shown("unter"), "***");
    assert_eq!(shown("value"), "value");
    assert!(masked.hides(&(12..13)));
    assert!(!masked.hides(&(0..9)));
}

#[test]
fn the_length_of_a_secret_is_not_told() {
    let shown = |secret: &str| {
        parsed(
            "taskdef.json",
            &format!(r#"{{"environment": [{{"name": "A", "value": "{secret}"}}]}}"#),
        )
    };
    assert_eq!(shown(""), shown("a long secret"));
}

#[test]
fn large_texts_take_no_time() {
    for unit in [
        "\"value\": \"",
        "password=\"",
        "environment: {",
        "://a@",
        "/*",
        "-p ",
        "--token ",
        "environment:\n",
        "variables:\n \"value\": '",
    ] {
        for format in [Format::Json, Format::Yaml, Format::Groovy, Format::Shell] {
            let masked = Masked::unparsed(&unit.repeat(20_000), format);
            assert!(!masked.text().is_empty());
        }
    }
}
