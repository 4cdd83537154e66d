//! Connects a reconciler to the engine: from a key to the object as it is now, and to the run.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::time::timeout;

use super::engine::{RunKey, Ticket};
use super::tenure::Tenure;
use crate::cache::{ObjectKey, Read, Store, fetch};
use crate::context::{Context, Run, Shared};
use crate::operator::Site;
use crate::reconcile::Reconcile;
use crate::{Action, Error, Result, write};

/// How long the server has to show one object.
const ANSWER: Duration = Duration::from_secs(60);

/// Returns what the engine runs for a key of this reconciler, for a tenure.
pub(super) fn bind<R: Reconcile>(
    reconciler: Arc<R>,
    store: Store<R::Object>,
    site: &Site,
    tenure: &Tenure,
) -> RunKey {
    let shared = Shared::new(
        tenure.client.clone(),
        site.caches().clone(),
        site.environment().clone(),
        site.recorder().clone(),
        site.metrics().clone(),
        reconciler.name(),
    );
    let shared = Arc::new(shared.in_term(tenure.term.clone()));
    Arc::new(move |ticket| {
        let (reconciler, store, shared) = (Arc::clone(&reconciler), store.clone(), Arc::clone(&shared));
        Box::pin(async move {
            if let Some(object) = current(&store, &shared.client, &ticket.key).await? {
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
    client: &Client,
    key: &ObjectKey,
) -> Result<Option<Arc<K>>> {
    match store.read(key) {
        Read::Found(object) => Ok(Some(object)),
        Read::Absent => Ok(None),
        Read::Uncertain => {
            let answer = match timeout(ANSWER, fetch::<K>(client, key)).await {
                Ok(answer) => answer.map_err(Error::from),
                Err(elapsed) => Err(elapsed.into()),
            };
            let object = answer.map_err(|error| error.context(format!("get {} `{key}`", K::kind(&()))))?;
            store.observed(key, object);
            Ok(store.get(key))
        }
    }
}
