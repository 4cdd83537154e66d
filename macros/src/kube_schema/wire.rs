//! The names of fields in JSON, by serde's attributes.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Field, Lit, Meta, Token};

/// Returns the name of a field in JSON, given the attributes of its struct.
pub(super) fn name(container: &[Attribute], field: &Field) -> Option<String> {
    let ident = field.ident.as_ref()?.unraw().to_string();
    let own = value(&field.attrs, "rename");
    Some(own.unwrap_or_else(|| match value(container, "rename_all") {
        Some(rule) => by_rule(&rule, &ident),
        None => ident,
    }))
}

/// Returns what serde is told about a key: what is written when deserializing counts.
fn value(attributes: &[Attribute], key: &str) -> Option<String> {
    let ours =
        |attribute: &&Attribute| attribute.path().is_ident("serde") || attribute.path().is_ident("schemars");
    let metas = attributes.iter().filter(ours).filter_map(|attribute| {
        attribute
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .ok()
    });
    metas
        .flatten()
        .filter(|meta| meta.path().is_ident(key))
        .find_map(|meta| match meta {
            Meta::NameValue(it) => literal(&it.value),
            Meta::List(list) => {
                let sides = list
                    .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                    .ok()?;
                let read = sides.iter().find(|side| side.path().is_ident("deserialize"))?;
                literal(&read.require_name_value().ok()?.value)
            }
            Meta::Path(_) => None,
        })
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// Writes a field's name as serde's rule of that name does.
fn by_rule(rule: &str, ident: &str) -> String {
    let words = || ident.split('_').filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_ascii_uppercase().to_string() + letters.as_str()
        })
    };
    let pascal = || words().map(capital).collect::<String>();
    match rule {
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => ident.to_ascii_uppercase(),
        "PascalCase" => pascal(),
        "camelCase" => {
            let name = pascal();
            let first = name.chars().next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(name.chars().skip(1)).collect()
        }
        "kebab-case" => ident.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => ident.to_ascii_uppercase().replace('_', "-"),
        // `lowercase` and `snake_case` leave a field as it is.
        _ => ident.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn names_are_those_serde_writes() {
        let check = |container: Attribute, field: Field, expected: &str| {
            assert_eq!(name(&[container], &field).as_deref(), Some(expected));
        };
        let field: Field = parse_quote!(max_size: i32);
        check(parse_quote!(#[doc = "none"]), field.clone(), "max_size");
        check(
            parse_quote!(#[serde(rename_all = "camelCase")]),
            field.clone(),
            "maxSize",
        );
        check(
            parse_quote!(#[serde(rename_all = "PascalCase")]),
            field.clone(),
            "MaxSize",
        );
        check(
            parse_quote!(#[serde(rename_all = "kebab-case")]),
            field.clone(),
            "max-size",
        );
        check(
            parse_quote!(#[serde(rename_all = "SCREAMING_SNAKE_CASE")]),
            field.clone(),
            "MAX_SIZE",
        );
        check(
            parse_quote!(#[serde(rename_all(serialize = "kebab-case", deserialize = "camelCase"))]),
            field,
            "maxSize",
        );
        let renamed: Field = parse_quote!(#[serde(rename = "max")] max_size: i32);
        check(parse_quote!(#[serde(rename_all = "camelCase")]), renamed, "max");
        let raw: Field = parse_quote!(r#type: i32);
        check(parse_quote!(#[serde(rename_all = "camelCase")]), raw, "type");
    }
}
