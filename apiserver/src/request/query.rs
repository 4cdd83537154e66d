//! The query of a URL.

use crate::status::{Error, Result};

/// Decoded pairs in the order they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Parses the part of a URL after `?`. Never fails: what is not encoded right is taken as it is.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        });
        Self {
            pairs: pairs.collect(),
        }
    }

    /// Returns the first value of a parameter.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Returns every value of a parameter.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        let matching = self.pairs.iter().filter(move |(key, _)| key == name);
        matching.map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a parameter, empty if it is absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.first(name).unwrap_or_default()
    }

    /// Returns a boolean parameter; like the real server, anything but `false` and `0` is true.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        let value = self.first(name)?;
        Some(!(value.eq_ignore_ascii_case("false") || value == "0"))
    }

    /// Returns a whole number.
    ///
    /// # Errors
    /// 400 if the value is no number.
    pub fn number(&self, name: &str) -> Result<Option<i64>> {
        let Some(value) = self.first(name) else {
            return Ok(None);
        };
        let parsed = value.parse().map(Some);
        parsed.map_err(|_| Error::bad_request(format!("strconv.ParseInt: parsing {value:?}: invalid syntax")))
    }
}

/// Replaces `%xx`, and `+` by a space if `form` is set.
pub(super) fn decode(text: &str, form: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%').then(|| escaped(bytes, at)).flatten();
        out.push(code.unwrap_or(if form && byte == b'+' { b' ' } else { byte }));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_kept_in_order() {
        let query = Query::parse("dryRun=All&x=a%20b+c%3D&dryRun=Foo&empty&bad=%zz");
        assert_eq!(query.text("x"), "a b c=");
        assert_eq!(query.all("dryRun").collect::<Vec<_>>(), ["All", "Foo"]);
        assert_eq!((query.first("empty"), query.text("bad")), (Some(""), "%zz"));
    }

    #[test]
    fn a_flag_is_true_unless_it_says_no() {
        let query = Query::parse("a=1&b=false&c=0&d=&e=anything&f=FALSE");
        let flags = ["a", "b", "c", "d", "e", "f", "g"].map(|name| query.flag(name));
        let expected = [
            Some(true),
            Some(false),
            Some(false),
            Some(true),
            Some(true),
            Some(false),
            None,
        ];
        assert_eq!(flags, expected);
    }

    #[test]
    fn a_number_that_is_none_is_refused_in_the_words_of_the_server() {
        let error = Query::parse("limit=abc").number("limit").unwrap_err();
        assert_eq!(error.message, "strconv.ParseInt: parsing \"abc\": invalid syntax");
        assert_eq!(Query::parse("limit=-1").number("limit").unwrap(), Some(-1));
    }
}
