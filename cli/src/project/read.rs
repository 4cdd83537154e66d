//! Reads `krate.toml` strictly: each mistake with its line, and what was probably meant.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, TomlError};

use crate::error::{Error, Result, nearest};
use crate::name::{Domain, Group, Image, Kind, Plural, Port, ProjectName, Version};

use super::{Api, Project, RECORD, Scope, Workload};

const SECTIONS: [&str; 2] = ["project", "api"];
const PROJECT_KEYS: [&str; 2] = ["name", "domain"];
const API_KEYS: [&str; 8] = [
    "group", "version", "kind", "plural", "scope", "hub", "image", "port",
];

pub(super) fn project(text: &str) -> Result<Project> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let root = Section {
        text,
        table: document.as_table(),
        title: "krate.toml".into(),
        span: None,
    };
    root.only(&SECTIONS)?;
    let section = root.child("project")?;
    section.only(&PROJECT_KEYS)?;
    let name = section.parse("name", ProjectName::parse)?;
    let domain = section.parse("domain", Domain::parse)?;
    let apis = root
        .children("api")?
        .iter()
        .map(|section| api(section, &domain))
        .collect::<Result<Vec<_>>>()?;
    unique(&apis)?;
    Ok(Project { name, domain, apis })
}

fn api(section: &Section<'_>, domain: &Domain) -> Result<Api> {
    section.only(&API_KEYS)?;
    Ok(Api {
        group: section.parse("group", |text| Group::parse(text, domain))?,
        version: section.parse("version", Version::parse)?,
        kind: section.parse("kind", Kind::parse)?,
        plural: section.parse("plural", Plural::parse)?,
        scope: section.parse("scope", scope)?,
        hub: match section.table.get("hub") {
            Some(_) => Some(section.parse("hub", Version::parse)?),
            None => None,
        },
        workload: workload(section)?,
    })
}

fn scope(text: &str) -> Result<Scope> {
    match text {
        "Namespaced" => Ok(Scope::Namespaced),
        "Cluster" => Ok(Scope::Cluster),
        _ => Err(Error::project(format!("`{text}` is not a scope")).help("write `Namespaced` or `Cluster`")),
    }
}

fn workload(section: &Section<'_>) -> Result<Option<Workload>> {
    match (section.table.get("image"), section.table.get("port")) {
        (None, None) => Ok(None),
        (None, Some(port)) => Err(section
            .fault("`port` without `image`", port.span())
            .help("write both or neither")),
        (Some(_), _) => {
            let port = section.integer("port")?;
            let image = section.parse("image", Image::parse)?;
            Ok(Some(Workload {
                image,
                port: section.placed("port", Port::parse(&port.to_string()))?,
            }))
        }
    }
}

fn unique(apis: &[Api]) -> Result<()> {
    for (number, api) in apis.iter().enumerate() {
        let mut others = apis[..number].iter().filter(|other| other.kind == api.kind);
        let kind = api.kind.as_str();
        let message = match &api.hub {
            None if others.any(|other| other.hub.is_none()) => format!("the kind `{kind}` is recorded twice"),
            Some(_) if others.any(|other| other.version == api.version) => {
                let version = api.version.as_str();
                format!("version `{version}` of the kind `{kind}` is recorded twice")
            }
            _ => continue,
        };
        return Err(Error::project(message)
            .at(RECORD, None)
            .help("remove one of the two `[[api]]`"));
    }
    apis.iter().try_for_each(|api| has_hub(apis, api))
}

/// Refuses a version that is converted to one that is not recorded, or is no version of the same resource.
fn has_hub(apis: &[Api], api: &Api) -> Result<()> {
    let Some(hub) = &api.hub else { return Ok(()) };
    let kind = api.kind.as_str();
    let stored = apis
        .iter()
        .find(|other| other.kind == api.kind && other.hub.is_none() && other.version == *hub);
    let Some(stored) = stored else {
        let message = format!(
            "the kind `{kind}` has no version `{}` that `hub` could mean",
            hub.as_str()
        );
        let error = Error::project(message).at(RECORD, None);
        return Err(error.help("write the version of the `[[api]]` of this kind that has no `hub`"));
    };
    if (&api.group, &api.plural, api.scope) != (&stored.group, &stored.plural, stored.scope) {
        let message = format!("the versions of `{kind}` differ in group, plural or scope");
        let error = Error::project(message).at(RECORD, None);
        return Err(error.help("write the same in each `[[api]]` of the kind"));
    }
    Ok(())
}

