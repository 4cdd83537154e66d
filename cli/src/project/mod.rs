//! The project's record, `krate.toml`: what was scaffolded, read strictly and edited in place.
//!
//! A key nobody knows is an error with its line, not something to drop at the next save. Comments and order are the user's.

mod find;
mod read;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::error::{Error, Result};
use crate::name::{Domain, Group, Image, Kind, Plural, Port, ProjectName, Version};

pub(crate) use find::{open, put_right};

/// The file's name.
pub(crate) const RECORD: &str = "krate.toml";

/// What `krate.toml` says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Project {
    pub(crate) name: ProjectName,
    pub(crate) domain: Domain,
    pub(crate) apis: Vec<Api>,
}

/// One scaffolded kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Api {
    pub(crate) group: Group,
    pub(crate) version: Version,
    pub(crate) kind: Kind,
    pub(crate) plural: Plural,
    pub(crate) scope: Scope,
    /// The version that is stored, if this is another one of the kind, converted to it and back.
    pub(crate) hub: Option<Version>,
    /// What its reconciler runs, if it was scaffolded with an image.
    pub(crate) workload: Option<Workload>,
}

/// Whether objects of a kind live in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scope {
    Namespaced,
    Cluster,
}

/// A Deployment with one container and a Service in front of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Workload {
    pub(crate) image: Image,
    pub(crate) port: Port,
}

impl Project {
    /// Reads a record.
    pub(crate) fn parse(text: &str) -> Result<Project> {
        read::project(text)
    }

    /// Returns the API of a kind, in the version that is stored and reconciled; kinds are unique in a project.
    pub(crate) fn api(&self, kind: &Kind) -> Option<&Api> {
        self.apis
            .iter()
            .find(|api| api.kind == *kind && api.hub.is_none())
    }

    /// Returns whether a version of a kind was scaffolded.
    pub(crate) fn has(&self, kind: &Kind, version: &Version) -> bool {
        self.apis
            .iter()
            .any(|api| api.kind == *kind && api.version == *version)
    }
}

impl Scope {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Scope::Namespaced => "Namespaced",
            Scope::Cluster => "Cluster",
        }
    }
}

/// Returns the record with `api` added at its end.
pub(crate) fn add_api(text: &str, api: &Api) -> Result<String> {
    let mut document: DocumentMut = text.parse().map_err(|error| read::syntax(text, &error))?;
    let apis = document
        .entry("api")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let not_a_list = || {
        Error::project("`api` is not a list of tables")
            .at(RECORD, None)
            .help("write `[[api]]`")
    };
    apis.as_array_of_tables_mut()
        .ok_or_else(not_a_list)?
        .push(table_of(api));
    Ok(document.to_string())
}

fn table_of(api: &Api) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table["group"] = value(api.group.as_str());
    table["version"] = value(api.version.as_str());
    table["kind"] = value(api.kind.as_str());
    table["plural"] = value(api.plural.as_str());
    table["scope"] = value(api.scope.as_str());
    if let Some(hub) = &api.hub {
        table["hub"] = value(hub.as_str());
    }
    if let Some(workload) = &api.workload {
        table["image"] = value(workload.image.as_str());
        table["port"] = value(i64::from(workload.port.number()));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(kind: &str, image: Option<&str>) -> Api {
        let kind = Kind::parse(kind).unwrap();
        let workload = image.map(|image| Workload {
            image: Image::parse(image).unwrap(),
            port: Port::parse("11211").unwrap(),
        });
        Api {
            group: Group::parse("cache", &Domain::parse("example.com").unwrap()).unwrap(),
            version: Version::parse("v1alpha1").unwrap(),
            plural: Plural::of(&kind).unwrap(),
            scope: Scope::Namespaced,
            hub: None,
            kind,
            workload,
        }
    }

    #[test]
    fn what_is_added_is_read_back_and_comments_stay() {
        let text = "# mine\n[project]\nname = \"my-operator\" # here too\ndomain = \"example.com\"\n";
        let text = add_api(text, &api("Memcached", Some("memcached:1.6"))).unwrap();
        let text = add_api(&text, &api("Redis", None)).unwrap();
        let further = Api {
            version: Version::parse("v1").unwrap(),
            hub: Some(Version::parse("v1alpha1").unwrap()),
            ..api("Redis", None)
        };
        let text = add_api(&text, &further).unwrap();
        assert!(
            text.starts_with("# mine\n[project]\nname = \"my-operator\" # here too\n"),
            "{text}"
        );
        let project = Project::parse(&text).unwrap();
        assert_eq!(
            project.apis,
            [
                api("Memcached", Some("memcached:1.6")),
                api("Redis", None),
                further
            ]
        );
    }
}
