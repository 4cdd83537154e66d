//! The registry of one operator.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::registry::Registry;

use super::snapshot::Snapshot;
use super::{Format, Meters, text};
use crate::operator::Site;

/// The metrics of one operator: those krate keeps, and the user's own; clones share them.
///
/// ```
/// use krate::metrics::Metrics;
/// use krate::metrics::prometheus_client::metrics::counter::Counter;
///
/// let metrics = Metrics::default();
/// let scaled: Counter = Counter::default();
/// metrics.register(|registry| registry.register("memcached_scaled", "How often a size was changed", scaled.clone()));
/// scaled.inc();
/// ```
#[derive(Clone, Default)]
pub struct Metrics {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    own: Mutex<Registry>,
    meters: Meters,
}

impl Metrics {
    /// Registers metrics of the program's own, in the registry handed to `register`.
    ///
    /// Names are the program's to choose, such as `memcached_scaled`; a counter gets its `_total` by itself. Of two
    /// metrics with one name and the same labels, the first is shown, krate's before all others.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        let mut own = self.shared.own.lock().unwrap_or_else(PoisonError::into_inner);
        register(&mut own);
    }

    /// Returns what is noted as it happens, for parts that serve requests.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.shared.meters
    }

    /// Returns everything as text, as of now.
    pub(crate) fn text(&self, site: &Site, format: Format) -> String {
        let mut krate = Registry::default();
        krate.register_collector(Box::new(Snapshot::of(site)));
        let own = self.shared.own.lock().unwrap_or_else(PoisonError::into_inner);
        text::write([&krate, &own], format)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(..)")
    }
}
