//! Paths and rules over the whole object, followed into its types.

use darling::error::Accumulator;
use syn::{DeriveInput, LitStr};

use super::attributes::{Attributes, SchemaMode};
use super::column::Column;
use super::name;
use super::scale::Scale;
use crate::wire::{Context, Mask, Named, Need, Question, Record, Value};
use crate::{json_path, rule};

const TEXTS: Mask = Mask::TEXT.or(Mask::BYTES).or(Mask::TIME).or(Mask::DURATION);
const NUMBERS: Mask = Mask::INTEGER.or(Mask::NUMBER);

/// Follows every path and checks every rule; what other types decide is added to `needs`.
pub(super) fn check(
    input: &DeriveInput,
    attributes: &Attributes,
    errors: &mut Accumulator,
    needs: &mut Vec<Need>,
) {
    if attributes.schema != SchemaMode::Derived {
        return;
    }
    let root = root(input, attributes, metadata());
    let mut walker = Walker {
        root: &root,
        status: attributes.status.is_some(),
        errors,
        needs,
    };
    for column in &attributes.columns {
        walker.column(column);
    }
    for path in attributes.selectable.iter().filter(|path| is_simple(path, &[])) {
        let wish = "a selectable field is a text, a boolean or an integer";
        walker.path(path, TEXTS.or(Mask::BOOL).or(Mask::INTEGER), wish);
    }
    if let Some(scale) = &attributes.scale {
        walker.scale(scale);
    }
    let named = |name: &str| named(name, Value::Kind(Mask::TEXT));
    let visible = Record {
        fields: vec![named("name"), named("generateName")],
        others: Some("of an object's metadata a rule sees `name` and `generateName` alone"),
        ..Record::default()
    };
    let this = self::root(input, attributes, visible);
    for rule in &attributes.validations {
        rule.check(&this, errors, needs);
    }
}

struct Walker<'a> {
    root: &'a Value,
    status: bool,
    errors: &'a mut Accumulator,
    needs: &'a mut Vec<Need>,
}

impl Walker<'_> {
    fn column(&mut self, column: &Column) {
        let (kinds, shows) = match column.type_.value().as_str() {
            "integer" | "number" => (NUMBERS, "a number"),
            "boolean" => (Mask::BOOL, "a boolean"),
            "date" => (TEXTS, "a time"),
            _ => (Mask::ALL, ""),
        };
        let wish = format!("a column of type `{}` shows {shows}", column.type_.value());
        self.path(&column.json_path, kinds, &wish);
    }

    fn scale(&mut self, scale: &Scale) {
        let counts = "replicas are counted in integers";
        let selector = "the selector is a text";
        let below: &[&str] = if self.status {
            &[".spec.", ".status."]
        } else {
            &[".spec."]
        };
        let (spec, status) = (&scale.spec_replicas_path, &scale.status_replicas_path);
        let paths = [
            (Some(spec), &[".spec."][..], Mask::INTEGER, counts),
            (
                Some(status),
                below.get(1..).unwrap_or_default(),
                Mask::INTEGER,
                counts,
            ),
            (scale.label_selector_path.as_ref(), below, Mask::TEXT, selector),
        ];
        for (path, below, kinds, wish) in paths {
            if let Some(path) = path.filter(|path| !below.is_empty() && is_simple(path, below)) {
                self.path(path, kinds, wish);
            }
        }
    }

    /// Wants a path to lead to a value of some kinds.
    fn path(&mut self, path: &LitStr, kinds: Mask, wish: &str) {
        let text = path.value();
        // What is no path at all is told by the names' rules.
        if !text.starts_with('.') {
            return;
        }
        let below_status = text == ".status" || text.starts_with(".status.");
        if below_status && !self.status {
            let message = "there is no status: add `status = \"..\"`";
            self.errors.push(darling::Error::custom(message).with_span(path));
            return;
        }
        let way = match json_path::follow(&text, self.root) {
            Ok(way) => way,
            Err(message) => {
                self.errors.push(darling::Error::custom(message).with_span(path));
                return;
            }
        };
        let past = way.past.into_iter();
        self.needs
            .extend(past.map(|place| rule::exists(place, path.span())));
        match way.to {
            Value::Foreign(place) if !place.steps.is_empty() || kinds != Mask::ALL => {
                let (wish, at) = (wish.to_owned(), String::new());
                let question = Question::Is {
                    place,
                    kinds,
                    wish,
                    at,
                };
                let span = path.span();
                self.needs.push(Need { question, span });
            }
            value if !value.kind().meets(kinds) => {
                let message = format!("{wish}, and this is {}", value.kind().name());
                self.errors.push(darling::Error::custom(message).with_span(path));
            }
            _ => {}
        }
    }
}

/// Whether a path is of names alone, and below one of some places; what is not is told elsewhere.
fn is_simple(path: &LitStr, below: &[&str]) -> bool {
    let text = path.value();
    let told = [".metadata", ".kind", ".apiVersion"]
        .iter()
        .any(|it| text.starts_with(it));
    let below = below.is_empty() || below.iter().any(|place| text.starts_with(place));
    name::simple_path(&text).is_ok() && !told && below
}

/// The whole object.
fn root(input: &DeriveInput, attributes: &Attributes, metadata: Record) -> Value {
    let context = Context::of(input);
    let spec = context.whole(input);
    let mut root = Record {
        fields: vec![
            named("apiVersion", Value::Kind(Mask::TEXT)),
            named("kind", Value::Kind(Mask::TEXT)),
            named("metadata", Value::Record(metadata.into())),
        ],
        ..Record::default()
    };
    match (attributes.no_spec, spec) {
        (false, spec) => root.fields.push(named("spec", spec)),
        (true, Value::Record(spec)) => {
            root.fields.extend(spec.fields.iter().cloned());
            root.flat.extend(spec.flat.iter().cloned());
            root.open = spec.open;
        }
        (true, spec) => root.flat.push(spec),
    }
    if let Some(status) = &attributes.status {
        let status = syn::parse_quote!(#status);
        root.fields.push(named("status", context.value(&status)));
    }
    Value::Record(root.into())
}

fn named(name: &str, value: Value) -> Named {
    Named {
        name: name.to_owned(),
        value,
        present: true,
    }
}

/// What every object has.
fn metadata() -> Record {
    let text = || Value::Kind(Mask::TEXT);
    let time = || Value::Kind(Mask::TIME);
    let integer = || Value::Kind(Mask::INTEGER);
    let list = |of: Value| Value::List(of.into());
    let map = || Value::Map(text().into());
    let fields = [
        ("name", text()),
        ("generateName", text()),
        ("namespace", text()),
        ("selfLink", text()),
        ("uid", text()),
        ("resourceVersion", text()),
        ("generation", integer()),
        ("creationTimestamp", time()),
        ("deletionTimestamp", time()),
        ("deletionGracePeriodSeconds", integer()),
        ("labels", map()),
        ("annotations", map()),
        ("ownerReferences", list(Value::Any)),
        ("finalizers", list(text())),
        ("managedFields", list(Value::Any)),
    ];
    Record {
        fields: fields
            .into_iter()
            .map(|(name, value)| named(name, value))
            .collect(),
        ..Record::default()
    }
}
