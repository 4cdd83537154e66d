//! Paths such as `.a.b['c']` from a place in a schema to a field below it.

use crate::schema::{Additional, Node};

/// Whether a path may have brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrays {
    Allowed,
    Forbidden,
}

/// Returns the field a path leads to: how errors call it, and its schema, which not all values have.
///
/// # Errors
/// What is wrong with the path, in the real server's words.
pub(crate) fn resolve<'s>(
    node: Node<'s>,
    path: &str,
    arrays: Arrays,
) -> Result<(String, Option<Node<'s>>), String> {
    const END: &str = "unexpected end of JSON path";
    let mut tokens = Tokens { rest: path };
    let mut reached = (String::new(), Some(node));
    while let Some(token) = tokens.next() {
        match token {
            "[" if arrays == Arrays::Forbidden => return Err("array notation is not allowed".to_owned()),
            "[" => {
                let quoted = tokens.next().ok_or(END)?;
                reached = below(reached, &unquoted(quoted)?)?;
                match tokens.next().ok_or(END)? {
                    "]" => {}
                    other => return Err(format!("expected ] but got {other}")),
                }
            }
            "." => reached = below(reached, tokens.next().ok_or(END)?)?,
            other => return Err(format!("expected [ or . but got: {other}")),
        }
    }
    Ok(reached)
}

fn below<'s>(
    (path, node): (String, Option<Node<'s>>),
    name: &str,
) -> Result<(String, Option<Node<'s>>), String> {
    const NOWHERE: &str = "does not refer to a valid field";
    let node = node.ok_or(NOWHERE)?;
    if !node.schema().properties.is_empty() {
        let field = node.property(name).ok_or(NOWHERE)?;
        let dot = if path.is_empty() { "" } else { "." };
        return Ok((format!("{path}{dot}{name}"), Some(field)));
    }
    match node.schema().additional {
        Additional::Undeclared => Err(NOWHERE.to_owned()),
        _ => Ok((format!("{path}[{name}]"), node.values())),
    }
}

/// The inside of a text in single quotes.
fn unquoted(token: &str) -> Result<String, String> {
    let inside = token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let inside = inside.ok_or_else(|| format!("expected single quoted string but got {token}"))?;
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, false) => text.push(character),
            (_, true) => text.push(match characters.next() {
                Some('a') => '\u{7}',
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('v') => '\u{b}',
                Some(quote @ ('\'' | '\\')) => quote,
                other => {
                    let character = other.map(String::from).unwrap_or_default();
                    return Err(format!(
                        "invalid string literal: invalid escape char \\{character}"
                    ));
                }
            }),
        }
    }
    Ok(text)
}

/// Dots, brackets, texts in quotes, and what is between them.
struct Tokens<'p> {
    rest: &'p str,
}

impl<'p> Iterator for Tokens<'p> {
    type Item = &'p str;

    fn next(&mut self) -> Option<&'p str> {
        let first = self.rest.chars().next()?;
        let end = match first {
            '.' | '[' | ']' => 1,
            '\'' => self.quoted(),
            _ => self.rest.find(['.', '[', ']']).unwrap_or(self.rest.len()),
        };
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(token)
    }
}

impl Tokens<'_> {
    fn quoted(&self) -> usize {
        let bytes = self.rest.as_bytes();
        let closes = |at: &usize| bytes[*at] == b'\'' && bytes[at - 1] != b'\\';
        (1..bytes.len()).find(closes).map_or(bytes.len(), |at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Definitions, Schema};

    #[test]
    fn fields_are_reached_by_dots_and_brackets() {
        let schema = Schema::parse(&json!({"properties": {
            "a": {"properties": {"b.c": {"type": "string"}}},
            "m": {"additionalProperties": {"type": "string"}},
        }}));
        let definitions = Definitions::new();
        for (path, expected) in [
            (".a", Ok("a")),
            (".a['b.c']", Ok("a.b.c")),
            (".m.x", Ok("m[x]")),
            (".m['it\\'s']", Ok("m[it's]")),
            ("a", Err("expected [ or . but got: a")),
            (".x", Err("does not refer to a valid field")),
            (".a[", Err("unexpected end of JSON path")),
            (".a[b]", Err("expected single quoted string but got b")),
            (".a['b.c'.", Err("expected ] but got .")),
            (
                ".m['\\q']",
                Err("invalid string literal: invalid escape char \\q"),
            ),
        ] {
            let found = resolve(Node::new(&schema, &definitions), path, Arrays::Allowed);
            let found = found
                .as_ref()
                .map(|(path, _)| path.as_str())
                .map_err(String::as_str);
            assert_eq!(found, expected, "{path}");
        }
    }
}
