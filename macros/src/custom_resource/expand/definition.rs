//! The part of the generated code that makes the definition of the custom resource.

use darling::util::Override;
use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use super::{Expansion, Paths};
use crate::custom_resource::attributes::{Attributes, Pair, SchemaMode};
use crate::custom_resource::check::Names;
use crate::custom_resource::column::Column;
use crate::custom_resource::scale::Scale;

impl Expansion<'_> {
    pub(super) fn definition(&self) -> TokenStream {
        let Names {
            plural, group, root, ..
        } = self.names;
        let Paths {
            private,
            k8s_openapi,
            std,
            ..
        } = &self.paths;
        let apiextensions = quote!(#k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1);
        let crd = quote!(#apiextensions::CustomResourceDefinition);
        let crd_name = format!("{plural}.{group}");
        let shortnames = &self.attributes.shortnames;
        let (declaration, try_crd) = (self.declaration(&crd_name), self.try_crd());
        let (ext, api_resource) = (
            self.core(&quote!(crd::CustomResourceExt)),
            self.core(&quote!(discovery::ApiResource)),
        );
        quote! {
            impl #private::CustomResource for #root {
                const DECLARATION: #private::Declaration = #declaration;
                fn try_crd() -> #std::result::Result<#crd, #private::SchemaError> {
                    #try_crd
                }
            }
            impl #ext for #root {
                fn crd() -> #crd {
                    #private::infallible::<Self>()
                }
                fn crd_name() -> &'static str {
                    #crd_name
                }
                fn api_resource() -> #api_resource {
                    #api_resource::erase::<Self>(&())
                }
                fn shortnames() -> &'static [&'static str] {
                    &[#(#shortnames),*]
                }
            }
        }
    }

    fn try_crd(&self) -> TokenStream {
        let Paths { private, std, .. } = &self.paths;
        if self.attributes.schema == SchemaMode::Disabled {
            return quote! {
                #std::result::Result::Ok(<Self as #private::CustomResource>::DECLARATION.definition(#std::option::Option::None))
            };
        }
        let rules = self
            .attributes
            .validations
            .iter()
            .map(|rule| rule.tokens(private));
        quote!(#private::definition::<Self>([#(#rules),*]))
    }

    fn declaration(&self, crd_name: &str) -> TokenStream {
        let Names {
            group,
            version,
            kind,
            plural,
            singular,
            ..
        } = self.names;
        let Attributes {
            shortnames,
            categories,
            selectable,
            storage,
            served,
            skip,
            ..
        } = self.attributes;
        let (storage, served) = (storage.unwrap_or(true), served.unwrap_or(true));
        let skip = skip.is_present();
        let private = &self.paths.private;
        let scope = if self.attributes.namespaced {
            quote!(Namespaced)
        } else {
            quote!(Cluster)
        };
        let columns = self.attributes.columns.iter().map(|column| self.column(column));
        let status = self.attributes.status.is_some();
        let scale = self.optional(self.attributes.scale.as_ref().map(|scale| self.scale(scale)));
        let annotations = self.attributes.annotations.iter().map(pair);
        let labels = self.attributes.labels.iter().map(pair);
        let deprecation = match &self.attributes.deprecated {
            None => quote!(None),
            Some(Override::Inherit) => quote!(Default),
            Some(Override::Explicit(text)) => quote!(Warning(#text)),
        };
        quote! {
            #private::Declaration {
                group: #group,
                version: #version,
                kind: #kind,
                plural: #plural,
                singular: #singular,
                crd_name: #crd_name,
                scope: #private::Scope::#scope,
                shortnames: &[#(#shortnames),*],
                categories: &[#(#categories),*],
                columns: &[#(#columns),*],
                selectable: &[#(#selectable),*],
                status: #status,
                scale: #scale,
                annotations: &[#(#annotations),*],
                labels: &[#(#labels),*],
                storage: #storage,
                served: #served,
                skip: #skip,
                deprecation: #private::Deprecation::#deprecation,
            }
        }
    }

    fn column(&self, column: &Column) -> TokenStream {
        let private = &self.paths.private;
        let Column {
            name,
            type_,
            json_path,
            ..
        } = column;
        let description = self.optional(column.description.as_ref());
        let format = self.optional(column.format.as_ref());
        let priority = self.optional(column.priority);
        quote! {
            #private::Column {
                name: #name,
                type_: #type_,
                json_path: #json_path,
                description: #description,
                format: #format,
                priority: #priority,
            }
        }
    }

    fn scale(&self, scale: &Scale) -> TokenStream {
        let private = &self.paths.private;
        let Scale {
            spec_replicas_path,
            status_replicas_path,
            label_selector_path,
        } = scale;
        let label_selector_path = self.optional(label_selector_path.as_ref());
        quote! {
            #private::Scale {
                spec_replicas_path: #spec_replicas_path,
                status_replicas_path: #status_replicas_path,
                label_selector_path: #label_selector_path,
            }
        }
    }

    fn optional(&self, value: Option<impl quote::ToTokens>) -> TokenStream {
        let std = &self.paths.std;
        match value {
            Some(value) => quote!(#std::option::Option::Some(#value)),
            None => quote!(#std::option::Option::None),
        }
    }
}

fn pair(pair: &Pair) -> TokenStream {
    let (key, value): (&LitStr, &LitStr) = (&pair.key, &pair.value);
    quote!((#key, #value))
}
