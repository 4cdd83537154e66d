//! Regular expressions: the API server compiles them with RE2 as Go has it, of which Rust's syntax is a close relative.
//!
//! Only whether a pattern is one is asked here, not what it matches. So a text is first spelled as Rust's parser wants
//! it where the two differ ([Go's syntax](https://pkg.go.dev/regexp/syntax)), and then read by that parser.

/// Fails with what is wrong with a pattern.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    let spelled = Speller::new(pattern).spell();
    spelled
        .and_then(|text| parse(&text))
        .map_err(|why| format!("the pattern is no regular expression of RE2: {why}"))
}

fn parse(text: &str) -> Result<(), String> {
    let Err(problem) = regex_syntax::Parser::new().parse(text) else {
        return Ok(());
    };
    Err(match &problem {
        regex_syntax::Error::Parse(problem) => problem.kind().to_string(),
        regex_syntax::Error::Translate(problem) => problem.kind().to_string(),
        other => other.to_string(),
    })
}

/// How often a part may be repeated.
const MOST: u32 = 1000;
/// What may be switched on and off inside of a pattern.
const FLAGS: [char; 5] = ['i', 'm', 's', 'U', '-'];

/// Writes a pattern of RE2 as one of Rust's.
struct Speller<'a> {
    rest: &'a str,
    made: String,
    /// Whether the last thing read is a repetition.
    repeated: bool,
}

impl<'a> Speller<'a> {
    fn new(pattern: &'a str) -> Self {
        Self {
            rest: pattern,
            made: String::new(),
            repeated: false,
        }
    }

