//! How the tables are written.
//!
//! ```text
//! == what the case is about
//! value {type: array}
//! > 422
//! > Required <value>.items | Required value: must be specified
//! ```
//!
//! A step is a verb and a YAML flow value, which may go on in lines that begin with a space. The lines after `>` are
//! what the server says: the code, the warnings, and of a refusal every cause with its reason, field and message. Of
//! an object that was taken, the code is followed by what is kept of it, without its type and metadata.
//!
//! - `crd` writes a definition: the value is merged over a plain one, lists replaced. `schema`, `spec` and `value` are
//!   short for one whose schema is given as a whole, for `spec`, or for `spec.value`. The second time, it is updated.
//! - `create`, `update`, `status` and `patch` write an object, merged over what is there, and `get` reads it;
//!   `create@v2` does so in another version than `v1`. `delete` deletes it.
//! - `remove` deletes the definition, some object of which is held by a finalizer.
//! - `stored` shows the `spec` of the definition in the last answer, `conditions` those of the definition.
//!
//! In what is sent, `<3 of 1>` stands for `1, 1, 1`. In what is sent and said, `<group>` stands for the group of the case, which is its own, `<schema>` for the path of
//! the schema in causes, and `<spec>` and `<value>` for those inside it.

use serde_json::Value;

/// A sequence of requests to one server.
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) steps: Vec<Step>,
}

/// One request.
pub(crate) struct Step {
    pub(crate) verb: String,
    /// The version of an object.
    pub(crate) version: String,
    /// As written, to be shown.
    pub(crate) text: String,
    pub(crate) value: Value,
    pub(crate) expected: Vec<String>,
}

/// Reads a table; `group` of a case is made from its place.
pub(crate) fn read(table: &str, group: impl Fn(usize) -> String) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in table.lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix("== ") {
            cases.push(Case {
                title: title.to_owned(),
                steps: Vec::new(),
            });
            continue;
        }
        let steps = &mut cases.last_mut().expect("a title before the first step").steps;
        match (line.strip_prefix("> "), line.strip_prefix(' '), steps.last_mut()) {
            (Some(said), _, Some(step)) => step.expected.push(said.to_owned()),
            (None, Some(_), Some(step)) => step.text = format!("{}\n{line}", step.text),
            _ => steps.push(Step::begin(line)),
        }
    }
    for (index, case) in cases.iter_mut().enumerate() {
        let group = group(index);
        for step in &mut case.steps {
            step.finish(&group);
        }
    }
    cases
}

impl Step {
    fn begin(line: &str) -> Self {
        Self {
            verb: String::new(),
            version: "v1".to_owned(),
            text: line.to_owned(),
            value: Value::Null,
            expected: Vec::new(),
        }
    }

    fn finish(&mut self, group: &str) {
        let (head, value) = self.text.split_once([' ', '\n']).unwrap_or((&self.text, "{}"));
        let (verb, version) = head.split_once('@').unwrap_or((head, "v1"));
        let value = repeated(&value.replace("<group>", group));
        let read = serde_saphyr::from_str(&value);
        self.value = read.unwrap_or_else(|error| panic!("`{}` is no value: {error}", self.text));
        (self.verb, self.version) = (verb.to_owned(), version.to_owned());
    }
}

/// Writes out what is to be repeated, from the inside out.
fn repeated(text: &str) -> String {
    for (start, _) in text.rmatch_indices('<') {
        let (before, rest) = text.split_at(start);
        let parts = rest[1..].split_once(" of ").and_then(|(count, rest)| {
            let (item, after) = rest.split_once('>')?;
            Some((count.parse::<usize>().ok()?, item, after))
        });
        if let Some((count, item, after)) = parts {
            return repeated(&format!("{before}{}{after}", vec![item; count].join(", ")));
        }
    }
    text.to_owned()
}
