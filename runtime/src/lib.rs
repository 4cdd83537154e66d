//! The runtime of krate, the Kubernetes operator framework: watch, cache, queue, reconcile, apply.
