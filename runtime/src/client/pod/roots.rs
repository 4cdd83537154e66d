//! Whom the certificate of the API server may come from: a file that changes when the cluster's authority does.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::Instant;
use tracing::warn;

use super::place::read;
use super::token::FRESH;
use crate::{Error, Result};

/// TLS with the authorities of a file.
#[derive(Debug)]
pub(super) struct Roots {
    file: PathBuf,
    last: Mutex<Last>,
}

#[derive(Debug)]
struct Last {
    text: String,
    config: Arc<ClientConfig>,
    /// When to read the file again.
    until: Instant,
}

impl Last {
    fn read(file: &Path) -> Result<Self> {
        let text = read(file)?;
        let config = config(&text).map_err(|error| error.context(format!("read `{}`", file.display())))?;
        Ok(Self {
            text,
            config: Arc::new(config),
            until: Instant::now() + FRESH,
        })
    }
}

impl Roots {
    /// Reads the authorities.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(super) fn read(file: PathBuf) -> Result<Self> {
        let last = Mutex::new(Last::read(&file)?);
        Ok(Self { file, last })
    }

    /// Returns what the next connection is made with; connections that are open keep what they were made with.
    pub(super) fn config(&self) -> Arc<ClientConfig> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.until <= Instant::now() {
            last.until = Instant::now() + FRESH;
            match Last::read(&self.file) {
                // Sessions to resume are kept with the configuration.
                Ok(now) if now.text == last.text => {}
                Ok(now) => *last = now,
                Err(error) => warn!(%error, "the authorities of the API server stay as they were"),
            }
        }
        Arc::clone(&last.config)
    }
}

fn config(authorities: &str) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
        roots.add(certificate?)?;
    }
    if roots.is_empty() {
        return Err(Error::new("there is no certificate in it"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::Authority;

    #[tokio::test(start_paused = true)]
    async fn authorities_are_read_again_when_they_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.crt");
        let (one, two) = (Authority::new().pem(), Authority::new().pem());
        std::fs::write(&file, &one).unwrap();
        let roots = Roots::read(file.clone()).unwrap();
        let first = roots.config();
        tokio::time::advance(FRESH).await;
        assert!(Arc::ptr_eq(&first, &roots.config()), "sessions are lost");
        std::fs::write(&file, format!("{one}{two}")).unwrap();
        assert!(Arc::ptr_eq(&first, &roots.config()), "a minute has not passed");
        tokio::time::advance(FRESH).await;
        let second = roots.config();
        assert!(!Arc::ptr_eq(&first, &second));
        std::fs::write(&file, "").unwrap();
        tokio::time::advance(FRESH).await;
        assert!(
            Arc::ptr_eq(&second, &roots.config()),
            "what cannot be read changes nothing"
        );
    }

    #[tokio::test]
    async fn a_file_without_a_certificate_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.crt");
        std::fs::write(&file, "").unwrap();
        let error = Roots::read(file).unwrap_err().to_string();
        assert!(error.starts_with("failed to read `"), "{error}");
        assert!(
            error.ends_with("/ca.crt`: there is no certificate in it"),
            "{error}"
        );
    }
}
