//! Rules that are right, and what is said of those that are not.

use quote::quote;
use syn::parse_quote;

use super::check::Checked;
use super::*;
use crate::wire::{Context, Mask, Question, Step, Value};

fn this() -> Value {
    let input: syn::DeriveInput = parse_quote! {
        struct Spec {
            min: i32,
            max: Option<i64>,
            share: f64,
            name: String,
            on: bool,
            names: Vec<String>,
            labels: BTreeMap<String, String>,
            ports: Vec<Port>,
            other: Other,
            namespace: String,
            #[serde(rename = "max-size")]
            max_size: i32,
            #[x_kube(format = "date-time")]
            since: String,
            #[x_kube(int_or_string)]
            port: Any,
        }
    };
    let syn::Data::Struct(data) = &input.data else {
        return Value::Any;
    };
    let record = Context::of(&input).record(&data.fields, None, false);
    Value::Record(record.into())
}

fn checked(text: &str) -> Checked {
    let scope = Scope {
        this: this(),
        optional_old_self: false,
    };
    check(text, &scope, Mask::BOOL, "a rule is true or false")
}

#[track_caller]
fn right(text: &str) {
    assert_eq!(checked(text).mistakes, [], "{text}");
}

#[track_caller]
fn wrong(text: &str, expected: &str) {
    let found: Vec<String> = checked(text)
        .mistakes
        .iter()
        .map(|mistake| mistake.shown(text))
        .collect();
    assert_eq!(found.join("\n"), expected, "{text}");
}

#[test]
fn rules_of_the_field_are_right() {
    right("self.min <= self.max");
    right("!has(self.max) || self.min <= self.max");
    right("self.name.startsWith('a') && self.name.size() < 10");
    right("size(self.names) > 0 ? self.on : true");
    right("self.names.all(n, n.matches('^[a-z]+$'))");
    right("self.labels.all(key, key.startsWith('app') && self.labels[key] != '')");
    right("self.labels.all(k, v, v != k)");
    right("self.names.exists_one(n, n == self.name)");
    right("self.names.map(n, n.size()).sum() < 100");
    right("self.names.filter(n, n == 'a').size() == 1");
    right("self.name in ['a', 'b'] && 'a' in self.labels");
    right("self == oldSelf");
    right("self.__namespace__ != '' && self.max__dash__size > 1");
    right("self.labels.namespace == 'a'");
    right("quantity(self.name).isLessThan(quantity('10Gi'))");
    right("isURL(self.name) && url(self.name).getScheme() == 'https'");
    right("self.since < timestamp('2030-01-01T00:00:00Z')");
    right("duration('1h') + duration('1m') < duration('2h')");
    right("self.?max.orValue(3) > 2");
    right("self.?max.hasValue()");
    right("optional.of(self.name).orValue('') == 'a'");
    right("ip(self.name).family() == 4 && cidr('10.0.0.0/8').containsIP(self.name)");
    right("!format.dns1123Label().validate(self.name).hasValue()");
    right("semver(self.name).major() >= 1");
    right("sets.contains(['a', 'b'], self.names)");
    right("self.port == 80 || self.port == 'http'");
    right("type(self.port) == int");
    right("self.share < 1 && self.min < self.share && double(self.min) == self.share");
    right("self.names == [] || self.labels == {}");
    right("dyn(self.min) == 'a'");
    right("[has(self.min),has(self.max)].filter(x,x==true).size() <= 1");
    right("self.names.map(n, n != '', n + '.').join(',') == r'a\\.b' // why");
    right("'%d of %s'.format([self.min, self.name]) != ''");
    right("{'a': 1}['a'] == 1 && [1, 2][0] == 1 && 0x1F > 1 && 1.5e3 > 1.0 && 3u > 2u && b'a' == b'a'");
    right("self.ports.all(p, self.ports.exists_one(q, q.name == p.name))");
    right("self.since == null || self.port == null || self.other == null || -self.min < 3");
    right("self.names.sortBy(n, n.size()) == self.names && self.ports.sortBy(p, p.name)[0].name == 'a'");
    right("optional.unwrap([optional.of(1)]) == [1] && [optional.of(1)].unwrapOpt() == [1]");
    right("sign(quantity(self.name)) == 1");
    right("type(self.since) == google.protobuf.Timestamp && type(ip(self.name)) == net.IP");
}

