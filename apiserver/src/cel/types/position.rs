//! Where the parts of an expression are in its text.
//!
//! The parser keeps that to itself, so it is found again: going through the expression in the order in which it is
//! written, each part claims the next token that can be its own.

use std::collections::BTreeMap;

use kube_cel::cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr,
};

use super::super::engine::parse_plainly;

/// Returns where each part of an expression is told to be, by its number.
pub(super) fn positions(text: &str) -> BTreeMap<u64, usize> {
    let mut claims = Claims {
        tokens: tokens(text),
        next: 0,
        found: BTreeMap::new(),
    };
    if let Ok(expression) = parse_plainly(text) {
        claims.visit(&expression);
    }
    claims.found
}

/// A piece of text and where it starts.
type Token<'t> = (usize, &'t str);

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let length = length(&text[at..], first);
        if !first.is_whitespace() && !text[at..].starts_with("//") {
            tokens.push((at, &text[at..at + length]));
        }
        at += length;
    }
    tokens
}

fn length(text: &str, first: char) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    let prefix = text.find(['\'', '"']).unwrap_or(usize::MAX);
    let is_prefix = |prefix: &str| prefix.chars().all(|one| "rRbB".contains(one));
    if prefix <= 2 && is_prefix(&text[..prefix]) {
        return prefix + quoted(&text[prefix..], text[..prefix].contains(['r', 'R']));
    }
    if first.is_ascii_alphanumeric() || first == '_' {
        let part_of = |(at, one): (usize, char)| {
            let exponent = matches!(one, '+' | '-')
                && first.is_ascii_digit()
                && text[..at].ends_with(['e', 'E'])
                && !text.starts_with("0x");
            let number = one == '.' && first.is_ascii_digit();
            one.is_ascii_alphanumeric() || one == '_' || number || exponent
        };
        let end = text.char_indices().find(|one| !part_of(*one));
        return end.map_or(text.len(), |(at, _)| at);
    }
    match ["&&", "||", "==", "!=", "<=", ">="]
        .iter()
        .any(|two| text.starts_with(two))
    {
        true => 2,
        false => first.len_utf8(),
    }
}

/// The length of a text in quotes, with them.
fn quoted(text: &str, raw: bool) -> usize {
    let quote = &text[..1];
    let long = quote.repeat(3);
    let quote = if text.starts_with(&long) {
        long.as_str()
    } else {
        quote
    };
    let mut at = quote.len();
    while at < text.len() && !text[at..].starts_with(quote) {
        let escapes = text[at..].starts_with('\\') && !raw;
        let mut characters = text[at..].chars();
        let first = characters.next().map_or(0, char::len_utf8);
        let second = characters.next().map_or(0, char::len_utf8);
        at += first + if escapes { second } else { 0 };
    }
    (at + quote.len()).min(text.len())
}

struct Claims<'t> {
    tokens: Vec<Token<'t>>,
    next: usize,
    found: BTreeMap<u64, usize>,
}

