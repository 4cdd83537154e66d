//! Domain, group and plural: the parts of an API's address.

use crate::error::{Error, Result};

use super::{Kind, SUBDOMAIN_MAX, as_label, label_fault, subdomain_fault};

/// The domain all API groups of a project end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Domain(String);

impl Domain {
    pub(crate) fn parse(text: &str) -> Result<Domain> {
        if let Some(why) = subdomain_fault(text) {
            let error = Error::usage(format!("`{text}` is not a domain: {why}"));
            return Err(error.help("write a domain you own, such as `example.com`"));
        }
        if is_protected(text) {
            let error = Error::usage(format!("`{text}` belongs to the Kubernetes project"));
            return Err(error.help("write a domain you own: servers refuse CRDs there without an approval"));
        }
        Ok(Domain(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_protected(domain: &str) -> bool {
    ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|own| domain == *own || domain.ends_with(&format!(".{own}")))
}

/// The first part of an API group; the project's domain follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group(String);

impl Group {
    pub(crate) fn parse(text: &str, domain: &Domain) -> Result<Group> {
        let short = text
            .strip_suffix(&format!(".{}", domain.as_str()))
            .unwrap_or_default();
        if !short.is_empty() {
            let error = Error::usage(format!(
                "the group `{text}` already ends with the project's domain"
            ));
            return Err(error.help(format!("write `--group {short}`")));
        }
        if let Some(why) = label_fault(text) {
            let error = Error::usage(format!("`{text}` is not a group: {why}"));
            let help = format!(
                "write one word such as `cache`; the domain `{}` is added to it",
                domain.as_str()
            );
            return Err(error.help(help));
        }
        Ok(Group(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the group as it stands in an `apiVersion`.
    pub(crate) fn full(&self, domain: &Domain) -> String {
        format!("{}.{}", self.0, domain.as_str())
    }
}

/// The resource name of a kind, as in its URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plural(String);

impl Plural {
    pub(crate) fn parse(text: &str) -> Result<Plural> {
        match label_fault(text) {
            None => Ok(Plural(text.to_owned())),
            Some(why) => Err(Error::usage(format!("`{text}` cannot be a plural: {why}"))
                .help(format!("write `--plural {}`", as_label(text).replace('-', "")))),
        }
    }

    /// Returns the English plural of a kind.
    pub(crate) fn of(kind: &Kind) -> Result<Plural> {
        let plural = pluralizer::pluralize(&kind.lower(), 2, false);
        Plural::parse(&plural).map_err(|error| {
            Error::usage(format!(
                "the plural of `{}` cannot be derived: {error}",
                kind.as_str()
            ))
            .help("choose one with `--plural`")
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the CRD, which a server limits.
    pub(crate) fn crd_name(&self, group: &str) -> Result<String> {
        let name = format!("{}.{group}", self.0);
        if name.len() <= SUBDOMAIN_MAX {
            return Ok(name);
        }
        let length = name.len();
        Err(Error::usage(format!(
            "the CRD's name `{name}` has {length} characters, and a server takes {SUBDOMAIN_MAX}"
        ))
        .help("choose a shorter kind, group or domain"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain() -> Domain {
        Domain::parse("example.com").unwrap()
    }

    #[test]
    fn a_domain_is_one_the_user_may_own() {
        for good in ["example.com", "localhost", "3com.com"] {
            assert!(Domain::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Example.com",
            "a..b",
            "k8s.io",
            "apps.kubernetes.io",
            "my_domain",
        ] {
            assert!(Domain::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_group_is_one_label_before_the_domain() {
        assert_eq!(
            Group::parse("cache", &domain()).unwrap().full(&domain()),
            "cache.example.com"
        );
        let error = Group::parse("cache.example.com", &domain()).unwrap_err();
        assert_eq!(error.help, ["write `--group cache`"]);
        for bad in ["", "Cache", "a.b", "-a"] {
            assert!(Group::parse(bad, &domain()).is_err(), "{bad}");
        }
    }

    #[test]
    fn plurals_are_english() {
        let check = |kind: &str, expected: &str| {
            assert_eq!(
                Plural::of(&Kind::parse(kind).unwrap()).unwrap().as_str(),
                expected
            );
        };
        check("Memcached", "memcacheds");
        check("Proxy", "proxies");
        check("RedisCluster", "redisclusters");
        check("Cache", "caches");
        check("Index", "indices");
    }

    #[test]
    fn a_crd_name_that_no_server_takes_is_refused() {
        let long = format!("{}.com", "a".repeat(60)).repeat(4);
        let error = Plural::parse("memcacheds").unwrap().crd_name(&long).unwrap_err();
        assert!(error.to_string().contains("a server takes 253"), "{error}");
    }
}
