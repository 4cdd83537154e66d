//! The generated code: a struct, and implementations that call into the runtime.
//!
//! What makes the definition is in [`definition`].

mod definition;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, DeriveInput, Expr, Lit, Meta, Path, parse_quote};

use super::attributes::{Attributes, SchemaMode};
use super::check::Names;

/// Everything the parts of the expansion look at.
struct Expansion<'a> {
    input: &'a DeriveInput,
    attributes: &'a Attributes,
    names: &'a Names,
    paths: Paths,
}

/// Where generated code finds what it names.
struct Paths {
    private: TokenStream,
    kube: TokenStream,
    k8s_openapi: TokenStream,
    schemars: TokenStream,
    serde: TokenStream,
    std: TokenStream,
}

/// Where the part of the runtime is found that generated code calls.
pub(super) fn private(attributes: &Attributes) -> TokenStream {
    Paths::new(attributes).private
}

pub(super) fn expand(input: &DeriveInput, attributes: &Attributes, names: &Names) -> TokenStream {
    let expansion = Expansion {
        input,
        attributes,
        names,
        paths: Paths::new(attributes),
    };
    let parts = [
        expansion.root(),
        expansion.constructor(),
        expansion.default().unwrap_or_default(),
        expansion.serialize(),
        expansion.deserialize().unwrap_or_default(),
        expansion.resource(),
        expansion.has_spec(),
        expansion.has_status().unwrap_or_default(),
        expansion.definition(),
    ];
    parts.into_iter().collect()
}

