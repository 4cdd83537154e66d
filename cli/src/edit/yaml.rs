//! Adds and removes an item of a block list in a YAML file, line by line, and proves the result by parsing it.

use serde_json::Value;

use crate::error::{Error, Result};

pub(super) fn add_to_list(path: &str, text: &str, key: &str, item: &str) -> Result<String> {
    let mut items = list(path, text, key)?;
    if items.iter().any(|there| there == item) {
        return Ok(text.to_owned());
    }
    items.push(item.to_owned());
    let mut lines = lines_of(text);
    match find(&lines, key) {
        None => lines.extend([format!("{key}:"), format!("- {item}")]),
        Some(Block { key, items }) => match items.last() {
            Some(last) => lines.insert(last + 1, format!("{}- {item}", indent_of(&lines[*last]))),
            None => {
                lines[key] = lines[key].replacen(" []", "", 1);
                lines.insert(key + 1, format!("- {item}"));
            }
        },
    }
    proven(path, &lines, key, &items)
}

pub(super) fn remove_from_list(path: &str, text: &str, key: &str, item: &str) -> Result<String> {
    let mut items = list(path, text, key)?;
    let Some(position) = items.iter().position(|there| there == item) else {
        return Ok(text.to_owned());
    };
    items.remove(position);
    let mut lines = lines_of(text);
    if let Some(block) = find(&lines, key)
        && let Some(line) = block.items.get(position)
    {
        lines.remove(*line);
        if items.is_empty() {
            lines[block.key] = lines[block.key].replacen(&format!("{key}:"), &format!("{key}: []"), 1);
        }
    }
    proven(path, &lines, key, &items)
}

/// The lines of a list: that of its key, and the first of each item.
struct Block {
    key: usize,
    items: Vec<usize>,
}

fn find(lines: &[String], key: &str) -> Option<Block> {
    let head = format!("{key}:");
    let at = lines.iter().position(|line| line.starts_with(&head))?;
    let in_list = |line: &String| line.is_empty() || line.starts_with([' ', '-', '#']);
    let below = (at + 1..lines.len()).take_while(|line| in_list(&lines[*line]));
    let is_item = |line: &usize| lines[*line].trim_start().starts_with("- ");
    let mut items: Vec<_> = below.filter(is_item).collect();
    // Lists inside an item are deeper than the items themselves.
    let depth = items
        .iter()
        .map(|line| indent_of(&lines[*line]).len())
        .min()
        .unwrap_or(0);
    items.retain(|line| indent_of(&lines[*line]).len() == depth);
    Some(Block { key: at, items })
}

fn indent_of(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches(' ').len()]
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(ToOwned::to_owned).collect()
}

/// Returns the items of the top-level list `key`.
pub(crate) fn list(path: &str, text: &str, key: &str) -> Result<Vec<String>> {
    let value: Value = if text.trim().is_empty() {
        Value::Null
    } else {
        serde_saphyr::from_str(text).map_err(|error| {
            Error::project(format!("`{path}` is not valid YAML"))
                .at(path, None)
                .because(error)
        })?
    };
    let not_text = || Error::project(format!("`{key}` in `{path}` is not a list of strings")).at(path, None);
    match value.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(ToOwned::to_owned).ok_or_else(not_text))
            .collect(),
        Some(_) => Err(not_text()),
    }
}

/// Returns the edited text if it parses to what was wanted; a layout this room does not understand is the user's to edit.
fn proven(path: &str, lines: &[String], key: &str, wanted: &[String]) -> Result<String> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    if list(path, &text, key).is_ok_and(|items| items == wanted) {
        return Ok(text);
    }
    let snippet: String = wanted.iter().map(|item| format!("- {item}\n")).collect();
    Err(Error::project(format!(
        "`{key}` in `{path}` is not a list with one item per line"
    ))
    .at(path, None)
    .snippet(format!("{key}:\n{snippet}"))
    .help("write the list as shown and run the command again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_added_and_the_rest_stays() {
        let check = |before: &str, after: &str| {
            assert_eq!(add_to_list("k.yaml", before, "resources", "b").unwrap(), after);
        };
        check("", "resources:\n- b\n");
        check("a: 1\n", "a: 1\nresources:\n- b\n");
        check("resources: []\nx: 1\n", "resources:\n- b\nx: 1\n");
        check("resources: # why\nx: 1\n", "resources: # why\n- b\nx: 1\n");
        check(
            "resources:\n- a # why\n# below\nx: 1\n",
            "resources:\n- a # why\n- b\n# below\nx: 1\n",
        );
        check(
            "resources:\n  - a\n\nx:\n- y\n",
            "resources:\n  - a\n  - b\n\nx:\n- y\n",
        );
        check("resources:\n- a", "resources:\n- a\n- b\n");
        check("resources:\n- b\n", "resources:\n- b\n");
        check("resources:\n- \"b\"\n", "resources:\n- \"b\"\n");
    }

    #[test]
    fn an_item_is_removed_and_the_rest_stays() {
        let check = |before: &str, after: &str| {
            assert_eq!(
                remove_from_list("k.yaml", before, "resources", "b").unwrap(),
                after
            );
        };
        check(
            "# head\nresources:\n- a\n- b # why\n- c\n",
            "# head\nresources:\n- a\n- c\n",
        );
        check("resources:\n- b\nx: 1\n", "resources: []\nx: 1\n");
        check("resources:\n- a\n", "resources:\n- a\n");
    }

    #[test]
    fn a_layout_that_cannot_be_edited_is_shown_as_it_should_be() {
        let error = add_to_list("k.yaml", "resources: [a]\n", "resources", "b").unwrap_err();
        assert_eq!(error.snippet.as_deref().unwrap(), "resources:\n- a\n- b\n");
    }

    #[test]
    fn text_that_is_no_yaml_is_not_touched() {
        assert!(add_to_list("k.yaml", "a: [", "resources", "b").is_err());
        assert!(add_to_list("k.yaml", "resources: 1\n", "resources", "b").is_err());
        assert!(add_to_list("k.yaml", "resources:\n- {a: 1}\n", "resources", "b").is_err());
    }
}
