//! The keys of `#[x_kube(...)]`: one table, and the parser that reads by it.

#![expect(
    clippy::unreachable,
    reason = "darling's derives write it, behind a check of the field they read"
)]

use darling::error::Accumulator;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Token};

use super::kind::Kind;
use crate::suggest;

/// The name of the attribute, kube's own.
const ATTRIBUTE: &str = "x_kube";

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// A number.
    Number,
    /// A whole number from zero.
    Count,
    /// A text.
    Text,
    /// A regular expression.
    Pattern,
    /// A format Kubernetes knows.
    Format,
    /// Nothing: it is there or not.
    Flag,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// Texts in parentheses.
    Words,
    /// Any expression.
    Value,
    /// Expressions in parentheses.
    Values,
    /// A CEL rule: a text, or an expression of kube's `Rule`.
    Rule,
    /// Keys of their own, for a part of the value.
    Nested,
    /// `url = "..", description = ".."`.
    Docs,
    /// An expression of kube's merge strategies.
    Strategy,
    /// Names of fields in parentheses.
    Fields,
}

/// Where a key may stand, beside what the value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On a type and on a field.
    Everywhere,
    /// On a field, an item or a value.
    Field,
    /// On a type.
    Type,
}

/// One row of the grammar.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// The keyword of the schema it becomes, where it becomes one.
    pub(super) keyword: &'static str,
    pub(super) takes: Takes,
    pub(super) place: Place,
    /// The kinds of values it restricts; empty for all.
    pub(super) kinds: &'static [Kind],
}

const NUMBERS: &[Kind] = &[Kind::Integer, Kind::Number];
const TEXT: &[Kind] = &[Kind::Text];
const SCALARS: &[Kind] = &[Kind::Text, Kind::Integer, Kind::Number];
const LIST: &[Kind] = &[Kind::List];
const MAP: &[Kind] = &[Kind::Map];
const OBJECT: &[Kind] = &[Kind::Object];
/// What may hold fields nobody described.
const OPEN: &[Kind] = &[Kind::Object, Kind::Map];
const ALL: &[Kind] = &[];
const LIST_TYPES: Takes = Takes::Word(&["atomic", "map", "set"]);
const DESCRIPTIONS: Takes = Takes::Word(&["full", "none", "short"]);
const MAP_TYPES: Takes = Takes::Word(&["atomic", "granular"]);

macro_rules! keys {
    ($($name:literal => $keyword:literal, $takes:expr, $place:ident, $kinds:ident;)*) => {
        /// Every key, in the order of the documentation.
        pub(super) const KEYS: &[Key] = &[$(Key {
            name: $name, keyword: $keyword, takes: $takes, place: Place::$place, kinds: $kinds,
        },)*];
    };
}

use Takes::{
    Count, Docs, Fields, Flag, Format, Nested, Number, Pattern, Rule as CelRule, Strategy, Text, Value,
    Values, Words,
};

