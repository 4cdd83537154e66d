//! What is wrong with the attributes, all at once, each at its token.

use std::collections::BTreeSet;

use darling::error::Accumulator;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Ident, LitStr};

use super::attributes::{Attributes, Pair, SchemaMode};
use super::column::Column;
use super::name::{self, Verdict};
use super::path;
use super::plural::plural;
use super::scale::Scale;
use crate::wire::Need;

/// The names a custom resource goes by.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) singular: String,
    pub(super) plural: String,
    pub(super) root: Ident,
}

/// Attributes of the root type that the derive itself writes.
const OWN_ATTRIBUTES: [&str; 3] = ["derive", "serde", "schemars"];
const OWN_DERIVES: [&str; 5] = ["Clone", "Debug", "Serialize", "Deserialize", "JsonSchema"];
const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: [&str; 8] = [
    "int32",
    "int64",
    "float",
    "double",
    "byte",
    "date",
    "date-time",
    "password",
];
const SELECTABLE_LIMIT: usize = 8;
const WARNING_LIMIT: usize = 256;
const NAME_LIMIT: usize = 253;

/// Notes everything that is wrong, and returns the names unless they are too wrong to generate a root type.
pub(super) fn check(
    input: &DeriveInput,
    attributes: &Attributes,
    errors: &mut Accumulator,
    needs: &mut Vec<Need>,
) -> Option<Names> {
    let sound = shape(input, errors);
    check_names(attributes, errors);
    let names = names(input, attributes, errors);
    for column in &attributes.columns {
        check_column(column, errors);
    }
    check_columns(&attributes.columns, errors);
    check_selectable(&attributes.selectable, errors);
    check_scale(attributes, errors);
    check_metadata(attributes, errors);
    check_generated(attributes, errors);
    check_schema(attributes, errors);
    check_versions(input, attributes, errors);
    if attributes.no_spec {
        check_flat(input, errors);
    }
    path::check(input, attributes, errors, needs);
    names.filter(|_| sound)
}

fn names(input: &DeriveInput, attributes: &Attributes, errors: &mut Accumulator) -> Option<Names> {
    let mut required = |value: &Option<LitStr>, key: &str, example: &str| {
        // Something unreadable is told already.
        if value.is_none() && !mentioned(input, key) {
            let missing = format!("`{key}` is missing: write `#[kube({key} = \"{example}\")]`");
            errors.push(darling::Error::custom(missing).with_span(&input.ident));
        }
        value.as_ref().map(LitStr::value)
    };
    let group = required(&attributes.group, "group", "cache.example.com");
    let version = required(&attributes.version, "version", "v1alpha1");
    let kind = required(&attributes.kind, "kind", "Memcached");
    let root = attributes.root.as_ref().or(attributes.kind.as_ref());
    let root = root.and_then(|root| errors.handle(root_ident(root, &input.ident)));
    let kind = kind?;
    let singular = text(&attributes.singular).unwrap_or_else(|| kind.to_ascii_lowercase());
    let plural = text(&attributes.plural).unwrap_or_else(|| plural(&singular));
    for value in &attributes.shortnames {
        if value.value() == plural || value.value() == singular {
            errors.push(error(
                value,
                "a short name differs from the plural and the singular",
            ));
        }
    }
    let names = Names {
        group: group?,
        version: version?,
        kind,
        singular,
        plural,
        root: root?,
    };
    let crd_name = format!("{}.{}", names.plural, names.group);
    if let (true, Some(group)) = (crd_name.len() > NAME_LIMIT, &attributes.group) {
        let message = format!(
            "the definition would be called `{crd_name}`, and a name has at most {NAME_LIMIT} characters"
        );
        errors.push(error(group, &message));
    }
    Some(names)
}

/// Whether a key is written, rightly or not.
fn mentioned(input: &DeriveInput, key: &str) -> bool {
    let ours = input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("kube"));
    let mut tokens = ours.filter_map(|attribute| Some(attribute.meta.require_list().ok()?.tokens.clone()));
    tokens.any(|tokens| {
        let mut tokens = tokens.into_iter();
        tokens.any(|token| matches!(token, proc_macro2::TokenTree::Ident(ident) if ident == key))
    })
}

/// Returns whether the spec is something a root type can hold.
fn shape(input: &DeriveInput, errors: &mut Accumulator) -> bool {
    let union = matches!(input.data, Data::Union(_));
    if let Data::Union(data) = &input.data {
        errors.push(error(
            &data.union_token,
            "a union is no spec: use a struct or an enum",
        ));
    }
    if !input.generics.params.is_empty() {
        errors.push(error(
            &input.generics,
            "a custom resource has one schema: its spec takes no parameters",
        ));
    }
    !union && input.generics.params.is_empty()
}

