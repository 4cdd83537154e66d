//! The types of one version, rewritten for another one.
//!
//! The text stays as it is but for three things: the spec says another version and that it is not stored, and every
//! type that is read and written says which type of the stored version it is converted to, or is taken from there (`shared`).

use std::ops::Range;

use proc_macro2::{Ident, TokenTree};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Item, Path, Token};

use crate::error::{Error, Result};

use super::{line_start, parse_rust, proven, shared, splice};

/// Texts to be put in place of others.
type Edits = Vec<(Range<usize>, String)>;

pub(super) fn further(path: &str, text: &str, kind: &str, hub: &str, version: &str) -> Result<String> {
    let file = parse_rust(path, text)?;
    let common = shared::of(&file);
    let (mut edits, mut specs) = (shared::edits(path, text, &file, &common, hub)?, 0);
    for (attributes, name) in file.items.iter().filter_map(parts) {
        let Some(derive) = Derive::read(attributes).filter(|_| !common.contains(&name.to_string())) else {
            continue;
        };
        let spec = Spec::read(attributes);
        if let Some(spec) = spec.iter().find(|spec| spec.kind == kind) {
            specs += 1;
            edits.extend(spec.edits(text, version));
        }
        let target = match spec {
            // What only one version has room for is kept, until it is said what becomes of it.
            Some(spec) => format!("{hub}::{}, keep", spec.root),
            None => format!("{hub}::{name}"),
        };
        edits.extend(derive.edits(text, &target));
    }
    if specs != 1 {
        return Err(lost(path, kind, hub));
    }
    edits.sort_by_key(|(at, _)| at.start);
    let edited = edits.into_iter().rev();
    proven(
        path,
        edited.fold(text.to_owned(), |text, (at, new)| splice(&text, at, &new)),
    )
}

fn lost(path: &str, kind: &str, hub: &str) -> Error {
    let snippet = format!(
        "#[derive(CustomResource, Serialize, Deserialize, KubeSchema, Clone, Debug, Spoke)]\n#[spoke(hub = {hub}::{kind}, keep)]\n#[kube(kind = \"{kind}\", storage = false, ..)]"
    );
    Error::project(format!(
        "found no type with `#[kube(version = \"..\", kind = \"{kind}\", ..)]`, or more than one, in `{path}`"
    ))
    .at(path, None)
    .snippet(snippet)
    .help("write the file of the new version by hand, with these attributes on its spec, and run the command again")
}

fn parts(item: &Item) -> Option<(&[Attribute], &Ident)> {
    match item {
        Item::Struct(item) => Some((&item.attrs, &item.ident)),
        Item::Enum(item) => Some((&item.attrs, &item.ident)),
        _ => None,
    }
}

/// The `#[derive(..)]` of a type that is read and written.
pub(super) struct Derive {
    /// Where the list of traits ends.
    last: usize,
    /// Where the attribute is.
    at: Range<usize>,
    has_spoke: bool,
}

impl Derive {
    pub(super) fn read(attributes: &[Attribute]) -> Option<Self> {
        let list = |attribute: &Attribute| {
            let traits = Punctuated::<Path, Token![,]>::parse_terminated;
            attribute.parse_args_with(traits).ok()
        };
        let derives = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"));
        let mut derives = derives.filter_map(|attribute| Some((attribute, list(attribute)?)));
        let has = |traits: &Punctuated<Path, Token![,]>, name: &str| {
            let mut names = traits.iter().filter_map(|path| path.segments.last());
            names.any(|segment| segment.ident == name)
        };
        let (attribute, traits) = derives.find(|(_, traits)| has(traits, "Deserialize"))?;
        Some(Self {
            last: traits.last()?.span().byte_range().end,
            at: attribute.span().byte_range(),
            has_spoke: has(&traits, "Spoke"),
        })
    }

    fn edits(&self, text: &str, target: &str) -> Edits {
        if self.has_spoke {
            return Edits::new();
        }
        let indent = " ".repeat(self.at.start - line_start(text, self.at.start));
        vec![
            (self.last..self.last, ", Spoke".to_owned()),
            (
                self.at.end..self.at.end,
                format!("\n{indent}#[spoke(hub = {target})]"),
            ),
        ]
    }
}

