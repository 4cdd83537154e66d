//! The functions here are those of the API server this project has, which is held against a real one.

use super::*;

/// What the embedded API server knows, a way to call a function in each line.
const KNOWN: &str = include_str!("../../../apiserver/src/cel/types/functions.txt");

/// A way to call a function: its name, the types of what it is called on and of its arguments.
type Way<'a> = (&'a str, Option<&'a str>, Vec<&'a str>);

fn way(line: &str) -> Way<'_> {
    let (head, rest) = line
        .split_once(" . ")
        .map_or((None, line), |(on, rest)| (Some(on), rest));
    let (name, rest) = rest.split_once('(').unwrap();
    (name, head, arguments(rest))
}

/// Splits at the commas outside of parentheses, up to the one that closes.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, one) in text.char_indices() {
        match one {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ',' | ')' if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
                if one == ')' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|argument| !argument.is_empty());
    found
}

fn kind(name: &str) -> Mask {
    match name.split('(').next().unwrap() {
        "bool" => BOOL,
        "int" => INT,
        "uint" => UINT,
        "double" => DOUBLE,
        "string" => TEXT,
        "bytes" => BYTES,
        "timestamp" => TIME,
        "duration" => DURATION,
        "list" => LIST,
        "map" => Mask::MAP,
        "optional" => OPTIONAL,
        "kubernetes.URL" => URL,
        "kubernetes.Quantity" => QUANTITY,
        "kubernetes.Semver" => SEMVER,
        "kubernetes.NamedFormat" => FORMAT,
        "net.IP" => IP,
        "net.CIDR" => CIDR,
        "dyn" | "A" => ALL,
        other => panic!("`{other}` is no type"),
    }
}

fn ways() -> impl Iterator<Item = Way<'static>> {
    let lines = KNOWN
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    // Operators, what macros become, and what only admission policies have.
    let other = |line: &&str| !line.contains(['_', '@', '!']) && !line.starts_with('-');
    let asked = |line: &&str| !line.contains("authorization");
    lines.filter(other).filter(asked).map(way)
}

fn is(function: &Function, (name, on, arguments): &Way<'_>) -> bool {
    let takes = |wanted: &Mask, given: &&str| wanted.meets(kind(given));
    let called_on = match (function.receiver, on) {
        (Some(wanted), Some(given)) => takes(&wanted, given),
        (None, None) => true,
        _ => false,
    };
    function.name == *name
        && called_on
        && function.arguments.len() == arguments.len()
        && function
            .arguments
            .iter()
            .zip(arguments)
            .all(|(wanted, given)| takes(wanted, given))
}

#[test]
fn every_function_of_an_api_server_can_be_called() {
    for way in ways() {
        let format = way
            .0
            .strip_prefix("format.")
            .filter(|name| FORMATS.contains(name));
        let known = format.is_some() || FUNCTIONS.iter().any(|function| is(function, &way));
        assert!(known, "{way:?}");
    }
}

#[test]
fn every_function_that_can_be_called_is_one_of_an_api_server() {
    for function in FUNCTIONS {
        assert!(ways().any(|way| is(function, &way)), "{function:?}");
    }
}
