//! What the derive says about mistakes, and where.

use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use super::derive;

/// Returns the mistakes found in a derive input: the text at fault and the message.
fn mistakes(input: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(derive(TokenStream::from_str(input).unwrap()), &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<(String, String)>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "compile_error" => {
                let message = tokens.by_ref().find_map(|token| match token {
                    TokenTree::Group(group) => Some(group),
                    _ => None,
                });
                let message: syn::LitStr = syn::parse2(message.unwrap().stream()).unwrap();
                let place = ident.span().source_text().unwrap_or_default();
                found.push((place, message.value()));
            }
            TokenTree::Group(group) => collect(group.stream(), found),
            _ => {}
        }
    }
}

/// Checks the mistakes in the attributes of a spec whose names are right.
#[track_caller]
fn check(attributes: &str, expected: &[(&str, &str)]) {
    let head = r#"#[kube(group = "a.b", version = "v1", kind = "Cat", status = "CatStatus")]"#;
    check_item(
        &format!("{head} #[kube({attributes})] struct CatSpec {{ a: i32, name: String, ports: Vec<Port> }}"),
        expected,
    );
}

#[track_caller]
fn check_item(input: &str, expected: &[(&str, &str)]) {
    let found = mistakes(input);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(place, message)| (place.as_str(), message.as_str()))
        .collect();
    assert_eq!(found, expected, "{input}");
}

#[test]
fn good_attributes_are_no_mistake() {
    check("", &[]);
    check(
        r#"namespaced, shortname = "c", category = "all", derive = "PartialEq", attr = "allow(unused)""#,
        &[],
    );
    check(
        r##"scale = r#"{"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.b"}"#"##,
        &[],
    );
    check(
        r#"crates(kube_core = "::kube_core", serde = "::serde"), crate = "krate""#,
        &[],
    );
    check(
        r#"deprecated, schema = "manual", annotation("a.b/c", "anything goes")"#,
        &[],
    );
}

