//! Plans what webhooks need beside their generated files: the list that names them, and for definitions that are
//! converted, what kustomize has to be told about the service they name.

use krate_templates::{CRD_NAMES, WEBHOOK_LIST};

use crate::edit;
use crate::error::Result;
use crate::plan::Plan;
use crate::scaffold::rendered;

use super::build::Manifests;
use super::files::{CONFIG, CRDS, DEFAULT, remove_generated};

/// The generated files.
pub(super) const FILES: [&str; 2] = ["webhook/manifests.yaml", "webhook/service.yaml"];
const FOLDER: &str = "webhook/";
const LIST: &str = "config/webhook/kustomization.yaml";
const NAMES: &str = "config/crd/kustomizeconfig.yaml";
const RESOURCE: &str = "../webhook";

/// Plans the list of webhook files, and removes what a project without webhooks needs no more.
pub(super) fn plan_webhooks(plan: &mut Plan<'_>, manifests: &Manifests) -> Result<()> {
    let wanted: Vec<&str> = FILES
        .into_iter()
        .filter(|file| manifests.contains_key(*file))
        .collect();
    let mut stale = Vec::new();
    for file in FILES.into_iter().filter(|file| !manifests.contains_key(*file)) {
        if remove_generated(plan, &format!("{CONFIG}/{file}"))? {
            stale.push(file);
        }
    }
    if wanted.is_empty() && plan.text(LIST)?.is_none() {
        return Ok(());
    }
    plan.keep_or_create(LIST, text_of(&WEBHOOK_LIST)?)?;
    for (files, is_listed) in [(stale, false), (wanted, true)] {
        for file in files {
            let item = file.trim_start_matches(FOLDER);
            plan.edit(LIST, |text| listed(LIST, text, "resources", item, is_listed))?;
        }
    }
    // kustomize takes no folder without resources.
    let empty = edit::list(LIST, &plan.text(LIST)?.unwrap_or_default(), "resources")?.is_empty();
    if empty {
        plan.remove(LIST)?;
    }
    plan.edit(DEFAULT, |text| {
        listed(DEFAULT, text, "resources", RESOURCE, !empty)
    })
}

/// Plans what kustomize has to be told if the definition of a kind names the service of webhooks.
pub(super) fn plan_conversions(plan: &mut Plan<'_>, manifests: &Manifests) -> Result<()> {
    let asks = |text: &String| {
        ["\n  conversion:\n", "\n    strategy: Webhook\n"]
            .iter()
            .all(|line| text.contains(line))
    };
    if !manifests.values().any(asks) {
        return Ok(());
    }
    plan.keep_or_create(NAMES, text_of(&CRD_NAMES)?)?;
    plan.edit(CRDS, |text| {
        listed(CRDS, text, "configurations", "kustomizeconfig.yaml", true)
    })
}

fn listed(path: &str, text: &str, key: &str, item: &str, is_listed: bool) -> Result<String> {
    if is_listed {
        edit::add_to_list(path, text, key, item)
    } else {
        edit::remove_from_list(path, text, key, item)
    }
}

pub(super) fn text_of(file: &krate_templates::File) -> Result<String> {
    let files = rendered(std::slice::from_ref(file), &())?;
    Ok(files.into_iter().map(|file| file.text).collect())
}
