//! Input that cannot be: one clear error with help, a documented exit code, and an untouched tree.

use snapbox::{IntoData, str};

use crate::sandbox::Sandbox;
use crate::scaffold::{MEMCACHED, WORKLOAD};

/// Runs in the project and expects failure without a trace.
fn check(sandbox: &Sandbox, arguments: &[&str], code: i32, stderr: impl IntoData) {
    let before = sandbox.tree(".");
    let outcome = sandbox.run("project", arguments);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (code, ""),
        "{}",
        outcome.stderr
    );
    snapbox::assert_data_eq!(outcome.stderr.as_str(), stderr);
    assert!(outcome.stderr.contains("help: "), "{}", outcome.stderr);
    assert_eq!(sandbox.tree("."), before);
}

fn api<'a>(group: &'a str, version: &'a str, kind: &'a str) -> Vec<&'a str> {
    vec![
        "create",
        "api",
        "--group",
        group,
        "--version",
        version,
        "--kind",
        kind,
    ]
}

#[test]
fn unknown_flags_and_verbs_get_a_suggestion() {
    let sandbox = Sandbox::with_project();
    check(
        &sandbox,
        &["creat"],
        2,
        str![[r#"
error: unrecognized subcommand 'creat'

    usage: cargo krate [OPTIONS] <COMMAND>

help: a similar subcommand exists: 'create'
help: see `cargo krate --help`

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, &["--plurall", "x"]].concat(),
        2,
        str![[r#"
error: unexpected argument '--plurall' found

    usage: cargo krate create api --group <GROUP> --version <VERSION> --kind <KIND> --plural <PLURAL>

help: a similar argument exists: '--plural'
help: see `cargo krate create api --help`

"#]],
    );
    check(
        &sandbox,
        &["create", "api", "--group", "cache"],
        2,
        str![[r#"
error: the following required arguments were not provided:
  --version <VERSION>
  --kind <KIND>

    usage: cargo krate create api --group <GROUP> --version <VERSION> --kind <KIND>

help: see `cargo krate create api --help`

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, &["--image", "memcached"]].concat(),
        2,
        str![[r#"
error: the following required arguments were not provided:
  --port <PORT>

    usage: cargo krate create api --group <GROUP> --version <VERSION> --kind <KIND> --image <IMAGE> --port <PORT>

help: see `cargo krate create api --help`

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, &["--scope", "galaxy"]].concat(),
        2,
        str![[r#"
error: invalid value 'galaxy' for '--scope <SCOPE>'
  [possible values: namespaced, cluster]

help: see `cargo krate --help`

"#]],
    );
}

#[test]
fn bad_names_of_an_api_are_refused() {
    let sandbox = Sandbox::with_project();
    check(
        &sandbox,
        &api("Cache", "v1", "Memcached"),
        2,
        str![[r#"
error: `Cache` is not a group: only lower-case letters, digits and `-` are allowed

help: write one word such as `cache`; the domain `example.com` is added to it

"#]],
    );
    check(
        &sandbox,
        &api("cache.example.com", "v1", "Memcached"),
        2,
        str![[r#"
error: the group `cache.example.com` already ends with the project's domain

help: write `--group cache`

"#]],
    );
    check(
        &sandbox,
        &api("cache", "1", "Memcached"),
        2,
        str![[r#"
error: `1` is not an API version

help: write `v1`, `v1beta1` or `v1alpha1`: a `v`, a number, and perhaps `alpha` or `beta` with a number

"#]],
    );
    check(
        &sandbox,
        &api("cache", "v1", "memcached"),
        2,
        str![[r#"
error: `memcached` cannot be a kind: it must start with a capital letter

help: write `Memcached`

"#]],
    );
    check(
        &sandbox,
        &api("cache", "v1", "Type"),
        2,
        str![[r#"
error: `Type` cannot be a kind: its module would be called `type`, a word Rust reserves

help: choose another name

"#]],
    );
    check(
        &sandbox,
        &api("cache", "v1", "Deployment"),
        2,
        str![[r#"
error: `Deployment` cannot be a kind: Kubernetes has a kind of that name

help: choose another name

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, &["--plural", "Many_Caches"]].concat(),
        2,
        str![[r#"
error: `Many_Caches` cannot be a plural: only lower-case letters, digits and `-` are allowed

help: write `--plural manycaches`

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, &["--image", "Mem cached", "--port", "1"]].concat(),
        2,
        str![[r#"
error: `Mem cached` is not an image: its path must be lower-case words between `/`

help: write a reference such as `memcached:1.6` or `registry.example.com:5000/team/cache@sha256:…`

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, &["--image", "memcached", "--port", "70000"]].concat(),
        2,
        str![[r#"
error: `70000` is not a port

help: write a number from 1 to 65535

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, WORKLOAD, &["--scope", "cluster"]].concat(),
        2,
        str![[r#"
error: `--image` needs a namespace to run in, and `--scope cluster` has none

help: leave out one of the two

"#]],
    );
}

#[test]
fn collisions_are_refused() {
    let sandbox = Sandbox::with_project();
    sandbox.run("project", MEMCACHED).succeeded();
    check(
        &sandbox,
        &[&api("cache", "v1", "Memcached")[..], &["--scope", "cluster"]].concat(),
        3,
        str![[r#"
error: the kind `Memcached` exists already, in another group, under another plural, or with another scope
  --> krate.toml

help: edit `src/api/v1alpha1/memcached.rs` to change it

"#]],
    );
    check(
        &sandbox,
        &[&api("cache", "v1", "Memcached")[..], WORKLOAD].concat(),
        2,
        str![[r#"
error: `Memcached` is reconciled in version `v1alpha1`, and a further version is converted to that

help: leave out `--image` and `--port`

"#]],
    );
    check(
        &sandbox,
        &[MEMCACHED, WORKLOAD].concat(),
        3,
        str![[r#"
error: the kind `Memcached` exists already, with other properties
  --> krate.toml

help: edit `src/api/v1alpha1/memcached.rs` to change it

"#]],
    );
    check(
        &sandbox,
        &api("other", "v1", "Redis"),
        3,
        str![[r#"
error: this project has the group `cache`, and `other` would be a second one
  --> krate.toml

help: write `--group cache`, or make another project

"#]],
    );
    check(
        &sandbox,
        &api("cache", "v1", "Memcacheds"),
        3,
        str![[r#"
error: the resource `memcacheds` is taken by the kind `Memcached`
  --> krate.toml

help: choose another kind, or another `--plural`

"#]],
    );
    check(
        &sandbox,
        &api("cache", "v1", "MEMCACHED"),
        3,
        str![[r#"
error: the resource `memcacheds` is taken by the kind `Memcached`
  --> krate.toml

help: choose another kind, or another `--plural`

"#]],
    );
    sandbox.write("project/src/controller/redis.rs", "// mine\n");
    check(
        &sandbox,
        &api("cache", "v1", "Redis"),
        3,
        str![[r#"
error: `src/controller/redis.rs` exists already

help: move `src/controller/redis.rs` out of the way, or choose another name

"#]],
    );
}

#[test]
fn bad_names_of_a_project_are_refused() {
    let sandbox = Sandbox::with_project();
    check(
        &sandbox,
        &["init", "../new", "--name", "My_Operator"],
        2,
        str![[r#"
error: `My_Operator` cannot be a project's name: only lower-case letters, digits and `-` are allowed

help: write `--name my-operator`

"#]],
    );
    check(
        &sandbox,
        &["init", "../new", "--name", "serde"],
        2,
        str![[r#"
error: `serde` cannot be a project's name: a crate the project depends on has that name

help: write `--name serde-operator`

"#]],
    );
    check(
        &sandbox,
        &["init", "../new", "--name", &"a".repeat(45)],
        2,
        str![[r#"
error: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` cannot be a project's name: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-controller-manager` would be longer than 63 characters, so the name may have 44

help: write a name such as `--name memcached-operator`

"#]],
    );
    check(
        &sandbox,
        &["init", "../new", "--domain", "Example"],
        2,
        str![[r#"
error: `Example` is not a domain: only lower-case letters, digits and `-` are allowed

help: write a domain you own, such as `example.com`

"#]],
    );
    check(
        &sandbox,
        &["init", "../new", "--domain", "apps.k8s.io"],
        2,
        str![[r#"
error: `apps.k8s.io` belongs to the Kubernetes project

help: write a domain you own: servers refuse CRDs there without an approval

"#]],
    );
    check(
        &sandbox,
        &["init", "../New Project"],
        2,
        str![[r#"
error: the folder's name is taken for the project's: `New Project` cannot be a project's name: only lower-case letters, digits and `-` are allowed

help: write `--name new-project`

"#]],
    );
    check(
        &sandbox,
        &["init", "../new", "--krate-version", "latest"],
        2,
        str![[r#"
error: `latest` is not a version

help: write a version such as `0.1.0` after `--krate-version`

"#]],
    );
    check(
        &sandbox,
        &[
            "init",
            "../new",
            "--krate-version",
            "1",
            "--krate-git",
            "https://a.b",
        ],
        2,
        str![[r#"
error: the argument '--krate-version <VERSION>' cannot be used with '--krate-git <URL[#REV]>'

    usage: cargo krate init --krate-version <VERSION> <DIR>

help: see `cargo krate init --help`

"#]],
    );
    check(
        &sandbox,
        &["init", "../new", "--krate-path", "../nowhere"],
        2,
        str![[r#"
error: `[HERE]/project/../nowhere` is not a checkout of krate

Caused by:
  failed to canonicalize path `[HERE]/project/../nowhere`: No such file or directory (os error 2)

help: give the folder that has `runtime/` and `testing/` after `--krate-path`

"#]],
    );
}

#[test]
fn a_folder_that_is_not_empty_is_refused() {
    let sandbox = Sandbox::with_project();
    sandbox.write("full/notes.txt", "mine");
    sandbox.write("full/src/main.rs", "mine");
    check(
        &sandbox,
        &["init", "../full"],
        3,
        str![[r#"
error: `[HERE]/full` is not empty: it has `notes.txt` and 1 more

help: name a new folder: `cargo krate init memcached-operator`

"#]],
    );
    check(
        &sandbox,
        &["init", ".", "--name", "other"],
        3,
        str![[r#"
error: here is the project `my-operator` with the domain `example.com` already
  --> krate.toml

help: name another folder for another project
help: `cargo krate init --name my-operator --domain example.com` adds what is missing to this one

"#]],
    );
    check(
        &sandbox,
        &["init", "../full/notes.txt", "--name", "other"],
        2,
        str![[r#"
error: `[HERE]/full/notes.txt` is not a folder

Caused by:
  failed to read directory `[HERE]/full/notes.txt`: Not a directory (os error 20)

help: name a new folder: `cargo krate init memcached-operator`

"#]],
    );
}

#[test]
fn a_missing_or_broken_record_is_refused() {
    let sandbox = Sandbox::with_project();
    for arguments in [MEMCACHED, &["generate"], &["list"]] {
        std::fs::create_dir_all(sandbox.path("elsewhere")).unwrap();
        let outcome = sandbox.run("elsewhere", arguments);
        assert_eq!(outcome.code, 3);
        snapbox::assert_data_eq!(
            outcome.stderr,
            str![[r#"
error: found no `krate.toml` here or in any folder above

help: go to a project's folder, or make one with `cargo krate init`

"#]]
        );
    }
    sandbox.replace("project/krate.toml", "domain", "domian");
    check(
        &sandbox,
        MEMCACHED,
        3,
        str![[r#"
error: `[project]` has no key `domian`
  --> krate.toml:5

help: write `domain`

"#]],
    );
    sandbox.replace("project/krate.toml", "domian =", "domain");
    check(
        &sandbox,
        MEMCACHED,
        3,
        str![[r#"
error: broken TOML: key with no value, expected `=`
  --> krate.toml:5

help: mend the line, or take the file back from version control

"#]],
    );
}

#[test]
fn a_lost_anchor_is_refused_with_the_snippet_to_paste() {
    let sandbox = Sandbox::with_project();
    sandbox.replace("project/src/main.rs", "Operator::new()", "build()");
    check(
        &sandbox,
        MEMCACHED,
        3,
        str![[r#"
error: found no call chain that starts with `Operator::new()` in `fn operator` of `src/main.rs`
  --> src/main.rs

    fn operator() -> Operator {
        Operator::new().controller(MemcachedReconciler)
    }

help: add `.controller(MemcachedReconciler)` by hand, with its `use`, and run the command again

"#]],
    );
    sandbox.replace("project/src/main.rs", "build()", "build(MemcachedReconciler)");
    sandbox.run("project", MEMCACHED).succeeded();
}

#[test]
fn files_of_the_user_that_cannot_be_edited_are_refused() {
    let sandbox = Sandbox::with_project();
    sandbox.replace("project/src/main.rs", "fn main", "fn 1main");
    check(
        &sandbox,
        MEMCACHED,
        3,
        str![[r#"
error: `src/main.rs` is not valid Rust: expected identifier
  --> src/main.rs:12

help: mend the file and run the command again

"#]],
    );
    sandbox.replace("project/src/main.rs", "fn 1main", "fn main");
    sandbox.write(
        "project/config/samples/kustomization.yaml",
        "resources: [mine.yaml]\n",
    );
    check(
        &sandbox,
        MEMCACHED,
        3,
        str![[r#"
error: `resources` in `config/samples/kustomization.yaml` is not a list with one item per line
  --> config/samples/kustomization.yaml

    resources:
    - mine.yaml
    - cache_v1alpha1_memcached.yaml

help: write the list as shown and run the command again

"#]],
    );
    std::fs::remove_file(sandbox.path("project/config/samples/kustomization.yaml")).unwrap();
    std::fs::remove_file(sandbox.path("project/src/lib.rs")).unwrap();
    sandbox.run("project", MEMCACHED).succeeded();
    check(
        &sandbox,
        &api("cache", "v1", "Memcached"),
        3,
        str![[r#"
error: `src/lib.rs` is gone

help: take it back from version control: a line of `src/lib.rs` has to be edited

"#]],
    );
}

#[test]
fn a_file_where_a_folder_should_be_is_refused() {
    let sandbox = Sandbox::with_project();
    sandbox.write("project/tests", "a file");
    check(
        &sandbox,
        MEMCACHED,
        1,
        str![[r#"
error: failed to write; everything is as it was before

Caused by:
  failed to rename file from `[HERE]/project/.krate/staging/9.new` to `[HERE]/project/tests/memcached.rs`: Not a directory (os error 20)

help: mend the cause and run the command again

"#]],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_cannot_be_written_is_refused() {
    // Nobody can make folders there, not even the superuser.
    let sandbox = Sandbox::with_project();
    check(
        &sandbox,
        &["init", "/proc/self/operator"],
        1,
        str![[r#"
error: failed to write; everything is as it was before

Caused by:
  failed to create directory `/proc/self/operator`: No such file or directory (os error 2)

help: mend the cause and run the command again

"#]],
    );
}
