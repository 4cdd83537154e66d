//! Whom the certificate of the API server may come from: a file that changes when the cluster's authority does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::fresh::Fresh;
use super::place::read;
use crate::{Error, Result};

/// TLS with the authorities of a file.
#[derive(Debug)]
pub(super) struct Roots(Fresh<Trust>);

#[derive(Clone)]
struct Trust {
    text: Arc<str>,
    config: Arc<ClientConfig>,
}

impl Trust {
    fn read(file: &Path, last: Option<&Self>) -> Result<Self> {
        let text = read(file)?;
        match last {
            // Sessions to resume are kept with the configuration.
            Some(last) if *last.text == text => Ok(last.clone()),
            _ => Ok(Self {
                config: Arc::new(
                    config(&text).map_err(|error| error.context(format!("read `{}`", file.display())))?,
                ),
                text: text.into(),
            }),
        }
    }
}

impl Roots {
    /// Reads the authorities.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(super) fn read(file: PathBuf) -> Result<Self> {
        Fresh::new(file, Trust::read).map(Self)
    }

    /// Returns what the next connection is made with; connections that are open keep what they were made with.
    pub(super) fn config(&self) -> Arc<ClientConfig> {
        self.0.get().config
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
    use super::super::fresh::FRESH;
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
