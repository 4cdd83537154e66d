//! Sets an argument of a container in a YAML file, line by line, and proves the result by parsing it.

use serde_json::Value;

use crate::error::{Error, Result};

pub(super) fn set_argument(
    path: &str,
    text: &str,
    container: &str,
    flag: &str,
    value: &str,
) -> Result<String> {
    let before = arguments(path, text, container)?;
    let argument = format!("{flag}={value}");
    let is_flag = |there: &String| *there == flag || there.starts_with(&format!("{flag}="));
    let mut wanted = before.clone();
    match wanted.iter().position(is_flag) {
        Some(at) if wanted[at] == argument => return Ok(text.to_owned()),
        // Its value stands in the next argument.
        Some(at) if wanted[at] == flag => {
            if wanted.get(at + 1).is_some_and(|there| there == value) {
                return Ok(text.to_owned());
            }
            return Err(lost(path, container, &argument));
        }
        Some(at) => wanted[at].clone_from(&argument),
        None => wanted.push(argument.clone()),
    }
    let lines: Vec<&str> = text.lines().collect();
    let candidates = candidates(&lines, flag, &argument);
    let proven = |text: &String| arguments(path, text, container).is_ok_and(|found| found == wanted);
    candidates
        .into_iter()
        .find(proven)
        .ok_or_else(|| lost(path, container, &argument))
}

fn lost(path: &str, container: &str, argument: &str) -> Error {
    Error::project(format!(
        "found no place for `{argument}` among the `args` of the container `{container}` in `{path}`"
    ))
    .at(path, None)
    .snippet(format!("args:\n- run\n- {argument}"))
    .help("write the argument as shown and run the command again")
}

/// Returns the texts that might be meant: the flag's line exchanged, or a line added at the end of a list of arguments.
fn candidates(lines: &[&str], flag: &str, argument: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let with = |at: usize, line: String, replaced: usize| {
        let mut lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        lines.splice(at..at + replaced, [line]);
        lines.iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    for (at, line) in lines.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line
            .trim_start()
            .trim_start_matches("- ")
            .starts_with(&format!("{flag}="))
        {
            texts.push(with(at, format!("{indent}- {argument}"), 1));
        }
        if line.trim_start().trim_start_matches("- ").starts_with("args:") {
            let items = lines.iter().enumerate().skip(at + 1);
            let items = items.take_while(|(_, line)| {
                let line = line.trim_start();
                line.starts_with("- ") || line.starts_with('#') || line.is_empty()
            });
            let last = items
                .filter(|(_, line)| line.trim_start().starts_with("- "))
                .last();
            if let Some((last, line)) = last {
                let indent = &line[..line.len() - line.trim_start().len()];
                texts.push(with(last + 1, format!("{indent}- {argument}"), 0));
            }
        }
    }
    texts
}

/// Returns the arguments of a container of a Deployment; of the only one, whatever its name.
fn arguments(path: &str, text: &str, container: &str) -> Result<Vec<String>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| {
        Error::project(format!("`{path}` is not valid YAML"))
            .at(path, None)
            .because(error)
    })?;
    let containers = documents
        .iter()
        .filter(|document| document["kind"] == "Deployment")
        .filter_map(|document| document.pointer("/spec/template/spec/containers")?.as_array());
    let containers: Vec<&Value> = containers.flatten().collect();
    let named = containers.iter().find(|there| there["name"] == container);
    let found = match (named, containers.as_slice()) {
        (Some(found), _) => found,
        (None, [only]) => only,
        _ => return Ok(Vec::new()),
    };
    let arguments = found["args"].as_array().into_iter().flatten();
    Ok(arguments
        .filter_map(|argument| argument.as_str().map(ToOwned::to_owned))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "kind: Namespace\n---\nkind: Deployment\nspec:\n  template:\n    spec:\n";

    fn set(text: &str) -> Result<String> {
        set_argument(
            "m.yaml",
            &format!("{HEAD}{text}"),
            "manager",
            "--name-prefix",
            "shop-",
        )
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(set(before).unwrap(), format!("{HEAD}{after}"));
    }

    #[test]
    fn an_argument_is_added_once() {
        let with = "      containers:\n      - name: manager\n        args:\n        - run # mine\n        - --name-prefix=shop-\n        ports: []\n";
        check(&with.replace("        - --name-prefix=shop-\n", ""), with);
        check(with, with);
    }

    #[test]
    fn another_value_is_exchanged_and_the_rest_stays() {
        check(
            "      containers:\n      - args:\n          - run\n          # why\n          - --name-prefix=old-\n          - --other\n        name: manager\n",
            "      containers:\n      - args:\n          - run\n          # why\n          - --name-prefix=shop-\n          - --other\n        name: manager\n",
        );
    }

    #[test]
    fn only_the_container_of_the_operator_is_told() {
        check(
            "      containers:\n      - name: proxy\n        args:\n        - a\n      - name: manager\n        args:\n        - run\n",
            "      containers:\n      - name: proxy\n        args:\n        - a\n      - name: manager\n        args:\n        - run\n        - --name-prefix=shop-\n",
        );
    }

    #[test]
    fn a_layout_that_cannot_be_edited_is_shown_as_it_should_be() {
        for text in [
            "      containers:\n      - name: manager\n        args: [run]\n",
            "      containers:\n      - name: manager\n",
            "      containers: []\n",
            "      containers:\n      - name: manager\n        args:\n        - --name-prefix\n        - old-\n",
        ] {
            let error = set(text).unwrap_err();
            assert_eq!(
                error.snippet.as_deref(),
                Some("args:\n- run\n- --name-prefix=shop-"),
                "{text}"
            );
        }
        assert!(set("      containers: [\n").is_err());
    }
}
