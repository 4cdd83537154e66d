//! What a command is about to do to a folder, worked out in memory before anything is written.
//!
//! A verb fills a [`Plan`]; [`Plan::carry_out`] shows it, and commits it unless this is a dry run. See `commit` for how.

mod change;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::commit;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::shell::{Shell, count};

pub(crate) use change::{Change, Kind};

/// How a plan is carried out.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Manner {
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print the change of every file as a unified diff
    #[arg(long)]
    pub(crate) diff: bool,
}

/// Files to be, by their path below one folder, with `/` between its parts.
pub(crate) struct Plan<'d> {
    disk: &'d dyn Disk,
    root: PathBuf,
    changes: BTreeMap<String, Change>,
}

impl<'d> Plan<'d> {
    pub(crate) fn new(disk: &'d dyn Disk, root: impl Into<PathBuf>) -> Plan<'d> {
        Plan {
            disk,
            root: root.into(),
            changes: BTreeMap::new(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the text a file will have, or has if the plan does not touch it.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>> {
        match self.changes.get(path) {
            Some(change) => Ok(change.after.clone()),
            None => self.on_disk(path),
        }
    }

    /// Plans a file that is the user's once it exists: one that is there stays as it is.
    pub(crate) fn keep_or_create(&mut self, path: &str, text: String) -> Result<()> {
        let text = self.text(path)?.unwrap_or(text);
        self.put(path, text)
    }

    /// Plans a new file, and refuses to touch a different one that is there.
    pub(crate) fn create(&mut self, path: &str, text: String) -> Result<()> {
        match self.text(path)? {
            Some(there) if there != text => Err(Error::project(format!("`{path}` exists already"))
                .help(format!("move `{path}` out of the way, or choose another name"))),
            _ => self.put(path, text),
        }
    }

    /// Plans a file that is the tool's: whatever is there is replaced.
    pub(crate) fn put(&mut self, path: &str, text: String) -> Result<()> {
        let before = self.before(path)?;
        self.changes.insert(
            path.to_owned(),
            Change {
                before,
                after: Some(text),
            },
        );
        Ok(())
    }

    /// Plans a change to a file that must be there.
    pub(crate) fn edit(&mut self, path: &str, edit: impl FnOnce(&str) -> Result<String>) -> Result<()> {
        let gone = || {
            let error = Error::project(format!("`{path}` is gone"));
            error.help(format!(
                "take it back from version control: a line of `{path}` has to be edited"
            ))
        };
        let text = self.text(path)?.ok_or_else(gone)?;
        let text = edit(&text)?;
        self.put(path, text)
    }

    pub(crate) fn remove(&mut self, path: &str) -> Result<()> {
        let before = self.before(path)?;
        self.changes
            .insert(path.to_owned(), Change { before, after: None });
        Ok(())
    }

    /// Returns what differs from the disk, with paths in order.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        let changed = |(_, change): &(&String, &Change)| change.kind() != Kind::Fresh;
        self.changes
            .iter()
            .filter(changed)
            .map(|(path, change)| (path.as_str(), change))
    }

    /// Shows the plan and, unless told otherwise, makes it so; returns how many files changed or would.
    pub(crate) fn carry_out(&self, manner: Manner, shell: &mut Shell) -> Result<usize> {
        if manner.dry_run {
            let changed = self.preview(manner.diff, shell);
            shell.note(
                "Dry run",
                format!("{} would change, none did", count(changed, "file")),
            );
            return Ok(changed);
        }
        if manner.diff {
            self.show_diff(shell);
        }
        commit::commit(self.disk, &self.root, &self.changes)?;
        self.show(false, shell);
        Ok(self.changes().count())
    }

    /// Shows what would change, and returns how many files.
    pub(crate) fn preview(&self, diff: bool, shell: &mut Shell) -> usize {
        if diff {
            self.show_diff(shell);
        }
        self.show(true, shell);
        self.changes().count()
    }

    fn show_diff(&self, shell: &mut Shell) {
        self.changes()
            .for_each(|(path, change)| shell.diff(path, &change.diff(path)));
    }

    fn show(&self, planned: bool, shell: &mut Shell) {
        for (path, change) in &self.changes {
            let kind = change.kind();
            shell.file(kind.verb(planned), kind.word(), path, planned);
        }
    }

    fn before(&self, path: &str) -> Result<Option<String>> {
        match self.changes.get(path) {
            Some(change) => Ok(change.before.clone()),
            None => self.on_disk(path),
        }
    }

    fn on_disk(&self, path: &str) -> Result<Option<String>> {
        read_text(self.disk, &self.root, path)
    }
}

/// Returns the text of a file below `root`, nothing if there is none.
pub(crate) fn read_text(disk: &dyn Disk, root: &Path, path: &str) -> Result<Option<String>> {
    let full = root.join(path);
    let read = disk.read(&full);
    let bytes = read.map_err(|error| Error::machine(format!("failed to read `{path}`")).because(error))?;
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|error| {
        let message = format!("`{path}` is not text in UTF-8");
        Error::project(message).at(path, None).because(error.utf8_error())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::write(dir.path().join(path), text).unwrap();
        }
        dir
    }

    fn kinds(plan: &Plan<'_>) -> Vec<(String, Kind)> {
        plan.changes
            .iter()
            .map(|(path, change)| (path.clone(), change.kind()))
            .collect()
    }

    #[test]
    fn a_file_of_the_user_is_kept() {
        let dir = folder(&[("a", "mine")]);
        let mut plan = Plan::new(&RealDisk, dir.path());
        plan.keep_or_create("a", "scaffolded".into()).unwrap();
        plan.keep_or_create("b", "scaffolded".into()).unwrap();
        assert_eq!(
            kinds(&plan),
            [("a".into(), Kind::Fresh), ("b".into(), Kind::Created)]
        );
    }

    #[test]
    fn a_different_file_in_the_way_is_an_error() {
        let dir = folder(&[("a", "mine"), ("b", "same")]);
        let mut plan = Plan::new(&RealDisk, dir.path());
        plan.create("b", "same".into()).unwrap();
        let error = plan.create("a", "scaffolded".into()).unwrap_err();
        assert_eq!(error.to_string(), "`a` exists already");
    }

    #[test]
    fn an_edit_sees_the_edits_planned_before_it() {
        let dir = folder(&[("a", "1")]);
        let mut plan = Plan::new(&RealDisk, dir.path());
        plan.edit("a", |text| Ok(format!("{text}2"))).unwrap();
        plan.edit("a", |text| Ok(format!("{text}3"))).unwrap();
        assert_eq!(plan.text("a").unwrap().unwrap(), "123");
        assert_eq!(plan.changes["a"].before.as_deref(), Some("1"));
    }

    #[test]
    fn a_dry_run_writes_nothing() {
        let dir = folder(&[("a", "1"), ("b", "2")]);
        let mut plan = Plan::new(&RealDisk, dir.path());
        plan.put("a", "new".into()).unwrap();
        plan.remove("b").unwrap();
        let manner = Manner {
            dry_run: true,
            diff: false,
        };
        assert_eq!(plan.carry_out(manner, &mut Shell::silent()).unwrap(), 2);
        assert_eq!(std::fs::read_to_string(dir.path().join("a")).unwrap(), "1");
        assert_eq!(RealDisk.entries(dir.path()).unwrap().unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_binary_file_is_not_edited() {
        let dir = folder(&[]);
        std::fs::write(dir.path().join("a"), [0xff, 0xfe]).unwrap();
        let plan = Plan::new(&RealDisk, dir.path());
        assert_eq!(
            plan.text("a").unwrap_err().to_string(),
            "`a` is not text in UTF-8"
        );
    }
}
