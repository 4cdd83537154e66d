//! Adds `mod` and `use` items to a Rust file.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{File, Item, UseTree};

use crate::error::Result;

use super::{line_end, line_start, parse_rust, proven, splice};

pub(super) fn add_module(path: &str, text: &str, name: &str) -> Result<String> {
    let file = parse_rust(path, text)?;
    let module = |item: &Item| match item {
        Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
        _ => None,
    };
    if file
        .items
        .iter()
        .any(|item| matches!(item, Item::Mod(module) if module.ident == name))
    {
        return Ok(text.to_owned());
    }
    let line = format!("pub mod {name};");
    proven(path, add_in_order(text, &file, name, &line, module))
}

pub(super) fn add_use(file_path: &str, text: &str, path: &str) -> Result<String> {
    let file = parse_rust(file_path, text)?;
    let import = |item: &Item| match item {
        Item::Use(item) => Some(first_path(&item.tree)),
        _ => None,
    };
    let mut paths = Vec::new();
    for item in &file.items {
        if let Item::Use(item) = item {
            all_paths(&item.tree, "", &mut paths);
        }
    }
    let glob = path.rsplit_once("::").map(|(parent, _)| format!("{parent}::*"));
    if paths
        .iter()
        .any(|found| found == path || Some(found) == glob.as_ref())
    {
        return Ok(text.to_owned());
    }
    let line = format!("use {path};");
    proven(file_path, add_in_order(text, &file, path, &line, import))
}

/// Inserts a line before the first item of its sort that comes after it, else behind the last one, else before all items.
fn add_in_order(
    text: &str,
    file: &File,
    key: &str,
    line: &str,
    key_of: impl Fn(&Item) -> Option<String>,
) -> String {
    let keyed = |item: &Item| Some((key_of(item)?, item.span().byte_range()));
    let same = last_block(text, file.items.iter().filter_map(keyed).collect());
    let at = match same.iter().find(|(other, _)| other.as_str() > key) {
        Some((_, later)) => line_start(text, later.start),
        None => match same.last() {
            Some((_, last)) => line_end(text, last.end),
            None => return add_first(text, file, line),
        },
    };
    let gap = if at == text.len() && !text.ends_with('\n') && !text.is_empty() {
        "\n"
    } else {
        ""
    };
    splice(text, at..at, &format!("{gap}{line}\n"))
}

/// Returns the items behind the last empty line: those before it are another group, such as the standard library's.
fn last_block(text: &str, mut items: Vec<(String, Range<usize>)>) -> Vec<(String, Range<usize>)> {
    let apart = |pair: &[(String, Range<usize>)]| text[pair[0].1.end..pair[1].1.start].contains("\n\n");
    let first = items.windows(2).rposition(apart).map_or(0, |before| before + 1);
    items.split_off(first)
}

fn add_first(text: &str, file: &File, line: &str) -> String {
    if let Some(first) = file.items.first() {
        let at = line_start(text, first.span().byte_range().start);
        return splice(text, at..at, &format!("{line}\n\n"));
    }
    let gap = if text.is_empty() { "" } else { "\n" };
    format!(
        "{}{}{gap}{line}\n",
        text.trim_end(),
        if text.trim_end().is_empty() { "" } else { "\n" }
    )
}

fn first_path(tree: &UseTree) -> String {
    let mut paths = Vec::new();
    all_paths(tree, "", &mut paths);
    paths.into_iter().next().unwrap_or_default()
}

fn all_paths(tree: &UseTree, prefix: &str, paths: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => all_paths(&path.tree, &format!("{prefix}{}::", path.ident), paths),
        UseTree::Name(name) => paths.push(format!("{prefix}{}", name.ident)),
        UseTree::Rename(rename) => paths.push(format!("{prefix}{} as {}", rename.ident, rename.rename)),
        UseTree::Glob(_) => paths.push(format!("{prefix}*")),
        UseTree::Group(group) => group.items.iter().for_each(|tree| all_paths(tree, prefix, paths)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_goes_where_it_belongs() {
        let check =
            |before: &str, after: &str| assert_eq!(add_module("lib.rs", before, "memcached").unwrap(), after);
        check("", "pub mod memcached;\n");
        check("//! Docs.\n", "//! Docs.\n\npub mod memcached;\n");
        check(
            "//! Docs.\n\nfn a() {}\n",
            "//! Docs.\n\npub mod memcached;\n\nfn a() {}\n",
        );
        check(
            "pub mod a; // mine\npub mod z;\n",
            "pub mod a; // mine\npub mod memcached;\npub mod z;\n",
        );
        check("pub mod a;", "pub mod a;\npub mod memcached;\n");
        check(
            "/// Docs.\n#[cfg(x)]\nmod n;\n",
            "pub mod memcached;\n/// Docs.\n#[cfg(x)]\nmod n;\n",
        );
    }

    #[test]
    fn a_module_that_is_there_is_enough() {
        for text in ["mod memcached;", "pub(crate) mod memcached { }"] {
            assert_eq!(add_module("lib.rs", text, "memcached").unwrap(), text);
        }
    }

    #[test]
    fn an_import_goes_where_it_belongs() {
        let check =
            |before: &str, after: &str| assert_eq!(add_use("main.rs", before, "b::C").unwrap(), after);
        check(
            "use a::A;\nuse z::Z;\n\nfn main() {}\n",
            "use a::A;\nuse b::C;\nuse z::Z;\n\nfn main() {}\n",
        );
        check(
            "use std::A;\n\nuse c::D;\n",
            "use std::A;\n\nuse b::C;\nuse c::D;\n",
        );
        check("fn main() {}\n", "use b::C;\n\nfn main() {}\n");
        check(
            "use a::{\n    A,\n};\nfn main() {}\n",
            "use a::{\n    A,\n};\nuse b::C;\nfn main() {}\n",
        );
    }

    #[test]
    fn an_import_that_is_there_is_enough() {
        for text in [
            "use b::C;",
            "use b::{A, C};",
            "use b::*;",
            "use {a::A, b::{C, d::E}};",
        ] {
            assert_eq!(add_use("main.rs", text, "b::C").unwrap(), text);
        }
        assert_ne!(
            add_use("main.rs", "use b::C as D;\n", "b::C").unwrap(),
            "use b::C as D;\n"
        );
    }

    #[test]
    fn text_that_is_no_rust_is_not_touched() {
        let error = add_module("lib.rs", "pub mod a;\nmod 1;\n", "b").unwrap_err();
        assert_eq!(error.place.as_ref().unwrap().line, Some(2));
    }
}
