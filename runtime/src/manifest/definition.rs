//! From the definitions that controllers, conversions and the operator itself bring to those that are installed.

use serde::Serialize;
use serde_json::{Value, json};

use crate::crd::versions::families;
use crate::crd::{Conversion, Definition, merge};
use crate::error::{Error, Result};
use crate::webhook::Installed;

/// Returns one definition per kind with all its versions, in order of their names.
///
/// Two controllers may reconcile the same kind, or different versions of it. Where versions are converted, all of
/// them are among those.
pub(super) fn crds(
    declared: impl IntoIterator<Item = Definition>,
    webhooks: &Installed,
) -> Result<Vec<Value>> {
    let converted = webhooks.converted.iter().flatten().cloned();
    let mut crds = Vec::new();
    for family in families(converted.chain(declared)) {
        crds.push(match conversion_of(&family, webhooks) {
            Some(versions) => {
                are_converted(versions, &family)?;
                let mut crd = without_status(&merge(&family, Conversion::ByWebhook)?)?;
                crd["spec"]["conversion"] = webhooks.conversion.clone();
                crd
            }
            None => without_status(&merge(&family, Conversion::None)?)?,
        });
    }
    let name = |crd: &Value| crd["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    crds.sort_by_key(name);
    Ok(crds)
}

/// Returns the versions that are converted, if the kind is.
fn conversion_of<'a>(family: &[Definition], webhooks: &'a Installed) -> Option<&'a [Definition]> {
    let mut kinds = webhooks.converted.iter();
    let versions = kinds.find(|versions| versions.iter().any(|version| family.contains(version)));
    versions.map(Vec::as_slice)
}

fn are_converted(versions: &[Definition], family: &[Definition]) -> Result<()> {
    let names = |definition: &Definition| -> Vec<String> {
        let versions = definition.crd().spec.versions.iter();
        versions.map(|version| version.name.clone()).collect()
    };
    let known: Vec<String> = versions.iter().flat_map(names).collect();
    for definition in family {
        if let Some(version) = names(definition).iter().find(|name| !known.contains(name)) {
            return Err(Error::new(format!(
                "version {version} (`{0}`) of {1} is not among the versions that are converted: add `.spoke::<{0}>()` to the conversion",
                definition.type_name(),
                definition.crd().spec.names.kind,
            )));
        }
    }
    Ok(())
}

fn without_status(object: &impl Serialize) -> Result<Value> {
    let mut value = serde_json::to_value(object)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("status");
        let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.retain(|_, value| !value.is_null());
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

    use super::*;

    /// A definition of one version, for a type of that name.
    fn definition(plural: &str, version: &str, field: &str) -> Definition {
        let schema = json!({"type": "object", "properties": {field: {"type": "string"}}});
        let crd = json!({
            "metadata": {"name": format!("{plural}.example.com")},
            "spec": {
                "group": "example.com",
                "scope": "Namespaced",
                "names": {"kind": plural, "plural": plural},
                "versions": [{
                    "name": version, "served": true, "storage": version == "v1",
                    "schema": {"openAPIV3Schema": schema},
                }],
            },
        });
        let crd: CustomResourceDefinition = serde_json::from_value(crd).unwrap();
        Definition::new(format!("{version}::{plural}"), crd)
    }

    fn shown(crds: &[Value]) -> Vec<String> {
        let show = |crd: &Value| {
            let versions = crd["spec"]["versions"].as_array().unwrap().iter();
            let versions: Vec<&str> = versions.filter_map(|version| version["name"].as_str()).collect();
            let strategy = crd["spec"]["conversion"]["strategy"].as_str().unwrap_or("-");
            format!(
                "{} {} {strategy}",
                crd["metadata"]["name"].as_str().unwrap(),
                versions.join(",")
            )
        };
        crds.iter().map(show).collect()
    }

    #[test]
    fn definitions_are_sorted_and_each_kind_is_there_once() {
        let declared = [
            definition("b", "v1", "x"),
            definition("a", "v1", "x"),
            definition("b", "v1beta1", "x"),
            definition("b", "v1", "x"),
        ];
        let crds = crds(declared, &Installed::default()).unwrap();
        assert_eq!(
            shown(&crds),
            ["a.example.com v1 -", "b.example.com v1,v1beta1 None"]
        );
    }

    #[test]
    fn a_kind_that_is_converted_says_how_and_has_no_other_versions() {
        let webhooks = Installed {
            converted: vec![vec![definition("b", "v1", "x"), definition("b", "v1beta1", "y")]],
            conversion: json!({"strategy": "Webhook"}),
            ..Installed::default()
        };
        let declared = [definition("b", "v1", "x"), definition("a", "v1", "x")];
        let found = crds(declared, &webhooks).unwrap();
        assert_eq!(
            shown(&found),
            ["a.example.com v1 -", "b.example.com v1,v1beta1 Webhook"]
        );
        let error = crds([definition("b", "v1alpha1", "x")], &webhooks).unwrap_err();
        assert_eq!(
            error.to_string(),
            "version v1alpha1 (`v1alpha1::b`) of b is not among the versions that are converted: add `.spoke::<v1alpha1::b>()` to the conversion"
        );
    }
}
