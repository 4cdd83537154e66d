//! Small edits in files that are the user's: Rust at spans found by `syn`, YAML line by line.
//!
//! Text goes in, text comes out; comments and formatting stay. Each edit is done already (the text comes back as it was),
//! done now, or refused with what to paste. For TOML see `project`, which uses `toml_edit`.

mod chain;
mod items;
mod yaml;

use std::ops::Range;

use crate::error::{Error, Result};

pub(crate) use chain::add_controller;
pub(crate) use items::{add_module, add_use};
pub(crate) use yaml::{add_to_list, list, remove_from_list};

fn parse_rust(path: &str, text: &str) -> Result<syn::File> {
    syn::parse_file(text).map_err(|error| {
        let line = error.span().start().line;
        Error::project(format!("`{path}` is not valid Rust: {error}"))
            .at(path, Some(line))
            .help("mend the file and run the command again")
    })
}

/// Returns `text` with `new` at `at`.
fn splice(text: &str, at: Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..at.start], &text[at.end..])
}

/// Returns the start of the line that `offset` is in.
fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Returns the end of the line that `offset` is in, its newline included.
fn line_end(text: &str, offset: usize) -> usize {
    text[offset..]
        .find('\n')
        .map_or(text.len(), |newline| offset + newline + 1)
}
