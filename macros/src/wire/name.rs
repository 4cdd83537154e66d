//! The names of fields and variants in JSON, by serde's attributes.

use syn::ext::IdentExt;
use syn::{Attribute, Field, Variant};

use super::Attributes;

/// Returns the name of a field in JSON, given the attributes of its struct.
pub(crate) fn name(container: &[Attribute], field: &Field) -> Option<String> {
    let rule = Attributes::of(container).text("rename_all");
    field_name(rule.as_deref(), field)
}

/// Returns the name of a field in JSON, given the rule for all.
pub(crate) fn field_name(rule: Option<&str>, field: &Field) -> Option<String> {
    let ident = field.ident.as_ref()?.unraw().to_string();
    let own = Attributes::of(&field.attrs).text("rename");
    Some(own.unwrap_or_else(|| match rule {
        Some(rule) => by_rule(rule, &ident),
        None => ident,
    }))
}

/// Returns the name of a variant in JSON, given the rule for all.
pub(crate) fn variant_name(rule: Option<&str>, variant: &Variant) -> String {
    let ident = variant.ident.unraw().to_string();
    let own = Attributes::of(&variant.attrs).text("rename");
    own.unwrap_or_else(|| match rule {
        Some("PascalCase") | None => ident,
        Some("lowercase") => ident.to_ascii_lowercase(),
        Some("UPPERCASE") => ident.to_ascii_uppercase(),
        Some("camelCase") => {
            let mut letters = ident.chars();
            let first = letters.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(letters).collect()
        }
        Some(rule) => by_rule(rule, &snake(&ident)),
    })
}

/// Writes the name of a variant in snake case, as serde does.
fn snake(ident: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in ident.chars().enumerate() {
        if index > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
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
        let variant = |rule, variant: Variant| variant_name(rule, &variant);
        assert_eq!(variant(Some("kebab-case"), parse_quote!(OnFailure)), "on-failure");
        assert_eq!(variant(Some("camelCase"), parse_quote!(OnFailure)), "onFailure");
        assert_eq!(variant(None, parse_quote!(OnFailure)), "OnFailure");
        let raw: Field = parse_quote!(r#type: i32);
        check(parse_quote!(#[serde(rename_all = "camelCase")]), raw, "type");
    }
}
