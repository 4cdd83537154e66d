//! `allOf`, `anyOf`, `oneOf` and `not`.

use serde_json::Value;

use super::Pass;
use crate::schema::{Node, Schema};
use crate::status::FieldError;

impl Pass {
    pub(super) fn combinations(&mut self, value: &Value, node: Node<'_>, old: Option<&Value>, path: &str) {
        let schema = node.schema();
        if schema.any_of.is_empty()
            && schema.one_of.is_empty()
            && schema.all_of.is_empty()
            && schema.not.is_none()
        {
            return;
        }
        let check = |alternatives: &[Schema]| -> Vec<Vec<FieldError>> {
            let nodes = alternatives.iter().map(|schema| node.at(schema));
            nodes.map(|one| mistakes(value, one, old, path)).collect()
        };
        if !schema.any_of.is_empty() && !repeats_type(&schema.any_of) {
            self.any_of(check(&schema.any_of), path);
        }
        if !schema.one_of.is_empty() {
            self.one_of(check(&schema.one_of), path);
        }
        let skipped = schema
            .all_of
            .first()
            .is_some_and(|first| repeats_type(&first.any_of));
        let all_of = &schema.all_of[usize::from(skipped)..];
        if !all_of.is_empty() {
            self.all_of(check(all_of), path);
        }
        if let Some(not) = &schema.not
            && mistakes(value, node.at(not), old, path).is_empty()
        {
            self.nameless(&format!("{path:?} must not validate the schema (not)"));
        }
    }

    fn any_of(&mut self, results: Vec<Vec<FieldError>>, path: &str) {
        if results.iter().any(Vec::is_empty) {
            return;
        }
        self.nameless(&format!("{path:?} must validate at least one schema (anyOf)"));
        self.closest(results);
    }

    fn one_of(&mut self, results: Vec<Vec<FieldError>>, path: &str) {
        let found = results.iter().filter(|errors| errors.is_empty()).count();
        let ending = match found {
            0 => "Found none valid".to_owned(),
            1 => return,
            _ => format!("Found {found} valid alternatives"),
        };
        self.nameless(&format!(
            "{path:?} must validate one and only one schema (oneOf). {ending}"
        ));
        if found == 0 {
            self.closest(results);
        }
    }

    fn all_of(&mut self, results: Vec<Vec<FieldError>>, path: &str) {
        let failed = results.iter().filter(|errors| !errors.is_empty()).count();
        if failed == 0 {
            return;
        }
        let ending = if failed == results.len() {
            ". None validated"
        } else {
            ""
        };
        self.errors.extend(results.into_iter().flatten());
        self.nameless(&format!("{path:?} must validate all the schemas (allOf){ending}"));
    }

    /// Of several alternatives none of which hold, the mistakes of the nearest are told.
    ///
    /// One that fails on values is nearer than one that misses fields.
    fn closest(&mut self, results: Vec<Vec<FieldError>>) {
        let distance = |errors: &Vec<FieldError>| {
            let missing = errors
                .iter()
                .filter(|error| error.reason == "FieldValueRequired")
                .count();
            (missing, errors.len())
        };
        self.errors
            .extend(results.into_iter().min_by_key(distance).into_iter().flatten());
    }
}

/// Alternatives may name types only where an int-or-string repeats that it is one.
fn repeats_type(any_of: &[Schema]) -> bool {
    !any_of.is_empty() && any_of.iter().all(|one| one.kind.is_some())
}

fn mistakes(value: &Value, node: Node<'_>, old: Option<&Value>, path: &str) -> Vec<FieldError> {
    let mut pass = Pass { errors: Vec::new() };
    pass.value(value, node, old, path);
    pass.errors
}
