//! From a rule to the attribute of schemars that says the same.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, parse_quote};

use super::check::expr;
use super::grammar::{Rule, RuleValue, Takes};
use super::shadow::Paths;
use super::{number, union};

/// Returns schemars' attributes for the rules of one place, in their order.
pub(super) fn attributes(rules: &[Rule], paths: &Paths) -> Vec<Attribute> {
    let schemars = &paths.schemars;
    let edits = rules.iter().filter_map(|rule| edit(rule, paths));
    edits
        .map(|edit| parse_quote!(#[schemars(transform = |schema: &mut #schemars::Schema| { #edit })]))
        .collect()
}

/// Returns a call that writes a rule into `schema`.
fn edit(rule: &Rule, paths: &Paths) -> Option<TokenStream> {
    let Paths { private, schemars } = paths;
    let (name, keyword) = (rule.key.name, rule.key.keyword);
    Some(match (&rule.value, rule.key.takes) {
        (RuleValue::Flag, _) if name == "immutable" => {
            quote!(#private::schema::rule(schema, "self == oldSelf", "the field is immutable"))
        }
        (RuleValue::Flag, _) => quote!(#private::schema::keyword(schema, #keyword, &true)),
        (RuleValue::Cel(rule), _) => {
            let rule = rule.tokens(private);
            quote!(#private::schema::cel(schema, #rule))
        }
        (RuleValue::Expr(strategy), Takes::Strategy) => {
            let strategy = crate::rule::spoken(strategy, private);
            quote!(#private::schema::merge_strategy(schema, #strategy))
        }
        (RuleValue::Expr(_), _) => {
            let value = number::wide(expr(rule)?);
            quote!(#private::schema::keyword(schema, #keyword, &(#value)))
        }
        (RuleValue::Exprs(values), _) => {
            let values = values.iter().map(number::wide);
            quote!(#private::schema::keyword(schema, #keyword, &(#(#values,)*)))
        }
        (RuleValue::Texts(names), Takes::Fields) => {
            let (rule, message) = union::rule(name, names);
            quote!(#private::schema::rule(schema, #rule, #message))
        }
        (RuleValue::Texts(texts), _) => quote!(#private::schema::keyword(schema, #keyword, &[#(#texts),*])),
        (RuleValue::Docs { url, description }, _) => {
            let description = description.iter();
            quote!(#private::schema::external_docs(schema, #url, [#(#description)*].first().copied()))
        }
        (RuleValue::Nested(rules), _) => {
            let edits = rules.iter().filter_map(|rule| edit(rule, paths));
            quote! {
                #private::schema::within(schema, #keyword, |schema: &mut #schemars::Schema| { #(#edits;)* })
            }
        }
    })
}