/// What `#[kube(..)]` says that is different in another version.
#[derive(Default)]
struct Spec {
    kind: String,
    root: String,
    version: Range<usize>,
    /// `storage`, with its value if it has one.
    storage: Option<Range<usize>>,
}

impl Spec {
    fn read(attributes: &[Attribute]) -> Option<Self> {
        let mut spec = Self::default();
        let lists = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("kube"))
            .filter_map(|attribute| attribute.meta.require_list().ok());
        for list in lists {
            let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
            for (at, token) in tokens.iter().enumerate() {
                if let TokenTree::Ident(key) = token {
                    spec.take(key, value(&tokens, at));
                }
            }
        }
        if spec.root.is_empty() {
            spec.root.clone_from(&spec.kind);
        }
        (!spec.kind.is_empty() && spec.version.end > 0).then_some(spec)
    }

    fn take(&mut self, key: &Ident, value: Option<&TokenTree>) {
        let text = || value.map(|value| value.to_string().trim_matches('"').to_owned());
        match key.to_string().as_str() {
            "kind" => self.kind = text().unwrap_or_default(),
            "root" | "struct" => self.root = text().unwrap_or_default(),
            "version" => {
                if let Some(value) = value {
                    self.version = value.span().byte_range();
                }
            }
            "storage" => {
                let start = key.span().byte_range();
                let end = value.map_or(start.end, |value| value.span().byte_range().end);
                self.storage = Some(start.start..end);
            }
            _ => {}
        }
    }

    fn edits(&self, text: &str, version: &str) -> Edits {
        let storage = "storage = false";
        let version = (self.version.clone(), format!("\"{version}\""));
        let start = line_start(text, self.version.start);
        let before = &text[start..self.version.start];
        let indent = &before[..before.len() - before.trim_start().len()];
        let own_line = before.trim_start().starts_with("version");
        let storage = match &self.storage {
            Some(at) => (at.clone(), storage.to_owned()),
            None if own_line => (
                self.version.end..self.version.end,
                format!(",\n{indent}{storage}"),
            ),
            None => (self.version.end..self.version.end, format!(", {storage}")),
        };
        vec![version, storage]
    }
}

