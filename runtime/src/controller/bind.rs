//! Connects a reconciler to the engine: from a key to the object as it is now, and to the run.

use std::sync::Arc;
use std::time::Duration;

use kube::{Client, Resource};
use tokio::time::timeout;

use super::echo::SharedEchoes;
use super::engine::{RunKey, Ticket};
use super::options::Options;
use super::tenure::Tenure;
use crate::cache::{ObjectKey, Read, Store, fetch};
use crate::context::{Context, Run, Shared};
use crate::operator::Site;
use crate::queue::Level;
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
    (options, echoes): (&Options, &SharedEchoes),
) -> RunKey {
    let mut shared = Shared::new(
        tenure.client.clone(),
        site.caches().clone(),
        site.environment().clone(),
        site.recorder().clone(),
        (site.metrics().clone(), store.kind().clone()),
        reconciler.name(),
    );
    shared.force = options.force;
    shared.echoes = options.breaks_loops.then(|| SharedEchoes::clone(echoes));
    let (shared, every) = (Arc::new(shared.in_term(tenure.term.clone())), options.every);
    Arc::new(move |ticket| {
        let (reconciler, store, shared) = (Arc::clone(&reconciler), store.clone(), Arc::clone(&shared));
        Box::pin(async move {
            if let Some(object) = current(&store, &shared.client, &ticket.key).await? {
                let is_leaving = object.meta().deletion_timestamp.is_some();
                let context = context(Arc::clone(&shared), ticket);
                let done = write::reconcile(reconciler.as_ref(), Arc::clone(&object), &context).await;
                shared.report_loop(context.key(), object.as_ref());
                done.map(|action| match every.filter(|_| !is_leaving) {
                    Some(every) if action.requeue_after().is_none() => {
                        Action::requeue(every).priority(Level::Low)
                    }
                    _ => action,
                })
            } else {
                shared.forget(&ticket.key);
                reconciler.forget(&ticket.key);
                Ok(Action::done())
            }
        })
    })
}

fn context<R: Reconcile>(shared: Arc<Shared>, ticket: Ticket) -> Context<R> {
    let Ticket { key, causes, attempt } = ticket;
    Context::new(Run {
        shared,
        key,
        causes,
        attempt,
    })
}

/// The object as this process knows it; asks the server where a write of ours has made that uncertain.
async fn current<K: crate::reconcile::Subject>(
    store: &Store<K>,
    client: &Client,
    key: &ObjectKey,
) -> Result<Option<Arc<K>>> {
    match store.read(key) {
        Read::Found(object) => Ok(Some(object)),
        Read::Absent => Ok(None),
        // The operator has nothing to do with that namespace, or no longer.
        Read::Uncertain
            if key
                .namespace()
                .is_some_and(|namespace| !store.looks_into(namespace)) =>
        {
            Ok(None)
        }
        Read::Uncertain => {
            let answer = match timeout(ANSWER, fetch::<K>(client, store.kind(), key)).await {
                Ok(answer) => answer.map_err(Error::from),
                Err(elapsed) => Err(elapsed.into()),
            };
            let object = answer.map_err(|error| error.context(format!("get {} `{key}`", store.kind())))?;
            store.observed(key, object);
            Ok(store.get(key))
        }
    }
}
