//! Adds a call to a chain, such as that of the operator that `main.rs` builds.
//!
//! The anchor is the call chain that starts with `Operator::new()` in `fn operator`, or with another call in another
//! function; what the chain is part of, and what stands around it, does not matter.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, ItemFn};

use crate::error::{Error, Result};

use super::{parse_rust, proven, splice};

/// The widest chain of several calls that rustfmt leaves on one line.
const CHAIN_WIDTH: usize = 60;
/// The widest line rustfmt leaves alone; one call behind the first may fill it.
const MAX_WIDTH: usize = 100;

/// The call chain that something is added to: which call it starts with, in which function.
pub(super) struct Anchor<'a> {
    pub(super) function: &'a str,
    /// The type and the function of the first call, as in `Operator::new()`.
    pub(super) start: (&'a str, &'a str),
    /// What the function returns.
    pub(super) returns: &'a str,
}

/// Adds `call` at the end of the chain, unless `word` is in the function already.
pub(super) fn add_call(
    path: &str,
    text: &str,
    anchor: &Anchor<'_>,
    call: &str,
    word: &str,
) -> Result<String> {
    let file = parse_rust(path, text)?;
    let mut search = Search {
        anchor,
        bodies: Vec::new(),
        chains: Vec::new(),
    };
    search.visit_file(&file);
    if search.bodies.iter().any(|body| mentions(body.clone(), word)) {
        return Ok(text.to_owned());
    }
    match search.chains.as_slice() {
        [chain] => proven(path, extend(text, chain, call)),
        [] => Err(anchor.lost(path, call, "found no call chain that starts with")),
        _ => Err(anchor.lost(path, call, "found more than one")),
    }
}

impl Anchor<'_> {
    fn lost(&self, path: &str, call: &str, what: &str) -> Error {
        let Anchor {
            function,
            start: (of, new),
            returns,
        } = self;
        let snippet = format!("fn {function}() -> {returns} {{\n    {of}::{new}(){call}\n}}");
        Error::project(format!("{what} `{of}::{new}()` in `fn {function}` of `{path}`"))
            .at(path, None)
            .snippet(snippet)
            .help(format!(
                "add `{call}` by hand, with its `use`, and run the command again"
            ))
    }

    fn is_start(&self, call: &ExprCall) -> bool {
        let Expr::Path(path) = &*call.func else {
            return false;
        };
        let mut segments = path.path.segments.iter().rev();
        segments.next().is_some_and(|last| last.ident == self.start.1)
            && segments.next().is_some_and(|next| next.ident == self.start.0)
    }
}

/// A chain: where its dots are, and where it begins and ends.
struct Chain {
    dots: Vec<usize>,
    start: usize,
    end: usize,
}

struct Search<'a> {
    anchor: &'a Anchor<'a>,
    bodies: Vec<TokenStream>,
    chains: Vec<Chain>,
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if function.sig.ident != self.anchor.function {
            return;
        }
        self.bodies.push(quote_body(function));
        visit::visit_item_fn(self, function);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        match chain_of(call, self.anchor) {
            Some(chain) => self.chains.push(chain),
            None => visit::visit_expr_method_call(self, call),
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if self.anchor.is_start(call) {
            let span = call.span().byte_range();
            self.chains.push(Chain {
                dots: Vec::new(),
                start: span.start,
                end: span.end,
            });
        }
        visit::visit_expr_call(self, call);
    }
}

fn quote_body(function: &ItemFn) -> TokenStream {
    use quote::ToTokens;
    function.block.to_token_stream()
}

/// Returns the chain that ends with `call`, if it starts where it should.
fn chain_of(call: &ExprMethodCall, anchor: &Anchor<'_>) -> Option<Chain> {
    let end = call.span().byte_range().end;
    let mut dots = vec![call.dot_token.span().byte_range().start];
    let mut receiver = &*call.receiver;
    loop {
        match receiver {
            Expr::MethodCall(inner) => {
                dots.push(inner.dot_token.span().byte_range().start);
                receiver = &inner.receiver;
            }
            Expr::Call(call) if anchor.is_start(call) => {
                dots.reverse();
                return Some(Chain {
                    dots,
                    start: call.span().byte_range().start,
                    end,
                });
            }
            _ => return None,
        }
    }
}

fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}

