//! The answers: a constant that describes a type, so that paths and rules elsewhere can be checked against it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Fields};

use super::{Attributes, Context, Foreign, Mask, Record, Value, name};

/// What of a type's rules speaks of changes.
pub(crate) struct Transitions {
    /// A rule on the type.
    pub(crate) own: String,
    /// Rules on fields, by the fields' names in JSON.
    pub(crate) fields: Vec<(String, String)>,
}

/// Returns the implementation of `Shaped`, or nothing for a type whose shape a macro does not see.
pub(crate) fn shape(input: &DeriveInput, private: &TokenStream, transitions: &Transitions) -> TokenStream {
    let shape = quote!(#private::shape);
    let attributes = Attributes::of(&input.attrs);
    let foreign = ["from", "try_from", "into", "remote"];
    if attributes.is_opaque() || foreign.iter().any(|key| attributes.has(key)) {
        return TokenStream::new();
    }
    let writer = Writer {
        context: Context::of(input),
        shape,
        attributes,
        transitions,
    };
    let described = match &input.data {
        Data::Struct(data) => writer.structure(data),
        Data::Enum(data) => writer.enumeration(data),
        Data::Union(_) => None,
    };
    described.map_or_else(TokenStream::new, |described| {
        implementation(input, &writer.shape, &described)
    })
}

fn implementation(input: &DeriveInput, shape: &TokenStream, described: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    quote! {
        #[allow(
            missing_docs, missing_debug_implementations, unreachable_pub, unused_imports, unused_qualifications,
            non_camel_case_types, deprecated
        )]
        const _: () = {
            use #shape::Unshaped as _;
            pub struct __Shape<__D>(::core::marker::PhantomData<__D>);
            #[automatically_derived]
            impl<__D: #shape::Depth> #shape::Described for __Shape<__D> {
                const SHAPE: &'static #shape::Shape = &#described;
            }
            #[automatically_derived]
            impl #impl_generics #shape::Shaped for #ident #ty_generics #where_clause {
                type At<__D: #shape::Depth> = __Shape<__D>;
            }
        };
    }
}

struct Writer<'a> {
    context: Context,
    shape: TokenStream,
    attributes: Attributes,
    transitions: &'a Transitions,
}

