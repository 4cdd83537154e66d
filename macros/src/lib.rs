//! The derives of krate: CustomResource and Reconciler.
