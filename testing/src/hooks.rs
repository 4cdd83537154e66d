//! Webhooks of an operator under test: their configurations lead to this process, as envtest has it.

use std::net::SocketAddr;

use krate::certificate::{Pair, Slot};
use krate::manifest::Manifests;
use krate::operator::{Operator, Part, Stage};
use krate::serve::{Address, Server, Tls};
use kube::Client;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::account::put;
use crate::{Error, Result, install};

/// What has to be installed once it is known where the webhooks are.
pub(crate) struct Hooks {
    configurations: Vec<Value>,
    /// Definitions whose versions the operator converts.
    definitions: Vec<Value>,
}

impl Hooks {
    pub(crate) fn of(manifests: &Manifests) -> Self {
        let configurations = manifests.webhooks().iter();
        let definitions = manifests.crds().iter();
        Self {
            configurations: configurations
                .filter(|object| object["webhooks"].is_array())
                .cloned()
                .collect(),
            definitions: definitions
                .filter(|crd| crd["spec"]["conversion"]["strategy"] == "Webhook")
                .cloned()
                .collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.configurations.is_empty() && self.definitions.is_empty()
    }

    /// Makes the operator serve its webhooks on this machine, and installs them as soon as they are served: before
    /// anything of the operator that comes later. Says so when it is done.
    pub(crate) fn serve(
        self,
        operator: Operator,
        admin: Client,
    ) -> Result<(Operator, oneshot::Receiver<Result<()>>)> {
        let (pair, authority) = certificate().map_err(Error::in_the_act("make a certificate"))?;
        let slot = Slot::empty();
        slot.set(pair);
        let server = Server::new("webhook", Address::loopback(0)).tls(Tls::new(slot));
        let handle = server.handle();
        let (done, is_done) = oneshot::channel();
        let part = Part::new("the installation of webhooks", move |scope| async move {
            let address = handle.bound().await;
            let installed = self.install(&admin, address, &authority).await;
            // Nobody listens any more if the test has given up.
            let _ = done.send(installed);
            scope.ready();
            scope.stopped().await;
            Ok(())
        });
        let operator = operator.webhook_server(server).part(Stage::Webhooks, part);
        Ok((operator, is_done))
    }

    async fn install(mut self, admin: &Client, address: SocketAddr, authority: &str) -> Result<()> {
        for crd in &mut self.definitions {
            redirect(
                &mut crd["spec"]["conversion"]["webhook"]["clientConfig"],
                address,
                authority,
            );
            let crd = serde_json::from_value(crd.take()).map_err(Error::in_the_act("read a definition"))?;
            install::definition(admin, &crd).await?;
        }
        for configuration in &mut self.configurations {
            let webhooks = configuration["webhooks"].as_array_mut();
            for webhook in webhooks.into_iter().flatten() {
                redirect(&mut webhook["clientConfig"], address, authority);
            }
            put(admin, configuration.take()).await?;
        }
        Ok(())
    }
}

/// Leads from a service to a URL.
fn redirect(client_config: &mut Value, address: SocketAddr, authority: &str) {
    let path = client_config["service"]["path"].as_str().unwrap_or_default();
    *client_config = json!({
        "url": format!("https://{address}{path}"),
        "caBundle": authority,
    });
}

/// Returns a certificate for this machine, and the authority to trust for it, as a configuration has it.
fn certificate() -> Result<(Pair, String), Box<dyn std::error::Error + Send + Sync>> {
    let signed = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let certificate = signed.cert.pem();
    let key = signed.signing_key.serialize_pem();
    let pair = Pair::from_pem(certificate.as_bytes(), key.as_bytes())?;
    Ok((pair, base64(certificate.as_bytes())))
}

/// Encodes bytes as JSON has them.
fn base64(bytes: &[u8]) -> String {
    let bytes = k8s_openapi::ByteString(bytes.to_vec());
    let text = serde_json::to_value(bytes).unwrap_or_default();
    text.as_str().unwrap_or_default().to_owned()
}
