//! Finds the project a command was started in.

use std::path::{Path, PathBuf};

use crate::commit;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::plan::{Manner, read_text};
use crate::shell::Shell;

use super::{Project, RECORD};

/// Returns the root of the project that `start` is in.
///
/// A folder with what a killed command left behind counts too: its record may be what is missing.
fn find(disk: &dyn Disk, start: &Path) -> Result<PathBuf> {
    for dir in start.ancestors() {
        let there = |name: &str| disk.exists(&dir.join(name));
        let found = there(RECORD).and_then(|found| Ok(found || there(commit::OWN_DIR)?));
        if found.map_err(|error| Error::machine(format!("failed to look for `{RECORD}`")).because(error))? {
            return Ok(dir.to_owned());
        }
    }
    Err(missing())
}

/// Finds the project, puts right what a killed command left in it, and reads its record.
pub(crate) fn open(
    disk: &dyn Disk,
    start: &Path,
    manner: Manner,
    shell: &mut Shell,
) -> Result<(PathBuf, Project)> {
    let root = find(disk, start)?;
    put_right(disk, &root, manner, shell)?;
    let text = read_text(disk, &root, RECORD)?.ok_or_else(missing)?;
    Ok((root, Project::parse(&text)?))
}

/// Undoes what a killed command left in `root`.
pub(crate) fn put_right(disk: &dyn Disk, root: &Path, manner: Manner, shell: &mut Shell) -> Result<()> {
    if manner.dry_run && commit::interrupted(disk, root)? {
        return Err(
            Error::project("an earlier command was interrupted, or is still running")
                .help("run the command without `--dry-run`: it first puts everything back"),
        );
    }
    for words in commit::recover(disk, root)?.unwrap_or_default() {
        shell.status("Recovered", words);
    }
    Ok(())
}

fn missing() -> Error {
    Error::project(format!("found no `{RECORD}` here or in any folder above"))
        .help("go to a project's folder, or make one with `cargo krate init`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    #[test]
    fn a_project_is_found_from_below() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("src/api");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(
            find(&RealDisk, &deep).unwrap_err().class,
            crate::error::Class::Project
        );
        std::fs::write(dir.path().join(RECORD), "").unwrap();
        assert_eq!(find(&RealDisk, &deep).unwrap(), dir.path());
    }
}
