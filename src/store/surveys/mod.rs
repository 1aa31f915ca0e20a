//! Surveys beside their responses: what they ask, when they are open, who is invited.

mod answered;
pub mod invitations;
mod open;
mod templates;

pub use answered::{AsAnswered, answered};
pub use open::{close, invite_again, open, remind_after};
pub use templates::{
    Listed, all, asked, create, custom_questions, edit, every_version, exists, find, listed, remove,
    remove_demonstration,
};
