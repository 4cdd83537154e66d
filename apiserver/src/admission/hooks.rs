//! All webhooks of a server, in the order they are asked.

use std::sync::{Arc, PoisonError, RwLock};

use super::hook::Hook;
use crate::object::{Meta as _, ObjectRef};

/// The webhooks of all configurations.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    /// By configuration, then as listed there.
    pub(crate) mutating: Vec<Hook>,
    pub(crate) validating: Vec<Hook>,
}

impl Hooks {
    /// Reads the stored configurations.
    pub(crate) fn compile(mutating: &[ObjectRef], validating: &[ObjectRef]) -> Self {
        Self {
            mutating: hooks(mutating),
            validating: hooks(validating),
        }
    }
}

fn hooks(configurations: &[ObjectRef]) -> Vec<Hook> {
    let mut sorted: Vec<&ObjectRef> = configurations.iter().collect();
    sorted.sort_by_key(|configuration| configuration.name());
    let webhooks = sorted.into_iter().flat_map(|configuration| {
        let webhooks = configuration.value()["webhooks"].as_array();
        webhooks.into_iter().flatten()
    });
    webhooks.map(Hook::new).collect()
}

/// Kinds that decide about admission and are never subject to it, so that nobody locks themselves out.
const EXEMPT: [&str; 6] = [
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "validatingwebhookconfigurations",
];

/// Whether writes to a resource are shown to no webhook.
pub(crate) fn is_exempt(group: &str, plural: &str) -> bool {
    group == "admissionregistration.k8s.io" && EXEMPT.contains(&plural)
}

/// Holds the webhooks of the last seen revision of the configurations.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    compiled: RwLock<Option<(u64, Arc<Hooks>)>>,
}

impl Cache {
    /// Returns the webhooks as of `revision`, the last revision that changed a configuration; `compile` makes them
    /// if others are held.
    pub(crate) fn at(&self, revision: u64, compile: impl FnOnce() -> Hooks) -> Arc<Hooks> {
        {
            let compiled = self.compiled.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((held, hooks)) = compiled.as_ref()
                && *held == revision
            {
                return Arc::clone(hooks);
            }
        }
        let fresh = Arc::new(compile());
        let mut compiled = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        // A slower caller may come with an older state: the newest stays.
        if compiled.as_ref().is_none_or(|(held, _)| *held < revision) {
            *compiled = Some((revision, Arc::clone(&fresh)));
        }
        fresh
    }
}