impl Paths {
    fn new(attributes: &Attributes) -> Self {
        let krate = attributes.krate.clone().unwrap_or_else(|| parse_quote!(::krate));
        let private = quote!(#krate::__private);
        let or = |path: Option<&Path>, default: TokenStream| path.map_or(default, |path| quote!(#path));
        let crates = &attributes.crates;
        let kube = or(
            crates.kube.as_ref().or(crates.kube_core.as_ref()),
            quote!(#private::kube),
        );
        Self {
            kube,
            k8s_openapi: or(crates.k8s_openapi.as_ref(), quote!(#private::k8s_openapi)),
            schemars: or(crates.schemars.as_ref(), quote!(#private::schemars)),
            serde: or(crates.serde.as_ref(), quote!(#private::serde)),
            std: or(crates.std.as_ref(), quote!(::std)),
            private,
        }
    }

    fn meta(&self) -> TokenStream {
        let k8s_openapi = &self.k8s_openapi;
        quote!(#k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta)
    }
}

impl Expansion<'_> {
    fn root(&self) -> TokenStream {
        let Self {
            input,
            attributes,
            names,
            paths,
        } = self;
        let (visibility, spec, root, meta) = (&input.vis, &input.ident, &names.root, paths.meta());
        let Paths {
            schemars, serde, std, ..
        } = paths;
        let serde_text = quote!(#serde).to_string().replace(' ', "");
        let schemars_text = quote!(#schemars).to_string().replace(' ', "");
        let derived = attributes.schema == SchemaMode::Derived;
        let json_schema = derived.then(|| quote!(#schemars::JsonSchema,));
        let json_schema_crate = derived.then(|| quote!(#[schemars(crate = #schemars_text)]));
        let skip = derived.then(|| quote!(#[schemars(skip)]));
        let derives = self.derives();
        let extra = attributes
            .attributes
            .iter()
            .filter_map(|text| text.parse::<Meta>().ok());
        let docs = self.docs();
        let reads_itself = self.reads_itself();
        let deserialize = reads_itself.then(|| quote!(#serde::Deserialize,));
        let renamed = reads_itself.then(|| quote!(#[serde(rename_all = "camelCase", crate = #serde_text)]));
        let flatten = attributes.no_spec.then(|| quote!(#[serde(flatten)]));
        let status = attributes.status.as_ref();
        let status = status.map(|status| quote!(#visibility status: #std::option::Option<#status>,));
        quote! {
            #(#docs)*
            #[allow(missing_docs)]
            #[derive(#std::clone::Clone, #std::fmt::Debug, #deserialize #json_schema #(#derives),*)]
            #(#[#extra])*
            #renamed
            #json_schema_crate
            #visibility struct #root {
                #skip
                #visibility metadata: #meta,
                #flatten
                #visibility spec: #spec,
                #status
            }
        }
    }

    /// Whether serde's own derive reads the root: where the author says how, or the spec's fields are the root's.
    fn reads_itself(&self) -> bool {
        self.attributes.no_spec || !self.attributes.attributes.is_empty()
    }

    /// The derives the author asks for; `Default` is written out, so that it needs nothing of the status.
    fn derives(&self) -> Vec<Path> {
        let paths = self
            .attributes
            .derives
            .iter()
            .filter_map(|text| text.parse::<Path>().ok());
        paths.filter(|path| !path.is_ident("Default")).collect()
    }

    /// The documentation of the root: what `doc` says, or else what is written above the spec.
    fn docs(&self) -> Vec<Attribute> {
        if let Some(doc) = &self.attributes.doc {
            return vec![parse_quote!(#[doc = #doc])];
        }
        let own = self
            .input
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("doc"));
        let own: Vec<Attribute> = own.filter(|attribute| is_text(attribute)).cloned().collect();
        if own.is_empty() {
            let doc = format!(
                "{} is a custom resource with a [`{}`].",
                self.names.kind, self.input.ident
            );
            return vec![parse_quote!(#[doc = #doc])];
        }
        own
    }

    fn constructor(&self) -> TokenStream {
        let Self {
            input, names, paths, ..
        } = self;
        let (visibility, spec, root, meta) = (&input.vis, &input.ident, &names.root, paths.meta());
        let Paths { std, .. } = paths;
        let status = self.no_status();
        let doc = format!("Returns a `{}` of the given name and spec.", names.kind);
        quote! {
            impl #root {
                #[doc = #doc]
                #[allow(dead_code)]
                #visibility fn new(name: &str, spec: #spec) -> Self {
                    Self {
                        metadata: #meta {
                            name: #std::option::Option::Some(#std::string::String::from(name)),
                            ..#std::default::Default::default()
                        },
                        spec,
                        #status
                    }
                }
            }
        }
    }

    fn no_status(&self) -> Option<TokenStream> {
        let std = &self.paths.std;
        let status = self.attributes.status.as_ref();
        status.map(|_| quote!(status: #std::option::Option::None,))
    }

    fn default(&self) -> Option<TokenStream> {
        let mut derives = self.attributes.derives.iter();
        derives.find(|derive| derive.value() == "Default")?;
        let (root, std, status) = (&self.names.root, &self.paths.std, self.no_status());
        Some(quote! {
            impl #std::default::Default for #root {
                fn default() -> Self {
                    Self {
                        metadata: #std::default::Default::default(),
                        spec: #std::default::Default::default(),
                        #status
                    }
                }
            }
        })
    }

    fn serialize(&self) -> TokenStream {
        let root = &self.names.root;
        let Paths {
            private, serde, std, ..
        } = &self.paths;
        let function = if self.attributes.no_spec {
            quote!(serialize_flat)
        } else {
            quote!(serialize)
        };
        let status = match &self.attributes.status {
            Some(_) => quote!(self.status.as_ref()),
            None => quote!(#std::option::Option::None::<&()>),
        };
        quote! {
            impl #serde::Serialize for #root {
                fn serialize<S: #serde::Serializer>(&self, serializer: S) -> #std::result::Result<S::Ok, S::Error> {
                    #private::#function(self, &self.spec, #status, serializer)
                }
            }
        }
    }

    /// A derive for each root would be a tenth of what is compiled; the parts of all roots are read by the same code.
    fn deserialize(&self) -> Option<TokenStream> {
        if self.reads_itself() {
            return None;
        }
        let (root, spec) = (&self.names.root, &self.input.ident);
        let Paths {
            private, serde, std, ..
        } = &self.paths;
        let status = self.attributes.status.as_ref();
        let (parts, status) = match status {
            Some(status) => (quote!(Parts<#spec, #status>), Some(quote!(status: parts.status,))),
            None => (quote!(BareParts<#spec>), None),
        };
        Some(quote! {
            impl<'de> #serde::Deserialize<'de> for #root {
                fn deserialize<D: #serde::Deserializer<'de>>(deserializer: D) -> #std::result::Result<Self, D::Error> {
                    let parts = <#private::#parts as #serde::Deserialize>::deserialize(deserializer)?;
                    #std::result::Result::Ok(Self { metadata: parts.metadata, spec: parts.spec, #status })
                }
            }
        })
    }

    fn resource(&self) -> TokenStream {
        let Self { names, paths, .. } = self;
        let Names {
            group,
            version,
            kind,
            plural,
            root,
            ..
        } = names;
        let Paths { kube, std, .. } = paths;
        let (meta, api_version) = (paths.meta(), format!("{group}/{version}"));
        let scope = if self.attributes.namespaced {
            quote!(NamespaceResourceScope)
        } else {
            quote!(ClusterResourceScope)
        };
        let functions = [
            ("group", group),
            ("version", version),
            ("kind", kind),
            ("plural", plural),
            ("api_version", &api_version),
        ];
        let functions = functions.map(|(name, text)| {
            let name = quote::format_ident!("{name}");
            quote! {
                fn #name(_: &()) -> #std::borrow::Cow<'_, str> {
                    #std::borrow::Cow::Borrowed(#text)
                }
            }
        });
        let scope = self.core(&scope);
        quote! {
            impl #kube::Resource for #root {
                type DynamicType = ();
                type Scope = #scope;
                #(#functions)*
                fn meta(&self) -> &#meta {
                    &self.metadata
                }
                fn meta_mut(&mut self) -> &mut #meta {
                    &mut self.metadata
                }
            }
        }
    }

    /// A name of kube's core, which `kube` re-exports under `core`.
    fn core(&self, name: &TokenStream) -> TokenStream {
        let crates = &self.attributes.crates;
        let kube = &self.paths.kube;
        match (&crates.kube_core, &crates.kube) {
            (Some(core), _) => quote!(#core::#name),
            _ => quote!(#kube::core::#name),
        }
    }

    fn has_spec(&self) -> TokenStream {
        let (root, spec) = (&self.names.root, &self.input.ident);
        let has_spec = self.core(&quote!(object::HasSpec));
        quote! {
            impl #has_spec for #root {
                type Spec = #spec;
                fn spec(&self) -> &#spec {
                    &self.spec
                }
                fn spec_mut(&mut self) -> &mut #spec {
                    &mut self.spec
                }
            }
        }
    }

    fn has_status(&self) -> Option<TokenStream> {
        let status = self.attributes.status.as_ref()?;
        let (root, std) = (&self.names.root, &self.paths.std);
        let has_status = self.core(&quote!(object::HasStatus));
        Some(quote! {
            impl #has_status for #root {
                type Status = #status;
                fn status(&self) -> #std::option::Option<&#status> {
                    self.status.as_ref()
                }
                fn status_mut(&mut self) -> &mut #std::option::Option<#status> {
                    &mut self.status
                }
            }
        })
    }
}

/// Whether a documentation attribute is text, as comments are, and not `#[doc(hidden)]` or a macro.
fn is_text(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::NameValue(doc) => {
            matches!(&doc.value, Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_)))
        }
        _ => false,
    }
}