/// Adds a call at the end of a chain, laid out as rustfmt would.
fn extend(text: &str, chain: &Chain, call: &str) -> String {
    let before = &text[chain.start..chain.end];
    let indent = indent_of(text, chain.start) + 4;
    let new_line = format!("\n{:indent$}", "");
    let on_new_line = format!("{new_line}{call}");
    if before.contains('\n') {
        return splice(text, chain.end..chain.end, &on_new_line);
    }
    let width = before.len() + call.len();
    let column = chain.start - super::line_start(text, chain.start);
    let fits_alone = chain.dots.is_empty() && column + width < MAX_WIDTH;
    if fits_alone || width <= CHAIN_WIDTH {
        return splice(text, chain.end..chain.end, call);
    }
    let text = splice(text, chain.end..chain.end, &on_new_line);
    let split = |text: String, dot: &usize| splice(&text, *dot..*dot, &new_line);
    chain.dots.iter().rev().fold(text, split)
}

fn indent_of(text: &str, offset: usize) -> usize {
    let line = &text[super::line_start(text, offset)..];
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add_controller(path: &str, text: &str, reconciler: &str) -> Result<String> {
        crate::edit::add_controller(path, text, reconciler)
    }

    fn check(before: &str, after: &str) {
        assert_eq!(
            add_controller("src/main.rs", before, "RedisReconciler").unwrap(),
            after
        );
    }

    #[test]
    fn a_short_chain_stays_on_its_line() {
        check(
            "fn operator() -> Operator {\n    // Mine.\n    Operator::new()\n}\n",
            "fn operator() -> Operator {\n    // Mine.\n    Operator::new().controller(RedisReconciler)\n}\n",
        );
    }

    #[test]
    fn a_long_chain_gets_a_line_per_call() {
        let long = "R".repeat(80);
        let added = add_controller(
            "m.rs",
            "fn operator() -> Operator {\n    Operator::new()\n}\n",
            &long,
        )
        .unwrap();
        assert!(
            added.contains("    Operator::new()\n        .controller(RRR"),
            "{added}"
        );
        check(
            "fn operator() -> Operator {\n    Operator::new().controller(MemcachedReconciler)\n}\n",
            "fn operator() -> Operator {\n    Operator::new()\n        .controller(MemcachedReconciler)\n        .controller(RedisReconciler)\n}\n",
        );
        check(
            "fn operator() -> Operator {\n    Operator::new()\n        .controller(A { x: 1 }) // Mine.\n        .b()\n}\n",
            "fn operator() -> Operator {\n    Operator::new()\n        .controller(A { x: 1 }) // Mine.\n        .b()\n        .controller(RedisReconciler)\n}\n",
        );
    }

    #[test]
    fn the_chain_may_stand_anywhere_in_the_function() {
        check(
            "fn operator() -> Operator { let operator = krate::Operator::new(); operator }",
            "fn operator() -> Operator { let operator = krate::Operator::new().controller(RedisReconciler); operator }",
        );
    }

    #[test]
    fn spans_are_right_behind_letters_of_many_bytes() {
        check(
            "// Größe\nfn operator() -> Operator { /* ü */ Operator::new() }",
            "// Größe\nfn operator() -> Operator { /* ü */ Operator::new().controller(RedisReconciler) }",
        );
    }

    #[test]
    fn a_controller_that_is_there_is_enough() {
        let text =
            "fn operator() -> Operator {\n    build(Operator::new(), vec![RedisReconciler::default()])\n}\n";
        check(text, text);
    }

    #[test]
    fn a_lost_anchor_is_an_error_with_the_snippet_to_paste() {
        for text in [
            "fn main() {}",
            "fn operator() -> Operator { build() }",
            "fn other() -> Operator { Operator::new() }",
            "fn operator() -> Operator { Operator::new(); Operator::new() }",
        ] {
            let error = add_controller("src/main.rs", text, "RedisReconciler").unwrap_err();
            assert!(
                error
                    .snippet
                    .as_deref()
                    .unwrap()
                    .contains("Operator::new().controller(RedisReconciler)"),
                "{text}"
            );
        }
    }

    #[test]
    fn other_chains_in_other_functions_are_found_too() {
        let text =
            "fn memcached_versions() -> ConversionWebhook<Memcached> {\n    Webhook::conversion()\n}\n";
        let spoke = |text: &str, version: &str| {
            crate::edit::add_spoke(
                "m.rs",
                text,
                "memcached_versions",
                (version, &format!("api::{version}::M")),
            )
            .unwrap()
        };
        let once = spoke(text, "v1");
        assert!(
            once.contains("    Webhook::conversion().spoke::<api::v1::M>()\n"),
            "{once}"
        );
        assert_eq!(spoke(&once, "v1"), once);
        let twice = spoke(&once, "v1beta1");
        assert!(
            twice.contains("    Webhook::conversion()\n        .spoke::<api::v1::M>()\n        .spoke::<api::v1beta1::M>()\n"),
            "{twice}"
        );
    }
}
