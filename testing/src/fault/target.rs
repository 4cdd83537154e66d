//! Which requests a fault is for.

use super::{Asked, Verb};

/// A set of requests.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Target {
    verbs: Vec<Verb>,
    resource: Option<String>,
    subresource: Option<String>,
    name: Option<String>,
}

impl Target {
    /// Returns all requests.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Returns the requests of some verbs.
    #[must_use]
    pub fn verbs(verbs: impl IntoIterator<Item = Verb>) -> Self {
        Self {
            verbs: verbs.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Returns all requests that change something.
    #[must_use]
    pub fn writes() -> Self {
        Self::verbs([
            Verb::Create,
            Verb::Update,
            Verb::Patch,
            Verb::Apply,
            Verb::Delete,
            Verb::DeleteCollection,
        ])
    }

    /// Returns all watches.
    #[must_use]
    pub fn watches() -> Self {
        Self::verbs([Verb::Watch])
    }

    /// Returns all lists.
    #[must_use]
    pub fn lists() -> Self {
        Self::verbs([Verb::List])
    }

    /// Narrows it to one kind, by its plural.
    #[must_use]
    pub fn of(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// Narrows it to one sub-resource.
    #[must_use]
    pub fn subresource(mut self, subresource: impl Into<String>) -> Self {
        self.subresource = Some(subresource.into());
        self
    }

    /// Narrows it to objects of one name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Returns whether a request is among them.
    #[must_use]
    pub fn contains(&self, asked: &Asked) -> bool {
        let is =
            |wanted: &Option<String>, actual: Option<&str>| wanted.is_none() || wanted.as_deref() == actual;
        (self.verbs.is_empty() || self.verbs.contains(&asked.verb))
            && is(&self.resource, Some(&asked.resource))
            && is(&self.subresource, asked.subresource.as_deref())
            && is(&self.name, asked.name.as_deref())
    }
}
