//! Jenkins, as far as a Jenkinsfile needs it: `tests/jenkins` runs the file, without Jenkins.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::command::{Command, Outcome};
use crate::running::Running;

/// Where the harness is.
const HARNESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/jenkins");

/// A job: a git repository with a Jenkinsfile, a workspace, and what is kept of its builds.
#[derive(Debug)]
pub struct Job {
    directory: TempDir,
}

/// A build to run.
#[derive(Debug)]
#[must_use]
pub struct JobBuild<'j> {
    job: &'j Job,
    description: Map<String, Value>,
}

/// What became of a build.
#[derive(Debug)]
pub struct Built {
    /// `SUCCESS`, `FAILURE`, `ABORTED`, …
    pub result: String,
    /// The console log.
    pub log: String,
    /// How many tests JUnit files told of, and how many of them had failed.
    pub tests: (u64, u64),
}

impl Job {
    /// A job whose repository has these files on branch `main`, the Jenkinsfile among them.
    ///
    /// # Panics
    ///
    /// If git refuses.
    pub async fn new(files: &[(&str, &str)]) -> Self {
        let job = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir(job.repository()).unwrap();
        job.git(&["init", "--quiet", "-b", "main"]).await;
        job.commit("main", files).await;
        job
    }

    /// Where its files can be changed before a commit.
    #[must_use]
    pub fn repository(&self) -> PathBuf {
        self.directory.path().join("repository")
    }

    /// What `archiveArtifacts` kept.
    #[must_use]
    pub fn archive(&self) -> PathBuf {
        self.directory.path().join("archive")
    }

    /// A directory of the job beside the repository.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Puts a program into `bin`, beside the repository.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn program(&self, name: &str, script: &str) {
        let bin = self.directory.path().join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::write(bin.join(name), script).unwrap();
        executable(&bin.join(name));
    }

    /// Commits these files, and all that was changed by hand, to a branch, which is made where it is missing.
    ///
    /// # Panics
    ///
    /// If git refuses.
    pub async fn commit(&self, branch: &str, files: &[(&str, &str)]) {
        self.git(&["checkout", "--quiet", "-B", branch]).await;
        for (path, text) in files {
            let path = self.repository().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            if text.starts_with("#!") {
                executable(&path);
            }
        }
        self.git(&["add", "--all", "--force"]).await;
        let message = format!("A change on {branch}");
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let commit = ["commit", "--quiet", "--allow-empty", "-m", &message];
        self.git(&[&who[..], &commit[..]].concat()).await;
    }

    async fn git(&self, args: &[&str]) {
        let git = Command::new("git", self.directory.path()).args(args);
        git.current_dir(&self.repository()).succeed().await;
    }

    /// A build of branch `main`.
    pub fn build(&self, number: u32) -> JobBuild<'_> {
        let description = json!({
            "repository": self.repository(), "branch": "main", "home": self.directory.path(),
            "number": number, "abort": self.abort_file(),
        });
        JobBuild {
            job: self,
            description: description.as_object().unwrap().clone(),
        }
    }

    /// Aborts the build that runs, as a click on the red cross does.
    ///
    /// # Panics
    ///
    /// If the file cannot be written that says so.
    pub fn abort(&self) {
        std::fs::write(self.abort_file(), "").unwrap();
    }

    fn abort_file(&self) -> PathBuf {
        self.directory.path().join("abort")
    }

    /// What became of the build whose harness ended like this.
    ///
    /// # Panics
    ///
    /// If the harness itself has failed.
    #[must_use]
    pub fn built(&self, outcome: Outcome) -> Built {
        let _ = std::fs::remove_file(self.abort_file());
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let path = self.directory.path().join("build.json");
        let told = std::fs::read(path).unwrap_or_else(|error| panic!("{error}: {outcome:#?}"));
        let told: Value = serde_json::from_slice(&told).unwrap();
        let tests = &told["tests"];
        let number = |name: &str| tests[name].as_u64().unwrap();
        let result = told["result"].as_str().unwrap().to_owned();
        let last = format!("Finished: {result}\n");
        assert!(outcome.stdout.ends_with(&last), "{outcome:#?}");
        Built {
            result,
            log: outcome.stdout,
            tests: (number("total"), number("failed")),
        }
    }
}

