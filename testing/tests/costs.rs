//! What validation rules may cost: definitions are refused with the same words, and the same factors, on every arm.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate_testing::{Cluster, Result};
use kube::Api;
use kube::api::PostParams;
use serde_json::{Value, json};

/// A schema of `spec.value` with its rules, and what is said of their cost; nothing if they are within bounds.
fn cases() -> Vec<(&'static str, Value, Vec<String>)> {
    let rule = |text: &str| json!([{"rule": text}]);
    let text = |rules: Value| json!({"type": "string", "x-kubernetes-validations": rules});
    let list = |items: Value, rules: Value| json!({"type": "array", "items": items, "x-kubernetes-validations": rules});
    let map = |values: Value, rules: Value| json!({"type": "object", "additionalProperties": values, "x-kubernetes-validations": rules});
    let object = |fields: Value, rules: Value| json!({"type": "object", "properties": fields, "x-kubernetes-validations": rules});
    let with = |mut schema: Value, more: Value| {
        schema
            .as_object_mut()
            .unwrap_or_else(|| panic!("a schema"))
            .extend(more.as_object().cloned().unwrap_or_default());
        schema
    };
    let string = json!({"type": "string"});
    let short = json!({"type": "string", "maxLength": 10});
    let number = json!({"type": "integer"});
    let ruled = |text: &str| json!({"type": "string", "x-kubernetes-validations": [{"rule": text}]});
    vec![
        ("a text", text(rule("self.startsWith('a')")), vec![]),
        ("a pattern", text(rule("self.matches('^[a-z]+$')")), vec![]),
        (
            "a long pattern",
            text(rule(&format!("self.matches('^{}$')", "[a-z]".repeat(40)))),
            over("1.6x"),
        ),
        (
            "a text in itself",
            text(rule("self.contains(self)")),
            dear("rule", "more than 100x"),
        ),
        (
            "two texts",
            object(json!({"a": string, "b": string}), rule("self.a.contains(self.b)")),
            dear("rule", "more than 100x"),
        ),
        ("lower", text(rule("self.lowerAscii() == 'a'")), vec![]),
        (
            "split",
            text(rule("self.split(',').all(x, x.size() < 5)")),
            over("2.0x"),
        ),
        (
            "join",
            list(string.clone(), rule("self.join(',').size() < 5")),
            dear("rule", "more than 100x"),
        ),
        (
            "replace",
            text(rule("self.replace('a', 'bb').contains('c')")),
            vec![],
        ),
        ("find", text(rule("self.find('[a-z]+') == 'a'")), vec![]),
        (
            "all",
            list(string.clone(), rule("self.all(x, x.startsWith('a'))")),
            vec![],
        ),
        (
            "all of short texts",
            list(short.clone(), rule("self.all(x, x.startsWith('a'))")),
            vec![],
        ),
        (
            "all of bounded",
            with(
                list(string.clone(), rule("self.all(x, x.contains('a'))")),
                json!({"maxItems": 10}),
            ),
            vec![],
        ),
        (
            "all of numbers",
            list(number.clone(), rule("self.all(x, x > 0)")),
            vec![],
        ),
        (
            "unique",
            list(string.clone(), rule("self.all(x, self.exists_one(y, x == y))")),
            dear("rule", "more than 100x"),
        ),
        (
            "unique numbers",
            list(number.clone(), rule("self.all(x, self.exists_one(y, x == y))")),
            dear("rule", "more than 100x"),
        ),
        (
            "unique of bounded",
            with(
                list(string.clone(), rule("self.all(x, self.exists_one(y, x == y))")),
                json!({"maxItems": 64}),
            ),
            dear("rule", "12.9x"),
        ),
        (
            "unique of bounded and short",
            with(
                list(short.clone(), rule("self.all(x, self.exists_one(y, x == y))")),
                json!({"maxItems": 64}),
            ),
            vec![],
        ),
        (
            "filter",
            list(number.clone(), rule("self.filter(x, x > 0).size() < 5")),
            over("2.4x"),
        ),
        (
            "map",
            list(number.clone(), rule("self.map(x, x + 1).size() < 5")),
            over("2.2x"),
        ),
        (
            "map and all",
            list(
                string.clone(),
                rule("self.map(x, x + 'a').all(y, y.contains('b'))"),
            ),
            dear("rule", "more than 100x"),
        ),
        ("sum", list(number.clone(), rule("self.sum() < 5")), vec![]),
        (
            "sorted texts",
            list(string.clone(), rule("self.isSorted()")),
            dear("rule", "more than 100x"),
        ),
        ("in", list(string.clone(), rule("'a' in self")), vec![]),
        (
            "keys",
            map(string.clone(), rule("self.all(key, key.startsWith('a'))")),
            vec![],
        ),
        (
            "values",
            map(short.clone(), rule("self.all(key, self[key].startsWith('a'))")),
            vec![],
        ),
        (
            "keys that match",
            map(string.clone(), rule("self.all(key, key.matches('^a+$'))")),
            vec![],
        ),
        (
            "a rule of each item",
            list(ruled("self.startsWith('a')"), json!([])),
            vec![],
        ),
        (
            "a rule of each bounded item",
            with(
                list(ruled("self.contains('a')"), json!([])),
                json!({"maxItems": 10}),
            ),
            vec![],
        ),
        (
            "a rule of each value",
            map(ruled("self != 'a'"), json!([])),
            vec![],
        ),
        (
            "a rule of each object",
            list(
                object(
                    json!({"a": number, "b": number}),
                    rule("!has(self.a) || self.a < 5"),
                ),
                json!([]),
            ),
            vec![],
        ),
        (
            "a rule in lists of lists",
            list(
                list(object(json!({"a": number}), rule("self.a < 5")), json!([])),
                json!([]),
            ),
            vec![],
        ),
        (
            "sets",
            object(
                json!({"a": list(string.clone(), json!([])), "b": list(string.clone(), json!([]))}),
                rule("sets.contains(self.a, self.b)"),
            ),
            dear("rule", "more than 100x"),
        ),
        (
            "distinct",
            with(
                list(string.clone(), rule("self.distinct().size() == self.size()")),
                json!({"maxItems": 4000}),
            ),
            over("3.2x"),
        ),
        (
            "sort",
            with(
                list(string.clone(), rule("self.sort() == self")),
                json!({"maxItems": 100}),
            ),
            vec![],
        ),
        (
            "sorted by a number",
            with(
                list(
                    object(json!({"n": number}), json!([])),
                    rule("self.sortBy(x, x.n)[0].n > 1"),
                ),
                json!({"maxItems": 5000}),
            ),
            over("5.0x"),
        ),
        (
            "sorted by a text",
            with(
                list(
                    object(json!({"s": short}), json!([])),
                    rule("self.sortBy(x, x.s).size() > 1"),
                ),
                json!({"maxItems": 5000}),
            ),
            over("5.3x"),
        ),
        (
            "sorted twice",
            with(
                list(number.clone(), rule("self.sortBy(x, x).sort().size() > 1")),
                json!({"maxItems": 3000}),
            ),
            dear("rule", "more than 100x"),
        ),
        (
            "a few sorted twice",
            with(
                list(number.clone(), rule("self.sortBy(x, x).sort().all(y, y > 1)")),
                json!({"maxItems": 10}),
            ),
            vec![],
        ),
        (
            "what was sorted, of texts nobody knows the length of",
            with(
                list(
                    object(json!({"s": short}), json!([])),
                    rule("self.sortBy(x, x.s)[0].s.contains('abc')"),
                ),
                json!({"maxItems": 10}),
            ),
            dear("rule", "more than 100x"),
        ),
        (
            "a message",
            object(
                json!({"hi": number}),
                json!([{"rule": "self.hi > 0", "messageExpression": "'x'+string(self.hi)"}]),
            ),
            dear("messageExpression", "more than 100x"),
        ),
        (
            "a formatted message",
            object(
                json!({"hi": number}),
                json!([{"rule": "self.hi > 0", "messageExpression": "'x %d'.format([self.hi])"}]),
            ),
            vec![],
        ),
        (
            "a union",
            object(
                json!({"a": string, "b": string}),
                rule("[has(self.a), has(self.b)].filter(x, x == true).size() == 1"),
            ),
            vec![],
        ),
        (
            "an enumeration",
            object(
                json!({"a": {"type": "string", "enum": ["x", "yy"]}}),
                rule("self.a.contains('x')"),
            ),
            vec![],
        ),
        (
            "a quantity",
            object(
                json!({"a": {"x-kubernetes-int-or-string": true}}),
                rule("quantity(string(self.a)).isLessThan(quantity('5'))"),
            ),
            vec![],
        ),
        (
            "int or string",
            object(
                json!({"a": {"x-kubernetes-int-or-string": true}}),
                rule("type(self.a) == int || self.a.matches('^a$')"),
            ),
            vec![],
        ),
        (
            "an address",
            text(rule(
                "ip(self).family() == 4 && cidr('10.0.0.0/8').containsIP(self)",
            )),
            vec![],
        ),
        ("a url", text(rule("url(self).getHost() == 'a'")), vec![]),
        (
            "a time",
            object(
                json!({"a": {"type": "string", "format": "date-time"}}),
                rule("self.a > timestamp('2020-01-01T00:00:00Z')"),
            ),
            vec![],
        ),
        ("unchanged", text(rule("self == oldSelf")), vec![]),
        (
            "optional",
            object(json!({"a": string}), rule("self.?a.orValue('').startsWith('b')")),
            vec![],
        ),
        (
            "a choice",
            text(rule(
                "self.startsWith('a') ? self.contains('b') : self.contains('cc')",
            )),
            vec![],
        ),
        (
            "many",
            object(
                (0..12)
                    .map(|index| {
                        (
                            format!("f{index}"),
                            ruled("self.matches('^[a-z0-9-]{1,63}([.][a-z0-9-]{1,63})*$')"),
                        )
                    })
                    .collect::<serde_json::Map<String, Value>>()
                    .into(),
                json!([]),
            ),
            vec![],
        ),
    ]
}

