//! Mistakes, each at the token to change.

use proc_macro2::TokenStream;
use quote::quote;

use super::derive;

/// Returns every error message, in order, with the text its span covers.
fn mistakes(input: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(derive(input)).expect("what is generated parses");
    let macros = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Macro(item) => Some(item.mac.tokens.to_string()),
        _ => None,
    });
    macros
        .map(|message| message.trim_matches('"').replace("\\\"", "\""))
        .collect()
}

#[track_caller]
fn check(field: TokenStream, expected: &[&str]) {
    let found = mistakes(quote! { struct Spec { #field } });
    assert_eq!(found, expected, "{field}");
}

#[test]
fn a_rule_that_says_nothing_wrong_is_taken() {
    check(quote!(#[x_kube(minimum = -1, maximum = 9)] size: i32), &[]);
    check(
        quote!(#[x_kube(pattern = "^[a-z]+$", min_length = 1)] name: Option<String>),
        &[],
    );
    check(
        quote!(#[x_kube(list_type = "map", list_map_keys("name"), items(struct_type = "atomic"))] ports: Vec<Port>),
        &[],
    );
    check(
        quote!(#[x_kube(validation = Rule::new("self > 0").message("positive"), immutable)] size: i32),
        &[],
    );
    check(
        quote!(#[x_kube(one_of("a", "b"), default = "a", example = "b")] mode: String),
        &[],
    );
    check(
        quote!(#[x_kube(values(min_length = 1))] labels: BTreeMap<String, String>),
        &[],
    );
}

#[test]
fn an_unknown_key_is_met_with_the_nearest() {
    check(
        quote!(#[x_kube(minimun = 1)] size: i32),
        &["unknown key `minimun`: did you mean `minimum`?"],
    );
    check(
        quote!(#[x_kube(required)] size: i32),
        &["unknown key `required`: serde decides that: an `Option` or `#[serde(default)]` is optional"],
    );
    check(
        quote!(#[x_kube(list_type = "sett")] names: Vec<String>),
        &["`sett` is none: did you mean `set`?"],
    );
}

#[test]
fn a_rule_for_another_kind_of_value_is_refused() {
    check(
        quote!(#[x_kube(minimum = 1)] name: Option<String>),
        &["`minimum` restricts an integer or a number, and this is a text"],
    );
    check(
        quote!(#[x_kube(max_items = 1)] name: bool),
        &["`max_items` restricts a list, and this is a boolean"],
    );
    check(
        quote!(#[x_kube(items(min_length = 1))] sizes: Vec<i32>),
        &["`min_length` restricts a text, and this is an integer"],
    );
    check(
        quote!(#[x_kube(minimum = 0.5)] size: i32),
        &["the bound of an integer is an integer"],
    );
}

#[test]
fn contradictions_are_told_all_at_once() {
    check(
        quote! {
            #[x_kube(minimum = 9, maximum = 1)] size: i32,
            #[x_kube(list_map_keys("name"))] ports: Vec<Port>,
            #[x_kube(list_type = "map")] hosts: Vec<Host>,
            #[x_kube(immutable, immutable)] name: String
        },
        &[
            "`maximum` is below `minimum`: no value is allowed",
            "only a list of type `map` has keys: add `list_type = \"map\"`",
            "a list of type `map` names its keys: add `list_map_keys(\"name\")`",
            "`immutable` is given twice",
        ],
    );
}

#[test]
fn a_list_of_values_has_some() {
    check(
        quote!(#[x_kube(one_of())] mode: String),
        &[r#"write `one_of("a", "b")`"#],
    );
}

#[test]
fn a_pattern_is_compiled() {
    let [message] = mistakes(quote! { struct Spec { #[x_kube(pattern = "(?=a)")] name: String } })
        .try_into()
        .expect("one mistake");
    assert!(
        message.starts_with("the pattern is no regular expression of RE2:"),
        "{message}"
    );
}

#[test]
fn the_fields_of_a_union_exist_and_may_be_absent() {
    let found = mistakes(quote! {
        #[x_kube(exactly_one_of("bucket_name", "image"), at_most_one_of("a", "imag"))]
        #[serde(rename_all = "camelCase")]
        struct Spec { bucket_name: Option<String>, image: String, a: Option<i32> }
    });
    assert_eq!(
        found,
        [
            "the field is called `bucketName` in JSON: write `\"bucketName\"`",
            "`image` is part of a union, so it may be absent: make it an `Option`",
            "there is no field `imag`: did you mean `image`?",
        ]
    );
}

#[test]
fn a_key_stands_where_it_has_a_meaning() {
    let found = mistakes(quote! {
        #[x_kube(immutable)]
        struct Spec { #[x_kube(at_least_one_of("a", "b"))] a: Option<i32> }
    });
    assert_eq!(
        found,
        [
            "`immutable` belongs on a field",
            "`at_least_one_of` belongs on the struct"
        ]
    );
}

#[test]
fn names_do_not_meet_in_json() {
    let found = mistakes(quote! {
        #[serde(rename_all = "camelCase")]
        struct Spec {
            max_size: i32,
            #[serde(rename = "maxSize")] size: i32,
            #[serde(skip, rename = "maxSize")] hidden: i32,
            #[serde(flatten)] max_Size: Part,
        }
    });
    let told = |what: &str, name: &str| {
        format!("two {what} are called `{name}` in JSON: rename one with `#[serde(rename = \"..\")]`")
    };
    assert_eq!(found, [told("fields", "maxSize")]);
    let found = mistakes(quote! {
        #[serde(rename_all = "lowercase", rename_all_fields = "lowercase")]
        enum Mode { FastLane { a: i32, #[serde(rename = "a")] b: i32 }, Fastlane, #[serde(untagged)] FASTLANE(i32) }
    });
    assert_eq!(found, [told("variants", "fastlane"), told("fields", "a")]);
}

#[test]
fn what_is_written_in_place_of_a_type_may_be_restricted() {
    check(
        quote!(#[serde(with = "text")] #[schemars(with = "String")] #[x_kube(pattern = "^[0-9]+$")] size: i32),
        &[],
    );
}
