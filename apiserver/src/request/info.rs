//! Which verb on which resource a URL and a method mean: apiserver's `RequestInfo`.

use http::Method;

use super::query::{Query, decode};

/// What is done, as authorization knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Read one object, or a path outside the API.
    Get,
    /// Read a collection.
    List,
    /// Follow a collection.
    Watch,
    /// Make an object, or call a subresource.
    Create,
    /// Replace an object.
    Update,
    /// Change an object.
    Patch,
    /// Remove an object.
    Delete,
    /// Remove a collection.
    DeleteCollection,
    /// A method no resource takes.
    Unsupported,
}

/// A parsed request line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestInfo {
    /// What is done.
    pub verb: Verb,
    /// The method, lower case: the verb of paths outside the API.
    pub method: String,
    /// The decoded path.
    pub path: String,
    /// The resource, if the path is one of the API.
    pub resource: Option<ResourcePath>,
}

/// The parts of `/api(s)/…` that name a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourcePath {
    /// API group, empty for core.
    pub group: String,
    /// API version.
    pub version: String,
    /// Namespace, empty at cluster scope.
    pub namespace: String,
    /// Plural resource name.
    pub plural: String,
    /// Object name, empty for a collection.
    pub name: String,
    /// Subresource, empty for the object itself.
    pub subresource: String,
    /// There are more segments than any resource has.
    pub overlong: bool,
    /// The deprecated `/watch/` form, which watches even a single name.
    pub watch_prefix: bool,
}

impl Verb {
    /// Returns the verb as authorization rules spell it; empty for methods no resource takes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::Unsupported => "",
        }
    }
}

impl RequestInfo {
    /// Reads a request line; `path` is still percent-encoded.
    #[must_use]
    pub fn new(method: &Method, path: &str, query: &Query) -> Self {
        let path = decode(path, false);
        let resource = resource(&path);
        Self {
            verb: verb(method, resource.as_ref(), query),
            method: method.as_str().to_ascii_lowercase(),
            resource,
            path,
        }
    }

    /// Returns the name authorization sees: that of the path, or the one a field selector pins for a list.
    #[must_use]
    pub fn authorized_name(&self, query: &Query) -> String {
        let Some(resource) = &self.resource else {
            return String::new();
        };
        let collective = matches!(self.verb, Verb::List | Verb::Watch | Verb::DeleteCollection);
        if !resource.name.is_empty() || !collective {
            return resource.name.clone();
        }
        let selector = query.text("fieldSelector");
        let terms = selector
            .split(',')
            .filter_map(|term| term.strip_prefix("metadata.name="));
        terms
            .map(|name| name.trim_start_matches('=').to_owned())
            .next()
            .unwrap_or_default()
    }
}

fn verb(method: &Method, resource: Option<&ResourcePath>, query: &Query) -> Verb {
    let collection = resource.is_some_and(|resource| resource.name.is_empty());
    let watch_prefix = resource.is_some_and(|resource| resource.watch_prefix);
    match *method {
        Method::GET if watch_prefix => Verb::Watch,
        Method::GET if collection && query.flag("watch") == Some(true) => Verb::Watch,
        Method::GET if collection => Verb::List,
        Method::GET => Verb::Get,
        Method::POST => Verb::Create,
        Method::PUT => Verb::Update,
        Method::PATCH => Verb::Patch,
        Method::DELETE if collection => Verb::DeleteCollection,
        Method::DELETE => Verb::Delete,
        _ => Verb::Unsupported,
    }
}

