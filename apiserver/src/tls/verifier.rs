//! Takes any client certificate in the handshake, and says afterwards whose it is.
//!
//! A certificate nobody here signed must not break the connection: the real server answers 401 to its requests.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};

use super::subject;
use crate::authn::Peer;
use crate::environment::Environment;

/// Checks client certificates against one authority.
#[derive(Debug)]
pub(crate) struct ClientCertificates {
    strict: Arc<dyn ClientCertVerifier>,
    environment: Environment,
}

impl ClientCertificates {
    pub(super) fn new(authority: &CertificateDer<'_>, environment: Environment) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots
            .add(authority.clone().into_owned())
            .map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let strict = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .allow_unauthenticated()
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { strict, environment })
    }

    /// Returns who is at the other end of a connection, by the certificates of its handshake.
    pub(crate) fn peer(&self, shown: Option<&[CertificateDer<'_>]>) -> Peer {
        let Some((own, chain)) = shown.and_then(<[_]>::split_first) else {
            return Peer::Network;
        };
        let now = u64::try_from(self.environment.now().as_second()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
        let valid = self.strict.verify_client_cert(own, chain, now).is_ok();
        let identity = subject::identity(own).filter(|_| valid);
        identity.map_or(Peer::InvalidCertificate, Peer::Certificate)
    }
}

impl ClientCertVerifier for ClientCertificates {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.strict.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        _own: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // Trust is decided by `peer`, per connection; the handshake still proves possession of the key.
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
