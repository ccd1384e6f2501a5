//! Images of the example application, and Docker.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// An image of `examples/hello-web`; it and all its names are removed with this.
#[derive(Debug)]
pub struct Image {
    /// What `docker` calls it.
    pub name: String,
    /// The version that it says it is: of this image alone.
    pub version: String,
}

impl Image {
    /// Builds a version of the example; no other test's image is the same.
    ///
    /// # Panics
    ///
    /// If it cannot be built.
    #[must_use]
    pub fn build(version: &str) -> Self {
        Self::build_with(version, &[])
    }

    /// As [`Image::build`], with these variables (`NAME=VALUE`) in its environment.
    ///
    /// # Panics
    ///
    /// If it cannot be built.
    #[must_use]
    pub fn build_with(version: &str, environment: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let version = format!("{version}-{}-{number}", std::process::id());
        let name = format!("ecs-pipeline-tests:{version}");
        let context = tempfile::tempdir().unwrap();
        write_context(context.path(), environment);
        let build_arg = format!("VERSION={version}");
        let context = context.path().to_str().unwrap();
        docker(&[
            "build",
            "-q",
            "--target",
            "static",
            "--build-arg",
            &build_arg,
            "-t",
            &name,
            context,
        ]);
        Self { name, version }
    }

    /// Gives it another name.
    ///
    /// # Panics
    ///
    /// If docker refuses.
    pub fn tag(&self, name: &str) {
        docker(&["tag", &self.name, name]);
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // Nothing more can be done where this fails. Containers are there if the test has failed.
        let by_lines = |args: &[&str]| {
            let output = Command::new("docker").args(args).output();
            let text = output.map(|output| output.stdout).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let ancestor = format!("ancestor={}", self.name);
        for container in by_lines(&["ps", "-aq", "--filter", &ancestor]) {
            by_lines(&["rm", "-f", &container]);
        }
        // By its id it goes with all its names and digests.
        for image in by_lines(&["image", "inspect", "-f", "{{.Id}}", &self.name]) {
            by_lines(&["image", "rm", "-f", &image]);
        }
    }
}

/// An application that `docker build .` makes an image of: what the example packs without pulling
/// anything, as this version and with these variables (`NAME=VALUE`) in its environment. To write
/// it again is what a change to the source is.
///
/// # Panics
///
/// If it cannot be written.
pub fn application(directory: &Path, version: &str, environment: &[&str]) {
    let dockerfile = write_context(directory, environment);
    // A plain build would go on to the last stage, whose base images are elsewhere.
    let (_, packing) = dockerfile.split_once("FROM scratch").unwrap();
    let (packing, _) = packing.split_once("\nFROM ").unwrap();
    let dockerfile = format!("FROM scratch{packing}");
    let of_version = dockerfile.replace("ARG VERSION=dev", &format!("ARG VERSION={version}"));
    assert_ne!(of_version, dockerfile, "the Dockerfile names its version");
    std::fs::write(directory.join("Dockerfile"), of_version).unwrap();
}

/// Writes what a build of the example's `static` target needs; the example's directory itself
/// would send its build products to the engine, too. Its Dockerfile.
fn write_context(directory: &Path, environment: &[&str]) -> String {
    let example = example();
    std::fs::create_dir_all(directory.join("dist")).unwrap();
    let binary = "dist/hello-web";
    std::fs::copy(example.join(binary), directory.join(binary)).unwrap();
    let dockerfile = std::fs::read_to_string(example.join("Dockerfile")).unwrap();
    let dockerfile = with_environment(&dockerfile, environment);
    std::fs::write(directory.join("Dockerfile"), &dockerfile).unwrap();
    dockerfile
}

/// Adds to the `static` target's environment.
fn with_environment(dockerfile: &str, environment: &[&str]) -> String {
    let (before, after) = dockerfile
        .split_once("ENV APP_VERSION")
        .expect("the Dockerfile sets APP_VERSION");
    let added: String = environment
        .iter()
        .map(|pair| format!("ENV {pair}\n"))
        .collect();
    format!("{before}{added}ENV APP_VERSION{after}")
}

/// Runs docker: what it printed.
///
/// # Panics
///
/// If it fails.
pub fn docker(args: &[&str]) -> String {
    let output = Command::new("docker").args(args).output().unwrap();
    assert!(output.status.success(), "docker {args:?}: {output:#?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The example's static binary.
///
/// # Panics
///
/// If it cannot be built.
#[must_use]
pub fn hello_web() -> std::path::PathBuf {
    example().join("dist/hello-web")
}

/// The example's directory, with its binary built.
pub(crate) fn example() -> &'static Path {
    static BUILT: OnceLock<()> = OnceLock::new();
    let example = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/hello-web"
    ));
    BUILT.get_or_init(|| {
        let output = Command::new("sh")
            .arg(example.join("build-static.sh"))
            .output()
            .unwrap();
        assert!(output.status.success(), "build-static.sh: {output:#?}");
    });
    example
}
