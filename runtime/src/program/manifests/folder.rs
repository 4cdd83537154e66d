//! The files below `--dir`: written if they are not as they should be, or told.

use std::fs;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};

use super::GENERATED;
use crate::error::{Error, Result};
use crate::manifest::File;
use crate::program::Exit;
use crate::program::arguments::Which;

/// Where one definition has one file.
const BASES: &str = "crd/bases";
/// Files that are not there if an operator needs nothing in them.
const OPTIONAL: [(Which, &str); 4] = [
    (Which::Rbac, "namespaces/role.yaml"),
    (Which::Rbac, "rbac/people_roles.yaml"),
    (Which::Webhooks, "webhook/manifests.yaml"),
    (Which::Webhooks, "webhook/service.yaml"),
];

/// A folder with manifests, and which of them are asked for.
pub(super) struct Folder<'a> {
    pub(super) dir: &'a Path,
    pub(super) which: Which,
}

impl Folder<'_> {
    /// Writes what is not as it should be, and removes what was generated and is needed no more.
    pub(super) fn write(&self, files: &[File]) -> Result<Exit> {
        for file in files {
            self.write_one(file)?;
        }
        for path in self.stale(files)? {
            fs::remove_file(&path).map_err(failed("remove", &path))?;
            eprintln!("{:>12} {}", "Removed", path.display());
        }
        Ok(Exit::Success)
    }

    fn write_one(&self, file: &File) -> Result<()> {
        let path = self.dir.join(&file.path);
        if read(&path)?.as_deref() == Some(&file.text) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("write", &path))?;
        }
        fs::write(&path, &file.text).map_err(failed("write", &path))?;
        eprintln!("{:>12} {}", "Wrote", path.display());
        Ok(())
    }

    /// Tells each file that is not as it should be.
    pub(super) fn check(&self, files: &[File]) -> Result<Exit> {
        let mut exit = Exit::Success;
        let mut tell = |path: &Path, difference: &str| {
            eprintln!("{:>12} {}: {difference}", "Differs", path.display());
            exit = Exit::Drift;
        };
        for file in files {
            let path = self.dir.join(&file.path);
            if let Some(difference) = difference(read(&path)?.as_deref(), &file.text) {
                tell(&path, &difference);
            }
        }
        for path in self.stale(files)? {
            tell(&path, "is of something the operator no longer has");
        }
        if exit == Exit::Drift {
            eprintln!(
                "help: write them with `{} manifests {} --dir {}`",
                program(),
                self.which.as_str(),
                self.dir.display()
            );
        }
        Ok(exit)
    }

    /// Returns the files that were generated, and would not be any more.
    fn stale(&self, files: &[File]) -> Result<Vec<PathBuf>> {
        let is_asked_for = |which: Which| self.which == Which::All || self.which == which;
        let mut paths = Vec::new();
        if is_asked_for(Which::Crds) {
            paths.extend(entries(&self.dir.join(BASES))?);
        }
        let optional = OPTIONAL.into_iter().filter(|(which, _)| is_asked_for(*which));
        paths.extend(optional.map(|(_, path)| self.dir.join(path)));
        let wanted: Vec<PathBuf> = files.iter().map(|file| self.dir.join(&file.path)).collect();
        let mut stale = Vec::new();
        for path in paths {
            let is_ours = |text: String| text.starts_with(&format!("# {GENERATED}"));
            let is_manifest = path.extension().is_some_and(|extension| extension == "yaml");
            if is_manifest && !wanted.contains(&path) && read(&path)?.is_some_and(is_ours) {
                stale.push(path);
            }
        }
        Ok(stale)
    }
}

/// Returns the files of a folder in order; none if there is no folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == Io::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read", folder)(error)),
    };
    let paths = found.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed("read", folder))?;
    paths.sort();
    paths.retain(|path| path.is_file());
    Ok(paths)
}

pub(super) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == Io::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn failed(act: &str, path: &Path) -> impl Fn(std::io::Error) -> Error {
    let doing = format!("{act} `{}`", path.display());
    move |error| Error::from(error).context(doing.clone())
}

/// Returns how this program was called.
fn program() -> String {
    let name = std::env::args_os().next().map(PathBuf::from);
    let name = name.as_deref().and_then(Path::file_name);
    name.map_or_else(
        || "<operator>".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Returns where a file starts to differ from what it should be.
fn difference(found: Option<&str>, wanted: &str) -> Option<String> {
    let Some(found) = found else {
        return Some("is missing".to_owned());
    };
    if found == wanted {
        return None;
    }
    let mut found = found.lines();
    for (number, wanted) in (1..).zip(wanted.lines()) {
        match found.next() {
            Some(found) if found == wanted => {}
            Some(found) => return Some(format!("line {number} is `{found}`, should be `{wanted}`")),
            None => return Some(format!("line {number} is missing, should be `{wanted}`")),
        }
    }
    Some(match found.next() {
        Some(extra) => format!("has more lines, starting with `{extra}`"),
        None => "differs in its line ends".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_by_its_first_line() {
        let check = |found: Option<&str>, expected: Option<&str>| {
            assert_eq!(difference(found, "a\nb\n").as_deref(), expected);
        };
        check(Some("a\nb\n"), None);
        check(None, Some("is missing"));
        check(Some("a\nc\n"), Some("line 2 is `c`, should be `b`"));
        check(Some("a\n"), Some("line 2 is missing, should be `b`"));
        check(Some("a\nb\nc\n"), Some("has more lines, starting with `c`"));
        check(Some("a\nb"), Some("differs in its line ends"));
    }

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: format!("# {GENERATED}a test.\n{text}"),
        }
    }

    /// Every file below a folder.
    fn tree(dir: &Path) -> Vec<String> {
        let folders = ["crd/bases", "rbac", "webhook"];
        let paths = folders
            .iter()
            .flat_map(|folder| entries(&dir.join(folder)).unwrap());
        paths
            .map(|path| path.strip_prefix(dir).unwrap().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn what_is_needed_no_more_is_told_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = |which| Folder {
            dir: dir.path(),
            which,
        };
        let all = [
            file("crd/bases/a.yaml", "a"),
            file("crd/bases/b.yaml", "b"),
            file("rbac/role.yaml", "role"),
            file("rbac/people_roles.yaml", "people"),
            file("webhook/service.yaml", "service"),
        ];
        folder(Which::All).write(&all).unwrap();
        std::fs::write(dir.path().join("crd/bases/mine.yaml"), "# mine\n").unwrap();
        assert_eq!(folder(Which::All).check(&all).unwrap(), Exit::Success);
        // What was not asked for is not looked at.
        assert_eq!(folder(Which::Crds).check(&all[..2]).unwrap(), Exit::Success);
        let rest = [all[0].clone(), all[2].clone()];
        assert_eq!(folder(Which::All).check(&rest).unwrap(), Exit::Drift);
        assert_eq!(folder(Which::Crds).check(&rest[..1]).unwrap(), Exit::Drift);
        folder(Which::All).write(&rest).unwrap();
        assert_eq!(folder(Which::All).check(&rest).unwrap(), Exit::Success);
        let expected = ["crd/bases/a.yaml", "crd/bases/mine.yaml", "rbac/role.yaml"];
        assert_eq!(tree(dir.path()), expected);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("rbac/role.yaml")).unwrap();
        let folder = Folder {
            dir: dir.path(),
            which: Which::Rbac,
        };
        let error = folder
            .check(&[file("rbac/role.yaml", "")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("rbac/role.yaml"), "{error}");
    }
}
