//! Connects a reconciler to the engine: from a key to the object as it is now, and to the run.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::engine::{RunKey, Ticket};
use crate::cache::{ObjectKey, Read, Store, fetch};
use crate::context::{Context, Run, Shared};
use crate::operator::Site;
use crate::reconcile::Reconcile;
use crate::{Action, Error, Result, write};

/// How long the server has to show one object.
const ANSWER: Duration = Duration::from_secs(60);

/// Returns what the engine runs for a key of this reconciler.
pub(super) fn bind<R: Reconcile>(reconciler: Arc<R>, store: Store<R::Object>, site: &Site) -> RunKey {
    let site = site.clone();
    let shared = Arc::new(Shared::new(
        site.client().clone(),
        site.caches().clone(),
        site.environment().clone(),
        site.recorder().clone(),
        site.metrics().clone(),
        reconciler.name(),
    ));
    Arc::new(move |ticket| {
        let (reconciler, store, site) = (Arc::clone(&reconciler), store.clone(), site.clone());
        let shared = Arc::clone(&shared);
        Box::pin(async move {
            if let Some(object) = current(&store, &site, &ticket.key).await? {
                let context = context(shared, ticket);
                write::reconcile(reconciler.as_ref(), object, &context).await
            } else {
                shared.forget(&ticket.key);
                reconciler.forget(&ticket.key);
                Ok(Action::done())
            }
        })
    })
}

fn context<R: Reconcile>(shared: Arc<Shared>, Ticket { key, cause, attempt }: Ticket) -> Context<R> {
    Context::new(Run {
        shared,
        key,
        cause,
        attempt,
    })
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
            let answer = match timeout(ANSWER, fetch::<K>(site.client(), key)).await {
                Ok(answer) => answer.map_err(Error::from),
                Err(elapsed) => Err(elapsed.into()),
            };
            let object = answer.map_err(|error| error.context(format!("get {} `{key}`", K::kind(&()))))?;
            store.observed(key, object);
            Ok(store.get(key))
        }
    }
}
