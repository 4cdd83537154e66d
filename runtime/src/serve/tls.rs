//! TLS of a server: whose certificate it shows, and whose it asks for.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::{ConfigBuilder, RootCertStore, WantsVerifier};

use super::protocol::Protocol;
use crate::certificate::Slot;
use crate::{Error, Result};

/// TLS 1.2 and 1.3 with a certificate that can be exchanged while the server runs.
///
/// Handshakes take the certificate that is in the [`Slot`] when they begin; connections that are open keep theirs.
/// While the slot is empty no handshake succeeds.
#[derive(Clone, Debug)]
pub struct Tls {
    certificate: Slot,
    clients: Option<String>,
    pub(super) http2: Option<Protocol>,
}

impl Tls {
    /// Returns TLS with the certificate of a slot, for any client, HTTP/1.1 only.
    #[must_use]
    pub fn new(certificate: Slot) -> Self {
        Self {
            certificate,
            clients: None,
            http2: None,
        }
    }

    /// Demands of every client a certificate that one of these authorities signed, given as PEM.
    #[must_use]
    pub fn clients(mut self, authorities: impl Into<String>) -> Self {
        self.clients = Some(authorities.into());
        self
    }

    /// Offers HTTP/2 too; needs krate's feature `http2`.
    ///
    /// It is off at first, as in Go operators: a client can make a server work for streams it resets at once, which
    /// costs the client nothing (CVE-2023-44487).
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.http2 = Some(super::http2::http2);
        self
    }

    pub(super) fn config(&self) -> Result<Arc<ServerConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some(authorities) => with_clients(builder, authorities)?,
        };
        let mut config = builder.with_cert_resolver(self.certificate.resolver());
        config.alpn_protocols = match self.http2 {
            Some(_) => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            None => vec![b"http/1.1".to_vec()],
        };
        Ok(Arc::new(config))
    }
}

fn with_clients(
    builder: ConfigBuilder<ServerConfig, WantsVerifier>,
    authorities: &str,
) -> Result<ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>> {
    let failed = |error: Error| error.context("read the authorities of clients");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
        let certificate = certificate.map_err(|error| failed(error.into()))?;
        roots.add(certificate).map_err(|error| failed(error.into()))?;
    }
    let provider = Arc::clone(builder.crypto_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| failed(error.into()))?;
    Ok(builder.with_client_cert_verifier(verifier))
}
