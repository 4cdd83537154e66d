//! Test environments for krate operators: the embedded API server, or a real one.
//!
//! Start at [`Cluster`]: it hands out clients, installs definitions, gives an operator the account and the
//! permissions it declares, and runs it in the background. Wait for what should happen with [`eventually`] and
//! [`eventually_gone`]; they follow a watch and never sleep. What goes wrong on the way to a server is in [`fault`].
//!
//! ```no_run
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use krate_testing::{Cluster, Result, eventually};
//! use kube::Api;
//!
//! # async fn example() -> Result<()> {
//! let cluster = Cluster::start().await?;
//! cluster.namespace("shop").await?;
//! let configs: Api<ConfigMap> = Api::namespaced(cluster.client(), "shop");
//! eventually(&configs, "settings", |config| config.data.is_some()).await?;
//! # Ok(())
//! # }
//! ```

mod account;
mod cluster;
mod embedded;
mod error;
mod eventually;
pub mod fault;
mod hooks;
mod install;
mod real;
mod running;

pub use cluster::Cluster;
pub use error::{Error, Result};
pub use eventually::{PATIENCE, eventually, eventually_gone};
pub use running::Running;

/// What [`Cluster::embedded_with`] takes: the options of an embedded API server.
pub use krate_apiserver::{Builder, Controllers, Server};
