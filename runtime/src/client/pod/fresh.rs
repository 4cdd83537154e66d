//! Files of a service account, which kubelet exchanges while the pod runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::Result;

/// How long a file that was read is taken for what it says; client-go's too.
pub(super) const FRESH: Duration = Duration::from_secs(60);

/// What a file says, as of a minute ago at most.
///
/// Should the file be gone, or not say what it should, it is what it said last: some mounts are taken away once they
/// were read.
pub(super) struct Fresh<T> {
    file: PathBuf,
    /// Reads the file, given what it said before.
    read: fn(&Path, Option<&T>) -> Result<T>,
    last: Mutex<Last<T>>,
}

struct Last<T> {
    value: T,
    /// When to read the file again.
    until: Instant,
}

impl<T: Clone> Fresh<T> {
    /// Reads a file for the first time.
    ///
    /// # Errors
    ///
    /// If it does not say what it should.
    pub(super) fn new(file: PathBuf, read: fn(&Path, Option<&T>) -> Result<T>) -> Result<Self> {
        let value = read(&file, None)?;
        let until = Instant::now() + FRESH;
        Ok(Self {
            file,
            read,
            last: Mutex::new(Last { value, until }),
        })
    }

    /// Returns what the file says.
    pub(super) fn get(&self) -> T {
        let mut last = self.lock();
        if last.until <= Instant::now() {
            last.until = Instant::now() + FRESH;
            match (self.read)(&self.file, Some(&last.value)) {
                Ok(value) => last.value = value,
                Err(error) => warn!(%error, "`{}` counts as it was", self.file.display()),
            }
        }
        last.value.clone()
    }

    /// Has the file read again the next time.
    pub(super) fn doubt(&self) {
        self.lock().until = Instant::now();
    }

    fn lock(&self) -> MutexGuard<'_, Last<T>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without what it says, which may be a secret.
impl<T> fmt::Debug for Fresh<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fresh")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
