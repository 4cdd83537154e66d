//! Who may depend on whom in this workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// A crate, what it is built from, and what only its tests use.
const ARROWS: [(&str, &[&str], &[&str]); 11] = [
    ("krate-macros", &[], &[]),
    ("krate-templates", &[], &[]),
    ("krate-apiserver", &[], &[]),
    (
        "krate-runtime",
        &["krate-macros"],
        &["krate-testing", "krate-apiserver"],
    ),
    ("krate-testing", &["krate-runtime", "krate-apiserver"], &[]),
    ("cargo-krate", &["krate-templates", "krate-apiserver"], &[]),
    ("memcached-types", &["krate-runtime"], &[]),
    ("memcached-operator", &["krate-runtime"], &["krate-testing"]),
    (
        "krate-bench",
        &["krate-runtime", "krate-apiserver", "krate-testing"],
        &[],
    ),
    ("krate-bench-contestants", &["krate-runtime"], &[]),
    ("krate-book", &["krate-runtime"], &["krate-testing"]),
];

/// Crates that must not be linked, because the reader's trust rests on it.
const BANNED: [(&str, &[&str]); 2] = [
    // A server that shares code with the client under test shares its bugs.
    (
        "krate-apiserver",
        &["krate-runtime", "kube-runtime", "k8s-openapi"],
    ),
    // It works on files and on the user's own binary.
    (
        "cargo-krate",
        &["krate-runtime", "kube", "kube-runtime", "k8s-openapi"],
    ),
];

fn members() -> BTreeMap<String, Package> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).no_deps();
    let metadata = command.exec().expect("cargo describes the workspace");
    let packages = metadata.packages.into_iter();
    packages
        .map(|package| (package.name.to_string(), package))
        .collect()
}

fn names(package: &Package, kinds: &[DependencyKind]) -> BTreeSet<String> {
    let dependencies = package.dependencies.iter();
    let wanted = dependencies.filter(|dependency| kinds.contains(&dependency.kind) && !dependency.optional);
    wanted.map(|dependency| dependency.name.clone()).collect()
}

#[test]
fn dependencies_follow_the_arrows() {
    let members = members();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, ..)| *name).collect();
    let actual: BTreeSet<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(actual, known, "the members of the workspace");
    for (name, built_from, tested_with) in ARROWS {
        let package = &members[name];
        let ours = |names: BTreeSet<String>| -> BTreeSet<String> {
            names
                .into_iter()
                .filter(|name| members.contains_key(name))
                .collect()
        };
        let build = ours(names(package, &[DependencyKind::Normal, DependencyKind::Build]));
        let test = ours(names(package, &[DependencyKind::Development]));
        let extra: Vec<&String> = build
            .iter()
            .filter(|it| !built_from.contains(&it.as_str()))
            .collect();
        assert!(extra.is_empty(), "`{name}` must not depend on {extra:?}");
        let allowed =
            |it: &&String| !tested_with.contains(&it.as_str()) && !built_from.contains(&it.as_str());
        let extra: Vec<&String> = test.iter().filter(allowed).collect();
        assert!(extra.is_empty(), "the tests of `{name}` must not use {extra:?}");
    }
}

#[test]
fn some_crates_stay_apart_from_kubernetes_clients() {
    let members = members();
    for (name, banned) in BANNED {
        let linked = names(&members[name], &[DependencyKind::Normal, DependencyKind::Build]);
        let found: Vec<&&str> = banned.iter().filter(|it| linked.contains(**it)).collect();
        assert!(found.is_empty(), "`{name}` must not link {found:?}");
    }
}

/// What a crate of API types must not be built from.
const HEAVY: [&str; 6] = ["hyper", "kube-client", "ring", "rustls", "tokio", "tower"];

#[test]
fn api_types_build_without_client_async_runtime_and_tls() {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--package", "memcached-types", "--edges", "normal"]);
    tree.args(["--prefix", "none", "--format", "{p}", "--locked", "--offline"]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.expect("cargo runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let built: BTreeSet<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(built.contains("krate-runtime"), "{listed}");
    let heavy: Vec<&&str> = HEAVY.iter().filter(|name| built.contains(**name)).collect();
    assert!(heavy.is_empty(), "API types are built from {heavy:?}");
}
