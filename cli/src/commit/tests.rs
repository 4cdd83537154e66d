//! Every write of a commit fails in turn, once or for good, and the tree is compared.

use std::collections::BTreeMap;
use std::path::Path;

use crate::disk::RealDisk;
use crate::disk::faulty::{Fault, FaultyDisk};

use super::*;

fn tree_of(dir: &Path) -> BTreeMap<String, Option<String>> {
    let mut tree = BTreeMap::new();
    collect(dir, dir, &mut tree);
    tree
}

fn collect(root: &Path, dir: &Path, tree: &mut BTreeMap<String, Option<String>>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            tree.insert(name, None);
            collect(root, &path, tree);
        } else {
            tree.insert(name, Some(std::fs::read_to_string(&path).unwrap()));
        }
    }
}

fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("src")).unwrap();
    std::fs::write(dir.path().join("src/main.rs"), "old").unwrap();
    std::fs::write(dir.path().join("gone.yaml"), "bye").unwrap();
    dir
}

fn changes() -> BTreeMap<String, Change> {
    let change = |before: Option<&str>, after: Option<&str>| Change {
        before: before.map(Into::into),
        after: after.map(Into::into),
    };
    BTreeMap::from([
        ("gone.yaml".into(), change(Some("bye"), None)),
        ("src/api/v1/memcached.rs".into(), change(None, Some("new"))),
        ("src/api/mod.rs".into(), change(None, Some("mod"))),
        ("src/main.rs".into(), change(Some("old"), Some("edited"))),
    ])
}

fn committed() -> BTreeMap<String, Option<String>> {
    let dir = project();
    commit(&RealDisk, dir.path(), &changes()).unwrap();
    tree_of(dir.path())
}

#[test]
fn a_commit_leaves_nothing_but_what_was_planned() {
    let tree = committed();
    let names: Vec<_> = tree.keys().map(String::as_str).collect();
    let expected = [
        "src",
        "src/api",
        "src/api/mod.rs",
        "src/api/v1",
        "src/api/v1/memcached.rs",
        "src/main.rs",
    ];
    assert_eq!(names, expected);
    assert_eq!(tree["src/main.rs"].as_deref(), Some("edited"));
}

#[test]
fn a_write_that_fails_leaves_the_tree_as_it_was_or_as_planned() {
    let before = tree_of(project().path());
    for at in 0.. {
        let dir = project();
        let disk = FaultyDisk::new(Fault::Once, at);
        let result = commit(&disk, dir.path(), &changes());
        let expected = if result.is_ok() {
            committed()
        } else {
            before.clone()
        };
        // A fault while the staging folder of a finished commit is swept away leaves litter, which the next command removes.
        recover(&RealDisk, dir.path()).unwrap();
        assert_eq!(tree_of(dir.path()), expected, "write {at} failed");
        if disk.writes() <= at {
            return;
        }
    }
}

#[test]
fn a_failed_commit_needs_no_recovery() {
    let before = tree_of(project().path());
    for at in 0.. {
        let dir = project();
        let disk = FaultyDisk::new(Fault::Once, at);
        if commit(&disk, dir.path(), &changes()).is_err() {
            assert_eq!(tree_of(dir.path()), before, "write {at} failed");
        }
        if disk.writes() <= at {
            return;
        }
    }
}

#[test]
fn a_killed_commit_is_undone_by_the_next_command_or_was_complete() {
    let (before, after) = (tree_of(project().path()), committed());
    for at in 0.. {
        let dir = project();
        let disk = FaultyDisk::new(Fault::Killed, at);
        let killed = commit(&disk, dir.path(), &changes());
        recover(&RealDisk, dir.path()).unwrap();
        let tree = tree_of(dir.path());
        assert!(tree == before || tree == after, "killed at write {at}: {tree:?}");
        assert!(
            killed.is_err() || tree == after,
            "reported success at {at}, but it is not there"
        );
        if disk.writes() <= at {
            return;
        }
    }
}

#[test]
fn a_killed_recovery_can_be_run_again() {
    let before = tree_of(project().path());
    // Write 18 is among the renames of this commit: the journal is in place.
    for at in 0..12 {
        let dir = project();
        let _ = commit(&FaultyDisk::new(Fault::Killed, 18), dir.path(), &changes());
        let _ = recover(&FaultyDisk::new(Fault::Killed, at), dir.path());
        recover(&RealDisk, dir.path()).unwrap();
        assert_eq!(tree_of(dir.path()), before, "recovery killed at write {at}");
    }
}

#[test]
fn work_done_after_a_kill_is_not_undone() {
    let dir = project();
    let writes = {
        let (probe, disk) = (project(), FaultyDisk::new(Fault::Once, usize::MAX));
        commit(&disk, probe.path(), &changes()).unwrap();
        disk.writes()
    };
    // The journal's removal, the staging folder's, the lock's, and the own folder's come after the last rename.
    let _ = commit(
        &FaultyDisk::new(Fault::Killed, writes - 4),
        dir.path(),
        &changes(),
    );
    std::fs::write(dir.path().join("src/main.rs"), "precious").unwrap();
    let words = recover(&RealDisk, dir.path()).unwrap().unwrap();
    assert!(
        words.contains(&"`src/main.rs` kept: it was changed since".to_owned()),
        "{words:?}"
    );
    assert_eq!(tree_of(dir.path())["src/main.rs"].as_deref(), Some("precious"));
}

#[test]
fn a_file_edited_between_plan_and_commit_is_not_overwritten() {
    let dir = project();
    std::fs::write(dir.path().join("src/main.rs"), "precious").unwrap();
    let before = tree_of(dir.path());
    let error = commit(&RealDisk, dir.path(), &changes()).unwrap_err();
    assert_eq!(error.causes(), ["`src/main.rs` changed while the command ran"]);
    assert_eq!(tree_of(dir.path()), before);
}

#[test]
fn two_commands_do_not_write_at_once() {
    let dir = project();
    let held = lock(&RealDisk, dir.path()).unwrap();
    let error = commit(&RealDisk, dir.path(), &changes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "another `cargo krate` is writing in this project"
    );
    drop(held);
}

#[test]
fn a_folder_that_did_not_exist_is_gone_again_after_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let change = Change {
        before: None,
        after: Some("new".into()),
    };
    let changes = BTreeMap::from([("file".to_owned(), change)]);
    for at in 0..8 {
        let disk = FaultyDisk::new(Fault::Once, at);
        if commit(&disk, &dir.path().join("a/b"), &changes).is_err() {
            assert_eq!(tree_of(dir.path()), BTreeMap::new(), "write {at} failed");
        } else {
            std::fs::remove_dir_all(dir.path().join("a")).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn an_edited_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let dir = project();
    let main = dir.path().join("src/main.rs");
    std::fs::set_permissions(&main, std::fs::Permissions::from_mode(0o751)).unwrap();
    commit(&RealDisk, dir.path(), &changes()).unwrap();
    assert_eq!(
        std::fs::metadata(&main).unwrap().permissions().mode() & 0o777,
        0o751
    );
}
