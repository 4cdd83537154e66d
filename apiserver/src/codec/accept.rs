//! What form an answer has: the `Accept` header against what can be made.

/// Taken in requests of others, never made.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// What an answer shows of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// All of them.
    Whole,
    /// Rows of a table, of this version of `meta.k8s.io`.
    Table(String),
    /// Their metadata, of this version of `meta.k8s.io`.
    Partial(String),
}

/// One thing the client takes that the server can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// How it is written.
    pub encoding: Encoding,
    /// What it shows.
    pub form: Form,
}

impl Accept {
    /// JSON of whole objects: what is taken without an `Accept` header.
    pub const JSON: Self = Self {
        encoding: Encoding::Json,
        form: Form::Whole,
    };

    /// Returns the best the header asks for that can be made; `None` if nothing can.
    #[must_use]
    pub fn negotiate(header: Option<&str>) -> Option<Self> {
        let header = header.map(str::trim).filter(|header| !header.is_empty());
        let Some(header) = header else {
            return Some(Self::JSON);
        };
        let mut clauses: Vec<Clause<'_>> = header.split(',').map(Clause::parse).collect();
        clauses.sort_by(|one, other| other.quality.total_cmp(&one.quality));
        clauses.iter().find_map(Clause::producible)
    }

    /// Returns whether the header names any media type there is, whatever it wants of it.
    #[must_use]
    pub fn knows(header: &str) -> bool {
        let kinds = [
            "*/*",
            "application/*",
            "application/json",
            "application/yaml",
            PROTOBUF,
        ];
        header
            .split(',')
            .any(|clause| kinds.contains(&Clause::parse(clause).kind))
    }

    /// Returns the content type of an answer in this form.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.encoding.content_type()
    }
}

impl Encoding {
    /// Returns the content type of what is written so.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Yaml => "application/yaml",
        }
    }
}

/// One part of an `Accept` header.
struct Clause<'a> {
    kind: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    quality: f32,
}

impl<'a> Clause<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
        let quality = parameters.iter().find(|(name, _)| *name == "q");
        let quality = quality.and_then(|(_, value)| value.parse().ok()).unwrap_or(1.0);
        Self {
            kind,
            parameters,
            quality,
        }
    }

    fn parameter(&self, name: &str) -> &'a str {
        let found = self.parameters.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value).unwrap_or_default()
    }

    fn producible(&self) -> Option<Accept> {
        let encoding = match self.kind {
            "*/*" | "application/*" | "application/json" => Encoding::Json,
            "application/yaml" => Encoding::Yaml,
            _ => return None,
        };
        let meta = self.parameter("g") == "meta.k8s.io" && matches!(self.parameter("v"), "v1" | "v1beta1");
        let version = self.parameter("v").to_owned();
        let form = match self.parameter("as") {
            "" => Form::Whole,
            "Table" if meta => Form::Table(version),
            "PartialObjectMetadata" | "PartialObjectMetadataList" if meta => Form::Partial(version),
            _ => return None,
        };
        Some(Accept { encoding, form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: &str) {
        let found = match Accept::negotiate(Some(header)) {
            None => "nothing".to_owned(),
            Some(accept) => format!("{:?} {:?}", accept.encoding, accept.form),
        };
        assert_eq!(found, expected, "{header}");
    }

    #[test]
    fn the_first_that_can_be_made_is_taken() {
        let cases = [
            ("", "Json Whole"),
            ("*/*", "Json Whole"),
            ("application/json, */*", "Json Whole"),
            ("application/yaml", "Yaml Whole"),
            (
                "application/vnd.kubernetes.protobuf,application/json",
                "Json Whole",
            ),
            ("application/vnd.kubernetes.protobuf", "nothing"),
            ("text/html", "nothing"),
            (
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
                "Json Table(\"v1\")",
            ),
            (
                "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
                "Json Partial(\"v1\")",
            ),
            (
                "application/json;as=Table;v=v2;g=meta.k8s.io,application/json",
                "Json Whole",
            ),
            ("application/json;q=0.5,application/yaml", "Yaml Whole"),
            ("application/json;stream=watch", "Json Whole"),
        ];
        for (header, expected) in cases {
            check(header, expected);
        }
        assert_eq!(Accept::negotiate(None), Some(Accept::JSON));
    }
}
