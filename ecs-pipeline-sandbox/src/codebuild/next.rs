//! What comes after a phase. (CodeBuild user guide, "Build phase transitions".)

use ecs_pipeline_artifacts::build_spec::{OnFailure, PhaseName};
use regex_lite::Regex;

use super::report::{Failure, Status};

/// What a build does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// This phase.
    Phase(PhaseName),
    /// It collects its artifacts.
    UploadArtifacts,
    /// It ends.
    End,
    /// It ends, and is tried again if that was not done so many times yet.
    Retry(u32),
}

/// What comes after `phase`, with what the build specification says of its failure.
pub(super) fn after(
    phase: PhaseName,
    failure: Option<&Failure>,
    on_failure: Option<&OnFailure>,
) -> Next {
    let Some(failure) = failure else {
        return following(phase);
    };
    if failure.status != Status::Failed {
        return Next::End;
    }
    match on_failure {
        Some(OnFailure::Abort) => return Next::End,
        Some(OnFailure::Continue) => return following(phase),
        Some(OnFailure::Retry { attempts, pattern }) if is_meant(pattern.as_deref(), failure) => {
            return Next::Retry(*attempts);
        }
        // What is not known yet is as if nothing were said.
        _ => {}
    }
    match phase {
        PhaseName::Install | PhaseName::PreBuild => Next::End,
        // After a failed build too.
        PhaseName::Build | PhaseName::PostBuild => following(phase),
    }
}

fn following(phase: PhaseName) -> Next {
    match phase {
        PhaseName::Install => Next::Phase(PhaseName::PreBuild),
        PhaseName::PreBuild => Next::Phase(PhaseName::Build),
        PhaseName::Build => Next::Phase(PhaseName::PostBuild),
        PhaseName::PostBuild => Next::UploadArtifacts,
    }
}

/// Without a pattern, every failure.
fn is_meant(pattern: Option<&str>, failure: &Failure) -> bool {
    let matches = |pattern| Regex::new(pattern).is_ok_and(|regex| regex.is_match(&failure.message));
    pattern.is_none_or(matches)
}

#[cfg(test)]
mod tests {
    use PhaseName::{Build, Install, PostBuild, PreBuild};

    use super::*;

    #[test]
    fn what_comes_after_a_phase() {
        let failure = Failure::new(
            "COMMAND_EXECUTION_ERROR",
            "Error while executing command: npm ci. Reason: exit status 1",
        );
        let late = Failure::timed_out();
        let on = |text: &str| OnFailure::parse(text);
        for (phase, failure, on_failure, expected) in [
            (Install, None, None, Next::Phase(PreBuild)),
            (PreBuild, None, on("ABORT"), Next::Phase(Build)),
            (Build, None, None, Next::Phase(PostBuild)),
            (PostBuild, None, None, Next::UploadArtifacts),
            (Install, Some(&failure), None, Next::End),
            (PreBuild, Some(&failure), None, Next::End),
            (Build, Some(&failure), None, Next::Phase(PostBuild)),
            (PostBuild, Some(&failure), None, Next::UploadArtifacts),
            (Build, Some(&failure), on("ABORT"), Next::End),
            (PostBuild, Some(&failure), on("ABORT"), Next::End),
            (
                Install,
                Some(&failure),
                on("CONTINUE"),
                Next::Phase(PreBuild),
            ),
            (PreBuild, Some(&failure), on("CONTINUE"), Next::Phase(Build)),
            (PreBuild, Some(&failure), on("RETRY"), Next::Retry(3)),
            (Build, Some(&failure), on("RETRY-5"), Next::Retry(5)),
            (
                Build,
                Some(&failure),
                on("RETRY-2-npm.*status 1"),
                Next::Retry(2),
            ),
            (
                Build,
                Some(&failure),
                on("RETRY-2-yarn"),
                Next::Phase(PostBuild),
            ),
            (Install, Some(&failure), on("RETRY-yarn"), Next::End),
            (Build, Some(&late), on("CONTINUE"), Next::End),
            (Build, Some(&late), None, Next::End),
        ] {
            let after = after(phase, failure, on_failure.as_ref());
            assert_eq!(after, expected, "{phase} {failure:?} {on_failure:?}");
        }
    }
}
