//! Adds a controller to the operator that `main.rs` builds.
//!
//! The anchor is the call chain that starts with `Operator::new()` in `fn operator`; what the chain is part of, and what
//! stands around it, does not matter.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, ItemFn};

use crate::error::{Error, Result};

use super::{parse_rust, proven, splice};

/// The widest chain that rustfmt leaves on one line.
const CHAIN_WIDTH: usize = 60;

pub(super) fn add_controller(path: &str, text: &str, reconciler: &str) -> Result<String> {
    let file = parse_rust(path, text)?;
    let mut search = Search::default();
    search.visit_file(&file);
    if search
        .bodies
        .iter()
        .any(|body| mentions(body.clone(), reconciler))
    {
        return Ok(text.to_owned());
    }
    match search.chains.as_slice() {
        [chain] => proven(path, extend(text, chain, &format!(".controller({reconciler})"))),
        [] => Err(lost(
            path,
            reconciler,
            "found no call chain that starts with `Operator::new()` in `fn operator`",
        )),
        _ => Err(lost(
            path,
            reconciler,
            "found more than one `Operator::new()` in `fn operator`",
        )),
    }
}

fn lost(path: &str, reconciler: &str, what: &str) -> Error {
    let snippet = format!("fn operator() -> Operator {{\n    Operator::new().controller({reconciler})\n}}");
    Error::project(format!("{what} of `{path}`"))
        .at(path, None)
        .snippet(snippet)
        .help(format!(
            "add `.controller({reconciler})` by hand, with its `use`, and run the command again"
        ))
}

/// A chain: where its dots are, and where it begins and ends.
struct Chain {
    dots: Vec<usize>,
    start: usize,
    end: usize,
}

#[derive(Default)]
struct Search {
    bodies: Vec<TokenStream>,
    chains: Vec<Chain>,
}

impl<'ast> Visit<'ast> for Search {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if function.sig.ident != "operator" {
            return;
        }
        self.bodies.push(quote_body(function));
        visit::visit_item_fn(self, function);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        match chain_of(call) {
            Some(chain) => self.chains.push(chain),
            None => visit::visit_expr_method_call(self, call),
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if is_operator_new(call) {
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

/// Returns the chain that ends with `call`, if it starts with `Operator::new()`.
fn chain_of(call: &ExprMethodCall) -> Option<Chain> {
    let end = call.span().byte_range().end;
    let mut dots = vec![call.dot_token.span().byte_range().start];
    let mut receiver = &*call.receiver;
    loop {
        match receiver {
            Expr::MethodCall(inner) => {
                dots.push(inner.dot_token.span().byte_range().start);
                receiver = &inner.receiver;
            }
            Expr::Call(call) if is_operator_new(call) => {
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

fn is_operator_new(call: &ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else {
        return false;
    };
    let mut segments = path.path.segments.iter().rev();
    segments.next().is_some_and(|last| last.ident == "new")
        && segments.next().is_some_and(|next| next.ident == "Operator")
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
    if before.len() + call.len() <= CHAIN_WIDTH {
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
}
