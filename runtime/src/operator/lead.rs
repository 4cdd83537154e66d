//! What an operator does while it leads: its controllers run, term after term.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::client::Clients;
use crate::controller::{Prepared, Tenure};
use crate::election::Started;

/// Runs controllers during each term, until the operator stops; then what runs may finish, still under its term.
pub(super) async fn lead(
    controllers: Vec<Prepared>,
    clients: Clients,
    mut terms: mpsc::Receiver<Started>,
    stop: CancellationToken,
) {
    let controllers: Vec<Arc<Prepared>> = controllers.into_iter().map(Arc::new).collect();
    loop {
        let started = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            started = terms.recv() => started,
        };
        // The election ended by itself; the operator is stopping.
        let Some(Started { term, working }) = started else {
            return;
        };
        let tenure = Tenure {
            client: clients.fenced(term.fence().clone()),
            stop: stop.clone(),
            cut: term.cut(),
            term: Some(term),
        };
        let mut running = JoinSet::new();
        for controller in &controllers {
            let (controller, tenure) = (Arc::clone(controller), tenure.clone());
            running.spawn(async move { controller.run(&tenure).await });
        }
        while running.join_next().await.is_some() {}
        // Also with no controllers at all a term lasts as long as it lasts.
        tenure.over().await;
        debug!("the work of a term has ended");
        drop(working);
    }
}
