//! Real build specifications.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use ecs_pipeline_artifacts::build_spec::BuildSpec;

use super::*;

/// Build specifications from public repositories, where they are at hand (see `CONTRIBUTING.md`). Those that
/// name nothing outside of their source are run, with programs that do nothing in place of all others.
#[tokio::test]
async fn real_build_specifications() {
    let Some(specs) = corpus() else {
        return;
    };
    let programs = source(&[]);
    for name in PROGRAMS {
        let path = programs.path().join(name);
        fs::write(&path, "#!/bin/sh\necho \"${0##*/} $*\"\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var_os("PATH").unwrap();
    let mut shells = std::env::split_paths(&path).map(|directory| directory.join("bash"));
    let bash = shells.find(|path| path.is_file()).unwrap();
    symlink(bash, programs.path().join("bash")).unwrap();
    let (mut run, mut succeeded) = (0, 0);
    for (name, text) in specs {
        let parsed = BuildSpec::parse(&text);
        let text = String::from_utf8_lossy(&text);
        if parsed.is_ok() && reaches_out(&text) {
            continue;
        }
        let mut project = Project::new("shop")
            .machine("PATH", programs.path().to_str().unwrap())
            .variable("AWS_ACCOUNT_ID", "123456789012");
        for (_, parameter) in parsed.iter().flat_map(|spec| &spec.env.parameter_store) {
            project = project.parameter(parameter, "held");
        }
        let mut secrets = BTreeMap::<_, BTreeMap<_, _>>::new();
        for (_, secret) in parsed.iter().flat_map(|spec| &spec.env.secrets_manager) {
            let mut parts = secret.split(':');
            let members = secrets.entry(parts.next()).or_default();
            members.insert(parts.next().unwrap_or_default(), "held");
        }
        for (id, members) in secrets {
            let members = serde_json::to_string(&members).unwrap();
            project = project.secret(id.unwrap_or_default(), members);
        }
        let source = source(&[("buildspec.yml", &text)]);
        let build = project.build(source.path(), Start::default()).await;
        let downloaded = build.phase(PhaseName::DownloadSource).unwrap();
        let Ok(spec) = parsed else {
            assert_eq!(downloaded.code, "YAML_FILE_ERROR", "{name}");
            continue;
        };
        assert_eq!(
            downloaded.status,
            Status::Succeeded,
            "{name}: {}",
            downloaded.message
        );
        assert!(
            build.status <= Status::Failed,
            "{name}: {}",
            build.message()
        );
        for phase in &spec.phases {
            let ran = commands_in(&build, &phase.name.as_str().to_uppercase());
            let all = phase.commands.len() + phase.finally.len();
            let ended = build
                .phases
                .iter()
                .find(|ended| ended.name.to_string() == phase.name.as_str().to_uppercase());
            match ended.map(|ended| ended.status) {
                Some(Status::Succeeded) => assert_eq!(ran, all, "{name} {}", phase.name),
                Some(_) => assert!((1..=all).contains(&ran), "{name} {}", phase.name),
                None => assert_eq!(ran, 0, "{name} {}", phase.name),
            }
        }
        run += 1;
        succeeded += usize::from(build.succeeded());
        if !build.succeeded() {
            eprintln!("{name}: {}", build.message());
        }
    }
    eprintln!("{run} of them were run, and {succeeded} succeeded");
}

/// What real build specifications call.
const PROGRAMS: [&str; 33] = [
    "apt-get",
    "aws",
    "awk",
    "basename",
    "cat",
    "chmod",
    "cp",
    "curl",
    "cut",
    "date",
    "dirname",
    "docker",
    "docker-compose",
    "git",
    "grep",
    "head",
    "jq",
    "kubectl",
    "ls",
    "make",
    "mkdir",
    "mvn",
    "npm",
    "pip",
    "printenv",
    "pytest",
    "python",
    "sed",
    "sleep",
    "tr",
    "uname",
    "wc",
    "wget",
];

/// Whether it could touch something of this machine.
fn reaches_out(text: &str) -> bool {
    let paths = [" /", "\"/", "'/", ">/", "=/", "(/", "`/", "../", "cd .."];
    paths
        .iter()
        .chain(&["kill", "powershell"])
        .any(|sign| text.contains(sign))
}

fn commands_in(build: &Build, phase: &str) -> usize {
    let lines = build.log.iter();
    let lines = lines.skip_while(|line| !line.ends_with(&format!("Entering phase {phase}")));
    let lines = lines.take_while(|line| !line.contains("Phase complete: "));
    let is_command =
        |line: &&String| line.starts_with("[Container]") && line.contains(" Running command ");
    lines.filter(is_command).count()
}

/// Names and texts.
fn corpus() -> Option<Vec<(String, Vec<u8>)>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let root = std::env::var_os("ECS_PIPELINE_CORPUS").map_or(beside, PathBuf::from);
    let Ok(entries) = fs::read_dir(root.join("buildspec")) else {
        let required = std::env::var("ECS_PIPELINE_REQUIRE").unwrap_or_default();
        let is_required = required.split([' ', ',']).any(|name| name == "corpus");
        assert!(
            !is_required,
            "ECS_PIPELINE_REQUIRE lists `corpus`, which is not there"
        );
        eprintln!("skipped: no corpus at {}", root.display());
        return None;
    };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "an empty corpus");
    let read = files.into_iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap())
    });
    Some(read.collect())
}
