//! Changing an object by a patch or an apply.

use serde_json::{Value, json};

use super::admit::Admits;
use super::answer::Answer;
use super::call::{Call, Payload};
use super::update::{self, Change, Outcome, answer, sent_version};
use super::{create, decode, meta};
use crate::codec::{decode_json, decode_yaml, object_json};
use crate::fields;
use crate::object::{Meta as _, ObjectRef, map_mut, metadata_mut};
use crate::patch;
use crate::registry::strategy;
use crate::request::{FieldValidation, PatchKind, WriteOptions};
use crate::status::{Error, FieldError, Result};

/// How often a patch is computed anew because the object moved under it.
const TRIES: usize = 1000;

pub(super) async fn patch(call: &mut Call<'_>) -> Result<Answer> {
    let patch = Patch::read(call)?;
    let name = call.path.name.clone();
    for _ in 0..TRIES {
        let Some((stored, shown)) = call.stored(&name).await? else {
            return patch.missing(call, &name).await;
        };
        let new = patch.carry_out(call, shown.value())?;
        let outcome = patch.store(call, &stored, shown.value(), new).await?;
        if let Outcome::Done(object) = outcome {
            return Ok(answer(call, 200, object));
        }
    }
    Err(call.modified(&name))
}

/// Returns the form of the patch, if the resource takes it.
fn form(call: &Call<'_>) -> Result<PatchKind> {
    let kind = PatchKind::of(&call.request.content_type);
    if call.resource.custom {
        let taken = kind.filter(|kind| *kind != PatchKind::Strategic);
        return taken.ok_or_else(|| {
            Error::unsupported_media_type(
                "the body of the request was in an unknown format - accepted media types include: \
                 application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
            )
        });
    }
    kind.ok_or_else(|| Error::unsupported_media_type("415: Unsupported Media Type"))
}

/// Reads the body; also what to warn of if it can be carried out.
fn document(call: &mut Call<'_>, kind: PatchKind, options: &WriteOptions) -> Result<(Value, Vec<String>)> {
    let body = match &mut call.request.payload {
        Payload::Value(value) => return Ok((value.take(), Vec::new())),
        Payload::Bytes(body) => body.clone(),
    };
    let decoded = if kind == PatchKind::Apply {
        decode_yaml(&body).map_err(|why| Error::bad_request(format!("error decoding YAML: {why}")))?
    } else {
        decode_json(&body).map_err(|why| Error::bad_request(format!("error decoding patch: {why}")))?
    };
    if kind == PatchKind::Apply && !decoded.strict.is_empty() {
        match options.field_validation {
            FieldValidation::Ignore => {}
            FieldValidation::Warn => return Ok((decoded.value, decoded.strict)),
            FieldValidation::Strict => {
                let complaints = decoded.strict.join(", ");
                return Err(Error::bad_request(format!(
                    "error strict decoding YAML: {complaints}"
                )));
            }
        }
    }
    Ok((decoded.value, Vec::new()))
}

/// A patch with its options, ready to be carried out as often as it takes.
pub(super) struct Patch {
    kind: PatchKind,
    pub(super) options: WriteOptions,
    document: Value,
    warnings: Vec<String>,
}

impl Patch {
    /// Reads the patch of a request.
    pub(super) fn read(call: &mut Call<'_>) -> Result<Self> {
        let kind = form(call)?;
        let options = WriteOptions::patch(&call.request.query, kind)?;
        let (document, warnings) = document(call, kind, &options)?;
        Ok(Self {
            warnings,
            kind,
            options,
            document,
        })
    }

    /// Returns what `old`, an object of the endpoint's kind, becomes, with the owners of its fields.
    pub(super) fn carry_out(&self, call: &mut Call<'_>, old: &Value) -> Result<Value> {
        let new = if self.kind == PatchKind::Apply {
            self.applied(call, Some(old))?
        } else {
            self.patched(call, old)?
        };
        meta::check_name(&new, old.name())?;
        self.warnings
            .iter()
            .for_each(|warning| call.warn(warning.clone()));
        Ok(new)
    }

