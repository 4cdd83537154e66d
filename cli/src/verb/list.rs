//! `list`: the kinds of a project.

use serde_json::json;

use crate::error::Result;
use crate::name::Version;
use crate::plan::Manner;
use crate::project::{Api, Project, open};
use crate::shell::Shell;

use super::Place;

pub(super) fn run(place: &Place<'_>, shell: &mut Shell) -> Result<()> {
    let (_, project) = open(place.disk, &place.here, Manner::default(), shell)?;
    let twin = json!({
        "reason": "project",
        "name": project.name.as_str(),
        "domain": project.domain.as_str(),
        "apis": project.apis.iter().map(|api| twin(&project, api)).collect::<Vec<_>>(),
    });
    shell.data(&table(&project), &twin);
    Ok(())
}

fn twin(project: &Project, api: &Api) -> serde_json::Value {
    json!({
        "group": api.group.full(&project.domain),
        "version": api.version.as_str(),
        "kind": api.kind.as_str(),
        "plural": api.plural.as_str(),
        "scope": api.scope.as_str(),
        "hub": api.hub.as_ref().map(Version::as_str),
        "image": api.workload.as_ref().map(|workload| workload.image.as_str()),
    })
}

fn table(project: &Project) -> String {
    let row = |api: &Api| {
        let group = api.group.full(&project.domain);
        let words = [
            api.kind.as_str(),
            api.version.as_str(),
            &group,
            api.plural.as_str(),
            api.scope.as_str(),
        ];
        words.map(ToOwned::to_owned)
    };
    let head = ["KIND", "VERSION", "GROUP", "PLURAL", "SCOPE"].map(ToOwned::to_owned);
    let rows: Vec<_> = std::iter::once(head)
        .chain(project.apis.iter().map(row))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<_> = (0..5).map(width).collect();
    let line = |row: &[String; 5]| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
