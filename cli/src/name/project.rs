//! The name of a project: a cargo package, a namespace and a prefix of objects at once.

use crate::error::{Error, Result};

use super::{KEYWORDS, LABEL_MAX, as_label, label_fault};

/// The longest thing made from a project's name that must be a label: the Deployment, whose name a label repeats.
const LONGEST_SUFFIX: &str = "-controller-manager";

/// Crate names that a project's own would hide or clash with.
const TAKEN: [&str; 14] = [
    "alloc",
    "core",
    "k8s-openapi",
    "krate",
    "krate-runtime",
    "krate-testing",
    "kube",
    "proc-macro",
    "schemars",
    "serde",
    "serde-json",
    "std",
    "test",
    "tokio",
];

/// The name of an operator project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectName(String);

impl ProjectName {
    pub(crate) fn parse(text: &str) -> Result<ProjectName> {
        match fault(text) {
            None => Ok(ProjectName(text.to_owned())),
            Some(why) => {
                let error = Error::usage(format!("`{text}` cannot be a project's name: {why}"));
                Err(error.help(help(text)))
            }
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the library crate in Rust code.
    pub(crate) fn crate_name(&self) -> String {
        self.0.replace('-', "_")
    }
}

fn fault(text: &str) -> Option<String> {
    let longest = LABEL_MAX - LONGEST_SUFFIX.len();
    if let Some(why) = label_fault(text) {
        Some(why.to_owned())
    } else if text.len() > longest {
        let derived = format!("`{text}{LONGEST_SUFFIX}` would be longer than {LABEL_MAX} characters");
        Some(format!("{derived}, so the name may have {longest}"))
    } else if KEYWORDS.contains(&text) {
        Some("Rust reserves that word".to_owned())
    } else if TAKEN.contains(&text) {
        Some("a crate the project depends on has that name".to_owned())
    } else {
        None
    }
}

fn help(text: &str) -> String {
    let label = as_label(text);
    let operator = format!("{label}-operator");
    match [label, operator]
        .into_iter()
        .find(|name| name != text && fault(name).is_none())
    {
        Some(name) => format!("write `--name {name}`"),
        None => "write a name such as `--name memcached-operator`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_cargo_and_kubernetes() {
        let check = |text: &str, help: Option<&str>| {
            let found = ProjectName::parse(text).err().map(|error| error.help.join("; "));
            assert_eq!(found.as_deref(), help, "{text}");
        };
        check("memcached-operator", None);
        check(&"a".repeat(44), None);
        check(
            &"a".repeat(45),
            Some("write a name such as `--name memcached-operator`"),
        );
        check("Memcached_Operator", Some("write `--name memcached-operator`"));
        check("serde", Some("write `--name serde-operator`"));
        check("match", Some("write `--name match-operator`"));
        check("", Some("write a name such as `--name memcached-operator`"));
        check("3com", Some("write `--name com`"));
    }
}
