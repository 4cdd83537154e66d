//! Numbers for Prometheus: what controller-runtime shows, under its names, and what it lacks.
//!
//! ```text
//! reports of controllers, caches, … ─▶ snapshot ─▶ text (0.0.4 or OpenMetrics) ─▶ page
//! meters: durations as they happen  ─▶─┘
//! ```
//!
//! Rooms count for themselves and offer reports; everything here is read from them when somebody asks, so a number
//! exists once. Only durations and requests are noted as they happen, by [`Meters`]. A registry belongs to one
//! operator, and so do metrics of the user's own, which are registered with [`Operator::metrics`].
//!
//! Start reading at [`Metrics`]; [`snapshot`] has the list of all metrics.
//!
//! [`Operator::metrics`]: crate::Operator::metrics

mod buckets;
pub mod guard;
mod meter;
mod page;
mod process;
mod registry;
mod snapshot;
mod text;

pub(crate) use meter::{ClientMeter, ControllerMeter, Exchange};
pub use meter::{Meters, WebhookMeter};
pub use page::MetricsPage;
/// The library of metrics, in the version whose types a registry takes.
pub use prometheus_client;
pub use registry::Metrics;
pub use text::Format;