keys! {
    "validation" => "x-kubernetes-validations", CelRule, Everywhere, ALL;
    "immutable" => "x-kubernetes-validations", Flag, Field, ALL;
    "at_most_one_of" => "x-kubernetes-validations", Fields, Type, ALL;
    "exactly_one_of" => "x-kubernetes-validations", Fields, Type, ALL;
    "at_least_one_of" => "x-kubernetes-validations", Fields, Type, ALL;
    "minimum" => "minimum", Number, Everywhere, NUMBERS;
    "maximum" => "maximum", Number, Everywhere, NUMBERS;
    "exclusive_minimum" => "exclusiveMinimum", Number, Everywhere, NUMBERS;
    "exclusive_maximum" => "exclusiveMaximum", Number, Everywhere, NUMBERS;
    "multiple_of" => "multipleOf", Number, Everywhere, NUMBERS;
    "min_length" => "minLength", Count, Everywhere, TEXT;
    "max_length" => "maxLength", Count, Everywhere, TEXT;
    "pattern" => "pattern", Pattern, Everywhere, TEXT;
    "format" => "format", Format, Everywhere, SCALARS;
    "one_of" => "enum", Values, Everywhere, ALL;
    "min_items" => "minItems", Count, Everywhere, LIST;
    "max_items" => "maxItems", Count, Everywhere, LIST;
    "items" => "items", Nested, Field, LIST;
    "min_properties" => "minProperties", Count, Everywhere, MAP;
    "max_properties" => "maxProperties", Count, Everywhere, MAP;
    "values" => "additionalProperties", Nested, Field, MAP;
    "list_type" => "x-kubernetes-list-type", LIST_TYPES, Everywhere, LIST;
    "list_map_keys" => "x-kubernetes-list-map-keys", Words, Everywhere, LIST;
    "map_type" => "x-kubernetes-map-type", MAP_TYPES, Everywhere, MAP;
    "struct_type" => "x-kubernetes-map-type", MAP_TYPES, Everywhere, OBJECT;
    "merge_strategy" => "", Strategy, Field, ALL;
    "embedded_resource" => "x-kubernetes-embedded-resource", Flag, Field, OPEN;
    "preserve_unknown_fields" => "x-kubernetes-preserve-unknown-fields", Flag, Everywhere, OPEN;
    "int_or_string" => "x-kubernetes-int-or-string", Flag, Everywhere, OBJECT;
    "nullable" => "nullable", Flag, Everywhere, ALL;
    "default" => "default", Value, Field, ALL;
    "example" => "example", Value, Everywhere, ALL;
    "title" => "title", Text, Everywhere, ALL;
    "recursion_depth" => "x-krate-recursion-depth", Count, Type, ALL;
    "descriptions" => "x-krate-descriptions", DESCRIPTIONS, Everywhere, ALL;
    "external_docs" => "externalDocs", Docs, Everywhere, ALL;
}

/// A key as somebody wrote it.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) key: &'static Key,
    pub(super) span: Span,
    pub(super) value: RuleValue,
}

/// What was written behind a key.
#[derive(Debug)]
pub(super) enum RuleValue {
    Flag,
    Expr(Box<Expr>),
    Cel(Box<crate::rule::Rule>),
    Exprs(Vec<Expr>),
    Texts(Vec<LitStr>),
    Nested(Vec<Rule>),
    Docs {
        url: LitStr,
        description: Option<LitStr>,
    },
}

impl Rule {
    /// The text behind the key, if that is what there is.
    pub(super) fn text(&self) -> Option<&LitStr> {
        match &self.value {
            RuleValue::Expr(expr) => text(expr),
            _ => None,
        }
    }
}

/// Reads every rule written on something.
pub(super) fn rules(attributes: &[Attribute], errors: &mut Accumulator) -> Vec<Rule> {
    let ours = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(ATTRIBUTE));
    let mut rules = Vec::new();
    for attribute in ours {
        let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        if let Some(metas) = errors.handle(metas.map_err(darling::Error::from)) {
            // Where the crates are found is read on its own.
            let metas = metas
                .iter()
                .filter(|meta| !is(meta, "crates") && !is(meta, "crate"));
            rules.extend(metas.filter_map(|meta| errors.handle(rule(meta))));
        }
    }
    rules
}

fn is(meta: &Meta, name: &str) -> bool {
    meta.path().get_ident().is_some_and(|ident| ident.unraw() == name)
}

fn rule(meta: &Meta) -> darling::Result<Rule> {
    let name = meta
        .path()
        .get_ident()
        .map(|ident| ident.unraw().to_string())
        .unwrap_or_default();
    let Some(key) = KEYS.iter().find(|key| key.name == name) else {
        return Err(error(
            meta.path(),
            &format!("unknown key `{name}`: {}", hint(&name)),
        ));
    };
    let value = value(key, meta)?;
    Ok(Rule {
        key,
        span: meta.path().span(),
        value,
    })
}

/// What to write in place of a key that is none.
fn hint(name: &str) -> String {
    match name {
        "required" | "optional" => {
            "serde decides that: an `Option` or `#[serde(default)]` is optional".to_owned()
        }
        "unique_items" => "write `list_type = \"set\"`".to_owned(),
        "cel" => "rules are checked by the API server: test them against the embedded one".to_owned(),
        "type_" | "type" | "schemaless" => {
            "write `#[schemars(with = \"..\")]` or `#[schemars(schema_with = \"..\")]`".to_owned()
        }
        "enum" | "k8s_enum" => "write `one_of(..)`, or make the type a Rust enum".to_owned(),
        "list_map_key" => "write `list_map_keys(\"name\")`".to_owned(),
        "x_validation" | "rule" => "write `validation = \"self.min <= self.max\"`".to_owned(),
        "message" | "reason" | "field_path" | "message_expression" | "optional_old_self" => {
            format!("it belongs to a rule: write `validation(rule = \"..\", {name} = ..)`")
        }
        _ => suggest::help(name, &KEYS.iter().map(|key| key.name).collect::<Vec<_>>()),
    }
}

