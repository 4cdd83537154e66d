//! Texts put together by the compiler.

/// Room for a message; what does not fit is left out.
const ROOM: usize = 2048;

/// A text that grows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    bytes: [u8; ROOM],
    length: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; ROOM],
            length: 0,
        }
    }

    /// Appends a text, whole or not at all: half a character is none.
    #[must_use]
    pub(super) const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.length + text.len() > ROOM {
            return self;
        }
        let mut index = 0;
        while index < text.len() {
            self.bytes[self.length] = text[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    /// Appends a text in back-ticks.
    #[must_use]
    pub(super) const fn quoted(self, text: &str) -> Self {
        self.and("`").and(text).and("`")
    }

    /// Asks whether another word is meant.
    #[must_use]
    pub(super) const fn rather(self, word: &str) -> Self {
        self.and(": did you mean ").quoted(word).and("?")
    }

    pub(super) const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.length);
        match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// Whether two texts are the same.
pub(in crate::crd) const fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}
