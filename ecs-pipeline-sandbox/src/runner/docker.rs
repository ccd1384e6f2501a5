//! To come.
use super::Images;
use crate::clock::Clock;
#[derive(Debug)]
pub(crate) struct DockerRunner {}
impl DockerRunner {
    pub(crate) async fn detect(
        _c: Clock,
        _i: Images,
    ) -> Result<super::in_process::InProcessRunner, String> {
        Err("not yet".into())
    }
}
