//! What the rules of a type mean for its parts: checked here as far as names tell, and asked of the compiler beyond.

use darling::error::Accumulator;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{DeriveInput, Field, LitStr, parse_quote};

use super::grammar::{Rule, RuleValue, Takes, error};
use super::shadow::Paths;
use super::{number, value};
use crate::wire::{Attributes, Context, Mask, Need, Question, Transitions, Value, name};

/// What is found out on the way through a type.
pub(super) struct Asker<'a> {
    input: &'a DeriveInput,
    context: Context,
    needs: Vec<Need>,
    transitions: Transitions,
    /// Calls that compare a value with the type that has to read it.
    values: Vec<TokenStream>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(input: &'a DeriveInput) -> Self {
        Self {
            input,
            context: Context::of(input),
            needs: Vec::new(),
            transitions: Transitions {
                own: String::new(),
                fields: Vec::new(),
            },
            values: Vec::new(),
        }
    }

    /// Looks at the rules of the type itself.
    pub(super) fn on_type(&mut self, rules: &[Rule], errors: &mut Accumulator) {
        let this = self.context.whole(self.input);
        let transition = self.rules(rules, &this, true, errors);
        self.transitions.own = transition.unwrap_or_default();
        let ident = &self.input.ident;
        let ty: syn::Type = parse_quote!(#ident);
        for rule in rules.iter().filter(|rule| rule.key.takes == Takes::Value) {
            self.test(rule, &ty, &ident.to_string(), &self.input.attrs.clone());
        }
    }

    /// Looks at the rules of a field; its name in JSON is by the container's rule.
    pub(super) fn on_field(
        &mut self,
        rules: &[Rule],
        field: &Field,
        rule: Option<&str>,
        errors: &mut Accumulator,
    ) {
        let attributes = Attributes::of(&field.attrs);
        let value = self.context.field(field, &attributes);
        let transition = self.rules(rules, &value, true, errors);
        if let (Some(name), Some(transition)) = (name::field_name(rule, field), transition) {
            self.transitions.fields.push((name, transition));
        }
        if !attributes.is_skipped() {
            self.settle(&value, told_apart(rules), field.ty.span());
        }
        let place = format!("{}.{}", self.input.ident, field.ident.to_token_stream());
        for rule in rules.iter().filter(|rule| rule.key.takes == Takes::Value) {
            value::check(rule, rules, field, &value, errors, &mut self.needs);
            self.test(rule, &field.ty, &place, &field.attrs);
        }
    }

    /// Looks at the rules of one place; returns a rule about changes, if there is one.
    fn rules(
        &mut self,
        rules: &[Rule],
        this: &Value,
        told: bool,
        errors: &mut Accumulator,
    ) -> Option<String> {
        let mut transition = None;
        for rule in rules {
            let found = match &rule.value {
                RuleValue::Cel(cel) => {
                    let text = cel.check(this, errors, &mut self.needs);
                    text.map(|text| (text.value(), text.span()))
                }
                RuleValue::Flag if rule.key.name == "immutable" => {
                    Some(("self == oldSelf".to_owned(), rule.span))
                }
                RuleValue::Nested(nested) => {
                    let part = this.part().cloned().unwrap_or(Value::Any);
                    let told = told && (rule.key.name != "items" || told_apart(rules));
                    self.rules(nested, &part, told, errors)
                        .map(|text| (text, rule.span))
                }
                RuleValue::Texts(keys) if rule.key.takes == Takes::Words => {
                    self.keys(keys, this, errors);
                    None
                }
                RuleValue::Expr(strategy) if rule.key.takes == Takes::Strategy => {
                    self.keys(&literals(strategy.to_token_stream()), this, errors);
                    None
                }
                _ => None,
            };
            if let Some((text, span)) = found {
                if !told && !matches!(rule.value, RuleValue::Nested(_)) {
                    errors.push(darling::Error::custom(UNCORRELATED).with_span(&span));
                }
                transition.get_or_insert(text);
            }
        }
        transition
    }

    /// The keys of a list exist in its items.
    fn keys(&mut self, keys: &[LitStr], list: &Value, errors: &mut Accumulator) {
        let Value::List(item) = list else { return };
        for (position, key) in keys.iter().enumerate() {
            let name = key.value();
            if keys.iter().take(position).any(|earlier| earlier.value() == name) {
                errors.push(error(key, &format!("the key `{name}` is given twice")));
            }
            match &**item {
                Value::Foreign(ty) => self.needs.push(Need {
                    question: Question::Key { ty: ty.clone(), name },
                    span: key.span(),
                }),
                Value::Any => {}
                item => {
                    let scalar = item.kind().meets(SCALARS);
                    let help = if scalar {
                        ": write `list_type = \"set\"`"
                    } else {
                        ""
                    };
                    let message = format!(
                        "a key is a field of the items, and here an item is {}{help}",
                        item.kind().name()
                    );
                    errors.push(error(key, &message));
                }
            }
        }
    }

    /// What is in a list that does not tell its items apart has no rules about changes.
    fn settle(&mut self, value: &Value, told_apart: bool, span: Span) {
        match value {
            Value::List(part) if !told_apart => self.settle_part(part, span),
            value => {
                if let Some(part) = value.part() {
                    self.settle(part, false, span);
                }
            }
        }
    }

    fn settle_part(&mut self, part: &Value, span: Span) {
        match (part.part(), part) {
            (Some(part), _) => self.settle_part(part, span),
            (None, Value::Foreign(ty)) if ty.steps.is_empty() => {
                let question = Question::Settled { ty: ty.clone() };
                self.needs.push(Need { question, span });
            }
            _ => {}
        }
    }

    /// Lets a test read a value as the type does, where a literal does not tell.
    fn test(&mut self, rule: &Rule, ty: &syn::Type, place: &str, attributes: &[syn::Attribute]) {
        let own_reader = Attributes::of(attributes);
        if !self.input.generics.params.is_empty() || own_reader.is_opaque() {
            return;
        }
        if let RuleValue::Expr(expr) = &rule.value {
            let (what, value) = (rule.key.name, number::wide(expr));
            self.values
                .push(quote!(Fit::<#ty>::check(#place, #what, &(#value));));
        }
    }

    /// Returns what the compiler is asked, what it is told, and the test of values.
    pub(super) fn tokens(mut self, paths: &Paths) -> TokenStream {
        let Paths { private, .. } = paths;
        let needs = std::mem::take(&mut self.needs);
        let needs = asked(&needs, private);
        let shape = crate::wire::shape(self.input, private, &self.transitions);
        let test = self.value_test(private);
        quote!(#shape #needs #test)
    }

    fn value_test(&self, private: &TokenStream) -> Option<TokenStream> {
        if self.values.is_empty() {
            return None;
        }
        let name = format_ident!("values_of_{}_are_of_its_types", self.input.ident);
        let values = &self.values;
        Some(quote! {
            #[cfg(test)]
            #[test]
            #[allow(non_snake_case, unused_imports, unnameable_test_items)]
            fn #name() {
                use #private::schema::{Fit, Unreadable as _};
                #(#values)*
            }
        })
    }
}

const SCALARS: Mask = Mask::BOOL.or(Mask::INTEGER).or(Mask::NUMBER).or(Mask::TEXT);

const UNCORRELATED: &str = "in this list nothing tells an item's earlier self, so no rule speaks of `oldSelf`: add \
                            `list_type = \"map\"` with `list_map_keys(..)`";

/// Returns the constants that ask, each question once.
pub(crate) fn asked(needs: &[Need], private: &TokenStream) -> TokenStream {
    let contained = |need: &Need| {
        let mut others = needs.iter().filter(|other| !std::ptr::eq(*other, need));
        others.any(|other| need.is_part_of(other))
    };
    let kept = needs.iter().filter(|need| !contained(need));
    kept.map(|need| need.tokens(private)).collect()
}

/// Whether a list tells its items apart by keys.
fn told_apart(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| match rule.key.name {
        "list_type" => rule.text().is_some_and(|text| text.value() == "map"),
        "merge_strategy" => match &rule.value {
            RuleValue::Expr(strategy) => strategy
                .to_token_stream()
                .to_string()
                .contains("ListMerge :: Map"),
            _ => false,
        },
        _ => false,
    })
}

/// The texts anywhere in an expression.
fn literals(tokens: TokenStream) -> Vec<LitStr> {
    let found = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => literals(group.stream()),
        TokenTree::Literal(literal) => {
            let literal: TokenStream = TokenTree::Literal(literal).into();
            syn::parse2(literal).ok().into_iter().collect()
        }
        _ => Vec::new(),
    });
    found.collect()
}
