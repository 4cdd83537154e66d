//! From a path to a resource and the endpoint of it that is meant, or to the right kind of "no".

use std::sync::Arc;

use super::call::Request;
use crate::core::Core;
use crate::registry::{ResetFields, Resource};
use crate::request::{ResourcePath, Verb};
use crate::schema::{Definitions, Schema};
use crate::status::{Error, Result};

/// What of an object is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// The object.
    Object,
    /// Its status.
    Status,
    /// Any other subresource.
    Other(String),
}

impl Endpoint {
    /// The subresource's name, empty for the object.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Object => "",
            Self::Status => "status",
            Self::Other(name) => name,
        }
    }
}

/// Returns the description of what bodies at an endpoint are of.
pub(super) fn spoken(resource: &Arc<Resource>, endpoint: &Endpoint) -> Arc<Resource> {
    let mut subresources = resource.subresources.iter();
    let foreign = subresources.find(|one| one.name == endpoint.name() && one.kind != resource.kind);
    let Some(subresource) = foreign else {
        return Arc::clone(resource);
    };
    Arc::new(Resource {
        group: subresource.group.clone(),
        version: subresource.version.clone(),
        kind: subresource.kind.clone(),
        custom: false,
        has_status: false,
        has_generation: false,
        schema: subresource
            .definition
            .as_deref()
            .map(Schema::reference)
            .map(Arc::new),
        definitions: Definitions::built_in(),
        reset_fields: ResetFields::default(),
        ..Resource::clone(resource)
    })
}

/// Returns the resource and endpoint a request is for.
pub(super) fn route(core: &Core, request: &Request) -> Result<(ResourcePath, Arc<Resource>, Endpoint)> {
    let Some(path) = request.info.resource.clone() else {
        return Err(Error::page_not_found());
    };
    let resource = find(core, &path)?;
    check_scope(&path, &resource, request.info.verb)?;
    check_name(&path.name)?;
    let endpoint = endpoint(&path, &resource)?;
    check_verb(&path, &resource, &endpoint, request.info.verb)?;
    Ok((path, resource, endpoint))
}

fn find(core: &Core, path: &ResourcePath) -> Result<Arc<Resource>> {
    let kinds = core.registry.kinds();
    if let Some(resource) = kinds.lookup(&path.group, &path.version, &path.plural) {
        if path.overlong {
            return Err(Error::resource_not_found());
        }
        return Ok(Arc::clone(resource));
    }
    let custom = |group: &crate::registry::Group| {
        let mut resources = group
            .versions
            .iter()
            .flat_map(|version| version.resources.values());
        resources.any(|resource| resource.custom)
    };
    match kinds.group(&path.group) {
        Some(group) if !custom(group) => Err(Error::resource_not_found()),
        _ => Err(Error::page_not_found()),
    }
}

/// Namespaced objects are listed and watched across namespaces, but nothing else is done to them there.
fn check_scope(path: &ResourcePath, resource: &Resource, verb: Verb) -> Result<()> {
    let whole_cluster = matches!(verb, Verb::List | Verb::Watch) && path.name.is_empty();
    if resource.is_namespaced() {
        if !path.namespace.is_empty() || whole_cluster {
            return Ok(());
        }
        return Err(if resource.custom {
            Error::page_not_found()
        } else if path.name.is_empty() {
            Error::method_not_allowed()
        } else {
            Error::resource_not_found()
        });
    }
    let is_namespace = resource.group.is_empty() && resource.plural == "namespaces";
    if path.namespace.is_empty() || is_namespace {
        return Ok(());
    }
    Err(if resource.custom {
        Error::page_not_found()
    } else {
        Error::resource_not_found()
    })
}

fn check_name(name: &str) -> Result<()> {
    let complaint = match name {
        "." => "may not be '.'",
        ".." => "may not be '..'",
        _ if name.contains('%') => "may not contain '%'",
        _ => return Ok(()),
    };
    Err(Error::bad_request(format!(
        "Name parameter invalid: {name:?}: {complaint}"
    )))
}

fn endpoint(path: &ResourcePath, resource: &Resource) -> Result<Endpoint> {
    let name = path.subresource.as_str();
    match name {
        "" => return Ok(Endpoint::Object),
        "status" if resource.has_status => return Ok(Endpoint::Status),
        _ => {}
    }
    if resource.subresources.iter().any(|one| one.name == name) {
        return Ok(Endpoint::Other(name.to_owned()));
    }
    Err(if resource.custom {
        Error::not_found(resource.group_resource(), &path.name)
    } else {
        Error::resource_not_found()
    })
}

fn check_verb(path: &ResourcePath, resource: &Resource, endpoint: &Endpoint, verb: Verb) -> Result<()> {
    let fits = match (endpoint, verb) {
        (_, Verb::Unsupported) => false,
        (Endpoint::Object, Verb::Create) => path.name.is_empty(),
        (_, Verb::Update | Verb::Patch) => !path.name.is_empty(),
        _ => true,
    };
    let taken = match endpoint {
        Endpoint::Object => resource.verbs.contains(verb.as_str()),
        _ => {
            let mut subresources = resource.subresources.iter();
            let found = subresources.find(|one| one.name == endpoint.name());
            found.is_none_or(|one| one.verbs.contains(verb.as_str()))
        }
    };
    if fits && taken {
        Ok(())
    } else {
        Err(Error::method_not_allowed())
    }
}
