//! The embedded API server as an arm of a cluster.

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use krate_apiserver::{Builder, Server};
use kube::Client;
use kube::client::Body;
use tower::ServiceExt;

use crate::{Error, Result};

/// A server in this process.
#[derive(Debug)]
pub(crate) struct Embedded {
    server: Server,
}

impl Embedded {
    pub(crate) fn start(builder: Builder) -> Result<Self> {
        let server = builder.build();
        let server = server.map_err(Error::in_the_act("start the embedded API server"))?;
        Ok(Self { server })
    }

    /// Returns a client that acts as the holder of the token, or as an administrator, in a namespace unless it says
    /// another.
    pub(crate) fn client(&self, token: Option<&str>, namespace: &str) -> Result<Client> {
        let bearer = token.map(|token| HeaderValue::try_from(format!("Bearer {token}")));
        let bearer = bearer
            .transpose()
            .map_err(Error::in_the_act("configure a client"))?;
        let service = self
            .server
            .service()
            .map_request(move |mut request: Request<Body>| {
                if let Some(bearer) = &bearer {
                    request.headers_mut().insert(AUTHORIZATION, bearer.clone());
                }
                request
            });
        Ok(Client::new(service, namespace))
    }
}