fn root_ident(root: &LitStr, spec: &Ident) -> darling::Result<Ident> {
    let ident = root
        .parse_with(Ident::parse_any)
        .ok()
        .filter(|ident| syn::parse_str::<Ident>(&ident.to_string()).is_ok());
    let Some(ident) = ident else {
        return Err(error(
            root,
            &format!("`{}` is no name for a struct", root.value()),
        ));
    };
    if ident == *spec {
        let message = format!(
            "the derive generates the struct `{ident}`: call this one `{ident}Spec`, or choose another with `root`"
        );
        return Err(error(root, &message));
    }
    Ok(Ident::new(&ident.to_string(), root.span()))
}

fn check_names(attributes: &Attributes, errors: &mut Accumulator) {
    let literal = |value: &Option<LitStr>, rule: fn(&str) -> Verdict, errors: &mut Accumulator| {
        if let Some(value) = value {
            verdict(value, rule, errors);
        }
    };
    literal(&attributes.group, name::group, errors);
    literal(&attributes.version, name::version, errors);
    literal(&attributes.kind, name::kind, errors);
    literal(&attributes.plural, name::label, errors);
    literal(&attributes.singular, name::label, errors);
    for value in attributes.shortnames.iter().chain(&attributes.categories) {
        verdict(value, name::label, errors);
    }
    unique(&attributes.shortnames, "short name", errors);
    unique(&attributes.categories, "category", errors);
}

fn check_column(column: &Column, errors: &mut Accumulator) {
    one_of(&column.type_, &COLUMN_TYPES, errors);
    if let Some(format) = &column.format {
        one_of(format, &COLUMN_FORMATS, errors);
    }
    if !column.json_path.value().starts_with('.') {
        errors.push(error(
            &column.json_path,
            "a JSON path starts with a dot, such as `.spec.size`",
        ));
    }
    if column.name.value().is_empty() {
        errors.push(error(&column.name, "a column has a heading"));
    }
    if column.priority.is_some_and(|priority| priority < 0) {
        errors.push(error(&column.name, "the priority of a column is zero or more"));
    }
}

/// Two columns of one heading cannot be told apart.
fn check_columns(columns: &[Column], errors: &mut Accumulator) {
    let names: Vec<LitStr> = columns.iter().map(|column| column.name.clone()).collect();
    unique(&names, "heading", errors);
}

fn check_selectable(paths: &[LitStr], errors: &mut Accumulator) {
    for path in paths {
        verdict(path, name::simple_path, errors);
        let value = path.value();
        if value.starts_with(".metadata") {
            errors.push(error(
                path,
                "metadata is selectable already, where it is at all: remove this",
            ));
        }
        if value == ".kind" || value == ".apiVersion" {
            errors.push(error(path, "it is the same for every object: remove this"));
        }
    }
    unique(paths, "path", errors);
    if let Some(extra) = paths.get(SELECTABLE_LIMIT) {
        errors.push(error(
            extra,
            &format!("at most {SELECTABLE_LIMIT} fields are selectable"),
        ));
    }
}

fn check_scale(attributes: &Attributes, errors: &mut Accumulator) {
    let Some(scale) = &attributes.scale else {
        return;
    };
    if attributes.status.is_none() {
        let message = "`scale` reads the replicas from a status: add `status = \"...\"`";
        errors.push(error(&scale.status_replicas_path, message));
    }
    check_scale_paths(scale, errors);
}

fn check_scale_paths(scale: &Scale, errors: &mut Accumulator) {
    let selector = scale.label_selector_path.as_ref();
    let paths = [&scale.spec_replicas_path, &scale.status_replicas_path].into_iter();
    for path in paths.chain(selector) {
        verdict(path, name::simple_path, errors);
    }
    let below = |path: &LitStr, roots: &[&str]| roots.iter().any(|root| path.value().starts_with(root));
    if !below(&scale.spec_replicas_path, &[".spec."]) {
        errors.push(error(
            &scale.spec_replicas_path,
            "the wanted replicas are under `.spec`",
        ));
    }
    if !below(&scale.status_replicas_path, &[".status."]) {
        errors.push(error(
            &scale.status_replicas_path,
            "the observed replicas are under `.status`",
        ));
    }
    if let Some(path) = selector.filter(|path| !below(path, &[".status.", ".spec."])) {
        errors.push(error(path, "the selector is under `.status` or `.spec`"));
    }
}

/// Which version is stored, and which is there at all.
fn check_versions(input: &DeriveInput, attributes: &Attributes, errors: &mut Accumulator) {
    let spoke = input
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("spoke"));
    let stored = attributes.storage.unwrap_or(true);
    if let (Some(spoke), true) = (spoke, stored) {
        errors.push(error(
            spoke.path(),
            "this version is converted to the one that is stored, so it is not stored itself: add `storage = false`",
        ));
    }
    if attributes.skip.is_present() && attributes.storage == Some(true) {
        let message = "a version that is skipped is not stored: remove `storage` or `skip`";
        errors.push(darling::Error::custom(message).with_span(&attributes.skip.span()));
    }
}

