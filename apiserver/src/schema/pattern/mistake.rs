//! What is wrong with a regular expression, in the words of Go's `regexp`.

use std::borrow::Cow;

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{self, Ast, Error, ErrorKind, RepetitionKind, RepetitionRange};

/// The most repetitions Go allows.
const MOST: u32 = 1000;

/// Returns what is wrong, with the part of the expression it is about.
pub(super) fn of(source: &str) -> Option<String> {
    if let Some(operator) = nested_repetition(source) {
        return Some(format!("invalid nested repetition operator: `{operator}`"));
    }
    let plain = with_plain_braces(source);
    match Parser::new().parse(&plain) {
        Err(error) => Some(told(&error, &plain)),
        Ok(ast) => ast::visit(&ast, Excess::default()).err().map(|what| match what {
            Fault::Repeated(span) => format!("invalid repeat count: `{}`", cut(&plain, &span)),
            Fault::NoClass(span) => format!("invalid character class range: `{}`", cut(&plain, &span)),
            Fault::Flag(span) => {
                let before = &plain[..span.end.offset];
                let start = before.rfind("(?").unwrap_or_default();
                format!("invalid or unsupported Perl syntax: `{}`", &before[start..])
            }
        }),
    }
}

/// A brace that begins no count stands for itself.
pub(super) fn with_plain_braces(source: &str) -> Cow<'_, str> {
    if !source.contains('{') {
        return Cow::Borrowed(source);
    }
    let mut plain = String::with_capacity(source.len());
    let (mut escaped, mut in_class, mut is_name) = (false, false, false);
    for (at, letter) in source.char_indices() {
        let starts_count = || is_count(&source[at + 1..]);
        if letter == '{' && !escaped && !in_class && !is_name && !starts_count() {
            plain.push('\\');
        }
        plain.push(letter);
        // Classes and characters can have names in braces.
        is_name = escaped && matches!(letter, 'p' | 'P' | 'x');
        match letter {
            '[' if !escaped => in_class = true,
            ']' if !escaped => in_class = false,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    Cow::Owned(plain)
}

fn is_count(text: &str) -> bool {
    let Some((count, _)) = text.split_once('}') else {
        return false;
    };
    let (least, most) = count.split_once(',').unwrap_or((count, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

fn cut<'s>(source: &'s str, span: &ast::Span) -> &'s str {
    source.get(span.start.offset..span.end.offset).unwrap_or(source)
}

fn told(error: &Error, source: &str) -> String {
    let part = cut(source, error.span());
    let rest = source.get(error.span().start.offset..).unwrap_or(source);
    let (words, about) = match error.kind() {
        ErrorKind::ClassUnclosed => ("missing closing ]", rest),
        ErrorKind::GroupUnclosed => ("missing closing )", source),
        ErrorKind::GroupUnopened => ("unexpected )", source),
        ErrorKind::RepetitionMissing => (
            "missing argument to repetition operator",
            rest.get(..1).unwrap_or(rest),
        ),
        ErrorKind::RepetitionCountInvalid => ("invalid repeat count", part),
        ErrorKind::ClassRangeInvalid | ErrorKind::UnicodeClassInvalid => {
            ("invalid character class range", part)
        }
        ErrorKind::EscapeUnexpectedEof => ("trailing backslash at end of expression", ""),
        ErrorKind::UnsupportedLookAround if part.starts_with("(?<") => ("invalid named capture", rest),
        ErrorKind::UnsupportedLookAround => ("invalid or unsupported Perl syntax", part),
        ErrorKind::FlagUnrecognized
        | ErrorKind::FlagDanglingNegation
        | ErrorKind::FlagRepeatedNegation { .. } => {
            let start = source[..error.span().end.offset].rfind("(?").unwrap_or_default();
            (
                "invalid or unsupported Perl syntax",
                &source[start..error.span().end.offset],
            )
        }
        _ => ("invalid escape sequence", part),
    };
    format!("{words}: `{about}`")
}

/// Returns a repetition of a repetition, which RE2 refuses.
fn nested_repetition(source: &str) -> Option<&str> {
    let bytes = source.as_bytes();
    let (mut at, mut in_class) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' | b'+' | b'?' if !in_class && at > 0 && bytes[at - 1] != b'(' => {
                let lazy = usize::from(bytes.get(at + 1) == Some(&b'?'));
                let end = at + lazy + 1;
                if matches!(bytes.get(end), Some(b'*' | b'+' | b'?')) {
                    return source.get(at..=end);
                }
                at += lazy;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

enum Fault {
    Repeated(ast::Span),
    NoClass(ast::Span),
    Flag(ast::Span),
}

/// Looks for more repetitions than are allowed, one inside the other, and for what Go does not know.
#[derive(Default)]
struct Excess {
    /// Of each repetition around this place, how often what is in it is repeated by others in it.
    inside: Vec<u32>,
}

impl Excess {
    fn flags(flags: &ast::Flags) -> Result<(), Fault> {
        let unknown = flags.items.iter().find(|item| {
            use ast::Flag::{CRLF, IgnoreWhitespace, Unicode};
            matches!(
                item.kind,
                ast::FlagsItemKind::Flag(CRLF | IgnoreWhitespace | Unicode)
            )
        });
        unknown.map_or(Ok(()), |item| Err(Fault::Flag(item.span)))
    }
}

impl ast::Visitor for Excess {
    type Output = ();
    type Err = Fault;

    fn finish(self) -> Result<(), Fault> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Fault> {
        match ast {
            Ast::Repetition(_) => self.inside.push(1),
            Ast::Flags(set) => Self::flags(&set.flags)?,
            Ast::Group(group) => {
                if let ast::GroupKind::NonCapturing(flags) = &group.kind {
                    Self::flags(flags)?;
                }
            }
            Ast::ClassUnicode(class) if regex_syntax::parse(&ast.to_string()).is_err() => {
                return Err(Fault::NoClass(class.span));
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), Fault> {
        let Ast::Repetition(repetition) = ast else {
            return Ok(());
        };
        let count = match &repetition.op.kind {
            RepetitionKind::Range(RepetitionRange::Exactly(most) | RepetitionRange::Bounded(_, most)) => {
                *most
            }
            RepetitionKind::Range(RepetitionRange::AtLeast(least)) => *least,
            _ => 1,
        };
        let inside = self.inside.pop().unwrap_or(1);
        let all = inside.saturating_mul(count.max(1));
        if all > MOST {
            return Err(Fault::Repeated(repetition.op.span));
        }
        if let Some(around) = self.inside.last_mut() {
            *around = all.max(*around);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_in_gos_words() {
        for (pattern, expected) in [
            ("(", "missing closing ): `(`"),
            ("a)", "unexpected ): `a)`"),
            ("a[b", "missing closing ]: `[b`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("(a)\\1", "invalid escape sequence: `\\1`"),
            ("a{2,1}", "invalid repeat count: `{2,1}`"),
            ("(a{100}){11}", "invalid repeat count: `{11}`"),
            ("[z-a]", "invalid character class range: `z-a`"),
        ] {
            assert_eq!(of(pattern).as_deref(), Some(expected), "{pattern}");
        }
        for good in [
            "a+",
            "a*?",
            r"\*+",
            "[*+]+",
            "(?i)a",
            "^(a|b)*$",
            "a{",
            "a{,5}",
            "{a}",
            r"\p{L}{2}",
            "[{]",
        ] {
            assert_eq!(of(good), None, "{good}");
        }
    }
}
