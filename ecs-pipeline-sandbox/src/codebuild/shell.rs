//! Runs commands one after the other, each with what the former left.
//!
//! AWS's reference says that version 0.2 has one shell instance for all commands. What its builds show is
//! a new shell for each, as a script of its own, which gets the directory and the variables of the former
//! one; variables are exported as soon as they are set. Functions, aliases, arrays and options such as
//! `set -e` are gone with their command (so says CodeBuild's team of arrays, aws/aws-cdk#26694), and
//! `exit 0` ends its command, not the phase; what that command had set is gone then.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::process::Command;

use super::group::Group;
use super::output::Output;

/// Runs a command's script, and keeps what it leaves. The command is a file of its own, so that one that
/// is not whole (an open quote, an open here-document) does not swallow the rest.
const RUN: &str = r#"set -a
. "$0"
CODEBUILD_LAST_EXIT=$?
pwd > "${0%/*}/directory"
/usr/bin/env -0 > "${0%/*}/variables"
exit $CODEBUILD_LAST_EXIT"#;

/// CodeBuild's own script has three lines before the command: shells name the line of an error.
const BEFORE: &str = "\
# A command of the build specification,
# as ecs-pipeline's stand-in
# for CodeBuild runs it.
";

/// The shell of a build.
#[derive(Debug)]
pub(super) struct Shell {
    program: PathBuf,
    /// What a command gets of the former one is put down here.
    notes: PathBuf,
    state: State,
    group: Group,
    output: Output,
}

/// What a command gets of the former one.
#[derive(Clone)]
struct State {
    directory: PathBuf,
    variables: BTreeMap<OsString, OsString>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secret.
        f.debug_struct("State")
            .field("directory", &self.directory)
            .field("variables", &self.variables.keys())
            .finish()
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended(ExitStatus);

impl Ended {
    pub(super) fn success(self) -> bool {
        self.0.success()
    }
}

/// As CodeBuild says it, which is written in Go.
impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.code(), self.0.signal()) {
            (Some(code), _) => write!(f, "exit status {code}"),
            (None, Some(9)) => f.write_str("signal: killed"),
            (None, Some(15)) => f.write_str("signal: terminated"),
            (None, Some(signal)) => write!(f, "signal: {signal}"),
            (None, None) => write!(f, "{}", self.0),
        }
    }
}

impl Shell {
    /// `notes` is an empty directory, which the commands are not told of.
    pub(super) fn start(
        program: PathBuf,
        notes: PathBuf,
        directory: &Path,
        variables: BTreeMap<String, String>,
    ) -> io::Result<Self> {
        let variables = variables.into_iter();
        Ok(Self {
            program,
            state: State {
                directory: directory.to_owned(),
                variables: variables
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect(),
            },
            group: Group::start()?,
            output: Output::new(format!("\u{1e}{}", notes.display()))?,
            notes,
        })
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.state.variables.insert(name.into(), value.into());
    }

    /// A variable as the last command left it.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let value = self.state.variables.get(OsStr::new(name))?;
        Some(value.to_string_lossy().into_owned())
    }

    /// Runs a command; `line` gets what it prints as it prints it.
    ///
    /// # Errors
    ///
    /// If it could not be run at all.
    pub(super) async fn run(&mut self, command: &str, line: impl FnMut(&str)) -> io::Result<Ended> {
        let script = self.notes.join("script.sh");
        std::fs::write(&script, format!("{BEFORE}{command}\n"))?;
        let mut child = self
            .command(RUN)
            .arg(script)
            .stdout(self.output.stdio()?)
            .stderr(self.output.stdio()?)
            .spawn()?;
        let marker = self.output.marker()?;
        let ended = async {
            let status = child.wait().await;
            let marked = tokio::task::spawn_blocking(marker).await;
            marked.map_err(io::Error::other).flatten().and(status)
        };
        let (status, read) = tokio::join!(ended, self.output.read(line));
        read?;
        self.take_state()?;
        status.map(Ended)
    }

    /// The same without what the command leaves: each command of version 0.1 has the first one's state.
    pub(super) async fn run_alone(
        &mut self,
        command: &str,
        line: impl FnMut(&str),
    ) -> io::Result<Ended> {
        let before = self.state.clone();
        let ended = self.run(command, line).await;
        self.state = before;
        ended
    }

    /// What a shell makes of a word, as of an artifact's name, `shop-$(date +%F)`.
    pub(super) async fn word(&self, word: &str) -> io::Result<String> {
        let mut command = self.command(&format!("printf %s \"{word}\""));
        let output = command.output().await?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, text: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["-c", text])
            .env_clear()
            .envs(&self.state.variables)
            .current_dir(&self.state.directory)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        self.group.join(&mut command);
        command
    }

    /// A command that ended its shell left nothing.
    fn take_state(&mut self) -> io::Result<()> {
        let directory = taken(&self.notes.join("directory"))?;
        let variables = taken(&self.notes.join("variables"))?;
        let (Some(directory), Some(variables)) = (directory, variables) else {
            return Ok(());
        };
        // At least the exit status is among them.
        if variables.is_empty() {
            let message = "the variables were not kept: `/usr/bin/env -0` failed";
            return Err(io::Error::other(message));
        }
        let directory = directory.strip_suffix(b"\n").unwrap_or(&directory);
        self.state = State {
            directory: OsString::from_vec(directory.to_vec()).into(),
            variables: variables_in(&variables),
        };
        Ok(())
    }
}

/// What is in a file, which is gone then; `None` where there is none.
fn taken(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(contents) => std::fs::remove_file(path).map(|()| Some(contents)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What `env -0` printed. Bash hands on functions as variables, CodeBuild does not.
fn variables_in(printed: &[u8]) -> BTreeMap<OsString, OsString> {
    let entries = printed.split(|byte| *byte == 0);
    let variables = entries.filter_map(|entry| {
        let at = entry.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&entry[..at], &entry[at + 1..]);
        let kept = !name.starts_with(b"BASH_FUNC_") && name != b"_" && !name.is_empty();
        kept.then(|| {
            (
                OsString::from_vec(name.to_vec()),
                OsString::from_vec(value.to_vec()),
            )
        })
    });
    variables.collect()
}