/// One table of the file, with what is needed to point at it.
struct Section<'t> {
    text: &'t str,
    table: &'t dyn TableLike,
    title: String,
    span: Option<Range<usize>>,
}

impl<'t> Section<'t> {
    /// Refuses keys that are not in `known`.
    fn only(&self, known: &[&str]) -> Result<()> {
        let mut unknown = self.table.iter().filter(|(key, _)| !known.contains(key));
        let Some((key, item)) = unknown.next() else {
            return Ok(());
        };
        let span = self.table.key(key).and_then(toml_edit::Key::span).or(item.span());
        let error = self.fault(format!("{} has no key `{key}`", self.title), span);
        Err(match nearest(key, known) {
            Some(near) => error.help(format!("write `{near}`")),
            None => error.help(format!("known keys are `{}`", known.join("`, `"))),
        })
    }

    fn child(&self, key: &str) -> Result<Section<'t>> {
        let missing = || {
            self.fault(format!("there is no `[{key}]`"), None)
                .help(format!("write a `[{key}]` section"))
        };
        let item = self.table.get(key).ok_or_else(missing)?;
        let table = item
            .as_table_like()
            .ok_or_else(|| self.fault(format!("`{key}` is not a table"), item.span()))?;
        Ok(Section {
            text: self.text,
            table,
            title: format!("`[{key}]`"),
            span: item.span(),
        })
    }

    fn children(&self, key: &str) -> Result<Vec<Section<'t>>> {
        let Some(item) = self.table.get(key) else {
            return Ok(Vec::new());
        };
        let not_a_list = || {
            let error = self.fault(format!("`{key}` is not a list of tables"), item.span());
            error.help(format!("write `[[{key}]]`"))
        };
        let tables = item.as_array_of_tables().ok_or_else(not_a_list)?;
        let section = |table: &'t toml_edit::Table| Section {
            text: self.text,
            table,
            title: format!("`[[{key}]]`"),
            span: table.span(),
        };
        Ok(tables.iter().map(section).collect())
    }

    fn parse<T>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let item = self.item(key)?;
        let not_text = || {
            self.fault(format!("`{key}` is not a string"), item.span())
                .help("put it in quotes")
        };
        let text = item.as_str().ok_or_else(not_text)?;
        self.placed(key, parse(text))
    }

    fn integer(&self, key: &str) -> Result<i64> {
        let item = self.item(key)?;
        let not_a_number = || {
            self.fault(format!("`{key}` is not a number"), item.span())
                .help("write it without quotes")
        };
        item.as_integer().ok_or_else(not_a_number)
    }

    fn item(&self, key: &str) -> Result<&'t Item> {
        let missing = || self.fault(format!("{} lacks `{key}`", self.title), self.span.clone());
        self.table.get(key).ok_or_else(missing)
    }

    /// Turns a fault of a value into one of the file, at the value's line.
    fn placed<T>(&self, key: &str, result: Result<T>) -> Result<T> {
        result.map_err(|error| {
            let span = self.table.get(key).and_then(Item::span);
            let placed = self.fault(error.message.as_str(), span);
            // Help that speaks of the command line does not fit a file.
            error
                .help
                .iter()
                .filter(|help| !help.contains("`--"))
                .cloned()
                .fold(placed, Error::help)
        })
    }

    fn fault(&self, message: impl Into<String>, span: Option<Range<usize>>) -> Error {
        Error::project(message).at(RECORD, span.map(|span| line_of(self.text, span.start)))
    }
}