impl JobBuild<'_> {
    /// A member of the build's description; `tests/jenkins/Job.groovy` has them all.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.description.insert(name.to_owned(), value);
        self
    }

    /// A build of another branch.
    pub fn of_branch(self, branch: &str) -> Self {
        self.with("branch", json!(branch))
    }

    /// The harness that runs it, with this command's environment as the agent's.
    ///
    /// # Panics
    ///
    /// If there is no Java.
    pub fn command(self, environment: impl FnOnce(&str) -> Command) -> Command {
        harness(environment).arg(self.written().to_str().unwrap())
    }

    /// The file that describes it to the harness.
    fn written(self) -> PathBuf {
        let file = self.job.directory.path().join("job.json");
        std::fs::write(&file, Value::Object(self.description).to_string()).unwrap();
        file
    }

    /// Runs it to its end.
    pub async fn run(self, environment: impl FnOnce(&str) -> Command) -> Built {
        let job = self.job;
        job.built(self.command(environment).run().await)
    }

    /// Starts it.
    pub fn start(self, environment: impl FnOnce(&str) -> Command) -> Running {
        self.command(environment).start()
    }
}

/// Runs builds of different jobs, one after the other, in one process: it takes its time to start.
///
/// # Panics
///
/// If a build comes to no end.
pub async fn run_all(
    builds: Vec<JobBuild<'_>>,
    environment: impl FnOnce(&str) -> Command,
) -> Vec<Built> {
    let jobs: Vec<&Job> = builds.iter().map(|build| build.job).collect();
    let files: Vec<PathBuf> = builds.into_iter().map(JobBuild::written).collect();
    let files = files.iter().map(|file| file.to_str().unwrap());
    let outcome = harness(environment).args(files).run().await;
    let mut logs = outcome.stdout.as_str();
    let of_job = jobs.into_iter().map(|job| {
        let end = logs
            .find("Finished: ")
            .unwrap_or_else(|| panic!("{outcome:#?}"));
        let end = end + logs[end..].find('\n').unwrap() + 1;
        let (stdout, rest) = logs.split_at(end);
        logs = rest;
        let (command, stderr) = (outcome.command.clone(), outcome.stderr.clone());
        job.built(Outcome {
            command,
            code: outcome.code,
            stdout: stdout.to_owned(),
            stderr,
        })
    });
    of_job.collect()
}

/// The harness, which lacks its arguments yet.
fn harness(environment: impl FnOnce(&str) -> Command) -> Command {
    let java = java_home().expect("groovy needs Java");
    environment("groovy")
        .env("JAVA_HOME", java.to_str().unwrap())
        // Nothing of it runs for so long that better code would be worth the time.
        .env("JAVA_OPTS", "-XX:TieredStopAtLevel=1 -Xshare:auto")
        .args(["-cp", HARNESS, &format!("{HARNESS}/Harness.groovy")])
}

impl Built {
    /// Fails unless the build has come to this.
    ///
    /// # Panics
    ///
    /// If it has not.
    pub fn expect(self, result: &str) -> Self {
        assert_eq!(self.result, result, "{}", self.log);
        self
    }

    /// Fails unless the log has all of this, in this order.
    ///
    /// # Panics
    ///
    /// If it has not.
    pub fn says(&self, words: &[&str]) {
        let mut rest = self.log.as_str();
        for word in words {
            let Some((_, after)) = rest.split_once(word) else {
                panic!("no {word:?} in the rest of:\n{}", self.log);
            };
            rest = after;
        }
    }

    /// Fails if the log has this.
    ///
    /// # Panics
    ///
    /// If it has.
    pub fn never_says(&self, words: &str) {
        assert!(!self.log.contains(words), "{words:?}:\n{}", self.log);
    }
}

/// Where Java is, as Groovy's start script wants to know; `None` where it is not.
pub(crate) fn java_home() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let java = std::env::split_paths(&path).map(|directory| directory.join("java"));
    let java = java.filter_map(|java| java.canonicalize().ok()).next()?;
    Some(java.parent()?.parent()?.to_owned())
}

/// Lets a file be run.
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
