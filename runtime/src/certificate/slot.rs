//! The certificate a server shows at the moment.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::Pair;

/// A place for the certificate a server shows; clones are the same place.
///
/// What is put in is shown from the next handshake on. Handshakes that have begun, and connections that are open,
/// keep the one they began with.
///
/// ```
/// use krate::certificate::Slot;
/// use krate::serve::Tls;
///
/// let slot = Slot::empty();
/// let tls = Tls::new(slot.clone());
/// assert!(slot.get().is_none());
/// # let _ = tls;
/// ```
#[derive(Clone, Default)]
pub struct Slot {
    pair: Arc<RwLock<Option<Pair>>>,
}

/// A slot as rustls asks for it.
struct Resolver(Slot);

impl Slot {
    /// Returns a slot without a certificate: handshakes fail until there is one.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Shows this certificate from now on.
    pub fn set(&self, pair: Pair) {
        let mut place = self.pair.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some(pair);
    }

    /// Returns the certificate that is shown.
    #[must_use]
    pub fn get(&self) -> Option<Pair> {
        self.pair.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::new(Resolver(self.clone()))
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.get().map(|pair| pair.key())
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Slot").field(&self.get()).finish()
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
