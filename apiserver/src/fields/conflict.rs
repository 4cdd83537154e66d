//! Fields an apply would change that belong to others.

use super::element::Path;
use super::owner::{Manager, Operation};
use super::set::Set;
use crate::status::{Cause, Error};

/// The contested fields of each manager.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conflicts {
    of: Vec<(Manager, Set)>,
}

impl Conflicts {
    /// Adds the contested fields of a manager; managers come in order.
    pub(super) fn add(&mut self, manager: &Manager, fields: Set) {
        if !fields.is_empty() {
            self.of.push((manager.clone(), fields));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(Manager, Set)> {
        self.of.iter()
    }

    /// The conflicts that are not about these fields.
    pub(super) fn without(&self, allowed: &Set) -> Self {
        let mut rest = Self::default();
        for (manager, fields) in &self.of {
            rest.add(manager, fields.difference(allowed));
        }
        rest
    }

    /// The 409 that names every contested field.
    pub(super) fn into_error(self) -> Error {
        let groups: Vec<(String, Vec<String>)> = self
            .of
            .iter()
            .map(|(manager, fields)| (shown(manager), paths(fields)))
            .collect();
        let causes = groups.iter().flat_map(|(manager, paths)| {
            paths.iter().map(move |path| Cause {
                reason: "FieldManagerConflict".to_owned(),
                message: format!("conflict with {manager}"),
                field: path.clone(),
            })
        });
        let causes: Vec<Cause> = causes.collect();
        Error::apply_conflict(message(&groups, causes.len()), causes)
    }
}

fn message(groups: &[(String, Vec<String>)], count: usize) -> String {
    if let [(manager, paths)] = groups
        && let [path] = paths.as_slice()
    {
        return format!("Apply failed with 1 conflict: conflict with {manager}: {path}");
    }
    let group = |(manager, paths): &(String, Vec<String>)| {
        let paths: String = paths.iter().map(|path| format!("\n- {path}")).collect();
        format!("conflicts with {manager}:{paths}")
    };
    let groups: Vec<String> = groups.iter().map(group).collect();
    format!("Apply failed with {count} conflicts: {}", groups.join("\n"))
}

fn paths(fields: &Set) -> Vec<String> {
    let shown = |path: &Path| path.iter().map(ToString::to_string).collect();
    fields.paths().iter().map(shown).collect()
}

fn shown(manager: &Manager) -> String {
    let mut text = format!("{:?}", manager.name);
    if !manager.subresource.is_empty() {
        text += &format!(" with subresource {:?}", manager.subresource);
    }
    if manager.operation == Operation::Update {
        text += &format!(" using {}", manager.api_version);
    }
    text
}