/// Returns the token behind `key =`.
fn value(tokens: &[TokenTree], key: usize) -> Option<&TokenTree> {
    match tokens.get(key + 1)? {
        TokenTree::Punct(punct) if punct.as_char() == '=' => tokens.get(key + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> Result<String> {
        further("a.rs", text, "Zoo", "crate::api::v1::zoo", "v2")
    }

    #[test]
    fn the_same_fields_become_another_version_that_is_converted() {
        let text = r#"//! Docs.

use krate::prelude::*;

/// A zoo.
#[derive(CustomResource, Serialize, Deserialize, Clone)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Zoo",
    printcolumn(name = "Size", type_ = "integer", json_path = ".spec.size"),
)]
pub struct ZooSpec {
    /// Mine.
    pub size: i32, // here too
}

impl ZooSpec {}

#[derive(Serialize, serde::Deserialize)]
pub enum Mode {
    On,
}

#[derive(Clone)]
pub struct Internal;
"#;
        let expected = text
            .replace(
                "Deserialize, Clone)]\n",
                "Deserialize, Clone, Spoke)]\n#[spoke(hub = crate::api::v1::zoo::Zoo, keep)]\n",
            )
            .replace("\"v1\",\n", "\"v2\",\n    storage = false,\n")
            .replace(
                "serde::Deserialize)]\n",
                "serde::Deserialize, Spoke)]\n#[spoke(hub = crate::api::v1::zoo::Mode)]\n",
            );
        assert_eq!(made(text).unwrap(), expected);
    }

    #[test]
    fn types_with_parameters_are_those_of_the_stored_version() {
        let text = r#"#[derive(Deserialize)]
#[kube(version = "v1", kind = "Zoo")]
pub struct ZooSpec {
    pub pages: Vec<Page<Animal>>,
    pub keeper: Keeper,
}

/// Some of all.
#[derive(Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Link>,
}

impl<T> Page<T> {
    pub fn is_last(&self) -> bool {
        self.next.is_none()
    }
}

#[derive(Deserialize)]
pub(crate) enum Animal {
    Ape,
}

#[derive(Deserialize)]
pub struct Link(String);

#[derive(Deserialize)]
pub struct Keeper {
    pub favorite: Animal,
}

struct Helper<T>(T);
"#;
        let made = made(text).unwrap();
        let why = "// The same in both versions, as a type with parameters has no one hub. To change it, write it out here, and say\n// with `#[spoke(with = module)]` how fields of it are converted.\n";
        let page = text.find("/// Some").unwrap()..text.find("#[derive(Deserialize)]\npub(crate)").unwrap();
        let animal = "#[derive(Deserialize)]\npub(crate) enum Animal {\n    Ape,\n}";
        let expected = text
            .replace(&text[page], &format!("{why}pub use crate::api::v1::zoo::Page;\n\n"))
            .replace(animal, &format!("{why}pub(crate) use crate::api::v1::zoo::Animal;"))
            .replace("version = \"v1\"", "version = \"v2\", storage = false")
            .replacen("Deserialize)]\n#[kube", "Deserialize, Spoke)]\n#[spoke(hub = crate::api::v1::zoo::Zoo, keep)]\n#[kube", 1)
            .replace("#[derive(Deserialize)]\npub struct Link", "#[derive(Deserialize, Spoke)]\n#[spoke(hub = crate::api::v1::zoo::Link)]\npub struct Link")
            .replace("#[derive(Deserialize)]\npub struct Keeper", "#[derive(Deserialize, Spoke)]\n#[spoke(hub = crate::api::v1::zoo::Keeper)]\npub struct Keeper");
        assert_eq!(made, expected);
    }

    #[test]
    fn a_private_type_with_parameters_cannot_be_shared() {
        let text = r#"#[derive(Deserialize)] #[kube(version = "v1", kind = "Zoo")] pub struct ZooSpec(Page<i32>);
#[derive(Deserialize)]
struct Page<T>(T);
"#;
        let error = made(text).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`Page` is private, and both versions share it"),
            "{error}"
        );
    }

    #[test]
    fn what_is_said_about_storage_is_exchanged() {
        let check = |kube: &str, expected: &str| {
            let text = |kube: &str, spoke: &str, derive: &str| {
                format!("#[derive(Deserialize{derive})]\n{spoke}#[kube({kube})]\nstruct ZooSpec;\n")
            };
            let spoke = "#[spoke(hub = crate::api::v1::zoo::Zoo, keep)]\n";
            assert_eq!(
                made(&text(kube, "", "")).unwrap(),
                text(expected, spoke, ", Spoke")
            );
        };
        check(
            r#"group = "g", version = "v1", kind = "Zoo""#,
            r#"group = "g", version = "v2", storage = false, kind = "Zoo""#,
        );
        check(
            r#"version = "v1", kind = "Zoo", storage = true"#,
            r#"version = "v2", kind = "Zoo", storage = false"#,
        );
        check(
            r#"storage, version = "v1", kind = "Zoo""#,
            r#"storage = false, version = "v2", kind = "Zoo""#,
        );
    }

    #[test]
    fn a_root_of_another_name_is_the_hub() {
        let text =
            r#"#[derive(Deserialize)] #[kube(version = "v1", kind = "Zoo", root = "Park")] struct ZooSpec;"#;
        assert!(
            made(text)
                .unwrap()
                .contains("hub = crate::api::v1::zoo::Park, keep")
        );
    }

    #[test]
    fn a_file_without_the_kind_is_shown_what_to_write() {
        for text in [
            "",
            "#[derive(Deserialize)] struct A;",
            r#"#[derive(Deserialize)] #[kube(version = "v1", kind = "Ape")] struct A;"#,
        ] {
            let error = made(text).unwrap_err();
            assert!(
                error.snippet.as_deref().unwrap().contains("storage = false"),
                "{text}"
            );
        }
    }
}
