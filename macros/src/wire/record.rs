//! Named fields: of a struct, by their names in JSON.

use quote::quote;
use syn::{DeriveInput, Field, Fields, GenericParam, Type};

use super::{Attributes, Context, Foreign, Mask, Step, Value, name};

/// The fields of an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) fields: Vec<Named>,
    /// What is flattened into it.
    pub(crate) flat: Vec<Value>,
    /// Whether there may be further fields.
    pub(crate) open: bool,
    /// What to say of other fields, where it is not that they do not exist.
    pub(crate) others: Option<&'static str>,
}

/// A field and its name.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) value: Value,
    /// Whether it is always there: required, or defaulted.
    pub(crate) present: bool,
}

impl Context {
    /// Returns the context of the parts of a type.
    pub(crate) fn of(input: &DeriveInput) -> Self {
        let ident = &input.ident;
        let parameters = input
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(it) => Some(it.ident.to_string()),
                GenericParam::Const(it) => Some(it.ident.to_string()),
                GenericParam::Lifetime(_) => None,
            });
        let parameters: Vec<String> = parameters.collect();
        // `Self` of a type with parameters depends on them.
        let parameters = match input.generics.params.is_empty() {
            true => parameters,
            false => parameters.into_iter().chain(["Self".to_owned()]).collect(),
        };
        Self {
            owner: quote!(#ident),
            parameters,
        }
    }

    /// Returns what the fields of a struct or a variant are, by serde's rule for their names.
    pub(crate) fn record(&self, fields: &Fields, rule: Option<&str>, all_default: bool) -> Record {
        let mut record = Record::default();
        for field in fields {
            let attributes = Attributes::of(&field.attrs);
            if attributes.is_skipped() {
                continue;
            }
            let value = self.field(field, &attributes);
            if attributes.has("flatten") {
                record.flat.push(value);
            } else if let Some(name) = name::field_name(rule, field) {
                let present = is_present(field, &attributes, all_default);
                record.fields.push(Named { name, value, present });
            }
        }
        record
    }

    /// Returns what a field is, with all that is said about it.
    pub(crate) fn field(&self, field: &Field, attributes: &Attributes) -> Value {
        if attributes.is_opaque() || attributes.own("int_or_string") {
            return Value::Any;
        }
        let value = self.value(&field.ty);
        if attributes.own("preserve_unknown_fields") || attributes.own("embedded_resource") {
            return Value::Any;
        }
        match (attributes.own_text("format").as_deref(), &value) {
            (Some("byte"), Value::Kind(_)) => Value::Kind(Mask::BYTES),
            (Some("date" | "date-time"), Value::Kind(_)) => Value::Kind(Mask::TIME),
            (Some("duration"), Value::Kind(_)) => Value::Kind(Mask::DURATION),
            _ => value,
        }
    }

    /// Returns what a whole type is: its fields if it is a struct that has them in JSON too.
    pub(crate) fn whole(&self, input: &DeriveInput) -> Value {
        let attributes = Attributes::of(&input.attrs);
        let foreign = ["transparent", "from", "try_from"]
            .iter()
            .any(|key| attributes.has(key));
        match &input.data {
            syn::Data::Struct(data)
                if matches!(data.fields, Fields::Named(_)) && !attributes.is_opaque() && !foreign =>
            {
                let rule = attributes.text("rename_all");
                let mut record = self.record(&data.fields, rule.as_deref(), attributes.has("default"));
                record.open = attributes.own("preserve_unknown_fields");
                Value::Record(record.into())
            }
            _ => self.own(),
        }
    }

    /// Returns the type itself, as a question to the compiler.
    pub(crate) fn own(&self) -> Value {
        if self.parameters.is_empty() {
            Value::Foreign(Foreign::of(self.owner.clone()))
        } else {
            Value::Any
        }
    }
}

impl Record {
    /// Returns a field; fails with what to say.
    pub(crate) fn field(&self, name: &str) -> Result<Value, String> {
        if let Some(field) = self.fields.iter().find(|field| field.name == name) {
            return Ok(field.value.clone());
        }
        match self.flat.as_slice() {
            [] if self.open => Ok(Value::Any),
            [] => Err(self.missing(name)),
            // One flattened type has all the other fields, if it is alone.
            [Value::Foreign(part)] if self.fields.is_empty() => {
                Value::Foreign(part.clone()).step(Step::Field(name.to_owned()))
            }
            _ => Ok(Value::Any),
        }
    }

    /// Returns what to say of a field whose name is a word of the language.
    pub(super) fn reserved(&self, name: &str) -> String {
        match self.field(name) {
            Ok(_) => format!("`{name}` is a word of the language: write `__{name}__` for the field"),
            Err(message) => message,
        }
    }

    fn missing(&self, name: &str) -> String {
        if let Some(others) = self.others {
            return format!("there is no field `{name}`: {others}");
        }
        let known: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        match crate::suggest::nearest(name, known.iter().copied()) {
            Some(meant) => format!("there is no field `{name}`: did you mean `{meant}`?"),
            None if known.is_empty() => format!("there is no field `{name}`: there is none at all"),
            None => format!(
                "there is no field `{name}`: the fields are {}",
                crate::suggest::listed(&known)
            ),
        }
    }
}

/// Whether a field is always there: it is required, or the server fills in a default that is a value.
fn is_present(field: &Field, attributes: &Attributes, all_default: bool) -> bool {
    let defaults = all_default || attributes.has("default");
    let left_out = defaults && attributes.has("skip_serializing_if");
    let always_written = !is_option(&field.ty) && !left_out;
    always_written || attributes.own("default")
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}
