//! How the program talks: to people, to programs, and however it is called.

use snapbox::str;

use crate::sandbox::Sandbox;
use crate::scaffold::MEMCACHED;

#[test]
fn status_lines_go_to_stderr_and_stdout_stays_free_for_data() {
    let sandbox = Sandbox::with_project();
    let outcome = sandbox.run("project", MEMCACHED).succeeded();
    assert_eq!(outcome.stdout, "");
    snapbox::assert_data_eq!(
        outcome.stderr,
        str![[r#"
     Created config/samples/cache_v1alpha1_memcached.yaml
     Created config/samples/kustomization.yaml
     Updated krate.toml
     Updated src/api/mod.rs
     Created src/api/v1alpha1/memcached.rs
     Created src/api/v1alpha1/mod.rs
     Created src/controller/memcached.rs
     Updated src/controller/mod.rs
     Updated src/main.rs
     Created tests/memcached.rs
        Next edit src/api/v1alpha1/memcached.rs and src/controller/memcached.rs
        Next cargo krate generate

"#]]
    );
}

#[test]
fn quiet_means_nothing_but_errors_and_data() {
    let sandbox = Sandbox::with_project();
    let outcome = sandbox.run("project", &[MEMCACHED, &["-q"]].concat()).succeeded();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    let outcome = sandbox.run("project", &["-q", "list"]).succeeded();
    snapbox::assert_data_eq!(
        outcome.stdout,
        str![[r#"
KIND       VERSION   GROUP              PLURAL      SCOPE
Memcached  v1alpha1  cache.example.com  memcacheds  Namespaced

"#]]
    );
}

#[test]
fn each_line_has_a_json_twin() {
    let sandbox = Sandbox::with_project();
    let outcome = sandbox
        .run("project", &[MEMCACHED, &["--message-format", "json"]].concat())
        .succeeded();
    assert_eq!(outcome.stderr, "");
    let messages: Vec<serde_json::Value> = outcome
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let created = serde_json::json!({"reason": "file", "change": "created", "path": "tests/memcached.rs", "planned": false});
    assert!(messages.contains(&created), "{}", outcome.stdout);
    assert!(messages.iter().all(|message| message["reason"].is_string()));
}

#[test]
fn errors_have_a_json_twin_even_if_the_command_line_is_wrong() {
    let sandbox = Sandbox::new();
    let check = |arguments: &[&str], expected: snapbox::data::Inline| {
        let outcome = sandbox.run(".", arguments);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (2, ""));
        snapbox::assert_data_eq!(outcome.stdout, expected);
    };
    check(
        &["init", "--name", "Bad", "--message-format=json"],
        str![[r#"
{"causes":[],"class":"usage","code":2,"file":null,"help":["write `--name bad`"],"line":null,"message":"`Bad` cannot be a project's name: only lower-case letters, digits and `-` are allowed","reason":"error","snippet":null}

"#]],
    );
    check(
        &["init", "--nmae", "x", "--message-format", "json"],
        str![[r#"
{"causes":[],"class":"usage","code":2,"file":null,"help":["a similar argument exists: '--name'","see `cargo krate init --help`"],"line":null,"message":"unexpected argument '--nmae' found","reason":"error","snippet":"usage: cargo krate init --name <NAME> [DIR]"}

"#]],
    );
}

#[test]
fn it_runs_as_a_plugin_and_on_its_own() {
    let sandbox = Sandbox::new();
    let version = format!("cargo-krate {}\n", env!("CARGO_PKG_VERSION"));
    for arguments in [&["krate", "version"][..], &["version"]] {
        assert_eq!(sandbox.run_bare(".", arguments).succeeded().stdout, version);
    }
}

#[test]
fn help_tells_verbs_and_exit_codes() {
    let outcome = Sandbox::new().run(".", &["--help"]).succeeded();
    snapbox::assert_data_eq!(
        outcome.stdout,
        str![[r#"
Scaffold, extend and check Kubernetes operators written in Rust

Usage: cargo krate [OPTIONS] <COMMAND>

Commands:
  init         Make a new operator project
  create       Add something to a project
  generate     Write CRDs and RBAC under config/, from the project's own types
  dev          Run the operator on an embedded cluster, and restart it when its code changes
  cluster      Run an embedded Kubernetes API server and print its KUBECONFIG
  quickstart   Scaffold an operator, run it on an embedded cluster, and show what it does
  list         List the kinds of a project
  completions  Print a completion script for a shell
  version      Print the version

Options:
      --message-format <FORMAT>  How to talk: status lines on stderr and data on stdout, or one JSON
                                 object per line on stdout [default: human] [possible values: human,
                                 json]
  -q, --quiet                    Say nothing but errors and data
  -v, --verbose                  Say what is decided and run on the way
      --color <WHEN>             When to color [default: auto] [possible values: auto, always,
                                 never]
  -h, --help                     Print help
  -V, --version                  Print version

Exit codes:
  0    done, or nothing to do
  1    the machine refused: a disk, a process, a build
  2    the command line asks for something that cannot be
  3    the project is not in a state the command can work on
  4    a check found files that differ from what they should be
  101  a mistake in cargo-krate itself; please report it

"#]]
    );
}

#[test]
fn color_is_used_when_asked_for() {
    let sandbox = Sandbox::with_project();
    let outcome = sandbox
        .run(
            "project",
            &[MEMCACHED, &["--dry-run", "--color", "always"]].concat(),
        )
        .succeeded();
    assert!(outcome.stderr.contains("\u{1b}["), "{}", outcome.stderr);
    let outcome = sandbox
        .run(
            "project",
            &[MEMCACHED, &["--dry-run", "--color", "never"]].concat(),
        )
        .succeeded();
    assert!(!outcome.stderr.contains('\u{1b}'), "{}", outcome.stderr);
}

#[test]
fn completions_know_the_verbs() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = Sandbox::new()
            .run(".", &["completions", shell])
            .succeeded()
            .stdout;
        assert!(script.contains("generate"), "{shell}");
    }
}