#[test]
fn an_unknown_key_gets_a_suggestion() {
    check(
        r#"shortnames = "c""#,
        &[(
            "shortnames",
            "unknown key `shortnames`: write `shortname = \"..\"`, as often as needed",
        )],
    );
    check(
        r#"printcolumn(name = "A", type_ = "string", jsonpath = ".a")"#,
        &[
            (
                r#"jsonpath = ".a""#,
                "Unknown field: `jsonpath`. Did you mean `json_path`?",
            ),
            (r#"name = "A""#, "Missing field `json_path`"),
        ],
    );
}

#[test]
fn required_names_are_asked_for_all_at_once() {
    check_item(
        "struct CatSpec {}",
        &[
            (
                "CatSpec",
                "`group` is missing: write `#[kube(group = \"cache.example.com\")]`",
            ),
            (
                "CatSpec",
                "`version` is missing: write `#[kube(version = \"v1alpha1\")]`",
            ),
            (
                "CatSpec",
                "`kind` is missing: write `#[kube(kind = \"Memcached\")]`",
            ),
        ],
    );
}

#[test]
fn names_break_kubernetes_rules_each_at_its_literal() {
    let input = r#"
        #[kube(group = "Cats", version = "1", kind = "cat", plural = "Cats", shortname = "c_t")]
        struct CatSpec {}
    "#;
    let places: Vec<String> = mistakes(input).into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        places,
        [r#""Cats""#, r#""1""#, r#""cat""#, r#""Cats""#, r#""c_t""#]
    );
}

#[test]
fn a_group_of_kubernetes_itself_needs_its_approval() {
    let item = |more: &str| {
        format!(r#"#[kube(group = "x.k8s.io", version = "v1", kind = "Cat"{more})] struct CatSpec {{}}"#)
    };
    let message = "the group is Kubernetes' own: use a domain of yours, or add \
                   `annotation(\"api-approved.kubernetes.io\", \"...\")`; \
                   for a kind that others define write `schema = \"disabled\"`";
    check_item(&item(""), &[(r#""x.k8s.io""#, message)]);
    let approval =
        r#", annotation("api-approved.kubernetes.io", "https://github.com/kubernetes/enhancements/pull/1")"#;
    check_item(&item(approval), &[]);
    check_item(&item(r#", schema = "disabled""#), &[]);
}

#[test]
fn the_root_and_the_spec_are_two_structs() {
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat")] struct Cat {}"#,
        &[(
            r#""Cat""#,
            "the derive generates the struct `Cat`: call this one `CatSpec`, or choose another with `root`",
        )],
    );
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat", root = "a cat")] struct CatSpec {}"#,
        &[(r#""a cat""#, "`a cat` is no name for a struct")],
    );
}

#[test]
fn unions_and_parameters_are_no_spec() {
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat")] union CatSpec { a: u8 }"#,
        &[("union", "a union is no spec: use a struct or an enum")],
    );
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat")] struct CatSpec<T> { a: T }"#,
        &[(
            "<T>",
            "a custom resource has one schema: its spec takes no parameters",
        )],
    );
}

#[test]
fn scale_needs_a_status() {
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat",
            scale(spec_replicas_path = ".spec.a", status_replicas_path = ".status.b"))] struct CatSpec { a: i32 }"#,
        &[(
            r#"".status.b""#,
            "`scale` reads the replicas from a status: add `status = \"...\"`",
        )],
    );
    check(
        r#"scale(spec_replicas_path = "spec.a", status_replicas_path = ".spec.b", label_selector_path = ".x")"#,
        &[
            (
                r#""spec.a""#,
                "`spec.a` is no simple path: write field names after dots, such as `.spec.replicas`",
            ),
            (r#""spec.a""#, "the wanted replicas are under `.spec`"),
            (r#"".spec.b""#, "the observed replicas are under `.status`"),
            (r#"".x""#, "the selector is under `.status` or `.spec`"),
        ],
    );
}

#[test]
fn columns_are_checked() {
    check(
        r#"printcolumn(name = "", type_ = "text", json_path = "spec", format = "hex", priority = -1)"#,
        &[
            (
                r#""text""#,
                "`text` is none of boolean, date, integer, number, string",
            ),
            (
                r#""hex""#,
                "`hex` is none of int32, int64, float, double, byte, date, date-time, password",
            ),
            (r#""spec""#, "a JSON path starts with a dot, such as `.spec.size`"),
            (r#""""#, "a column has a heading"),
            (r#""""#, "the priority of a column is zero or more"),
        ],
    );
    check(
        r#"printcolumn = "{}""#,
        &[(r#""{}""#, "the JSON object has no `name`")],
    );
    check(
        r#"printcolumn = "x""#,
        &[(r#""x""#, "not a JSON object: expected value at line 1 column 1")],
    );
}

#[test]
fn contradictions_are_refused() {
    check(
        r#"schema = "disabled", validation = "self.a""#,
        &[(
            r#""self.a""#,
            "without a schema there is no place for a rule: remove one or the other",
        )],
    );
    check(
        r#"derive = "Clone", attr = "serde(default)""#,
        &[
            (r#""Clone""#, "the root type has this trait already: remove it"),
            (
                r#""serde(default)""#,
                "the derive writes this attribute itself; for derives use `derive = \"...\"`",
            ),
        ],
    );
    check(
        r#"shortname = "c", shortname = "c", shortname = "cat""#,
        &[
            (r#""c""#, "the short name `c` is given twice"),
            (
                r#""cat""#,
                "a short name differs from the plural and the singular",
            ),
        ],
    );
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat", no_spec)] struct CatSpec { metadata: u8 }"#,
        &[(
            "metadata",
            "with `no_spec` this field would stand beside the root's own: rename it",
        )],
    );
}

#[test]
fn the_root_is_generated_beside_its_mistakes() {
    let input = r#"#[kube(group = "cats", version = "v1", kind = "Cat")] struct CatSpec {}"#;
    let expansion = derive(TokenStream::from_str(input).unwrap()).to_string();
    assert!(expansion.contains("struct Cat {"), "{expansion}");
    assert!(expansion.contains("compile_error"), "{expansion}");
}

#[test]
fn paths_lead_somewhere_in_the_spec() {
    check(
        r#"printcolumn(name = "A", type_ = "integer", json_path = ".spec.b")"#,
        &[(r#"".spec.b""#, "there is no field `b`: did you mean `a`?")],
    );
    check(
        r#"printcolumn(name = "A", type_ = "integer", json_path = ".spec.name")"#,
        &[(
            r#"".spec.name""#,
            "a column of type `integer` shows a number, and this is a text",
        )],
    );
    check(
        r#"printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
           printcolumn(name = "Port", type_ = "string", json_path = ".spec.ports[0].name"),
           printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status")"#,
        &[],
    );
    check(
        r#"selectable = ".spec.ports", selectable = ".spec.name", selectable = ".kind""#,
        &[
            (r#"".kind""#, "it is the same for every object: remove this"),
            (
                r#"".spec.ports""#,
                "a selectable field is a text, a boolean or an integer, and this is a list",
            ),
        ],
    );
    check(
        r#"scale(spec_replicas_path = ".spec.name", status_replicas_path = ".status.b")"#,
        &[(
            r#"".spec.name""#,
            "replicas are counted in integers, and this is a text",
        )],
    );
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat",
            printcolumn(name = "A", type_ = "integer", json_path = ".status.b"))] struct CatSpec {}"#,
        &[(r#"".status.b""#, "there is no status: add `status = \"..\"`")],
    );
}

#[test]
fn rules_are_checked_against_the_spec() {
    check(
        r#"validation = "self.spec.b > 1", validation(rule = "self.spec.a", reason = "FieldValueInvald")"#,
        &[
            (
                r#""self.spec.b > 1""#,
                "there is no field `b`: did you mean `a`?\n  self.spec.b > 1\n            ^",
            ),
            (
                r#""self.spec.a""#,
                "a rule is true or false, and this is an integer\n  self.spec.a\n  ^^^^^^^^^^^",
            ),
            (
                r#""FieldValueInvald""#,
                "`FieldValueInvald` is no reason: did you mean `FieldValueInvalid`?",
            ),
        ],
    );
    check(
        r#"validation = Rule::new("self.metadata.namespace != ''").field_path(".spec.b")"#,
        &[
            (
                r#""self.metadata.namespace != ''""#,
                "there is no field `namespace`: of an object's metadata a rule sees `name` and `generateName` alone\n  self.metadata.namespace != ''\n                ^^^^^^^^^",
            ),
            (r#"".spec.b""#, "there is no field `b`: did you mean `a`?"),
        ],
    );
    check(
        r#"validation("self.spec.a > 1")"#,
        &[(
            r#"validation("self.spec.a > 1")"#,
            "write `validation = \"..\"`, or the parts of the rule: `validation(rule = \"..\", message = \"..\")`",
        )],
    );
    check(
        r#"validation(rule = "self.spec.a > 1", message_expression = "self.spec.a", optional_old_self = true)"#,
        &[
            (
                r#""self.spec.a""#,
                "a message is a text, and this is an integer\n  self.spec.a\n  ^^^^^^^^^^^",
            ),
            (
                "true",
                "the rule does not speak of `oldSelf`: remove `optional_old_self`",
            ),
        ],
    );
}

#[test]
fn one_mistake_does_not_hide_the_next() {
    check_item(
        r#"#[kube(group = "a_b", version = 1, kynd = "Cat", namespaced, namespaced, selectable = ".spec.x")] struct CatSpec { a: i32 }"#,
        &[
            ("1", "Unexpected type `int`"),
            ("kynd", "unknown key `kynd`: did you mean `kind`?"),
            ("namespaced", "`namespaced` is given twice: remove one"),
            (
                r#""a_b""#,
                "`a_b` is no API group: use lowercase letters, digits, `-` and `.`, such as `cache.example.com`",
            ),
            (
                "CatSpec",
                "`kind` is missing: write `#[kube(kind = \"Memcached\")]`",
            ),
            (r#"".spec.x""#, "there is no field `x`: did you mean `a`?"),
        ],
    );
}

#[test]
fn versions_are_stored_once() {
    check_item(
        r#"#[kube(group = "a.b", version = "v1", kind = "Cat")] #[spoke(hub = v2::Cat)] struct CatSpec {}"#,
        &[(
            "spoke",
            "this version is converted to the one that is stored, so it is not stored itself: add `storage = false`",
        )],
    );
    check(
        "skip, storage = true",
        &[(
            "skip",
            "a version that is skipped is not stored: remove `storage` or `skip`",
        )],
    );
}
