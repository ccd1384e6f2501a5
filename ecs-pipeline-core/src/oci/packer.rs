//! Packs a build context as an image, without running anything.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use flate2::{Compression, GzBuilder, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::ignore::Ignore;
use super::layout::{self, Layout, blob_path};
use super::{CONFIG, LAYER, MANIFEST, digest_of, from_hash};
use crate::dockerfile::{self, Dockerfile, Stage};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{BuildRequest, BuiltImage, Digest, Platform};
use crate::provider::{ImageBuilder, Output};

const OPERATION: &str = "pack";

/// Packs the build context into an OCI image layout: one layer with the context's files at `/`,
/// and a configuration with what the Dockerfile's stage declares (ENV, EXPOSE, ENTRYPOINT, CMD,
/// USER, WORKDIR) and the build arguments as environment. No instruction is run, and no base image
/// is pulled.
///
/// The same context makes the same digest.
#[derive(Debug, Clone)]
pub struct OciPacker {
    directory: PathBuf,
}

impl OciPacker {
    /// A packer that puts its layouts under `directory`.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    fn layout_of(&self, name: &str) -> PathBuf {
        self.directory.join(name.replace(['/', ':'], "_"))
    }
}

#[async_trait]
impl ImageBuilder for OciPacker {
    fn describe(&self) -> String {
        "packed build context, no Dockerfile instruction is run".to_owned()
    }

    async fn build(
        &self,
        request: &BuildRequest,
        output: &Output,
    ) -> Result<BuiltImage, ProviderError> {
        let stage = stage_of(request)?;
        let directory = self.layout_of(&request.name);
        let extra: Vec<PathBuf> = request
            .extra_names
            .iter()
            .map(|name| self.layout_of(name))
            .filter(|extra| *extra != directory)
            .collect();
        let work = (request.clone(), directory.clone());
        // Compressing is no work for the thread that also answers everything else.
        let packed = tokio::task::spawn_blocking(move || {
            let files = pack(&work.0, &stage, &work.1)?;
            for extra in &extra {
                layout::link(&work.1, extra)?;
            }
            Ok(files)
        })
        .await;
        let files = match packed {
            Ok(Ok(files)) => files,
            Ok(Err::<usize, io::Error>(cause)) => {
                return Err(ProviderError::new(
                    ErrorKind::Failed,
                    OPERATION,
                    &request.name,
                    cause.to_string(),
                )
                .with_source(cause));
            }
            Err(cause) => {
                return Err(ProviderError::new(
                    ErrorKind::Internal,
                    OPERATION,
                    &request.name,
                    cause.to_string(),
                ));
            }
        };
        output.line(format!(
            "packed {files} files of {}; no Dockerfile instruction was run",
            request.context.display()
        ));
        built(&directory)
    }

    async fn find(&self, name: &str) -> Result<BuiltImage, ProviderError> {
        let directory = self.layout_of(name);
        if !Layout::is_at(&directory) {
            return Err(ProviderError::new(
                ErrorKind::NotFound,
                OPERATION,
                name,
                "no packed image has this name",
            )
            .with_hint("pack it first: `ecs-pipeline build --builder pack`, with the same tags"));
        }
        built(&directory)
    }
}

fn built(directory: &Path) -> Result<BuiltImage, ProviderError> {
    let layout = Layout::open(directory)?;
    Ok(BuiltImage {
        name: directory.to_string_lossy().into_owned(),
        id: layout.config,
        platform: layout.platform,
    })
}

fn stage_of(request: &BuildRequest) -> Result<Stage, ProviderError> {
    let invalid = |message: String, hint: String| {
        ProviderError::new(ErrorKind::Invalid, OPERATION, &request.name, message).with_hint(hint)
    };
    if !request.context.is_dir() {
        return Err(invalid(
            format!("there is no build context {}", request.context.display()),
            "name the directory that holds the application".to_owned(),
        ));
    }
    let path = dockerfile::path_of(request);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        // A context without a Dockerfile can be packed: it only declares nothing.
        Err(_) if request.dockerfile.is_none() && request.target.is_none() => {
            return Ok(Stage::default());
        }
        Err(cause) => {
            return Err(invalid(
                format!("{}: {cause}", path.display()),
                "name the Dockerfile, or put one into the build context".to_owned(),
            ));
        }
    };
    let file = Dockerfile::parse(&text);
    file.stage(request.target.as_deref())
        .cloned()
        .ok_or_else(|| {
            invalid(
                format!(
                    "{} has no stage {}",
                    path.display(),
                    request.target.as_deref().unwrap_or("at all")
                ),
                file.stages_hint(),
            )
        })
}

