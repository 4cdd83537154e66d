//! The query of a URL, as the pages of an operator read it.

use http::Uri;

/// Names and values, decoded, in order; a name without a value has an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn of(uri: &Uri) -> Self {
        let parts = uri.query().unwrap_or_default().split('&');
        let pairs = parts.filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        });
        Self {
            pairs: pairs.collect(),
        }
    }

    /// Returns the first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.all(name).next().map(str::to_owned)
    }

    /// Returns every value of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let pairs = self.pairs.iter().filter(move |(known, _)| known == name);
        pairs.map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

/// Decodes `%2F` and the like; what is no such thing stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        // A sign would pass as part of a number.
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let uri: Uri = "/readyz?verbose&exclude=a%2Fb&exclude=c+d&x=%zz%"
            .parse()
            .unwrap();
        let query = Query::of(&uri);
        assert!(query.has("verbose") && !query.has("verb"));
        assert_eq!(query.all("exclude").collect::<Vec<_>>(), ["a/b", "c d"]);
        assert_eq!(query.get("x").as_deref(), Some("%zz%"));
        assert_eq!(Query::of(&"/readyz".parse().unwrap()), Query::default());
    }

    #[test]
    fn what_is_no_escape_stays() {
        let check = |text: &str, expected: &str| assert_eq!(decode(text), expected, "{text}");
        check("caf%C3%A9", "café");
        check("100%", "100%");
        check("%é", "%é");
        check("%+1", "%+1");
    }
}
