//! `create api`: a kind with its reconciler, or another version of a kind.

use crate::error::{Error, Result};
use crate::name::{Group, Image, Kind, Plural, Port, Version};
use crate::plan::{Manner, Plan};
use crate::project::{Api, Project, RECORD, Scope, Workload, open};
use crate::scaffold::{derived_names, plan_api, plan_version};
use crate::shell::Shell;

use super::Place;

/// Add a kind: type, reconciler, test and sample; or another version of a kind that is there, with its conversion
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct CreateApi {
    /// The first word of the API group; the project's domain follows it
    #[arg(long)]
    pub(crate) group: String,
    /// The version, such as v1alpha1
    #[arg(long)]
    pub(crate) version: String,
    /// The kind, such as Memcached
    #[arg(long)]
    pub(crate) kind: String,
    /// The resource name [default: the English plural of the kind]
    #[arg(long)]
    pub(crate) plural: Option<String>,
    /// Where objects of the kind live [default: namespaced]
    #[arg(long, value_enum)]
    pub(crate) scope: Option<Scope>,
    /// Write a reconciler that runs this image, as a Deployment and a Service
    #[arg(long, requires = "port")]
    pub(crate) image: Option<String>,
    /// The port the image serves
    #[arg(long, requires = "image", allow_negative_numbers = true)]
    pub(crate) port: Option<String>,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

impl CreateApi {
    pub(crate) fn run(&self, place: &Place<'_>, shell: &mut Shell) -> Result<()> {
        let (root, project) = open(place.disk, &place.here, self.manner, shell)?;
        let mut api = self.api(&project)?;
        let mut plan = Plan::new(place.disk, root);
        match project
            .api(&api.kind)
            .filter(|stored| stored.version != api.version)
        {
            Some(stored) => {
                self.check_further(stored, &mut api)?;
                plan_version(&mut plan, &project, stored, &api)?;
            }
            None => {
                check_collisions(&project, &api)?;
                plan_api(&mut plan, &project, &api)?;
            }
        }
        let changed = plan.carry_out(self.manner, shell)?;
        if changed > 0 && !self.manner.dry_run {
            say_next(&api, shell);
        }
        Ok(())
    }

    /// Makes it another version of a kind that is there, and refuses what would make it another kind.
    fn check_further(&self, stored: &Api, api: &mut Api) -> Result<()> {
        if self.plural.is_none() {
            api.plural = stored.plural.clone();
        }
        if self.scope.is_none() {
            api.scope = stored.scope;
        }
        if (&api.group, &api.plural, api.scope) != (&stored.group, &stored.plural, stored.scope) {
            return Err(different(stored, api));
        }
        if api.workload.take().is_some() {
            let message = format!(
                "`{}` is reconciled in version `{}`, and a further version is converted to that",
                api.kind.as_str(),
                stored.version.as_str()
            );
            return Err(Error::usage(message).help("leave out `--image` and `--port`"));
        }
        api.hub = Some(stored.version.clone());
        Ok(())
    }

    fn api(&self, project: &Project) -> Result<Api> {
        let kind = Kind::parse(&self.kind)?;
        let api = Api {
            group: Group::parse(&self.group, &project.domain)?,
            version: Version::parse(&self.version)?,
            plural: self
                .plural
                .as_deref()
                .map_or_else(|| Plural::of(&kind), Plural::parse)?,
            kind,
            scope: self.scope.unwrap_or(Scope::Namespaced),
            hub: None,
            workload: self.workload()?,
        };
        api.plural.crd_name(&api.group.full(&project.domain))?;
        Ok(api)
    }

    fn workload(&self) -> Result<Option<Workload>> {
        let (Some(image), Some(port)) = (&self.image, &self.port) else {
            return Ok(None);
        };
        let workload = Workload {
            image: Image::parse(image)?,
            port: Port::parse(port)?,
        };
        if self.scope == Some(Scope::Cluster) {
            let error = Error::usage("`--image` needs a namespace to run in, and `--scope cluster` has none");
            return Err(error.help("leave out one of the two"));
        }
        Ok(Some(workload))
    }
}

/// Refuses an API that shares a name with one that is there; the very same API is no collision.
fn check_collisions(project: &Project, api: &Api) -> Result<()> {
    if let Some(there) = project.api(&api.kind) {
        return if there == api {
            Ok(())
        } else {
            Err(different(there, api))
        };
    }
    if let Some(other) = project.apis.iter().find(|other| other.group != api.group) {
        let (group, new) = (other.group.as_str(), api.group.as_str());
        let error = Error::project(format!(
            "this project has the group `{group}`, and `{new}` would be a second one"
        ));
        return Err(error
            .at(RECORD, None)
            .help(format!("write `--group {group}`, or make another project")));
    }
    for other in &project.apis {
        let taken = derived_names(other);
        let shared = derived_names(api)
            .into_iter()
            .find(|(_, name)| taken.iter().any(|(_, there)| there == name));
        if let Some((what, name)) = shared {
            let message = format!("{what} `{name}` is taken by the kind `{}`", other.kind.as_str());
            return Err(Error::project(message)
                .at(RECORD, None)
                .help("choose another kind, or another `--plural`"));
        }
    }
    Ok(())
}

fn say_next(api: &Api, shell: &mut Shell) {
    let (version, module) = (api.version.as_str(), api.kind.module());
    let next = match &api.hub {
        None => format!("edit src/api/{version}/{module}.rs and src/controller/{module}.rs"),
        Some(_) => format!("edit src/api/{version}/{module}.rs: what differs, and what becomes of it"),
    };
    shell.note("Next", next);
    shell.note("Next", "cargo krate generate");
}

fn different(there: &Api, api: &Api) -> Error {
    let kind = api.kind.as_str();
    let what = if there.group != api.group || there.plural != api.plural || there.scope != api.scope {
        "in another group, under another plural, or with another scope"
    } else {
        "with other properties"
    };
    Error::project(format!("the kind `{kind}` exists already, {what}"))
        .at(RECORD, None)
        .help(format!(
            "edit `src/api/{}/{}.rs` to change it",
            there.version.as_str(),
            there.kind.module()
        ))
}
