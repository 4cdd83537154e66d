//! From text to tokens.

use std::ops::Range;

use super::Mistake;

/// A token and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Name(String),
    Int,
    Uint,
    Double,
    Text(String),
    Bytes,
    /// An operator or a bracket.
    Sign(&'static str),
}

/// The longest first.
const SIGNS: [&str; 25] = [
    "==", "!=", "<=", ">=", "&&", "||", "[?", ".?", "{?", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":",
    ".", ",", "(", ")", "[", "]",
];
/// What may follow a backslash.
const ESCAPES: &str = "abfnrtv\\?\"'`xXuU01234567";
const BRACES: [&str; 2] = ["{", "}"];

/// Returns the tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    let mut reader = Reader { text, place: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = reader.token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.place..).unwrap_or_default()
    }

    fn token(&mut self) -> Result<Option<Token>, Mistake> {
        self.skip();
        let start = self.place;
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let kind = if let Some((raw, bytes, prefix)) = self.quoted() {
            self.place += prefix;
            self.string(start, raw, bytes)?
        } else if first == '_' || first.is_ascii_alphabetic() {
            TokenKind::Name(self.take(|c| c == '_' || c.is_ascii_alphanumeric()).to_owned())
        } else if first.is_ascii_digit() || self.starts_fraction() {
            self.number()
        } else {
            self.sign(first)?
        };
        let at = start..self.place;
        Ok(Some(Token { kind, at }))
    }

    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            self.take(char::is_whitespace);
            if !self.rest().starts_with("//") {
                return;
            }
            self.take(|c| c != '\n');
        }
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.place += end;
        rest.get(..end).unwrap_or(rest)
    }

    /// Whether a text starts here: raw, bytes, and the length of its prefix.
    fn quoted(&self) -> Option<(bool, bool, usize)> {
        let rest = self.rest();
        let (letters, _) = rest.split_once(['"', '\''])?;
        let letters = letters.to_ascii_lowercase();
        match letters.as_str() {
            "" => Some((false, false, 0)),
            "r" => Some((true, false, 1)),
            "b" => Some((false, true, 1)),
            "br" | "rb" => Some((true, true, 2)),
            _ => None,
        }
    }

    fn string(&mut self, start: usize, raw: bool, bytes: bool) -> Result<TokenKind, Mistake> {
        let rest = self.rest();
        let single = if rest.starts_with('"') { "\"" } else { "'" };
        let triple = single.repeat(3);
        let quote = if rest.starts_with(&triple) {
            triple.as_str()
        } else {
            single
        };
        self.place += quote.len();
        let (mut value, mut escaped) = (String::new(), false);
        while let Some(letter) = self.rest().chars().next() {
            if !escaped && self.rest().starts_with(quote) {
                self.place += quote.len();
                return Ok(if bytes {
                    TokenKind::Bytes
                } else {
                    TokenKind::Text(value)
                });
            }
            if letter == '\n' && quote.len() == 1 {
                break;
            }
            if escaped && !ESCAPES.contains(letter) {
                let at = self.place - 1..self.place + letter.len_utf8();
                let message = format!("`\\{letter}` is no escape: double the backslash, or write `r'..'`");
                return Err(Mistake::new(at, message));
            }
            escaped = !escaped && !raw && letter == '\\';
            if !escaped {
                value.push(letter);
            }
            self.place += letter.len_utf8();
        }
        Err(Mistake::new(start..self.place, "the text is not closed"))
    }

    fn starts_fraction(&self) -> bool {
        let mut letters = self.rest().chars();
        letters.next() == Some('.') && letters.next().is_some_and(|c| c.is_ascii_digit())
    }

    fn number(&mut self) -> TokenKind {
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.place += 2;
            self.take(|c| c.is_ascii_hexdigit());
            return self.integer();
        }
        self.take(|c| c.is_ascii_digit());
        let fraction = self.starts_fraction();
        if fraction {
            self.place += 1;
            self.take(|c| c.is_ascii_digit());
        }
        let exponent = self.exponent();
        match fraction || exponent {
            true => TokenKind::Double,
            false => self.integer(),
        }
    }

    fn exponent(&mut self) -> bool {
        let rest = self.rest();
        let Some(after) = rest.strip_prefix(['e', 'E']) else {
            return false;
        };
        let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        self.place += rest.len() - digits.len();
        self.take(|c| c.is_ascii_digit());
        true
    }

    fn integer(&mut self) -> TokenKind {
        match self.rest().strip_prefix(['u', 'U']) {
            Some(_) => {
                self.place += 1;
                TokenKind::Uint
            }
            None => TokenKind::Int,
        }
    }

    fn sign(&mut self, first: char) -> Result<TokenKind, Mistake> {
        let rest = self.rest();
        let known = SIGNS.iter().chain(&BRACES).find(|sign| rest.starts_with(**sign));
        if let Some(sign) = known {
            self.place += sign.len();
            return Ok(TokenKind::Sign(sign));
        }
        let meant = match first {
            '&' => ": write `&&`",
            '|' => ": write `||`",
            '=' => ": write `==`",
            _ => "",
        };
        let at = self.place..self.place + first.len_utf8();
        Err(Mistake::new(
            at,
            format!("`{first}` is no part of the language{meant}"),
        ))
    }
}
