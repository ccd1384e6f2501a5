//! Looking before a first deployment.

use clap::Args;

use super::ServiceArgs;
use crate::config::StrategyName;

#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Exit codes: 0 no problems; 1 problems (with --strict also warnings); 2 usage; 8 no credentials; 9 AWS was not to be had."
)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// How the new revision is to take over, instead of the configuration's way.
    #[arg(long, value_enum)]
    pub(crate) strategy: Option<StrategyName>,
    /// Let warnings fail the command, too.
    #[arg(long)]
    pub(crate) strict: bool,
}
