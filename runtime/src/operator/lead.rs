//! What an operator does while it leads: its controllers and duties run, term after term.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::duty::Duties;
use super::roster::Roster;
use crate::client::Clients;
use crate::controller::Tenure;
use crate::election::Started;

/// Runs controllers and duties during each term, until the operator stops; then what runs may finish, still under its
/// term.
pub(super) async fn lead(
    controllers: Roster,
    duties: Duties,
    clients: Clients,
    mut terms: mpsc::Receiver<Started>,
    stop: CancellationToken,
) {
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
        // Also with no controllers at all a term lasts as long as it lasts.
        tokio::join!(controllers.work(&tenure), duties.work(&tenure));
        debug!("the work of a term has ended");
        drop(working);
    }
}
