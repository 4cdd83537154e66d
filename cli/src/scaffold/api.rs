//! The files of a new API, and the lines it adds to files that are there.

use krate_templates::{API, CONTROLLER, WORKLOAD};
use serde::Serialize;

use crate::edit;
use crate::error::Result;
use crate::plan::Plan;
use crate::project::{Api, Project, RECORD, Scope, add_api};

use super::{How, plan_all};

/// An API as templates see it.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    project: &'a str,
    pub(super) crate_name: String,
    pub(super) group: &'a str,
    pub(super) full_group: String,
    pub(super) version: &'a str,
    /// The version that is stored, this one or another.
    hub: &'a str,
    pub(super) kind: &'a str,
    plural: &'a str,
    /// The kind as a module: `memcached_cluster`.
    pub(super) module: String,
    /// The kind as part of an object's name: `memcached-cluster`.
    pub(super) dashed: String,
    namespaced: bool,
    /// The head of `reconcile`, broken where rustfmt would: only its width depends on the kind.
    signature: String,
    /// The constant with the sample's text, broken likewise.
    sample: String,
    /// The head of the function that returns what converts the versions, broken likewise.
    versions_signature: String,
    /// The types of this version and of the stored one under short names, broken likewise.
    written_type: String,
    stored_type: String,
    workload: Option<WorkloadData<'a>>,
}

#[derive(Serialize)]
struct WorkloadData<'a> {
    image: &'a str,
    port: u16,
}

pub(super) fn data<'a>(project: &'a Project, api: &'a Api) -> Data<'a> {
    let module = api.kind.module();
    let hub = api.hub.as_ref().unwrap_or(&api.version).as_str();
    let kind = |version: &str| {
        let crate_name = project.name.crate_name();
        format!("{crate_name}::api::{version}::{module}::{};", api.kind.as_str())
    };
    let workload = api.workload.as_ref();
    Data {
        project: project.name.as_str(),
        crate_name: project.name.crate_name(),
        group: api.group.as_str(),
        full_group: api.group.full(&project.domain),
        version: api.version.as_str(),
        hub,
        kind: api.kind.as_str(),
        plural: api.plural.as_str(),
        dashed: module.replace('_', "-"),
        sample: sample(&format!(
            "{}_{}_{module}.yaml",
            api.group.as_str(),
            api.version.as_str()
        )),
        signature: signature(api.kind.as_str()),
        versions_signature: versions_signature(&module, api.kind.as_str()),
        written_type: assigned("type Written =", &kind(api.version.as_str())),
        stored_type: assigned("type Stored =", &kind(hub)),
        module,
        namespaced: api.scope == Scope::Namespaced,
        workload: workload.map(|it| WorkloadData {
            image: it.image.as_str(),
            port: it.port.number(),
        }),
    }
}

/// The widest line rustfmt leaves alone.
const MAX_WIDTH: usize = 100;

fn signature(kind: &str) -> String {
    let object = format!("object: Arc<{kind}>");
    let line = format!("    async fn reconcile(&self, {object}, cx: &Context<Self>) -> Result<Action> {{");
    if line.len() <= MAX_WIDTH {
        return line;
    }
    let arguments = ["&self", &object, "cx: &Context<Self>"]
        .map(|argument| format!("        {argument},\n"))
        .concat();
    format!("    async fn reconcile(\n{arguments}    ) -> Result<Action> {{")
}

fn versions_signature(module: &str, kind: &str) -> String {
    let (head, returns) = (
        format!("pub fn {module}_versions()"),
        format!("-> ConversionWebhook<{kind}> {{"),
    );
    if head.len() + 1 + returns.len() <= MAX_WIDTH {
        format!("{head} {returns}")
    } else {
        format!("{head}\n{returns}")
    }
}

fn sample(file: &str) -> String {
    let (name, path) = ("const SAMPLE: &str =", format!("\"../config/samples/{file}\""));
    let value = format!("include_str!({path});");
    if 4 + value.len() > MAX_WIDTH {
        return format!("{name} include_str!(\n    {path}\n);");
    }
    assigned(name, &value)
}

fn assigned(name: &str, value: &str) -> String {
    let fits = name.len() + 1 + value.len() <= MAX_WIDTH;
    if fits {
        format!("{name} {value}")
    } else {
        format!("{name}\n    {value}")
    }
}

/// Returns the names an API takes in its project, with what each is; two APIs must not share one.
pub(crate) fn derived_names(api: &Api) -> Vec<(&'static str, String)> {
    vec![
        ("the kind", api.kind.as_str().to_owned()),
        ("the resource", api.plural.as_str().to_owned()),
        ("the resource", api.kind.lower()),
        ("the module", api.kind.module()),
    ]
}

/// Plans an API: its own files, its entries in others, its record.
pub(crate) fn plan_api(plan: &mut Plan<'_>, project: &Project, api: &Api) -> Result<()> {
    let recorded = project.api(&api.kind).is_some();
    let own = if api.workload.is_some() {
        WORKLOAD
    } else {
        CONTROLLER
    };
    let data = data(project, api);
    plan_all(plan, API, &data, How::Keep)?;
    plan_all(plan, own, &data, if recorded { How::Keep } else { How::Create })?;
    plan_rust(plan, &data)?;
    plan_lists(plan, &data)?;
    if recorded {
        Ok(())
    } else {
        plan.edit(RECORD, |text| add_api(text, api))
    }
}

fn plan_rust(plan: &mut Plan<'_>, data: &Data<'_>) -> Result<()> {
    let module = |plan: &mut Plan<'_>, file: &str, module: &str| {
        plan.edit(file, |text| edit::add_module(file, text, module))
    };
    module(plan, "src/api/mod.rs", data.version)?;
    module(plan, &format!("src/api/{}/mod.rs", data.version), &data.module)?;
    module(plan, "src/controller/mod.rs", &data.module)?;
    let (main, reconciler) = ("src/main.rs", format!("{}Reconciler", data.kind));
    let import = format!("{}::controller::{}::{reconciler}", data.crate_name, data.module);
    plan.edit(main, |text| {
        let text = edit::add_controller(main, text, &reconciler)?;
        edit::add_use(main, &text, &import)
    })
}

fn plan_lists(plan: &mut Plan<'_>, data: &Data<'_>) -> Result<()> {
    let samples = "config/samples/kustomization.yaml";
    let file = format!("{}_{}_{}.yaml", data.group, data.version, data.module);
    plan.edit(samples, |text| {
        edit::add_to_list(samples, text, "resources", &file)
    })
}
