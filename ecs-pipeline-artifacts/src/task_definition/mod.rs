//! Task definitions as the user's own JSON: read, edited and sent without loss.
//!
//! The AWS SDK's typed input drops members that it does not know, and AWS adds members every month.
//! [`TaskDefinitionDocument`] therefore keeps the document itself, every member in its place, and
//! touches only what it is told to.

mod cloudformation;
mod convert;
mod document;
mod edit;
mod layout;
mod lost;
mod read;

pub use cloudformation::{CloudFormationForm, to_cloudformation};
pub use convert::{ConvertError, Converted, convert};
pub(crate) use document::READ_ONLY;
pub use document::TaskDefinitionDocument;
pub use edit::{EditError, NoSuchContainer};
pub use lost::{Loss, LossKind, losses, lost_members};
pub use read::{LogConfiguration, RuntimePlatform};
