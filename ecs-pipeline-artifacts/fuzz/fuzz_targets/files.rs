//! One input as several files: NUL parts them, and the first byte of each chooses its name.

use ecs_pipeline_artifacts::validate::SourceFile;

const NAMES: [&str; 10] = [
    "taskdef.json",
    "taskdef.yaml",
    "appspec.yaml",
    "appspec.json",
    "buildspec.yml",
    "imagedefinitions.json",
    "imageDetail.json",
    "pipeline.json",
    "Jenkinsfile",
    "deploy.sh",
];

pub fn split(bytes: &[u8]) -> Vec<SourceFile> {
    let parts = bytes.split(|byte| *byte == 0).take(4);
    let named = parts.filter_map(|part| {
        let (choice, bytes) = part.split_first()?;
        let name = NAMES[usize::from(*choice) % NAMES.len()];
        Some(SourceFile::new(name, bytes))
    });
    named.collect()
}
