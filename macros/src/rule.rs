//! A validation rule of an attribute, with all that belongs to it.
//!
//! It is a text, a text with a message, the keys of Kubernetes in parentheses, or an expression of kube's `Rule`, of
//! which what is written as a literal is read.

#![expect(
    clippy::unreachable,
    reason = "darling's derives write it, behind a check of the field they read"
)]

use darling::FromMeta;
use darling::ast::NestedMeta;
use darling::error::Accumulator;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprLit, Lit, LitStr, Meta};

use crate::wire::{Foreign, Mask, Need, Question, Value};
use crate::{cel, json_path, suggest};

/// A rule, as far as it is written in literals.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    /// Absent if it comes from somewhere else.
    pub(crate) text: Option<LitStr>,
    message: Option<LitStr>,
    message_expression: Option<LitStr>,
    reason: Option<LitStr>,
    field_path: Option<LitStr>,
    optional_old_self: Option<Span>,
    /// The expression it was read from, if it is one.
    expr: Option<Expr>,
}

/// The reasons the API server knows.
const REASONS: [&str; 4] = [
    "FieldValueInvalid",
    "FieldValueForbidden",
    "FieldValueRequired",
    "FieldValueDuplicate",
];

/// Returns an expression that finds kube's words, such as `Rule`, without a `use` of the author's.
pub(crate) fn spoken(expr: &Expr, private: &TokenStream) -> TokenStream {
    match expr {
        Expr::Lit(_) | Expr::Tuple(_) => quote!(#expr),
        _ => quote!({
            #[allow(unused_imports)]
            use #private::words::*;
            #expr
        }),
    }
}

impl FromMeta for Rule {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        match meta {
            Meta::NameValue(it) => Ok(Self::of(&it.value)),
            Meta::List(list) if list.parse_args::<LitStr>().is_ok() => {
                Err(darling::Error::custom("write `validation = \"..\"`, or the parts of the rule: `validation(rule = \"..\", message = \"..\")`")
                    .with_span(meta))
            }
            Meta::List(list) => {
                let items = NestedMeta::parse_meta_list(list.tokens.clone())?;
                Self::keys(&items).map_err(|error| error.with_span(meta))
            }
            Meta::Path(_) => Err(darling::Error::custom(
                "write `validation = \"self.min <= self.max\"`",
            )
            .with_span(meta)),
        }
    }
}

impl Rule {
    /// Reads `rule = "..", message = ".."`.
    fn keys(items: &[NestedMeta]) -> darling::Result<Self> {
        #[derive(FromMeta)]
        struct Keys {
            rule: LitStr,
            message: Option<LitStr>,
            message_expression: Option<LitStr>,
            reason: Option<LitStr>,
            field_path: Option<LitStr>,
            #[darling(default)]
            optional_old_self: darling::util::SpannedValue<bool>,
        }
        let keys = Keys::from_list(items)?;
        Ok(Self {
            text: Some(keys.rule),
            message: keys.message,
            message_expression: keys.message_expression,
            reason: keys.reason,
            field_path: keys.field_path,
            optional_old_self: keys.optional_old_self.then(|| keys.optional_old_self.span()),
            expr: None,
        })
    }

    /// Reads an expression.
    pub(crate) fn of(expr: &Expr) -> Self {
        let mut rule = Self::default();
        rule.read(expr);
        rule.expr = Some(expr.clone());
        rule
    }