/// Writes the layout and answers how many files it holds.
fn pack(request: &BuildRequest, stage: &Stage, directory: &Path) -> io::Result<usize> {
    layout::begin(directory)?;
    let layer = write_layer(request, directory)?;
    let config = configuration(request, stage, &layer.diff_id);
    let config = config.to_string().into_bytes();
    let config_digest = digest_of(&config);
    fs::write(blob_path(directory, &config_digest), &config)?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": config_digest, "size": config.len()},
        "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size}],
    });
    layout::finish(directory, &manifest)?;
    Ok(layer.files)
}

struct Layer {
    digest: Digest,
    diff_id: Digest,
    size: u64,
    files: usize,
}

fn write_layer(request: &BuildRequest, directory: &Path) -> io::Result<Layer> {
    let temporary = tempfile::NamedTempFile::new_in(directory)?;
    let compressed = Hashing::new(temporary.reopen()?);
    // No time and no name in the header: the same files make the same bytes.
    let gzip: GzEncoder<_> = GzBuilder::new()
        .mtime(0)
        .write(compressed, Compression::new(6));
    let mut archive = tar::Builder::new(Hashing::new(gzip));
    let files = append_context(&mut archive, &request.context, directory)?;
    let plain = archive.into_inner()?;
    let diff_id = from_hash(plain.hash);
    let compressed = plain.inner.finish()?;
    let (digest, size) = (from_hash(compressed.hash), compressed.written);
    temporary
        .persist(blob_path(directory, &digest))
        .map_err(|error| error.error)?;
    Ok(Layer {
        digest,
        diff_id,
        size,
        files,
    })
}

/// Adds the context's files in order, with neither owner nor time. The layout itself is left out,
/// should it be in the context.
fn append_context<W: Write>(
    archive: &mut tar::Builder<W>,
    context: &Path,
    layout: &Path,
) -> io::Result<usize> {
    let ignore = fs::read_to_string(context.join(".dockerignore")).unwrap_or_default();
    let ignore = Ignore::parse(&ignore);
    let layout = layout.canonicalize()?;
    let mut files = 0;
    for (name, path) in walk(context, &layout)? {
        if ignore.leaves_out(&name) {
            continue;
        }
        let about = fs::symlink_metadata(&path)?;
        let mut header = tar::Header::new_gnu();
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        if about.is_symlink() {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            header.set_mode(0o777);
            archive.append_link(&mut header, &name, fs::read_link(&path)?)?;
        } else if about.is_file() {
            header.set_size(about.len());
            header.set_mode(mode_of(&about));
            archive.append_data(&mut header, &name, fs::File::open(&path)?)?;
            files += 1;
        }
    }
    Ok(files)
}

/// Every file under the context with its name in the image, sorted by name.
fn walk(context: &Path, skip: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), context.to_owned())];
    while let Some((prefix, directory)) = open.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if !entry.file_type()?.is_dir() {
                found.insert(name, entry.path());
            } else if entry.path().canonicalize()? != skip {
                open.push((format!("{name}/"), entry.path()));
            }
        }
    }
    Ok(found)
}

#[cfg(unix)]
fn mode_of(about: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    if about.permissions().mode() & 0o111 == 0 {
        0o644
    } else {
        0o755
    }
}

#[cfg(not(unix))]
fn mode_of(_about: &fs::Metadata) -> u32 {
    0o755
}

fn configuration(request: &BuildRequest, stage: &Stage, diff_id: &Digest) -> Value {
    let platform = request.platform.clone().unwrap_or_else(own_platform);
    let mut config = serde_json::Map::new();
    config.insert("Env".to_owned(), json!(environment(request, stage)));
    let ports: BTreeMap<String, Value> = stage
        .all("EXPOSE")
        .flat_map(str::split_whitespace)
        .map(|port| {
            if port.contains('/') {
                port.to_owned()
            } else {
                format!("{port}/tcp")
            }
        })
        .map(|port| (port, json!({})))
        .collect();
    if !ports.is_empty() {
        config.insert("ExposedPorts".to_owned(), json!(ports));
    }
    for (instruction, member) in [("ENTRYPOINT", "Entrypoint"), ("CMD", "Cmd")] {
        if let Some(words) = stage.last(instruction) {
            config.insert(member.to_owned(), json!(command(words)));
        }
    }
    for (instruction, member) in [("USER", "User"), ("WORKDIR", "WorkingDir")] {
        if let Some(word) = stage.last(instruction) {
            config.insert(member.to_owned(), json!(word));
        }
    }
    json!({
        "created": "1970-01-01T00:00:00Z",
        "architecture": platform.architecture(),
        "os": platform.os(),
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    })
}

/// The exec form is a JSON list; anything else is for a shell.
fn command(words: &str) -> Vec<String> {
    serde_json::from_str(words)
        .unwrap_or_else(|_| vec!["/bin/sh".to_owned(), "-c".to_owned(), words.to_owned()])
}

