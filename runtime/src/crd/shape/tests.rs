//! What is said of paths, as at run time.

use std::panic::catch_unwind;

use super::*;

const PORT: Shape = Shape::Object {
    fields: &[
        field("name", &Shape::Scalar(TEXT), true),
        field("number", &Shape::Scalar(INTEGER), true),
        field("protocol", &Shape::Words(&["TCP", "UDP"]), false),
        field("hosts", &Shape::List(&Shape::Scalar(TEXT)), true),
    ],
    flat: &[],
    open: false,
    transition: "",
};

const SPEC: Shape = Shape::Object {
    fields: &[
        field("ports", &Shape::List(&PORT), true),
        field("labels", &Shape::Map(&Shape::Scalar(TEXT)), true),
        field("anything", &Shape::Any, false),
        field("namespace", &Shape::Scalar(TEXT), true),
    ],
    flat: &[&PORT],
    open: false,
    transition: "",
};

const fn field(name: &'static str, shape: &'static Shape, present: bool) -> Field {
    Field {
        name,
        shape,
        present,
        transition: "",
    }
}

fn said(ask: impl Fn() + std::panic::UnwindSafe) -> String {
    match catch_unwind(ask) {
        Ok(()) => String::new(),
        Err(said) => said.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

#[test]
fn a_path_is_followed_through_lists_maps_and_what_is_flattened() {
    use Step::{Each, Field, Index, Reserved};
    let check = |steps: &'static [Step], expected: &str| {
        let found = said(|| check(&SPEC, steps, TEXT, "it is a text", ""));
        assert_eq!(found, expected, "{steps:?}");
    };
    check(&[Field("ports"), Index, Field("name")], "");
    check(&[Field("ports"), Each, Field("protocol")], "");
    check(&[Field("labels"), Field("app")], "");
    check(&[Field("labels"), Reserved("namespace")], "");
    check(&[Field("labels"), Each], "");
    check(&[Field("name")], "");
    check(&[Field("anything"), Field("more"), Index], "");
    check(&[Field("number")], "it is a text, and this is an integer");
    check(
        &[Field("ports"), Field("name")],
        "this is a list, which has no field `name`: its items may have",
    );
    check(
        &[Field("name"), Field("length")],
        "this is a text, which has no field `length`",
    );
    check(&[Field("name"), Index], "this is a text, which has no items");
    check(
        &[Field("port")],
        "there is no field `port`: did you mean `ports`?",
    );
    check(
        &[Field("ports"), Index, Field("naem")],
        "there is no field `naem`: did you mean `name`?",
    );
    check(
        &[Field("ports"), Index, Field("banana")],
        "there is no field `banana`: the fields are `name`, `number`, `protocol`, `hosts`",
    );
    check(
        &[Reserved("namespace")],
        "`namespace` is a word of the language: write `__namespace__` for the field",
    );
    check(
        &[Field("ports"), Index, Reserved("namespace")],
        "there is no field `namespace`: the fields are `name`, `number`, `protocol`, `hosts`",
    );
}

#[test]
fn two_places_are_compared() {
    let check = |one: &'static str, other: &'static str, mixed, expected: &str| {
        let found = said(|| {
            same(
                (&PORT, &[Step::Field(one)]),
                (&PORT, &[Step::Field(other)]),
                mixed,
                "`==` compares values of one type",
                "!",
            );
        });
        assert_eq!(found, expected);
    };
    check("name", "protocol", false, "");
    check(
        "name",
        "number",
        true,
        "`==` compares values of one type, and these are a text and an integer!",
    );
}

#[test]
fn a_key_exists_is_a_scalar_and_always_there() {
    let check = |name: &'static str, expected: &str| assert_eq!(said(|| key(&PORT, name)), expected);
    check("name", "");
    check("nam", "there is no field `nam`: did you mean `name`?");
    check(
        "protocol",
        "the key `protocol` tells items apart, so each has one: make the field no `Option` and write it always, or give it a default",
    );
    check(
        "hosts",
        "the key `hosts` tells items apart, so it is a text, a number or a boolean, and this is a list",
    );
}

#[test]
fn a_value_is_one_of_the_words() {
    let words = &Shape::Words(&["Always", "Never"]);
    let check = |value: &'static str, expected: &str| assert_eq!(said(|| word(words, value)), expected);
    check("Always", "");
    check("always", "`always` is none of the values: did you mean `Always`?");
    check("no", "`no` is none of the values: they are `Always`, `Never`");
}

#[test]
fn a_rule_about_changes_is_found_wherever_it_is() {
    const PART: Shape = Shape::Object {
        fields: &[Field {
            name: "a",
            shape: &Shape::Any,
            present: true,
            transition: "self == oldSelf",
        }],
        flat: &[],
        open: false,
        transition: "",
    };
    let found = said(|| settled(&Shape::Map(&PART)));
    assert!(
        found.starts_with("the items have a rule about changes, `self == oldSelf`"),
        "{found}"
    );
    assert_eq!(said(|| settled(&SPEC)), "");
}