impl Writer<'_> {
    fn structure(&self, data: &DataStruct) -> Option<TokenStream> {
        let transparent = self.attributes.has("transparent");
        let mut fields = data.fields.iter();
        match (&data.fields, fields.next(), fields.next()) {
            // A newtype is written as what it holds.
            (Fields::Unnamed(_), Some(only), None) => Some(self.part(&only.attrs, only)),
            (Fields::Named(_), Some(only), None) if transparent => Some(self.part(&only.attrs, only)),
            (Fields::Named(_), ..) if !transparent => {
                let rule = self.attributes.text("rename_all");
                let all_default = self.attributes.has("default");
                let mut record = self.context.record(&data.fields, rule.as_deref(), all_default);
                record.open = self.attributes.own("preserve_unknown_fields");
                Some(self.object(&record))
            }
            _ => None,
        }
    }

    /// The shape of what a newtype holds, as an expression for behind a `&`.
    fn part(&self, attributes: &[syn::Attribute], field: &syn::Field) -> TokenStream {
        let value = self.context.field(field, &Attributes::of(attributes));
        let shape = self.value(&value);
        quote!(*#shape)
    }

    fn enumeration(&self, data: &DataEnum) -> Option<TokenStream> {
        if self.attributes.has("untagged") {
            return None;
        }
        let rule = self.attributes.text("rename_all");
        let variants: Vec<(String, &syn::Variant)> = data
            .variants
            .iter()
            .filter(|variant| !Attributes::of(&variant.attrs).is_skipped())
            .map(|variant| (name::variant_name(rule.as_deref(), variant), variant))
            .collect();
        let plain = |variant: &syn::Variant| {
            let attributes = Attributes::of(&variant.attrs);
            !attributes.is_opaque() && !attributes.has("other") && !attributes.has("untagged")
        };
        if !variants.iter().all(|(_, variant)| plain(variant)) {
            return None;
        }
        let tag = self.attributes.text("tag");
        let units = variants
            .iter()
            .all(|(_, variant)| matches!(variant.fields, Fields::Unit));
        match (tag, self.attributes.text("content")) {
            (Some(tag), Some(content)) => Some(self.object(&adjacent(&tag, &content))),
            (Some(tag), None) => Some(self.object(&self.internal(&tag, &variants))),
            (None, _) if units => {
                let (shape, names) = (&self.shape, variants.iter().map(|(name, _)| name));
                Some(quote!(#shape::Shape::Words(&[#(#names),*])))
            }
            (None, _) => self.external(&variants).map(|record| self.object(&record)),
        }
    }

    /// One field per variant; `None` where a unit variant is a text in place of an object.
    fn external(&self, variants: &[(String, &syn::Variant)]) -> Option<Record> {
        let mut record = Record::default();
        for (name, variant) in variants {
            let value = match &variant.fields {
                Fields::Unit => return None,
                Fields::Unnamed(fields) => match (fields.unnamed.first(), fields.unnamed.len()) {
                    (Some(field), 1) => self.context.field(field, &Attributes::of(&field.attrs)),
                    _ => Value::Any,
                },
                named @ Fields::Named(_) => Value::Record(self.fields(variant, named).into()),
            };
            record.fields.push(super::Named {
                name: name.clone(),
                value,
                present: false,
            });
        }
        Some(record)
    }

    /// The fields of all variants beside the tag.
    fn internal(&self, tag: &str, variants: &[(String, &syn::Variant)]) -> Record {
        let mut record = adjacent(tag, tag);
        record.fields.truncate(1);
        for (_, variant) in variants {
            match &variant.fields {
                Fields::Unit => {}
                named @ Fields::Named(_) => {
                    let part = self.fields(variant, named);
                    record.flat.extend(part.flat);
                    for field in part.fields {
                        match record.fields.iter_mut().find(|known| known.name == field.name) {
                            // Two variants may mean different things by one name.
                            Some(known) => known.value = Value::Any,
                            None => record.fields.push(super::Named {
                                present: false,
                                ..field
                            }),
                        }
                    }
                }
                Fields::Unnamed(_) => record.open = true,
            }
        }
        record
    }

    fn fields(&self, variant: &syn::Variant, fields: &Fields) -> Record {
        let own = Attributes::of(&variant.attrs).text("rename_all");
        let rule = own.or_else(|| self.attributes.text("rename_all_fields"));
        self.context.record(fields, rule.as_deref(), false)
    }

    fn object(&self, record: &Record) -> TokenStream {
        let shape = &self.shape;
        let fields = record.fields.iter().map(|field| {
            let (name, value, present) = (&field.name, self.value(&field.value), field.present);
            let rules = &self.transitions.fields;
            let rule = rules
                .iter()
                .find(|(on, _)| on == name)
                .map_or("", |(_, rule)| rule);
            quote!(#shape::Field { name: #name, shape: #value, present: #present, transition: #rule })
        });
        let flat = record.flat.iter().map(|value| self.value(value));
        let (open, transition) = (record.open, &self.transitions.own);
        quote! {
            #shape::Shape::Object {
                fields: &[#(#fields),*],
                flat: &[#(#flat),*],
                open: #open,
                transition: #transition,
            }
        }
    }

    /// A reference to the shape of a part.
    fn value(&self, value: &Value) -> TokenStream {
        match value {
            Value::Record(record) => {
                let object = self.object(record);
                quote!(&#object)
            }
            value => value.described(&self.shape, &quote!(__D)),
        }
    }
}

impl Value {
    /// A reference to the shape of what is no record, to a depth.
    fn described(&self, shape: &TokenStream, depth: &TokenStream) -> TokenStream {
        match self {
            Self::Any | Self::Optional(_) | Self::Record(_) => quote!(&#shape::Shape::Any),
            Self::Kind(kind) => {
                let kind = kind.tokens(shape);
                quote!(&#shape::Shape::Scalar(#kind))
            }
            Self::List(part) => {
                let part = part.described(shape, depth);
                quote!(&#shape::Shape::List(#part))
            }
            Self::Map(part) => {
                let part = part.described(shape, depth);
                quote!(&#shape::Shape::Map(#part))
            }
            Self::Foreign(foreign) => foreign.described(shape, depth),
        }
    }
}

impl Foreign {
    /// A reference to the shape of where the way begins, to a depth.
    pub(super) fn described(&self, shape: &TokenStream, depth: &TokenStream) -> TokenStream {
        let ty = &self.ty;
        let known = quote!(#shape::Probe::<#ty, #depth>::SHAPE);
        match &self.values {
            None => known,
            Some(values) => {
                let values = values.described(shape, depth);
                quote!(&#shape::Shape::Keyed { keys: #known, values: #values })
            }
        }
    }
}

/// A tag and what it says the kind of.
fn adjacent(tag: &str, content: &str) -> Record {
    let field = |name: &str, value, present| super::Named {
        name: name.to_owned(),
        value,
        present,
    };
    Record {
        fields: vec![
            field(tag, Value::Kind(Mask::TEXT), true),
            field(content, Value::Any, false),
        ],
        ..Record::default()
    }
}
