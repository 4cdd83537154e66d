//! Reading a collection: snapshots, pages, selectors.

use std::sync::Arc;

use super::answer::{Answer, ListAnswer};
use super::call::Call;
use super::continuation::Continuation;
use super::convert::served_all;
use super::get::reach;
use crate::core::{Core, key};
use crate::object::{Meta as _, ObjectRef};
use crate::registry::Resource;
use crate::request::{ListOptions, VersionMatch};
use crate::selector::Selector;
use crate::status::{Error, Result};
use crate::store::Range;

/// How many objects are looked at under one hold of the store's lock while a selector thins them out.
const CHUNK: usize = 1000;

const EXPIRED_PAGE: &str = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

pub(super) async fn list(call: &Call<'_>) -> Result<Answer> {
    let options = ListOptions::parse(&call.request.query, false)?;
    collect(call, &options).await.map(Answer::List)
}

/// Reads what the options ask for.
pub(super) async fn collect(call: &Call<'_>, options: &ListOptions) -> Result<ListAnswer> {
    let selector = Selector::parse(options, &call.resource)?;
    let place = place(call, options).await?;
    let prefix = prefix(call);
    let reader = Reader {
        core: &call.core,
        bucket: &call.bucket(),
        prefix: &prefix,
        selector: &selector,
        resource: &call.resource,
    };
    let found = reader.read(&place).await?;
    let more = found.remaining > 0 && place.limit.is_some();
    let continuation = found.last.as_deref().filter(|_| more).map(|last| Continuation {
        revision: Some(found.revision),
        start: format!("{}\0", last.strip_prefix(prefix.as_str()).unwrap_or(last)),
    });
    Ok(ListAnswer {
        resource: Arc::clone(&call.resource),
        objects: found.objects,
        revision: found.revision,
        remaining: (more && selector.is_empty()).then_some(found.remaining),
        continue_token: continuation.map(|one| one.encode()).unwrap_or_default(),
    })
}

/// Returns what the keys of the request's objects start with.
pub(super) fn prefix(call: &Call<'_>) -> String {
    let namespace = call.namespace();
    if namespace.is_empty() {
        namespace
    } else {
        namespace + "/"
    }
}

/// Which state is read, and from where.
struct Place {
    /// `None` reads the present.
    at: Option<u64>,
    continued: bool,
    start: String,
    limit: Option<usize>,
}

impl Place {
    /// The error for a state that is no longer known.
    fn expired(&self) -> Error {
        if !self.continued {
            return Error::expired("The resourceVersion for the provided list is too old.");
        }
        let rest = Continuation {
            revision: None,
            start: self.start.clone(),
        };
        Error {
            continue_token: Some(rest.encode()),
            ..Error::expired(EXPIRED_PAGE)
        }
    }
}

async fn place(call: &Call<'_>, options: &ListOptions) -> Result<Place> {
    let revision = options.revision();
    let revision = revision.map_err(|why| Error::bad_request(format!("invalid resource version: {why}")))?;
    if !options.continue_token.is_empty() {
        if revision.is_some_and(|revision| revision != 0) {
            let message = "specifying resource version is not allowed when using continue";
            return Err(Error::bad_request(message));
        }
        let continuation = Continuation::decode(&options.continue_token)?;
        return Ok(Place {
            at: continuation.revision,
            continued: true,
            start: continuation.start,
            // Any state will do: the whole rest comes at once.
            limit: options.limit.filter(|_| revision.is_none()),
        });
    }
    let exact = match options.version_match {
        Some(VersionMatch::Exact) => true,
        Some(VersionMatch::NotOlderThan) => false,
        None => options.limit.is_some() && revision.is_some_and(|revision| revision != 0),
    };
    let mut place = Place {
        at: None,
        continued: false,
        start: String::new(),
        limit: options.limit,
    };
    match revision {
        None => {}
        Some(0) => place.limit = None,
        Some(revision) if exact => {
            check_reached(call, revision)?;
            place.at = Some(revision);
        }
        Some(revision) => reach(&call.core, revision).await?,
    }
    Ok(place)
}

/// An exact revision is not waited for.
fn check_reached(call: &Call<'_>, revision: u64) -> Result<()> {
    let current = call.core.store.revision();
    if revision <= current {
        return Ok(());
    }
    Err(Error::too_large_resource_version(revision, current))
}

/// 429: the objects cannot be converted to the version asked for.
pub(super) fn uninitialized(resource: &Resource, error: Error) -> Error {
    if resource.conversion.is_none() {
        return error;
    }
    let (version, kind) = (resource.api_version(), &resource.kind);
    let why = format!(
        "storage is (re)initializing: failed to list {version}, Kind={kind}: {}",
        error.message
    );
    Error::too_many_requests(why, 1)
}

struct Reader<'a> {
    core: &'a Core,
    bucket: &'a str,
    prefix: &'a str,
    selector: &'a Selector,
    resource: &'a Resource,
}

#[derive(Default)]
struct Found {
    objects: Vec<ObjectRef>,
    last: Option<String>,
    remaining: usize,
    revision: u64,
}

impl Reader<'_> {
    async fn read(&self, place: &Place) -> Result<Found> {
        let limit = place.limit.unwrap_or(usize::MAX);
        let mut start = format!("{}{}", self.prefix, place.start);
        let mut found = Found {
            revision: place.at.unwrap_or_default(),
            ..Found::default()
        };
        let mut at = place.at;
        loop {
            let chunk = if self.selector.is_empty() { limit } else { CHUNK };
            let range = Range {
                prefix: self.prefix,
                start: &start,
                limit: chunk,
            };
            let page = self.core.store.page(self.bucket, &range, at);
            let page = page.map_err(|_| place.expired())?;
            found.revision = page.revision;
            found.remaining = page.remaining;
            found.last = page.last;
            let objects = served_all(self.core, self.resource, page.objects).await;
            let objects = objects.map_err(|error| uninitialized(self.resource, error))?;
            self.select(objects, limit, &mut found);
            if found.remaining == 0 || found.objects.len() >= limit {
                return Ok(found);
            }
            // Later chunks belong to the state of the first.
            at = Some(found.revision);
            start = format!("{}\0", found.last.as_deref().unwrap_or_default());
        }
    }

    /// Adds what is selected until `limit` is reached; what is left over then counts as remaining.
    fn select(&self, objects: Vec<ObjectRef>, limit: usize, found: &mut Found) {
        let mut objects = objects.into_iter();
        for object in objects.by_ref() {
            if !self.selector.matches(object.value()) {
                continue;
            }
            let key = key(object.namespace(), object.name());
            found.objects.push(object);
            if found.objects.len() == limit {
                found.last = Some(key);
                break;
            }
        }
        found.remaining += objects.len();
    }
}
