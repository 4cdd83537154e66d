//! What Go's `encoding/json` says about a text that is no JSON: clients and tests match on these sentences.

/// Returns the complaint about the first mistake; `None` if Go would find none.
pub(super) fn complaint(body: &[u8]) -> Option<String> {
    let mut scanner = Scanner { body, at: 0 };
    scanner.document().err()
}

struct Scanner<'a> {
    body: &'a [u8],
    at: usize,
}

type Checked = Result<(), String>;

impl Scanner<'_> {
    fn document(&mut self) -> Checked {
        self.value()?;
        self.spaces();
        match self.peek() {
            None => Ok(()),
            Some(_) => self.wrong("after top-level value"),
        }
    }

    /// Values without recursion: a stack of open brackets.
    fn value(&mut self) -> Checked {
        let mut open = Vec::new();
        loop {
            self.spaces();
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    self.spaces();
                    if self.peek() == Some(b'}') {
                        self.at += 1;
                    } else {
                        self.key()?;
                        open.push(b'}');
                        continue;
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    self.spaces();
                    if self.peek() == Some(b']') {
                        self.at += 1;
                    } else {
                        open.push(b']');
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            if self.close(&mut open)? {
                return Ok(());
            }
        }
    }

    /// After a value: closes what ends here; true if the outermost value did.
    fn close(&mut self, open: &mut Vec<u8>) -> Result<bool, String> {
        while let Some(&bracket) = open.last() {
            self.spaces();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if bracket == b'}' {
                        self.spaces();
                        self.key()?;
                    }
                    return Ok(false);
                }
                Some(byte) if byte == bracket => {
                    self.at += 1;
                    open.pop();
                }
                _ if bracket == b'}' => self.wrong("after object key:value pair")?,
                _ => self.wrong("after array element")?,
            }
        }
        Ok(true)
    }

    fn key(&mut self) -> Checked {
        if self.peek() != Some(b'"') {
            return self.wrong("looking for beginning of object key string");
        }
        self.string()?;
        self.spaces();
        if self.peek() != Some(b':') {
            return self.wrong("after object key");
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self) -> Checked {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.wrong("looking for beginning of value"),
        }
    }

    fn literal(&mut self, word: &str) -> Checked {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let expecting = char::from(expected);
                return self.wrong(&format!("in literal {word} (expecting '{expecting}')"));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Checked {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0x20..) => self.at += 1,
                _ => return self.wrong("in string literal"),
            }
        }
    }

    fn escape(&mut self) -> Checked {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return self.wrong("in \\u hexadecimal character escape");
                    }
                    self.at += 1;
                }
            }
            _ => return self.wrong("in string escape code"),
        }
        Ok(())
    }

    fn number(&mut self) -> Checked {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn digits(&mut self, place: &str) -> Checked {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.wrong(place);
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    fn wrong(&self, place: &str) -> Checked {
        Err(match self.peek() {
            None => "unexpected end of JSON input".to_owned(),
            Some(byte) => format!("invalid character {} {place}", quote(byte)),
        })
    }
}

fn quote(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        _ => format!("'{}'", char::from(byte).escape_debug()),
    }
}
