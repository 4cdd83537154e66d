//! What a commit is about to do, on disk before it does it.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::Disk;
use crate::plan::Change;

use super::STAGING;

const FILE: &str = "journal.json";
const DRAFT: &str = "journal.draft";

/// The folders and files of one commit, in the order they are made.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Folders that did not exist, outermost first.
    pub(super) dirs: Vec<PathBuf>,
    pub(super) entries: Vec<Entry>,
}

/// One file: the number under which its new and old text are staged, and fingerprints of both.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    number: usize,
    pub(super) path: String,
    pub(super) new: Option<u64>,
    pub(super) old: Option<u64>,
}

impl Entry {
    pub(super) fn new(number: usize, path: &str, change: &Change) -> Entry {
        let print = |text: &Option<String>| text.as_ref().map(|text| fingerprint(text.as_bytes()));
        Entry {
            number,
            path: path.to_owned(),
            new: print(&change.after),
            old: print(&change.before),
        }
    }

    /// Returns where the file is, where its new text is staged, and where its old one.
    pub(super) fn paths(&self, root: &Path) -> (PathBuf, PathBuf, PathBuf) {
        let staged = |side: &str| root.join(STAGING).join(format!("{}.{side}", self.number));
        (root.join(&self.path), staged("new"), staged("old"))
    }
}

impl Journal {
    /// Puts the journal into place in one step: there is never half of one.
    pub(super) fn save(&self, disk: &dyn Disk, staging: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        disk.write(&staging.join(DRAFT), &text)?;
        disk.rename(&staging.join(DRAFT), &staging.join(FILE))
    }

    pub(super) fn load(disk: &dyn Disk, staging: &Path) -> io::Result<Option<Journal>> {
        let path = staging.join(FILE);
        let Some(bytes) = disk.read(&path)? else {
            return Ok(None);
        };
        let broken = |error| io::Error::other(format!("`{}` is damaged: {error}", path.display()));
        serde_json::from_slice(&bytes).map(Some).map_err(broken)
    }

    pub(super) fn remove(disk: &dyn Disk, staging: &Path) -> io::Result<()> {
        disk.remove_file(&staging.join(FILE))
    }
}

/// Returns a number that tells texts apart (FNV-1a): the same on every machine and in every version of the tool.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_that_of_the_published_vectors() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
