//! What everything in an operator works with.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::Client;

use crate::cache::Caches;
use crate::controller::{Engine, Report};
use crate::environment::Environment;

/// The client, the caches and the environment of an operator; cheap to clone.
#[derive(Clone)]
pub struct Site {
    client: Client,
    caches: Caches,
    environment: Environment,
    controllers: Arc<Mutex<Vec<Engine>>>,
}

impl Site {
    pub(super) fn new(client: Client, caches: Caches, environment: Environment) -> Self {
        Self {
            client,
            caches,
            environment,
            controllers: Arc::default(),
        }
    }

    /// Returns the client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the caches.
    #[must_use]
    pub fn caches(&self) -> &Caches {
        &self.caches
    }

    /// Returns the source of wall clock, chance and ids.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns how every controller is doing, in the order in which they were added.
    #[must_use]
    pub fn controllers(&self) -> Vec<Report> {
        self.engines().iter().map(Engine::report).collect()
    }

    pub(super) fn add_controller(&self, engine: Engine) {
        self.engines().push(engine);
    }

    fn engines(&self) -> MutexGuard<'_, Vec<Engine>> {
        self.controllers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("caches", &self.caches)
            .finish_non_exhaustive()
    }
}
