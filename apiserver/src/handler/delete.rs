//! Removing an object: at once, gracefully, or when its finalizers are done.

use std::sync::Arc;

use serde_json::{Value, json};

use super::admit::{self, Act, Admits};
use super::answer::{Answer, deleted};
use super::call::{Call, Payload};
use super::convert::served;
use super::finalizer::{grace_period, has_namespace_finalizers};
use crate::codec::decode;
use crate::core::{Core, bucket, key};
use crate::crd;
use crate::object::{Meta as _, Object, ObjectRef, metadata_mut};
use crate::registry::Resource;
use crate::request::{DeleteOptions, Propagation};
use crate::status::{Error, GroupResource, Result};

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";
/// How long a pod may take to end if neither it nor the request says.
const DEFAULT_POD_GRACE: i64 = 30;
/// Namespaces that cannot go.
const PERMANENT: [&str; 3] = ["default", "kube-system", "kube-public"];

pub(super) async fn delete(call: &mut Call<'_>) -> Result<Answer> {
    let options = options(call)?;
    warn_of_orphans(call, &options);
    let (namespace, name) = (call.namespace(), call.path.name.clone());
    remove(call, (&namespace, &name), &options, Admits::Store).await
}

/// Reads the options from the body, or from the query if there is none.
pub(super) fn options(call: &mut Call<'_>) -> Result<DeleteOptions> {
    let body = match &mut call.request.payload {
        Payload::Value(Value::Null) => None,
        Payload::Value(value) => Some(value.take()),
        Payload::Bytes(body) if body.is_empty() => None,
        Payload::Bytes(body) => {
            let decoded = decode(&call.request.content_type, body).map_err(Error::bad_request)?;
            Some(decoded.value)
        }
    };
    DeleteOptions::parse(&call.request.query, body.as_ref())
}

/// Removes an object as far as it can be removed now.
pub(super) async fn remove(
    call: &mut Call<'_>,
    (namespace, name): (&str, &str),
    options: &DeleteOptions,
    admits: Admits,
) -> Result<Answer> {
    let (core, resource) = (Arc::clone(&call.core), Arc::clone(&call.resource));
    let removal = Removal::new(&core, &resource, (namespace, name), options);
    let act = Act::delete(options, name);
    loop {
        let stored = core.store.get(&removal.bucket, &removal.key);
        let stored = stored.ok_or_else(|| Error::not_found(resource.group_resource(), name))?;
        check_permanent(&resource, name)?;
        check_preconditions(&resource, stored.value(), options)?;
        if admits == Admits::Store {
            let shown = served(&core, &resource, &stored).await?;
            admit::remove(call, &act, shown.value()).await?;
        }
        if let Some(left) = removal.carry_out(removal.step(stored.value()), &stored) {
            return removal.answer(left).await;
        }
    }
}

/// Removes an object as far as it can be removed now, for the server itself: nobody is asked, nobody is told.
pub(super) fn sweep(core: &Core, resource: &Arc<Resource>, object: &ObjectRef) {
    let options = DeleteOptions::default();
    let place = (object.namespace(), object.name());
    let removal = Removal::new(core, resource, place, &options);
    // What cannot go now, for its finalizers or because someone was faster, is looked at again later.
    drop(removal.carry_out(removal.step(object.value()), object));
}

/// The removal of one object.
struct Removal<'a> {
    core: &'a Core,
    resource: &'a Arc<Resource>,
    bucket: String,
    key: String,
    options: &'a DeleteOptions,
}

/// What is left of an object after a delete.
enum Left {
    /// It is there, in this state.
    Object(ObjectRef),
    /// Nothing; this was its last state.
    Nothing(ObjectRef),
}

/// What one delete does to an object.
enum Step {
    /// It is going already, and this request changes nothing.
    Nothing,
    /// It stays for now, marked like this.
    Mark(Value),
    /// It goes; kinds that end gracefully are marked first.
    Remove(Option<Value>),
}

impl<'a> Removal<'a> {
    fn new(
        core: &'a Core,
        resource: &'a Arc<Resource>,
        (namespace, name): (&str, &str),
        options: &'a DeleteOptions,
    ) -> Self {
        Self {
            core,
            resource,
            bucket: bucket(resource),
            key: key(namespace, name),
            options,
        }
    }

