//! Webhooks behind the operator's server: their routes, and the server there is unless another is chosen.

use http::StatusCode;

use super::declare::Webhook;
use super::install::{PORT, SERVICE, targets};
use super::service::{BODY_LIMIT, Webhooks};
use crate::certificate::{Certificates, SelfManaged};
use crate::serve::{Address, Request, Response, Routes, Server, Tls, respond};

/// Where webhooks are served, and with which certificate.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    pub(crate) port: u16,
    /// What was put before the names of what is installed, as kustomize's `namePrefix` does.
    pub(crate) prefix: String,
    /// The certificate; one of the operator's own unless another is chosen.
    pub(crate) certificate: Option<Certificates>,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            port: PORT,
            prefix: String::new(),
            certificate: None,
        }
    }
}

impl Serving {
    /// Returns the certificate for these webhooks: everything that names them is told whom to trust.
    pub(crate) fn certificates(&self, webhooks: &[Webhook]) -> Certificates {
        let own = || SelfManaged::new(SERVICE).into();
        let chosen = self.certificate.clone().unwrap_or_else(own);
        chosen.told_to(&self.prefix, &targets(webhooks))
    }

    /// Returns the server, which shows a certificate as soon as there is one.
    pub(crate) fn server(&self, certificates: &Certificates) -> Server {
        Server::new("webhook", Address::everywhere(self.port)).tls(Tls::new(certificates.slot()))
    }
}

impl Webhooks {
    /// Returns what a server answers for them.
    #[must_use]
    pub fn routes(&self) -> Routes {
        self.paths().fold(Routes::new(), |routes, path| {
            let webhooks = self.clone();
            routes.post(path, move |request| {
                let webhooks = webhooks.clone();
                async move { webhooks.take(request).await }
            })
        })
    }

    async fn take(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = body.bytes(BODY_LIMIT).await;
        let body = body.map_err(|refused| (refused.status().as_u16(), refused.to_string()));
        let body = body.as_deref().map_err(Clone::clone);
        let answer = self.answer(head.uri.path(), head.uri.query(), body).await;
        let code = StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        respond(code, answer.content_type, answer.body)
    }
}
