//! The project of a quickstart: scaffolded by the same verbs a user types.

use std::path::{Path, PathBuf};

use crate::disk::{Disk, RealDisk};
use crate::error::{Error, Result};
use crate::plan::Manner;
use crate::project::RECORD;
use crate::scaffold::{SourceArgs, checkout};
use crate::shell::Shell;
use crate::verb::Place;
use crate::verb::create_api::CreateApi;
use crate::verb::generate::Generate;
use crate::verb::init::Init;

/// Name of the folder and of the project.
pub(super) const NAME: &str = "memcached-operator";

/// Returns the folder to scaffold in: `asked`, or one below `target` in krate's own checkout, or one beside you.
pub(super) fn folder(asked: Option<&Path>, here: &Path) -> PathBuf {
    match (asked, checkout(&RealDisk)) {
        (Some(dir), _) => here.join(dir),
        (None, Some(checkout)) if here.starts_with(&checkout) => {
            target(&checkout).join("quickstart").join(NAME)
        }
        (None, _) => here.join(NAME),
    }
}

/// Where cargo builds: a target folder set from outside is respected.
fn target(checkout: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| checkout.join("target"), |dir| checkout.join(dir))
}

/// Runs `init` and `create api` in `root`; a second run finds everything fresh.
pub(super) fn scaffold(root: &Path, source: &SourceArgs, manner: Manner, shell: &mut Shell) -> Result<()> {
    let parent = root.parent().unwrap_or(root);
    if !manner.dry_run {
        let failed = |error| Error::machine(format!("failed to make `{}`", parent.display())).because(error);
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    let init = Init {
        dir: root.to_owned(),
        domain: "example.com".to_owned(),
        name: Some(NAME.to_owned()),
        source: source.clone(),
        manner,
    };
    init.run(&place(parent), shell)?;
    if manner.dry_run && !is_project(root)? {
        return Ok(());
    }
    let api = CreateApi {
        group: "cache".to_owned(),
        version: "v1alpha1".to_owned(),
        kind: "Memcached".to_owned(),
        plural: None,
        scope: None,
        image: Some("memcached:1.6-alpine".to_owned()),
        port: Some("11211".to_owned()),
        manner,
    };
    api.run(&place(root), shell)
}

/// Runs `generate` in `root`.
pub(super) fn generate(root: &Path, shell: &mut Shell) -> Result<()> {
    Generate {
        check: false,
        manner: Manner::default(),
    }
    .run(&place(root), shell)
}

fn is_project(root: &Path) -> Result<bool> {
    let looked = RealDisk.exists(&root.join(RECORD));
    looked.map_err(|error| Error::machine(format!("failed to look for `{RECORD}`")).because(error))
}

fn place(here: &Path) -> Place<'static> {
    Place {
        here: here.to_owned(),
        disk: &RealDisk,
    }
}
