//! What kustomize puts before names, and that the operator has to be told of it.
//!
//! An operator finds its webhook configurations, its Service and its Secret by name, and kustomize's `namePrefix`
//! changes these names. kustomize rewrites the arguments of a container no more than the `resourceNames` of a role, so
//! both are written with the prefix from the start.

use crate::edit;
use crate::error::Result;
use crate::plan::Plan;

use super::build::Manifests;
use super::files::DEFAULT;

/// The Deployment of the operator.
pub(crate) const MANAGER: &str = "config/manager/manager.yaml";
/// What only an operator with webhooks has.
const SERVICE: &str = "webhook/service.yaml";
/// The container of the operator in it.
const CONTAINER: &str = "manager";

/// Returns what kustomize puts before the names of what is installed.
pub(crate) fn name_prefix(plan: &Plan<'_>) -> Result<Option<String>> {
    setting(plan, "namePrefix:")
}

/// Returns the namespace kustomize moves what is installed to.
pub(super) fn namespace(plan: &Plan<'_>) -> Result<Option<String>> {
    setting(plan, "namespace:")
}

fn setting(plan: &Plan<'_>, key: &str) -> Result<Option<String>> {
    let text = plan.text(DEFAULT)?.unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(key));
    let value = value.and_then(|value| value.split(" #").next());
    let value = value.map(|value| value.trim().trim_matches(['"', '\'']).to_owned());
    Ok(value.filter(|value| !value.is_empty()))
}

/// Plans that an operator with webhooks is told the prefix; a Deployment that is not there is not ours.
pub(crate) fn plan_prefix(plan: &mut Plan<'_>, manifests: &Manifests, prefix: Option<&str>) -> Result<()> {
    let Some(prefix) = prefix.filter(|_| manifests.contains_key(SERVICE)) else {
        return Ok(());
    };
    if plan.text(MANAGER)?.is_none() {
        return Ok(());
    }
    plan.edit(MANAGER, |text| {
        edit::set_argument(MANAGER, text, CONTAINER, "--name-prefix", prefix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    #[test]
    fn the_prefix_is_that_of_what_is_installed() {
        let check = |text: &str, expected: Option<&str>| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(dir.path().join("config/default")).unwrap();
            std::fs::write(dir.path().join(DEFAULT), text).unwrap();
            let prefix = name_prefix(&Plan::new(&RealDisk, dir.path())).unwrap();
            assert_eq!(prefix.as_deref(), expected, "{text}");
        };
        check("resources:\n- ../rbac\n", None);
        check("namePrefix: shop-\n", Some("shop-"));
        check("namePrefix: \"shop-\" # ours\n", Some("shop-"));
        check("namePrefix:\n", None);
    }

    #[test]
    fn only_an_operator_with_webhooks_is_told() {
        let manager = "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: manager\n        args:\n        - run\n";
        let check = |files: &[&str], prefix: Option<&str>, expected: &str| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(dir.path().join("config/manager")).unwrap();
            std::fs::write(dir.path().join(MANAGER), manager).unwrap();
            let files = files.iter().map(|file| ((*file).to_owned(), String::new()));
            let mut plan = Plan::new(&RealDisk, dir.path());
            plan_prefix(&mut plan, &files.collect(), prefix).unwrap();
            assert_eq!(plan.text(MANAGER).unwrap().unwrap(), expected);
        };
        check(&[], Some("shop-"), manager);
        check(&[SERVICE], None, manager);
        check(
            &[SERVICE],
            Some("shop-"),
            &format!("{manager}        - --name-prefix=shop-\n"),
        );
        let dir = tempfile::tempdir().unwrap();
        let mut plan = Plan::new(&RealDisk, dir.path());
        plan_prefix(
            &mut plan,
            &[(SERVICE.to_owned(), String::new())].into(),
            Some("shop-"),
        )
        .unwrap();
        assert_eq!(plan.text(MANAGER).unwrap(), None);
    }
}