/// Returns a syntax error of the file.
pub(super) fn syntax(text: &str, error: &TomlError) -> Error {
    let line = error.span().map(|span| line_of(text, span.start));
    Error::project(format!("broken TOML: {}", error.message().trim()))
        .at(RECORD, line)
        .help("mend the line, or take the file back from version control")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[project]
name = "my-operator"
domain = "example.com"

[[api]]
group = "cache"
version = "v1"
kind = "Memcached"
plural = "memcacheds"
scope = "Namespaced"
image = "memcached:1.6"
port = 11211
"#;

    #[test]
    fn a_record_is_read() {
        let project = project(GOOD).unwrap();
        assert_eq!(
            (project.name.as_str(), project.domain.as_str()),
            ("my-operator", "example.com")
        );
        assert_eq!(project.apis[0].workload.as_ref().unwrap().port.number(), 11211);
    }

    #[test]
    fn each_mistake_is_shown_at_its_line_with_what_was_meant() {
        let check = |from: &str, to: &str, line: Option<usize>, message: &str, help: &str| {
            let error = project(&GOOD.replacen(from, to, 1)).unwrap_err();
            let found = (
                error.place.clone().unwrap().line,
                error.to_string(),
                error.help.join("; "),
            );
            assert_eq!(
                found,
                (line, message.to_owned(), help.to_owned()),
                "{from} -> {to}"
            );
        };
        check(
            "domain",
            "domian",
            Some(3),
            "`[project]` has no key `domian`",
            "write `domain`",
        );
        check(
            "[project]",
            "[projects]",
            Some(1),
            "krate.toml has no key `projects`",
            "write `project`",
        );
        check(
            "[[api]]",
            "[api]",
            Some(5),
            "`api` is not a list of tables",
            "write `[[api]]`",
        );
        check("group = \"cache\"\n", "", Some(5), "`[[api]]` lacks `group`", "");
        check(
            "\"v1\"",
            "1",
            Some(7),
            "`version` is not a string",
            "put it in quotes",
        );
        check(
            "11211",
            "\"11211\"",
            Some(12),
            "`port` is not a number",
            "write it without quotes",
        );
        check(
            "11211",
            "0",
            Some(12),
            "`0` is not a port",
            "write a number from 1 to 65535",
        );
        check(
            "image = \"memcached:1.6\"\n",
            "",
            Some(11),
            "`port` without `image`",
            "write both or neither",
        );
        check(
            "\"Namespaced\"",
            "\"namespaced\"",
            Some(10),
            "`namespaced` is not a scope",
            "write `Namespaced` or `Cluster`",
        );
        check(
            "\"Memcached\"",
            "\"memcached\"",
            Some(8),
            "`memcached` cannot be a kind: it must start with a capital letter",
            "write `Memcached`",
        );
    }

    #[test]
    fn broken_toml_is_shown_at_its_line() {
        let error = project("[project]\nname = \n").unwrap_err();
        assert_eq!(error.place.as_ref().unwrap().line, Some(2));
        assert!(error.to_string().starts_with("broken TOML: "), "{error}");
    }

    #[test]
    fn a_kind_recorded_twice_is_refused() {
        let api = &GOOD[GOOD.find("[[api]]").unwrap()..];
        let error = project(&format!("{GOOD}\n{api}")).unwrap_err();
        assert_eq!(error.to_string(), "the kind `Memcached` is recorded twice");
    }

    #[test]
    fn versions_of_a_kind_name_the_one_that_is_stored() {
        let api = GOOD[GOOD.find("[[api]]").unwrap()..]
            .replace("image = \"memcached:1.6\"\nport = 11211\n", "hub = \"v1\"\n");
        let further = api.replace("version = \"v1\"", "version = \"v2\"");
        let read = project(&format!("{GOOD}\n{further}")).unwrap();
        assert_eq!(read.apis[1].hub, Some(Version::parse("v1").unwrap()));
        assert_eq!(read.api(&read.apis[1].kind), Some(&read.apis[0]));
        let check = |text: &str, expected: &str| {
            let error = project(&format!("{GOOD}\n{text}")).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check(&api, "version `v1` of the kind `Memcached` is recorded twice");
        check(
            &further.replace("hub = \"v1\"", "hub = \"v3\""),
            "the kind `Memcached` has no version `v3` that `hub` could mean",
        );
        check(
            &further.replace("Namespaced", "Cluster"),
            "the versions of `Memcached` differ in group, plural or scope",
        );
    }
}
