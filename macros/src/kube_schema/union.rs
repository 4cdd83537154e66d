//! Unions: `at_most_one_of`, `exactly_one_of` and `at_least_one_of`, as CEL rules.
//!
//! Rules and messages are those of controller-gen, so that a type that moves over keeps its answers.

use darling::error::Accumulator;
use syn::{Attribute, Fields, LitStr};

use super::grammar::{Rule, error};
use super::kind;
use crate::cel::escaped;
use crate::wire::{Attributes, name as wire};

/// Returns the CEL rule and its message.
pub(super) fn rule(key: &str, names: &[LitStr]) -> (String, String) {
    let (compares, amount) = match key {
        "at_most_one_of" => ("<=", "at most"),
        "at_least_one_of" => (">=", "at least"),
        _ => ("==", "exactly"),
    };
    let names: Vec<String> = names.iter().map(LitStr::value).collect();
    let has: Vec<String> = names
        .iter()
        .map(|name| format!("has(self.{})", escaped(name)))
        .collect();
    let rule = format!("[{}].filter(x,x==true).size() {compares} 1", has.join(","));
    let message = format!("{amount} one of the fields in [{}] must be set", names.join(" "));
    let message = match key {
        "at_most_one_of" => message.replace("must be", "may be"),
        _ => message,
    };
    (rule, message)
}

/// Checks that the fields of a union exist and may be absent.
pub(super) fn check(
    rule: &Rule,
    names: &[LitStr],
    container: &[Attribute],
    fields: Option<&Fields>,
    errors: &mut Accumulator,
) {
    let Some(Fields::Named(fields)) = fields else {
        errors.push(
            darling::Error::custom("only a struct with named fields has a union").with_span(&rule.span),
        );
        return;
    };
    if let [only] = names {
        errors.push(error(only, "a union has two fields or more"));
    }
    for name in names {
        let wanted = name.value();
        let mut known = fields
            .named
            .iter()
            .filter_map(|field| Some((wire::name(container, field)?, field)));
        match known.find(|(wire, _)| *wire == wanted) {
            Some((_, field)) if !may_be_absent(field) => {
                errors.push(error(
                    &field.ty,
                    &format!("`{wanted}` is part of a union, so it may be absent: make it an `Option`"),
                ));
            }
            Some(_) => {}
            None => errors.push(error(name, &missing(&wanted, container, fields))),
        }
    }
}

/// Whether a field may be absent: with no value, or where it is left out when it is empty.
fn may_be_absent(field: &syn::Field) -> bool {
    let attributes = Attributes::of(&field.attrs);
    kind::is_option(&field.ty) || attributes.has("skip_serializing_if") && attributes.has("default")
}

fn missing(wanted: &str, container: &[Attribute], fields: &syn::FieldsNamed) -> String {
    let as_rust = fields
        .named
        .iter()
        .find(|field| field.ident.as_ref().is_some_and(|ident| ident == wanted));
    match as_rust.and_then(|field| wire::name(container, field)) {
        Some(wire) => format!("the field is called `{wire}` in JSON: write `\"{wire}\"`"),
        None => {
            let names: Vec<String> = fields
                .named
                .iter()
                .filter_map(|field| wire::name(container, field))
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!(
                "there is no field `{wanted}`: {}",
                crate::suggest::help(wanted, &names)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn a_union_reads_as_controller_gen_writes_it() {
        let names = [parse_quote!("a"), parse_quote!("b")];
        let (at_most, message) = rule("at_most_one_of", &names);
        assert_eq!(at_most, "[has(self.a),has(self.b)].filter(x,x==true).size() <= 1");
        assert_eq!(message, "at most one of the fields in [a b] may be set");
        let (exactly, message) = rule("exactly_one_of", &names);
        assert!(exactly.ends_with("== 1"), "{exactly}");
        assert_eq!(message, "exactly one of the fields in [a b] must be set");
    }
}
