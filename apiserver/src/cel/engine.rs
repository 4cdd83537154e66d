//! Parsing and evaluating expressions.

use kube_cel::KubeCelExt as _;
use kube_cel::cel::common::ast::IdedExpr;
use kube_cel::cel::parser::Parser;
use kube_cel::cel::{Context, ExecutionError, Value};

use super::macros::expand;

/// Types an expression can name.
pub(super) const TYPES: [&str; 11] = [
    "bool",
    "bytes",
    "double",
    "duration",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "timestamp",
    "uint",
];

/// Names that only ever come before a dot and a function.
pub(super) const LIBRARIES: [&str; 6] = ["format", "ip", "lists", "optional", "sets", "strings"];

/// Returns the expression a text is, its macros expanded.
///
/// # Errors
/// The compiler's complaint, laid out as the real server's.
pub(super) fn parse(text: &str) -> Result<IdedExpr, String> {
    parse_plainly(text).map(expand)
}

/// Returns the expression a text is, without macros the parser does not know.
///
/// # Errors
/// As [`parse`].
pub(super) fn parse_plainly(text: &str) -> Result<IdedExpr, String> {
    let parsed = Parser::new().enable_optional_syntax(true).parse(text);
    parsed.map_err(|errors| errors.to_string().replace("\n| ", "\n | "))
}

/// Returns what expressions are evaluated in: the functions they may call.
pub(super) fn context() -> Context<'static> {
    Context::default().with_all()
}

/// Returns the name of the type of a value.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Bytes(_) => "bytes",
        Value::Float(_) => "double",
        Value::Int(_) => "int",
        Value::List(_) => "list",
        Value::Map(_) => "map",
        Value::Null => "null_type",
        Value::String(_) => "string",
        Value::UInt(_) => "uint",
        Value::Duration(_) => "duration",
        Value::Timestamp(_) => "timestamp",
        _ => "dyn",
    }
}

/// Returns the value of a call with one text, for values that only a function makes.
pub(super) fn call(context: &Context<'_>, function: &str, text: &str) -> Option<Value> {
    let mut scope = context.new_inner_scope();
    scope.add_variable_from_value("text", text);
    let expression = parse(&format!("{function}(text)")).ok()?;
    scope.resolve(&expression).ok()
}

/// Returns an evaluation error in the words of the real server.
pub(super) fn complaint(error: &ExecutionError) -> String {
    match error {
        ExecutionError::DivisionByZero(_) => "division by zero".to_owned(),
        ExecutionError::RemainderByZero(_) => "modulus by zero".to_owned(),
        ExecutionError::Overflow(..) => "integer overflow".to_owned(),
        ExecutionError::NoSuchKey(key) => format!("no such key: {key}"),
        ExecutionError::FunctionError { function, .. } if function == "quantity" => {
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                .to_owned()
        }
        ExecutionError::FunctionError { message, .. } => message.clone(),
        other => {
            let text = other.to_string();
            let mut characters = text.chars();
            let first = characters.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(characters).collect()
        }
    }
}
