//! What fields, types and modules are called.

use krate::KubeSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::row::{Row, row};

/// Keywords of Rust, words of CEL, and signs no identifier has.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = "self.type != 'b' && self.__in__ > 0 && self.__namespace__ != '' && self.a__dash__b > 0",
    validation = "self.c__dot__d && self.x__underscores__y > 1 && self.e__slash__f == 'q' && self.maxSize > 0"
)]
struct Words {
    r#type: String,
    r#in: i32,
    namespace: String,
    max_size: i32,
    #[serde(rename = "a-b")]
    dash: i32,
    #[serde(rename = "c.d")]
    dot: bool,
    #[serde(rename = "x__y")]
    underscores: i32,
    #[serde(rename = "e/f")]
    slash: String,
    #[serde(rename = "gr\u{f6}\u{df}e")]
    umlaut: i32,
    #[serde(rename = "with space")]
    space: i32,
    #[serde(rename = "$ref")]
    reference: String,
    #[serde(rename = "x-kubernetes-int-or-string")]
    keyword: bool,
}

/// Fields called as an object's own.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.kind != '' && self.metadata.name != 'b' && self.apiVersion == 'v1'")]
struct Own {
    kind: String,
    #[serde(rename = "apiVersion")]
    api_version: String,
    metadata: Metadata,
    status: Option<String>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Metadata {
    name: String,
}

/// Fields called as keywords of schemas.
#[derive(KubeSchema, Serialize, Deserialize)]
struct Schema {
    properties: Option<Box<Schema>>,
    items: Vec<String>,
    required: bool,
    default: i32,
    #[serde(rename = "enum")]
    words: Vec<String>,
    nullable: Option<bool>,
    #[serde(rename = "additionalProperties")]
    additional: String,
}

/// Every rule for names there is.
macro_rules! renamed {
    ($($module:ident, $rule:literal, $cel:literal;)*) => {$(
        mod $module {
            use krate::KubeSchema;
            use serde::{Deserialize, Serialize};

            #[derive(KubeSchema, Serialize, Deserialize)]
            #[serde(rename_all = $rule)]
            #[x_kube(validation = $cel)]
            pub(super) struct Fields {
                pub(super) max_size: i32,
                pub(super) r#type: i32,
                pub(super) a1_b: Words,
            }

            #[derive(KubeSchema, Serialize, Deserialize)]
            #[serde(rename_all = $rule)]
            pub(super) enum Words {
                FastLane,
                HTTPServer,
                A1B,
            }
        }
    )*};
}

renamed! {
    camel, "camelCase", "self.maxSize > 0 && self.type > 0 && self.a1B != ''";
    pascal, "PascalCase", "self.MaxSize > 0 && self.Type > 0 && self.A1B != ''";
    screaming, "SCREAMING_SNAKE_CASE", "self.MAX_SIZE > 0 && self.A1_B != ''";
    kebab, "kebab-case", "self.max__dash__size > 0 && self.a1__dash__b != ''";
    train, "SCREAMING-KEBAB-CASE", "self.MAX__dash__SIZE > 0";
    snake, "snake_case", "self.max_size > 0";
    lower, "lowercase", "self.max_size > 0";
    upper, "UPPERCASE", "self.MAX_SIZE > 0";
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Renamed {
    camel: camel::Fields,
    pascal: pascal::Fields,
    screaming: screaming::Fields,
    kebab: kebab::Fields,
    train: train::Fields,
    snake: snake::Fields,
    lower: lower::Fields,
    upper: upper::Fields,
}

/// Types of the same name in two modules, and one called as generated code might be.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.one.name != '' && self.two.size > 0 && self.d.field.shape > 0")]
struct Same {
    one: one::Item,
    two: two::Item,
    d: D,
}

mod one {
    #[derive(krate::KubeSchema, serde::Serialize, serde::Deserialize)]
    pub(super) struct Item {
        name: String,
    }
}

mod two {
    #[derive(krate::KubeSchema, serde::Serialize, serde::Deserialize)]
    pub(super) struct Item {
        size: i32,
    }
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct D {
    field: Field,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Field {
    shape: i32,
}

/// Types called as those of the prelude; only to rules, a `String` is always a text.
mod shadowed {
    use krate::KubeSchema;
    use serde::{Deserialize, Serialize};

    #[derive(KubeSchema, Serialize, Deserialize)]
    pub(super) struct String {
        text: std::string::String,
    }

    #[derive(KubeSchema, Serialize, Deserialize)]
    pub(super) struct Vec {
        items: std::vec::Vec<i32>,
    }

    #[derive(KubeSchema, Serialize, Deserialize)]
    pub(super) enum Result {
        Ok,
        Err,
    }

    #[derive(KubeSchema, Serialize, Deserialize)]
    pub(super) struct Box {
        width: i32,
    }

    #[derive(KubeSchema, Serialize, Deserialize)]
    #[x_kube(validation = "self.list.items.size() > 0 && self.size.width > 0")]
    pub(super) struct Shadowed {
        word: String,
        list: Vec,
        result: Result,
        size: Box,
        maybe: std::option::Option<i32>,
    }
}

/// Nothing is in scope but what is named.
#[no_implicit_prelude]
mod bare {
    use ::krate::KubeSchema;
    use ::serde::{Deserialize, Serialize};

    #[derive(KubeSchema, Serialize, Deserialize)]
    #[x_kube(validation = "self.size > 0 && self.words.all(word, word != '')")]
    pub(super) struct Bare {
        #[x_kube(minimum = 1, default = 3)]
        size: i32,
        words: ::std::vec::Vec<::std::string::String>,
        word: ::std::option::Option<Word>,
    }

    #[derive(KubeSchema, Serialize, Deserialize)]
    pub(super) enum Word {
        /// One.
        One,
        Two(i32),
    }
}

/// Words of all scripts, and signs that end comments. \*/ */ -- ''' """ {{ }} <b> & \u{0} %s $1
///
/// | a | b |
/// |---|---|
/// | `c` | [d](https://example.com) |
///
/// ```
/// assert!(true);
/// ```
#[derive(KubeSchema, Serialize, Deserialize)]
struct Documented {
    /// \u{4f60}\u{597d}, \u{1f980}: nothing but signs. */
    #[doc = "你好, 🦀"]
    #[doc = concat!("a", "b")]
    crab: i32,
    #[doc = ""]
    nothing: i32,
    /** A block.

    Indented. */
    block: i32,
}

pub(crate) fn rows() -> Vec<Row> {
    let fields = |a: &str, b: &str, c: &str, word: &str| json!({a: 1, b: 1, c: word});
    vec![
        row::<Words>("words and signs in names").takes([json!({
            "type": "a", "in": 1, "namespace": "n", "maxSize": 1, "a-b": 1, "c.d": true, "x__y": 2, "e/f": "q",
            "gr\u{f6}\u{df}e": 1, "with space": 1, "$ref": "a", "x-kubernetes-int-or-string": true,
        })]),
        row::<Own>("fields called as an object's own")
            .takes([json!({"kind": "a", "apiVersion": "v1", "metadata": {"name": "a"}})])
            .forbids([json!({"kind": "a", "apiVersion": "v2", "metadata": {"name": "a"}})]),
        row::<Schema>("fields called as keywords of schemas").takes([json!({
            "items": ["a"], "required": true, "default": 1, "enum": ["b"], "additionalProperties": "c",
            "properties": {"items": [], "required": true, "default": 1, "enum": [], "additionalProperties": ""},
        })]),
        row::<Renamed>("every rule for names").takes([json!({
            "camel": fields("maxSize", "type", "a1B", "fastLane"),
            "pascal": fields("MaxSize", "Type", "A1B", "HTTPServer"),
            "screaming": fields("MAX_SIZE", "TYPE", "A1_B", "H_T_T_P_SERVER"),
            "kebab": fields("max-size", "type", "a1-b", "a1-b"),
            "train": fields("MAX-SIZE", "TYPE", "A1-B", "FAST-LANE"),
            "snake": fields("max_size", "type", "a1_b", "h_t_t_p_server"),
            "lower": fields("max_size", "type", "a1_b", "fastlane"),
            "upper": fields("MAX_SIZE", "TYPE", "A1_B", "A1B"),
        })]),
        row::<Same>("types of one name")
            .takes([json!({"one": {"name": "a"}, "two": {"size": 1}, "d": {"field": {"shape": 1}}})])
            .refuses([json!({"one": {"size": 1}, "two": {"size": 1}, "d": {"field": {"shape": 1}}})]),
        row::<shadowed::Shadowed>("types called as those of the prelude").takes([json!({
            "word": {"text": "a"}, "list": {"items": [1]}, "result": "Ok", "size": {"width": 1},
        })]),
        row::<bare::Bare>("a module without prelude")
            .takes([json!({"size": 1, "words": ["a"], "word": {"Two": 1}})]),
        row::<Documented>("documentation of all sorts").takes([json!({"crab": 1, "nothing": 1, "block": 1})]),
    ]
}
