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
