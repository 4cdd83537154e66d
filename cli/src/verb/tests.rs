//! `init` and `create api`, killed at every write: the tree is as it was, or as planned.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Parser;

use crate::args::Args;
use crate::disk::faulty::{Fault, FaultyDisk};
use crate::disk::{Disk, RealDisk};
use crate::error::Result;
use crate::plan::Manner;
use crate::project::put_right;
use crate::shell::Shell;

use super::{Place, run};

const INIT: &[&str] = &["init", "--name", "my-operator"];
const CREATE: &[&str] = &[
    "create",
    "api",
    "--group",
    "cache",
    "--version",
    "v1alpha1",
    "--kind",
    "Memcached",
];

type Tree = BTreeMap<String, Option<Vec<u8>>>;

fn tree_of(root: &Path) -> Tree {
    let mut tree = BTreeMap::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            tree.insert(name, path.is_file().then(|| std::fs::read(&path).unwrap()));
            dirs.extend(path.is_dir().then_some(path));
        }
    }
    tree
}

fn plant(tree: &Tree) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in tree {
        let path = dir.path().join(path);
        match content {
            None => std::fs::create_dir_all(path).unwrap(),
            Some(content) => {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
        }
    }
    dir
}

fn invoke(arguments: &[&str], here: &Path, disk: &dyn Disk) -> Result<()> {
    let args = Args::try_parse_from(std::iter::once(&"cargo-krate").chain(arguments)).unwrap();
    run(
        &args.verb,
        &Place {
            here: here.to_owned(),
            disk,
        },
        &mut Shell::silent(),
    )
}

/// The trees before and after a command.
fn trees(arguments: &[&str], before: &Tree) -> (Tree, Tree) {
    let dir = plant(before);
    invoke(arguments, dir.path(), &RealDisk).unwrap();
    (before.clone(), tree_of(dir.path()))
}

/// Runs the command once per write it does, with that write failing, and compares what is left.
fn fail_at_every_write(arguments: &[&str], before: &Tree, fault: Fault) {
    let (before, after) = trees(arguments, before);
    for at in 0.. {
        let (dir, disk) = (plant(&before), FaultyDisk::new(fault, at));
        let result = invoke(arguments, dir.path(), &disk);
        if fault == Fault::Once && result.is_err() {
            assert_eq!(tree_of(dir.path()), before, "write {at} failed: not as it was");
        }
        put_right(&RealDisk, dir.path(), Manner::default(), &mut Shell::silent()).unwrap();
        let tree = tree_of(dir.path());
        assert!(tree == before || tree == after, "write {at}: {:?}", tree.keys());
        assert!(
            result.is_err() || tree == after,
            "write {at}: reported success without it"
        );
        if disk.writes() <= at {
            return;
        }
    }
}

fn project() -> Tree {
    trees(INIT, &Tree::new()).1
}

#[test]
fn create_api_with_a_failing_write_leaves_the_tree_untouched() {
    fail_at_every_write(CREATE, &project(), Fault::Once);
}

#[test]
fn create_api_killed_at_any_write_is_put_right_by_the_next_command() {
    fail_at_every_write(CREATE, &project(), Fault::Killed);
}

#[test]
fn init_with_a_failing_write_leaves_the_tree_untouched() {
    fail_at_every_write(INIT, &Tree::new(), Fault::Once);
}

#[test]
fn init_killed_at_any_write_is_put_right_by_the_next_command() {
    fail_at_every_write(INIT, &Tree::new(), Fault::Killed);
}

#[test]
fn the_command_after_a_kill_does_its_work() {
    let (before, after) = trees(CREATE, &project());
    let dir = plant(&before);
    invoke(CREATE, dir.path(), &FaultyDisk::new(Fault::Killed, 40)).unwrap_err();
    assert_ne!(tree_of(dir.path()), before);
    invoke(CREATE, dir.path(), &RealDisk).unwrap();
    assert_eq!(tree_of(dir.path()), after);
}

#[test]
fn a_dry_run_after_a_kill_touches_nothing_and_says_why() {
    let dir = plant(&project());
    invoke(CREATE, dir.path(), &FaultyDisk::new(Fault::Killed, 40)).unwrap_err();
    let before = tree_of(dir.path());
    let dry: Vec<_> = CREATE.iter().copied().chain(["--dry-run"]).collect();
    let error = invoke(&dry, dir.path(), &RealDisk).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an earlier command was interrupted, or is still running"
    );
    assert_eq!(tree_of(dir.path()), before);
}
