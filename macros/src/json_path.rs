//! JSON paths as kubectl reads them, such as `.status.conditions[?(@.type=="Ready")].status`, followed into a type.
//!
//! What a path means is [kubectl's](https://kubernetes.io/docs/reference/kubectl/jsonpath/); only what decides where
//! it leads is read here.

use crate::wire::{Foreign, Step, Value};

/// A part of a path.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Step(Step),
    /// Paths below an item that choose which items are meant.
    Filter(Vec<Vec<Part>>),
    /// Wherever it leads, no check follows.
    Anywhere,
}

/// Where a path leads.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) to: Value,
    /// What filters on the way look at, where only the compiler knows whether it exists.
    pub(crate) past: Vec<Foreign>,
}

/// Returns what a path leads to in a value; fails with what to say.
pub(crate) fn follow(path: &str, root: &Value) -> Result<Way, String> {
    let parts = Reader { rest: path }.parts()?;
    let mut past = Vec::new();
    let to = walk(&parts, root.clone(), &mut past)?;
    Ok(Way { to, past })
}

fn walk(parts: &[Part], mut value: Value, past: &mut Vec<Foreign>) -> Result<Value, String> {
    for part in parts {
        value = match part {
            Part::Anywhere => return Ok(Value::Any),
            Part::Step(step) => value.step(step.clone())?,
            Part::Filter(paths) => {
                let item = value.step(Step::Index)?;
                for path in paths {
                    if let Value::Foreign(place) = walk(path, item.clone(), past)? {
                        past.push(place);
                    }
                }
                item
            }
        };
    }
    Ok(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn parts(&mut self) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        while !self.rest.is_empty() {
            parts.push(self.part()?);
        }
        Ok(parts)
    }

    fn part(&mut self) -> Result<Part, String> {
        if let Some(rest) = self.rest.strip_prefix('[') {
            self.rest = rest;
            return self.bracket();
        }
        match self.rest.strip_prefix('.') {
            Some(rest) if rest.starts_with('.') => {
                self.rest = "";
                Ok(Part::Anywhere)
            }
            Some(rest) => match rest.strip_prefix('[') {
                Some(inner) => {
                    self.rest = inner;
                    self.bracket()
                }
                None => {
                    self.rest = rest;
                    self.name()
                }
            },
            None => Err(format!("`{}` is no step: a step is `.name` or `[..]`", self.rest)),
        }
    }

    fn name(&mut self) -> Result<Part, String> {
        let (mut name, mut escaped, mut end) = (String::new(), false, self.rest.len());
        for (at, letter) in self.rest.char_indices() {
            match letter {
                '\\' if !escaped => escaped = true,
                '.' | '[' if !escaped => {
                    end = at;
                    break;
                }
                _ => {
                    escaped = false;
                    name.push(letter);
                }
            }
        }
        self.rest = self.rest.get(end..).unwrap_or_default();
        match name.as_str() {
            "" => Err("a dot is followed by the name of a field".to_owned()),
            "*" => Ok(Part::Anywhere),
            _ => Ok(Part::Step(Step::Field(name))),
        }
    }

    fn bracket(&mut self) -> Result<Part, String> {
        let end = closing(self.rest).ok_or("a `[` is not closed")?;
        let (inner, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        let inner = inner.trim();
        self.rest = rest.strip_prefix(']').unwrap_or(rest);
        if let Some(filter) = inner.strip_prefix("?(").and_then(|it| it.strip_suffix(')')) {
            return Ok(Part::Filter(paths(filter)?));
        }
        if let Some(name) = unquoted(inner) {
            return Ok(Part::Step(Step::Field(name.to_owned())));
        }
        let number = |text: &str| text.is_empty() || text.parse::<i64>().is_ok();
        let items = inner == "*" || !inner.is_empty() && inner.split([':', ',']).all(|it| number(it.trim()));
        match items {
            true => Ok(Part::Step(Step::Index)),
            false => Err(format!(
                "`[{inner}]` names no items: write `[0]`, `[*]`, `['name']` or `[?(@.type==\"Ready\")]`"
            )),
        }
    }
}

/// Where the bracket that is open closes.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some(at),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn unquoted(text: &str) -> Option<&str> {
    let quoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    quoted('\'').or_else(|| quoted('"'))
}

/// The paths below an item that a filter looks at.
fn paths(filter: &str) -> Result<Vec<Vec<Part>>, String> {
    let mut paths = Vec::new();
    let mut quote = None;
    for (at, letter) in filter.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '@') => {
                let rest = filter.get(at + 1..).unwrap_or_default();
                let end = rest.find(|c: char| !c.is_alphanumeric() && !"._-".contains(c));
                let rest = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
                paths.push(Reader { rest }.parts()?);
            }
            _ => {}
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;
    use crate::wire::Context;

    fn root() -> Value {
        let input: syn::DeriveInput = parse_quote! {
            #[serde(rename_all = "camelCase")]
            struct Spec { max_size: i32, names: Vec<String>, labels: BTreeMap<String, String>, ports: Vec<Port> }
        };
        let context = Context::of(&input);
        let syn::Data::Struct(data) = &input.data else {
            return Value::Any;
        };
        Value::Record(context.record(&data.fields, Some("camelCase"), false).into())
    }

    fn check(path: &str, expected: Result<&str, &str>) {
        let found = follow(path, &root()).map(|way| match way.to {
            Value::Foreign(foreign) => format!("{} {:?}", foreign.ty, foreign.steps),
            Value::Any => "anything".to_owned(),
            value => value.kind().name().to_owned(),
        });
        assert_eq!(
            found,
            expected.map(str::to_owned).map_err(str::to_owned),
            "{path}"
        );
    }

    #[test]
    fn paths_lead_to_fields_items_and_values() {
        check(".maxSize", Ok("an integer"));
        check(".names", Ok("a list"));
        check(".names[0]", Ok("a text"));
        check(".names[-1:]", Ok("a text"));
        check(".labels.app", Ok("a text"));
        check(r".labels.example\.com/app", Ok("a text"));
        check(".labels['example.com/app']", Ok("a text"));
        check(".ports[*].name", Ok(r#"Port [Field("name")]"#));
        check(r#".ports[?(@.kind=="a.b")].name"#, Ok(r#"Port [Field("name")]"#));
        check("..name", Ok("anything"));
    }

    #[test]
    fn what_a_filter_looks_at_is_asked_of_the_compiler() {
        let way = follow(r#".ports[?(@.kind=="a" && @.size > 1)].name"#, &root());
        let past = way.map(|way| way.past).unwrap_or_default();
        let past: Vec<Vec<Step>> = past.into_iter().map(|place| place.steps).collect();
        let field = |name: &str| vec![Step::Field(name.to_owned())];
        assert_eq!(past, [field("kind"), field("size")]);
    }

    #[test]
    fn paths_that_lead_nowhere_say_why() {
        check(
            ".max_size",
            Err("there is no field `max_size`: did you mean `maxSize`?"),
        );
        check(
            ".names.x",
            Err("this is a list, which has no field `x`: its items may have"),
        );
        check(".maxSize.x", Err("this is an integer, which has no field `x`"));
        check(".maxSize[0]", Err("this is an integer, which has no items"));
        check(".names[0", Err("a `[` is not closed"));
        check(
            ".names[x]",
            Err("`[x]` names no items: write `[0]`, `[*]`, `['name']` or `[?(@.type==\"Ready\")]`"),
        );
        check(".maxSize.", Err("a dot is followed by the name of a field"));
    }
}