fn value(key: &Key, meta: &Meta) -> darling::Result<RuleValue> {
    match (key.takes, meta) {
        (Takes::Flag, Meta::Path(_)) => Ok(RuleValue::Flag),
        (Takes::Number, Meta::NameValue(it)) if super::number::of(&it.value).is_some() => expr(&it.value),
        (Takes::Count, Meta::NameValue(it)) if count(&it.value).is_some() => expr(&it.value),
        (Takes::Text | Takes::Pattern | Takes::Format | Takes::Word(_), Meta::NameValue(it))
            if text(&it.value).is_some() =>
        {
            expr(&it.value)
        }
        (Takes::Value | Takes::Strategy, Meta::NameValue(it)) => expr(&it.value),
        (Takes::Rule, Meta::NameValue(_) | Meta::List(_)) => {
            let rule = darling::FromMeta::from_meta(meta)?;
            Ok(RuleValue::Cel(Box::new(rule)))
        }
        (Takes::Words | Takes::Fields, Meta::List(list)) => {
            let texts = list.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated)?;
            match texts.is_empty() {
                false => Ok(RuleValue::Texts(texts.into_iter().collect())),
                true => Err(wrong(key, meta)),
            }
        }
        (Takes::Values, Meta::List(list)) => {
            let values = list.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
            match values.is_empty() {
                true => Err(wrong(key, meta)),
                false => Ok(RuleValue::Exprs(values.into_iter().collect())),
            }
        }
        (Takes::Nested, Meta::List(list)) => nested(list.tokens.clone()),
        (Takes::Docs, Meta::List(list)) => docs(list.tokens.clone()).map_err(|error| error.with_span(meta)),
        _ => Err(wrong(key, meta)),
    }
}

/// Says how a key is written.
fn wrong(key: &Key, meta: &Meta) -> darling::Error {
    let usage = match key.takes {
        Takes::Flag => String::new(),
        Takes::Number | Takes::Count => " = 1".to_owned(),
        Takes::Text | Takes::Pattern => " = \"..\"".to_owned(),
        Takes::Format => " = \"date-time\"".to_owned(),
        Takes::Word(words) => format!(" = \"{}\"", words.first().unwrap_or(&"..")),
        Takes::Value => " = value".to_owned(),
        Takes::Rule => " = \"self.min <= self.max\"".to_owned(),
        Takes::Strategy => " = ListMerge::Set".to_owned(),
        Takes::Words | Takes::Fields => "(\"name\")".to_owned(),
        Takes::Values => "(\"a\", \"b\")".to_owned(),
        Takes::Nested => "(min_length = 1)".to_owned(),
        Takes::Docs => "(url = \"https://..\")".to_owned(),
    };
    error(meta, &format!("write `{}{usage}`", key.name))
}

fn expr(expr: &Expr) -> darling::Result<RuleValue> {
    Ok(RuleValue::Expr(Box::new(expr.clone())))
}

fn nested(tokens: proc_macro2::TokenStream) -> darling::Result<RuleValue> {
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens)?;
    let mut errors = darling::Error::accumulator();
    let rules = metas
        .iter()
        .filter_map(|meta| errors.handle(rule(meta)))
        .collect();
    errors.finish_with(RuleValue::Nested(rules))
}

fn docs(tokens: proc_macro2::TokenStream) -> darling::Result<RuleValue> {
    #[derive(darling::FromMeta)]
    struct External {
        url: LitStr,
        description: Option<LitStr>,
    }
    let items = darling::ast::NestedMeta::parse_meta_list(tokens)?;
    let External { url, description } = darling::FromMeta::from_list(&items)?;
    Ok(RuleValue::Docs { url, description })
}

pub(super) fn text(expr: &Expr) -> Option<&LitStr> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => Some(text),
        _ => None,
    }
}

fn count(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        _ => None,
    }
}

pub(super) fn error(place: &impl Spanned, message: &str) -> darling::Error {
    darling::Error::custom(message).with_span(&place.span())
}
