//! What a webhook is told about a request beside the objects.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use kube::Client;
use serde::Deserialize;
use serde_json::Value;

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    /// It is created.
    Create,
    /// It is replaced, patched or applied.
    Update,
    /// It is deleted.
    Delete,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct User {
    /// The name, such as `system:serviceaccount:shop:default`.
    pub username: String,
    /// An id that outlives the name; often empty.
    pub uid: String,
    /// The groups the user is in.
    pub groups: Vec<String>,
    /// What else the authenticator knows.
    pub extra: BTreeMap<String, Vec<String>>,
}

/// A request to the API server, as an admission webhook sees it.
///
/// Beside the facts it takes two things: [warnings](Self::warn) for the user, and [annotations](Self::audit) for the
/// audit log.
///
/// The API server makes one for each call. For a unit test of a webhook, make it with [`new`](Self::new):
///
/// ```
/// use krate::webhook::{Admission, Operation};
///
/// # fn example(client: krate::kube::Client) {
/// let cx = Admission::new(Operation::Update, client).with_username("alice").with_dry_run();
/// assert!(cx.is_dry_run());
/// cx.warn("`spec.old` does nothing any more");
/// assert_eq!(cx.warnings(), ["`spec.old` does nothing any more"]);
/// # }
/// ```
pub struct Admission {
    pub(super) facts: Facts,
    client: Client,
    notes: Mutex<Notes>,
}

/// What is known about a request.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) uid: String,
    pub(super) operation: Operation,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) subresource: Option<String>,
    pub(super) dry_run: bool,
    pub(super) user: User,
    pub(super) options: Value,
}

/// What a webhook has to say beside its verdict.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) warnings: Vec<String>,
    pub(super) audit: BTreeMap<String, String>,
}

impl Admission {
    /// Returns a request of nobody for no object in particular; for unit tests.
    #[must_use]
    pub fn new(operation: Operation, client: Client) -> Self {
        let facts = Facts {
            uid: String::new(),
            operation,
            name: String::new(),
            namespace: None,
            subresource: None,
            dry_run: false,
            user: User::default(),
            options: Value::Null,
        };
        Self::of(facts, client)
    }

    pub(super) fn of(facts: Facts, client: Client) -> Self {
        Self {
            facts,
            client,
            notes: Mutex::default(),
        }
    }

    /// Sets who asks; for unit tests.
    #[must_use]
    pub fn with_username(mut self, username: impl Into<String>) -> Self {
        self.facts.user.username = username.into();
        self
    }

    /// Makes it a trial; for unit tests.
    #[must_use]
    pub fn with_dry_run(mut self) -> Self {
        self.facts.dry_run = true;
        self
    }

    /// Makes it a request for a subresource; for unit tests.
    #[must_use]
    pub fn with_subresource(mut self, subresource: impl Into<String>) -> Self {
        self.facts.subresource = Some(subresource.into());
        self
    }

    /// Returns what is done to the object.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.facts.operation
    }

    /// Returns the name of the object; empty if it is created with a name still to be generated.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// Returns the namespace of the object, if it is in one.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.facts.namespace.as_deref()
    }

    /// Returns the subresource that is written, such as `status`; none for the object itself.
    #[must_use]
    pub fn subresource(&self) -> Option<&str> {
        self.facts.subresource.as_deref()
    }

    /// Returns whether nothing will be stored, so that the webhook must not have effects elsewhere either.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.facts.dry_run
    }

    /// Returns who asks.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.facts.user
    }

    /// Returns the id of the call, for logs; every call has another.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.facts.uid
    }

    /// Returns the options of the request as JSON: `CreateOptions`, `UpdateOptions`, `PatchOptions` or
    /// `DeleteOptions`.
    #[must_use]
    pub fn options(&self) -> &Value {
        &self.facts.options
    }

    /// Returns the operator's client; what it reads is declared with
    /// [`permits`](super::AdmissionWebhook::permits).
    ///
    /// Every write of such objects waits for the webhook, so read little.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Warns the user; kubectl shows it whether the object is admitted or not.
    ///
    /// The API server cuts a warning after 256 characters, and drops more than 4096 in all.
    pub fn warn(&self, warning: impl Into<String>) {
        self.notes(|notes| notes.warnings.push(warning.into()));
    }

    /// Adds an annotation to the audit log; the API server puts the webhook's name before the key.
    pub fn audit(&self, key: impl Into<String>, value: impl Into<String>) {
        self.notes(|notes| notes.audit.insert(key.into(), value.into()));
    }

    /// Returns the warnings so far.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.notes(|notes| notes.warnings.clone())
    }

    pub(super) fn take_notes(&self) -> Notes {
        self.notes(std::mem::take)
    }

    fn notes<T>(&self, act: impl FnOnce(&mut Notes) -> T) -> T {
        act(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}
