//! The file system as commands see it: a seam, so that tests can make any single write fail.
//!
//! Errors name the path and the operation. Nothing here decides what to write; see `plan` and `commit`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The operations a command needs from a file system.
pub(crate) trait Disk {
    /// Returns the bytes of a file, nothing if there is none.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;
    /// Returns the names in a folder, sorted, nothing if there is none.
    fn entries(&self, path: &Path) -> io::Result<Option<Vec<String>>>;
    /// Returns whether anything is at `path`, a dangling link included.
    fn exists(&self, path: &Path) -> io::Result<bool>;

    /// Writes a new file and brings it to the platter.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Gives `to` the permissions of `from`.
    fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Moves a file, replacing what is there, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Returns the file at `path`, created if need be and locked by this process; nothing if another one holds it.
    fn lock(&self, path: &Path) -> io::Result<Option<File>>;
}

/// The machine's own file system.
pub(crate) struct RealDisk;

impl Disk for RealDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        absent_below(fs_err::read(path))
    }

    fn entries(&self, path: &Path) -> io::Result<Option<Vec<String>>> {
        let Some(entries) = absent(fs_err::read_dir(path))? else {
            return Ok(None);
        };
        let name =
            |entry: io::Result<fs_err::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        let mut names = entries.map(name).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(Some(names))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(absent_below(fs_err::symlink_metadata(path))?.is_some())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        use std::io::Write;
        let mut file = fs_err::File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_data()
    }

    fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs_err::set_permissions(to, fs_err::metadata(from)?.permissions())
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs_err::create_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs_err::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs_err::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs_err::remove_dir(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs_err::remove_dir_all(path)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<File>> {
        let file = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        let file = file.into_file();
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

fn absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// Like [`absent`], and below a file there is nothing either.
fn absent_below<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
        result => absent(result),
    }
}

/// Returns the folders from the first missing ancestor of `path` down to `path` itself.
pub(crate) fn missing_dirs(disk: &dyn Disk, path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut missing = Vec::new();
    for dir in path.ancestors().filter(|dir| !dir.as_os_str().is_empty()) {
        if disk.exists(dir)? {
            break;
        }
        missing.push(dir.to_owned());
    }
    missing.reverse();
    Ok(missing)
}

#[cfg(test)]
pub(crate) mod faulty {
    //! A disk that fails at its n-th write, once or for good.

    use std::cell::Cell;

    use super::*;

    /// What happens from the chosen write on.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) enum Fault {
        /// That write fails, later ones work: the command can undo.
        Once,
        /// Nothing works any more: the process was killed.
        Killed,
    }

    pub(crate) struct FaultyDisk {
        fault: Fault,
        at: usize,
        writes: Cell<usize>,
    }

    impl FaultyDisk {
        pub(crate) fn new(fault: Fault, at: usize) -> FaultyDisk {
            FaultyDisk {
                fault,
                at,
                writes: Cell::new(0),
            }
        }

        /// Returns how many writes were asked for.
        pub(crate) fn writes(&self) -> usize {
            self.writes.get()
        }

        fn count(&self) -> io::Result<()> {
            let number = self.writes.get();
            self.writes.set(number + 1);
            let fails = match self.fault {
                Fault::Once => number == self.at,
                Fault::Killed => number >= self.at,
            };
            if fails {
                Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem))
            } else {
                Ok(())
            }
        }
    }

    impl Disk for FaultyDisk {
        fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
            RealDisk.read(path)
        }

        fn entries(&self, path: &Path) -> io::Result<Option<Vec<String>>> {
            RealDisk.entries(path)
        }

        fn exists(&self, path: &Path) -> io::Result<bool> {
            RealDisk.exists(path)
        }

        fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            let outcome = self.count();
            if outcome.is_err() && self.fault == Fault::Killed && self.writes.get() == self.at + 1 {
                // A kill in the middle of a write leaves half a file.
                RealDisk.write(path, &bytes[..bytes.len() / 2])?;
            }
            outcome.and_then(|()| RealDisk.write(path, bytes))
        }

        fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.count().and_then(|()| RealDisk.copy_mode(from, to))
        }

        fn create_dir(&self, path: &Path) -> io::Result<()> {
            self.count().and_then(|()| RealDisk.create_dir(path))
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.count().and_then(|()| RealDisk.rename(from, to))
        }

        fn remove_file(&self, path: &Path) -> io::Result<()> {
            self.count().and_then(|()| RealDisk.remove_file(path))
        }

        fn remove_dir(&self, path: &Path) -> io::Result<()> {
            self.count().and_then(|()| RealDisk.remove_dir(path))
        }

        fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
            self.count().and_then(|()| RealDisk.remove_dir_all(path))
        }

        fn lock(&self, path: &Path) -> io::Result<Option<File>> {
            self.count().and_then(|()| RealDisk.lock(path))
        }
    }
}
