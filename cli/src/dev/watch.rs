//! Which part of a project changed on disk, told once things have settled.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// An editor saves several files, or one file in several steps: wait until nothing came for so long.
const SETTLED: Duration = Duration::from_millis(200);

/// What part of a project a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The manifests: apply them again.
    Manifests,
    /// The code: build and start again.
    Code,
}

/// Changes below a project's folder.
pub(super) struct Changes {
    parts: UnboundedReceiver<Part>,
    /// Dropping it ends the watching.
    _watcher: RecommendedWatcher,
}

impl Changes {
    /// Watches the parts of the project in `root` that matter to a running operator.
    pub(super) fn below(root: &Path) -> Result<Self> {
        let failed = |error| Error::machine(format!("failed to watch `{}`", root.display())).because(error);
        let (sender, parts) = unbounded_channel();
        let base = root.to_owned();
        let tell = move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            let parts = event.paths.iter().filter_map(|path| part_of(&base, path));
            if let Some(part) = parts.max().filter(|_| is_write(event.kind)) {
                // Nobody listens any more: the command is ending.
                let _ = sender.send(part);
            }
        };
        let mut watcher = notify::recommended_watcher(tell).map_err(failed)?;
        watcher.watch(root, RecursiveMode::NonRecursive).map_err(failed)?;
        for folder in ["src", "config"] {
            let folder = root.join(folder);
            if folder.is_dir() {
                watcher.watch(&folder, RecursiveMode::Recursive).map_err(failed)?;
            }
        }
        Ok(Self {
            parts,
            _watcher: watcher,
        })
    }

    /// Returns the part that matters most among the changes of the moment, once they have settled.
    pub(super) async fn next(&mut self) -> Part {
        let Some(mut part) = self.parts.recv().await else {
            return std::future::pending().await;
        };
        while let Ok(Some(more)) = timeout(SETTLED, self.parts.recv()).await {
            part = part.max(more);
        }
        part
    }
}

/// Reading a file is no change, although some systems tell of it.
fn is_write(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

fn part_of(root: &Path, path: &Path) -> Option<Part> {
    let relative: PathBuf = path.strip_prefix(root).ok()?.to_owned();
    let extension = relative
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    match relative.components().next()?.as_os_str().to_str()? {
        "src" if extension == "rs" => Some(Part::Code),
        "Cargo.toml" | "build.rs" => Some(Part::Code),
        "config" if extension == "yaml" || extension == "yml" => Some(Part::Manifests),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_operator_is_made_of_counts() {
        let check = |path: &str, expected| {
            assert_eq!(
                part_of(Path::new("/p"), &Path::new("/p").join(path)),
                expected,
                "{path}"
            );
        };
        check("src/main.rs", Some(Part::Code));
        check("src/api/v1/x.rs", Some(Part::Code));
        check("Cargo.toml", Some(Part::Code));
        check("config/samples/a.yaml", Some(Part::Manifests));
        check("src/.main.rs.swp", None);
        check("target/debug/x.rs", None);
        check("README.md", None);
    }
}