    fn spell(mut self) -> Result<String, String> {
        while let Some(letter) = self.next() {
            let repeats = self.repetition(letter)?;
            match letter {
                _ if repeats => {}
                '\\' => self.escape(),
                '[' => self.class(),
                '{' => self.made.push_str("\\{"),
                '(' => self.group()?,
                _ => self.made.push(letter),
            }
            self.repeated = repeats;
        }
        Ok(self.made)
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = self.rest.get(letter.len_utf8()..).unwrap_or_default();
        Some(letter)
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Reads a repetition that starts with a letter; a brace that counts nothing stands for itself.
    fn repetition(&mut self, letter: char) -> Result<bool, String> {
        match letter {
            '*' | '+' | '?' => self.made.push(letter),
            '{' => {
                let Some((counts, rest)) = self.rest.split_once('}') else {
                    return Ok(false);
                };
                if !is_count(counts) {
                    return Ok(false);
                }
                let mut counted = counts.split(',').filter(|count| !count.is_empty());
                if counted.any(|count| count.parse::<u32>().map_or(true, |count| count > MOST)) {
                    return Err(format!("a part is repeated {MOST} times at most"));
                }
                self.made.push_str(&format!("{{{counts}}}"));
                self.rest = rest;
            }
            _ => return Ok(false),
        }
        if self.repeated {
            return Err("a repetition is repeated: put the inner one in parentheses".to_owned());
        }
        if self.skip("?") {
            self.made.push('?');
        }
        Ok(true)
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) {
        match self.next() {
            None => self.made.push('\\'),
            Some('Q') => {
                let (quoted, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
                self.made.push_str(&regex_syntax::escape(quoted));
                self.rest = rest;
            }
            Some('p') if self.skip("{^") => self.made.push_str("\\P{"),
            Some('P') if self.skip("{^") => self.made.push_str("\\p{"),
            // A number in octal, such as `\0` or `\12`.
            Some(digit @ '0'..='7') if digit == '0' || self.rest.starts_with(octal) => {
                while self.rest.starts_with(octal) {
                    self.next();
                }
                self.made.push_str("\\x00");
            }
            // These are borders of words elsewhere.
            Some(letter @ ('<' | '>')) => self.made.push(letter),
            Some(letter) => {
                self.made.extend(['\\', letter]);
                let named = self
                    .rest
                    .split_once('}')
                    .filter(|(name, _)| name.starts_with('{'));
                if let (Some((name, rest)), 'p' | 'P' | 'x') = (named, letter) {
                    self.made.push_str(name);
                    self.made.push('}');
                    self.rest = rest;
                }
            }
        }
    }

    /// Reads a class after its bracket; one in another, and what is done with several, do not exist.
    fn class(&mut self) {
        self.made.push('[');
        if self.skip("^") {
            self.made.push('^');
        }
        if self.skip("]") {
            self.made.push_str("\\]");
        }
        while let Some(letter) = self.next() {
            match letter {
                ']' => {
                    self.made.push(']');
                    return;
                }
                '[' => match self.rest.strip_prefix(':').and_then(|it| it.split_once(":]")) {
                    Some((name, rest)) => {
                        self.made.push_str(&format!("[:{name}:]"));
                        self.rest = rest;
                    }
                    None => self.made.push_str("\\["),
                },
                '&' | '~' => self.made.extend(['\\', letter]),
                '-' if self.skip("-") => self.made.push_str("-\\-"),
                '\\' => self.escape(),
                _ => self.made.push(letter),
            }
        }
    }

    /// Reads the beginning of a group.
    fn group(&mut self) -> Result<(), String> {
        self.made.push('(');
        let Some(rest) = self.rest.strip_prefix('?') else {
            return Ok(());
        };
        let flags = rest.split([':', ')']).next().unwrap_or_default();
        let strange = flags.chars().find(|flag| !FLAGS.contains(flag));
        match strange {
            Some(flag) if flags.chars().all(|flag| flag.is_alphabetic() || flag == '-') => {
                Err(format!("there is no flag `{flag}`"))
            }
            _ => {
                self.skip("?");
                self.made.push('?');
                Ok(())
            }
        }
    }
}

fn octal(letter: char) -> bool {
    ('0'..='7').contains(&letter)
}

/// Whether a text is `3`, `3,` or `3,4`.
fn is_count(text: &str) -> bool {
    let (least, most) = text.split_once(',').unwrap_or((text, ""));
    let digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_reads_is_a_pattern() {
        let right = |pattern: &str| assert_eq!(check(pattern), Ok(()), "{pattern}");
        right(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$");
        right(r"^[^][ ()<>@,;:/?.=\x00-\x1F]+$");
        right(r"^\$\{[a-z]+\}$");
        right(r"^{.*}$");
        right(r"a{,5}|b{2}|c{2,}|d{2,1000}?");
        right(r"[]a]|[[]|[a&&b]|[+--]|[~~]");
        right(r"[[:alpha:]_]+?");
        right(r"^\Qa.b{c\E$");
        right(r"\012|\x{10FFFF}|\pN|\p{Greek}|\p{^Lu}|\<a\>");
        right(r"^(?i)(?:a|b)(?P<name>c)(?s:.)$");
        right(r"^https?:\/\/[\w\-\.]+(:\d+)?$");
    }

    #[test]
    fn what_go_refuses_is_told() {
        let wrong = |pattern: &str, why: &str| {
            let expected = Err(format!("the pattern is no regular expression of RE2: {why}"));
            assert_eq!(check(pattern), expected, "{pattern}");
        };
        let lookaround = "look-around, including look-ahead and look-behind, is not supported";
        wrong(r"^(?!a)", lookaround);
        wrong(r"(?<=a)b", lookaround);
        wrong(r"(a)\1", "backreferences are not supported");
        wrong(r"a{1001}", "a part is repeated 1000 times at most");
        wrong(
            r"a**",
            "a repetition is repeated: put the inner one in parentheses",
        );
        wrong(
            r"a{2}{3}",
            "a repetition is repeated: put the inner one in parentheses",
        );
        wrong(r"(?x)a", "there is no flag `x`");
        wrong(r"[a", "unclosed character class");
        wrong(r"(a", "unclosed group");
        wrong(r"*a", "repetition operator missing expression");
        wrong(
            r"[z-a]",
            "invalid character class range, the start must be <= the end",
        );
    }
}
