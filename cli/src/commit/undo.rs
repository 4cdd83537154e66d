//! Puts back what a commit changed, by its journal.

use std::io;
use std::path::Path;

use crate::disk::Disk;

use super::STAGING;
use super::journal::{Entry, Journal, fingerprint};

/// Undoes the journal below `root` and removes it; returns what was done, one sentence per file.
///
/// It may itself be killed and run again: each step looks at what is there. A file that is neither what the command wrote
/// nor what was there before has been worked on since, and is left alone.
pub(super) fn undo(disk: &dyn Disk, root: &Path) -> io::Result<Vec<String>> {
    let staging = root.join(STAGING);
    let Some(journal) = Journal::load(disk, &staging)? else {
        return Ok(Vec::new());
    };
    let mut words = Vec::new();
    for entry in journal.entries.iter().rev() {
        words.extend(undo_entry(disk, root, entry)?);
    }
    for dir in journal.dirs.iter().rev() {
        remove_dir_if_empty(disk, &root.join(dir))?;
    }
    Journal::remove(disk, &staging)?;
    Ok(words)
}

fn undo_entry(disk: &dyn Disk, root: &Path, entry: &Entry) -> io::Result<Option<String>> {
    let (target, _, old) = entry.paths(root);
    let there = disk.read(&target)?.map(|bytes| fingerprint(&bytes));
    if there == entry.old {
        return Ok(None);
    }
    if there != entry.new {
        return Ok(Some(format!("`{}` kept: it was changed since", entry.path)));
    }
    match entry.old {
        Some(_) => disk.rename(&old, &target)?,
        None => disk.remove_file(&target)?,
    }
    Ok(Some(format!("`{}` put back", entry.path)))
}

fn remove_dir_if_empty(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    match disk.entries(dir)? {
        Some(entries) if entries.is_empty() => disk.remove_dir(dir),
        _ => Ok(()),
    }
}
