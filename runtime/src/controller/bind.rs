//! Connects a reconciler to the engine: from a key to the object as it is now, and to the run.

use std::sync::Arc;

use super::engine::{RunKey, Ticket};
use crate::cache::{ObjectKey, Read, Store, fetch};
use crate::context::Context;
use crate::operator::Site;
use crate::reconcile::{Reconcile, Reconciler};
use crate::{Action, Error, Result};

/// Returns what the engine runs for a key of this reconciler.
pub(super) fn bind<R: Reconcile>(reconciler: Arc<R>, store: Store<R::Object>, site: &Site) -> RunKey {
    let site = site.clone();
    Arc::new(move |ticket| {
        let (reconciler, store, site) = (Arc::clone(&reconciler), store.clone(), site.clone());
        Box::pin(async move {
            match current(&store, &site, &ticket.key).await? {
                Some(object) => run(reconciler.as_ref(), object, &site, ticket).await,
                None => Ok(Action::done()),
            }
        })
    })
}

async fn run<R: Reconcile>(
    reconciler: &R,
    object: Arc<<R as Reconciler>::Object>,
    site: &Site,
    ticket: Ticket,
) -> Result<Action> {
    let context = Context::new(site.client().clone(), ticket.cause, ticket.attempt);
    reconciler.reconcile(object, &context).await
}

/// The object as this process knows it; asks the server where a write of ours has made that uncertain.
async fn current<K: crate::reconcile::Object>(
    store: &Store<K>,
    site: &Site,
    key: &ObjectKey,
) -> Result<Option<Arc<K>>> {
    match store.read(key) {
        Read::Found(object) => Ok(Some(object)),
        Read::Absent => Ok(None),
        Read::Uncertain => {
            let answer = fetch::<K>(site.client(), key).await;
            let answer = answer.map_err(|error| Error::from(error).context(format!("get `{key}`")))?;
            store.observed(key, answer);
            Ok(store.get(key))
        }
    }
}