    async fn answer(&self, left: Left) -> Result<Answer> {
        let (object, gone) = match left {
            Left::Object(object) => (object, false),
            Left::Nothing(last) => (last, true),
        };
        if gone && !self.resource.shows_deleted() {
            return Ok(deleted(self.resource, object.value()));
        }
        Ok(Answer::Object {
            code: 200,
            object: served(self.core, self.resource, &object).await?,
            resource: Arc::clone(self.resource),
        })
    }

    fn step(&self, object: &Value) -> Step {
        if is(self.resource, "", "namespaces") {
            return self.namespace_step(object);
        }
        if is(self.resource, "apiextensions.k8s.io", "customresourcedefinitions") {
            return self.definition_step(object);
        }
        let mut marked = object.clone();
        let graceful = is(self.resource, "", "pods");
        if graceful && object.is_deleting() {
            if !shorten(&mut marked, self.options) {
                return Step::Nothing;
            }
        } else if graceful {
            self.mark(&mut marked, pod_grace(object, self.options));
        }
        set_finalizers(&mut marked, self.resource, self.options);
        if marked.finalizers().is_empty() && grace_period(&marked).unwrap_or_default() == 0 {
            return Step::Remove(graceful.then_some(marked));
        }
        if !graceful {
            self.mark(&mut marked, 0);
        }
        if marked == *object {
            Step::Nothing
        } else {
            Step::Mark(marked)
        }
    }

    /// A namespace stays until its content is gone, which its own finalizers stand for.
    fn namespace_step(&self, object: &Value) -> Step {
        let held = has_namespace_finalizers(object) || !object.finalizers().is_empty();
        if !held {
            return Step::Remove(None);
        }
        if object.is_deleting() {
            return Step::Nothing;
        }
        let mut marked = object.clone();
        let now = self.core.environment.timestamp();
        metadata_mut(&mut marked).insert("deletionTimestamp".to_owned(), json!(now));
        marked["status"]["phase"] = json!("Terminating");
        Step::Mark(marked)
    }

    /// A CRD stays until its objects are gone; finalizers of its own stand for them.
    fn definition_step(&self, object: &Value) -> Step {
        if object.is_deleting() {
            return Step::Nothing;
        }
        let mut marked = object.clone();
        set_finalizers(&mut marked, self.resource, self.options);
        crd::begin_deletion(&mut marked, &self.core.environment.timestamp());
        Step::Mark(marked)
    }

    /// Returns what is left, or `None` if the object moved meanwhile.
    fn carry_out(&self, step: Step, stored: &ObjectRef) -> Option<Left> {
        match step {
            Step::Nothing => Some(Left::Object(Arc::clone(stored))),
            Step::Mark(marked) => Some(Left::Object(self.put(stored, marked)?)),
            Step::Remove(marked) => {
                let last = match marked {
                    Some(marked) => self.put(stored, marked)?,
                    None => Arc::clone(stored),
                };
                let gone = if self.options.dry_run {
                    last
                } else {
                    self.core.store.delete(&self.bucket, &self.key, &last).ok()?
                };
                Some(Left::Nothing(gone))
            }
        }
    }

    fn put(&self, stored: &ObjectRef, marked: Value) -> Option<ObjectRef> {
        if self.options.dry_run {
            return Some(Arc::new(Object::new(marked, stored.revision())));
        }
        let written = self
            .core
            .store
            .put(&self.bucket, &self.key, Some(stored.revision()), marked);
        written.ok()
    }

    /// Sets when the object is to be gone.
    fn mark(&self, object: &mut Value, grace: i64) {
        let generation = object.generation();
        let deleting = object.is_deleting();
        let until = self.core.environment.now() + jiff::SignedDuration::from_secs(grace);
        let metadata = metadata_mut(object);
        if !deleting {
            let until = until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            metadata.insert("deletionTimestamp".to_owned(), json!(until));
            if generation > 0 {
                metadata.insert("generation".to_owned(), json!(generation + 1));
            }
        }
        metadata.insert("deletionGracePeriodSeconds".to_owned(), json!(grace));
    }
}