fn check_metadata(attributes: &Attributes, errors: &mut Accumulator) {
    const APPROVED: &str = "api-approved.kubernetes.io";
    for Pair { key, .. } in attributes.annotations.iter().chain(&attributes.labels) {
        verdict(key, name::key, errors);
    }
    for Pair { value, .. } in &attributes.labels {
        verdict(value, name::value, errors);
    }
    for (pairs, what) in [
        (&attributes.annotations, "annotation"),
        (&attributes.labels, "label"),
    ] {
        let keys: Vec<LitStr> = pairs.iter().map(|pair| pair.key.clone()).collect();
        unique(&keys, what, errors);
    }
    let approved = attributes.annotations.iter().any(|it| it.key.value() == APPROVED);
    let group = text(&attributes.group).unwrap_or_default();
    let protected = ["k8s.io", "kubernetes.io"].iter().any(|end| {
        let rest = group.strip_suffix(end);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    // A kind of others is only read and written; its definition comes from them.
    let foreign = attributes.schema == SchemaMode::Disabled;
    if let (true, false, Some(group)) = (protected, approved || foreign, &attributes.group) {
        let message = format!(
            "the group is Kubernetes' own: use a domain of yours, or add `annotation(\"{APPROVED}\", \"...\")`; \
             for a kind that others define write `schema = \"disabled\"`"
        );
        errors.push(error(group, &message));
    }
    if let Some(darling::util::Override::Explicit(warning)) = &attributes.deprecated {
        let text = warning.value();
        if text.is_empty() || text.len() > WARNING_LIMIT || text.chars().any(char::is_control) {
            let message = format!("a deprecation warning is one line of 1 to {WARNING_LIMIT} characters");
            errors.push(error(warning, &message));
        }
    }
}

fn check_generated(attributes: &Attributes, errors: &mut Accumulator) {
    for derive in &attributes.derives {
        if let Some(path) = errors.handle(derive.parse::<syn::Path>().map_err(darling::Error::from)) {
            let name = path.segments.last().map(|last| last.ident.to_string());
            if name.is_some_and(|name| generated(&name, attributes)) {
                errors.push(error(derive, "the root type has this trait already: remove it"));
            }
        }
    }
    for attribute in &attributes.attributes {
        let meta = attribute.parse::<syn::Meta>().map_err(darling::Error::from);
        let Some(meta) = errors.handle(meta) else { continue };
        if OWN_ATTRIBUTES.iter().any(|own| meta.path().is_ident(own)) {
            let message = "the derive writes this attribute itself; for derives use `derive = \"...\"`";
            errors.push(error(attribute, message));
        }
    }
}

fn generated(derive: &str, attributes: &Attributes) -> bool {
    let by_hand = derive == "JsonSchema" && attributes.schema != SchemaMode::Derived;
    OWN_DERIVES.contains(&derive) && !by_hand
}

fn check_schema(attributes: &Attributes, errors: &mut Accumulator) {
    if attributes.schema == SchemaMode::Disabled {
        for rule in attributes
            .validations
            .iter()
            .filter_map(|rule| rule.text.as_ref())
        {
            errors.push(error(
                rule,
                "without a schema there is no place for a rule: remove one or the other",
            ));
        }
    }
    if attributes.cel.is_present() {
        let message = "rules are checked by the API server, not in the client: remove `cel`, and test them against the embedded server";
        errors.push(darling::Error::custom(message).with_span(&attributes.cel.span()));
    }
}

/// The fields of a flattened spec stand beside those of the root.
fn check_flat(input: &DeriveInput, errors: &mut Accumulator) {
    const ROOT_FIELDS: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];
    let Data::Struct(data) = &input.data else {
        errors.push(error(&input.ident, "`no_spec` needs a struct with named fields"));
        return;
    };
    for field in &data.fields {
        let Some(name) = &field.ident else {
            errors.push(error(&field.ty, "`no_spec` needs a struct with named fields"));
            continue;
        };
        let written = if *name == "api_version" {
            "apiVersion".to_owned()
        } else {
            name.unraw().to_string()
        };
        if ROOT_FIELDS.contains(&written.as_str()) {
            errors.push(error(
                name,
                "with `no_spec` this field would stand beside the root's own: rename it",
            ));
        }
    }
}

fn verdict(text: &LitStr, rule: fn(&str) -> Verdict, errors: &mut Accumulator) {
    if let Err(message) = rule(&text.value()) {
        errors.push(error(text, &message));
    }
}

fn unique(texts: &[LitStr], what: &str, errors: &mut Accumulator) {
    let mut seen = BTreeSet::new();
    for text in texts.iter().filter(|text| !seen.insert(text.value())) {
        errors.push(error(
            text,
            &format!("the {what} `{}` is given twice", text.value()),
        ));
    }
}

fn one_of(text: &LitStr, known: &[&str], errors: &mut Accumulator) {
    if !known.contains(&text.value().as_str()) {
        let message = format!("`{}` is none of {}", text.value(), known.join(", "));
        errors.push(error(text, &message));
    }
}

fn text(literal: &Option<LitStr>) -> Option<String> {
    literal.as_ref().map(LitStr::value)
}

fn error(place: &impl Spanned, message: &str) -> darling::Error {
    darling::Error::custom(message).with_span(&place.span())
}
