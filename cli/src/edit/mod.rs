//! Small edits in files that are the user's: Rust at spans found by `syn`, YAML line by line.
//!
//! Text goes in, text comes out; comments and formatting stay. Each edit is done already (the text comes back as it was),
//! done now, or refused with what to paste. For TOML see `project`, which uses `toml_edit`.

mod argument;
mod chain;
mod items;
mod shared;
mod version;
mod yaml;

use std::ops::Range;

use self::chain::Anchor;
use crate::error::{Error, Result};

pub(crate) use yaml::list;

/// The mark some editors put at the start of a file.
const BOM: char = '\u{feff}';

/// Adds `pub mod name;` among the modules of a Rust file, in order.
pub(crate) fn add_module(path: &str, text: &str, name: &str) -> Result<String> {
    plainly(text, |text| items::add_module(path, text, name))
}

/// Adds `use import;` among the imports of a Rust file, in order; an import that has it already is enough.
pub(crate) fn add_use(path: &str, text: &str, import: &str) -> Result<String> {
    plainly(text, |text| items::add_use(path, text, import))
}

/// Adds `.controller(reconciler)` at the end of the chain that builds the operator.
///
/// A file that mentions the reconciler's type in code is left alone, so that adding it by hand is a way out.
pub(crate) fn add_controller(path: &str, text: &str, reconciler: &str) -> Result<String> {
    add_to_operator(path, text, &format!(".controller({reconciler})"), reconciler)
}

/// Adds `.webhook(function())` at the end of the chain that builds the operator, unless it mentions the function.
pub(crate) fn add_webhook(path: &str, text: &str, function: &str) -> Result<String> {
    add_to_operator(path, text, &format!(".webhook({function}())"), function)
}

fn add_to_operator(path: &str, text: &str, call: &str, word: &str) -> Result<String> {
    let anchor = Anchor {
        function: "operator",
        start: ("Operator", "new"),
        returns: "Operator",
    };
    plainly(text, |text| chain::add_call(path, text, &anchor, call, word))
}

/// Adds a version, given with its type, to the conversion that a function returns.
pub(crate) fn add_spoke(
    path: &str,
    text: &str,
    function: &str,
    (version, spoke): (&str, &str),
) -> Result<String> {
    let anchor = Anchor {
        function,
        start: ("Webhook", "conversion"),
        returns: "ConversionWebhook<_>",
    };
    let call = format!(".spoke::<{spoke}>()");
    plainly(text, |text| chain::add_call(path, text, &anchor, &call, version))
}

/// Returns the types of a file for another version: the same fields, converted to those of the file and back.
///
/// `hub` is the file's own module, as in `crate::api::v1::memcached`.
pub(crate) fn further_version(
    path: &str,
    text: &str,
    kind: &str,
    hub: &str,
    version: &str,
) -> Result<String> {
    plainly(text, |text| {
        let text = version::further(path, text, kind, hub, version)?;
        items::add_use(path, &text, "krate::webhook::Spoke")
    })
}

/// Adds `item` at the end of the top-level list `key` of a YAML file; the list is made if it is not there.
pub(crate) fn add_to_list(path: &str, text: &str, key: &str, item: &str) -> Result<String> {
    plainly(text, |text| yaml::add_to_list(path, text, key, item))
}

/// Removes `item` from the top-level list `key` of a YAML file; an empty list stays as `[]`.
pub(crate) fn remove_from_list(path: &str, text: &str, key: &str, item: &str) -> Result<String> {
    plainly(text, |text| yaml::remove_from_list(path, text, key, item))
}

/// Gives a container of the Deployment in a YAML file the argument `flag=value`, in place of another value it has.
pub(crate) fn set_argument(
    path: &str,
    text: &str,
    container: &str,
    flag: &str,
    value: &str,
) -> Result<String> {
    plainly(text, |text| {
        argument::set_argument(path, text, container, flag, value)
    })
}

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

/// Returns the edited text if it is Rust still.
fn proven(path: &str, text: String) -> Result<String> {
    parse_rust(path, &text).map(|_| text)
}

/// Edits `text` without its byte order mark and with `\n` at the end of lines, and puts both back.
fn plainly(text: &str, edit: impl FnOnce(&str) -> Result<String>) -> Result<String> {
    let plain = text.strip_prefix(BOM).unwrap_or(text);
    let mark = &text[..text.len() - plain.len()];
    let windows = plain.contains("\r\n") && !plain.replace("\r\n", "").contains('\n');
    if !windows {
        return Ok(format!("{mark}{}", edit(plain)?));
    }
    let edited = edit(&plain.replace("\r\n", "\n"))?;
    Ok(format!("{mark}{}", edited.replace('\n', "\r\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_their_line_ends_and_their_mark() {
        let check = |before: &str, after: &str| assert_eq!(add_module("lib.rs", before, "b").unwrap(), after);
        check(
            "pub mod a;\r\npub mod c;\r\n",
            "pub mod a;\r\npub mod b;\r\npub mod c;\r\n",
        );
        check(
            "\u{feff}pub mod a;\npub mod c;\n",
            "\u{feff}pub mod a;\npub mod b;\npub mod c;\n",
        );
        let list = add_to_list("k.yaml", "r:\r\n- a\r\n", "r", "b").unwrap();
        assert_eq!(list, "r:\r\n- a\r\n- b\r\n");
        let chain = add_controller("main.rs", "// ü\r\nfn operator() { Operator::new() }\r\n", "A").unwrap();
        assert_eq!(
            chain,
            "// ü\r\nfn operator() { Operator::new().controller(A) }\r\n"
        );
    }
}
