//! Fields an applier dropped from its configuration, taken out of the object.

use serde_json::Value;

use super::collect;
use super::element::Element;
use super::remove::remove;
use super::set::{Branch, Set};
use super::shape::Shape;

/// Returns `merged` without the fields of `last`, except those that are in `owned` and those that were not the
/// applier's to begin with.
pub(super) fn prune(shape: Shape<'_>, merged: &Value, last: &Set, owned: &Set) -> Value {
    let last = with_named(shape, last);
    let all = with_named(shape, &collect::fields(shape, merged));
    let pruned = remove(shape, merged, &last);
    // Add back what others, or the new configuration, own.
    let kept = fields_with_named(shape, &pruned).union(&with_named(shape, owned));
    let pruned = remove(shape, merged, &all.difference(&kept));
    // Add back what went only because a place above it did.
    let kept = fields_with_named(shape, &pruned);
    remove(shape, merged, &all.difference(&kept).intersection(&last))
}

fn fields_with_named(shape: Shape<'_>, value: &Value) -> Set {
    with_named(shape, &collect::fields(shape, value))
}

/// Adds the declared fields above each path, which sets leave out.
fn with_named(shape: Shape<'_>, set: &Set) -> Set {
    with_named_below(Some(shape), set)
}

fn with_named_below(shape: Option<Shape<'_>>, set: &Set) -> Set {
    let forms = shape.map(Shape::forms).unwrap_or_default();
    set.filter_map(|element, branch| {
        let (declared, below) = match element {
            Element::Field(name) => {
                let declared = forms.map.and_then(|map| map.declared(name));
                (declared.is_some(), declared.or_else(|| forms.map?.field(name)))
            }
            Element::Key(_) => (false, forms.list.map(|list| list.items)),
            _ => (false, None),
        };
        Some(Branch {
            member: branch.member || (declared && !branch.below.is_empty()),
            below: with_named_below(below, &branch.below),
        })
    })
}
