//! Which objects a list or watch wants: label and field selectors, with the server's grammar and errors; pure.

mod field;
mod label;
mod lexer;
mod syntax;

pub use self::field::FieldSelector;
pub use self::label::LabelSelector;

use serde_json::Value;

use crate::registry::Resource;
use crate::request::ListOptions;
use crate::status::{Error, Result};

/// Both selectors of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    labels: LabelSelector,
    fields: FieldSelector,
}

impl Selector {
    /// Parses the selectors of a list, a watch or a collection's removal.
    ///
    /// # Errors
    /// 400 for a text that is no selector, and for fields the resource cannot select by.
    pub fn parse(options: &ListOptions, resource: &Resource) -> Result<Self> {
        let labels = LabelSelector::parse(&options.label_selector).map_err(Error::bad_request)?;
        let fields = FieldSelector::parse(&options.field_selector).map_err(Error::bad_request)?;
        fields.check(resource)?;
        Ok(Self { labels, fields })
    }

    /// Returns the selector with the name pinned, as the deprecated watch of a single object does.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.fields = self.fields.with_name(name);
        self
    }

    /// Returns whether it selects everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Returns whether it selects the object.
    #[must_use]
    pub fn matches(&self, object: &Value) -> bool {
        self.labels.matches(object) && self.fields.matches(object)
    }
}
