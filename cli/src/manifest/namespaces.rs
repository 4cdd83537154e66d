//! Plans what gives an operator of some namespaces its roles there.
//!
//! kustomize's `namespace:` in `config/default` moves all it installs to where the operator is, these roles too. So they
//! have a folder of their own, which holds `config/default` and them; the names in it are written as they are.

use std::collections::BTreeSet;

use krate_templates::NAMESPACES;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::scaffold::rendered;

use super::build::Manifests;
use super::files::{CONFIG, remove_generated};
use super::prefix::{name_prefix, namespace};

/// The generated roles, below `config/`.
pub(super) const ROLE: &str = "namespaces/role.yaml";
/// Where a fresh project has its objects until kustomize moves them.
const SYSTEM: &str = "system";

/// What the templates of the folder are filled with.
#[derive(Debug, Serialize)]
struct Places {
    /// What kustomize puts before the name of the ServiceAccount.
    prefix: String,
    /// The namespace of the ServiceAccount.
    home: String,
    namespaces: BTreeSet<String>,
}

/// Plans the folder of an operator that works in some namespaces, and removes that of one which no longer does.
pub(super) fn plan_namespaces(plan: &mut Plan<'_>, manifests: &Manifests) -> Result<()> {
    let Some(roles) = manifests.get(ROLE) else {
        return remove(plan);
    };
    let places = Places {
        prefix: name_prefix(plan)?.unwrap_or_default(),
        home: namespace(plan)?.unwrap_or_else(|| SYSTEM.to_owned()),
        namespaces: namespaces_of(roles)?,
    };
    for file in rendered(NAMESPACES, &places)? {
        plan.put(&file.path, file.text)?;
    }
    Ok(())
}

fn remove(plan: &mut Plan<'_>) -> Result<()> {
    let role = format!("{CONFIG}/{ROLE}");
    let paths = NAMESPACES.iter().map(|file| file.path).chain([role.as_str()]);
    for path in paths {
        remove_generated(plan, path)?;
    }
    Ok(())
}

fn namespaces_of(roles: &str) -> Result<BTreeSet<String>> {
    let roles: Vec<Value> = serde_saphyr::from_multiple(roles).map_err(|error| {
        Error::machine(format!("the operator wrote a `{ROLE}` that is not YAML")).because(error)
    })?;
    let names = roles.iter().map(|role| &role["metadata"]["namespace"]);
    Ok(names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::files::HEADER;
    use super::*;
    use crate::disk::RealDisk;
    use crate::plan::Manner;
    use crate::shell::Shell;

    const KUSTOMIZATION: &str = "config/namespaces/kustomization.yaml";
    const BINDING: &str = "config/namespaces/role_binding.yaml";

    fn project() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("config/default")).unwrap();
        let default = "namespace: shop-system\nnamePrefix: shop-\nresources:\n- ../rbac\n";
        std::fs::write(dir.path().join("config/default/kustomization.yaml"), default).unwrap();
        dir
    }

    fn generate(dir: &tempfile::TempDir, namespaces: &[&str]) {
        let role = |name: &&str| format!("---\nkind: Role\nmetadata:\n  name: r\n  namespace: {name}\n");
        let roles: String = namespaces.iter().map(role).collect();
        let mut manifests = Manifests::new();
        if !namespaces.is_empty() {
            manifests.insert(ROLE.to_owned(), format!("{HEADER}a test.\n{roles}"));
        }
        let mut plan = Plan::new(&RealDisk, dir.path());
        plan_namespaces(&mut plan, &manifests).unwrap();
        plan.carry_out(Manner::default(), &mut Shell::silent()).unwrap();
    }

    fn read(dir: &tempfile::TempDir, path: &str) -> Option<String> {
        std::fs::read_to_string(dir.path().join(path)).ok()
    }

    #[test]
    fn each_namespace_gets_a_binding_to_the_account_where_kustomize_puts_it() {
        let dir = project();
        generate(&dir, &["b", "a"]);
        let bindings: Vec<Value> = serde_saphyr::from_multiple(&read(&dir, BINDING).unwrap()).unwrap();
        let places: Vec<_> = bindings
            .iter()
            .map(|binding| binding["metadata"]["namespace"].as_str())
            .collect();
        assert_eq!(places, [Some("a"), Some("b")]);
        let account = serde_json::json!([
            {"kind": "ServiceAccount", "name": "shop-controller-manager", "namespace": "shop-system"}
        ]);
        assert_eq!(bindings[0]["subjects"], account);
        assert_eq!(bindings[0]["roleRef"]["name"], "shop-manager-role");
    }

    #[test]
    fn the_folder_goes_with_the_last_namespace() {
        let dir = project();
        generate(&dir, &["a"]);
        assert!(read(&dir, KUSTOMIZATION).unwrap().contains("- ../default\n"));
        generate(&dir, &[]);
        assert_eq!((read(&dir, KUSTOMIZATION), read(&dir, BINDING)), (None, None));
    }

    #[test]
    fn a_file_of_the_user_stays() {
        let dir = project();
        std::fs::create_dir_all(dir.path().join("config/namespaces")).unwrap();
        std::fs::write(dir.path().join(KUSTOMIZATION), "# mine\n").unwrap();
        generate(&dir, &[]);
        assert_eq!(read(&dir, KUSTOMIZATION).as_deref(), Some("# mine\n"));
    }
}