fn resource(path: &str) -> Option<ResourcePath> {
    let trimmed = path.strip_prefix('/')?;
    let parts: Vec<&str> = trimmed.strip_suffix('/').unwrap_or(trimmed).split('/').collect();
    let (group, version, mut rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let watch_prefix = rest.first() == Some(&"watch") && rest.len() > 1;
    if watch_prefix {
        rest = &rest[1..];
    }
    let (namespace, rest) = split_namespace(rest);
    let part = |at: usize| rest.get(at).map(|part| (*part).to_owned()).unwrap_or_default();
    let known = !rest.is_empty() && parts.iter().all(|part| !part.is_empty());
    known.then(|| ResourcePath {
        group: group.to_owned(),
        version: version.to_owned(),
        namespace: namespace.to_owned(),
        plural: part(0),
        name: part(1),
        subresource: part(2),
        overlong: rest.len() > 3,
        watch_prefix,
    })
}

/// Takes `namespaces/x` off, unless the namespace itself is what is asked for.
fn split_namespace<'a, 'b>(parts: &'a [&'b str]) -> (&'b str, &'a [&'b str]) {
    match parts {
        ["namespaces", namespace] | ["namespaces", namespace, "status" | "finalize", ..] => {
            (namespace, parts)
        }
        ["namespaces", namespace, rest @ ..] => (namespace, rest),
        _ => ("", parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &str, expected: &str) {
        let (method, url) = request.split_once(' ').unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let info = RequestInfo::new(&method.parse().unwrap(), path, &Query::parse(query));
        let found = info.resource.map_or("path".to_owned(), |one| {
            let parts = [
                one.group,
                one.version,
                one.namespace,
                one.plural,
                one.name,
                one.subresource,
            ];
            format!("{} {}", info.verb.as_str(), parts.join("|"))
        });
        assert_eq!(found, expected, "{request}");
    }

    #[test]
    fn urls_are_read_as_the_real_server_reads_them() {
        let cases = [
            ("GET /api/v1/pods", "list |v1||pods||"),
            ("GET /api/v1/namespaces/n/pods/p", "get |v1|n|pods|p|"),
            ("GET /api/v1/namespaces/n/pods/", "list |v1|n|pods||"),
            (
                "PUT /apis/apps/v1/namespaces/n/deployments/d/status",
                "update apps|v1|n|deployments|d|status",
            ),
            (
                "POST /api/v1/namespaces/n/pods/p/eviction",
                "create |v1|n|pods|p|eviction",
            ),
            ("GET /api/v1/namespaces", "list |v1||namespaces||"),
            ("GET /api/v1/namespaces/n", "get |v1|n|namespaces|n|"),
            (
                "PUT /api/v1/namespaces/n/finalize",
                "update |v1|n|namespaces|n|finalize",
            ),
            (
                "PATCH /api/v1/namespaces/n/status",
                "patch |v1|n|namespaces|n|status",
            ),
            ("DELETE /apis/x.io/v1/foos/a", "delete x.io|v1||foos|a|"),
            (
                "DELETE /apis/x.io/v1/namespaces/n/foos",
                "deletecollection x.io|v1|n|foos||",
            ),
            ("OPTIONS /api/v1/pods", " |v1||pods||"),
            (
                "GET /api/v1/namespaces/n/configmaps/a%2Fb",
                "get |v1|n|configmaps|a|b",
            ),
            ("GET /api", "path"),
            ("GET /api/v1", "path"),
            ("GET /api/v1/", "path"),
            ("GET /apis/apps/v1", "path"),
            ("GET //api/v1/pods", "path"),
            ("GET /healthz", "path"),
        ];
        for (request, expected) in cases {
            check(request, expected);
        }
    }

    #[test]
    fn watching_is_a_verb_of_collections() {
        let cases = [
            ("GET /api/v1/pods?watch=true", "watch |v1||pods||"),
            ("GET /api/v1/pods?watch=1", "watch |v1||pods||"),
            ("GET /api/v1/pods?watch=", "watch |v1||pods||"),
            ("GET /api/v1/pods?watch=0", "list |v1||pods||"),
            ("GET /api/v1/pods?watch=false", "list |v1||pods||"),
            ("GET /api/v1/namespaces/n/pods/p?watch=true", "get |v1|n|pods|p|"),
            ("GET /api/v1/watch/pods", "watch |v1||pods||"),
            (
                "GET /apis/apps/v1/watch/namespaces/n/deployments/d",
                "watch apps|v1|n|deployments|d|",
            ),
        ];
        for (request, expected) in cases {
            check(request, expected);
        }
    }

    #[test]
    fn a_list_pinned_to_one_name_is_authorized_for_that_name() {
        let query = Query::parse("fieldSelector=metadata.name%3Da");
        let info = RequestInfo::new(&Method::GET, "/api/v1/namespaces/n/secrets", &query);
        assert_eq!(info.authorized_name(&query), "a");
    }
}
