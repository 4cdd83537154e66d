//! What the validation rules of a CRD may cost.

use serde_json::Value;

use super::path;
use super::rules::versions;
use super::validations::{Above, Found, each};
use crate::cel::{Budget, Place};
use crate::registry::strategy::Rules;
use crate::schema::{Definitions, Node, Schema};

/// Refuses rules that may take too long, by themselves or together; those that were there before only together.
pub(super) fn validate(rules: &mut Rules, crd: &Value, old: Option<&Value>) {
    // What does not compile has no cost.
    if !rules.is_empty() {
        return;
    }
    for (index, version) in path::distinct(crd, "schema") {
        let field = path::of(crd, index, "schema", "validation");
        let place = format!("{field}.openAPIV3Schema");
        let whole = &version["schema"]["openAPIV3Schema"];
        let unchanged = old.is_some_and(|old| {
            let mut before = versions(old).iter();
            before.any(|before| before["name"] == version["name"] && before["schema"] == version["schema"])
        });
        let mut budget = Budget::default();
        each(whole, &place, Above::ROOT, &mut |found| {
            let told = spend(&mut budget, &found, std::ptr::eq(found.schema, whole));
            for (field, detail) in told.into_iter().filter(|_| !unchanged) {
                rules.forbidden(field, &detail);
            }
        });
        if let Some((dearest, detail)) = budget.overdrawn() {
            for place in dearest {
                let detail = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
                rules.forbidden(place, detail);
            }
            rules.forbidden(place, &detail);
        }
    }
}

/// Adds a rule and its message, and returns what is to be said of them.
fn spend(budget: &mut Budget, found: &Found<'_>, whole: bool) -> Vec<(String, String)> {
    let schema = Schema::parse(found.schema);
    let definitions = Definitions::new();
    let embedded = schema.embedded_resource;
    let at = Place::of(Node::new(&schema, &definitions), whole || embedded);
    let Some(rule) = schema.validations.iter().find(|rule| rule.is(found.rule)) else {
        return Vec::new();
    };
    let (cost, message) = rule.costs(at);
    let times = found.times.unwrap_or_else(|| at.cardinality());
    let mut told = Vec::new();
    let mut say = |what: &str, field: &str, cost: u64| {
        let place = format!("{}.{field}", found.place);
        told.extend(budget.spend(what, &place, cost).map(|detail| (place, detail)));
    };
    say("rule", "rule", cost.saturating_mul(times));
    if let Some(cost) = message {
        say("messageExpression", "messageExpression", cost);
    }
    told
}