/// A rule that is over its budget by a factor.
fn over(factor: &str) -> Vec<String> {
    vec![format!(
        ".x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of {factor}"
    )]
}

/// An expression that is far over its budget, and alone over that of the whole schema by a factor.
fn dear(field: &str, factor: &str) -> Vec<String> {
    let place = format!(".x-kubernetes-validations[0].{field}");
    vec![
        format!(
            "{place}: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
        ),
        format!("{place}: Forbidden: estimated {field} cost exceeds budget by factor of more than 100x"),
        format!(
            "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire \
             OpenAPIv3 schema exceeds budget by factor of {factor}"
        ),
    ]
}

fn definition(schema: &Value) -> CustomResourceDefinition {
    let whole = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"value": schema}}}});
    let crd = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "rules.costs.example.com"},
        "spec": {
            "group": "costs.example.com",
            "names": {"plural": "rules", "kind": "Rule"},
            "scope": "Cluster",
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": whole}}],
        },
    });
    serde_json::from_value(crd).expect("a definition")
}

/// What is said, each without what is said of every field.
async fn said(cluster: &Cluster, schema: &Value) -> Vec<String> {
    let crds: Api<CustomResourceDefinition> = Api::all(cluster.client());
    let params = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let Err(kube::Error::Api(status)) = crds.create(&params, &definition(schema)).await else {
        return Vec::new();
    };
    let causes = status.details.map(|details| details.causes).unwrap_or_default();
    let advice = " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
    let prefix = "spec.validation.openAPIV3Schema.properties[spec].properties[value]";
    let mut said: Vec<String> = causes
        .into_iter()
        .map(|cause| {
            format!(
                "{}: {}",
                cause.field.replace(prefix, ""),
                cause.message.replace(advice, "")
            )
        })
        .collect();
    said.sort();
    said
}

async fn check(cluster: &Cluster) {
    let mut faults = Vec::new();
    for (name, schema, expected) in cases() {
        let said = said(cluster, &schema).await;
        if said != expected {
            faults.push(format!("{name}: {said:#?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_real_api_server_reckons_what_rules_cost() -> Result<()> {
    if let Some(cluster) = Cluster::real().await? {
        check(&cluster).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_embedded_api_server_reckons_what_rules_cost() -> Result<()> {
    check(&Cluster::embedded()?).await;
    Ok(())
}
