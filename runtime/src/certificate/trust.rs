//! Whether a client that trusts certain authorities accepts a certificate.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

/// Returns whether such a client takes the certificate for every one of these names.
pub(super) fn is_trusted(
    authorities: &[CertificateDer<'static>],
    certificate: &[u8],
    names: &[String],
    now: Timestamp,
) -> bool {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        // One that is unreadable is one nobody can trust.
        let _ = roots.add(authority.clone());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let Ok(verifier) = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build() else {
        return false;
    };
    let certificate = CertificateDer::from(certificate);
    let now = UnixTime::since_unix_epoch(Duration::from_secs(
        u64::try_from(now.as_second()).unwrap_or_default(),
    ));
    names.iter().all(|name| {
        let verified = ServerName::try_from(name.as_str())
            .map(|name| verifier.verify_server_cert(&certificate, &[], &name, &[], now));
        matches!(verified, Ok(Ok(_)))
    })
}
