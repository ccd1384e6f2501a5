//! Files that are there whole, or as they were.

use std::io::Write;
use std::path::Path;

/// Replaces a file, or makes it. It keeps the permissions that it had, and a link leads to it still.
pub(crate) fn write(path: &Path, contents: &str) -> std::io::Result<()> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ecs-pipeline-");
    let permissions = std::fs::metadata(&path).map(|file| file.permissions());
    // A new file is as readable as any: a temporary one is its owner's alone.
    #[cfg(unix)]
    if permissions.is_err() {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(parent)?;
    file.write_all(contents.as_bytes())?;
    if let Ok(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
