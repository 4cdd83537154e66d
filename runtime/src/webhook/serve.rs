//! Webhooks behind the operator's server: their routes, and the server there is unless another is chosen.

use std::fs;
use std::path::PathBuf;

use http::StatusCode;

use super::install::PORT;
use super::service::{BODY_LIMIT, Webhooks};
use crate::certificate::{Pair, Slot};
use crate::error::{Error, Result};
use crate::serve::{Address, Request, Response, Routes, Server, Tls, respond};

/// Where webhooks are served, and with which certificate; kubebuilder's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Serving {
    pub(crate) port: u16,
    /// The folder of the two files.
    pub(crate) folder: PathBuf,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            port: PORT,
            folder: std::env::temp_dir()
                .join("k8s-webhook-server")
                .join("serving-certs"),
            certificate: "tls.crt".to_owned(),
            key: "tls.key".to_owned(),
        }
    }
}

impl Serving {
    /// Returns the server, with the certificate that is in the files.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or do not belong together.
    pub(crate) fn server(&self) -> Result<Server> {
        let read = |name: &str| {
            let path = self.folder.join(name);
            fs::read(&path).map_err(|error| {
                Error::from(error).context(format!(
                    "read `{}`, as webhooks are served over TLS (name its folder with `--webhook-cert-path`)",
                    path.display()
                ))
            })
        };
        let pair = Pair::from_pem(&read(&self.certificate)?, &read(&self.key)?)?;
        let slot = Slot::empty();
        slot.set(pair);
        Ok(Server::new("webhook", Address::everywhere(self.port)).tls(Tls::new(slot)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_not_there_is_named() {
        let serving = Serving {
            folder: "/nowhere".into(),
            ..Serving::default()
        };
        let error = serving.server().unwrap_err().to_string();
        assert!(
            error.starts_with("failed to read `/nowhere/tls.crt`, as webhooks are served over TLS"),
            "{error}"
        );
    }
}
