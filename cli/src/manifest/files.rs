//! Plans the files that generated manifests live in, and the lists that name them.

use std::collections::BTreeMap;

use krate_templates::CRD_LIST;

use crate::disk::Disk;
use crate::edit;
use crate::error::{Error, Result};
use crate::plan::Plan;

use super::document::{Document, HEADER, Sort, split};

const BASES: &str = "config/crd/bases";
const CRDS: &str = "config/crd/kustomization.yaml";
const DEFAULT: &str = "config/default/kustomization.yaml";
const ROLE: &str = "config/rbac/role.yaml";

/// The name the role binding of a scaffold refers to.
const ROLE_NAME: &str = "manager-role";

/// Plans CRDs and roles as the operator printed them; generated CRDs it no longer prints are removed.
pub(crate) fn plan_manifests(plan: &mut Plan<'_>, disk: &dyn Disk, yaml: &str) -> Result<()> {
    let documents = split(yaml)?;
    let of = |sort| documents.iter().filter(move |document| document.sort == sort);
    plan_roles(plan, &of(Sort::Role).collect::<Vec<_>>())?;
    let crds = of(Sort::Crd)
        .map(|crd| (format!("{}.yaml", crd.stem), crd.text.as_str()))
        .collect();
    plan_crds(plan, disk, &crds)
}

fn plan_roles(plan: &mut Plan<'_>, roles: &[&Document]) -> Result<()> {
    if !roles.iter().any(|role| role.name == ROLE_NAME) {
        let error = Error::machine(format!("the operator printed no role called `{ROLE_NAME}`"));
        return Err(error.help("use the cargo-krate that fits the operator's krate"));
    }
    let texts: Vec<_> = roles.iter().map(|role| role.text.as_str()).collect();
    plan.put(ROLE, format!("{HEADER}\n{}", texts.join("---\n")))
}

fn plan_crds(plan: &mut Plan<'_>, disk: &dyn Disk, crds: &BTreeMap<String, &str>) -> Result<()> {
    let stale = stale(plan, disk, crds)?;
    for (file, text) in crds {
        plan.put(&format!("{BASES}/{file}"), format!("{HEADER}\n{text}"))?;
    }
    for file in &stale {
        plan.remove(&format!("{BASES}/{file}"))?;
    }
    if crds.is_empty() && plan.text(CRDS)?.is_none() {
        return Ok(());
    }
    plan_lists(plan, crds, &stale)
}

fn plan_lists(plan: &mut Plan<'_>, crds: &BTreeMap<String, &str>, stale: &[String]) -> Result<()> {
    let text = krate_templates::render(&CRD_LIST, &());
    let text = text
        .map_err(|error| Error::machine("a template of cargo-krate is broken").because(error))?
        .text;
    plan.keep_or_create(CRDS, text)?;
    for file in stale {
        plan.edit(CRDS, |text| {
            edit::remove_from_list(CRDS, text, "resources", &format!("bases/{file}"))
        })?;
    }
    for file in crds.keys() {
        plan.edit(CRDS, |text| {
            edit::add_to_list(CRDS, text, "resources", &format!("bases/{file}"))
        })?;
    }
    // kustomize takes no folder without resources.
    if edit::list(CRDS, &plan.text(CRDS)?.unwrap_or_default(), "resources")?.is_empty() {
        plan.remove(CRDS)?;
        return plan.edit(DEFAULT, |text| {
            edit::remove_from_list(DEFAULT, text, "resources", "../crd")
        });
    }
    plan.edit(DEFAULT, |text| {
        edit::add_to_list(DEFAULT, text, "resources", "../crd")
    })
}

/// Returns the generated files that belong to no kind any more.
fn stale(plan: &Plan<'_>, disk: &dyn Disk, crds: &BTreeMap<String, &str>) -> Result<Vec<String>> {
    let read = disk.entries(&plan.root().join(BASES));
    let files = read.map_err(|error| Error::machine(format!("failed to read `{BASES}`")).because(error))?;
    let mut stale = Vec::new();
    for file in files.unwrap_or_default() {
        let is_yaml = file.ends_with(".yaml") && !crds.contains_key(&file);
        if is_yaml
            && plan
                .text(&format!("{BASES}/{file}"))?
                .is_some_and(|text| text.starts_with(HEADER))
        {
            stale.push(file);
        }
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;
    use crate::plan::Manner;
    use crate::shell::Shell;

    const ROLES: &str = "kind: ClusterRole\nmetadata:\n  name: manager-role\nrules: []\n";

    fn crd(plural: &str) -> String {
        format!(
            "---\nkind: CustomResourceDefinition\nmetadata:\n  name: {plural}.a\nspec:\n  group: a\n  names:\n    plural: {plural}\n"
        )
    }

    fn project() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let default = dir.path().join("config/default");
        std::fs::create_dir_all(&default).unwrap();
        std::fs::write(default.join("kustomization.yaml"), "resources:\n- ../rbac\n").unwrap();
        dir
    }

    fn generate(dir: &std::path::Path, yaml: &str) -> usize {
        let mut plan = Plan::new(&RealDisk, dir);
        plan_manifests(&mut plan, &RealDisk, yaml).unwrap();
        plan.carry_out(Manner::default(), &mut Shell::silent()).unwrap()
    }

    fn read(dir: &tempfile::TempDir, path: &str) -> String {
        std::fs::read_to_string(dir.path().join(path)).unwrap_or_default()
    }

    #[test]
    fn crds_and_roles_get_files_and_are_listed() {
        let dir = project();
        generate(dir.path(), &format!("{ROLES}{}{}", crd("cs"), crd("bs")));
        assert_eq!(read(&dir, ROLE), format!("{HEADER}\n{ROLES}"));
        assert!(
            read(&dir, CRDS).ends_with("resources:\n- bases/a_bs.yaml\n- bases/a_cs.yaml\n"),
            "{}",
            read(&dir, CRDS)
        );
        assert_eq!(read(&dir, DEFAULT), "resources:\n- ../rbac\n- ../crd\n");
    }

    #[test]
    fn a_second_run_changes_nothing() {
        let dir = project();
        let yaml = format!("{ROLES}{}", crd("bs"));
        generate(dir.path(), &yaml);
        assert_eq!(generate(dir.path(), &yaml), 0);
    }

    #[test]
    fn a_kind_that_is_gone_loses_its_file_and_a_file_of_the_user_stays() {
        let dir = project();
        generate(dir.path(), &format!("{ROLES}{}{}", crd("bs"), crd("cs")));
        std::fs::write(dir.path().join(BASES).join("mine.yaml"), "# mine\n").unwrap();
        generate(dir.path(), &format!("{ROLES}{}", crd("cs")));
        assert!(
            read(&dir, CRDS).ends_with("resources:\n- bases/a_cs.yaml\n"),
            "{}",
            read(&dir, CRDS)
        );
        assert_eq!(
            RealDisk.entries(&dir.path().join(BASES)).unwrap().unwrap(),
            ["a_cs.yaml", "mine.yaml"]
        );
        generate(dir.path(), ROLES);
        assert_eq!(
            (read(&dir, CRDS).as_str(), read(&dir, DEFAULT).as_str()),
            ("", "resources:\n- ../rbac\n")
        );
    }

    #[test]
    fn an_operator_without_the_role_that_is_bound_is_refused() {
        let dir = project();
        let mut plan = Plan::new(&RealDisk, dir.path());
        let error = plan_manifests(&mut plan, &RealDisk, &crd("bs")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the operator printed no role called `manager-role`"
        );
    }
}
