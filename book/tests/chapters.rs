//! Every chapter is listed and exists, every link and every included file leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn chapters() -> BTreeSet<String> {
    let entries = fs::read_dir(source()).expect("the book's source");
    let names = entries.map(|entry| {
        entry
            .expect("a readable folder")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    names.filter(|name| name != "SUMMARY.md").collect()
}

fn read(name: &str) -> String {
    fs::read_to_string(source().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What stands between `open` and `close`, for each occurrence.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open)
        .skip(1)
        .filter_map(|rest| rest.split(close).next())
        .collect()
}

#[test]
fn the_summary_lists_every_chapter() {
    let summary = read("SUMMARY.md");
    let listed: BTreeSet<String> = between(&summary, "](", ")")
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, chapters());
}

#[test]
fn code_of_every_chapter_is_compiled() {
    let compiled = include_str!("../lib.rs");
    for chapter in chapters() {
        for code in between(&read(&chapter), "```rust", "```") {
            let (attributes, code) = code.split_once('\n').expect("code");
            let is_compiled = compiled.contains(&format!("\"{chapter}\""));
            // A whole file of the workspace is compiled where it is.
            let is_included = code.trim().starts_with("{{#include ../");
            match attributes {
                ",ignore" => assert!(is_included, "{chapter} leaves code out: {code}"),
                _ => assert!(is_compiled, "{chapter} is not in the book's lib.rs"),
            }
        }
    }
}

#[test]
fn every_included_file_exists() {
    for chapter in chapters() {
        for include in between(&read(&chapter), "{{#include ", "}}") {
            let file = include.split(':').next().expect("a path");
            assert!(
                source().join(file).is_file(),
                "{chapter} includes {file}, which is not there"
            );
        }
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    for chapter in chapters() {
        for link in between(&read(&chapter), "](", ")") {
            let path = link.split('#').next().expect("a link");
            let outside = link.contains("://") || path.is_empty();
            assert!(
                outside || source().join(path).exists(),
                "{chapter} links to {link}"
            );
        }
    }
}
