//! What is scaffolded works: it compiles without warnings, its tests pass, and what it generates is complete.
//!
//! Builds an operator with all its dependencies, so the first run takes minutes; later ones find them built.

use std::path::Path;
use std::process::Command;

use crate::sandbox::Sandbox;
use crate::scaffold::{MEMCACHED, WORKLOAD};

/// Runs a program in the project, with the build folder of this workspace.
fn run(sandbox: &Sandbox, program: &str, arguments: &[&str]) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut command = Command::new(program);
    command.args(arguments).current_dir(sandbox.path("project"));
    command
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_NET_OFFLINE", "true");
    let output = command.output().unwrap();
    let words = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{program} {arguments:?}\n{}",
        String::from_utf8_lossy(&words)
    );
}

#[test]
fn a_scaffold_passes_its_own_checks() {
    let sandbox = Sandbox::with_project();
    let api = [
        "create",
        "api",
        "--group",
        "cache",
        "--version",
        "v1alpha1",
        "--kind",
    ];
    sandbox
        .run("project", &[MEMCACHED, WORKLOAD].concat())
        .succeeded();
    sandbox
        .run("project", &[&api[..], &["Proxy"]].concat())
        .succeeded();
    sandbox
        .run(
            "project",
            &[&api[..], &["CachePolicy", "--scope", "cluster"]].concat(),
        )
        .succeeded();
    let further = [
        "create",
        "api",
        "--group",
        "cache",
        "--version",
        "v1",
        "--kind",
        "Memcached",
    ];
    sandbox.run("project", &further).succeeded();
    let lock = sandbox.read("project/Cargo.lock");

    run(
        &sandbox,
        "cargo",
        &["clippy", "--all-targets", "--", "-D", "warnings"],
    );
    run(&sandbox, "cargo", &["test"]);
    run(&sandbox, env!("CARGO_BIN_EXE_cargo-krate"), &["generate"]);
    run(
        &sandbox,
        env!("CARGO_BIN_EXE_cargo-krate"),
        &["generate", "--check"],
    );

    assert_lock_is_kept(&lock, &sandbox.read("project/Cargo.lock"));
    let names: Vec<_> = ["memcacheds", "proxies", "cachepolicies"]
        .map(|plural| format!("plural: {plural}\n"))
        .into();
    let crds: String = sandbox.tree("project/config/crd/bases").into_values().collect();
    assert!(names.iter().all(|name| crds.contains(name)), "{crds}");
    assert!(
        sandbox
            .read("project/config/rbac/role.yaml")
            .contains("- memcacheds/status\n")
    );
    let people = sandbox.read("project/config/rbac/people_roles.yaml");
    assert!(
        people.contains("rbac.authorization.k8s.io/aggregate-to-view: 'true'")
            || people.contains("aggregate-to-view: \"true\""),
        "{people}"
    );
    let versions = sandbox.read("project/config/crd/bases/cache.example.com_memcacheds.yaml");
    for expected in [
        "    name: v1\n",
        "    name: v1alpha1\n",
        "    strategy: Webhook\n",
    ] {
        assert!(versions.contains(expected), "{versions}");
    }
    assert!(sandbox.path("project/config/webhook/service.yaml").exists());
}

/// Cargo may leave packages out of the lock file it was given, but must take no other version.
fn assert_lock_is_kept(before: &str, after: &str) {
    let packages = |lock: &str| -> Vec<String> {
        let head = |package: &str| package.lines().take(2).collect::<Vec<_>>().join(" ");
        lock.split("[[package]]\n").skip(1).map(head).collect()
    };
    let before = packages(before);
    let new: Vec<_> = packages(after)
        .into_iter()
        .filter(|package| !before.contains(package))
        .collect();
    assert_eq!(new, [r#"name = "my-operator" version = "0.1.0""#]);
}
