//! A folder, and the program run in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is gone with the test.
pub(crate) struct Sandbox {
    dir: tempfile::TempDir,
}

/// What a run said and how it ended.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The text of each file below a folder, by its path.
pub(crate) type Tree = BTreeMap<String, String>;

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        Sandbox {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns a sandbox with the project `my-operator` in `project/`.
    pub(crate) fn with_project() -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox
            .run(".", &["init", "project", "--name", "my-operator"])
            .succeeded();
        sandbox
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Runs `cargo-krate` below the folder, the way cargo calls it.
    pub(crate) fn run(&self, here: &str, arguments: &[&str]) -> Outcome {
        let arguments: Vec<_> = std::iter::once("krate")
            .chain(arguments.iter().copied())
            .collect();
        self.run_bare(here, &arguments)
    }

    /// Runs `cargo-krate` with exactly these arguments.
    pub(crate) fn run_bare(&self, here: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-krate"));
        command
            .args(arguments)
            .current_dir(self.path(here))
            .env_remove("CLICOLOR_FORCE")
            .env("NO_COLOR", "1");
        // Each sandbox builds into its own folder: the projects in them have one name.
        command
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR");
        self.outcome(command.output().unwrap())
    }

    /// Replaces the folder's own path, which differs per run, by `[HERE]`.
    fn outcome(&self, output: Output) -> Outcome {
        let text = |bytes: Vec<u8>| {
            let here = self.dir.path().to_string_lossy().into_owned();
            String::from_utf8(bytes).unwrap().replace(&here, "[HERE]")
        };
        let code = output.status.code().unwrap_or(-1);
        Outcome {
            code,
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Returns what kustomize makes of a folder of the project; nothing, and says so, where there is no kubectl.
    pub(crate) fn kustomize(&self, folder: &str) -> Option<String> {
        let run = Command::new("kubectl")
            .args(["kustomize", folder])
            .current_dir(self.path("project"))
            .output();
        let Ok(output) = run else {
            eprintln!("not tested: there is no kubectl to render `{folder}` with");
            return None;
        };
        Some(self.outcome(output).succeeded().stdout)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{path}` has no `{from}`");
        self.write(path, &text.replacen(from, to, 1));
    }

    pub(crate) fn tree(&self, path: &str) -> Tree {
        let mut tree = Tree::new();
        collect(&self.path(path), &self.path(path), &mut tree);
        tree
    }
}

impl Outcome {
    /// Asserts that the run ended well.
    pub(crate) fn succeeded(self) -> Outcome {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }
}

fn collect(root: &Path, dir: &Path, tree: &mut Tree) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            tree.insert(format!("{}/", name(root, &path)), String::new());
            collect(root, &path, tree);
        } else if path.is_file() {
            tree.insert(
                name(root, &path),
                String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned(),
            );
        }
    }
}

fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/")
}
