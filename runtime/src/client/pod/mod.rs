//! The connection of an operator in a pod: to the cluster it runs in, as the service account of the pod.
//!
//! This is how operators reach their API server in production, so it is short and has no branches: an address from the
//! environment, and three files that kubelet mounts and rotates. [`Place`] says where they are, [`Token`] and
//! [`Roots`] keep them [`Fresh`](fresh::Fresh), [`Line`](line::Line) is a connection, [`Link`](link::Link) one that
//! answers requests, [`Pool`](pool::Pool) has some, and [`Pod`] signs what is sent.
//! What kubeconfigs know besides (proxies, plugins for credentials, client certificates) is not here.

mod bell;
mod fresh;
mod line;
mod link;
mod place;
mod pool;
mod roots;
mod send;
mod token;

pub(super) use place::Place;

use kube::Client;

use self::line::Connector;
use self::roots::Roots;
use self::send::Pod;
use self::token::Token;
use super::measured;
use crate::Result;
use crate::metrics::ClientMeter;

/// Returns a client for the cluster of a pod.
///
/// # Errors
///
/// If a file of the service account is missing or is not what it should be.
pub(super) fn connect(place: &Place, meter: ClientMeter) -> Result<Client> {
    let roots = Roots::read(place.authorities())?;
    let token = Token::read(place.token())?;
    let pod = Pod::new(Connector::new(place, roots)?, token, place)?;
    // Boxed before others put it into theirs: a connection in the making is large, and each would move it over the stack.
    let send = move |request| Box::pin(pod.clone().send(request));
    Ok(measured(send, meter, place.host(), &place.namespace()))
}

#[cfg(test)]
mod tests;
