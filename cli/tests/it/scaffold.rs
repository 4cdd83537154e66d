//! What `init` and `create api` write.

use std::process::Command;

use snapbox::str;

use crate::sandbox::Sandbox;

pub(crate) const MEMCACHED: &[&str] = &[
    "create",
    "api",
    "--group",
    "cache",
    "--version",
    "v1alpha1",
    "--kind",
    "Memcached",
];
pub(crate) const WORKLOAD: &[&str] = &["--image", "memcached:1.6", "--port", "11211"];

fn create(sandbox: &Sandbox, more: &[&str]) {
    sandbox.run("project", &[MEMCACHED, more].concat()).succeeded();
}

#[test]
fn the_tree_is_that_of_an_operator() {
    let sandbox = Sandbox::with_project();
    create(&sandbox, WORKLOAD);
    let files: Vec<_> = sandbox
        .tree("project")
        .into_keys()
        .filter(|path| !path.ends_with('/'))
        .collect();
    snapbox::assert_data_eq!(
        files.join("\n"),
        str![[r#"
.dockerignore
.github/workflows/lint.yml
.github/workflows/test.yml
.gitignore
AGENTS.md
Cargo.lock
Cargo.toml
Dockerfile
README.md
config/default/kustomization.yaml
config/default/metrics_service.yaml
config/manager/kustomization.yaml
config/manager/manager.yaml
config/network-policy/allow-metrics-traffic.yaml
config/network-policy/allow-webhook-traffic.yaml
config/network-policy/kustomization.yaml
config/prometheus/kustomization.yaml
config/prometheus/monitor.yaml
config/rbac/kustomization.yaml
config/rbac/leader_election_role.yaml
config/rbac/leader_election_role_binding.yaml
config/rbac/metrics_auth_role.yaml
config/rbac/metrics_auth_role_binding.yaml
config/rbac/metrics_reader_role.yaml
config/rbac/role.yaml
config/rbac/role_binding.yaml
config/rbac/service_account.yaml
config/samples/cache_v1alpha1_memcached.yaml
config/samples/kustomization.yaml
deny.toml
krate.toml
src/api/mod.rs
src/api/v1alpha1/memcached.rs
src/api/v1alpha1/mod.rs
src/controller/memcached.rs
src/controller/mod.rs
src/lib.rs
src/main.rs
tests/memcached.rs
"#]]
    );
}

#[test]
fn a_second_api_joins_the_first() {
    let sandbox = Sandbox::with_project();
    create(&sandbox, WORKLOAD);
    let proxy = [
        "create",
        "api",
        "--group",
        "cache",
        "--version",
        "v1alpha1",
        "--kind",
        "CacheProxy",
    ];
    sandbox
        .run("project/src", &[&proxy[..], &["--scope", "cluster"]].concat())
        .succeeded();
    snapbox::assert_data_eq!(
        sandbox.read("project/src/main.rs"),
        str![[r#"
//! The operator's program: `run` (the default) and `manifests`.

use std::process::ExitCode;

use krate::Operator;
use my_operator::controller::cache_proxy::CacheProxyReconciler;
use my_operator::controller::memcached::MemcachedReconciler;

/// Returns the operator with all its controllers; `cargo krate create api` adds a line here.
fn operator() -> Operator {
    Operator::new()
        .controller(MemcachedReconciler)
        .controller(CacheProxyReconciler)
}

fn main() -> ExitCode {
    krate::main(operator)
}

"#]]
    );
    snapbox::assert_data_eq!(
        sandbox.read("project/src/api/v1alpha1/mod.rs"),
        str![[r#"
//! Version `v1alpha1` of the group `cache.example.com`.

pub mod cache_proxy;
pub mod memcached;

"#]]
    );
    snapbox::assert_data_eq!(
        sandbox.read("project/krate.toml"),
        str![[r##"
# The project's record. `cargo krate` reads it strictly and adds to it; comments and order stay.

[project]
name = "my-operator"
domain = "example.com"

[[api]]
group = "cache"
version = "v1alpha1"
kind = "Memcached"
plural = "memcacheds"
scope = "Namespaced"
image = "memcached:1.6"
port = 11211

[[api]]
group = "cache"
version = "v1alpha1"
kind = "CacheProxy"
plural = "cacheproxies"
scope = "Cluster"

"##]]
    );
    snapbox::assert_data_eq!(
        sandbox.read("project/config/samples/kustomization.yaml"),
        str![[r#"
# One object of each kind, to try the operator with: kubectl apply -k config/samples
resources:
- cache_v1alpha1_memcached.yaml
- cache_v1alpha1_cache_proxy.yaml

"#]]
    );
}

const FURTHER: &[&str] = &[
    "create",
    "api",
    "--group",
    "cache",
    "--version",
    "v1",
    "--kind",
    "Memcached",
];

#[test]
fn another_version_of_a_kind_is_a_copy_that_is_converted() {
    let sandbox = Sandbox::with_project();
    create(&sandbox, WORKLOAD);
    let before = sandbox.tree("project");
    sandbox.run("project", FURTHER).succeeded();
    let after = sandbox.tree("project");
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, text)| !path.ends_with('/') && before.get(*path) != Some(text))
        .map(|(path, _)| path.clone())
        .collect();
    snapbox::assert_data_eq!(
        changed.join("\n"),
        str![[r#"
config/samples/cache_v1_memcached.yaml
config/samples/kustomization.yaml
krate.toml
src/api/mod.rs
src/api/v1/memcached.rs
src/api/v1/mod.rs
src/lib.rs
src/main.rs
src/webhook/memcached.rs
src/webhook/mod.rs
tests/memcached_v1.rs
"#]]
    );
    let types = sandbox.read("project/src/api/v1/memcached.rs");
    let expected = sandbox
        .read("project/src/api/v1alpha1/memcached.rs")
        .replace(
            "use krate::prelude::*;\n",
            "use krate::prelude::*;\nuse krate::webhook::Spoke;\n",
        )
        .replace(
            "PartialEq)]\n#[kube(",
            "PartialEq, Spoke)]\n#[spoke(hub = crate::api::v1alpha1::memcached::Memcached, keep)]\n#[kube(",
        )
        .replace("\"v1alpha1\",\n", "\"v1\",\n    storage = false,\n")
        .replace(
            "Default, PartialEq)]\n",
            "Default, PartialEq, Spoke)]\n#[spoke(hub = crate::api::v1alpha1::memcached::MemcachedStatus)]\n",
        );
    assert_eq!(types, expected);
    snapbox::assert_data_eq!(
        sandbox.read("project/src/webhook/memcached.rs"),
        str![[r#"
//! The versions of `Memcached`, and the ways between them.

use krate::webhook::{ConversionWebhook, Hub, Webhook};

use crate::api;
use crate::api::v1alpha1::memcached::Memcached;

/// Objects are stored in this version, and all others are converted to it and back.
impl Hub for Memcached {}

/// Returns what converts the versions; `cargo krate create api` adds a line here.
pub fn memcached_versions() -> ConversionWebhook<Memcached> {
    Webhook::conversion().spoke::<api::v1::memcached::Memcached>()
}

"#]]
    );
    assert!(sandbox.read("project/src/main.rs").contains(
        "    Operator::new()\n        .controller(MemcachedReconciler)\n        .webhook(memcached_versions())\n"
    ));
    assert!(sandbox.read("project/krate.toml").ends_with(
        "[[api]]\ngroup = \"cache\"\nversion = \"v1\"\nkind = \"Memcached\"\nplural = \"memcacheds\"\nscope = \"Namespaced\"\nhub = \"v1alpha1\"\n"
    ));
    assert_eq!(
        sandbox.read("project/config/samples/cache_v1_memcached.yaml"),
        sandbox
            .read("project/config/samples/cache_v1alpha1_memcached.yaml")
            .replace("v1alpha1", "v1")
            .replace("memcached-sample", "memcached-sample-v1")
    );
    // Again, and a third one.
    let again = sandbox.run("project", FURTHER).succeeded();
    assert!(
        again.stderr.lines().all(|line| line.starts_with("       Fresh ")),
        "{}",
        again.stderr
    );
    assert_eq!(sandbox.tree("project"), after);
    let third = FURTHER
        .iter()
        .map(|&word| if word == "v1" { "v1beta1" } else { word });
    sandbox.run("project", &third.collect::<Vec<_>>()).succeeded();
    let versions = sandbox.read("project/src/webhook/memcached.rs");
    assert!(
        versions.contains("        .spoke::<api::v1::memcached::Memcached>()\n        .spoke::<api::v1beta1::memcached::Memcached>()\n"),
        "{versions}"
    );
    assert_eq!(
        sandbox
            .read("project/src/main.rs")
            .matches("memcached_versions")
            .count(),
        2
    );
}

#[test]
fn run_twice_nothing_changes() {
    let sandbox = Sandbox::with_project();
    create(&sandbox, WORKLOAD);
    let before = sandbox.tree("project");
    let again = [
        sandbox.run(".", &["init", "project", "--name", "my-operator"]),
        sandbox.run("project", &[MEMCACHED, WORKLOAD].concat()),
    ];
    for outcome in again {
        let stderr = outcome.succeeded().stderr;
        assert!(
            stderr.lines().all(|line| line.starts_with("       Fresh ")),
            "{stderr}"
        );
    }
    assert_eq!(sandbox.tree("project"), before);
}

#[test]
fn a_second_run_keeps_what_the_user_wrote_and_brings_back_what_is_gone() {
    let sandbox = Sandbox::with_project();
    create(&sandbox, &[]);
    sandbox.write("project/src/controller/memcached.rs", "// mine\n");
    std::fs::remove_file(sandbox.path("project/tests/memcached.rs")).unwrap();
    let stderr = sandbox.run("project", MEMCACHED).succeeded().stderr;
    assert_eq!(sandbox.read("project/src/controller/memcached.rs"), "// mine\n");
    assert!(stderr.contains("     Created tests/memcached.rs\n"), "{stderr}");
}

#[test]
fn a_dry_run_shows_all_and_changes_nothing() {
    let sandbox = Sandbox::with_project();
    let before = sandbox.tree("project");
    let outcome = sandbox
        .run("project", &[MEMCACHED, &["--dry-run", "--diff"]].concat())
        .succeeded();
    assert_eq!(sandbox.tree("project"), before);
    assert!(
        outcome.stderr.contains("Would update src/main.rs\n"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .stdout
            .contains("+    Operator::new().controller(MemcachedReconciler)\n"),
        "{}",
        outcome.stdout
    );
    sandbox.run(".", &["init", "other", "--dry-run"]).succeeded();
    assert!(!sandbox.path("other").exists());
}

#[test]
fn the_diff_of_a_dry_run_is_what_then_happens() {
    let sandbox = Sandbox::with_project();
    let diff = sandbox
        .run("project", &[MEMCACHED, &["--dry-run", "--diff"]].concat())
        .succeeded()
        .stdout;
    let announced = diff
        .lines()
        .filter_map(|line| line.strip_prefix("+++ b/"))
        .map(ToOwned::to_owned);
    let before = sandbox.tree("project");
    create(&sandbox, &[]);
    let after = sandbox.tree("project");
    let changed = after
        .iter()
        .filter(|(path, text)| !path.ends_with('/') && before.get(*path) != Some(text));
    assert_eq!(
        announced.collect::<Vec<_>>(),
        changed.map(|(path, _)| path.clone()).collect::<Vec<_>>()
    );
}

#[test]
fn a_project_may_start_in_a_cloned_repository() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/.git/HEAD", "ref");
    sandbox.write("repo/LICENSE", "mine");
    sandbox
        .run("repo", &["init", "--name", "my-operator"])
        .succeeded();
    assert_eq!(sandbox.read("repo/LICENSE"), "mine");
}

#[test]
fn rust_and_yaml_are_formatted_as_the_tools_do() {
    let sandbox = Sandbox::with_project();
    for kind in [
        "Db",
        "Memcached",
        "CacheProxy",
        "ElasticsearchClusterBackupSchedule",
    ] {
        let api = ["create", "api", "--group", "cache", "--version", "v1", "--kind"];
        sandbox
            .run("project", &[&api[..], &[kind], WORKLOAD].concat())
            .succeeded();
        let plain = format!("Plain{kind}");
        sandbox
            .run("project", &[&api[..], &[&plain]].concat())
            .succeeded();
        let global = format!("Global{kind}");
        sandbox
            .run("project", &[&api[..], &[&global, "--scope", "cluster"]].concat())
            .succeeded();
        for further in [kind, &global] {
            let api = [
                "create",
                "api",
                "--group",
                "cache",
                "--version",
                "v2beta1",
                "--kind",
            ];
            sandbox
                .run("project", &[&api[..], &[further]].concat())
                .succeeded();
        }
    }
    for (path, text) in sandbox.tree("project") {
        assert!(
            path.ends_with('/') || text.ends_with('\n') && !text.ends_with("\n\n"),
            "{path}"
        );
        assert!(text.lines().all(|line| line == line.trim_end()), "{path}");
    }
    let fmt = Command::new("cargo")
        .args(["fmt", "--check"])
        .current_dir(sandbox.path("project"))
        .output()
        .unwrap();
    assert!(fmt.status.success(), "{}", String::from_utf8_lossy(&fmt.stdout));
}

#[test]
fn kustomize_renders_what_is_installed() {
    let sandbox = Sandbox::with_project();
    create(&sandbox, WORKLOAD);
    for (folder, expected) in [
        ("config/default", "my-operator-controller-manager"),
        ("config/samples", "memcached"),
        ("config/prometheus", "ServiceMonitor"),
        ("config/network-policy", "NetworkPolicy"),
    ] {
        let Some(text) = sandbox.kustomize(folder) else {
            return;
        };
        assert!(text.contains(expected), "{text}");
    }
}

/// What kustomize makes of names in roles, and what it does not: the reason why they are written with the prefix.
#[test]
fn kustomize_leaves_the_names_that_roles_and_arguments_speak_of() {
    let sandbox = Sandbox::with_project();
    create(&sandbox, WORKLOAD);
    let rule = |group: &str, resource: &str, name: &str| {
        format!(
            "- apiGroups: [{group}]\n  resources: [{resource}]\n  resourceNames: [{name}]\n  verbs: [get]\n"
        )
    };
    let role = |kind: &str, name: &str, rules: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: system}}\nrules:\n{rules}"
        )
    };
    let webhooks = rule(
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        "my-operator-mutating-webhook-configuration",
    );
    let secret = rule("\"\"", "secrets", "my-operator-webhook-service-cert");
    sandbox.write(
        "project/config/rbac/role.yaml",
        &format!(
            "{}---\n{}",
            role("ClusterRole", "manager-role", &webhooks),
            role("Role", "manager-own-role", &secret)
        ),
    );
    let configuration = "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: mutating-webhook-configuration}\nwebhooks: []\n";
    sandbox.write("project/config/webhook/manifests.yaml", configuration);
    sandbox.write(
        "project/config/webhook/kustomization.yaml",
        "resources: [manifests.yaml]\n",
    );
    sandbox.replace(
        "project/config/default/kustomization.yaml",
        "- ../manager\n",
        "- ../manager\n- ../webhook\n",
    );
    let Some(text) = sandbox.kustomize("config/default") else {
        return;
    };
    for expected in [
        "\n  name: my-operator-mutating-webhook-configuration\n",
        "  resourceNames:\n  - my-operator-mutating-webhook-configuration\n",
        "  resourceNames:\n  - my-operator-webhook-service-cert\n",
        "- --name-prefix=my-operator-\n",
    ] {
        assert!(text.contains(expected), "`{expected}` is not in\n{text}");
    }
}

#[test]
fn the_source_of_krate_can_be_chosen() {
    let check = |arguments: &[&str], expected: &str| {
        let sandbox = Sandbox::new();
        sandbox
            .run(
                ".",
                &[&["init", "project", "--name", "my-operator"], arguments].concat(),
            )
            .succeeded();
        let manifest = sandbox.read("project/Cargo.toml");
        let found = manifest
            .lines()
            .find(|line| line.starts_with("krate = "))
            .unwrap();
        assert_eq!(found, expected);
        // Only a checkout brings a lock file along: its versions are known to fit.
        assert_eq!(
            sandbox.path("project/Cargo.lock").exists(),
            expected.contains("path")
        );
    };
    let checkout = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let features = r#"default-features = false, features = ["runtime"]"#;
    let local = format!(
        "krate = {{ package = \"krate-runtime\", path = \"{}/runtime\", {features} }}",
        checkout.display()
    );
    check(&[], &local);
    check(&["--krate-path", &checkout.to_string_lossy()], &local);
    check(
        &["--krate-version", "0.1.0"],
        &format!(r#"krate = {{ package = "krate-runtime", version = "0.1.0", {features} }}"#),
    );
    check(
        &["--krate-git", "https://example.com/krate.git#main"],
        &format!(
            r#"krate = {{ package = "krate-runtime", git = "https://example.com/krate.git", rev = "main", {features} }}"#
        ),
    );
}
