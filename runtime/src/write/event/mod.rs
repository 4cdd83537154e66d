//! Events: what people see in `kubectl describe`, sent in the background and counted when they repeat.
//!
//! [`Event`] is what a reconciler says. [`series`] decides, purely, what of it becomes a request; [`recorder`] is
//! the queue and the task that sends.

mod recorder;
mod series;

pub(crate) use recorder::Recorder;

use k8s_openapi::api::core::v1::ObjectReference;

use crate::reconcile::Object;

/// Something worth telling people about an object.
///
/// ```
/// use krate::write::Event;
///
/// let event = Event::normal("ScaledUp", "scaled from 1 to 3 replicas").with_action("Scale");
/// let trouble = Event::warning("QuotaExceeded", "no room for 3 replicas");
/// # let _ = (event, trouble);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    type_: EventType,
    reason: String,
    action: String,
    note: String,
    related: Option<ObjectReference>,
}

/// Whether an event is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EventType {
    Normal,
    Warning,
}

impl Event {
    /// Makes an event that tells what was done: why in a word in CamelCase, and a sentence for people.
    #[must_use]
    pub fn normal(reason: impl Into<String>, note: impl Into<String>) -> Self {
        Self::new(EventType::Normal, reason.into(), note.into())
    }

    /// Makes an event that tells what someone should look into.
    #[must_use]
    pub fn warning(reason: impl Into<String>, note: impl Into<String>) -> Self {
        Self::new(EventType::Warning, reason.into(), note.into())
    }

    /// Sets what was being done; `Reconcile` if it is left out.
    #[must_use]
    pub fn with_action(mut self, action: impl Into<String>) -> Self {
        self.action = action.into();
        self
    }

    /// Sets another object the event is about, such as the child that was made.
    #[must_use]
    pub fn with_related<K: Object>(mut self, related: &K) -> Self {
        self.related = Some(related.object_ref(&()));
        self
    }

    fn new(type_: EventType, reason: String, note: String) -> Self {
        Self {
            type_,
            reason,
            action: "Reconcile".to_owned(),
            note,
            related: None,
        }
    }
}

impl EventType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}
