//! A certificate in files that somebody else keeps fresh.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;
use tracing::{info, warn};

use super::Pair;
use super::certificates::Keep;
use crate::operator::Scope;
use crate::{Error, Result};

/// How often the files are read, as Go's operators do.
const INTERVAL: Duration = Duration::from_secs(10);

/// A certificate in files, as cert-manager's Secrets are mounted: `tls.crt` and `tls.key` in a folder.
///
/// They are read again every ten seconds, so that a mount that is swapped for another is noticed like a file that is
/// written. While what is there cannot be used, the last good certificate stays in use.
/// Who is to trust it is the business of whoever makes the files; cert-manager's injector does that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    folder: PathBuf,
    certificate: String,
    key: String,
}

impl Mounted {
    /// Reads `tls.crt` and `tls.key` in a folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            certificate: "tls.crt".to_owned(),
            key: "tls.key".to_owned(),
        }
    }

    /// Reads files of these names instead.
    #[must_use]
    pub fn files(mut self, certificate: impl Into<String>, key: impl Into<String>) -> Self {
        (self.certificate, self.key) = (certificate.into(), key.into());
        self
    }

    /// Returns the certificate that is in the files now.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or they are not a certificate and its key.
    pub fn read(&self) -> Result<Pair> {
        let (certificate, key) = (self.folder.join(&self.certificate), self.folder.join(&self.key));
        let pair = Pair::from_pem(&read(&certificate)?, &read(&key)?);
        pair.map_err(|error| error.context(format!("use the certificate in `{}`", self.folder.display())))
    }

    pub(super) async fn keep(&self, scope: &Scope, keep: Keep) -> Result<()> {
        let first = self.read().map_err(|error| {
            let help = "mount the Secret of the certificate there, or let the operator manage its own with `SelfManaged`";
            Error::new(format!("{error}\nhelp: {help}"))
        })?;
        keep.serve(&first);
        keep.looked(Ok(()));
        scope.ready();
        loop {
            tokio::select! {
                () = sleep(INTERVAL) => self.look(&keep),
                () = scope.stopped() => return Ok(()),
            }
        }
    }

    fn look(&self, keep: &Keep) {
        match self.read() {
            Ok(pair) => {
                let before = keep.slot.get();
                keep.serve(&pair);
                keep.looked(Ok(()));
                if before.is_some_and(|before| before.der() != pair.der()) {
                    info!(folder = %self.folder.display(), not_after = %pair.not_after(), "serving with a new certificate");
                }
            }
            Err(error) => {
                if keep.looked(Err(error.to_string())) {
                    warn!(%error, "serving with the certificate from before");
                }
            }
        }
    }
}

/// The folder where kubebuilder's manifests mount the certificate of webhooks.
impl Default for Mounted {
    fn default() -> Self {
        Self::new(std::env::temp_dir().join("k8s-webhook-server/serving-certs"))
    }
}

/// Small files on a file system in memory: not worth a thread.
fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::from(error).context(format!("read `{}`", path.display())))
}
