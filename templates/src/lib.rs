//! The Handlebars templates of a krate operator project, embedded.
//!
//! A crate of its own so that the files are packaged with it. It knows files and placeholders, not projects: which data
//! fills them, and where the result goes, is for the CLI to say. Start at [`PROJECT`], [`API`] and [`WORKLOAD`].

mod render;
mod set;

pub use render::{RenderError, Rendered, render, render_all};
pub use set::{
    API, CONTROLLER, CRD_LIST, CRD_NAMES, File, NAMESPACES, OWN_ROLE_BINDING, Owner, PROJECT, SETS, VERSION,
    WEBHOOK_LIST, WORKLOAD,
};
