//! Makes a plan so: all of it or nothing of it.
//!
//! Everything new is written into `.krate/staging` first, with a copy of everything old and a journal that says what goes
//! where. Only then are files renamed into place. If one rename fails, those before it are undone at once; if the process
//! is killed, the next command finds the journal and undoes them ([`recover`]). The commit point is the removal of the
//! journal. A lock keeps two commands apart.
//!
//! Invariant: without a journal no file outside `.krate` differs from what it was before the command, or all are as planned.

mod journal;
#[cfg(test)]
mod tests;
mod undo;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, missing_dirs};
use crate::error::{Error, Result};
use crate::plan::{Change, Kind};

use journal::{Entry, Journal, fingerprint};

/// The tool's own folder in a project; it exists only while a command runs, or after one was killed.
pub(crate) const OWN_DIR: &str = ".krate";
const LOCK: &str = ".krate/lock";
const STAGING: &str = ".krate/staging";

/// Writes all changes below `root`, or leaves it as it was.
pub(crate) fn commit(disk: &dyn Disk, root: &Path, changes: &BTreeMap<String, Change>) -> Result<()> {
    let changes: Vec<_> = changes
        .iter()
        .filter(|(_, change)| change.kind() != Kind::Fresh)
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    let above = missing_dirs(disk, root).map_err(failed_to_write)?;
    let result = write_all(disk, root, &above, &changes);
    if result.is_err() {
        remove_empty(disk, &above);
    }
    result
}

/// Undoes what a killed command left behind; returns what it did in words, nothing if there was nothing to do.
pub(crate) fn recover(disk: &dyn Disk, root: &Path) -> Result<Option<Vec<String>>> {
    if !interrupted(disk, root)? {
        return Ok(None);
    }
    let lock = lock(disk, root)?;
    let words = undo::undo(disk, root).map_err(failed_to_undo)?;
    clean_up(disk, root, lock).map_err(failed_to_undo)?;
    Ok(Some(words))
}

/// Returns whether a killed or still running command left its staging folder in `root`.
pub(crate) fn interrupted(disk: &dyn Disk, root: &Path) -> Result<bool> {
    disk.exists(&root.join(OWN_DIR))
        .map_err(|error| Error::machine("failed to look for a staging folder").because(error))
}

fn write_all(disk: &dyn Disk, root: &Path, above: &[PathBuf], changes: &[(&String, &Change)]) -> Result<()> {
    for dir in above {
        disk.create_dir(dir).map_err(failed_to_write)?;
    }
    let lock = lock(disk, root)?;
    let written = stage(disk, root, changes).and_then(|journal| put_in_place(disk, root, &journal));
    let Err(error) = written else {
        // All is in place and the journal is gone; what is left of the staging folder is litter, not failure.
        let _ = clean_up(disk, root, lock);
        return Ok(());
    };
    undo::undo(disk, root)
        .and_then(|_| clean_up(disk, root, lock))
        .map_err(|undo| {
            let error = failed_to_undo(undo);
            error.help("the next `cargo krate` command in this folder tries again to put everything back")
        })?;
    Err(failed_to_write(error))
}

fn lock(disk: &dyn Disk, root: &Path) -> Result<File> {
    let own = root.join(OWN_DIR);
    let locked = ensure_dir(disk, &own).and_then(|()| disk.lock(&root.join(LOCK)));
    match locked {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => {
            Err(Error::project("another `cargo krate` is writing in this project")
                .help("wait until it is done"))
        }
        Err(error) => {
            // Best effort: the folder stays only if something is in it.
            let _ = disk.remove_dir(&own);
            Err(failed_to_write(error))
        }
    }
}

fn ensure_dir(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    if disk.exists(dir)? {
        Ok(())
    } else {
        disk.create_dir(dir)
    }
}

fn stage(disk: &dyn Disk, root: &Path, changes: &[(&String, &Change)]) -> io::Result<Journal> {
    disk.create_dir(&root.join(STAGING))?;
    let mut entries = Vec::new();
    for (number, (path, change)) in changes.iter().enumerate() {
        let entry = Entry::new(number, path, change);
        stage_entry(disk, root, &entry, change)?;
        entries.push(entry);
    }
    let journal = Journal {
        dirs: dirs_to_create(disk, root, &entries)?,
        entries,
    };
    journal.save(disk, &root.join(STAGING))?;
    Ok(journal)
}

fn stage_entry(disk: &dyn Disk, root: &Path, entry: &Entry, change: &Change) -> io::Result<()> {
    let (target, new, old) = entry.paths(root);
    if let Some(text) = &change.after {
        disk.write(&new, text.as_bytes())?;
    }
    let Some(planned) = &change.before else {
        return refuse_if(disk.exists(&target)?, entry);
    };
    let text = disk.read(&target)?.unwrap_or_default();
    refuse_if(fingerprint(&text) != fingerprint(planned.as_bytes()), entry)?;
    disk.write(&old, &text)?;
    disk.copy_mode(&target, &old)?;
    if change.after.is_some() {
        disk.copy_mode(&target, &new)
    } else {
        Ok(())
    }
}

// Between planning and here the file may have been touched by an editor; its work is not overwritten.
fn refuse_if(changed: bool, entry: &Entry) -> io::Result<()> {
    let message = || format!("`{}` changed while the command ran", entry.path);
    if changed {
        Err(io::Error::other(message()))
    } else {
        Ok(())
    }
}

fn dirs_to_create(disk: &dyn Disk, root: &Path, entries: &[Entry]) -> io::Result<Vec<PathBuf>> {
    let mut dirs = Vec::new();
    for entry in entries.iter().filter(|entry| entry.new.is_some()) {
        let parent = root
            .join(&entry.path)
            .parent()
            .map(Path::to_owned)
            .unwrap_or_default();
        for dir in missing_dirs(disk, &parent)? {
            let dir = dir.strip_prefix(root).unwrap_or(&dir).to_owned();
            if !dirs.contains(&dir) {
                dirs.push(dir);
            }
        }
    }
    Ok(dirs)
}

fn put_in_place(disk: &dyn Disk, root: &Path, journal: &Journal) -> io::Result<()> {
    for dir in &journal.dirs {
        disk.create_dir(&root.join(dir))?;
    }
    for entry in &journal.entries {
        let (target, new, _) = entry.paths(root);
        match entry.new {
            Some(_) => disk.rename(&new, &target)?,
            None => disk.remove_file(&target)?,
        }
    }
    Journal::remove(disk, &root.join(STAGING))
}

fn clean_up(disk: &dyn Disk, root: &Path, lock: File) -> io::Result<()> {
    let staging = root.join(STAGING);
    if disk.exists(&staging)? {
        disk.remove_dir_all(&staging)?;
    }
    disk.remove_file(&root.join(LOCK))?;
    drop(lock);
    disk.remove_dir(&root.join(OWN_DIR))
}

fn remove_empty(disk: &dyn Disk, dirs: &[PathBuf]) {
    for dir in dirs.iter().rev() {
        // A folder that got other content meanwhile stays.
        let _ = disk.remove_dir(dir);
    }
}

fn failed_to_write(error: io::Error) -> Error {
    let read_only = matches!(
        error.kind(),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
    );
    let help = if read_only {
        "choose a folder you may write to"
    } else {
        "mend the cause and run the command again"
    };
    Error::machine("failed to write; everything is as it was before")
        .because(error)
        .help(help)
}

fn failed_to_undo(error: io::Error) -> Error {
    Error::machine("failed to put back what an interrupted command left").because(error)
}
