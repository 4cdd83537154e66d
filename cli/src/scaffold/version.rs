//! The files of a further version of a kind, and the lines it adds to files that are there.
//!
//! The types are those of the stored version at first, so that everything builds and its tests pass before anything is
//! changed; from there on each version is the user's.

use krate_templates::VERSION;

use crate::edit;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::project::{Api, Project, RECORD, add_api};

use super::api::{Data, data};
use super::{How, plan_all};

/// Plans another version of the kind of `stored`: its own files, its entries in others, its record.
pub(crate) fn plan_version(plan: &mut Plan<'_>, project: &Project, stored: &Api, api: &Api) -> Result<()> {
    let (data, of) = (data(project, api), data(project, stored));
    plan_types(plan, &data, &of)?;
    plan_sample(plan, &data, &of)?;
    plan_all(plan, VERSION, &data, How::Keep)?;
    plan_rust(plan, &data)?;
    if project.has(&api.kind, &api.version) {
        return Ok(());
    }
    plan.edit(RECORD, |text| add_api(text, api))
}

/// Plans the types: a copy of the stored ones that says how it is converted.
fn plan_types(plan: &mut Plan<'_>, data: &Data<'_>, of: &Data<'_>) -> Result<()> {
    let path = |data: &Data<'_>| format!("src/api/{}/{}.rs", data.version, data.module);
    if plan.text(&path(data))?.is_some() {
        return plan.keep_or_create(&path(data), String::new());
    }
    let text = there(plan, &path(of))?;
    let hub = format!("crate::api::{}::{}", of.version, of.module);
    let text = edit::further_version(&path(of), &text, data.kind, &hub, data.version)?;
    plan.create(&path(data), text)
}

/// Plans an object of the version: that of the stored one, under another name.
fn plan_sample(plan: &mut Plan<'_>, data: &Data<'_>, of: &Data<'_>) -> Result<()> {
    let file = |data: &Data<'_>| format!("{}_{}_{}.yaml", data.group, data.version, data.module);
    let path = |data: &Data<'_>| format!("config/samples/{}", file(data));
    if plan.text(&path(data))?.is_none() {
        let sample = there(plan, &path(of))?;
        let version = |data: &Data<'_>| format!("apiVersion: {}/{}", data.full_group, data.version);
        let name = format!("  name: {}-sample", data.dashed);
        let sample = sample.replacen(&version(of), &version(data), 1).replacen(
            &format!("{name}\n"),
            &format!("{name}-{}\n", data.version),
            1,
        );
        plan.create(&path(data), sample)?;
    } else {
        plan.keep_or_create(&path(data), String::new())?;
    }
    let samples = "config/samples/kustomization.yaml";
    plan.edit(samples, |text| {
        edit::add_to_list(samples, text, "resources", &file(data))
    })
}

/// Returns the text of a file that the stored version was scaffolded with.
fn there(plan: &Plan<'_>, path: &str) -> Result<String> {
    plan.text(path)?.ok_or_else(|| {
        Error::project(format!("`{path}` is gone")).help(format!(
            "take it back from version control: the new version starts as a copy of `{path}`"
        ))
    })
}

fn plan_rust(plan: &mut Plan<'_>, data: &Data<'_>) -> Result<()> {
    let module = |plan: &mut Plan<'_>, file: &str, module: &str| {
        plan.edit(file, |text| edit::add_module(file, text, module))
    };
    module(plan, "src/api/mod.rs", data.version)?;
    module(plan, &format!("src/api/{}/mod.rs", data.version), &data.module)?;
    module(plan, "src/lib.rs", "webhook")?;
    module(plan, "src/webhook/mod.rs", &data.module)?;
    let function = format!("{}_versions", data.module);
    let versions = format!("src/webhook/{}.rs", data.module);
    let spoke = format!("api::{}::{}::{}", data.version, data.module, data.kind);
    plan.edit(&versions, |text| {
        edit::add_spoke(&versions, text, &function, (data.version, &spoke))
    })?;
    let main = "src/main.rs";
    let import = format!("{}::webhook::{}::{function}", data.crate_name, data.module);
    plan.edit(main, |text| {
        let text = edit::add_webhook(main, text, &function)?;
        edit::add_use(main, &text, &import)
    })
}