    fn read(&mut self, expr: &Expr) {
        match expr {
            Expr::Lit(_) => self.text = literal(expr),
            Expr::Tuple(tuple) => {
                let mut parts = tuple.elems.iter().map(literal);
                (self.text, self.message) = (parts.next().flatten(), parts.next().flatten());
            }
            Expr::Call(call) if is(&call.func, "Rule", "new") => {
                self.text = call.args.first().and_then(literal);
            }
            Expr::MethodCall(call) => {
                self.read(&call.receiver);
                let argument = call.args.first();
                match (call.method.to_string().as_str(), argument.and_then(literal)) {
                    ("message", Some(text)) => self.message = Some(text),
                    ("message", None) => self.message_expression = argument.and_then(expression),
                    ("field_path", text) => self.field_path = text,
                    ("optional_old_self", _) => self.optional_old_self = argument.and_then(yes),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Returns an expression of `ValidationRule`.
    pub(crate) fn tokens(&self, private: &TokenStream) -> TokenStream {
        if let Some(expr) = &self.expr {
            let expr = spoken(expr, private);
            return quote!(#private::schema::validation(#expr));
        }
        let optional = |text: &Option<LitStr>| {
            text.as_ref().map_or_else(
                || quote!(::core::option::Option::None),
                |text| quote!(::core::option::Option::Some(#text)),
            )
        };
        let text = &self.text;
        let (message, expression) = (optional(&self.message), optional(&self.message_expression));
        let (reason, path) = (optional(&self.reason), optional(&self.field_path));
        let old = self.optional_old_self.is_some();
        quote!(#private::schema::full_rule(#text, #message, #expression, #reason, #path, #old))
    }

    /// Checks the rule for a value, and returns its text if it speaks of changes.
    pub(crate) fn check(
        &self,
        this: &Value,
        errors: &mut Accumulator,
        needs: &mut Vec<Need>,
    ) -> Option<LitStr> {
        let text = self.text.as_ref()?;
        if text.value().trim().is_empty() {
            let message = "a rule is a CEL expression, such as `self.min <= self.max`";
            errors.push(error(text, message));
            return None;
        }
        let scope = cel::Scope {
            this: this.clone(),
            optional_old_self: self.optional_old_self.is_some(),
        };
        let transition = expression_of(
            text,
            &scope,
            (Mask::BOOL, "a rule is true or false"),
            errors,
            needs,
        );
        if let Some(message) = &self.message_expression {
            let wish = (Mask::TEXT, "a message is a text");
            expression_of(message, &scope, wish, errors, needs);
        }
        self.words(text, errors);
        if let (Some(span), false) = (self.optional_old_self, transition) {
            let message = "the rule does not speak of `oldSelf`: remove `optional_old_self`";
            errors.push(darling::Error::custom(message).with_span(&span));
        }
        if let Some(path) = &self.field_path {
            field_path(path, this, errors, needs);
        }
        transition.then(|| text.clone())
    }

    fn words(&self, text: &LitStr, errors: &mut Accumulator) {
        let told = self.message.is_some() || self.message_expression.is_some() || self.expr_may_tell();
        if text.value().trim().contains('\n') && !told {
            let message = "a rule of several lines needs a message: add `message = \"..\"`";
            errors.push(error(text, message));
        }
        if let Some(message) = &self.message {
            let said = message.value();
            if said.trim().is_empty() || said.trim().contains('\n') {
                errors.push(error(message, "a message is one line of text"));
            }
        }
        if let Some(reason) = &self.reason
            && !REASONS.contains(&reason.value().as_str())
        {
            let said = reason.value();
            let help = match suggest::nearest_as_written(&said, REASONS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known are {}", suggest::listed(&REASONS)),
            };
            errors.push(error(reason, &format!("`{said}` is no reason: {help}")));
        }
    }

    /// Whether the rule is an expression whose message is not a literal.
    fn expr_may_tell(&self) -> bool {
        self.expr
            .as_ref()
            .is_some_and(|expr| !matches!(expr, Expr::Lit(_)))
    }
}

/// Checks an expression; returns whether it speaks of changes.
fn expression_of(
    text: &LitStr,
    scope: &cel::Scope,
    (wanted, wish): (Mask, &str),
    errors: &mut Accumulator,
    needs: &mut Vec<Need>,
) -> bool {
    let value = text.value();
    let checked = cel::check(&value, scope, wanted, wish);
    for mistake in checked.mistakes {
        errors.push(error(text, &mistake.shown(&value)));
    }
    let span = text.span();
    needs.extend(
        checked
            .questions
            .into_iter()
            .map(|question| Need { question, span }),
    );
    checked.transition
}

fn field_path(path: &LitStr, this: &Value, errors: &mut Accumulator, needs: &mut Vec<Need>) {
    let text = path.value();
    let mut brackets = text.split('[').skip(1);
    let items = brackets.any(|inner| !inner.starts_with(['\'', '"']));
    if items || !text.starts_with(['.', '[']) {
        errors.push(error(
            path,
            "a field path is of names, such as `.size` or `.limits['cpu']`",
        ));
        return;
    }
    match json_path::follow(&text, this) {
        Ok(way) => {
            if let Value::Foreign(place) = way.to {
                needs.push(exists(place, path.span()));
            }
        }
        Err(message) => errors.push(error(path, &message)),
    }
}

/// Wants a place to exist.
pub(crate) fn exists(place: Foreign, span: Span) -> Need {
    Need {
        question: Question::Is {
            place,
            kinds: Mask::ALL,
            wish: String::new(),
            at: String::new(),
        },
        span,
    }
}

fn literal(expr: &Expr) -> Option<LitStr> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => Some(text.clone()),
        Expr::MethodCall(call)
            if ["into", "to_string", "to_owned"]
                .iter()
                .any(|it| call.method == it) =>
        {
            literal(&call.receiver)
        }
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// The text in `Message::Expression(..)`.
fn expression(expr: &Expr) -> Option<LitStr> {
    match expr {
        Expr::Call(call) if is(&call.func, "Message", "Expression") => call.args.first().and_then(literal),
        _ => None,
    }
}

fn yes(expr: &Expr) -> Option<Span> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Bool(value),
            ..
        }) => value.value.then(|| value.span()),
        _ => None,
    }
}

/// Whether a path ends in two names.
fn is(expr: &Expr, one: &str, other: &str) -> bool {
    let Expr::Path(path) = expr else { return false };
    let names: Vec<String> = path.path.segments.iter().map(|it| it.ident.to_string()).collect();
    names.ends_with(&[one.to_owned(), other.to_owned()])
}

fn error(place: &LitStr, message: &str) -> darling::Error {
    darling::Error::custom(message).with_span(place)
}