fn environment(request: &BuildRequest, stage: &Stage) -> Vec<String> {
    let mut values: BTreeMap<String, String> = stage
        .arguments()
        .into_iter()
        .filter_map(|(name, default)| Some((name, default?)))
        .collect();
    values.extend(request.args.clone());
    let declared = stage.environment();
    let expanded: Vec<_> = declared
        .into_iter()
        .map(|(name, value)| (name, expand(&value, &values)))
        .collect();
    let mut environment = request.args.clone();
    environment.extend(expanded);
    environment
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

/// `$NAME` and `${NAME}`; what is not known becomes nothing, as in a Dockerfile.
fn expand(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, tail) = match after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            Some((name, tail)) => (name, tail),
            None => {
                let end = after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(after.len());
                after.split_at(end)
            }
        };
        expanded.push_str(values.get(name).map_or("", String::as_str));
        rest = tail;
    }
    expanded.push_str(rest);
    expanded
}

fn own_platform() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    Platform::new("linux", architecture)
}

/// Hashes and counts what passes through.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    written: u64,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            written: 0,
        }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn context() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("static")).unwrap();
        fs::write(at("Dockerfile"), "FROM scratch AS run\nARG COLOR=red\nENV SHADE=dark-${COLOR}\nCOPY app /app\nEXPOSE 8080\nENTRYPOINT [\"/app\"]\n").unwrap();
        fs::write(at("app"), "binary").unwrap();
        fs::write(at("static/index.html"), "<h1>hi</h1>").unwrap();
        fs::write(at("junk.log"), "no").unwrap();
        fs::write(at(".dockerignore"), "*.log\n").unwrap();
        directory
    }

    fn request(context: &Path) -> BuildRequest {
        BuildRequest {
            context: context.to_owned(),
            name: "team/web:1".to_owned(),
            platform: Some("linux/arm64".parse().unwrap()),
            args: BTreeMap::from([("COLOR".to_owned(), "blue".to_owned())]),
            ..BuildRequest::default()
        }
    }

    #[tokio::test]
    async fn the_same_context_makes_the_same_image() {
        let (context, first, second) = (
            context(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let request = request(context.path());
        let mut digests = Vec::new();
        for directory in [first.path(), second.path(), first.path()] {
            let packer = OciPacker::new(directory);
            let built = packer.build(&request, &Output::discard()).await.unwrap();
            assert_eq!(packer.find("team/web:1").await.unwrap(), built);
            digests.push(Layout::open(Path::new(&built.name)).unwrap().digest);
        }
        assert_eq!(digests[0], digests[1]);
        assert_eq!(digests[0], digests[2]);
        fs::write(context.path().join("app"), "other").unwrap();
        let built = OciPacker::new(first.path())
            .build(&request, &Output::discard())
            .await
            .unwrap();
        assert_ne!(
            Layout::open(Path::new(&built.name)).unwrap().digest,
            digests[0]
        );
    }

    #[tokio::test]
    async fn the_image_holds_the_context_and_what_the_dockerfile_declares() {
        let (context, directory) = (context(), tempfile::tempdir().unwrap());
        let packer = OciPacker::new(directory.path());
        let built = packer
            .build(&request(context.path()), &Output::discard())
            .await
            .unwrap();
        assert_eq!(built.platform.to_string(), "linux/arm64");
        let layout = Layout::open(Path::new(&built.name)).unwrap();
        let config: Value =
            serde_json::from_slice(&fs::read(layout.blob(&layout.config)).unwrap()).unwrap();
        assert_eq!(
            config["config"],
            json!({"Env": ["COLOR=blue", "SHADE=dark-blue"], "ExposedPorts": {"8080/tcp": {}}, "Entrypoint": ["/app"]})
        );
        let layer = fs::read(layout.blob(&layout.layers[0])).unwrap();
        assert_eq!(digest_of(&layer), layout.layers[0]);
        let mut plain = Vec::new();
        io::copy(
            &mut flate2::read::GzDecoder::new(layer.as_slice()),
            &mut plain,
        )
        .unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][0], digest_of(&plain).as_str());
        let mut archive = tar::Archive::new(plain.as_slice());
        let names: Vec<String> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(
            names,
            [".dockerignore", "Dockerfile", "app", "static/index.html"]
        );
    }

    #[tokio::test]
    async fn a_missing_context_or_stage_is_refused() {
        let (context, directory) = (context(), tempfile::tempdir().unwrap());
        let packer = OciPacker::new(directory.path());
        let mut stage = request(context.path());
        stage.target = Some("nope".to_owned());
        let missing = request(&context.path().join("nope"));
        for request in [stage, missing] {
            let error = packer
                .build(&request, &Output::discard())
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
        }
        let error = packer.find("nobody:1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