#[test]
fn names_nobody_declared_are_told() {
    wrong(
        "self.minn <= self.max",
        "there is no field `minn`: did you mean `min`?\n  self.minn <= self.max\n       ^^^^",
    );
    wrong(
        "min > 3",
        "there is no variable `min`: write `self.min`\n  min > 3\n  ^^^",
    );
    wrong(
        "sef.min > 3",
        "there is no variable `sef`: did you mean `self`?\n  sef.min > 3\n  ^^^",
    );
    wrong(
        "this.min > 3",
        "there is no variable `this`: there are `self`, `oldSelf`\n  this.min > 3\n  ^^^^",
    );
    wrong(
        "self.name.startWith('a')",
        "there is no function `startWith`: did you mean `startsWith`?\n  self.name.startWith('a')\n            ^^^^^^^^^",
    );
    wrong(
        "lower(self.name) == 'a'",
        "there is no function `lower`\n  lower(self.name) == 'a'\n  ^^^^^",
    );
    wrong(
        "math.greatest(self.min, 3) > 2",
        "rules of custom resources have no functions of `math`\n  math.greatest(self.min, 3) > 2\n  ^^^^^^^^^^^^^^^^^^^^^^^^^^",
    );
}

#[test]
fn null_is_no_value_of_a_field() {
    wrong(
        "self.max == null",
        "null is never equal to a plain value, a list or a map: ask `has(..)`, and this is an integer\n  self.max == null\n  ^^^^^^^^",
    );
    wrong(
        "null != self.labels",
        "null is never equal to a plain value, a list or a map: ask `has(..)`, and this is a map\n  null != self.labels\n          ^^^^^^^^^^^",
    );
}

#[test]
fn what_has_no_order_is_not_sorted() {
    wrong(
        "self.labels.sortBy(k, k) == []",
        "`sortBy` sorts a list, and this is a map\n  self.labels.sortBy(k, k) == []\n  ^^^^^^^^^^^",
    );
    wrong(
        "self.names.sortBy(n, [n]) == []",
        "`sortBy` asks each item for what has an order, and this is a list\n  self.names.sortBy(n, [n]) == []\n                       ^^^",
    );
    wrong(
        "quantity(self.name).sign() == 1",
        "`sign` is called by itself: write `sign(..)`\n  quantity(self.name).sign() == 1\n                      ^^^^",
    );
}

#[test]
fn words_of_the_language_name_fields_when_they_are_escaped() {
    wrong(
        "self.namespace != ''",
        "`namespace` is a word of the language: write `__namespace__` for the field\n  self.namespace != ''\n       ^^^^^^^^^",
    );
    wrong(
        "self.in > 3",
        "`in` is a word of the language: write `__in__` for the field\n  self.in > 3\n       ^^",
    );
}

#[test]
fn texts_that_are_no_expressions_are_told_where() {
    wrong(
        "self.min >",
        "the expression ends where a value is wanted\n  self.min >\n            ^",
    );
    wrong("(self.on", "`)` is missing here\n  (self.on\n          ^");
    wrong(
        "self.min 3",
        "the expression ends before this: an operator is missing, or a bracket too many\n  self.min 3\n           ^",
    );
    wrong(
        "self.min = 3",
        "`=` is no part of the language: write `==`\n  self.min = 3\n           ^",
    );
    wrong(
        "self.on & true",
        "`&` is no part of the language: write `&&`\n  self.on & true\n          ^",
    );
    wrong(
        "self.name == 'a",
        "the text is not closed\n  self.name == 'a\n               ^^",
    );
    wrong(
        "self. > 3",
        "a dot is followed by the name of a field or a function\n  self. > 3\n        ^",
    );
    wrong(
        "self.name.matches('\\d')",
        "`\\d` is no escape: double the backslash, or write `r'..'`\n  self.name.matches('\\d')\n                     ^^",
    );
    wrong(
        "self.on &&\n  self.min >",
        "the expression ends where a value is wanted\n    self.min >\n              ^",
    );
}