    async fn store(
        &self,
        call: &mut Call<'_>,
        stored: &ObjectRef,
        old: &Value,
        mut new: Value,
    ) -> Result<Outcome> {
        meta::settle_namespace(call, &mut new)?;
        if sent_version(&new)?.is_some_and(|version| version != stored.revision()) {
            return Err(call.modified(old.name()));
        }
        let change = Change {
            options: &self.options,
            stored,
            old,
            admits: Admits::Store,
        };
        update::store(call, &change, new).await
    }

    fn patched(&self, call: &mut Call<'_>, old: &Value) -> Result<Value> {
        let mut patched = match self.kind {
            PatchKind::Json => patch::json::apply(old, &self.document)?,
            PatchKind::Strategic => match call.speaks.node() {
                Some(node) => patch::strategic::apply(node, old, &self.document)?,
                None => patch::merge::apply(old, &self.document)?,
            },
            PatchKind::Merge | PatchKind::Apply => patch::merge::apply(old, &self.document)?,
        };
        if self.kind == PatchKind::Strategic {
            // A strategic merge changes fields of the typed object, whose type is none of them.
            keep_type(old, &mut patched);
        }
        let mut new = self.typed(call, patched, old)?;
        strategy::default(&call.speaks, &mut new);
        let now = call.core.environment.timestamp();
        Ok(fields::update(call.writer(&self.options, &now), Some(old), new))
    }

    /// Returns a patched object as one of its kind.
    fn typed(&self, call: &mut Call<'_>, patched: Value, old: &Value) -> Result<Value> {
        let whole = quoted(call, &patched, old);
        let decoded = decode::patched(call, patched).map_err(|why| unfit(&whole, &why))?;
        let mut strict = decoded.strict;
        if self.kind == PatchKind::Json {
            strict.extend(patch::json::unknown_fields(&self.document));
        }
        match self.options.field_validation {
            FieldValidation::Strict if !strict.is_empty() => {
                return Err(unfit(
                    &whole,
                    &format!("strict decoding error: {}", strict.join(", ")),
                ));
            }
            FieldValidation::Warn => strict.into_iter().for_each(|warning| call.warn(warning)),
            _ => {}
        }
        Ok(decoded.value)
    }

    fn applied(&self, call: &Call<'_>, old: Option<&Value>) -> Result<Value> {
        let now = call.core.environment.timestamp();
        let writer = call.writer(&self.options, &now);
        let mut new = fields::apply(writer, old, &self.document, self.options.force)?;
        strategy::default(&call.speaks, &mut new);
        Ok(new)
    }

    /// An apply creates what is missing.
    async fn missing(&self, call: &mut Call<'_>, name: &str) -> Result<Answer> {
        if self.kind != PatchKind::Apply || !call.endpoint.name().is_empty() {
            return Err(call.not_found(name));
        }
        meta::check_name(&self.document, name)?;
        let mut object = self.applied(call, None)?;
        metadata_mut(&mut object).remove("resourceVersion");
        meta::settle_namespace(call, &mut object)?;
        let object = create::store_owned(call, &self.options, object).await?;
        Ok(answer(call, 201, object))
    }
}

fn keep_type(old: &Value, new: &mut Value) {
    let new = map_mut(new);
    for field in ["apiVersion", "kind"] {
        match old.get(field) {
            Some(value) => new.insert(field.to_owned(), value.clone()),
            None => new.remove(field),
        };
    }
}

/// Returns a patched object as messages quote it: what a patch left alone is written as Go writes it.
fn quoted(call: &Call<'_>, patched: &Value, old: &Value) -> String {
    if call.speaks.custom || patched.get("metadata") != old.get("metadata") {
        patched.to_string()
    } else {
        object_json(patched)
    }
}

/// 422 about a patch whose result is no object of the kind.
fn unfit(whole: &str, why: &str) -> Error {
    let error = FieldError::invalid("patch", &json!(whole), why);
    Error::invalid("", "", "", &[error])
}
