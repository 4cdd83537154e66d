//! Words and signs of a label selector.

/// A piece of a selector with the text it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    Close,
    Comma,
    Not,
    DoubleEquals,
    Equals,
    Greater,
    Word,
    In,
    Less,
    NotEquals,
    NotIn,
    Open,
    Unknown,
}

impl Token<'_> {
    /// Where values or keys are expected, `in` and `notin` are words like any other.
    pub(super) fn as_value(self) -> Self {
        match self.kind {
            Kind::In | Kind::NotIn => Self {
                kind: Kind::Word,
                ..self
            },
            _ => self,
        }
    }
}

/// Splits a selector; the last token is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let belongs = |c: char| is_sign(c) == is_sign(first) && !c.is_whitespace();
        let run = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        let token = if is_sign(first) { sign(run) } else { word(run) };
        rest = rest[token.text.len()..].trim_start();
        tokens.push(token);
    }
    tokens.push(Token {
        kind: Kind::End,
        text: "",
    });
    tokens
}

fn is_sign(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn word(text: &str) -> Token<'_> {
    let kind = match text {
        "in" => Kind::In,
        "notin" => Kind::NotIn,
        _ => Kind::Word,
    };
    Token { kind, text }
}

/// The longest sign a run of sign characters starts with.
fn sign(run: &str) -> Token<'_> {
    const SIGNS: [(&str, Kind); 9] = [
        ("==", Kind::DoubleEquals),
        ("!=", Kind::NotEquals),
        (")", Kind::Close),
        (",", Kind::Comma),
        ("!", Kind::Not),
        ("=", Kind::Equals),
        (">", Kind::Greater),
        ("<", Kind::Less),
        ("(", Kind::Open),
    ];
    let known = SIGNS.iter().find(|(sign, _)| run.starts_with(sign));
    known.map_or(
        Token {
            kind: Kind::Unknown,
            text: run,
        },
        |(sign, kind)| Token {
            kind: *kind,
            text: &run[..sign.len()],
        },
    )
}