/// A pod nobody runs, or that has ended, needs no time to end.
fn pod_grace(pod: &Value, options: &DeleteOptions) -> i64 {
    let spec = |field: &str| pod.get("spec").and_then(|spec| spec.get(field));
    let scheduled = spec("nodeName")
        .and_then(Value::as_str)
        .is_some_and(|node| !node.is_empty());
    let phase = pod.get("status").and_then(|status| status.get("phase")?.as_str());
    if !scheduled || matches!(phase, Some("Succeeded" | "Failed")) {
        return 0;
    }
    let own = spec("terminationGracePeriodSeconds").and_then(Value::as_i64);
    let grace = options.grace_period.or(own).unwrap_or(DEFAULT_POD_GRACE);
    if grace < 0 { 1 } else { grace }
}

/// Lets a pod that is ending end sooner; never later.
fn shorten(pod: &mut Value, options: &DeleteOptions) -> bool {
    let before = grace_period(pod).unwrap_or_default();
    let Some(grace) = options
        .grace_period
        .map(|grace| if grace < 0 { 1 } else { grace })
    else {
        return false;
    };
    let until = pod.meta_str("deletionTimestamp").parse::<jiff::Timestamp>();
    let (true, Ok(until)) = (grace < before, until) else {
        return false;
    };
    let until = until - jiff::SignedDuration::from_secs(before - grace);
    let metadata = metadata_mut(pod);
    let until = until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    metadata.insert("deletionTimestamp".to_owned(), json!(until));
    metadata.insert("deletionGracePeriodSeconds".to_owned(), json!(grace));
    true
}

/// Adds the finalizer the propagation policy stands for, and removes the other.
fn set_finalizers(object: &mut Value, resource: &Resource, options: &DeleteOptions) {
    let before: Vec<String> = object.finalizers().into_iter().map(str::to_owned).collect();
    let has = |name: &str| before.iter().any(|one| one == name);
    let wanted = match options.propagation {
        Some(Propagation::Orphan) => Some(ORPHAN),
        Some(Propagation::Foreground) => Some(FOREGROUND),
        Some(Propagation::Background) => None,
        None if has(ORPHAN) => Some(ORPHAN),
        None if has(FOREGROUND) => Some(FOREGROUND),
        None => orphans_by_default(resource).then_some(ORPHAN),
    };
    if wanted.is_some_and(has) && !(has(ORPHAN) && has(FOREGROUND)) {
        return;
    }
    let mut after = before.clone();
    after.retain(|one| one != ORPHAN && one != FOREGROUND);
    after.extend(wanted.map(str::to_owned));
    if after == before {
        return;
    }
    let metadata = metadata_mut(object);
    if after.is_empty() {
        metadata.remove("finalizers");
    } else {
        metadata.insert("finalizers".to_owned(), json!(after));
    }
}

fn orphans_by_default(resource: &Resource) -> bool {
    is(resource, "batch", "jobs") || is(resource, "", "replicationcontrollers")
}

fn warn_of_orphans(call: &mut Call<'_>, options: &DeleteOptions) {
    if options.propagation.is_none() && is(&call.resource, "batch", "jobs") {
        call.warnings.push(
            "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove \
             them or set propagationPolicy=Orphan to suppress this warning"
                .to_owned(),
        );
    }
}

fn check_permanent(resource: &Resource, name: &str) -> Result<()> {
    if is(resource, "", "namespaces") && PERMANENT.contains(&name) {
        return Err(Error::forbidden(
            resource.group_resource(),
            name,
            "this namespace may not be deleted",
        ));
    }
    Ok(())
}

fn check_preconditions(resource: &Resource, object: &Value, options: &DeleteOptions) -> Result<()> {
    let wanted = &options.preconditions;
    let differs = |wanted: &Option<String>, found: &str| {
        wanted.as_deref().filter(|one| *one != found).map(str::to_owned)
    };
    let why = if let Some(uid) = differs(&wanted.uid, object.uid()) {
        format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been \
             deleted and then recreated",
            object.uid()
        )
    } else if let Some(version) = differs(&wanted.resource_version, object.resource_version()) {
        format!(
            "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({}). \
             The object might have been modified",
            object.resource_version()
        )
    } else {
        return Ok(());
    };
    // The real server names the kind here, not the resource.
    let kind = GroupResource {
        group: &resource.group,
        resource: &resource.kind,
    };
    Err(Error::conflict(kind, object.name(), &why))
}

fn is(resource: &Resource, group: &str, plural: &str) -> bool {
    resource.group == group && resource.plural == plural
}
