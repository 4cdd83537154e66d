//! What a request asks for, read off its method and path.

use http::Method;
use http::Request;
use http::header::CONTENT_TYPE;

/// What is done to objects, as roles call it; a server-side apply is told from other patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// Reads one object.
    Get,
    /// Reads many.
    List,
    /// Follows changes.
    Watch,
    /// Makes a new object.
    Create,
    /// Replaces an object.
    Update,
    /// Changes an object.
    Patch,
    /// Changes or makes an object, by server-side apply.
    Apply,
    /// Deletes one object.
    Delete,
    /// Deletes many.
    DeleteCollection,
}

impl Verb {
    /// Returns whether it changes objects.
    #[must_use]
    pub fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::List | Self::Watch)
    }
}

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be done.
    pub verb: Verb,
    /// The plural of the kind, or the whole path of what is no object.
    pub resource: String,
    /// `status`, `scale` and the like.
    pub subresource: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// Path and query.
    pub url: String,
}

impl Asked {
    /// Reads a request.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Self {
        let path = request.uri().path();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let rest = match parts.as_slice() {
            ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] => rest,
            _ => &[],
        };
        let (namespace, rest) = match rest {
            ["namespaces", name, rest @ ..] if !matches!(rest, [] | ["status" | "finalize"]) => {
                (Some(*name), rest)
            }
            _ => (None, rest),
        };
        let owned = |part: &&str| (*part).to_owned();
        let name = rest.get(1).map(owned);
        Self {
            verb: verb(request, name.is_some()),
            resource: rest.first().map_or_else(|| path.to_owned(), owned),
            subresource: rest.get(2).map(owned),
            namespace: namespace.map(str::to_owned),
            name,
            url: request.uri().to_string(),
        }
    }

    /// Returns the path of the object itself, without sub-resource and query.
    pub(super) fn object_path(&self) -> Option<String> {
        self.name.as_ref()?;
        let path = self.url.split('?').next()?;
        let subresource = self.subresource.as_ref().map(|name| format!("/{name}"));
        let own = subresource.map_or(path, |end| path.strip_suffix(end.as_str()).unwrap_or(path));
        Some(own.to_owned())
    }

    /// Returns what tells one list from another, however it is paged; its watch has the same.
    pub(super) fn collection(&self) -> String {
        let (path, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let selectors = query
            .split('&')
            .filter(|pair| pair.starts_with("labelSelector=") || pair.starts_with("fieldSelector="));
        selectors.fold(path.to_owned(), |all, selector| format!("{all}&{selector}"))
    }

    pub(super) fn has(&self, parameter: &str) -> bool {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        query
            .split('&')
            .any(|pair| pair.split('=').next() == Some(parameter))
    }
}

fn verb<B>(request: &Request<B>, named: bool) -> Verb {
    let query = request.uri().query().unwrap_or_default();
    let is_watch = query
        .split('&')
        .any(|pair| matches!(pair, "watch=true" | "watch=1" | "watch"));
    let is_apply = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/apply-patch"));
    match (request.method(), named) {
        (&Method::POST, _) => Verb::Create,
        (&Method::PUT, _) => Verb::Update,
        (&Method::PATCH, _) if is_apply => Verb::Apply,
        (&Method::PATCH, _) => Verb::Patch,
        (&Method::DELETE, true) => Verb::Delete,
        (&Method::DELETE, false) => Verb::DeleteCollection,
        _ if is_watch => Verb::Watch,
        (_, true) => Verb::Get,
        (_, false) => Verb::List,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_off_its_path() {
        let check =
            |method: &str, url: &str, expected: (Verb, &str, Option<&str>, Option<&str>, Option<&str>)| {
                let request = Request::builder().method(method).uri(url).body(()).unwrap();
                let asked = Asked::of(&request);
                let actual = (
                    asked.verb,
                    asked.resource.as_str(),
                    asked.namespace.as_deref(),
                    asked.name.as_deref(),
                    asked.subresource.as_deref(),
                );
                assert_eq!(actual, expected, "{method} {url}");
            };
        check(
            "GET",
            "/api/v1/pods?limit=5",
            (Verb::List, "pods", None, None, None),
        );
        check(
            "GET",
            "/apis/apps/v1/namespaces/a/deployments?watch=true",
            (Verb::Watch, "deployments", Some("a"), None, None),
        );
        check(
            "PATCH",
            "/apis/g.io/v1/namespaces/a/shops/b/status?fieldManager=x",
            (Verb::Patch, "shops", Some("a"), Some("b"), Some("status")),
        );
        check(
            "DELETE",
            "/api/v1/namespaces/a",
            (Verb::Delete, "namespaces", None, Some("a"), None),
        );
        check(
            "PUT",
            "/api/v1/namespaces/a/finalize",
            (Verb::Update, "namespaces", None, Some("a"), Some("finalize")),
        );
        check("GET", "/healthz", (Verb::List, "/healthz", None, None, None));
    }

    #[test]
    fn an_object_has_a_path_and_a_list_has_selectors() {
        let asked = |url: &str| Asked::of(&Request::builder().uri(url).body(()).unwrap());
        let status = asked("/api/v1/namespaces/a/pods/b/status?x=y");
        assert_eq!(
            status.object_path().as_deref(),
            Some("/api/v1/namespaces/a/pods/b")
        );
        assert_eq!(asked("/api/v1/pods").object_path(), None);
        let paged = asked("/api/v1/pods?limit=5&labelSelector=a%3Db&continue=x");
        assert_eq!(paged.collection(), "/api/v1/pods&labelSelector=a%3Db");
        assert!(paged.has("continue"));
    }
}
