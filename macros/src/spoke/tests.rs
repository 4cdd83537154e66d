use snapbox::{assert_data_eq, str};

use super::derive;

/// Returns the text of each compile error, in order.
fn mistakes(item: &str) -> Vec<String> {
    let input = syn::parse_str(item).expect("the item is Rust");
    match super::expand::expand(&input) {
        Ok(_) => Vec::new(),
        Err(error) => error.into_iter().map(|mistake| mistake.to_string()).collect(),
    }
}

fn check(item: &str, expected: &[&str]) {
    assert_eq!(mistakes(item), expected, "{item}");
}

#[test]
fn each_mistake_says_what_to_write() {
    check(
        "struct A { a: i32 }",
        &["`hub` is missing: add `#[spoke(hub = v1::Memcached)]` with the type of the stored version"],
    );
    check(
        "#[spoke(hub)] struct A;",
        &[
            "`hub` needs a value: `hub = v1::Memcached`",
            "`hub` is missing: add `#[spoke(hub = v1::Memcached)]` with the type of the stored version",
        ],
    );
    check(
        "#[spoke(hub = B, keeps)] struct A;",
        &["unknown key `keeps`: did you mean `keep`?"],
    );
    check(
        "#[spoke(hub = B, hub_only)] struct A;",
        &["`hub_only` needs fields: `hub_only(tls)`"],
    );
    check(
        "#[spoke(hub = B)] struct A { #[spoke(renamed = b)] a: i32, #[spoke(with)] c: i32 }",
        &[
            "unknown key `renamed`: did you mean `rename`?",
            "`with` needs a value: `with = module`",
        ],
    );
    check(
        "#[spoke(hub = B)] struct A { #[spoke(spoke_only, with = m)] a: i32, #[spoke(spoke_only = 1, rename = d)] c: i32 }",
        &[
            "a field that only the spoke has is not converted: remove `with` or `spoke_only`",
            "a field that only the spoke has has no name in the hub: remove `rename` or `spoke_only`",
        ],
    );
    check(
        "#[spoke(hub = B)] struct A(#[spoke(rename = b)] i32);",
        &["a field without a name has none in the hub either: remove `rename`"],
    );
    check(
        "#[spoke(hub = B)] struct A<T>(T);",
        &["a type with parameters has no one hub: write `impl Spoke` by hand"],
    );
    check(
        "#[spoke(hub = B, hub_only(c))] enum A { #[spoke(with = m)] A }",
        &[
            "what only the hub has can be left to a default in a struct, not in an enum: write `impl Spoke` by hand",
            "unknown key `with`: known are `rename`",
        ],
    );
    check(
        "#[spoke(hub = B)] union A { a: i32 }",
        &["a union is no part of an API: use a struct or an enum"],
    );
}

#[test]
fn fields_and_variants_find_their_counterparts() {
    check(
        "#[spoke(hub = v1::B, hub_only(x, y = 1 + 1), keep, crate = crate::krate)]
         struct A { a: i32, #[spoke(rename = c)] b: i32, #[spoke(with = m::n)] d: i32, #[spoke(spoke_only = 3)] e: i32 }",
        &[],
    );
    check(
        "#[spoke(hub = B)] enum A { A, B(i32), #[spoke(rename = D)] C { #[spoke(rename = f)] e: i32 } }",
        &[],
    );
}

#[test]
fn a_newtype_expands_to_two_functions() {
    let tokens = derive(
        "#[spoke(hub = v1::Size)] struct Size(i32);"
            .parse()
            .expect("the item is Rust"),
    );
    let file = syn::parse2(tokens).expect("the expansion is a list of items");
    assert_data_eq!(
        prettyplease::unparse(&file),
        str![[r##"
#[automatically_derived]
#[allow(unreachable_patterns, clippy::unnecessary_wraps)]
impl ::krate::webhook::Spoke for Size {
    type Hub = v1::Size;
    fn to_hub(self) -> ::krate::Result<Self::Hub> {
        #[allow(unused_imports)]
        use ::krate::__private::conversion::{Differs as _, Same as _};
        type __Hub = v1::Size;
        ::core::result::Result::Ok(__Hub {
            0: ::krate::__private::conversion::field(
                "0",
                (&::krate::__private::conversion::Pair::of(
                    |spoke: &Self| ::core::option::Option::Some(&spoke.0),
                    |hub: &__Hub| ::core::option::Option::Some(&hub.0),
                ))
                    .way()
                    .to_hub(self.0),
            )?,
        })
    }
    fn from_hub(hub: Self::Hub) -> ::krate::Result<Self> {
        #[allow(unused_imports)]
        use ::krate::__private::conversion::{Differs as _, Same as _};
        type __Hub = v1::Size;
        ::core::result::Result::Ok(Self {
            0: ::krate::__private::conversion::field(
                "0",
                (&::krate::__private::conversion::Pair::of(
                    |spoke: &Self| ::core::option::Option::Some(&spoke.0),
                    |hub: &__Hub| ::core::option::Option::Some(&hub.0),
                ))
                    .way()
                    .from_hub(hub.0),
            )?,
        })
    }
}

"##]]
    );
}