impl Claims<'_> {
    /// Takes the next token that is like this, and returns where it is.
    fn claim(&mut self, like: impl Fn(&str) -> bool) -> Option<usize> {
        let rest = self.tokens.get(self.next..)?;
        let found = rest.iter().position(|(_, token)| like(token))?;
        self.next += found + 1;
        rest.get(found).map(|(place, _)| *place)
    }

    fn place(&mut self, number: u64, token: &str) {
        if let Some(place) = self.claim(|one| one == token) {
            self.found.insert(number, place);
        }
    }

    fn word(&mut self, word: &str) {
        self.claim(|one| one == word);
    }

    fn comes(&self, token: &str) -> bool {
        self.tokens.get(self.next).is_some_and(|(_, next)| *next == token)
    }

    fn visit(&mut self, expression: &IdedExpr) {
        let number = expression.id;
        match &expression.expr {
            Expr::Literal(literal) => self.literal(number, literal),
            Expr::Ident(name) => self.place(number, name),
            Expr::Select(select) => self.select(number, select),
            Expr::Call(call) => self.call(number, call),
            Expr::List(list) => {
                self.place(number, "[");
                list.elements.iter().for_each(|element| self.visit(element));
            }
            Expr::Map(map) => {
                self.place(number, "{");
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key);
                        self.visit(&entry.value);
                    }
                }
            }
            Expr::Comprehension(comprehension) => self.comprehension(number, comprehension),
            Expr::Struct(_) | Expr::Unspecified => {}
        }
    }

    fn literal(&mut self, number: u64, literal: &LiteralValue) {
        let quoted = matches!(literal, LiteralValue::String(_) | LiteralValue::Bytes(_));
        let like = |token: &str| match quoted {
            true => token.contains(['\'', '"']),
            false => {
                token.starts_with(|one: char| one.is_ascii_digit())
                    || ["true", "false", "null"].contains(&token)
            }
        };
        if let Some(place) = self.claim(like) {
            self.found.insert(number, place);
        }
    }

    fn select(&mut self, number: u64, select: &SelectExpr) {
        if select.test {
            self.word("has");
            self.place(number, "(");
        }
        self.visit(&select.operand);
        match select.test {
            true => self.word("."),
            false => self.place(number, "."),
        }
        self.word(&select.field);
    }

    fn call(&mut self, number: u64, call: &CallExpr) {
        let name = call.func_name.as_str();
        let sign = match name {
            "@in" => "in",
            "_[_]" | "_[?_]" => "[",
            "_?_:_" => "?",
            "_?._" => ".",
            _ => name.trim_matches('_'),
        };
        match (name, call.args.as_slice()) {
            ("_?._", [operand, field]) => {
                self.visit(operand);
                self.place(number, sign);
                if let Expr::Literal(LiteralValue::String(name)) = &field.expr {
                    self.place(field.id, name.inner());
                }
            }
            ("!_" | "-_", [operand]) => {
                self.place(number, sign);
                self.visit(operand);
            }
            (_, [first, rest @ ..]) if name.starts_with('_') || name == "@in" => {
                self.visit(first);
                self.place(number, sign);
                rest.iter().for_each(|argument| self.visit(argument));
            }
            (_, arguments) => {
                call.target.iter().for_each(|target| self.visit(target));
                self.word(name);
                self.place(number, "(");
                arguments.iter().for_each(|argument| self.visit(argument));
            }
        }
    }

    /// Of what a macro made, what the text has.
    fn comprehension(&mut self, number: u64, made: &ComprehensionExpr) {
        self.visit(&made.iter_range);
        self.word(".");
        self.place(number, "(");
        self.word(&made.iter_var);
        let Expr::Call(step) = &made.loop_step.expr else {
            return;
        };
        match (step.func_name.as_str(), step.args.as_slice()) {
            ("_&&_" | "_||_", [_, body]) => self.visit(body),
            ("_?_:_", [condition, yes, _]) => {
                self.visit(condition);
                if self.comes(",") {
                    self.added(yes);
                }
            }
            ("_+_", _) => self.added(&made.loop_step),
            _ => {}
        }
    }

    /// What is added to a list.
    fn added(&mut self, sum: &IdedExpr) {
        if let Expr::Call(sum) = &sum.expr
            && let Some(Expr::List(list)) = sum.args.get(1).map(|added| &added.expr)
        {
            list.elements.iter().for_each(|element| self.visit(element));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_words_signs_and_quoted_texts() {
        let text = r#"a.b('x\'y', r"\d") >= 1.5e-3 && has(c[?'d']) // e"#;
        let found: Vec<&str> = tokens(text).into_iter().map(|(_, token)| token).collect();
        let expected = [
            "a", ".", "b", "(", r"'x\'y'", ",", r#"r"\d""#, ")", ">=", "1.5e-3", "&&", "has", "(", "c", "[",
            "?", "'d'", "]", ")",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn parts_are_found_where_they_are_told() {
        // Each text with the places of all its parts, in order.
        for (text, expected) in [
            ("a == b", vec![0, 2, 5]),
            ("a.b.c", vec![0, 1, 3]),
            ("f(a, -b)", vec![1, 2, 5, 6]),
            ("a.f('b')", vec![0, 3, 4]),
            ("has(a.b)", vec![3, 4]),
            ("a.all(x, x > 1)", vec![0, 5, 9, 11, 13]),
            ("a.map(x, x, [x])[0]", vec![0, 5, 9, 12, 13, 16, 17]),
        ] {
            let mut places: Vec<usize> = positions(text).into_values().collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places, expected, "{text}");
        }
    }
}
