//! The remembered templates of stateful sets and daemon sets.

use serde_json::{Value, json};

use super::template::{self, REVISION_LABEL};
use crate::controllers::plan::{Plan, Step, number, owned_by, string};
use crate::controllers::world::{Kind, World};
use crate::object::Meta;

/// Which template is the current one, by the name its pods carry.
#[derive(Debug)]
pub(super) struct Revisions {
    /// Value of the revision label of pods with the current template.
    pub(super) update: String,
    /// Name of the current `ControllerRevision`.
    pub(super) update_name: String,
}

impl Revisions {
    /// Finds the revision of the current template; plans it if there is none.
    pub(super) fn of(set: &Value, world: &World, plan: &mut Plan) -> Self {
        let template = &set["spec"]["template"];
        let known = world.controlled_by(set.uid(), Kind::ControllerRevision);
        let same = |one: &&&Value| template_in(one).as_ref() == Some(template);
        if let Some(found) = known.iter().find(same) {
            return Self {
                update: string(found, &["metadata", "labels", hash_label(set)]).to_owned(),
                update_name: found.name().to_owned(),
            };
        }
        let hash = template::hash(template, number(set, &["status", "collisionCount"]));
        let last = known
            .iter()
            .map(|one| number(one, &["revision"]))
            .max()
            .unwrap_or_default();
        let name = format!("{}-{hash}", set.name());
        if !set.is_deleting() {
            plan.push(create(set, &name, &hash, last + 1));
        }
        Self {
            update: hash,
            update_name: name,
        }
    }

    /// Returns whether a pod has the current template.
    pub(super) fn is_updated(&self, pod: &Value) -> bool {
        let label = string(pod, &["metadata", "labels", REVISION_LABEL]);
        label == self.update || label == self.update_name
    }
}

/// Returns the template remembered under the name of a revision.
pub(super) fn remembered(set: &Value, world: &World, name: &str) -> Option<Value> {
    let known = world.controlled_by(set.uid(), Kind::ControllerRevision);
    template_in(known.into_iter().find(|one| one.name() == name)?)
}

/// Revisions are kept as patches that replace the template.
fn template_in(revision: &Value) -> Option<Value> {
    let mut template = revision.pointer("/data/spec/template")?.clone();
    template.as_object_mut()?.remove("$patch");
    Some(template)
}

fn hash_label(set: &Value) -> &'static str {
    if set.kind() == "StatefulSet" {
        "controller.kubernetes.io/hash"
    } else {
        REVISION_LABEL
    }
}

fn create(set: &Value, name: &str, hash: &str, revision: i64) -> Step {
    let mut template = set["spec"]["template"].clone();
    template["$patch"] = json!("replace");
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": revision,
        "data": {"spec": {"template": template}},
        "metadata": {
            "name": name, "namespace": set.namespace(), "ownerReferences": owned_by(set),
            "labels": set["spec"]["template"]["metadata"]["labels"],
        },
    });
    template::add_labels(&mut object, &[(hash_label(set), hash)]);
    Step::Create {
        collection: Kind::ControllerRevision.inside(set.namespace()),
        object,
    }
}
