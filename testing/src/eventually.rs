//! Waiting for an object to be as it should, by watching it.

use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use futures::TryStreamExt;
use kube::Api;
use kube_runtime::watcher::watch_object;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::{Error, Result};

/// How long to wait for what should happen; virtual time if the clock is paused.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the object exists and `holds`, and returns it.
///
/// # Errors
///
/// Fails with the last state seen when [`PATIENCE`] is over, and when the API server refuses to list or watch.
pub async fn eventually<K>(api: &Api<K>, name: &str, holds: impl Fn(&K) -> bool) -> Result<K>
where
    K: Clone + Debug + DeserializeOwned + Serialize + kube::Resource + Send + 'static,
{
    let mut seen = None;
    let wanted = |object: Option<&K>| object.is_some_and(&holds);
    let found = timeout(PATIENCE, follow(api, name, wanted, &mut seen)).await;
    match (found, seen) {
        (Ok(found), Some(object)) => found.map(|()| object),
        (Ok(found), None) => Err(found
            .err()
            .unwrap_or_else(|| Error::new("an object was expected"))),
        (Err(_), seen) => Err(late(name, "as expected", seen.as_ref())),
    }
}

/// Waits until the object is gone.
///
/// # Errors
///
/// Fails as [`eventually`] does.
pub async fn eventually_gone<K>(api: &Api<K>, name: &str) -> Result<()>
where
    K: Clone + Debug + DeserializeOwned + Serialize + kube::Resource + Send + 'static,
{
    let mut seen = None;
    let gone = timeout(PATIENCE, follow(api, name, |object| object.is_none(), &mut seen)).await;
    gone.unwrap_or_else(|_| Err(late(name, "gone", seen.as_ref())))
}

/// Watches one object until its state is the wanted one.
async fn follow<K>(
    api: &Api<K>,
    name: &str,
    wanted: impl Fn(Option<&K>) -> bool,
    seen: &mut Option<K>,
) -> Result<()>
where
    K: Clone + Debug + DeserializeOwned + kube::Resource + Send + 'static,
{
    let mut states = pin!(watch_object(api.clone(), name));
    while let Some(state) = states.try_next().await.map_err(Error::in_the_act("watch"))? {
        *seen = state;
        if wanted(seen.as_ref()) {
            return Ok(());
        }
    }
    Err(Error::new(format!("the watch of `{name}` ended")))
}

fn late<K: Serialize>(name: &str, state: &str, seen: Option<&K>) -> Error {
    let last = match seen.map(serde_saphyr::to_string) {
        Some(Ok(text)) => format!("it is\n{text}"),
        Some(Err(error)) => format!("it cannot be written: {error}"),
        None => "it does not exist".to_owned(),
    };
    Error::new(format!("after {PATIENCE:?} `{name}` is not {state}: {last}"))
}
