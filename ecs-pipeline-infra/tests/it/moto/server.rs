//! moto's server, and the AWS CLI that takes it for AWS.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::JoinHandle;

use ecs_pipeline_infra::stack::Stack;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::tools::{program, required};

/// A server on a port of 127.0.0.1 of its own; it ends with this.
pub(super) struct Moto {
    address: String,
    home: TempDir,
    server: Child,
    log: Option<JoinHandle<String>>,
    aws: PathBuf,
    python: PathBuf,
}

impl Moto {
    /// None where moto or the AWS CLI is not there.
    pub(super) fn start() -> Option<Self> {
        let (python, aws) = (python()?, required("aws-cli", program("aws"))?);
        let home = tempfile::tempdir().unwrap();
        let mut server = Command::new(&python)
            .arg(beside("server.py"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            // It deletes resources in the order of a set.
            .env("PYTHONHASHSEED", "0")
            // Without it no service ever has a running task.
            .env("MOTO_ECS_SERVICE_RUNNING", "2")
            .env("HOME", home.path())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap());
        let address = address(&mut log);
        let log = std::thread::spawn(move || {
            let mut rest = String::new();
            log.read_to_string(&mut rest)
                .map(|_| rest)
                .unwrap_or_default()
        });
        Some(Self {
            address,
            home,
            server,
            log: Some(log),
            aws,
            python,
        })
    }

    /// Carries out the command that is printed for a stack: what it says.
    pub(super) fn deploy(&self, stack: &Stack) -> String {
        let directory = self.home.path();
        std::fs::write(directory.join(stack.template_file()), &stack.template).unwrap();
        std::fs::write(
            directory.join(stack.parameter_file()),
            stack.parameter_text(),
        )
        .unwrap();
        let command = stack.deploy_command(&directory.to_string_lossy(), None);
        self.run(command.strip_prefix("aws ").unwrap())
    }

    /// A command of the AWS CLI that has to succeed: its answer.
    pub(super) fn aws(&self, command: &str) -> Value {
        let said = self.run(command);
        match said.trim() {
            "" => Value::Null,
            said => serde_json::from_str(said).unwrap(),
        }
    }

    /// What a script beside this file prints.
    pub(super) fn python(&self, script: &str) -> String {
        let script = beside(script);
        let output = self.command(&self.python).arg(&script).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {log}", script.display());
        String::from_utf8(output.stdout).unwrap()
    }

    fn run(&self, command: &str) -> String {
        let words = command.split(' ');
        let output = self.command(&self.aws).args(words).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{command}: {said}");
        said
    }

    /// A program that takes this for AWS.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.address))
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let log = self.log.take().map(JoinHandle::join);
        if std::thread::panicking() {
            let log = log.and_then(Result::ok).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "{log}");
        }
    }
}

/// Where the server says that it listens: the system gives it a port.
fn address(log: &mut BufReader<ChildStderr>) -> String {
    let mut said = String::new();
    loop {
        let mut line = String::new();
        let read = log.read_line(&mut line).unwrap();
        assert!(read > 0, "moto does not start: {said}");
        if let Some((_, address)) = line.trim_end().split_once("Running on http://") {
            return address.to_owned();
        }
        said.push_str(&line);
    }
}

/// The types of resources that moto's CloudFormation makes; none where it is not there.
pub(super) fn types() -> Option<BTreeSet<String>> {
    let output = Command::new(python()?)
        .arg(beside("server.py"))
        .arg("--types")
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let types = String::from_utf8(output.stdout).unwrap();
    Some(types.lines().map(str::to_owned).collect())
}

/// The interpreter that moto is installed for.
fn python() -> Option<PathBuf> {
    let moto = required("moto", program("moto_server"))?;
    Some(moto.with_file_name("python3"))
}

fn beside(script: &str) -> PathBuf {
    let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/moto"));
    directory.join(script)
}