#[test]
fn types_that_do_not_go_together_are_told() {
    wrong(
        "self.min == self.name",
        "`==` compares values of one type, and these are an integer and a text: make the number a text with `string(..)`, or the text a number with `int(..)`\n  self.min == self.name\n           ^^",
    );
    wrong(
        "self.min == 1.0",
        "`==` compares values of one type, and these are an integer and a number: make them one with `double(..)` or `int(..)`\n  self.min == 1.0\n           ^^",
    );
    wrong(
        "self.name + self.min == 'a1'",
        "`+` adds values of one type, and these are a text and an integer: make the number a text with `string(..)`, or the text a number with `int(..)`\n  self.name + self.min == 'a1'\n            ^",
    );
    wrong(
        "self.min && self.on",
        "`&&` joins booleans, and this is an integer\n  self.min && self.on\n  ^^^^^^^^",
    );
    wrong(
        "self.min",
        "a rule is true or false, and this is an integer\n  self.min\n  ^^^^^^^^",
    );
    wrong(
        "self.min.startsWith('a')",
        "`startsWith` is called on a text, and this is an integer\n  self.min.startsWith('a')\n  ^^^^^^^^",
    );
    wrong(
        "self.name.startsWith(3)",
        "`startsWith` takes a text here, and this is an integer\n  self.name.startsWith(3)\n                       ^",
    );
    wrong(
        "self.name.charAt() == ''",
        "`charAt` takes 1 argument\n  self.name.charAt() == ''\n            ^^^^^^",
    );
    wrong(
        "self.name.all(x, x == 'a')",
        "`all` goes through a list or a map, and this is a text\n  self.name.all(x, x == 'a')\n  ^^^^^^^^^",
    );
    wrong(
        "self.names.all(n, n.size())",
        "`all` asks a boolean of each, and this is an integer\n  self.names.all(n, n.size())\n                    ^^^^^^^^",
    );
    wrong(
        "self.names.all(n, n > 3)",
        "`>` compares values of one type, and these are a text and an integer: make the number a text with `string(..)`, or the text a number with `int(..)`\n  self.names.all(n, n > 3)\n                      ^",
    );
    wrong(
        "quantity('1') < quantity('2')",
        "`<` does not compare a quantity: write `.isLessThan(..)`, `.isGreaterThan(..)` or `.compareTo(..)`\n  quantity('1') < quantity('2')\n  ^^^^^^^^^^^^^",
    );
    wrong(
        "3 in self.names",
        "`in` looks for a value of the items' type, and these are an integer and a text: make the number a text with `string(..)`, or the text a number with `int(..)`\n  3 in self.names\n  ^",
    );
    wrong(
        "self.names['a'] == 'b'",
        "a text is the key of a map, and this is a list\n  self.names['a'] == 'b'\n  ^^^^^^^^^^",
    );
    wrong(
        "has(self)",
        "`has` asks for a field: write `has(self.field)`\n  has(self)\n  ^^^",
    );
    wrong(
        "self.since == '2030'",
        "`==` compares values of one type, and these are a time and a text: make the text a time with `timestamp(..)`\n  self.since == '2030'\n             ^^",
    );
    wrong(
        "['a', 1].size() == 2",
        "the items of a list are of one type, and these are a text and an integer\n  ['a', 1].size() == 2\n        ^",
    );
    wrong(
        "self.name.matches('(?=a)')",
        "the pattern is no regular expression of RE2: look-around, including look-ahead and look-behind, is not supported\n  self.name.matches('(?=a)')\n                    ^^^^^^^",
    );
}

fn questions(text: &str) -> Vec<(String, Vec<Step>, String)> {
    let checked = checked(text);
    assert_eq!(checked.mistakes, [], "{text}");
    let asked = checked.questions.into_iter().map(|question| match question {
        Question::Is {
            place, kinds, wish, ..
        } => {
            let kinds = if kinds == Mask::ALL { wish } else { kinds.names() };
            (place.ty.to_string(), place.steps, kinds)
        }
        other => (format!("{other:?}"), Vec::new(), String::new()),
    });
    asked.collect()
}

#[test]
fn what_other_types_decide_is_asked_of_the_compiler() {
    let field = |name: &str| Step::Field(name.to_owned());
    let ty = |ty: proc_macro2::TokenStream| ty.to_string();
    assert_eq!(
        questions("self.other.size > 3"),
        [
            (ty(quote!(Other)), vec![field("size")], String::new()),
            (
                ty(quote!(Other)),
                vec![field("size")],
                "an integer, a number or an unsigned integer".to_owned()
            ),
        ]
    );
    assert_eq!(
        questions("self.ports.all(p, p.name.startsWith('a'))"),
        [
            (ty(quote!(Port)), vec![field("name")], String::new()),
            (ty(quote!(Port)), vec![field("name")], "a text".to_owned()),
        ]
    );
    assert_eq!(
        questions("self.other.on"),
        [
            (ty(quote!(Other)), vec![field("on")], String::new()),
            (ty(quote!(Other)), vec![field("on")], "a boolean".to_owned()),
        ]
    );
}

#[test]
fn rules_about_changes_are_known_as_such() {
    assert!(checked("self == oldSelf").transition);
    assert!(checked("self.names.all(n, n in oldSelf.names)").transition);
    assert!(!checked("self.on").transition);
}
